/* certificate.c - see certificate.h. */
#include "core/certificate.h"

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/password.h"

enum { CODE_SIZE = 20, CODE_GROUP = 5, MADE_AT_ONCE = 50 };

/* ---- codes --------------------------------------------------------------------------------------------------------- */

const char *
certificate_code(struct arena *arena, const char *typed)
{
    const char *code = password_from_paper(arena, typed);

    return strlen(code) == CODE_SIZE ? code : NULL;
}

const char *
certificate_code_shown(struct arena *arena, const char *code)
{
    const char *shown = "";

    for (const char *p = code; *p != '\0'; p += CODE_GROUP)
        shown = text_format(arena, "%s%s%.*s", shown, p == code ? "" : "-", CODE_GROUP, p);
    return shown;
}

/* ---- the sealed text ----------------------------------------------------------------------------------------------- */

/* A sealed text opens for its own code alone. */
static const char *
place_of(struct arena *arena, const char *code_hash)
{
    return text_format(arena, "certificate|sealed_text|%s", code_hash);
}

static const char *
sealed(struct arena *arena, const struct crypt_keys *keys, const char *code_hash, const struct certificate *c)
{
    const struct {
        const char *name, *value;
    } all[] = {{"name", c->name},     {"number", c->number},
               {"centre", c->centre}, {"birth", date_iso(arena, c->birth)},
               {"code", c->code},     {"diagnosed", date_iso(arena, c->diagnosed)}};
    struct buf json = buf_new(arena);

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        buf_add_char(&json, i == 0 ? '{' : ',');
        buf_add_json(&json, all[i].name);
        buf_add_char(&json, ':');
        buf_add_json(&json, all[i].value);
    }
    buf_add_char(&json, '}');
    return crypt_seal(arena, keys, place_of(arena, code_hash), buf_text(&json));
}

static bool
opened(struct arena *arena, const struct crypt_keys *keys, const char *code_hash, const char *text, struct certificate *c)
{
    const char *plain = crypt_open(arena, keys, place_of(arena, code_hash), text);
    json_t *json = plain == NULL ? NULL : json_loads(plain, 0, NULL);

    if (json == NULL)
        return false;
    *c = (struct certificate){
        .name = text_copy(arena, json_string_value(json_object_get(json, "name"))),
        .number = text_copy(arena, json_string_value(json_object_get(json, "number"))),
        .centre = text_copy(arena, json_string_value(json_object_get(json, "centre"))),
        .birth = date_from_iso(json_string_value(json_object_get(json, "birth"))),
        .diagnosed = date_from_iso(json_string_value(json_object_get(json, "diagnosed"))),
        .code = text_copy(arena, json_string_value(json_object_get(json, "code"))),
    };
    json_decref(json);
    return true;
}

/* ---- wanting, making, checking ------------------------------------------------------------------------------------- */

enum certificate_state
certificate_of(struct db *db, struct arena *arena, const struct crypt_keys *keys, const struct my_session *session, int no,
               struct certificate *certificate)
{
    static const char *const words[] = {[CERTIFICATE_ready] = "ready", [CERTIFICATE_making] = "making",
                                        [CERTIFICATE_wait] = "wait",   [CERTIFICATE_never] = "never",
                                        [CERTIFICATE_none] = "none"};
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_my_certificate, crypt_sha256(arena, session->token),
                                     db_int(arena, no));
    enum certificate_state state = 0;

    if (rows == NULL)
        return CERTIFICATE_failed;
    while (state < CERTIFICATE_failed && !text_same(words[state], rows_text(rows, 0, "state")))
        state++;
    if (state == CERTIFICATE_ready &&
        !opened(arena, keys, rows_text(rows, 0, "code_hash"), rows_text(rows, 0, "sealed_text"), certificate))
        return CERTIFICATE_failed;
    return state;
}

bool
certificate_check(struct db *db, struct arena *arena, const struct crypt_keys *keys, const char *code,
                  struct certificate *certificate, enum db_status *status)
{
    const char *hash = crypt_sha256(arena, code);
    const struct rows *rows = DB_ONE(db, arena, NULL, status, SQL_certificate_check, hash);
    const char *text = rows == NULL ? NULL : rows_text(rows, 0, "sealed_text");

    return text != NULL && opened(arena, keys, hash, text, certificate);
}

enum db_status
certificate_make(struct db *db, struct arena *arena, const struct crypt_keys *keys)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_certificate_wanted, db_int(arena, MADE_AT_ONCE));

    if (rows == NULL || rows_count(rows) == 0)
        return status;
    struct db_batch *batch = db_batch(db, arena, NULL);
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct certificate c = {
            .name = rows_text(rows, i, "name"),
            .number = publicid_hersys(arena, rows_int(rows, i, "patient_id")),
            .centre = rows_text(rows, i, "centre"),
            .birth = date_from_iso(rows_text(rows, i, "birth_date")),
            .diagnosed = date_from_iso(rows_text(rows, i, "diagnosis_date")),
            .code = crypt_base32(arena, CODE_SIZE),
        };
        const char *hash = crypt_sha256(arena, c.code);
        DB_ADD(batch, SQL_certificate_issue, rows_text(rows, i, "patient_id"), rows_text(rows, i, "facts"), hash,
               sealed(arena, keys, hash, &c));
    }
    return db_run(batch);
}
