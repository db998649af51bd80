/* sign_in.c - see sign_in.h. */
#include "core/sign_in.h"

#include <ctype.h>
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "core/password.h"
#include "core/totp.h"
#include "core/webauthn.h"

enum { CODE_DIGITS = 6, RECOVERY_CODES = 10, RECOVERY_CHARACTERS = 16 };

/* ---- waiting after failures --------------------------------------------------------------------------------------- */

static char *
bucket(const struct door *door, const char *purpose, const char *key)
{
    return crypt_peppered(door->arena, door->keys,
                          text_format(door->arena, "%s|%s", purpose, key));
}

/*
 * Charges the bucket for one guess, in one statement: SIGN_IN_OK when the guess may be judged now, SIGN_IN_WAIT with
 * *seconds when not. A guess that was right gives the charge back with `give_back`.
 */
static enum sign_in_result
charge(const struct door *door, const char *name, int *seconds)
{
    struct db_batch *batch = db_batch(door->db, door->arena, NULL);
    unsigned charged = DB_ADD(batch, SQL_throttle_charge, name);
    unsigned wait = DB_ADD(batch, SQL_throttle_wait, name);

    if (db_run(batch) != DB_OK)
        return SIGN_IN_FAILED;
    if (rows_count(db_rows(batch, charged)) == 1)
        return SIGN_IN_OK;
    *seconds = (int)rows_int(db_rows(batch, wait), 0, "seconds");
    return SIGN_IN_WAIT;
}

static enum sign_in_result
give_back(const struct door *door, const char *name)
{
    enum db_status status;

    DB_ONE(door->db, door->arena, NULL, &status, SQL_throttle_clear, name);
    return status == DB_OK ? SIGN_IN_OK : SIGN_IN_FAILED;
}

/* ---- step one ----------------------------------------------------------------------------------------------------- */

/* The outcome for the person's own list of sign-ins, and for the trail. */
static void
add_event(const struct door *door, struct db_batch *batch, int64_t account_id, const char *outcome,
          const char *method)
{
    const char *id = db_int(door->arena, account_id);

    DB_ADD(batch, SQL_sign_in_event, id, outcome, method, door->device_label);
    DB_ADD(batch, SQL_audit_sign_in, id, "sign_in",
           strcmp(outcome, "ok") == 0 ? "allowed" : "denied", method);
}

/* What was shown does not fit: remembers it. Account 0 is an ID that does not exist. */
static enum sign_in_result
answer_failed(const struct door *door, int64_t account_id, const char *method)
{
    struct db_batch *batch = db_batch(door->db, door->arena, NULL);

    add_event(door, batch, account_id, "wrong", method);
    return db_run(batch) == DB_OK ? SIGN_IN_WRONG : SIGN_IN_FAILED;
}

static bool
is_usable(const struct rows *account)
{
    return rows_count(account) > 0 && !rows_bool(account, 0, "suspended") &&
           !rows_bool(account, 0, "closed");
}

