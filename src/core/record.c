/* record.c - see record.h. */
#include "core/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/audit.h"

/* The order of the statements that read a patient. */
enum { ACCESS, PATIENT, NOTIFICATION, TESTS, NOTIFICATIONS, SUBMISSIONS, STATUSES, RELATED, PRESENCE, LOCAL_TABS };

struct fields
record_fields(const struct desk *desk, const struct record *record)
{
    return (struct fields){desk->arena, desk->keys, record->patient_id};
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static void
fill_patient(const struct desk *desk, struct record *record, const struct rows *rows)
{
    if (rows_count(rows) == 0) /* an office that may not see the person */
        return;
    record->version = (int)rows_int(rows, 0, "version");
    record->next_no = (int)rows_int(rows, 0, "next_no");
    record->received_by_id = rows_int(rows, 0, "received_by_id");
    record->responsible_name = rows_text(rows, 0, "responsible_name");
    record->responsible_phone = rows_text(rows, 0, "responsible_phone");
    record->received_by_name = rows_text(rows, 0, "received_by_name");
    fields_from_row(record_fields(desk, record), &record->doc, rows, 0, TABLE_patient, 0);
}

static void
fill_notification(const struct desk *desk, struct record *record, const struct rows *rows,
                  const struct rows *tests)
{
    if (rows_count(rows) == 0)
        return;
    struct fields f = record_fields(desk, record);
    fields_from_row(f, &record->doc, rows, 0, TABLE_notification, 0);
    for (size_t i = 0; i < rows_count(tests); i++)
        fields_from_row(f, &record->doc, tests, i, TABLE_test_record,
                        (int)rows_int(tests, i, "test_no"));
    if (rows_text(rows, 0, "frozen_items") != NULL)
        fields_apply_changes(f, &record->doc, rows_text(rows, 0, "frozen_items"));
    record->notification = (struct notification){
        .no = (int)rows_int(rows, 0, "notification_no"),
        .form = dictionary_form(rows_text(rows, 0, "form_version")),
        .short_form = rows_bool(rows, 0, "short_form"),
        .deemed = rows_bool(rows, 0, "deemed"),
        .reporter_id = rows_int(rows, 0, "reporter_id"),
        .entered_by = rows_int(rows, 0, "entered_by"),
        .edited_by = rows_int(rows, 0, "edited_by"),
        .reporter_name = rows_text(rows, 0, "reporter_name"),
        .entered_by_name = or_empty(rows_text(rows, 0, "entered_by_name")),
        .edited_by_name = or_empty(rows_text(rows, 0, "edited_by_name")),
        .reported = rows_text(rows, 0, "reported"),
        .reported_iso = rows_text(rows, 0, "reported_iso"),
        .confirmed = or_empty(rows_text(rows, 0, "confirmed")),
        .confirmed_by_name = or_empty(rows_text(rows, 0, "confirmed_by_name")),
        .frozen = rows_text(rows, 0, "frozen_at") != NULL,
        .deleted = or_empty(rows_text(rows, 0, "deleted")),
        .deleted_by_name = or_empty(rows_text(rows, 0, "deleted_by_name")),
        .delete_reason = or_empty(rows_text(rows, 0, "delete_reason")),
        .purge = or_empty(rows_text(rows, 0, "purge")),
    };
}

static void
fill_access(const struct desk *desk, struct record *record, const struct rows *rows)
{
    const char *age = rows_text(rows, 0, "age_years"), *band = rows_text(rows, 0, "age_band");

    record->relations = (unsigned)rows_int(rows, 0, "relations");
    record->sealed = rows_bool(rows, 0, "sealed");
    record->responsible_id = rows_int(rows, 0, "responsible_id");
    record->rights = rights_of(desk->session->kind, record->relations);
    record->label_sex = dictionary_label(LIST_sex, rows_text(rows, 0, "sex"));
    record->label_age = age != NULL ? text_format(desk->arena, "%s歳", age)
                                    : dictionary_label(LIST_age_band, band);
}

unsigned
record_ask(struct db_batch *batch, const struct desk *desk, int64_t patient_id, int no,
           const char *action)
{
    const char *id = db_int(desk->arena, patient_id), *number = db_int(desk->arena, no);
    unsigned first =
        DB_ADD(batch, SQL_record_access, db_int(desk->arena, desk->session->organisation_id), id);

    DB_ADD(batch, SQL_record_patient, id);
    DB_ADD(batch, SQL_record_notification, id, number);
    DB_ADD(batch, SQL_record_tests, id, number);
    DB_ADD(batch, SQL_record_notifications, id);
    DB_ADD(batch, SQL_record_submissions, id);
    DB_ADD(batch, SQL_record_status, id);
    DB_ADD(batch, SQL_record_related, id);
    DB_ADD(batch, SQL_record_presence, id);
    DB_ADD(batch, SQL_record_local_tabs, db_int(desk->arena, desk->session->organisation_id), id);
    audit_look(batch, desk->arena, action, desk->session->organisation_id, patient_id, no);
    return first;
}

enum record_result
record_answer(const struct db_batch *batch, unsigned first, const struct desk *desk,
              int64_t patient_id, struct record *record)
{
    memset(record, 0, sizeof *record);
    record->patient_id = patient_id;
    if (rows_count(db_rows(batch, first + ACCESS)) == 0)
        return RECORD_NOT_FOUND;
    fill_access(desk, record, db_rows(batch, first + ACCESS));
    fill_patient(desk, record, db_rows(batch, first + PATIENT));
    fill_notification(desk, record, db_rows(batch, first + NOTIFICATION),
                      db_rows(batch, first + TESTS));
    record->notifications = db_rows(batch, first + NOTIFICATIONS);
    record->submissions = db_rows(batch, first + SUBMISSIONS);
    record->statuses = db_rows(batch, first + STATUSES);
    record->related = db_rows(batch, first + RELATED);
    record->presence = db_rows(batch, first + PRESENCE);
    record->local_tabs = db_rows(batch, first + LOCAL_TABS);
    return RECORD_OK;
}

enum record_result
record_load(const struct desk *desk, int64_t patient_id, int no, const char *action,
            struct record *record)
{
    return record_load_with(desk, patient_id, no, action, record, NULL, 0);
}

enum record_result
record_load_with(const struct desk *desk, int64_t patient_id, int no, const char *action,
                 struct record *record, struct record_more *more, size_t count)
{
    struct db_batch *batch = db_batch(desk->db, desk->arena, desk->session->token);
    unsigned last = 0;

    if (patient_id == 0)
        return RECORD_NOT_FOUND;
    unsigned first = record_ask(batch, desk, patient_id, no, action);
    for (size_t i = 0; i < count; i++)
        last = db_add_array(batch, more[i].statement, more[i].count, more[i].parameters);
    if (db_run(batch) != DB_OK)
        return RECORD_FAILED;
    for (size_t i = 0; i < count; i++)
        more[i].rows = db_rows(batch, last - (unsigned)(count - 1 - i));
    return record_answer(batch, first, desk, patient_id, record);
}

void
record_add_receipt(struct db_batch *batch, const struct desk *desk, const struct record *record)
{
    if (desk->form_id != NULL)
        DB_ADD(batch, SQL_receipt_add, desk->form_id, db_int(desk->arena, record->patient_id),
               db_int(desk->arena, record->notification.no));
}

const char *
record_related_ids(struct arena *arena, const struct record *record)
{
    struct buf out = buf_new(arena);

    buf_add_char(&out, '{');
    for (size_t i = 0; i < rows_count(record->related); i++)
        buf_printf(&out, "%s%s", i == 0 ? "" : ",",
                   rows_text(record->related, i, "organisation_id"));
    buf_add_char(&out, '}');
    return buf_text(&out);
}

struct current_status
record_current_status(const struct record *record)
{
    const struct rows *rows = record->statuses;

    for (size_t i = 0; i < rows_count(rows); i++)
        if (!rows_bool(rows, i, "withdrawn"))
            return (struct current_status){
                rows_text(rows, i, "status"), rows_text(rows, i, "since"),
                rows_text(rows, i, "death_date"), rows_text(rows, i, "death_place"),
                rows_text(rows, i, "death_cause")};
    return (struct current_status){0};
}
