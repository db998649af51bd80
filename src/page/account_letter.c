/* account_letter.c - printing the letter with an initial password (src/exchange/letter.h): once, within a day. */
#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"
#include "core/account.h"
#include "exchange/letter.h"
#include "page/area.h"
#include "page/handlers.h"

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

/* The account of the path when it lies in the area; otherwise it has been answered, and the result is NULL. */
static const struct rows *
find(struct context *c)
{
    enum db_status status;
    const char *id = area_path_id(c, 1);
    const struct rows *account =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_account_find, area_mine(c), id);

    if (account == NULL)
        page_database_failed(c, status);
    else if (rows_count(account) == 0)
        area_refuse(c, "letter_print", text_format(c->arena, "account %s", id));
    return account != NULL && rows_count(account) == 1 ? account : NULL;
}

static void
show(struct context *c, const struct rows *account)
{
    struct view *view = page_view(c, "手紙を印刷する");
    const char *id = rows_text(account, 0, "account_id");

    view_format(view, "letter_path", "/accounts/%s/letter", id);
    view_format(view, "account_path", "/accounts/%s", id);
    view_text(view, "organisation", rows_text(account, 0, "organisation"));
    view_text(view, "account_holder", rows_text(account, 0, "holder"));
    view_text(view, "login", rows_text(account, 0, "login"));
    view_text(view, "password_until", rows_text(account, 0, "password_until"));
    view_text(view, "printable_until", rows_text(account, 0, "printable_until"));
    view_flag(view, "waiting", rows_bool(account, 0, "waiting"));
    page_send(c, TEMPLATE_account_letter, view);
}

void
account_letter_show(struct context *c)
{
    const struct rows *account = find(c);

    if (account != NULL)
        show(c, account);
}

static struct letter
letter_of(struct context *c, const struct rows *row, const char *password)
{
    const char *valid_until = or_empty(rows_text(row, 0, "valid_until"));
    bool doctor = text_same(rows_text(row, 0, "role"), "doctor");

    return (struct letter){
        .number = rows_int(row, 0, "account_id"),
        .printed = rows_text(row, 0, "printed"),
        .date = date_japanese(c->arena, date_from_iso(rows_text(row, 0, "today"))),
        .valid_until = date_japanese(c->arena, date_from_iso(valid_until)),
        .postal_code = or_empty(rows_text(row, 0, "postal_code")),
        .address = rows_text(row, 0, "address"),
        .organisation = rows_text(row, 0, "organisation"),
        .holder = rows_text(row, 0, "holder"),
        .role = text_format(c->arena, "%s%s", doctor ? "医師" : "職員",
                            rows_bool(row, 0, "issuer") ? "（利用者認証実施者）" : ""),
        .login = rows_text(row, 0, "login"),
        .password = password,
        .url = c->app->conf.address,
        .issuer_name = rows_text(row, 0, "issuer_name"),
        .issuer_phone = jtext_phone_shown(c->arena, rows_text(row, 0, "issuer_phone")),
    };
}

void
account_letter_post(struct context *c)
{
    const struct rows *account = find(c);

    if (account == NULL)
        return;
    if (rows_text(account, 0, "printable_until") == NULL) {
        show(c, account);
        return;
    }
    const char *id = rows_text(account, 0, "account_id");
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_account_require, id);
    unsigned printed = DB_ADD(batch, SQL_letter_print, id, area_mine(c));
    DB_ADD(batch, SQL_audit_append, "letter_print", "allowed", NULL, NULL,
           text_format(c->arena, "account %s", id));
    enum db_status status = db_run(batch);
    const struct rows *row = status == DB_OK ? db_rows(batch, printed) : NULL;
    const char *password =
        row == NULL || rows_count(row) == 0
            ? NULL
            : account_secret_open(c->arena, &c->app->keys, rows_int(row, 0, "account_id"),
                                  rows_text(row, 0, "sealed_password"));
    if (password == NULL) {
        page_database_failed(c, status == DB_OK ? DB_REFUSED : status);
        return;
    }
    struct letter letter = letter_of(c, row, password);
    struct buf pdf = letter_write(c->arena, &letter);
    response_file(c->response, "application/pdf", "HER-SYSのお知らせ.pdf", false, pdf.data, pdf.size);
}
