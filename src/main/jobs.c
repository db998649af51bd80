/*
 * jobs.c - `hersys jobs`: what happens without a person. Sends messages, writes the anchors of the audit chains,
 * clears away what has expired, marks what has become 過去情報, keeps 入力状況. One process leads (advisory lock); others wait for it to go.
 */
#include "main/main.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "core/anchor.h"
#include "core/message.h"
#include "db/db.h"
#include "gateway/gateway.h"
#include "main/tally.h"

enum {
    POLL_MILLISECONDS = 300,
    ANCHOR_SECONDS = 60,
    PURGE_SECONDS = 600,
    END_SECONDS = 60,
    ENDED_AT_ONCE = 500,
    ASKED_AT_ONCE = 500,
    SWEEP_SECONDS = 10,
    SWEPT_AT_ONCE = 200,
    FOLD_SECONDS = 5,
    REMIND_SECONDS = 60,
    COMPARE_SECONDS = 24 * 3600,
    PROPOSE_SECONDS = 600,
    MAX_TRIES = 12,          /* with the waits below: about two days */
    FIRST_WAIT_SECONDS = 10,
    LONGEST_WAIT_SECONDS = 6 * 3600
};

static volatile sig_atomic_t stopping;

static void
on_stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
}

/* ---- messages ------------------------------------------------------------------------------------------------------ */

static int
wait_before(int64_t tries)
{
    int64_t seconds = FIRST_WAIT_SECONDS;

    for (int64_t i = 0; i < tries && seconds < LONGEST_WAIT_SECONDS; i++)
        seconds *= 3;
    return (int)(seconds < LONGEST_WAIT_SECONDS ? seconds : LONGEST_WAIT_SECONDS);
}

static enum db_status
record(struct db *db, struct arena *arena, const char *id, enum gateway_verdict verdict,
       int64_t tries)
{
    enum db_status status;

    if (verdict == GATEWAY_SENT)
        DB_ONE(db, arena, NULL, &status, SQL_outbox_sent, id);
    else if (verdict == GATEWAY_REFUSED || tries + 1 >= MAX_TRIES) {
        log_error("message_given_up", "outbox", id, NULL);
        DB_ONE(db, arena, NULL, &status, SQL_outbox_failed, id);
    } else
        DB_ONE(db, arena, NULL, &status, SQL_outbox_later, id, db_int(arena, wait_before(tries)));
    return status;
}

static enum db_status
send_one(struct db *db, struct arena *arena, const struct conf *conf, struct gateway *gateway,
         const struct rows *rows, size_t i)
{
    enum db_status status;
    const char *id = rows_text(rows, i, "outbox_id");
    struct message message = {.id = id, .to = rows_text(rows, i, "to_address")};

    if (rows_text(rows, i, "to_organisation") != NULL) {
        DB_ONE(db, arena, NULL, &status, SQL_outbox_expand, id);
        return status;
    }
    message_compose(arena, conf->address, rows_text(rows, i, "template"),
                    rows_text(rows, i, "phone_id"), rows_text(rows, i, "code"),
                    rows_text(rows, i, "numbers"), &message.subject, &message.body);
    enum gateway_verdict verdict = text_same(rows_text(rows, i, "channel"), "sms")
                                       ? gateway_sms(gateway, &message)
                                       : gateway_mail(gateway, &message);
    return record(db, arena, id, verdict, rows_int(rows, i, "tries"));
}

/* Sends what is due; returns how many rows there were, -1 when the database failed. */
static int
send_due(struct db *db, struct arena *arena, const struct conf *conf, struct gateway *gateway)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_outbox_due);

    if (rows == NULL)
        return -1;
    for (size_t i = 0; i < rows_count(rows) && !stopping; i++) {
        status = send_one(db, arena, conf, gateway, rows, i);
        /* A row that cannot be handled must not stand in the way of the others. */
        if (status != DB_OK && status != DB_LOST)
            status = record(db, arena, rows_text(rows, i, "outbox_id"), GATEWAY_RETRY,
                            rows_int(rows, i, "tries"));
        if (status != DB_OK)
            return -1;
    }
    return (int)rows_count(rows);
}

/* ---- anchors and purges -------------------------------------------------------------------------------------------- */

static void
write_anchor(struct db *db, struct arena *arena, const struct conf *conf)
{
    enum db_status status;
    const struct rows *heads = DB_ONE(db, arena, NULL, &status, SQL_audit_heads);

    if (heads != NULL)
        anchor_write(arena, conf->anchor_directory, conf->key_directory, heads);
}

static void
purge_sealed(struct db *db, struct arena *arena)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_sealed_expired);

    for (size_t i = 0; rows != NULL && i < rows_count(rows); i++) {
        const char *patient = rows_text(rows, i, "patient_id");
        const char *no = rows_text(rows, i, "notification_no");
        struct db_batch *batch = db_batch(db, arena, NULL);
        DB_ADD(batch, SQL_purge_notification_rows, patient, no);
        DB_ADD(batch, SQL_purge_notification, patient, no);
        DB_ADD(batch, SQL_purge_patient_rows, patient);
        DB_ADD(batch, SQL_purge_patient, patient);
        DB_ADD(batch, SQL_purge_audit, patient, text_format(arena, "notification %s", no));
        if (db_run(batch) != DB_OK)
            return;
    }
}

/* Centres that handed a patient over, agencies and emergency views read for a set time only; 健康観察 has a last day. */
static void
end_what_is_over(struct db *db, struct arena *arena)
{
    static const enum sql statements[] = {SQL_related_expire, SQL_grants_expire, SQL_follow_expire};
    enum db_status status;

    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        DB_ONE(db, arena, NULL, &status, statements[i], db_int(arena, ENDED_AT_ONCE));
}

