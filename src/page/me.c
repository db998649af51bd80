/* me.c - one's own account: second steps, recovery codes, password, devices, sign-ins. */
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "core/webauthn.h"
#include "page/door.h"
#include "page/handlers.h"

/* What a page of /me shows beyond the stored state. */
struct showing {
    const char *problem, *sent_to;
    const char **codes; /* ten fresh recovery codes, or NULL */
};

static const char *
method_label(const char *method)
{
    static const char *const labels[][2] = {{"sms", "SMS"},           {"totp", "認証アプリ"},
                                            {"passkey", "パスキー"},  {"recovery", "回復コード"},
                                            {"password", "パスワード"}};

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (text_same(labels[i][0], method))
            return labels[i][1];
    return method;
}

/* Copies the columns of each row into a row of the list `name`. */
static void
fill_list(struct context *c, struct view *view, const char *name, const struct rows *rows)
{
    view_list(view, name);
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, name);
        for (size_t column = 0; column < rows_columns(rows); column++) {
            const char *key = rows_column_name(rows, column), *value = rows_at(rows, i, column);
            if (strcmp(key, "method") == 0)
                value = method_label(value);
            if (strcmp(key, "outcome") == 0)
                value = text_same(value, "ok") ? "成功" : "失敗";
            if (strcmp(key, "here") == 0)
                view_flag(row, key, text_same(value, "t"));
            else
                view_text(row, key, value);
            if (strcmp(key, "phone") == 0)
                view_text(row, "phone_shown", jtext_phone_shown(c->arena, value));
        }
    }
}

static void
fill_second_steps(struct context *c, struct view *view, const struct db_batch *batch)
{
    const struct rows *totp = db_rows(batch, 2), *recovery = db_rows(batch, 3);

    fill_list(c, view, "phones", db_rows(batch, 0));
    fill_list(c, view, "passkeys", db_rows(batch, 1));
    view_text(view, "totp_since", rows_count(totp) == 0 ? "" : rows_text(totp, 0, "since"));
    view_flag(view, "has_codes", rows_int(recovery, 0, "total") > 0);
    view_int(view, "codes_left", rows_int(recovery, 0, "left"));
    view_text(view, "user_handle",
              crypt_base64url(c->arena, c->session.login, strlen(c->session.login)));
}

static void
show(struct context *c, struct showing showing)
{
    struct door door = door_of(c);
    struct view *view = page_view(c, "自分のアカウント");
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *id = db_int(c->arena, c->session.account_id), *challenge;

    DB_ADD(batch, SQL_own_phones, id);
    DB_ADD(batch, SQL_own_passkeys, id);
    DB_ADD(batch, SQL_own_totp, id);
    DB_ADD(batch, SQL_own_recovery, id);
    unsigned sessions =
        DB_ADD(batch, SQL_own_sessions, id, crypt_sha256(c->arena, c->session.token));
    unsigned devices = DB_ADD(batch, SQL_own_devices, id);
    unsigned events = DB_ADD(batch, SQL_own_events, id);
    enum db_status status = db_run(batch);
    if (status != DB_OK ||
        sign_in_challenge(&door, c->session.token, "passkey", &challenge) != SIGN_IN_OK ||
        door_offer_totp(c, c->session.token, c->session.login, view) != 0) {
        page_database_failed(c, status == DB_OK ? DB_LOST : status);
        return;
    }
    fill_second_steps(c, view, batch);
    fill_list(c, view, "sessions", db_rows(batch, sessions));
    fill_list(c, view, "devices", db_rows(batch, devices));
    fill_list(c, view, "events", db_rows(batch, events));
    view_text(view, "problem", showing.problem);
    view_text(view, "sent_to", showing.sent_to);
    view_text(view, "login", c->session.login);
    view_format(view, "role", "%s%s", c->session.doctor ? "医師" : "職員",
                c->session.issuer ? "・利用者認証実施者" : "");
    view_text(view, "challenge", challenge);
    view_text(view, "host", webauthn_host(c->arena, c->app->conf.address));
    view_text(view, "device_label", door.device_label);
    view_flag(view, "new_codes", showing.codes != NULL);
    for (int i = 0; showing.codes != NULL && i < 10; i++)
        view_text(view_row(view, "codes"), "recovery_code", showing.codes[i]);
    page_send(c, TEMPLATE_me, view);
}

void
me_show(struct context *c)
{
    show(c, (struct showing){0});
}

/* True when the form's `old` is the account's password; otherwise the page has been shown again with what is wrong. */
static bool
confirmed(struct context *c)
{
    struct door door = door_of(c);
    int seconds = 0;
    enum sign_in_result result =
        sign_in_confirm_password(&door, c->session.token, c->session.account_id,
                                 request_value(c->request, "old"), &seconds);

    if (result != SIGN_IN_OK)
        show(c, (struct showing){.problem = result == SIGN_IN_WRONG
                                                ? "いまのパスワードが正しくありません。"
                                                : door_problem(c, result, seconds)});
    return result == SIGN_IN_OK;
}

/* Runs one statement of the own account with its entry in the trail, then goes back with a notice. */
static void
change(struct context *c, enum sql statement, const char *value, const char *action,
       const char *notice)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *id = db_int(c->arena, c->session.account_id);
    const char *const parameters[] = {id, value};

    db_add_array(batch, statement, (size_t)sql_table[statement].parameters, parameters);
    DB_ADD(batch, SQL_audit_append, action, "allowed", NULL, NULL, "");
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        page_redirect_with(c, "/me", notice);
}

