/* session.c - see session.h. */
#include "core/session.h"

#include <string.h>

#include "base/crypt.h"
#include "base/text.h"

/* A cookie that is not 64 hex digits never was a token of ours. */
static bool
looks_like_token(const char *token)
{
    return token != NULL && strlen(token) == CRYPT_TOKEN_SIZE * 2 &&
           strspn(token, "0123456789abcdef") == CRYPT_TOKEN_SIZE * 2;
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

enum db_status
session_enter(struct db *db, struct arena *arena, const char *token, struct session *session)
{
    enum db_status status = DB_OK;

    memset(session, 0, sizeof *session);
    if (!looks_like_token(token))
        return DB_OK;
    const struct rows *rows =
        DB_ONE(db, arena, NULL, &status, SQL_session_enter, crypt_sha256(arena, token));
    if (rows == NULL || rows_count(rows) == 0)
        return status;
    *session = (struct session){
        .token = token,
        .account_id = rows_int(rows, 0, "account_id"),
        .organisation_id = rows_int(rows, 0, "organisation_id"),
        .login = rows_text(rows, 0, "login"),
        .holder = rows_text(rows, 0, "holder"),
        .doctor = text_same(rows_text(rows, 0, "role"), "doctor"),
        .issuer = rows_bool(rows, 0, "issuer"),
        .personal = rows_bool(rows, 0, "personal"),
        .kind = (enum organisation_kind)dictionary_kind(rows_text(rows, 0, "organisation_kind")),
        .organisation_name = rows_text(rows, 0, "organisation_name"),
        .prefecture_code = or_empty(rows_text(rows, 0, "prefecture_code")),
        .municipality_code = or_empty(rows_text(rows, 0, "municipality_code")),
        .idle_minutes = (int)rows_int(rows, 0, "idle_minutes"),
        .idle_seconds = (int)rows_int(rows, 0, "idle_seconds"),
        .terms_current = rows_bool(rows, 0, "terms_current"),
        .csrf = crypt_keyed(arena, token, "csrf"),
    };
    return DB_OK;
}
