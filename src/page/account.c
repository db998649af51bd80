/* account.c - one account: its particulars, a new initial password, suspending, handing over the issuing of accounts. */
#include "core/account.h"

#include "base/text.h"
#include "page/area.h"
#include "page/simple_form.h"
#include "page/handlers.h"

enum edit_field { EDIT_holder, EDIT_role, EDIT_email, EDIT_COUNT };

static const struct field_option roles[] = {{"doctor", "医師"}, {"staff", "職員"}, {NULL, NULL}};

static const struct field edit_fields[EDIT_COUNT] = {
    [EDIT_holder] = {.name = "holder", .label = "名前・部署", .required = true, .max = 60},
    [EDIT_role] = {.name = "role", .label = "役割", .kind = FIELD_RADIO, .required = true, .options = roles,
                   .hint = "変えると、この方は一度サインアウトされます"},
    [EDIT_email] = {.name = "email", .label = "メールアドレス", .type = "email", .max = 254,
                    .read = simple_form_email, .unreadable = "メールアドレスの形になっていません。"},
};

/* The account of the path with who could succeed it, and whether this session may have to do with it. */
struct found {
    const char *id, *what; /* "12", "account 12" */
    const struct rows *account, *successors;
    bool own; /* the session's own account */
};

/* False when it has been answered already: outside the area, or the database failed. */
static bool
find(struct context *c, const char *action, struct found *found)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    found->id = area_path_id(c, 1);
    found->what = text_format(c->arena, "account %s", found->id);
    found->own = text_same(found->id, db_int(c->arena, c->session.account_id));
    unsigned account = DB_ADD(batch, SQL_account_find, area_mine(c), found->id);
    unsigned successors = DB_ADD(batch, SQL_account_successors, found->id);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return false;
    }
    found->account = db_rows(batch, account);
    found->successors = db_rows(batch, successors);
    if (rows_count(found->account) == 0)
        area_refuse(c, action, found->what);
    return rows_count(found->account) == 1;
}

static const char *
account_path(struct context *c, const struct found *found)
{
    return text_format(c->arena, "/accounts/%s", found->id);
}

/* A batch that begins by demanding the right to the account. */
static struct db_batch *
change_of(struct context *c, const struct found *found)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    DB_ADD(batch, SQL_account_require, found->id);
    return batch;
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static void
fill_facts(struct view *view, const struct rows *a)
{
    const char *used = rows_text(a, 0, "last_used"), *until = rows_text(a, 0, "password_until");

    view_text(view, "login", rows_text(a, 0, "login"));
    view_text(view, "account_holder", rows_text(a, 0, "holder"));
    view_text(view, "organisation", rows_text(a, 0, "organisation"));
    view_text(view, "personal", rows_bool(a, 0, "personal") ? "個人" : "部署");
    view_text(view, "role", text_same(rows_text(a, 0, "role"), "doctor") ? "医師" : "職員");
    view_text(view, "created", rows_text(a, 0, "created"));
    view_text(view, "last_used", used == NULL ? "まだ使われていません" : used);
    view_flag(view, "issuer", rows_bool(a, 0, "issuer"));
    view_flag(view, "suspended", rows_bool(a, 0, "suspended"));
    view_flag(view, "closed", rows_bool(a, 0, "closed"));
    view_flag(view, "waiting", rows_bool(a, 0, "waiting"));
    view_flag(view, "expired", rows_bool(a, 0, "expired"));
    view_text(view, "password_until", until);
    view_text(view, "printable_until", rows_text(a, 0, "printable_until"));
}

static void
show(struct context *c, const struct found *found, const struct answer answers[])
{
    struct view *view = page_view(c, "アカウントの内容");
    const struct rows *a = found->account;
    bool hands_over = rows_bool(a, 0, "issuer") && !text_same(rows_text(a, 0, "relation"), "first");

    fill_facts(view, a);
    view_flag(view, "own", found->own);
    view_text(view, "account_path", account_path(c, found));
    view_flag(view, "hands_over", hands_over && rows_count(found->successors) > 0);
    view_flag(view, "alone", hands_over && rows_count(found->successors) == 0);
    view_list(view, "successors");
    for (size_t i = 0; hands_over && i < rows_count(found->successors); i++) {
        struct view *row = view_row(view, "successors");
        view_text(row, "successor_id", rows_text(found->successors, i, "account_id"));
        view_text(row, "successor_holder", rows_text(found->successors, i, "holder"));
        view_text(row, "successor_login", rows_text(found->successors, i, "login"));
    }
    simple_form_fill(view, EDIT_COUNT, edit_fields, answers);
    page_send(c, TEMPLATE_account, view);
}

