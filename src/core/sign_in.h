/*
 * sign_in.h - from nobody to a session: password, then a second step at every sign-in (seed 0 Q23, seed 3 Q6-7).
 *
 * Only the sign-in pool (role hersys_door) can do this. An unknown ID gives the same answer in the same time as a
 * wrong password. Failures are counted for each ID, apart for browsers that have signed in whole before and for all
 * others, so that a stranger's guessing cannot lock the owner out of their own browser (security.md 5.14). A guess is
 * counted before it is judged and taken back when it was right, so that guesses sent together gain nothing.
 */
#ifndef HERSYS_CORE_SIGN_IN_H
#define HERSYS_CORE_SIGN_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/crypt.h"
#include "db/db.h"

#define SIGN_IN_COOKIE "step"  /* between password and second step */
#define DEVICE_COOKIE  "device" /* names a browser; no right hangs on it */

/* What the core needs of a request. */
struct door {
    struct db *db;
    struct arena *arena;
    const struct conf *conf;
    const struct crypt_keys *keys;
    const char *device_token; /* of the browser; never NULL */
    const char *device_label; /* "Windows の Chrome" */
};

enum sign_in_result {
    SIGN_IN_OK,
    SIGN_IN_WRONG,    /* ID or password; or a code that does not fit */
    SIGN_IN_WAIT,     /* too many failures: *seconds */
    SIGN_IN_EXPIRED,  /* the initial password's days are over, or the step's ten minutes */
    SIGN_IN_LIMIT,    /* no more codes by SMS for now */
    SIGN_IN_FAILED    /* database */
};

/* A person who has shown the password and must show something else. */
struct sign_in {
    const char *token; /* hex, as in the cookie */
    int64_t account_id, organisation_id;
    const char *login, *holder, *organisation_name;
    bool password_initial;
    size_t phone_count;
    char **phones;
    bool totp, recovery;
    size_t passkey_count;
    char **passkeys;
};

/* Step one. With SIGN_IN_OK, *token is for the cookie; with SIGN_IN_WAIT, *seconds is set. */
enum sign_in_result sign_in_password(const struct door *door, const char *login,
                                     const char *password, const char **token, int *seconds);

/* The person behind the cookie of step one; SIGN_IN_EXPIRED when there is none. */
enum sign_in_result sign_in_find(const struct door *door, const char *token, struct sign_in *out);

/* True when the account has something to show as a second step. */
bool sign_in_has_second(const struct sign_in *sign_in);

/*
 * A code by SMS. `token` is the cookie's (of the sign-in, or of the session when a number is added), `purpose` "second"
 * or "phone", `limit_key` what the limit of three in a quarter of an hour counts by.
 */
enum sign_in_result sign_in_send_code(const struct door *door, const char *token,
                                      const char *purpose, const char *limit_key,
                                      const char *phone);

/* The code that was sent; with SIGN_IN_OK, *phone is the number it went to. */
enum sign_in_result sign_in_check_code(const struct door *door, const char *token,
                                       const char *purpose, int64_t account_id, const char *code,
                                       const char **phone, int *seconds);

/* The code of the account's authenticator app, or one of its recovery codes. */
enum sign_in_result sign_in_check_totp(const struct door *door, int64_t account_id,
                                       const char *code, int *seconds);
enum sign_in_result sign_in_check_recovery(const struct door *door, int64_t account_id,
                                           const char *code, int *seconds);

/* Passkeys: a challenge for this token, and the check of what came back. */
enum sign_in_result sign_in_challenge(const struct door *door, const char *token,
                                      const char *purpose, const char **challenge);
enum sign_in_result sign_in_check_passkey(const struct door *door, const char *token,
                                          int64_t account_id, const char *credential,
                                          const char *client_data, const char *authenticator_data,
                                          const char *signature);

/* Both steps are done: makes the session; *session_token is for the cookie. */
enum sign_in_result sign_in_finish(const struct door *door, const struct sign_in *sign_in,
                                   const char *method, const char **session_token);

/* Why a password of the person's own choice cannot be taken; NULL when it can. `names`: what it may not consist of. */
const char *sign_in_password_problem(const struct door *door, const char *login, const char *names,
                                     const char *password);

/*
 * The password once more, before a signed-in person changes how they sign in: whoever finds a screen open cannot make
 * it their own. Wrong ones are in the trail; they count for this session alone, so that they shut nobody else out.
 */
enum sign_in_result sign_in_confirm_password(const struct door *door, const char *session_token,
                                             int64_t account_id, const char *password,
                                             int *seconds);

/* A new password and the end of every other session and half-done sign-in of the account: all or nothing. */
enum sign_in_result sign_in_change_password(const struct door *door, const char *session_token,
                                            int64_t account_id, const char *password);

/* Ten fresh recovery codes in place of the old ones; shown once. */
enum sign_in_result sign_in_recovery_codes(const struct door *door, const char *session_token,
                                           int64_t account_id, const char *codes[10]);

/* "Windows の Chrome" out of a User-Agent: enough for a person to know their own machine. */
const char *sign_in_device_label(struct arena *arena, const char *user_agent);

#endif
