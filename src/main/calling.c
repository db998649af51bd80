/* calling.c - see calling.h. */
#include "main/calling.h"

#include "base/text.h"

enum { QUEUED_AT_ONCE = 500, DIALLED_AT_ONCE = 20 };

/* Marked and committed first, so that a kill here orders no call twice. */
static enum db_status
dial(struct db *db, struct arena *arena, const struct conf *conf, struct gateway *gateway, const char *token,
     const char *phone)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_call_dial, token);

    if (rows == NULL || !rows_bool(rows, 0, "may_go"))
        return status;
    enum gateway_verdict verdict =
        gateway_call(gateway, phone, text_format(arena, "%s/gateway/call/%s", conf->gateway_address, token),
                     text_format(arena, "%s/gateway/call-ended/%s", conf->gateway_address, token));
    if (verdict == GATEWAY_RETRY || verdict == GATEWAY_REFUSED)
        DB_ONE(db, arena, NULL, &status, SQL_call_not_dialled, token, verdict == GATEWAY_RETRY ? "true" : "false");
    return status;
}

int
calling_step(struct db *db, struct arena *arena, const struct conf *conf, struct gateway *gateway)
{
    struct db_batch *batch = db_batch(db, arena, NULL);

    if (text_empty(conf->call_url))
        return 0;
    DB_ADD(batch, SQL_call_queue, db_int(arena, QUEUED_AT_ONCE));
    DB_ADD(batch, SQL_call_lost, db_int(arena, QUEUED_AT_ONCE));
    unsigned due = DB_ADD(batch, SQL_call_due, db_int(arena, DIALLED_AT_ONCE));
    if (db_run(batch) != DB_OK)
        return -1;
    const struct rows *rows = db_rows(batch, due);
    for (size_t i = 0; i < rows_count(rows); i++)
        if (dial(db, arena, conf, gateway, rows_text(rows, i, "token"), rows_text(rows, i, "phone")) != DB_OK)
            return -1;
    return (int)rows_count(rows);
}
