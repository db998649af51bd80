/* calling.c - see calling.h. */
#include "main/calling.h"

#include <time.h>

#include "base/text.h"

enum { QUEUED_AT_ONCE = 500, DIALLED_AT_ONCE = 20, ROUND_SECONDS = 2 };

/* What is written down of an order that the service did not take, as app.call_not_dialled knows it; NULL: it has the order, or may have it. */
static const char *const not_taken[] = {
    [GATEWAY_SENT] = NULL,
    [GATEWAY_RETRY] = "trouble",
    [GATEWAY_BUSY] = "busy",
    [GATEWAY_REFUSED] = "never",
    [GATEWAY_UNCERTAIN] = NULL,
};

/*
 * Marked and committed first, so that a kill here orders no call twice. False when the service takes no orders now, or the database has
 * trouble: it would be the same with the others.
 */
static bool
dial(struct db *db, struct arena *arena, const struct conf *conf, struct gateway *gateway, const char *token,
     const char *phone, enum db_status *status)
{
    const struct rows *rows = DB_ONE(db, arena, NULL, status, SQL_call_dial, token);

    if (rows == NULL || !rows_bool(rows, 0, "may_go"))
        return *status == DB_OK;
    enum gateway_verdict verdict =
        gateway_call(gateway, phone, text_format(arena, "%s/gateway/call/%s", conf->gateway_address, token),
                     text_format(arena, "%s/gateway/call-ended/%s", conf->gateway_address, token));
    if (not_taken[verdict] != NULL)
        DB_ONE(db, arena, NULL, status, SQL_call_not_dialled, token, not_taken[verdict]);
    return *status == DB_OK && (verdict == GATEWAY_SENT || verdict == GATEWAY_REFUSED);
}

/* What people answer who ring us is kept too when nobody is called. */
static int
end_lost(struct db *db, struct arena *arena)
{
    enum db_status status;

    DB_ONE(db, arena, NULL, &status, SQL_call_lost, db_int(arena, QUEUED_AT_ONCE));
    return status == DB_OK ? 0 : -1;
}

int
calling_step(struct db *db, struct arena *arena, const struct conf *conf, struct gateway *gateway,
             const volatile sig_atomic_t *stopping)
{
    time_t began = time(NULL);
    enum db_status status = DB_OK;
    bool goes_on = true;

    if (text_empty(conf->call_url))
        return end_lost(db, arena);
    struct db_batch *batch = db_batch(db, arena, NULL);
    DB_ADD(batch, SQL_call_queue, db_int(arena, QUEUED_AT_ONCE));
    DB_ADD(batch, SQL_call_lost, db_int(arena, QUEUED_AT_ONCE));
    unsigned due = DB_ADD(batch, SQL_call_due, db_int(arena, DIALLED_AT_ONCE));
    if (db_run(batch) != DB_OK)
        return -1;
    const struct rows *rows = db_rows(batch, due);
    for (size_t i = 0; i < rows_count(rows) && goes_on && !*stopping && time(NULL) - began < ROUND_SECONDS; i++)
        goes_on = dial(db, arena, conf, gateway, rows_text(rows, i, "token"), rows_text(rows, i, "phone"), &status);
    return status == DB_OK ? 0 : -1;
}
