/* accounts.c - the list of the accounts that one issues (アカウント), and issuing a new one. */
#include "base/text.h"
#include "core/account.h"
#include "page/area.h"
#include "page/simple_form.h"
#include "page/handlers.h"

enum { PAGE_ROWS = 50 }; /* the statement fetches one more, to know whether there is a next page */

/* ---- the list ------------------------------------------------------------------------------------------------------ */

/* Address of the list with its filters; each part may be "". */
static const char *
list_path(struct context *c, const char *organisation, bool unused, const char *after)
{
    return text_format(c->arena, "/accounts?unused=%s%s%s%s%s", unused ? "1" : "",
                       organisation[0] == '\0' ? "" : "&organisation=", organisation,
                       after[0] == '\0' ? "" : "&after=", after);
}

static void
fill_state(struct view *row, const struct rows *rows, size_t i)
{
    static const struct {
        const char *column, *label, *css;
    } states[] = {
        {"closed", "機関が閉鎖済み", "bad"},
        {"suspended", "停止中", "bad"},
        {"expired", "初期パスワードの期限切れ", "warn"},
        {"waiting", "初回サインイン待ち", "plain"},
    };

    view_text(row, "state", "利用中");
    view_text(row, "state_css", "good");
    for (size_t s = sizeof states / sizeof *states; s-- > 0;)
        if (rows_bool(rows, i, states[s].column)) {
            view_text(row, "state", states[s].label);
            view_text(row, "state_css", states[s].css);
        }
}

static void
fill_account(struct view *row, const struct rows *rows, size_t i)
{
    const char *used = rows_text(rows, i, "last_used");

    view_format(row, "account_path", "/accounts/%s", rows_text(rows, i, "account_id"));
    view_text(row, "account_holder", rows_text(rows, i, "holder"));
    view_text(row, "organisation", rows_text(rows, i, "organisation"));
    view_text(row, "code", rows_text(rows, i, "code"));
    view_text(row, "login", rows_text(rows, i, "login"));
    view_text(row, "personal", rows_bool(rows, i, "personal") ? "個人" : "部署");
    view_text(row, "role", text_same(rows_text(rows, i, "role"), "doctor") ? "医師" : "職員");
    view_flag(row, "issuer", rows_bool(rows, i, "issuer"));
    view_text(row, "last_used", used == NULL ? "まだ使われていません" : used);
    fill_state(row, rows, i);
}

void
accounts_show(struct context *c)
{
    const char *organisation = request_query(c->request, "organisation");
    const char *after = request_query(c->request, "after");
    bool unused = request_query(c->request, "unused")[0] == '1', one = organisation[0] != '\0';
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    organisation = one ? area_id(c, organisation) : "";
    unsigned list = DB_ADD(batch, SQL_account_list, area_mine(c), one ? organisation : NULL,
                           db_bool(unused), after[0] == '\0' ? NULL : area_id(c, after));
    unsigned chosen = DB_ADD(batch, SQL_organisation_in_area, area_mine(c), one ? organisation : "0");
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, list), *organisations = db_rows(batch, chosen);
    if (one && rows_count(organisations) == 0) {
        area_refuse(c, "account_list", text_format(c->arena, "organisation %s", organisation));
        return;
    }
    struct view *view = page_view(c, "アカウント");
    size_t count = rows_count(rows), shown = count < PAGE_ROWS ? count : PAGE_ROWS;
    view_list(view, "accounts");
    for (size_t i = 0; i < shown; i++)
        fill_account(view_row(view, "accounts"), rows, i);
    view_text(view, "total", count == 0 ? "0" : rows_text(rows, 0, "total"));
    view_text(view, "only_organisation", one ? rows_text(organisations, 0, "name") : "");
    view_flag(view, "unused", unused);
    view_flag(view, "continued", after[0] != '\0');
    view_flag(view, "has_organisations", (AREA_OFFICES & 1u << c->session.kind) != 0);
    view_text(view, "all_path", list_path(c, organisation, false, ""));
    view_text(view, "unused_path", list_path(c, organisation, true, ""));
    view_text(view, "first_path", list_path(c, organisation, unused, ""));
    view_flag(view, "more", count > PAGE_ROWS);
    if (count > PAGE_ROWS)
        view_text(view, "next_path", list_path(c, organisation, unused,
                                               rows_text(rows, PAGE_ROWS - 1, "account_id")));
    view_format(view, "new_path", "/accounts/new?organisation=%s", one ? organisation : area_mine(c));
    page_send(c, TEMPLATE_accounts, view);
}

