/* bulk.c - 一括操作: the form, the preview with its count, the press, and the batches of an office with their undoing. */
#include <string.h>

#include "base/crypt.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "page/area.h"
#include "page/bulk_form.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_head.h"

/* Whoever may do none of the actions to anybody, or not this one, is told nothing of them. */
static bool
may(struct context *c, const struct bulk_action *action)
{
    if (bulk_may(c->session.kind, action))
        return true;
    area_refuse(c, "bulk", action == NULL ? "" : action->name);
    return false;
}

void
bulk_show(struct context *c)
{
    if (may(c, NULL))
        bulk_form_show(c, &(struct bulk_form){0});
}

/* Enters the patients in the trail, before they are shown. False when that failed. */
static bool
audited(struct context *c, const struct rows *shown, const char *detail)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    audit_list(batch, c->arena, "bulk_look", shown, detail);
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    return status == DB_OK;
}

/* ---- the preview --------------------------------------------------------------------------------------------------- */

/* Why somebody is left out, in the order in which it is said: the column that counts them, and the words. */
static const struct {
    const char *column, *label;
} reasons[] = {
    {"left_same", "すでにそうなっている方"},
    {"left_right", "変更する権限がない方"},
    {"left_sealed", "発生届が削除されている方"},
    {"left_phone", "SMSを送れる携帯電話の番号がない方"},
    {"left_unknown", "見つからない番号"},
};

static void
fill_left_out(struct context *c, struct view *view, const struct rows *found)
{
    view_list(view, "left");
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        int64_t count = rows_int(found, 0, reasons[i].column);
        if (count == 0)
            continue;
        struct view *row = view_row(view, "left");
        view_text(row, "left_label", reasons[i].label);
        view_text(row, "left_count", db_int(c->arena, count));
    }
}

/* Everybody whom the filter finds: those in a typed list who are unknown are not among them. */
static int64_t
matched(const struct rows *found)
{
    return rows_int(found, 0, "chosen") + rows_int(found, 0, "left_same") +
           rows_int(found, 0, "left_right") + rows_int(found, 0, "left_sealed") +
           rows_int(found, 0, "left_phone");
}

static void
show_preview(struct context *c, struct bulk_form *form)
{
    struct desk desk = patient_desk(c);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned preview = bulk_add_preview(batch, &desk, &form->order, LIST_PAGE);
    unsigned centre = DB_ADD(batch, SQL_organisation_find, bulk_form_centre(c));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *found = db_rows(batch, preview), *name = db_rows(batch, centre);
    int64_t count = rows_int(found, 0, "chosen");
    if (matched(found) > BULK_MOST) {
        form->problem = text_format(c->arena, "%d人を超えています。条件を加えて、絞ってください。", BULK_MOST);
        bulk_form_show(c, form);
        return;
    }
    if (count > 0 && !audited(c, found, form->order.action->name))
        return;
    struct bulk_words words =
        bulk_form_chosen(c, form, rows_count(name) == 0 ? "" : rows_text(name, 0, "name"));
    struct view *view = page_view(c, "一括操作の確認");
    bulk_form_words(c, view, &words);
    view_text(view, "count", db_int(c->arena, count));
    view_flag(view, "any", count > 0);
    view_flag(view, "more", count > LIST_PAGE);
    view_text(view, "digest", rows_text(found, 0, "digest"));
    view_text(view, "form_id", crypt_uuid(c->arena));
    fill_left_out(c, view, found);
    bulk_form_hide(c, view);
    list_view_fill(c, view, found, "変更する方", "届出", "変更する方はいません。");
    page_send(c, TEMPLATE_bulk_preview, view);
}

/* Reads the form; false when it was shown again or refused. */
static bool
read_form(struct context *c, struct bulk_form *form)
{
    bulk_form_read(c, form);
    if (!may(c, form->order.action))
        return false;
    if (form->wrong)
        bulk_form_show(c, form);
    return !form->wrong;
}

void
bulk_preview_post(struct context *c)
{
    struct bulk_form form;

    if (read_form(c, &form))
        show_preview(c, &form);
}

/* ---- the press ----------------------------------------------------------------------------------------------------- */

static const char *
batch_path(struct context *c, const char *id, const char *below)
{
    return text_format(c->arena, "/bulk/%s%s", id, below);
}

void
bulk_post(struct context *c)
{
    struct bulk_form form;
    struct desk desk = patient_desk(c);

    if (!read_form(c, &form))
        return;
    if (request_value(c->request, "back")[0] != '\0') {
        bulk_form_show(c, &form);
        return;
    }
    if (desk.form_id == NULL) {
        page_bad_request(c, "もう一度、確認の画面から操作してください。");
        return;
    }
    switch (bulk_apply(&desk, &form.order, request_value(c->request, "digest"))) {
    case NOTIFY_OK:
    case NOTIFY_REPEATED:
        page_redirect_with(c, batch_path(c, desk.form_id, ""), "bulk_done");
        return;
    case NOTIFY_CONFLICT:
        form.problem = "確認の画面を表示したあとで、対象の方が変わりました。「確認へ」を押して、人数と一覧をもう一度確かめてください。";
        bulk_form_show(c, &form);
        return;
    case NOTIFY_REFUSED:
        form.problem = "変更できませんでした。対象の方がいないか、選んだ保健所が使えません。条件を確かめてください。";
        bulk_form_show(c, &form);
        return;
    case NOTIFY_FAILED:
        page_database_failed(c, DB_LOST);
    }
}

