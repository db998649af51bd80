/* closing.c - whose 療養期間 has passed: proposed one by one with the reason, ended together by a press, and back within 7 days. */
#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "page/handlers.h"
#include "page/patient_head.h"

enum { MOST_CLOSED = 200 }; /* by one press */

/* Who was chosen, as the list showed them: 12345678901.4.2022-09-17 is number, version of the record, end of the period. */
struct chosen {
    size_t count;
    int64_t patients[MOST_CLOSED];
    const char *keys[MOST_CLOSED];
    const char *ids[MOST_CLOSED], *versions[MOST_CLOSED], *untils[MOST_CLOSED]; /* for the statement */
};

static const char *
key_of(struct context *c, const struct rows *rows, size_t i)
{
    return text_format(c->arena, "%s.%s.%s",
                       publicid_hersys_plain(c->arena, rows_int(rows, i, "patient_id")),
                       rows_text(rows, i, "version"), rows_text(rows, i, "until"));
}

/* Stays as it was chosen only who is still shown as they were chosen. */
static bool
is_chosen(const struct chosen *chosen, const char *key)
{
    for (size_t i = 0; chosen != NULL && i < chosen->count; i++)
        if (text_same(chosen->keys[i], key))
            return true;
    return false;
}

static void
fill_person(struct context *c, struct view *view, const struct rows *rows, size_t i,
            const struct chosen *chosen)
{
    struct view *row = view_row(view, "people");
    const char *name = rows_text(rows, i, "name"), *key = key_of(c, rows, i);
    const char *id = publicid_hersys_plain(c->arena, rows_int(rows, i, "patient_id"));

    view_text(row, "key", key);
    view_flag(row, "chosen", text_same(request_query(c->request, "all"), "1") || is_chosen(chosen, key));
    view_text(row, "patient_path", text_format(c->arena, "/patient/%s", id));
    view_text(row, "patient_name", text_empty(name) ? "（氏名未入力）" : name);
    view_text(row, "kana", rows_text(rows, i, "kana"));
    view_text(row, "status", dictionary_label(LIST_status, rows_text(rows, i, "status")));
    view_text(row, "status_since",
              date_slashed(c->arena, date_from_iso(rows_text(rows, i, "status_since"))));
    view_text(row, "until", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "until"))));
    view_text(row, "reason", rows_text(rows, i, "reason"));
}

/* Who was chosen and is not in the list any more, or not as it was. */
static void
fill_changed(struct context *c, struct view *view, const struct rows *rows, const struct chosen *chosen)
{
    view_list(view, "changed");
    view_flag(view, "has_changed", false);
    for (size_t i = 0; chosen != NULL && i < chosen->count; i++) {
        bool listed = false, same = false;
        for (size_t j = 0; j < rows_count(rows) && !listed; j++) {
            listed = rows_int(rows, j, "patient_id") == chosen->patients[i];
            same = listed && text_same(key_of(c, rows, j), chosen->keys[i]);
        }
        if (same)
            continue;
        view_flag(view, "has_changed", true);
        struct view *row = view_row(view, "changed");
        view_text(row, "changed_id", publicid_hersys(c->arena, chosen->patients[i]));
        view_text(row, "changed_path",
                  text_format(c->arena, "/patient/%s",
                              publicid_hersys_plain(c->arena, chosen->patients[i])));
        view_text(row, "changed_why",
                  listed ? "記録が変わりました。下の一覧で確かめて、選び直してください。"
                         : "いまは、療養期間が過ぎた方ではありません。");
    }
}

static void
fill_batches(struct context *c, struct view *view, const struct rows *rows)
{
    view_flag(view, "has_batches", rows_count(rows) > 0);
    view_list(view, "batches");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "batches");
        view_text(row, "batch", rows_text(rows, i, "batch_id"));
        view_text(row, "undo_id", crypt_uuid(c->arena));
        view_text(row, "batch_people", rows_text(rows, i, "people"));
        view_text(row, "batch_at", rows_text(rows, i, "at"));
        view_text(row, "batch_by", rows_text(rows, i, "holder"));
        view_text(row, "batch_label",
                  text_format(c->arena, "%s の%s人", rows_text(rows, i, "at"), rows_text(rows, i, "people")));
    }
}