enum sign_in_result
sign_in_password(const struct door *door, const char *login, const char *password,
                 const char **token, int *seconds)
{
    enum db_status status;
    struct arena *arena = door->arena;
    char *id = text_trim(arena, jtext_narrow(arena, login));
    const char *device_hash = crypt_sha256(arena, door->device_token);

    for (char *p = id; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    const struct rows *account =
        DB_ONE(door->db, arena, NULL, &status, SQL_sign_in_account, id, device_hash);
    if (account == NULL)
        return SIGN_IN_FAILED;
    bool trusted = rows_count(account) > 0 && rows_bool(account, 0, "trusted");
    const char *name = trusted ? bucket(door, "trusted", text_format(arena, "%s|%s", id, device_hash))
                               : bucket(door, "password", id);
    enum sign_in_result result = charge(door, name, seconds);
    if (result != SIGN_IN_OK)
        return result;
    bool usable = is_usable(account);
    const char *hash = usable ? rows_text(account, 0, "password_hash") : NULL;
    if (usable && rows_bool(account, 0, "password_initial"))
        password = password_from_paper(arena, password);
    if (!crypt_password_verify(door->keys, hash, password))
        return answer_failed(
            door, rows_count(account) > 0 ? rows_int(account, 0, "account_id") : 0, "password");
    bool expired =
        rows_bool(account, 0, "password_initial") && rows_bool(account, 0, "password_expired");
    struct db_batch *batch = db_batch(door->db, arena, NULL);
    DB_ADD(batch, SQL_throttle_clear, name);
    *token = crypt_token(arena);
    if (!expired)
        DB_ADD(batch, SQL_sign_in_begin, crypt_sha256(arena, *token),
               rows_text(account, 0, "account_id"), device_hash);
    if (db_run(batch) != DB_OK)
        return SIGN_IN_FAILED;
    return expired ? SIGN_IN_EXPIRED : SIGN_IN_OK;
}

enum sign_in_result
sign_in_find(const struct door *door, const char *token, struct sign_in *out)
{
    enum db_status status;

    if (token == NULL)
        return SIGN_IN_EXPIRED;
    const struct rows *rows = DB_ONE(door->db, door->arena, NULL, &status, SQL_sign_in_find,
                                     crypt_sha256(door->arena, token));
    if (rows == NULL)
        return SIGN_IN_FAILED;
    if (rows_count(rows) == 0)
        return SIGN_IN_EXPIRED;
    *out = (struct sign_in){
        .token = token,
        .account_id = rows_int(rows, 0, "account_id"),
        .organisation_id = rows_int(rows, 0, "organisation_id"),
        .login = rows_text(rows, 0, "login"),
        .holder = rows_text(rows, 0, "holder"),
        .organisation_name = rows_text(rows, 0, "organisation_name"),
        .password_initial = rows_bool(rows, 0, "password_initial"),
        .totp = rows_bool(rows, 0, "totp"),
        .recovery = rows_bool(rows, 0, "recovery"),
    };
    out->phones = text_split(door->arena, rows_text(rows, 0, "phones"), ' ', &out->phone_count);
    out->passkeys =
        text_split(door->arena, rows_text(rows, 0, "passkeys"), ' ', &out->passkey_count);
    return SIGN_IN_OK;
}

bool
sign_in_has_second(const struct sign_in *sign_in)
{
    return sign_in->phone_count > 0 || sign_in->totp || sign_in->passkey_count > 0;
}

/* ---- step two ----------------------------------------------------------------------------------------------------- */

enum sign_in_result
sign_in_send_code(const struct door *door, const char *token, const char *purpose,
                  const char *limit_key, const char *phone)
{
    enum db_status status;
    const char *hash = crypt_sha256(door->arena, token);
    const char *code = crypt_digits(door->arena, CODE_DIGITS);
    const struct rows *allowed = DB_ONE(door->db, door->arena, NULL, &status, SQL_throttle_sms,
                                        bucket(door, "sms", limit_key));

    if (allowed == NULL)
        return SIGN_IN_FAILED;
    if (rows_count(allowed) == 0)
        return SIGN_IN_LIMIT;
    struct db_batch *batch = db_batch(door->db, door->arena, NULL);
    DB_ADD(batch, SQL_proof_save, hash, purpose, crypt_peppered(door->arena, door->keys, code),
           phone);
    DB_ADD(batch, SQL_sms_queue, phone, code, hash);
    return db_run(batch) == DB_OK ? SIGN_IN_OK : SIGN_IN_FAILED;
}

/* Failures of the second step wait for the account as a whole, however many sign-ins are begun. */
static char *
second_bucket(const struct door *door, int64_t account_id)
{
    return bucket(door, "second", db_int(door->arena, account_id));
}

/* Digits of a typed code: any width, blanks and hyphens allowed. "" when something else is in it. */
static const char *
typed_digits(const struct door *door, const char *code)
{
    const char *digits = jtext_phone_digits(door->arena, code);

    return digits == NULL ? "" : digits;
}

enum sign_in_result
sign_in_check_code(const struct door *door, const char *token, const char *purpose,
                   int64_t account_id, const char *code, const char **phone, int *seconds)
{
    enum db_status status;
    const char *hash = crypt_sha256(door->arena, token), *name = second_bucket(door, account_id);
    enum sign_in_result result = charge(door, name, seconds);

    if (result != SIGN_IN_OK)
        return result;
    const struct rows *taken =
        DB_ONE(door->db, door->arena, NULL, &status, SQL_proof_take, hash, purpose,
               crypt_peppered(door->arena, door->keys, typed_digits(door, code)));
    if (taken == NULL)
        return SIGN_IN_FAILED;
    if (rows_count(taken) == 1) {
        *phone = rows_text(taken, 0, "phone");
        return give_back(door, name);
    }
    DB_ONE(door->db, door->arena, NULL, &status, SQL_proof_try, hash, purpose);
    return answer_failed(door, account_id, "sms");
}

enum sign_in_result
sign_in_check_totp(const struct door *door, int64_t account_id, const char *code, int *seconds)
{
    enum db_status status;
    const char *id = db_int(door->arena, account_id), *name = second_bucket(door, account_id);
    enum sign_in_result result = charge(door, name, seconds);

    if (result != SIGN_IN_OK)
        return result;
    const struct rows *rows = DB_ONE(door->db, door->arena, NULL, &status, SQL_totp_find, id);
    if (rows == NULL)
        return SIGN_IN_FAILED;
    const char *secret =
        rows_count(rows) == 0 ? NULL
                              : crypt_open(door->arena, door->keys,
                                           text_format(door->arena, "account_totp|%s", id),
                                           rows_text(rows, 0, "sealed_secret"));
    int64_t step = secret == NULL ? -1
                                  : totp_check(secret, typed_digits(door, code),
                                               rows_int(rows, 0, "last_step"));
    if (step < 0)
        return answer_failed(door, account_id, "totp");
    const struct rows *advanced = DB_ONE(door->db, door->arena, NULL, &status, SQL_totp_advance, id,
                                         db_int(door->arena, step));
    if (advanced == NULL)
        return SIGN_IN_FAILED;
    return rows_count(advanced) == 1 ? give_back(door, name) : SIGN_IN_WRONG;
}

enum sign_in_result
sign_in_check_recovery(const struct door *door, int64_t account_id, const char *code, int *seconds)
{
    enum db_status status;
    const char *name = second_bucket(door, account_id);
    enum sign_in_result result = charge(door, name, seconds);

    if (result != SIGN_IN_OK)
        return result;
    const struct rows *used =
        DB_ONE(door->db, door->arena, NULL, &status, SQL_recovery_use,
               db_int(door->arena, account_id),
               crypt_peppered(door->arena, door->keys, password_from_paper(door->arena, code)));
    if (used == NULL)
        return SIGN_IN_FAILED;
    return rows_count(used) == 1 ? give_back(door, name)
                                 : answer_failed(door, account_id, "recovery");
}

enum sign_in_result
sign_in_challenge(const struct door *door, const char *token, const char *purpose,
                  const char **challenge)
{
    enum db_status status;

    *challenge = webauthn_challenge(door->arena);
    DB_ONE(door->db, door->arena, NULL, &status, SQL_proof_save, crypt_sha256(door->arena, token),
           purpose, *challenge, NULL);
    return status == DB_OK ? SIGN_IN_OK : SIGN_IN_FAILED;
}

enum sign_in_result
sign_in_check_passkey(const struct door *door, const char *token, int64_t account_id,
                      const char *credential, const char *client_data,
                      const char *authenticator_data, const char *signature)
{
    const char *hash = crypt_sha256(door->arena, token), *id = db_int(door->arena, account_id);
    struct db_batch *batch = db_batch(door->db, door->arena, NULL);
    enum db_status status;

    unsigned proof = DB_ADD(batch, SQL_proof_find, hash, "assertion");
    unsigned stored = DB_ADD(batch, SQL_passkey_find, id, credential);
    if (db_run(batch) != DB_OK)
        return SIGN_IN_FAILED;
    const struct rows *challenge = db_rows(batch, proof), *row = db_rows(batch, stored);
    if (rows_count(challenge) == 0)
        return SIGN_IN_EXPIRED;
    struct passkey passkey = {.credential_id = credential};
    if (rows_count(row) == 1) {
        passkey.public_key = rows_text(row, 0, "public_key");
        passkey.sign_count = rows_int(row, 0, "sign_count");
    }
    if (rows_count(row) != 1 ||
        webauthn_verify(door->arena, door->conf->address, rows_text(challenge, 0, "secret"),
                        client_data, authenticator_data, signature, &passkey) != 0)
        return answer_failed(door, account_id, "passkey");
    const struct rows *taken = DB_ONE(door->db, door->arena, NULL, &status, SQL_proof_take, hash,
                                      "assertion", rows_text(challenge, 0, "secret"));
    if (taken == NULL || rows_count(taken) != 1)
        return taken == NULL ? SIGN_IN_FAILED : SIGN_IN_WRONG;
    DB_ONE(door->db, door->arena, NULL, &status, SQL_passkey_used, id, credential,
           db_int(door->arena, passkey.sign_count));
    return status == DB_OK ? SIGN_IN_OK : SIGN_IN_FAILED;
}

/* ---- the session -------------------------------------------------------------------------------------------------- */

enum sign_in_result
sign_in_finish(const struct door *door, const struct sign_in *sign_in, const char *method,
               const char **session_token)
{
    struct arena *arena = door->arena;
    const char *id = db_int(arena, sign_in->account_id);
    const char *device_hash = crypt_sha256(arena, door->device_token);
    struct db_batch *batch = db_batch(door->db, arena, NULL);

    *session_token = crypt_token(arena);
    unsigned created = DB_ADD(batch, SQL_session_create, crypt_sha256(arena, *session_token), id,
                              method, door->device_label, device_hash);
    DB_ADD(batch, SQL_sign_in_end, crypt_sha256(arena, sign_in->token));
    DB_ADD(batch, SQL_throttle_clear, bucket(door, "sms", id)); /* the limit is for codes that nobody uses */
    DB_ADD(batch, SQL_device_remember, id, device_hash, door->device_label);
    DB_ADD(batch, SQL_account_used, id);
    DB_ADD(batch, SQL_letter_end, id);
    add_event(door, batch, sign_in->account_id, "ok", method);
    if (db_run(batch) != DB_OK)
        return SIGN_IN_FAILED;
    return rows_affected(db_rows(batch, created)) == 1 ? SIGN_IN_OK : SIGN_IN_WRONG;
}

const char *
sign_in_password_problem(const struct door *door, const char *login, const char *names,
                         const char *password)
{
    const char *known = text_format(door->arena, "%s/known_password.txt", door->conf->data_directory);

    return password_problem(door->arena, known, password, login, names);
}

/* ---- the own account ---------------------------------------------------------------------------------------------- */

enum sign_in_result
sign_in_confirm_password(const struct door *door, const char *session_token, int64_t account_id,
                         const char *password, int *seconds)
{
    enum db_status status;
    const char *name = bucket(door, "confirm", crypt_sha256(door->arena, session_token));
    enum sign_in_result result = charge(door, name, seconds);

    if (result != SIGN_IN_OK)
        return result;
    const struct rows *stored = DB_ONE(door->db, door->arena, NULL, &status, SQL_password_hash_find,
                                       db_int(door->arena, account_id));
    if (stored == NULL)
        return SIGN_IN_FAILED;
    if (crypt_password_verify(door->keys, rows_text(stored, 0, "password_hash"), password))
        return give_back(door, name);
    DB_ONE(door->db, door->arena, session_token, &status, SQL_audit_append, "password_confirm",
           "denied", NULL, NULL, "");
    return status == DB_OK ? SIGN_IN_WRONG : SIGN_IN_FAILED;
}

enum sign_in_result
sign_in_change_password(const struct door *door, const char *session_token, int64_t account_id,
                        const char *password)
{
    const char *id = db_int(door->arena, account_id);
    struct db_batch *batch = db_batch(door->db, door->arena, session_token);

    DB_ADD(batch, SQL_password_save, id, crypt_password_hash(door->arena, door->keys, password));
    DB_ADD(batch, SQL_session_end_others, id, crypt_sha256(door->arena, session_token));
    DB_ADD(batch, SQL_sign_in_end_all, id);
    DB_ADD(batch, SQL_audit_append, "password_change", "allowed", NULL, NULL, "");
    return db_run(batch) == DB_OK ? SIGN_IN_OK : SIGN_IN_FAILED;
}

enum sign_in_result
sign_in_recovery_codes(const struct door *door, const char *session_token, int64_t account_id,
                       const char *codes[10])
{
    const char *id = db_int(door->arena, account_id);
    struct db_batch *batch = db_batch(door->db, door->arena, session_token);

    DB_ADD(batch, SQL_recovery_clear, id);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        const char *c = crypt_base32(door->arena, RECOVERY_CHARACTERS);
        DB_ADD(batch, SQL_recovery_save, id, crypt_peppered(door->arena, door->keys, c));
        codes[i] = text_format(door->arena, "%.4s-%.4s-%.4s-%.4s", c, c + 4, c + 8, c + 12);
    }
    DB_ADD(batch, SQL_audit_append, "recovery_new", "allowed", NULL, NULL, "");
    return db_run(batch) == DB_OK ? SIGN_IN_OK : SIGN_IN_FAILED;
}

const char *
sign_in_device_label(struct arena *arena, const char *user_agent)
{
    static const struct {
        const char *token, *name;
    } systems[] = {{"iPhone", "iPhone"},   {"iPad", "iPad"},  {"Android", "Android"},
                   {"Windows", "Windows"}, {"Mac OS", "Mac"}, {"Linux", "Linux"}},
      browsers[] = {{"Edg/", "Edge"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}};
    enum { SYSTEMS = sizeof systems / sizeof *systems, BROWSERS = sizeof browsers / sizeof *browsers };
    const char *system = "不明な端末", *browser = "ブラウザ";

    for (int i = SYSTEMS - 1; i >= 0; i--)
        if (strstr(user_agent, systems[i].token) != NULL)
            system = systems[i].name;
    for (int i = BROWSERS - 1; i >= 0; i--)
        if (strstr(user_agent, browsers[i].token) != NULL)
            browser = browsers[i].name;
    return text_format(arena, "%sの%s", system, browser);
}
