/* patients.c - lists of patients: all of an office, what is to be done, search, deleted; and who looked at them. */
#include <string.h>

#include "base/date.h"
#include "base/jtext.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/bulk_work.h"
#include "core/todo.h"
#include "page/handlers.h"
#include "page/list_view.h"

#define FIRST_PATIENT "0"

/* Enters the patients shown in the trail, before they are shown. False when that failed. */
static bool
audited(struct context *c, const char *action, const struct rows *rows)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    audit_list(batch, c->arena, action, rows, "");
    enum db_status status = rows_count(rows) == 0 ? DB_OK : db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    return status == DB_OK;
}

/* Leads to 一括操作 where somebody may do it, and to the file of the list; `todo` is the kind of the list, NULL for the list of all. */
static void
fill_bulk(struct context *c, struct view *view, const char *todo)
{
    const char *path = todo == NULL ? "/bulk" : text_format(c->arena, "/bulk?todo=%s", todo);

    view_text(view, "bulk_path", bulk_may(c->session.kind, NULL) ? path : "");
    view_text(view, "export_path", todo == NULL ? "/exports" : text_format(c->arena, "/exports?todo=%s", todo));
}

/* ---- the list of an office ----------------------------------------------------------------------------------------- */

void
patients_show(struct context *c)
{
    const char *time, *patient;
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    list_view_cursor(c, LIST_LAST, &time, &patient);
    unsigned list = DB_ADD(batch, SQL_worklist, db_int(c->arena, c->session.organisation_id), time,
                           patient, db_bool(list_view_past(c)), db_int(c->arena, LIST_PAGE + 1));
    unsigned until = DB_ADD(batch, SQL_past_until);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, list);
    if (!audited(c, "list", rows))
        return;
    struct view *view = page_view(c, "患者一覧");
    view_text(view, "lead", "届出の新しい順です。1ページに50人まで表示します。");
    view_flag(view, "with_past", true);
    view_text(view, "as_of", date_time_now(c->arena));
    list_view_past_switch(c, view, rows_at(db_rows(batch, until), 0, 0));
    fill_bulk(c, view, NULL);
    list_view_fill(c, view, rows, "患者一覧", "届出", "表示できる方はいません。");
    list_view_next(c, view, rows, "/patients");
    page_send(c, TEMPLATE_patients, view);
}

/* ---- what is to be done -------------------------------------------------------------------------------------------- */

static void
show_todo(struct context *c, const char *kind, const char *title, const char *lead, const char *path)
{
    const char *time, *patient;
    enum db_status status;

    list_view_cursor(c, FIRST_PATIENT, &time, &patient);
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_todo_list,
               db_int(c->arena, c->session.organisation_id), kind, time, patient);
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    if (!audited(c, "list", rows))
        return;
    struct view *view = page_view(c, title);
    view_text(view, "lead", lead);
    view_flag(view, "with_past", false);
    view_text(view, "as_of", date_time_now(c->arena));
    if (c->session.kind == KIND_centre && todo_find(kind) != NULL && rows_count(rows) > 0)
        view_text(view, "batch_path", text_format(c->arena, "/papers/batch?todo=%s", kind));
    if (todo_find(kind) != NULL)
        fill_bulk(c, view, kind);
    list_view_fill(c, view, rows, title, "届出", "ありません。");
    list_view_next(c, view, rows, path);
    page_send(c, TEMPLATE_patients, view);
}

void
patients_todo_show(struct context *c)
{
    const struct todo_kind *kind = todo_find(path_part(c, 1));

    if (kind == NULL || kind->path != NULL)
        page_not_found(c);
    else
        show_todo(c, kind->name, kind->label,
                  text_format(c->arena, "%s届出の古い順です。", kind->lead), c->request->path);
}

void
sealed_show(struct context *c)
{
    if (c->session.kind != KIND_centre)
        page_not_found(c);
    else
        show_todo(c, "sealed", "削除された発生届",
                  "届出元が削除した発生届です。期限までは、開いて「削除を取り消す」で元に戻せます。", "/sealed");
}

/* ---- search -------------------------------------------------------------------------------------------------------- */

/* What the search box holds, as ranges of keys. An empty range finds nothing. */
struct ranges {
    const char *from1, *to1, *from2, *to2;
};

static const char *
above(struct arena *arena, const char *prefix)
{
    return text_format(arena, "%s\xf4\x8f\xbf\xbf", prefix); /* U+10FFFF: behind every key with this prefix */
}

static struct ranges
name_ranges(struct arena *arena, const char *typed)
{
    const char *key = jtext_search_key(arena, typed);
    const char *name = text_format(arena, "n%s", key), *kana = text_format(arena, "k%s", key);

    return (struct ranges){name, above(arena, name), kana, above(arena, kana)};
}

static struct ranges
exact_range(struct arena *arena, char kind, const char *value, bool prefix)
{
    const char *key = text_format(arena, "%c%s", kind, value);

    return (struct ranges){key, prefix ? above(arena, key) : text_format(arena, "%s\x01", key), "", ""};
}

