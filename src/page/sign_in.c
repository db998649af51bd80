/* sign_in.c - the screens from the ID to the session: password, second step, first enrolment, terms, sign-out. */
#include <stdlib.h>
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "core/webauthn.h"
#include "page/door.h"
#include "page/handlers.h"

static void
show_password(struct context *c, const char *login, const char *problem)
{
    struct view *view = page_view(c, "サインイン");

    view_text(view, "login", login);
    view_text(view, "problem", problem);
    view_flag(view, "expired", request_query(c->request, "expired")[0] != '\0');
    page_send(c, TEMPLATE_sign_in, view);
}

void
sign_in_show(struct context *c)
{
    if (c->session.token != NULL)
        response_redirect(c->response, "/");
    else
        show_password(c, "", "");
}

void
sign_in_post(struct context *c)
{
    const char *login = request_value(c->request, "login"), *token = NULL, *problem;
    struct door door = door_of(c);
    int seconds = 0;

    enum sign_in_result result = sign_in_password(&door, login, request_value(c->request, "password"),
                                                  &token, &seconds);
    switch (result) {
    case SIGN_IN_OK:
        response_cookie(c->response, SIGN_IN_COOKIE, token, 0);
        response_redirect(c->response, "/sign-in/second");
        return;
    case SIGN_IN_WRONG:
        problem = "ユーザーIDまたはパスワードが正しくありません。";
        break;
    case SIGN_IN_EXPIRED:
        problem = "初期パスワードの有効期限が切れています。利用者認証実施者に再発行を依頼してください。";
        break;
    default:
        problem = door_problem(c, result, seconds);
    }
    show_password(c, login, problem);
}

/* The person of step one, or a redirect back to it. */
static bool
find(struct context *c, struct sign_in *sign_in)
{
    struct door door = door_of(c);
    const char *token = request_cookie(c->request, "__Host-" SIGN_IN_COOKIE);
    enum sign_in_result result = sign_in_find(&door, token, sign_in);

    if (result == SIGN_IN_FAILED)
        page_database_failed(c, DB_LOST);
    else if (result != SIGN_IN_OK)
        response_redirect(c->response, "/sign-in");
    return result == SIGN_IN_OK;
}

/* Where a sign-in has to go next. */
static const char *
next_step(const struct sign_in *sign_in)
{
    if (sign_in->password_initial)
        return "/sign-in/password";
    return sign_in_has_second(sign_in) ? "/sign-in/second" : "/sign-in/enrol";
}

/* find, and the right page for where the sign-in stands; otherwise a redirect there. */
static bool
find_at(struct context *c, struct sign_in *sign_in, const char *page)
{
    if (!find(c, sign_in))
        return false;
    if (strcmp(next_step(sign_in), page) == 0)
        return true;
    response_redirect(c->response, next_step(sign_in));
    return false;
}

static void
finish(struct context *c, const struct sign_in *sign_in, const char *method)
{
    struct door door = door_of(c);
    const char *token = NULL;
    enum sign_in_result result = sign_in_finish(&door, sign_in, method, &token);

    if (result != SIGN_IN_OK) {
        show_password(c, sign_in->login, door_problem(c, result, 0));
        return;
    }
    response_cookie(c->response, SESSION_COOKIE, token, 0);
    response_cookie(c->response, SIGN_IN_COOKIE, "", -1);
    response_redirect(c->response, "/");
}

/* ---- the first password -------------------------------------------------------------------------------------------- */

static void
show_new_password(struct context *c, const struct sign_in *sign_in, const char *problem)
{
    struct view *view = page_view(c, "パスワードを決める");

    view_text(view, "login", sign_in->login);
    view_text(view, "problem", problem);
    page_send(c, TEMPLATE_sign_in_password, view);
}

void
sign_in_password_show(struct context *c)
{
    struct sign_in sign_in;

    if (find_at(c, &sign_in, "/sign-in/password"))
        show_new_password(c, &sign_in, "");
}

void
sign_in_password_post(struct context *c)
{
    struct sign_in sign_in;
    struct door door = door_of(c);
    const char *password = request_value(c->request, "password");
    enum db_status status;

    if (!find_at(c, &sign_in, "/sign-in/password"))
        return;
    const char *problem =
        door_new_password_problem(c, sign_in.login, sign_in.holder, sign_in.organisation_name);
    if (problem != NULL) {
        show_new_password(c, &sign_in, problem);
        return;
    }
    DB_ONE(c->db, c->arena, NULL, &status, SQL_password_save, db_int(c->arena, sign_in.account_id),
           crypt_password_hash(c->arena, door.keys, password));
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    sign_in.password_initial = false;
    response_redirect(c->response, next_step(&sign_in));
}