/* The list; `chosen`: who was posted and could not be ended, judged anew before the list is read; NULL for nobody. */
static void
show(struct context *c, int answer, const struct chosen *chosen, const char *problem)
{
    const char *organisation = db_int(c->arena, c->session.organisation_id);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    if (chosen != NULL)
        DB_ADD(batch, SQL_close_refresh_all, db_array(c->arena, chosen->count, chosen->ids));
    unsigned list = DB_ADD(batch, SQL_close_list, organisation, db_int(c->arena, MOST_CLOSED));
    unsigned batches = DB_ADD(batch, SQL_close_batches, organisation);
    enum db_status status = db_run(batch);

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
        fill_person(c, view, rows, i, chosen);
    fill_changed(c, view, rows, chosen);
    fill_batches(c, view, db_rows(batch, batches));
    page_send_status(c, answer, TEMPLATE_closing, view);
}

void
closing_show(struct context *c)
{
    if (c->session.kind != KIND_centre)
        page_not_found(c);
    else
        show(c, 200, NULL, "");
}

/* Reads one who was chosen; false when it is none of our keys. */
static bool
read_key(struct context *c, const char *key, struct chosen *chosen)
{
    size_t parts, i = chosen->count;
    char **part = text_split(c->arena, key, '.', &parts);
    int64_t patient = publicid_parse(part[0]), version;

    if (parts != 3 || patient == 0 || text_to_int(part[1], 1, INT32_MAX, &version) != 0 ||
        date_from_iso(part[2]) == DATE_NONE)
        return false;
    chosen->patients[i] = patient;
    chosen->keys[i] = key;
    chosen->ids[i] = db_int(c->arena, patient);
    chosen->versions[i] = part[1];
    chosen->untils[i] = part[2];
    chosen->count++;
    return true;
}

/* Who is chosen in the form; false when there are too many, or one that is no key of ours. */
static bool
read_chosen(struct context *c, struct chosen *chosen)
{
    const struct form *form = &c->request->body;

    for (size_t i = 0; i < form->count; i++)
        if (text_same(form->fields[i].name, "patient") &&
            (chosen->count == MOST_CLOSED || !read_key(c, form->fields[i].value, chosen)))
            return false;
    return true;
}

void
closing_post(struct context *c)
{
    struct desk desk = patient_desk(c);
    struct chosen *chosen = ARENA_NEW(c->arena, struct chosen);

    if (c->session.kind != KIND_centre) {
        page_not_found(c);
        return;
    }
    if (!read_chosen(c, chosen) || desk.form_id == NULL) {
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
        return;
    }
    if (chosen->count == 0) {
        show(c, 200, NULL, "療養が終わった方を選んでください。");
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_receipt_add, desk.form_id, "0", "0");
    DB_ADD(batch, SQL_close_do, desk.form_id, db_array(c->arena, chosen->count, chosen->ids),
           db_array(c->arena, chosen->count, chosen->versions),
           db_array(c->arena, chosen->count, chosen->untils));
    enum notify_result result = notify_result_of(c->db, db_run(batch));
    if (result == NOTIFY_CONFLICT)
        show(c, 409, chosen, "この一覧を開いたあとで、選んだ方の記録が変わりました。何も登録されていません。次の方を確かめて、もう一度押してください。");
    else
        patient_conclude(c, result, "/closing", "closed");
}

void
closing_undo_post(struct context *c)
{
    const char *id = request_value(c->request, "batch");
    struct desk desk = patient_desk(c);

    if (c->session.kind != KIND_centre) {
        page_not_found(c);
        return;
    }
    if (!crypt_is_uuid(id) || desk.form_id == NULL) {
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_receipt_add, desk.form_id, "0", "0");
    DB_ADD(batch, SQL_close_undo, id);
    enum notify_result result = notify_result_of(c->db, db_run(batch));
    if (result == NOTIFY_REFUSED && text_same(db_last_sqlstate(c->db), "HS410"))
        page_conflict(c, "取り消せる期間が過ぎました",
                      "まとめて登録した療養解除を取り消せるのは、登録から7日間です。いまは、患者の記録の「記録（ステータス）」で一人ずつ取り消せます。");
    else
        patient_conclude(c, result, "/closing", "closing_undone");
}