/* Turns what was typed into ranges; NULL, or what is wrong with it. */
static const char *
understand(struct arena *arena, const char *typed, const char *birth, struct ranges *ranges)
{
    const char *digits = jtext_phone_digits(arena, typed);

    if (typed[0] == '\0' && birth == NULL)
        return "探す言葉か生年月日を入れてください。";
    if (typed[0] == '\0')
        *ranges = exact_range(arena, 'b', birth, false);
    else if (digits != NULL && digits[0] != '\0' && strlen(digits) < 4)
        return "電話番号は4桁以上で入力してください。";
    else if (digits != NULL && strlen(digits) == 11 && digits[0] != '0')
        return "HER-SYS IDの番号が正しくありません。写し間違いがないか確かめてください。";
    else if (digits != NULL && digits[0] != '\0')
        *ranges = exact_range(arena, 't', digits, true);
    else
        *ranges = name_ranges(arena, typed);
    return NULL;
}

static void
show_search(struct context *c, const char *key, const char *birth, const char *problem,
            const struct rows *rows, const char *past_until)
{
    struct view *view = page_view(c, "検索");

    view_text(view, "problem", problem);
    view_text(view, "key", key);
    view_text(view, "birth", birth);
    view_flag(view, "searched", rows != NULL);
    view_flag(view, "may_emergency",
              c->session.kind == KIND_centre || (c->session.kind == KIND_clinic && c->session.doctor));
    list_view_past_switch(c, view, past_until);
    view_text(view, "here", "/search");
    if (rows != NULL) {
        size_t count = rows_count(rows) > LIST_PAGE ? LIST_PAGE : rows_count(rows);
        view_int(view, "count", (int64_t)count);
        view_flag(view, "found", count > 0);
        view_flag(view, "more", rows_count(rows) > LIST_PAGE);
        list_view_fill(c, view, rows, "検索結果", "届出", "見つかりませんでした。");
    }
    page_send(c, TEMPLATE_search, view);
}

static const char *
past_until(struct context *c)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(c->db, c->arena, NULL, &status, SQL_past_until);

    return rows == NULL ? "" : rows_at(rows, 0, 0);
}

void
search_show(struct context *c)
{
    show_search(c, "", "", "", NULL, past_until(c));
}

void
search_post(struct context *c)
{
    const char *typed = text_trim(c->arena, request_value(c->request, "key"));
    const char *typed_birth = request_value(c->request, "birth");
    int64_t patient = publicid_parse(typed);
    struct ranges ranges = {"", "", "", ""};
    date_day day;

    if (patient != 0) {
        response_redirect(c->response,
                          text_format(c->arena, "/patient/%s",
                                      publicid_hersys_plain(c->arena, patient)));
        return;
    }
    enum date_verdict verdict = date_parse(typed_birth, &day);
    const char *birth = verdict == DATE_OK ? date_iso(c->arena, day) : NULL;
    const char *problem = verdict != DATE_OK && verdict != DATE_EMPTY
                              ? "生年月日を読み取れません。例：1980/1/2、S55.1.2"
                              : understand(c->arena, typed, birth, &ranges);
    if (problem != NULL) {
        show_search(c, typed, typed_birth, problem, NULL, past_until(c));
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned found = DB_ADD(batch, SQL_search, db_int(c->arena, c->session.organisation_id),
                            ranges.from1, ranges.to1, ranges.from2, ranges.to2, birth,
                            db_bool(list_view_past(c)));
    unsigned until = DB_ADD(batch, SQL_past_until);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (audited(c, "search", db_rows(batch, found)))
        show_search(c, typed, typed_birth, "", db_rows(batch, found),
                    rows_at(db_rows(batch, until), 0, 0));
}

/* ---- who looked ---------------------------------------------------------------------------------------------------- */

static void
fill_viewers(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "viewers");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_PAGE; i++) {
        struct view *row = view_row(view, "viewers");
        int64_t patient = rows_int(rows, i, "patient_id");
        view_text(row, "at", rows_text(rows, i, "at"));
        view_text(row, "organisation", rows_text(rows, i, "organisation"));
        view_text(row, "holder", rows_text(rows, i, "holder"));
        view_text(row, "action", audit_action_label(rows_text(rows, i, "action")));
        view_flag(row, "denied", !text_same(rows_text(rows, i, "outcome"), "allowed"));
        view_flag(row, "one", patient != 0);
        view_text(row, "listed", text_format(c->arena, "%s人", rows_text(rows, i, "listed")));
        view_text(row, "patient_path",
                  patient == 0 ? "/" : text_format(c->arena, "/patient/%s",
                                                   publicid_hersys_plain(c->arena, patient)));
        view_text(row, "hersys_id", patient == 0 ? "" : publicid_hersys(c->arena, patient));
    }
}

void
viewers_show(struct context *c)
{
    enum db_status status;
    bool others = request_query(c->request, "others")[0] != '\0';
    int64_t at;
    const char *before = text_to_int(request_query(c->request, "at"), 0, INT64_MAX / 2, &at) == 0
                             ? db_int(c->arena, at)
                             : NULL;

    if (c->session.kind != KIND_centre) {
        page_not_found(c);
        return;
    }
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_viewers_of_office,
               db_int(c->arena, c->session.organisation_id), db_bool(others), before);
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "閲覧記録");
    view_flag(view, "others_only", others);
    fill_viewers(c, view, rows);
    view_text(view, "next_path", "");
    if (rows_count(rows) > LIST_PAGE)
        view_text(view, "next_path",
                  text_format(c->arena, "/viewers?%sat=%s", others ? "others=1&" : "",
                              rows_text(rows, LIST_PAGE - 1, "cursor")));
    page_send(c, TEMPLATE_viewers, view);
}
