/* my.c - see my.h. */
#include "core/my.h"

#include <string.h>

#include "base/text.h"
#include "core/fields.h"

static bool
looks_like_token(const char *token)
{
    return token != NULL && strlen(token) == CRYPT_TOKEN_SIZE * 2 &&
           strspn(token, "0123456789abcdef") == CRYPT_TOKEN_SIZE * 2;
}

static void
give_token(struct arena *arena, struct my_session *session, const char *token)
{
    session->token = token;
    session->csrf = crypt_keyed(arena, token, "my csrf");
}

struct my_session
my_session_new(struct arena *arena)
{
    struct my_session session = {0};

    give_token(arena, &session, crypt_token(arena));
    return session;
}

enum db_status
my_enter(struct db *db, struct arena *arena, const char *token, struct my_session *session)
{
    enum db_status status = DB_OK;
    bool is_live = false;

    memset(session, 0, sizeof *session);
    if (!looks_like_token(token))
        return DB_OK;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_my_enter, crypt_sha256(arena, token));
    if (rows == NULL || rows_count(rows) == 0)
        return status;
    session->count = rows_count(rows);
    session->people = arena_array(arena, session->count, sizeof *session->people);
    for (size_t i = 0; i < session->count; i++) {
        session->people[i] = (struct my_person){
            .no = (int)rows_int(rows, i, "person_no"),
            .mark = rows_text(rows, i, "mark"),
            .here = rows_bool(rows, i, "here"),
            .open = rows_bool(rows, i, "open"),
            .is_patient = rows_bool(rows, i, "patient"),
            .name = rows_text(rows, i, "name"),
            .language = rows_text(rows, i, "language"),
            .centre = rows_text(rows, i, "centre"),
            .phone = rows_text(rows, i, "phone"),
            .questions = rows_text(rows, i, "questions"),
            .own_history = rows_bool(rows, i, "own_history"),
            .may_survey = rows_bool(rows, i, "may_survey"),
            .surveyed = rows_bool(rows, i, "surveyed"),
            .next_due = rows_text(rows, i, "next_due"),
            .received = rows_text(rows, i, "received"),
            .newest = rows_text(rows, i, "newest"),
            .newest_of = rows_text(rows, i, "newest_of"),
            .urgency = (int)rows_int(rows, i, "urgency"),
        };
        is_live = is_live || session->people[i].open;
    }
    if (!is_live) {
        *session = (struct my_session){0};
        return DB_OK;
    }
    give_token(arena, session, token);
    session->has_account = rows_bool(rows, 0, "account");
    return DB_OK;
}

const struct my_person *
my_find(const struct my_session *session, int no)
{
    for (size_t i = 0; i < session->count; i++)
        if (session->people[i].no == no)
            return &session->people[i];
    return NULL;
}

const struct my_person *
my_marked(const struct my_session *session, const char *mark)
{
    for (size_t i = 0; i < session->count; i++)
        if (session->people[i].mark != NULL && text_same(session->people[i].mark, mark))
            return &session->people[i];
    return NULL;
}

/* The result as the functions of the database spell it. */
static enum my_result
result_of(const char *word)
{
    static const char *const words[] = {
        [MY_open] = "open",         [MY_wrong] = "wrong", [MY_locked] = "locked", [MY_stored] = "stored",
        [MY_repeated] = "repeated", [MY_over] = "over",   [MY_many] = "many",     [MY_none] = "none",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_same(words[i], word))
            return (enum my_result)i;
    return MY_failed;
}

enum my_result
my_sign_in(struct db *db, struct arena *arena, struct my_session *session, const char *link, date_day birth, bool joins, int *no)
{
    const char *token = session->token != NULL ? session->token : crypt_token(arena);
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_my_sign_in, link, date_iso(arena, birth),
                                     crypt_sha256(arena, token), db_bool(joins));

    if (rows == NULL)
        return MY_failed;
    enum my_result result = result_of(rows_text(rows, 0, "result"));
    if (result == MY_open) {
        *no = (int)rows_int(rows, 0, "person_no");
        give_token(arena, session, token);
    }
    return result;
}

enum db_status
my_speak(struct db *db, struct arena *arena, const struct my_session *session, int no, const char *language)
{
    enum db_status status;

    DB_ONE(db, arena, NULL, &status, SQL_my_speak, crypt_sha256(arena, session->token), db_int(arena, no), language);
    return status;
}

enum db_status
my_leave(struct db *db, struct arena *arena, const struct my_session *session)
{
    enum db_status status;

    DB_ONE(db, arena, NULL, &status, SQL_my_leave, crypt_sha256(arena, session->token));
    return status;
}

/* What was answered, as one JSON object of items by name. */
static const char *
items_of(struct arena *arena, const struct document *answer)
{
    static const struct document nothing;

    return fields_changes((struct fields){.arena = arena}, answer, &nothing, false);
}

enum my_result
my_store(struct db *db, struct arena *arena, const struct my_session *session, int no, const char *key, const char *at,
         const struct document *answer)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_my_store, crypt_sha256(arena, session->token),
                                     db_int(arena, no), key, at, items_of(arena, answer));

    return rows == NULL ? MY_failed : result_of(rows_text(rows, 0, "result"));
}

enum my_result
my_survey(struct db *db, struct arena *arena, const struct my_session *session, int no, const struct document *answer)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_my_survey, crypt_sha256(arena, session->token),
                                     db_int(arena, no), items_of(arena, answer));

    return rows == NULL ? MY_failed : result_of(rows_text(rows, 0, "result"));
}

const struct rows *
my_history(struct db *db, struct arena *arena, const struct my_session *session, int no, enum db_status *status)
{
    return DB_ONE(db, arena, NULL, status, SQL_my_history, crypt_sha256(arena, session->token), db_int(arena, no));
}