void
me_phone_post(struct context *c)
{
    struct door door = door_of(c);
    const char *phone = jtext_mobile_digits(c->arena, request_value(c->request, "phone"));

    if (phone == NULL) {
        show(c, (struct showing){
                    .problem = "SMSを受け取れる携帯電話番号（11桁）を入れてください。"});
        return;
    }
    if (!confirmed(c))
        return;
    enum sign_in_result result = sign_in_send_code(
        &door, c->session.token, "phone", db_int(c->arena, c->session.account_id), phone);
    show(c, (struct showing){.problem = door_problem(c, result, 0),
                             .sent_to = result == SIGN_IN_OK ? jtext_phone_shown(c->arena, phone)
                                                             : NULL});
}

void
me_phone_confirm_post(struct context *c)
{
    struct door door = door_of(c);
    const char *phone = NULL;
    int seconds = 0;

    enum sign_in_result result =
        sign_in_check_code(&door, c->session.token, "phone", c->session.account_id,
                           request_value(c->request, "code"), &phone, &seconds);
    if (result == SIGN_IN_OK)
        change(c, SQL_phone_save, phone, "phone_add", "phone_added");
    else
        show(c, (struct showing){.problem = door_problem(c, result, seconds),
                                 .sent_to = "携帯電話"});
}

/* True when the account has only one thing to show as its second step. */
static bool
has_one_second_step(struct context *c)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *id = db_int(c->arena, c->session.account_id);

    unsigned phones = DB_ADD(batch, SQL_own_phones, id);
    unsigned passkeys = DB_ADD(batch, SQL_own_passkeys, id);
    unsigned totp = DB_ADD(batch, SQL_own_totp, id);
    if (db_run(batch) != DB_OK)
        return true;
    size_t all = rows_count(db_rows(batch, phones)) + rows_count(db_rows(batch, passkeys)) +
                 rows_count(db_rows(batch, totp));
    return all <= 1;
}

static void
delete_second_step(struct context *c, enum sql statement, const char *value, const char *action,
                   const char *notice)
{
    if (has_one_second_step(c))
        show(c, (struct showing){
                    .problem = "確認方法が1つもなくなるため、削除できません。先に別の方法を登録してください。"});
    else
        change(c, statement, value, action, notice);
}

void
me_phone_delete_post(struct context *c)
{
    delete_second_step(c, SQL_phone_delete, request_value(c->request, "phone"), "phone_delete",
                       "phone_deleted");
}

void
me_totp_post(struct context *c)
{
    if (!confirmed(c))
        return;
    enum sign_in_result result = door_accept_totp(c, c->session.token, c->session.account_id,
                                                  request_value(c->request, "code"));
    if (result == SIGN_IN_OK)
        page_redirect_with(c, "/me", "totp_added");
    else
        show(c, (struct showing){.problem = door_problem(c, result, 0)});
}

void
me_totp_delete_post(struct context *c)
{
    delete_second_step(c, SQL_totp_delete, NULL, "totp_delete", "totp_deleted");
}

void
me_passkey_post(struct context *c)
{
    enum db_status status;
    struct passkey passkey;
    const char *hash = crypt_sha256(c->arena, c->session.token);
    const char *label = text_trim(c->arena, request_value(c->request, "label"));

    if (!confirmed(c))
        return;
    const struct rows *proof =
        DB_ONE(c->db, c->arena, NULL, &status, SQL_proof_find, hash, "passkey");

    if (proof == NULL) {
        page_database_failed(c, status);
        return;
    }
    if (rows_count(proof) == 0 ||
        webauthn_register(c->arena, c->app->conf.address, rows_text(proof, 0, "secret"),
                          request_value(c->request, "client_data"),
                          request_value(c->request, "attestation"), &passkey) != 0) {
        show(c, (struct showing){.problem = "パスキーを登録できませんでした。もう一度お試しください。"});
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_proof_take, hash, "passkey", rows_text(proof, 0, "secret"));
    DB_ADD(batch, SQL_passkey_save, db_int(c->arena, c->session.account_id), passkey.credential_id,
           passkey.public_key, db_int(c->arena, passkey.sign_count),
           label[0] == '\0' ? "パスキー" : label);
    DB_ADD(batch, SQL_audit_append, "passkey_add", "allowed", NULL, NULL, "");
    status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        page_redirect_with(c, "/me", "passkey_added");
}

void
me_passkey_delete_post(struct context *c)
{
    delete_second_step(c, SQL_passkey_delete, request_value(c->request, "credential"),
                       "passkey_delete", "passkey_deleted");
}

void
me_recovery_post(struct context *c)
{
    struct door door = door_of(c);
    const char *codes[10];

    if (!confirmed(c))
        return;
    if (sign_in_recovery_codes(&door, c->session.token, c->session.account_id, codes) != SIGN_IN_OK)
        page_database_failed(c, DB_LOST);
    else
        show(c, (struct showing){.codes = codes});
}

void
me_password_post(struct context *c)
{
    struct door door = door_of(c);
    const char *problem = door_new_password_problem(c, c->session.login, c->session.holder,
                                                    c->session.organisation_name);

    if (problem != NULL) {
        show(c, (struct showing){.problem = problem});
        return;
    }
    if (!confirmed(c))
        return;
    if (sign_in_change_password(&door, c->session.token, c->session.account_id,
                                request_value(c->request, "password")) != SIGN_IN_OK)
        page_database_failed(c, DB_LOST);
    else
        page_redirect_with(c, "/me", "password_changed");
}

void
me_sign_out_others_post(struct context *c)
{
    change(c, SQL_session_end_others, crypt_sha256(c->arena, c->session.token), "sign_out_others",
           "signed_out_others");
}