/* ---- the second step ----------------------------------------------------------------------------------------------- */

static void
show_second(struct context *c, const struct sign_in *sign_in, const char *problem,
            const char *sent_to)
{
    struct door door = door_of(c);
    struct view *view = page_view(c, "本人の確認");
    const char *challenge = "";

    view_text(view, "problem", problem);
    view_text(view, "sent_to", sent_to);
    view_text(view, "holder", sign_in->holder);
    view_text(view, "account_organisation", sign_in->organisation_name);
    view_flag(view, "totp", sign_in->totp);
    view_flag(view, "recovery", sign_in->recovery);
    view_flag(view, "has_phones", sign_in->phone_count > 0);
    for (size_t i = 0; i < sign_in->phone_count; i++) {
        struct view *row = view_row(view, "phones");
        view_int(row, "phone_index", (int64_t)i);
        view_text(row, "phone_masked", door_masked_phone(c->arena, sign_in->phones[i]));
    }
    if (sign_in->passkey_count > 0) {
        struct buf ids = buf_new(c->arena);
        for (size_t i = 0; i < sign_in->passkey_count; i++)
            buf_printf(&ids, "%s%s", i == 0 ? "" : " ", sign_in->passkeys[i]);
        if (sign_in_challenge(&door, sign_in->token, "assertion", &challenge) != SIGN_IN_OK) {
            page_database_failed(c, DB_LOST);
            return;
        }
        view_text(view, "passkey_ids", buf_text(&ids));
        view_text(view, "host", webauthn_host(c->arena, c->app->conf.address));
        view_text(view, "challenge", challenge);
    }
    page_send(c, TEMPLATE_sign_in_second, view);
}

void
sign_in_second_show(struct context *c)
{
    struct sign_in sign_in;

    if (find_at(c, &sign_in, "/sign-in/second"))
        show_second(c, &sign_in, "", "");
}

void
sign_in_send_post(struct context *c)
{
    struct sign_in sign_in;
    struct door door = door_of(c);
    int64_t index;

    if (!find_at(c, &sign_in, "/sign-in/second"))
        return;
    if (text_to_int(request_value(c->request, "phone"), 0, (int64_t)sign_in.phone_count - 1,
                    &index) != 0) {
        show_second(c, &sign_in, "番号を選んでください。", "");
        return;
    }
    const char *phone = sign_in.phones[index];
    enum sign_in_result result = sign_in_send_code(&door, sign_in.token, "second",
                                                   db_int(c->arena, sign_in.account_id), phone);
    show_second(c, &sign_in, door_problem(c, result, 0),
                result == SIGN_IN_OK ? door_masked_phone(c->arena, phone) : "");
}

/* Ends the sign-in, or shows the second step again with what went wrong. */
static void
conclude(struct context *c, const struct sign_in *sign_in, enum sign_in_result result, int seconds,
         const char *method, const char *sent_to)
{
    if (result == SIGN_IN_OK)
        finish(c, sign_in, method);
    else
        show_second(c, sign_in, door_problem(c, result, seconds), sent_to);
}

void
sign_in_code_post(struct context *c)
{
    struct sign_in sign_in;
    struct door door = door_of(c);
    const char *phone;
    int seconds = 0;

    if (!find_at(c, &sign_in, "/sign-in/second"))
        return;
    enum sign_in_result result =
        sign_in_check_code(&door, sign_in.token, "second", sign_in.account_id,
                           request_value(c->request, "code"), &phone, &seconds);
    conclude(c, &sign_in, result, seconds, "sms", "携帯電話");
}

void
sign_in_totp_post(struct context *c)
{
    struct sign_in sign_in;
    struct door door = door_of(c);
    int seconds = 0;

    if (!find_at(c, &sign_in, "/sign-in/second"))
        return;
    enum sign_in_result result = sign_in_check_totp(
        &door, sign_in.account_id, request_value(c->request, "code"), &seconds);
    conclude(c, &sign_in, result, seconds, "totp", "");
}

void
sign_in_recovery_post(struct context *c)
{
    struct sign_in sign_in;
    struct door door = door_of(c);
    int seconds = 0;

    if (!find_at(c, &sign_in, "/sign-in/second"))
        return;
    enum sign_in_result result = sign_in_check_recovery(
        &door, sign_in.account_id, request_value(c->request, "code"), &seconds);
    conclude(c, &sign_in, result, seconds, "recovery", "");
}

