/* my_account.c - see my_account.h. */
#include "core/my_account.h"

#include <ctype.h>
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"

enum { CODE_DIGITS = 6, MOST_OF_ADDRESS = 254 };

/* ---- addresses ----------------------------------------------------------------------------------------------------- */

const char *
my_mail_address(struct arena *arena, const char *typed)
{
    char *address = text_trim(arena, jtext_narrow(arena, typed));
    const char *at = strchr(address, '@');

    for (char *p = address; *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~' || strchr("<>()[],;:\\\"", *p) != NULL)
            return NULL;
        *p = (char)tolower((unsigned char)*p);
    }
    if (at == NULL || at == address || strchr(at + 1, '@') != NULL || strchr(at + 1, '.') == NULL || at[1] == '.' ||
        address[strlen(address) - 1] == '.' || strlen(address) > MOST_OF_ADDRESS)
        return NULL;
    return address;
}

static char *
hash_of_address(const struct my_door *door, const char *address)
{
    return crypt_peppered(door->arena, door->keys, text_format(door->arena, "my mail|%s", address));
}

/* Of a code, for this attempt alone. */
static char *
hash_of_code(const struct my_door *door, const char *pending, const char *digits)
{
    return crypt_peppered(door->arena, door->keys, text_format(door->arena, "my code|%s|%s", pending, digits));
}

/* ---- what the database says ---------------------------------------------------------------------------------------- */

static enum my_account_result
result_of(const struct rows *rows)
{
    static const char *const words[] = {
        [MY_ACCOUNT_open] = "open",     [MY_ACCOUNT_added] = "added",   [MY_ACCOUNT_code] = "code",
        [MY_ACCOUNT_wrong] = "wrong",   [MY_ACCOUNT_locked] = "locked", [MY_ACCOUNT_limit] = "limit",
        [MY_ACCOUNT_over] = "over",     [MY_ACCOUNT_taken] = "taken",   [MY_ACCOUNT_none] = "none",
    };

    for (size_t i = 0; rows != NULL && i < sizeof words / sizeof *words; i++)
        if (text_same(words[i], rows_text(rows, 0, "result")))
            return (enum my_account_result)i;
    return MY_ACCOUNT_failed;
}

/* The salt of an account, or for an address without one what looks like it and is always the same; NULL when the database failed. */
static const char *
salt_of(const struct my_door *door, const char *mail_hash)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(door->db, door->arena, NULL, &status, SQL_my_account_salt, mail_hash);

    if (rows == NULL)
        return NULL;
    const char *salt = rows_text(rows, 0, "salt");
    return salt != NULL ? salt : crypt_peppered(door->arena, door->keys, text_format(door->arena, "my salt|%s", mail_hash));
}

/* ---- the ways in --------------------------------------------------------------------------------------------------- */

/* Address and password as the database takes them, with a code for the case that one is to be sent. */
struct attempt {
    const char *mail, *salt, *password; /* hashes */
    const char *pending, *digits;
};

/* False when the database failed. */
static bool
attempt(const struct my_door *door, const char *address, const char *password, struct attempt *out)
{
    const char *mail = hash_of_address(door, address), *salt = salt_of(door, mail);

    if (salt == NULL)
        return false;
    *out = (struct attempt){mail, salt, crypt_password_derive(door->arena, door->keys, salt, password),
                            crypt_token(door->arena), crypt_digits(door->arena, CODE_DIGITS)};
    return true;
}

enum my_account_result
my_account_ask(const struct my_door *door, const struct my_session *session, const char *address, const char *password,
               const char **pending)
{
    struct arena *arena = door->arena;
    enum db_status status;
    struct attempt a;

    if (!attempt(door, address, password, &a))
        return MY_ACCOUNT_failed;
    *pending = a.pending;
    return result_of(DB_ONE(door->db, arena, NULL, &status, SQL_my_account_ask, crypt_sha256(arena, session->token), a.mail,
                            a.salt, a.password, crypt_sha256(arena, a.pending), hash_of_code(door, a.pending, a.digits),
                            address, a.digits));
}

enum my_account_result
my_account_enter(const struct my_door *door, struct my_session *session, const char *address, const char *password,
                 const char **pending)
{
    struct arena *arena = door->arena;
    struct my_session opened = my_session_new(arena);
    enum db_status status;
    struct attempt a;

    if (!attempt(door, address, password, &a))
        return MY_ACCOUNT_failed;
    *pending = a.pending;
    enum my_account_result result = result_of(
        DB_ONE(door->db, arena, NULL, &status, SQL_my_account_enter, a.mail, a.password, crypt_sha256(arena, door->device),
               crypt_sha256(arena, opened.token), crypt_sha256(arena, a.pending), hash_of_code(door, a.pending, a.digits),
               address, a.digits));
    if (result == MY_ACCOUNT_open)
        *session = opened;
    return result;
}

enum my_account_result
my_account_code(const struct my_door *door, struct my_session *session, const char *pending, const char *code)
{
    struct arena *arena = door->arena;
    struct my_session opened = my_session_new(arena);
    const char *digits = jtext_phone_digits(arena, code); /* any width, blanks and hyphens */
    enum db_status status;
    enum my_account_result result = result_of(DB_ONE(
        door->db, arena, NULL, &status, SQL_my_code_take, crypt_sha256(arena, pending),
        hash_of_code(door, pending, digits == NULL ? "" : digits), crypt_sha256(arena, opened.token),
        crypt_sha256(arena, door->device)));
    if (result == MY_ACCOUNT_open)
        *session = opened;
    return result;
}

enum db_status
my_account_end(const struct my_door *door, const struct my_session *session)
{
    enum db_status status;

    DB_ONE(door->db, door->arena, NULL, &status, SQL_my_account_end, crypt_sha256(door->arena, session->token));
    return status;
}
