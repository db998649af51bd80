/* patient_record.c - the other tabs of a patient: 記録 (status), 変更履歴, 閲覧記録. */
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/history.h"
#include "core/local_items.h"
#include "core/status.h"
#include "page/form_view.h"
#include "page/handlers.h"
#include "page/patient_head.h"

/* ---- 記録 ---------------------------------------------------------------------------------------------------------- */

static const char *
death_line(struct arena *arena, const struct rows *rows, size_t i)
{
    const char *date = rows_text(rows, i, "death_date");

    if (text_empty(date))
        return "";
    return text_format(arena, "%s　%s　%s", date_slashed(arena, date_from_iso(date)),
                       dictionary_label(LIST_death_place, rows_text(rows, i, "death_place")),
                       dictionary_label(LIST_death_cause, rows_text(rows, i, "death_cause")));
}

static void
fill_statuses(struct context *c, struct view *view, const struct record *record, bool may_edit)
{
    const struct rows *rows = record->statuses;
    bool current_seen = false;

    view_list(view, "statuses");
    for (size_t i = 0; i < rows_count(rows); i++) {
        bool withdrawn = rows_bool(rows, i, "withdrawn");
        struct view *row = view_row(view, "statuses");
        view_text(row, "since", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "since"))));
        view_text(row, "status", dictionary_label(LIST_status, rows_text(rows, i, "status")));
        view_text(row, "death", death_line(c->arena, rows, i));
        view_text(row, "note", rows_text(rows, i, "note"));
        view_text(row, "entered", rows_text(rows, i, "entered"));
        view_text(row, "entered_by", rows_text(rows, i, "entered_by_name"));
        view_text(row, "number", rows_text(rows, i, "status_no"));
        view_flag(row, "withdrawn", withdrawn);
        view_flag(row, "is_current", !withdrawn && !current_seen);
        view_flag(row, "may_withdraw", may_edit && !withdrawn);
        current_seen = current_seen || !withdrawn;
    }
}

static void
show_status(struct context *c, const struct record *record, const char *problem)
{
    struct view *view = patient_view(c, record, "status");
    bool may_edit = rights_may_edit(record->rights, CLASS_status) && !record->sealed;
    const char *since = request_value(c->request, "since");

    view_text(view, "title", "患者の記録：ステータス");
    view_text(view, "problem", problem);
    view_flag(view, "may_edit", may_edit);
    fill_statuses(c, view, record, may_edit);
    form_view_choices(view, "choices", LIST_status, request_value(c->request, "status"));
    form_view_choices(view, "death_places", LIST_death_place, request_value(c->request, "death_place"));
    form_view_choices(view, "death_causes", LIST_death_cause, request_value(c->request, "death_cause"));
    view_text(view, "since_value", since[0] != '\0' ? since : date_slashed(c->arena, date_today()));
    view_text(view, "death_date_value", request_value(c->request, "death_date"));
    view_text(view, "note_value", request_value(c->request, "note"));
    if (rights_may_edit(record->rights, CLASS_confirmation) && !record->sealed)
        view_text(view, "cocoa_path", patient_path(c, record, "cocoa"));
    view_text(view, "status_path", patient_path(c, record, "status"));
    view_text(view, "withdraw_path", patient_path(c, record, "status/withdraw"));
    page_send(c, TEMPLATE_patient_status, view);
}

void
patient_status_show(struct context *c)
{
    struct record record;

    if (patient_open(c, 0, CLASS_status, "status_view", &record))
        show_status(c, &record, "");
}

/* A typed date as ISO; "" when there is none, NULL when it cannot be read. */
static const char *
typed_date(struct context *c, const char *name)
{
    date_day day;
    enum date_verdict verdict = date_parse(request_value(c->request, name), &day);

    return verdict == DATE_OK || verdict == DATE_EMPTY ? date_iso(c->arena, day) : NULL;
}

/* The code posted, "" when it is not in the list. */
static const char *
posted_choice(struct context *c, const char *name, int list)
{
    const struct choice *choice = dictionary_choice(list, request_value(c->request, name));

    return choice == NULL ? "" : choice->code;
}

void
patient_status_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);

    if (!patient_open(c, 0, CLASS_status, "status_view", &record) ||
        !patient_may_edit(c, &record, CLASS_status))
        return;
    struct status_entry entry = {
        .status = posted_choice(c, "status", LIST_status),
        .since = typed_date(c, "since"),
        .death_date = typed_date(c, "death_date"),
        .death_place = posted_choice(c, "death_place", LIST_death_place),
        .death_cause = posted_choice(c, "death_cause", LIST_death_cause),
        .note = text_trim(c->arena, request_value(c->request, "note")),
    };
    const char *problem = entry.death_date == NULL ? "死亡年月日を読み取れません。例：2022/9/26"
                          : text_length(entry.note) > 200 ? "メモは200文字以内で入力してください。"
                                                          : status_problem(&entry);
    if (!text_same(entry.status, "dead"))
        entry.death_date = entry.death_place = entry.death_cause = "";
    if (problem != NULL) {
        show_status(c, &record, problem);
        return;
    }
    enum notify_result result = patient_ready(c, &record);
    if (result == NOTIFY_OK)
        result = status_add(&desk, &record, &entry);
    if (result == NOTIFY_CONFLICT)
        show_status(c, &record, patient_changed_meanwhile);
    else
        patient_conclude(c, result, patient_path(c, &record, "status"), "status");
}

