/* print.c - a notification on paper: the form (様式) and its receipt (受付票) as PDF. Who may, is
 * as on their pages. */
#include <string.h>

#include "base/publicid.h"
#include "base/text.h"
#include "core/notification.h"
#include "exchange/paper.h"
#include "exchange/receipt.h"
#include "page/handlers.h"
#include "page/patient_head.h"

/* Loads the notification of the path; answers and returns false when there is nothing to print. */
static bool
open_printable(struct context *c, const char *action, struct record *record)
{
    if (!patient_open_notification(c, CLASS_clinical, action, record))
        return false;
    if (!record->sealed && text_empty(record->notification.deleted))
        return true;
    page_not_found(c); /* what was deleted does not leave the system on paper */
    return false;
}

/* Who printed it when: paper goes astray. */
static const char *
printed(struct context *c)
{
    return text_format(c->arena, "%s　%sが印刷", date_time_now(c->arena),
                       c->session.organisation_name);
}

static const char *
printed_iso(struct context *c)
{
    return text_format(c->arena, "%sT%s:00+09:00", date_iso(c->arena, date_today()),
                       strchr(date_time_now(c->arena), ' ') + 1);
}

/* The day of "2021/05/13 14:05". */
static date_day
day_of(struct context *c, const char *reported)
{
    date_day day;

    date_parse(text_copy_n(c->arena, reported, strcspn(reported, " ")), &day);
    return day;
}

/* Neither the name of the file nor its address says whose it is. */
static void
send_pdf(struct context *c, const char *filename, struct buf pdf)
{
    response_file(c->response, "application/pdf", filename, false, pdf.data, pdf.size);
}

void
print_notification(struct context *c)
{
    struct record record;

    if (!open_printable(c, "print", &record))
        return;
    struct paper paper = {
        .form = record.notification.form,
        .doc = &record.doc,
        .rights = record.rights,
        .number = notification_number(c->arena, record.patient_id, record.notification.no),
        .reported = day_of(c, record.notification.reported),
        .printed = printed(c),
        .printed_iso = printed_iso(c),
    };
    send_pdf(c, "発生届.pdf", paper_write(c->arena, &paper));
}

void
print_receipt(struct context *c)
{
    struct record record;

    if (!open_printable(c, "print_receipt", &record))
        return;
    struct receipt receipt = {
        .number = notification_number(c->arena, record.patient_id, record.notification.no),
        .patient_name = patient_name(c, &record),
        .hersys_id = publicid_hersys(c->arena, record.patient_id),
        .phone_id = publicid_phone(c->arena, record.patient_id),
        .category = document_shown(c->arena, &record.doc, ITEM_category),
        .submitted = patient_submitted(&record),
        .reported = record.notification.reported,
        .reporter = record.notification.reporter_name,
        .received_by = text_empty(record.received_by_name) ? "" : record.received_by_name,
        .printed = printed(c),
        .printed_iso = printed_iso(c),
    };
    send_pdf(c, "受付票.pdf", receipt_write(c->arena, &receipt));
}
