/* door.c - see door.h. */
#include "page/door.h"

#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "core/totp.h"

enum { DEVICE_COOKIE_SECONDS = 400 * 24 * 3600, QR_MARGIN = 4 };

struct door
door_of(struct context *c)
{
    const char *token = request_cookie(c->request, "__Host-" DEVICE_COOKIE);

    if (token == NULL || strlen(token) != CRYPT_TOKEN_SIZE * 2) {
        token = crypt_token(c->arena);
        response_cookie(c->response, DEVICE_COOKIE, token, DEVICE_COOKIE_SECONDS);
    }
    return (struct door){
        .db = c->db,
        .arena = c->arena,
        .conf = &c->app->conf,
        .keys = &c->app->keys,
        .device_token = token,
        .device_label =
            sign_in_device_label(c->arena, scgi_header(&c->request->scgi, "HTTP_USER_AGENT")),
    };
}

const char *
door_problem(struct context *c, enum sign_in_result result, int seconds)
{
    switch (result) {
    case SIGN_IN_OK:
        return "";
    case SIGN_IN_WRONG:
        return "入力した番号が正しくないか、期限が切れています。もう一度お試しください。";
    case SIGN_IN_WAIT:
        return text_format(c->arena, "失敗が続いたため、あと%d%sお待ちください。",
                           seconds < 120 ? seconds : (seconds + 59) / 60,
                           seconds < 120 ? "秒" : "分");
    case SIGN_IN_EXPIRED:
        return "時間がたちすぎました。最初からやり直してください。";
    case SIGN_IN_LIMIT:
        return "番号を送れるのは15分に3回までです。しばらくしてからお試しください。";
    case SIGN_IN_FAILED:
        break;
    }
    return "ただいま混み合っています。少し待ってから、もう一度お試しください。";
}

const char *
door_new_password_problem(struct context *c, const char *login, const char *holder,
                          const char *organisation)
{
    struct door door = door_of(c);
    const char *password = request_value(c->request, "password");

    if (!text_same(password, request_value(c->request, "again")))
        return "2回の入力が同じではありません。";
    return sign_in_password_problem(&door, login,
                                    text_format(c->arena, "%s %s", holder, organisation), password);
}

char *
door_masked_phone(struct arena *arena, const char *phone)
{
    size_t n = strlen(phone);

    if (n < 8)
        return text_copy(arena, "****");
    return text_format(arena, "%.3s-****-%s", phone, phone + n - 4);
}

/* The place that a secret is bound to while it waits for its proof. */
static const char *
offered_place(struct context *c, const char *token_hash)
{
    return text_format(c->arena, "proof|%s", token_hash);
}

int
door_offer_totp(struct context *c, const char *token, const char *login, struct view *view)
{
    enum db_status status;
    int size;
    const char *hash = crypt_sha256(c->arena, token);
    const char *secret = totp_secret(c->arena);
    const struct rows *waiting =
        DB_ONE(c->db, c->arena, NULL, &status, SQL_proof_find, hash, "totp");

    if (waiting == NULL)
        return -1;
    /* A page that is shown again, after a wrong code, must show the secret that the app has already read. */
    const char *kept = rows_count(waiting) == 0
                           ? NULL
                           : crypt_open(c->arena, &c->app->keys, offered_place(c, hash),
                                        rows_text(waiting, 0, "secret"));
    if (kept != NULL)
        secret = kept;
    else
        DB_ONE(c->db, c->arena, NULL, &status, SQL_proof_save, hash, "totp",
               crypt_seal(c->arena, &c->app->keys, offered_place(c, hash), secret), NULL);
    view_text(view, "qr_shape", totp_qr(c->arena, totp_address(c->arena, secret, login), &size));
    view_int(view, "qr_box", size + 2 * QR_MARGIN);
    view_text(view, "totp_secret", secret);
    return status == DB_OK ? 0 : -1;
}

enum sign_in_result
door_accept_totp(struct context *c, const char *token, int64_t account_id, const char *code)
{
    enum db_status status;
    const char *hash = crypt_sha256(c->arena, token), *id = db_int(c->arena, account_id);
    const struct rows *waiting =
        DB_ONE(c->db, c->arena, NULL, &status, SQL_proof_find, hash, "totp");

    if (waiting == NULL)
        return SIGN_IN_FAILED;
    if (rows_count(waiting) == 0)
        return SIGN_IN_EXPIRED;
    const char *sealed = rows_text(waiting, 0, "secret");
    const char *secret = crypt_open(c->arena, &c->app->keys, offered_place(c, hash), sealed);
    const char *digits = jtext_phone_digits(c->arena, code);
    int64_t step = secret == NULL || digits == NULL ? -1 : totp_check(secret, digits, 0);
    struct db_batch *batch = db_batch(c->db, c->arena, NULL);
    if (step < 0) {
        DB_ADD(batch, SQL_proof_try, hash, "totp");
        return db_run(batch) == DB_OK ? SIGN_IN_WRONG : SIGN_IN_FAILED;
    }
    const char *place = text_format(c->arena, "account_totp|%s", id);
    DB_ADD(batch, SQL_proof_take, hash, "totp", sealed);
    DB_ADD(batch, SQL_totp_save, id, crypt_seal(c->arena, &c->app->keys, place, secret),
           db_int(c->arena, step));
    DB_ADD(batch, SQL_audit_sign_in, id, "totp_add", "allowed", "");
    return db_run(batch) == DB_OK ? SIGN_IN_OK : SIGN_IN_FAILED;
}
