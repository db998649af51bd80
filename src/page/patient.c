/* patient.c - a patient's notifications: reading, receipt, 保健所確認済, deleting and undoing it. */
#include <string.h>

#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/notification.h"
#include "page/handlers.h"
#include "page/patient_head.h"
#include "page/same.h"

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool
is_shown(const struct record *record, const struct place *place, int section)
{
    const struct item *item = &dictionary_items[place->item];

    return place->section == section && (place->forms & 1u << record->notification.form) != 0 &&
           item->type != TYPE_derived && rights_may_view(record->rights, item->class) &&
           (document_has(&record->doc, place->item) ||
            (place->must && document_applies(&record->doc, place)));
}

static const char *
label_of(struct arena *arena, const struct item *item)
{
    if (item->repeat == 0)
        return item->label;
    return item->table == TABLE_test_record
               ? text_format(arena, "検査%d %s", item->repeat, item->label)
               : text_format(arena, "%d回目 %s", item->repeat, item->label);
}

/* The items that are there or should be, by section. */
static void
fill_items(struct context *c, struct view *view, const struct record *record)
{
    view_list(view, "sections");
    for (int section = 0; section < SECTION_COUNT; section++) {
        struct view *row = NULL;
        for (int i = 0; i < PLACE_COUNT; i++) {
            const struct place *place = &dictionary_places[i];
            if (!is_shown(record, place, section))
                continue;
            if (row == NULL) {
                row = view_row(view, "sections");
                view_text(row, "section_label", dictionary_sections[section].label);
            }
            struct view *field = view_row(row, "fields");
            view_text(field, "label", label_of(c->arena, &dictionary_items[place->item]));
            view_text(field, "value", document_shown(c->arena, &record->doc, place->item));
            view_flag(field, "is_missing", !document_has(&record->doc, place->item));
        }
    }
}

static void
fill_problems(struct context *c, struct view *view, const struct record *record)
{
    struct problems problems = {0};
    struct form_view form = {record->notification.form, false};

    view_list(view, "open_items");
    if (rights_may_edit(record->rights, CLASS_clinical))
        document_check(c->arena, &record->doc, form, &problems);
    for (size_t i = 0; i < problems.count; i++) {
        if (problems.list[i].kind != PROBLEM_MISSING)
            view_text(view_row(view, "open_items"), "message", problems.list[i].message);
    }
    view_flag(view, "has_problems", problems.count > problems_count(&problems, PROBLEM_MISSING));
}

static void
fill_submissions(struct view *view, const struct record *record)
{
    const struct rows *rows = record->submissions;

    view_list(view, "submissions");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "submissions");
        view_text(row, "submission_label",
                  dictionary_label(LIST_category, rows_text(rows, i, "category")));
        view_text(row, "submitted", rows_text(rows, i, "submitted"));
    }
}

static const char *
state_of(const struct rows *rows, size_t i)
{
    if (rows_bool(rows, i, "deleted"))
        return "削除済み";
    if (rows_bool(rows, i, "frozen"))
        return "以前の届出（変更不可）";
    return rows_bool(rows, i, "confirmed") ? "保健所確認済" : "未確認";
}

static void
fill_others(struct context *c, struct view *view, const struct record *record)
{
    const struct rows *rows = record->notifications;

    view_flag(view, "has_several",
              rows_count(rows) > 1 || (rows_count(rows) == 1 && record->notification.no == 0));
    view_list(view, "others");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "others");
        view_text(row, "notification_path",
                  text_format(c->arena, "%s/notification/%s", patient_path(c, record, ""),
                              rows_text(rows, i, "notification_no")));
        view_text(row, "number", rows_text(rows, i, "notification_no"));
        view_text(row, "category", dictionary_label(LIST_category, rows_text(rows, i, "category")));
        view_text(row, "diagnosis_date",
                  date_slashed(c->arena, date_from_iso(rows_text(rows, i, "diagnosis_date"))));
        view_text(row, "reported", rows_text(rows, i, "reported"));
        view_text(row, "reporter", rows_text(rows, i, "reporter_name"));
        view_text(row, "state", state_of(rows, i));
    }
}

