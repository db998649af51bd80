/* account.c - see account.h. */
#include "core/account.h"

#include <ctype.h>
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "core/password.h"

enum { LOGIN_MIN = 3, LOGIN_MAX = 40 };

static const char *
place(struct arena *arena, int64_t account_id)
{
    return text_format(arena, "account_letter|%lld", (long long)account_id);
}

struct account_secret
account_secret_new(struct arena *arena, const struct crypt_keys *keys, int64_t account_id)
{
    const char *password = password_initial(arena);

    return (struct account_secret){
        .hash = crypt_password_hash(arena, keys, password_from_paper(arena, password)),
        .sealed = crypt_seal(arena, keys, place(arena, account_id), password),
    };
}

const char *
account_secret_open(struct arena *arena, const struct crypt_keys *keys, int64_t account_id,
                    const char *sealed)
{
    return crypt_open(arena, keys, place(arena, account_id), sealed);
}

const char *
account_login(struct arena *arena, const char *typed)
{
    char *login = text_trim(arena, jtext_narrow(arena, typed));
    size_t size = strlen(login);

    for (char *p = login; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    bool plain = strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == size;
    return plain && size >= LOGIN_MIN && size <= LOGIN_MAX ? login : NULL;
}

void
account_add_reset(struct db_batch *batch, struct arena *arena, const struct crypt_keys *keys,
                  int64_t account_id)
{
    const char *id = db_int(arena, account_id);
    struct account_secret secret = account_secret_new(arena, keys, account_id);

    DB_ADD(batch, SQL_account_reset, id, secret.hash);
    DB_ADD(batch, SQL_account_strip, id);
    DB_ADD(batch, SQL_session_end_others, id, "");
    DB_ADD(batch, SQL_letter_save, id, secret.sealed);
}