/* ---- a new account ------------------------------------------------------------------------------------------------- */

enum new_field { NEW_holder, NEW_personal, NEW_role, NEW_issuer, NEW_login, NEW_email, NEW_COUNT };

static const struct field_option owners[] = {
    {"person", "個人（担当者の氏名）"}, {"section", "部署（△△課１ など）"}, {NULL, NULL}};
static const struct field_option roles[] = {{"doctor", "医師"}, {"staff", "職員"}, {NULL, NULL}};

static const struct field new_fields[NEW_COUNT] = {
    [NEW_holder] = {.name = "holder", .label = "名前・部署", .required = true, .max = 60,
                    .hint = "使う人の氏名、または「△△課１」「××病棟２」のような部署の名前"},
    [NEW_personal] = {.name = "personal", .label = "使う人", .kind = FIELD_RADIO, .required = true,
                      .options = owners},
    [NEW_role] = {.name = "role", .label = "役割", .kind = FIELD_RADIO, .required = true, .options = roles},
    [NEW_issuer] = {.name = "issuer", .label = "利用者認証実施者にする", .kind = FIELD_CHECK,
                    .hint = "その機関のIDの発行・停止・再発行を任せるときに選びます"},
    [NEW_login] = {.name = "login", .label = "ユーザーID", .required = true, .max = 40,
                   .hint = "候補を入れてあります。半角の英小文字・数字・「-」「.」「_」で、3～40文字に変えられます",
                   .read = account_login,
                   .unreadable = "ユーザーIDは、半角の英小文字・数字・「-」「.」「_」で3～40文字にしてください。"},
    [NEW_email] = {.name = "email", .label = "メールアドレス", .type = "email", .max = 254,
                   .hint = "届出が届いたことなどのお知らせを受け取るアドレス（なくてもかまいません）",
                   .read = simple_form_email, .unreadable = "メールアドレスの形になっていません。"},
};

/* Hides what this organisation cannot have. */
static void
limit_fields(const struct rows *target, struct answer answers[])
{
    answers[NEW_issuer].hidden = !text_same(rows_text(target, 0, "issuer_flag"), "may");
    answers[NEW_personal].hidden = !rows_bool(target, 0, "section_accounts");
}

static void
show_new(struct context *c, const struct rows *target, const struct answer answers[])
{
    struct view *view = page_view(c, "IDを発行する");

    view_text(view, "target", rows_text(target, 0, "name"));
    view_text(view, "organisation", rows_text(target, 0, "organisation_id"));
    view_flag(view, "personal_only", !rows_bool(target, 0, "section_accounts"));
    view_flag(view, "issuer_only", text_same(rows_text(target, 0, "issuer_flag"), "must"));
    view_flag(view, "has_organisations", (AREA_OFFICES & 1u << c->session.kind) != 0);
    simple_form_fill(view, NEW_COUNT, new_fields, answers);
    page_send(c, TEMPLATE_account_new, view);
}

/* True when accounts may be added to the organisation that was asked for; otherwise it has been answered. */
static bool
may_add(struct context *c, const struct rows *target, const char *organisation)
{
    if (rows_count(target) == 0) {
        area_refuse(c, "account_issue", text_format(c->arena, "organisation %s", organisation));
        return false;
    }
    if (rows_bool(target, 0, "closed")) {
        page_conflict(c, "閉鎖された機関です",
                      "閉鎖された機関のIDは発行できません。必要なときは、機関の画面で閉鎖を取り消してください。");
        return false;
    }
    return true;
}

