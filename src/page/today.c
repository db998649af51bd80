/* today.c - the page of the day: what is to be done, each a count that opens its list; drafts; the newest reports. */
#include "base/date.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/todo.h"
#include "page/area.h"
#include "page/handlers.h"
#include "page/list_view.h"

enum { MOST_COUNTED = 500, NEWEST = 10 };

/* The kinds of this kind of organisation as an array for the statement. */
static const char *
kinds_here(struct context *c)
{
    const char *names[16];
    size_t count = 0;

    for (size_t i = 0; i < todo_kind_count; i++)
        if ((todo_kinds[i].kinds & 1u << c->session.kind) != 0)
            names[count++] = todo_kinds[i].name;
    return db_array(c->arena, count, names);
}

static void
fill_count(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    const struct todo_kind *todo = todo_find(rows_text(rows, i, "kind"));
    int64_t count = rows_int(rows, i, "count");

    view_text(row, "count_label", todo->label);
    view_text(row, "count", count >= MOST_COUNTED ? "500以上" : db_int(c->arena, count));
    view_flag(row, "open", count > 0);
    view_text(row, "oldest", rows_text(rows, i, "oldest"));
    view_text(row, "list_path",
              todo->path != NULL ? todo->path : text_format(c->arena, "/todo/%s", todo->name));
}

/* What is to be done first, what is done behind it. */
static void
fill_counts(struct context *c, struct view *view, const struct rows *rows)
{
    view_flag(view, "has_counts", rows_count(rows) > 0);
    view_list(view, "counts");
    for (int done = 0; done <= 1; done++)
        for (size_t i = 0; i < rows_count(rows); i++)
            if ((rows_int(rows, i, "count") == 0) == done)
                fill_count(c, view_row(view, "counts"), rows, i);
}

/* A count that is no thing to do with a patient. */
static void
add_count(struct context *c, struct view *view, const char *label, int64_t count, const char *path)
{
    struct view *row = view_row(view, "counts");

    view_text(row, "count_label", label);
    view_text(row, "count", count >= MOST_COUNTED ? "500以上" : db_int(c->arena, count));
    view_flag(row, "open", count > 0);
    view_text(row, "oldest", "");
    view_text(row, "list_path", path);
}

/* Counts that a statement gives as the columns of one row. */
struct column_count {
    const char *column, *label, *path;
};

/* The contacts of a centre: whom nobody has reached, and whose observation ends. Those who are observed: whom to ring. */
static const struct column_count contact_counts[] = {
    {"unreached", "未連絡の接触者", "/contacts"}, {"ending", "観察終了日の接触者", "/contacts?show=ending"}, {0}};
static const struct column_count follow_counts[] = {
    {"urgent", "健康観察：急ぎ", "/follow/urgent"},
    {"silent", "健康観察：まだ答えがない方", "/follow/silent"},
    {"ending", "健康観察：きょう終わる方", "/follow/ending"},
    {0},
};

/* 公表との差: inquiries to answer, answers to read. */
static const struct column_count inquiry_counts[] = {
    {"to_answer", "公表との差：照会への回答", "/figures/inquiries"}, {"to_read", "公表との差：届いた回答", "/figures/inquiries"}, {0}};

/* What the last comparison of the figures with the records found. */
static const struct column_count checked_counts[] = {{"differing", "記録と合わない数値", "/figures/editions"}, {0}};

static void
fill_columns(struct context *c, struct view *view, const struct column_count *kinds, const struct rows *rows)
{
    view_flag(view, "has_counts", true);
    for (; kinds->column != NULL; kinds++)
        add_count(c, view, kinds->label, rows_int(rows, 0, kinds->column), kinds->path);
}

void
today_show(struct context *c)
{
    struct view *view = page_view(c, "今日");
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *organisation = db_int(c->arena, c->session.organisation_id);

    unsigned counts = DB_ADD(batch, SQL_todo_counts, organisation, kinds_here(c));
    unsigned list = DB_ADD(batch, SQL_worklist, organisation, NULL, LIST_LAST,
                           db_bool(list_view_past(c)), db_int(c->arena, NEWEST));
    unsigned drafts = DB_ADD(batch, SQL_draft_list, db_int(c->arena, c->session.account_id));
    unsigned until = DB_ADD(batch, SQL_past_until);
    unsigned contacts = DB_ADD(batch, SQL_contact_counts, organisation,
                               date_iso(c->arena, date_today()));
    unsigned follow = DB_ADD(batch, SQL_follow_counts, organisation, db_int(c->arena, MOST_COUNTED));
    unsigned undelivered = DB_ADD(batch, SQL_undelivered_count,
                                  c->session.kind == KIND_ministry ? NULL : organisation);
    unsigned inquiries = DB_ADD(batch, SQL_inquiry_counts);
    unsigned checked = c->session.kind == KIND_ministry ? DB_ADD(batch, SQL_edition_checked) : 0; /* for who publishes */
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
    size_t waiting = rows_count(db_rows(batch, drafts));
    view_text(view, "drafts", waiting == 0 ? "" : db_int(c->arena, (int64_t)waiting));
    view_flag(view, "may_notify",
              c->session.kind == KIND_clinic || c->session.kind == KIND_centre);
    fill_counts(c, view, db_rows(batch, counts));
    if (c->session.kind == KIND_centre)
        fill_columns(c, view, contact_counts, db_rows(batch, contacts));
    if (c->session.kind == KIND_centre || rows_int(db_rows(batch, follow), 0, "later") > 0 ||
        rows_int(db_rows(batch, follow), 0, "ending") > 0)
        fill_columns(c, view, follow_counts, db_rows(batch, follow));
    if ((AREA_OFFICES & 1u << c->session.kind) != 0) {
        view_flag(view, "has_counts", true);
        add_count(c, view, "送れなかった連絡", rows_int(db_rows(batch, undelivered), 0, "count"), "/undelivered");
        fill_columns(c, view, inquiry_counts, db_rows(batch, inquiries));
    }
    if (c->session.kind == KIND_ministry)
        fill_columns(c, view, checked_counts, db_rows(batch, checked));
    list_view_past_switch(c, view, rows_at(db_rows(batch, until), 0, 0));
    list_view_fill(c, view, db_rows(batch, list), "最近の届出", "届出", "まだ届出はありません。");
    view_flag(view, "has_more", rows_count(db_rows(batch, list)) == NEWEST);
    page_send(c, TEMPLATE_today, view);
}