/* Queues the question of the day for the next of those who are observed. */
static void
ask(struct db *db, struct arena *arena)
{
    enum db_status status;

    DB_ONE(db, arena, NULL, &status, SQL_follow_asked, db_int(arena, ASKED_AT_ONCE));
}

/* Brings the next of those into step whom a changed rule concerns; false when there are none left for now. */
static bool
sweep(struct db *db, struct arena *arena)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_rule_sweep_step, db_int(arena, SWEPT_AT_ONCE));

    return rows != NULL && rows_int(rows, 0, "done") > 0;
}

static void
purge(struct db *db, struct arena *arena)
{
    static const enum sql statements[] = {SQL_purge_sign_in, SQL_purge_proof,   SQL_purge_throttle,
                                          SQL_purge_letter,  SQL_purge_session, SQL_purge_draft,
                                          SQL_purge_sent,    SQL_purge_cocoa};
    struct db_batch *batch = db_batch(db, arena, NULL);

    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        db_add_array(batch, statements[i], 0, NULL);
    if (db_run(batch) == DB_OK)
        purge_sealed(db, arena);
}

/* ---- past information (過去情報) -------------------------------------------------------------------------------------- */

/* How far the marks of app.access follow the setting past_until. */
struct marking {
    char until[11];    /* the date being marked, ISO; "" at the start */
    int64_t office;    /* all up to this one are done */
    bool done;
};

/* The next few offices: all of them once after the start, and again when the ministry has changed the date. */
static void
mark_past(struct db *db, struct arena *arena, struct marking *marking)
{
    enum db_status status;
    const struct rows *date = DB_ONE(db, arena, NULL, &status, SQL_past_date);

    if (date == NULL)
        return;
    if (!text_same(marking->until, rows_text(date, 0, "value"))) {
        *marking = (struct marking){.office = -1};
        snprintf(marking->until, sizeof marking->until, "%s", rows_text(date, 0, "value"));
    }
    if (marking->done)
        return;
    const struct rows *offices =
        DB_ONE(db, arena, NULL, &status, SQL_past_offices, db_int(arena, marking->office));
    marking->done = offices != NULL && rows_count(offices) == 0;
    for (size_t i = 0; offices != NULL && i < rows_count(offices) && !stopping; i++) {
        DB_ONE(db, arena, NULL, &status, SQL_past_mark, rows_text(offices, i, "organisation_id"),
               marking->until);
        if (status != DB_OK)
            return;
        marking->office = rows_int(offices, i, "organisation_id");
    }
}

/* ---- the loop ------------------------------------------------------------------------------------------------------ */

static int
is_leader(struct db *db, struct arena *arena)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_leader_lock);

    return rows != NULL && rows_bool(rows, 0, "mine");
}

/* True once every `seconds`. */
static int
is_due(time_t *last, int seconds)
{
    time_t now = time(NULL);

    if (now - *last < seconds)
        return 0;
    *last = now;
    return 1;
}

/* 入力状況 (main/tally.h): when each part was done last, and how far the comparison and the proposals are. */
struct tally_state {
    time_t folded, reminded, comparing, proposing;
    int64_t compared, proposed;
};

static void
keep_tally(struct db *db, struct arena *arena, struct tally_state *tally)
{
    if (is_due(&tally->folded, FOLD_SECONDS))
        tally_fold(db, arena);
    if (is_due(&tally->reminded, REMIND_SECONDS))
        tally_remind(db, arena);
    if (tally->compared >= 0 || is_due(&tally->comparing, COMPARE_SECONDS))
        tally->compared = tally_compare(db, arena, tally->compared);
    if (tally->proposed > 0 || is_due(&tally->proposing, PROPOSE_SECONDS))
        tally->proposed = tally_propose(db, arena, tally->proposed);
}

static void
run(struct db *db, const struct conf *conf, int once)
{
    struct arena *arena = arena_new();
    struct gateway *gateway = gateway_open(conf);
    struct marking marking = {0};
    struct tally_state tally = {.compared = -1};
    time_t last_anchor = 0, last_purge = 0, last_end = 0, last_sweep = 0;
    int leading = 0;
    bool sweeping = false;

    while (!stopping) {
        leading = leading || is_leader(db, arena);
        int sent = leading ? send_due(db, arena, conf, gateway) : 0;
        leading = leading && sent >= 0; /* the lock went with a lost connection */
        if (leading && is_due(&last_anchor, ANCHOR_SECONDS))
            write_anchor(db, arena, conf);
        if (leading && is_due(&last_purge, PURGE_SECONDS))
            purge(db, arena);
        if (leading && is_due(&last_end, END_SECONDS))
            end_what_is_over(db, arena);
        if (leading)
            ask(db, arena);
        if (leading && (sweeping || is_due(&last_sweep, SWEEP_SECONDS)))
            sweeping = sweep(db, arena);
        if (leading)
            mark_past(db, arena, &marking);
        if (leading)
            keep_tally(db, arena, &tally);
        arena_reset(arena);
        if (sent <= 0) {
            if (once)
                break;
            usleep(POLL_MILLISECONDS * 1000);
        }
    }
    gateway_close(gateway);
    arena_free(arena);
}

int
command_jobs(const struct command_line *line)
{
    struct sigaction action = {.sa_handler = on_stop};

    log_set_process("jobs");
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct db *db = db_open(line->conf.database, "jobs");
    run(db, &line->conf, command_switch(line, "once"));
    db_close(db);
    curl_global_cleanup();
    return 0;
}
