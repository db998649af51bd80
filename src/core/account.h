/*
 * account.h - accounts (アカウント) and the initial passwords that their issuers (利用者認証実施者) hand out.
 *
 * Who issues for whom is the view app.issuing (sql/0004-issuing.sql). Here is what the database cannot do: the
 * password itself, which is known to nobody but the sealed letter until it is printed.
 */
#ifndef HERSYS_CORE_ACCOUNT_H
#define HERSYS_CORE_ACCOUNT_H

#include "base/crypt.h"
#include "db/db.h"

/* What is stored of a fresh initial password. */
struct account_secret {
    const char *hash;   /* for signing in */
    const char *sealed; /* for the letter; opens for this account alone */
};

/* A fresh initial password for the account; takes a tenth of a second (Argon2id). */
struct account_secret account_secret_new(struct arena *arena, const struct crypt_keys *keys,
                                         int64_t account_id);

/* The password in a sealed letter; NULL when it was not sealed for this account. */
const char *account_secret_open(struct arena *arena, const struct crypt_keys *keys,
                                int64_t account_id, const char *sealed);

/*
 * A login as it is stored: narrow and in lower case. NULL when it is not 3 to 40 letters, digits, dots, hyphens and
 * underscores.
 */
const char *account_login(struct arena *arena, const char *typed);

/*
 * Adds to a batch what gives an account that is there a new initial password: hash, letter, no second step, no
 * session. The right to do so is the caller's first statement (SQL_account_require).
 */
void account_add_reset(struct db_batch *batch, struct arena *arena, const struct crypt_keys *keys,
                       int64_t account_id);

#endif