void
account_show(struct context *c)
{
    struct found found;
    struct answer answers[EDIT_COUNT] = {0};

    if (!find(c, "account_show", &found))
        return;
    simple_form_start(&answers[EDIT_holder], rows_text(found.account, 0, "holder"));
    simple_form_start(&answers[EDIT_role], rows_text(found.account, 0, "role"));
    simple_form_start(&answers[EDIT_email], rows_text(found.account, 0, "email"));
    show(c, &found, answers);
}

/* ---- changes ------------------------------------------------------------------------------------------------------- */

void
account_post(struct context *c)
{
    struct found found;
    struct answer answers[EDIT_COUNT] = {0};

    if (!find(c, "account_save", &found))
        return;
    if (simple_form_read(c, EDIT_COUNT, edit_fields, answers) > 0) {
        show(c, &found, answers);
        return;
    }
    struct db_batch *batch = change_of(c, &found);
    const char *role = answers[EDIT_role].value;
    DB_ADD(batch, SQL_account_save, found.id, answers[EDIT_holder].value, role,
           answers[EDIT_email].value);
    /* A session carries the role with which it began. */
    if (!text_same(role, rows_text(found.account, 0, "role")))
        DB_ADD(batch, SQL_session_end_others, found.id, "");
    area_finish(c, batch, "account_save", found.what, account_path(c, &found), "saved");
}

/* Says no, when it is one's own account: its password changes on /me, and nobody else might be there to undo the rest. */
static bool
own_refused(struct context *c, const struct found *found)
{
    if (found->own)
        page_conflict(c, "自分のアカウントにはできません",
                      "自分のパスワードは「自分のアカウント」で変えられます。使わなくなるときは、先に利用者認証実施者を"
                      "引き継ぎ、新しい実施者に停止を依頼してください。");
    return found->own;
}

void
account_reset_post(struct context *c)
{
    struct found found;

    if (!find(c, "account_reset", &found) || own_refused(c, &found))
        return;
    if (rows_bool(found.account, 0, "suspended") || rows_bool(found.account, 0, "closed")) {
        page_conflict(c, "停止中のアカウントです",
                      "停止中のアカウントには、初期パスワードを再発行できません。先に停止を解除してください。");
        return;
    }
    struct db_batch *batch = change_of(c, &found);
    account_add_reset(batch, c->arena, &c->app->keys, rows_int(found.account, 0, "account_id"));
    area_finish(c, batch, "account_reset", found.what,
                text_format(c->arena, "%s/letter", account_path(c, &found)), "password_reset");
}

void
account_suspend_post(struct context *c)
{
    struct found found;

    if (!find(c, "account_suspend", &found) || own_refused(c, &found))
        return;
    struct db_batch *batch = change_of(c, &found);
    DB_ADD(batch, SQL_account_suspend, found.id);
    DB_ADD(batch, SQL_session_end_others, found.id, "");
    area_finish(c, batch, "account_suspend", found.what, account_path(c, &found), "suspended");
}

void
account_resume_post(struct context *c)
{
    struct found found;

    if (!find(c, "account_resume", &found))
        return;
    struct db_batch *batch = change_of(c, &found);
    DB_ADD(batch, SQL_account_resume, found.id);
    area_finish(c, batch, "account_resume", found.what, account_path(c, &found), "resumed");
}

static bool
is_successor(const struct found *found, const char *id)
{
    for (size_t i = 0; i < rows_count(found->successors); i++)
        if (text_same(rows_text(found->successors, i, "account_id"), id))
            return true;
    return false;
}

void
account_hand_over_post(struct context *c)
{
    struct found found;
    const char *to = area_id(c, request_value(c->request, "to"));

    if (!find(c, "issuer_hand_over", &found))
        return;
    const char *what = text_format(c->arena, "%s to %s", found.what, to);
    if (!rows_bool(found.account, 0, "issuer") ||
        text_same(rows_text(found.account, 0, "relation"), "first") || !is_successor(&found, to)) {
        area_refuse(c, "issuer_hand_over", what);
        return;
    }
    struct db_batch *batch = change_of(c, &found);
    DB_ADD(batch, SQL_issuer_hand_over, found.id, to);
    DB_ADD(batch, SQL_issuer_sessions_end, found.id);
    DB_ADD(batch, SQL_session_end_others, to, "");
    /* Whoever has given the right away cannot go back to this page. */
    area_finish(c, batch, "issuer_hand_over", what, found.own ? "/me" : account_path(c, &found),
                "handed_over");
}