void
sign_in_passkey_post(struct context *c)
{
    struct sign_in sign_in;
    struct door door = door_of(c);

    if (!find_at(c, &sign_in, "/sign-in/second"))
        return;
    enum sign_in_result result = sign_in_check_passkey(
        &door, sign_in.token, sign_in.account_id, request_value(c->request, "credential"),
        request_value(c->request, "client_data"), request_value(c->request, "authenticator_data"),
        request_value(c->request, "signature"));
    conclude(c, &sign_in, result, 0, "passkey", "");
}

/* ---- the first second step ------------------------------------------------------------------------------------------ */

static void
show_enrol(struct context *c, const struct sign_in *sign_in, const char *problem,
           const char *sent_to)
{
    struct view *view = page_view(c, "2つ目の確認方法の登録");

    view_text(view, "problem", problem);
    view_text(view, "sent_to", sent_to);
    if (door_offer_totp(c, sign_in->token, sign_in->login, view) != 0)
        page_database_failed(c, DB_LOST);
    else
        page_send(c, TEMPLATE_sign_in_enrol, view);
}

void
sign_in_enrol_show(struct context *c)
{
    struct sign_in sign_in;

    if (find_at(c, &sign_in, "/sign-in/enrol"))
        show_enrol(c, &sign_in, "", "");
}

void
sign_in_enrol_phone_post(struct context *c)
{
    struct sign_in sign_in;
    struct door door = door_of(c);

    if (!find_at(c, &sign_in, "/sign-in/enrol"))
        return;
    const char *phone = jtext_mobile_digits(c->arena, request_value(c->request, "phone"));
    if (phone == NULL) {
        show_enrol(c, &sign_in, "SMSを受け取れる携帯電話番号（11桁）を入れてください。", "");
        return;
    }
    enum sign_in_result result = sign_in_send_code(&door, sign_in.token, "phone",
                                                   db_int(c->arena, sign_in.account_id), phone);
    show_enrol(c, &sign_in, door_problem(c, result, 0),
               result == SIGN_IN_OK ? jtext_phone_shown(c->arena, phone) : "");
}

void
sign_in_enrol_code_post(struct context *c)
{
    struct sign_in sign_in;
    struct door door = door_of(c);
    struct db_batch *batch = db_batch(c->db, c->arena, NULL);
    const char *phone = NULL;
    int seconds = 0;

    if (!find_at(c, &sign_in, "/sign-in/enrol"))
        return;
    enum sign_in_result result =
        sign_in_check_code(&door, sign_in.token, "phone", sign_in.account_id,
                           request_value(c->request, "code"), &phone, &seconds);
    if (result != SIGN_IN_OK) {
        show_enrol(c, &sign_in, door_problem(c, result, seconds), "携帯電話");
        return;
    }
    const char *id = db_int(c->arena, sign_in.account_id);
    DB_ADD(batch, SQL_phone_save, id, phone);
    DB_ADD(batch, SQL_audit_sign_in, id, "phone_add", "allowed", "");
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        finish(c, &sign_in, "sms");
}

void
sign_in_enrol_totp_post(struct context *c)
{
    struct sign_in sign_in;

    if (!find_at(c, &sign_in, "/sign-in/enrol"))
        return;
    enum sign_in_result result = door_accept_totp(c, sign_in.token, sign_in.account_id,
                                                  request_value(c->request, "code"));
    if (result == SIGN_IN_OK)
        finish(c, &sign_in, "totp");
    else
        show_enrol(c, &sign_in, door_problem(c, result, 0), "");
}

/* ---- terms and sign-out --------------------------------------------------------------------------------------------- */

void
terms_show(struct context *c)
{
    enum db_status status;
    struct view *view = page_view(c, "利用規約");
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_terms_version);

    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    view_text(view, "version", rows_text(rows, 0, "version"));
    page_send(c, TEMPLATE_terms, view);
}

void
terms_post(struct context *c)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *id = db_int(c->arena, c->session.account_id);

    DB_ADD(batch, SQL_terms_agree, id);
    DB_ADD(batch, SQL_audit_append, "terms_agree", "allowed", NULL, NULL, "");
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        response_redirect(c->response, "/");
}

void
sign_out_post(struct context *c)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    DB_ADD(batch, SQL_audit_append, "sign_out", "allowed", NULL, NULL, "");
    DB_ADD(batch, SQL_session_end, crypt_sha256(c->arena, c->session.token));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    response_cookie(c->response, SESSION_COOKIE, "", -1);
    response_header(c->response, "Clear-Site-Data", "\"cache\", \"storage\"");
    response_redirect(c->response, "/sign-in");
}
