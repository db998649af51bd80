/* tally.c - see tally.h. */
#include "main/tally.h"

#include "base/log.h"

enum { PROPOSED_AT_ONCE = 200 };

void
tally_fold(struct db *db, struct arena *arena)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_tally_unfolded);

    for (size_t i = 0; rows != NULL && status == DB_OK && i < rows_count(rows); i++)
        DB_ONE(db, arena, NULL, &status, SQL_tally_fold, rows_text(rows, i, "organisation_id"));
}

void
tally_remind(struct db *db, struct arena *arena)
{
    enum db_status status;

    DB_ONE(db, arena, NULL, &status, SQL_tally_keep_week);
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_digest_due);
    for (size_t i = 0; rows != NULL && status == DB_OK && i < rows_count(rows); i++)
        DB_ONE(db, arena, NULL, &status, SQL_digest_send, rows_text(rows, i, "organisation_id"),
               rows_text(rows, i, "week"));
}

/* False when the database failed. */
static bool
compare_one(struct db *db, struct arena *arena, const char *centre)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_tally_compare, centre);

    for (size_t i = 0; rows != NULL && i < rows_count(rows); i++)
        log_error("tally_differs", "centre", centre, "kind", rows_text(rows, i, "kind"), "kept",
                  rows_text(rows, i, "kept"), "counted", rows_text(rows, i, "counted"), NULL);
    return rows != NULL;
}

int64_t
tally_compare(struct db *db, struct arena *arena, int64_t centre)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_tally_centres, db_int(arena, centre));

    for (size_t i = 0; rows != NULL && i < rows_count(rows); i++) {
        if (!compare_one(db, arena, rows_text(rows, i, "organisation_id")))
            return centre;
        centre = rows_int(rows, i, "organisation_id");
    }
    return rows != NULL && rows_count(rows) == 0 ? -1 : centre;
}

int64_t
tally_propose(struct db *db, struct arena *arena, int64_t patient)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_close_step, db_int(arena, patient),
                                     db_int(arena, PROPOSED_AT_ONCE));

    if (rows == NULL)
        return patient;
    return rows_text(rows, 0, "last") == NULL ? -1 : rows_int(rows, 0, "last");
}