void
patient_status_withdraw_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);
    int64_t number;

    if (!patient_open(c, 0, CLASS_status, "status_view", &record) ||
        !patient_may_edit(c, &record, CLASS_status))
        return;
    if (text_to_int(request_value(c->request, "number"), 1, 10000, &number) != 0) {
        page_not_found(c);
        return;
    }
    enum notify_result result = patient_ready(c, &record);
    if (result == NOTIFY_OK)
        result = status_withdraw(&desk, &record, (int)number);
    patient_conclude(c, result, patient_path(c, &record, "status"), "status_withdrawn");
}

/* ---- 変更履歴 ------------------------------------------------------------------------------------------------------ */

static void
add_change(struct view *view, const struct rows *rows, size_t i,
           const char *what, const char *before, const char *after)
{
    struct view *row = view_row(view, "changes");

    view_text(row, "at", rows_text(rows, i, "at"));
    view_text(row, "holder", rows_text(rows, i, "holder"));
    view_text(row, "organisation", rows_text(rows, i, "organisation"));
    view_text(row, "what", what);
    view_text(row, "before", before);
    view_text(row, "after", after);
}

/* One line for each item that a revision changed and that the viewer may see. */
static void
add_item_changes(struct context *c, struct view *view, const struct record *record,
                 const struct local_items *added, const struct rows *rows, size_t i)
{
    struct document before = {0}, after = {0};
    struct fields f = {c->arena, &c->app->keys, record->patient_id};

    fields_apply_changes(f, &before, rows_text(rows, i, "before"));
    fields_apply_changes(f, &after, rows_text(rows, i, "after"));
    for (int item = 0; item < ITEM_COUNT; item++)
        if (!text_same(before.value[item], after.value[item]) &&
            rights_may_view(record->rights, dictionary_items[item].class) &&
            dictionary_items[item].type != TYPE_derived)
            add_change(view, rows, i, dictionary_items[item].label,
                       document_shown(c->arena, &before, item),
                       document_shown(c->arena, &after, item));
    for (size_t k = 0; k < added->count; k++) {
        const struct local_item *item = &added->list[k];
        const char *was = document_local(&before, item->id).value;
        const char *is = document_local(&after, item->id).value;
        if (!text_same(was, is) && rights_may_view(record->rights, item->as.class))
            add_change(view, rows, i, item->as.label, local_item_shown(c->arena, item, was),
                       local_item_shown(c->arena, item, is));
    }
}

void
patient_history_show(struct context *c)
{
    struct record record;

    if (!patient_open(c, 0, CLASS_history, "history_view", &record))
        return;
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned history = DB_ADD(batch, SQL_history, db_int(c->arena, record.patient_id));
    unsigned noted = DB_ADD(batch, SQL_local_items_noted, db_int(c->arena, record.patient_id));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, history);
    struct local_items added = local_items_from(c->arena, db_rows(batch, noted));
    struct view *view = patient_view(c, &record, "history");
    view_text(view, "title", "患者の記録：変更履歴");
    view_list(view, "changes");
    for (size_t i = 0; i < rows_count(rows); i++) {
        const char *subject = rows_text(rows, i, "subject"), *reason = rows_text(rows, i, "reason");
        bool items = text_same(subject, "patient") || text_same(subject, "notification") ||
                     dictionary_record_tab(subject) != NULL;
        if (items && text_empty(reason))
            add_item_changes(c, view, &record, &added, rows, i);
        else if (text_same(subject, "status"))
            add_change(view, rows, i, "現在のステータス", text_empty(reason) ? "" : reason,
                       history_status_line(c->arena, rows_text(rows, i, "after")));
        else if (text_same(subject, "assignment"))
            add_change(view, rows, i, "担当・関係保健所",
                       history_assignment_line(c->arena, rows_text(rows, i, "before")),
                       history_assignment_line(c->arena, rows_text(rows, i, "after")));
        else
            add_change(view, rows, i,
                       items ? reason : audit_action_label(subject), "", items ? "" : reason);
    }
    page_send(c, TEMPLATE_patient_history, view);
}

/* ---- 閲覧記録 ------------------------------------------------------------------------------------------------------ */

void
patient_viewers_show(struct context *c)
{
    enum db_status status;
    struct record record;

    if (!patient_open(c, 0, CLASS_viewers, "viewers_view", &record))
        return;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status,
                                     SQL_viewers_of_patient, db_int(c->arena, record.patient_id));
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = patient_view(c, &record, "viewers");
    view_text(view, "title", "患者の記録：閲覧記録");
    view_list(view, "viewers");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "viewers");
        view_text(row, "at", rows_text(rows, i, "at"));
        view_text(row, "organisation", rows_text(rows, i, "organisation"));
        view_text(row, "holder", rows_text(rows, i, "holder"));
        view_text(row, "action", audit_action_label(rows_text(rows, i, "action")));
        view_flag(row, "denied", !text_same(rows_text(rows, i, "outcome"), "allowed"));
    }
    page_send(c, TEMPLATE_patient_viewers, view);
}