/* ---- the batches --------------------------------------------------------------------------------------------------- */

static void
fill_batch(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    struct bulk_words words = {rows_text(rows, i, "action"), rows_text(rows, i, "status"),
                               rows_text(rows, i, "since"),  rows_text(rows, i, "centre"),
                               rows_text(rows, i, "reason"), rows_text(rows, i, "release_on"),
                               rows_text(rows, i, "message")};
    const char *undone = rows_text(rows, i, "undone");

    bulk_form_words(c, row, &words);
    view_text(row, "done_at", rows_text(rows, i, "done"));
    view_text(row, "done_by", rows_text(rows, i, "holder"));
    view_text(row, "patients_count", rows_text(rows, i, "patients"));
    view_text(row, "undone_at", undone);
    view_text(row, "undone_by", rows_text(rows, i, "undone_by"));
    view_text(row, "undone_count", rows_text(rows, i, "undone_patients"));
    view_text(row, "batch_path", batch_path(c, rows_text(rows, i, "bulk_id"), ""));
}

void
bulk_batches_show(struct context *c)
{
    enum db_status status;
    int64_t at;
    const char *before = text_to_int(request_query(c->request, "at"), 0, INT64_MAX / 2, &at) == 0
                             ? db_int(c->arena, at)
                             : NULL;

    if (!may(c, NULL))
        return;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_bulk_list,
                                     area_mine(c), NULL, before);
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "これまでの一括操作");
    view_list(view, "batches");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_PAGE; i++)
        fill_batch(c, view_row(view, "batches"), rows, i);
    view_text(view, "next_path",
              rows_count(rows) <= LIST_PAGE
                  ? ""
                  : text_format(c->arena, "/bulk/batches?at=%s", rows_text(rows, LIST_PAGE - 1, "cursor")));
    page_send(c, TEMPLATE_bulk_batches, view);
}

/* The batch of the path, of this office; NULL when the answer has been given. */
static const struct rows *
open_batch(struct context *c, struct db_batch *batch, unsigned index)
{
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return NULL;
    }
    if (rows_count(db_rows(batch, index)) > 0)
        return db_rows(batch, index);
    area_refuse(c, "bulk", "");
    return NULL;
}

void
bulk_batch_show(struct context *c)
{
    const char *id = path_part(c, 1), *time, *patient;
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    if (!crypt_is_uuid(id)) {
        page_not_found(c);
        return;
    }
    list_view_cursor(c, LIST_LAST, &time, &patient);
    unsigned found = DB_ADD(batch, SQL_bulk_list, area_mine(c), id, NULL);
    DB_ADD(batch, SQL_bulk_patients, area_mine(c), id, time, patient);
    const struct rows *rows = open_batch(c, batch, found);
    if (rows == NULL)
        return;
    const struct rows *shown = db_rows(batch, found + 1);
    if (rows_count(shown) > 0 && !audited(c, shown, ""))
        return;
    struct view *view = page_view(c, "一括操作");
    fill_batch(c, view, rows, 0);
    int64_t left = rows_int(rows, 0, "patients") - rows_int(rows, 0, "undone_patients");
    view_text(view, "undo_until", rows_text(rows, 0, "undo_until"));
    view_text(view, "undo_path", batch_path(c, id, "/undo"));
    view_flag(view, "may_undo", rows_bool(rows, 0, "may_undo") &&
                                    bulk_may(c->session.kind, bulk_action_find(rows_text(rows, 0, "action"))));
    view_text(view, "left_count", db_int(c->arena, left));
    view_flag(view, "any_left", left > 0);
    view_text(view, "form_id", crypt_uuid(c->arena));
    list_view_fill(c, view, shown, "この操作の方", "届出", "表示できる方はいません。");
    list_view_next(c, view, shown, batch_path(c, id, ""));
    page_send(c, TEMPLATE_bulk_batch, view);
}

void
bulk_undo_post(struct context *c)
{
    const char *id = path_part(c, 1);
    struct desk desk = patient_desk(c);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    if (!crypt_is_uuid(id)) {
        page_not_found(c);
        return;
    }
    unsigned found = DB_ADD(batch, SQL_bulk_list, area_mine(c), id, NULL);
    const struct rows *rows = open_batch(c, batch, found);
    if (rows == NULL)
        return;
    const struct bulk_action *action = bulk_action_find(rows_text(rows, 0, "action"));
    if (!may(c, action))
        return;
    enum notify_result result = bulk_undo(&desk, id, action);
    if (result == NOTIFY_CONFLICT)
        page_conflict(c, "取り消せません", "この一括操作は、すでに取り消されているか、取り消せる日数を過ぎています。");
    else
        patient_conclude(c, result, batch_path(c, id, ""), "bulk_undone");
}