void
account_new_show(struct context *c)
{
    enum db_status status;
    struct answer answers[NEW_COUNT] = {0};
    const char *asked = request_query(c->request, "organisation");
    const char *organisation = asked[0] == '\0' ? area_mine(c) : area_id(c, asked);
    const struct rows *target = DB_ONE(c->db, c->arena, c->session.token, &status,
                                       SQL_account_target, area_mine(c), organisation);

    if (target == NULL) {
        page_database_failed(c, status);
        return;
    }
    if (!may_add(c, target, organisation))
        return;
    limit_fields(target, answers);
    simple_form_start(&answers[NEW_personal], "person");
    simple_form_start(&answers[NEW_login], rows_text(target, 0, "login"));
    show_new(c, target, answers);
}

/* The form came twice: the account is there, and its letter is the answer. Otherwise the login is another's. */
static void
login_taken(struct context *c, const struct rows *target, struct answer answers[])
{
    enum db_status status;
    const struct rows *same =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_account_repeated,
               answers[NEW_login].value, db_int(c->arena, c->session.account_id),
               rows_text(target, 0, "organisation_id"), answers[NEW_holder].value);

    if (same == NULL) {
        page_database_failed(c, status);
    } else if (rows_count(same) == 1) {
        page_redirect_with(
            c, text_format(c->arena, "/accounts/%s/letter", rows_text(same, 0, "account_id")),
            "issued");
    } else {
        answers[NEW_login].problem =
            text_format(c->arena, "このユーザーIDはすでに使われています。「%s」なら使えます。",
                        rows_text(target, 0, "login"));
        show_new(c, target, answers);
    }
}

static void
issue(struct context *c, const struct rows *target, int64_t number, struct answer answers[])
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *organisation = rows_text(target, 0, "organisation_id");
    const char *id = db_int(c->arena, number), *me = db_int(c->arena, c->session.account_id);
    bool must = text_same(rows_text(target, 0, "issuer_flag"), "must");
    bool issuer = must || answers[NEW_issuer].value[0] == '1';
    bool personal = !text_same(answers[NEW_personal].value, "section");
    struct account_secret secret = account_secret_new(c->arena, &c->app->keys, number);

    DB_ADD(batch, SQL_issuing_require, organisation);
    DB_ADD(batch, SQL_account_insert, id, organisation, answers[NEW_login].value,
           answers[NEW_holder].value, db_bool(personal), answers[NEW_role].value, db_bool(issuer),
           answers[NEW_email].value, secret.hash, me);
    DB_ADD(batch, SQL_letter_save, id, secret.sealed);
    DB_ADD(batch, SQL_audit_append, "account_issue", "allowed", NULL, NULL,
           text_format(c->arena, "account %s organisation %s", id, organisation));
    enum db_status status = db_run(batch);
    if (status == DB_DUPLICATE)
        login_taken(c, target, answers);
    else if (status != DB_OK)
        page_database_failed(c, status);
    else
        page_redirect_with(c, text_format(c->arena, "/accounts/%s/letter", id), "issued");
}

void
account_new_post(struct context *c)
{
    struct answer answers[NEW_COUNT] = {0};
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *organisation = area_id(c, request_value(c->request, "organisation"));

    unsigned found = DB_ADD(batch, SQL_account_target, area_mine(c), organisation);
    unsigned number = DB_ADD(batch, SQL_account_number);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *target = db_rows(batch, found);
    if (!may_add(c, target, organisation))
        return;
    limit_fields(target, answers);
    if (simple_form_read(c, NEW_COUNT, new_fields, answers) > 0)
        show_new(c, target, answers);
    else
        issue(c, target, rows_int(db_rows(batch, number), 0, "account_id"), answers);
}