/* What this person may do with this notification. */
static void
fill_actions(struct context *c, struct view *view, const struct record *record)
{
    const struct notification *n = &record->notification;
    bool open = !n->frozen && text_empty(n->deleted);
    bool may_confirm = open && text_empty(n->confirmed) &&
                       rights_may_edit(record->rights, CLASS_confirmation);

    view_flag(view, "may_confirm", may_confirm);
    view_flag(view, "same_person",
              may_confirm && (n->entered_by == c->session.account_id ||
                              n->edited_by == c->session.account_id));
    view_flag(view, "may_edit", open && rights_may_edit(record->rights, CLASS_clinical));
    view_flag(view, "may_copy", open && rights_may_edit(record->rights, CLASS_clinical));
    view_flag(view, "may_delete", open && rights_may_edit(record->rights, CLASS_deletion));
    view_flag(view, "is_deleted", !text_empty(n->deleted));
    view_flag(view, "is_frozen", n->frozen);
    view_text(view, "confirm_path", notification_path(c, record, "confirm"));
    view_text(view, "edit_path", notification_path(c, record, "edit"));
    view_text(view, "add_path", notification_path(c, record, "add"));
    view_text(view, "delete_path", notification_path(c, record, "delete"));
    view_text(view, "restore_path", notification_path(c, record, "restore"));
    view_text(view, "print_path", notification_path(c, record, "print.pdf"));
    view_text(view, "receipt_path", notification_path(c, record, "receipt"));
    view_text(view, "family_path",
              text_format(c->arena, "/notification/new?family=%s",
                          publicid_hersys_plain(c->arena, record->patient_id)));
}

static void
fill_notification(struct context *c, struct view *view, const struct record *record)
{
    const struct notification *n = &record->notification;

    view_text(view, "receipt_number", notification_number(c->arena, record->patient_id, n->no));
    view_text(view, "reported", n->reported);
    view_text(view, "reporter", n->reporter_name);
    view_text(view, "entered_by", n->entered_by_name);
    view_text(view, "edited_by", n->edited_by_name);
    view_text(view, "confirmed", n->confirmed);
    view_text(view, "confirmed_by", n->confirmed_by_name);
    view_text(view, "responsible", record->responsible_name);
    view_text(view, "form_title", dictionary_forms[n->form].short_title);
    view_flag(view, "is_short", n->short_form);
    view_flag(view, "is_deemed", n->deemed);
    view_text(view, "deleted", n->deleted);
    view_text(view, "deleted_by", n->deleted_by_name);
    view_text(view, "delete_reason", n->delete_reason);
    view_text(view, "purge", n->purge);
    fill_submissions(view, record);
    fill_items(c, view, record);
    fill_problems(c, view, record);
    fill_actions(c, view, record);
}

static void
show(struct context *c, const struct record *record)
{
    struct view *view = patient_view(c, record, "");
    bool any = record->notification.no != 0;
    enum db_status status = same_fill_patient(c, view, record);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    view_flag(view, "has_notification", any);
    view_flag(view, "none_here", !any);
    if (any)
        fill_notification(c, view, record);
    fill_others(c, view, record);
    page_send(c, TEMPLATE_patient_notification, view);
}

void
patient_show(struct context *c)
{
    struct record record;

    if (patient_open(c, 0, CLASS_clinical, "notification_view", &record))
        show(c, &record);
}

void
patient_notification_show(struct context *c)
{
    struct record record;

    if (patient_open_notification(c, CLASS_clinical, "notification_view", &record))
        show(c, &record);
}

/* ---- receipt ------------------------------------------------------------------------------------------------------- */

