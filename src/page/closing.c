/* closing.c - whose 療養期間 has passed: proposed one by one with the reason, ended together by a press, and back within 7 days. */
#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "page/handlers.h"
#include "page/patient_head.h"

enum { MOST_CLOSED = 200 }; /* by one press */

static void
fill_person(struct context *c, struct view *view, const struct rows *rows, size_t i)
{
    struct view *row = view_row(view, "people");
    const char *name = rows_text(rows, i, "name");
    const char *id = publicid_hersys_plain(c->arena, rows_int(rows, i, "patient_id"));

    view_text(row, "key", id);
    view_flag(row, "chosen", text_same(request_query(c->request, "all"), "1"));
    view_text(row, "patient_path", text_format(c->arena, "/patient/%s", id));
    view_text(row, "patient_name", text_empty(name) ? "（氏名未入力）" : name);
    view_text(row, "kana", rows_text(rows, i, "kana"));
    view_text(row, "status", dictionary_label(LIST_status, rows_text(rows, i, "status")));
    view_text(row, "status_since",
              date_slashed(c->arena, date_from_iso(rows_text(rows, i, "status_since"))));
    view_text(row, "until", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "until"))));
    view_text(row, "reason", rows_text(rows, i, "reason"));
}

static void
fill_batches(struct context *c, struct view *view, const struct rows *rows)
{
    view_flag(view, "has_batches", rows_count(rows) > 0);
    view_list(view, "batches");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "batches");
        view_text(row, "batch", rows_text(rows, i, "batch_id"));
        view_text(row, "batch_people", rows_text(rows, i, "people"));
        view_text(row, "batch_at", rows_text(rows, i, "at"));
        view_text(row, "batch_by", rows_text(rows, i, "holder"));
        view_text(row, "batch_label",
                  text_format(c->arena, "%s の%s人", rows_text(rows, i, "at"), rows_text(rows, i, "people")));
    }
}

static void
show(struct context *c, const char *problem)
{
    const char *organisation = db_int(c->arena, c->session.organisation_id);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned list = DB_ADD(batch, SQL_close_list, organisation, db_int(c->arena, MOST_CLOSED));
    unsigned batches = DB_ADD(batch, SQL_close_batches, organisation);
    enum db_status status = db_run(batch);

    if (status == DB_OK && rows_count(db_rows(batch, list)) > 0) {
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_list(trail, c->arena, "list", db_rows(batch, list), "");
        status = db_run(trail);
    }
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, list);
    struct view *view = page_view(c, "療養期間が過ぎた方");
    view_text(view, "problem", problem);
    view_text(view, "as_of", date_time_now(c->arena));
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_flag(view, "has_people", rows_count(rows) > 0);
    view_flag(view, "is_full", rows_count(rows) == MOST_CLOSED);
    view_list(view, "people");
    for (size_t i = 0; i < rows_count(rows); i++)
        fill_person(c, view, rows, i);
    fill_batches(c, view, db_rows(batch, batches));
    page_send(c, TEMPLATE_closing, view);
}

void
closing_show(struct context *c)
{
    if (c->session.kind != KIND_centre)
        page_not_found(c);
    else
        show(c, "");
}

/* The chosen people as an array for the statement; NULL when a number is none or there are too many. */
static const char *
chosen(struct context *c, size_t *count)
{
    const char *ids[MOST_CLOSED];
    const struct form *form = &c->request->body;

    *count = 0;
    for (size_t i = 0; i < form->count; i++) {
        if (!text_same(form->fields[i].name, "patient"))
            continue;
        int64_t patient = publicid_parse(form->fields[i].value);
        if (patient == 0 || *count == MOST_CLOSED)
            return NULL;
        ids[(*count)++] = db_int(c->arena, patient);
    }
    return db_array(c->arena, *count, ids);
}

/* After a press: on to the list with a notice, also when it was pressed twice. */
static void
conclude(struct context *c, struct db_batch *batch, const char *notice)
{
    enum notify_result result = notify_result_of(c->db, db_run(batch));

    if (result == NOTIFY_CONFLICT)
        page_conflict(c, "同時に変更されました",
                      "この一覧を開いたあとで、選んだ方の記録が変わったか、期限が過ぎました。何も登録されていません。一覧を開き直して、もう一度選んでください。");
    else
        patient_conclude(c, result, "/closing", notice);
}

void
closing_post(struct context *c)
{
    struct desk desk = patient_desk(c);
    size_t count;
    const char *people = chosen(c, &count);

    if (c->session.kind != KIND_centre)
        page_not_found(c);
    else if (people == NULL || desk.form_id == NULL)
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
    else if (count == 0)
        show(c, "療養が終わった方を選んでください。");
    else {
        struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
        DB_ADD(batch, SQL_close_do, desk.form_id, people);
        conclude(c, batch, "closed");
    }
}

void
closing_undo_post(struct context *c)
{
    const char *id = request_value(c->request, "batch");

    if (c->session.kind != KIND_centre)
        page_not_found(c);
    else if (!crypt_is_uuid(id))
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
    else {
        struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
        DB_ADD(batch, SQL_close_undo, id);
        conclude(c, batch, "closing_undone");
    }
}
