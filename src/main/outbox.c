/* outbox.c - see outbox.h. */
#include "main/outbox.h"

#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "core/bounce.h"
#include "core/message.h"
#include "core/sms.h"

enum {
    MAX_TRIES = 12,          /* with the waits below: about two days */
    FIRST_WAIT_SECONDS = 10,
    LONGEST_WAIT_SECONDS = 6 * 3600,
    ROUND_SECONDS = 2,       /* then it is looked again whether somebody waits for a code */
    RELEASED_AT_ONCE = 500
};

struct outbox {
    struct arena *arena;
    struct db *db;
    const struct conf *conf;
    const struct crypt_keys *keys;
    const volatile sig_atomic_t *stopping;
    struct gateway *gateway;
};

struct outbox *
outbox_open(struct db *db, const struct conf *conf, const struct crypt_keys *keys, struct gateway *gateway,
            const volatile sig_atomic_t *stopping)
{
    struct arena *arena = arena_new();
    struct outbox *outbox = ARENA_NEW(arena, struct outbox);

    *outbox = (struct outbox){arena, db, conf, keys, stopping, gateway};
    return outbox;
}

void
outbox_close(struct outbox *outbox)
{
    arena_free(outbox->arena);
}

static int
wait_before(int64_t tries)
{
    int64_t seconds = FIRST_WAIT_SECONDS;

    for (int64_t i = 0; i < tries && seconds < LONGEST_WAIT_SECONDS; i++)
        seconds *= 3;
    return (int)(seconds < LONGEST_WAIT_SECONDS ? seconds : LONGEST_WAIT_SECONDS);
}

static enum db_status
fail(struct outbox *outbox, struct arena *arena, const char *id, const char *why)
{
    enum db_status status;

    log_error("message_given_up", "outbox", id, "why", why, NULL);
    DB_ONE(outbox->db, arena, NULL, &status, SQL_outbox_fail, id, why);
    return status;
}

/* Tries again in a while, longer each time, and in the end no more. */
static enum db_status
try_later(struct outbox *outbox, struct arena *arena, const char *id, int64_t tries)
{
    enum db_status status;

    if (tries + 1 >= MAX_TRIES)
        return fail(outbox, arena, id, "given_up");
    DB_ONE(outbox->db, arena, NULL, &status, SQL_outbox_later, id, db_int(arena, wait_before(tries)));
    return status;
}

/* Writes down what the gateway said. Without an answer the mark stays, and with it the time until which a report is waited for. */
static enum db_status
record(struct outbox *outbox, struct arena *arena, const char *id, enum gateway_verdict verdict, int64_t tries)
{
    enum db_status status = DB_OK;

    switch (verdict) {
    case GATEWAY_SENT:
        DB_ONE(outbox->db, arena, NULL, &status, SQL_outbox_sent, id);
        return status;
    case GATEWAY_REFUSED:
        return fail(outbox, arena, id, "refused");
    case GATEWAY_RETRY:
    case GATEWAY_BUSY:
        return try_later(outbox, arena, id, tries);
    case GATEWAY_UNCERTAIN:
        return DB_OK;
    }
    return status;
}

static bool
is_sms(const struct rows *rows, size_t i)
{
    return text_same(rows_text(rows, i, "channel"), "sms");
}

static enum gateway_verdict
ask_gateway(struct outbox *outbox, struct arena *arena, const struct rows *rows, size_t i)
{
    const struct conf *conf = outbox->conf;
    const char *id = rows_text(rows, i, "outbox_id");
    struct message message = {.id = id, .to = rows_text(rows, i, "to_address")};

    message_compose(arena, conf->address, rows_text(rows, i, "template"), rows_text(rows, i, "phone_id"),
                    rows_text(rows, i, "code"), rows_text(rows, i, "numbers"), &message.subject,
                    &message.body);
    if (!is_sms(rows, i)) {
        message.sender = bounce_sender(arena, outbox->keys, conf->mail_returns, id);
        return gateway_mail(outbox->gateway, &message);
    }
    if (!text_empty(conf->gateway_address))
        message.report_url = sms_report_url(arena, outbox->keys, conf->gateway_address, id);
    return gateway_sms(outbox->gateway, &message);
}

/*
 * The status of what comes before the gateway is asked. Once it has been, a message that the gateway may have is not to be tried again in
 * ten seconds: what cannot be written down leaves the mark as it is, and only DB_LOST is told.
 */
static enum db_status
send_one(struct outbox *outbox, struct arena *arena, const struct rows *rows, size_t i)
{
    enum db_status status;
    const char *id = rows_text(rows, i, "outbox_id");

    if (rows_text(rows, i, "to_organisation") != NULL) {
        DB_ONE(outbox->db, arena, NULL, &status, SQL_outbox_expand, id);
        return status;
    }
    const char *token = is_sms(rows, i) ? sms_report_token(arena, outbox->keys, id) : bounce_token(arena, outbox->keys, id);
    const char *hash = crypt_sha256(arena, token);
    const struct rows *tried = DB_ONE(outbox->db, arena, NULL, &status, SQL_outbox_try, id, hash);
    if (tried == NULL || !rows_bool(tried, 0, "may_go"))
        return status;
    enum gateway_verdict verdict = ask_gateway(outbox, arena, rows, i);
    status = record(outbox, arena, id, verdict, rows_int(rows, i, "tries"));
    if (status != DB_OK && status != DB_LOST) /* a deadlock passes */
        status = record(outbox, arena, id, verdict, rows_int(rows, i, "tries"));
    if (status != DB_OK)
        log_error("message_not_recorded", "outbox", id, NULL);
    return status == DB_LOST ? DB_LOST : DB_OK;
}

int
outbox_send(struct outbox *outbox, struct arena *arena)
{
    time_t began = time(NULL);
    struct db_batch *batch = db_batch(outbox->db, arena, NULL);

    DB_ADD(batch, SQL_outbox_release, db_int(arena, RELEASED_AT_ONCE));
    unsigned due = DB_ADD(batch, SQL_outbox_due);
    if (db_run(batch) != DB_OK)
        return -1;
    const struct rows *rows = db_rows(batch, due);
    for (size_t i = 0; i < rows_count(rows) && !*outbox->stopping && time(NULL) - began <= ROUND_SECONDS; i++) {
        enum db_status status = send_one(outbox, arena, rows, i);
        /* A row that cannot be handled must not stand in the way of the others. */
        if (status != DB_OK && status != DB_LOST)
            status = try_later(outbox, arena, rows_text(rows, i, "outbox_id"), rows_int(rows, i, "tries"));
        if (status != DB_OK)
            return -1;
    }
    return (int)rows_count(rows);
}