void
patient_receipt_show(struct context *c)
{
    struct record record;
    struct problems problems = {0};

    if (!patient_open_notification(c, CLASS_clinical, "receipt_view", &record))
        return;
    const struct notification *n = &record.notification;
    struct form_view form = {n->form, n->short_form};
    struct view *view = page_view(c, "受付票");
    document_check(c->arena, &record.doc, form, &problems);
    size_t missing = problems_count(&problems, PROBLEM_MISSING);
    view_text(view, "receipt_number", notification_number(c->arena, record.patient_id, n->no));
    view_text(view, "patient_name", patient_name(c, &record));
    view_text(view, "hersys_id", publicid_hersys(c->arena, record.patient_id));
    view_text(view, "phone_id", publicid_phone(c->arena, record.patient_id));
    view_text(view, "category", document_shown(c->arena, &record.doc, ITEM_category));
    view_text(view, "submitted", patient_submitted(&record));
    view_text(view, "reported", n->reported);
    view_text(view, "reporter", n->reporter_name);
    view_text(view, "received_by", record.received_by_name);
    view_text(view, "missing_count", missing == 0 ? "" : db_int(c->arena, (int64_t)missing));
    view_text(view, "edit_path", notification_path(c, &record, "edit"));
    view_text(view, "print_path", notification_path(c, &record, "print.pdf"));
    view_text(view, "receipt_print_path", notification_path(c, &record, "receipt.pdf"));
    view_text(view, "patient_path", patient_path(c, &record, ""));
    view_text(view, "family_path",
              text_format(c->arena, "/notification/new?family=%s",
                          publicid_hersys_plain(c->arena, record.patient_id)));
    page_send(c, TEMPLATE_receipt, view);
}

/* ---- confirming, deleting, restoring ------------------------------------------------------------------------------- */

/* Loads the notification and checks that the person may edit items of this class. */
static bool
open_for(struct context *c, enum item_class class, const char *action, struct record *record)
{
    if (!patient_open_notification(c, CLASS_clinical, action, record))
        return false;
    if (rights_may_edit(record->rights, class))
        return true;
    page_forbidden(c, rights_because(c->session.kind, record->relations));
    return false;
}

void
patient_confirm_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);

    if (!open_for(c, CLASS_confirmation, "confirm_open", &record))
        return;
    enum notify_result result = patient_ready(c, &record);
    if (result == NOTIFY_OK)
        result = notification_confirm(&desk, &record);
    patient_conclude(c, result, patient_path(c, &record, ""), "confirmed");
}

static void
show_delete(struct context *c, const struct record *record, const char *problem, const char *reason)
{
    enum db_status status;
    const struct rows *days = DB_ONE(c->db, c->arena, NULL, &status, SQL_sealed_days);

    if (days == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = patient_view(c, record, "");
    view_text(view, "title", "発生届を削除する");
    view_text(view, "sealed_days", rows_at(days, 0, 0));
    view_text(view, "problem", problem);
    view_text(view, "reason", reason);
    view_text(view, "receipt_number",
              notification_number(c->arena, record->patient_id, record->notification.no));
    view_text(view, "delete_path", notification_path(c, record, "delete"));
    view_text(view, "back_path", patient_path(c, record, ""));
    page_send(c, TEMPLATE_notification_delete, view);
}

void
patient_delete_show(struct context *c)
{
    struct record record;

    if (open_for(c, CLASS_deletion, "delete_open", &record))
        show_delete(c, &record, "", "");
}

void
patient_delete_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);
    const char *reason = text_trim(c->arena, request_value(c->request, "reason"));

    if (!open_for(c, CLASS_deletion, "delete_open", &record))
        return;
    if (reason[0] == '\0' || text_length(reason) > 200) {
        show_delete(c, &record, "削除する理由を200文字以内で入力してください。", reason);
        return;
    }
    bool stays = rights_may_edit(record.rights, CLASS_restoration);
    enum notify_result result = patient_ready(c, &record);
    if (result == NOTIFY_OK)
        result = notification_seal(&desk, &record, reason);
    if (result == NOTIFY_CONFLICT)
        show_delete(c, &record, patient_changed_meanwhile, reason);
    else
        patient_conclude(c, result, stays ? patient_path(c, &record, "") : "/patients", "deleted");
}

void
patient_restore_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);

    if (!open_for(c, CLASS_restoration, "restore_open", &record))
        return;
    enum notify_result result = patient_ready(c, &record);
    if (result == NOTIFY_OK)
        result = notification_restore(&desk, &record);
    patient_conclude(c, result, patient_path(c, &record, ""), "restored");
}
