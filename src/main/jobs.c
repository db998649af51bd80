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

#include "base/date.h"
#include "base/log.h"
#include "base/nightly.h"
#include "base/text.h"
#include "core/anchor.h"
#include "core/certificate.h"
#include "core/installation.h"
#include "db/db.h"
#include "main/apart.h"
#include "main/calling.h"
#include "main/figures.h"
#include "main/outbox.h"
#include "main/publish.h"
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
    PUBLISH_SECONDS = 5,
    SIGNAL_SECONDS = 3600,
    COMPARE_SECONDS = 24 * 3600
};

static volatile sig_atomic_t stopping;

static void
on_stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
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
        DB_ADD(batch, SQL_purge_patient_merges, patient);
        DB_ADD(batch, SQL_purge_audit, patient, text_format(arena, "notification %s", no));
        if (db_run(batch) != DB_OK)
            return;
    }
}

/* Centres that handed a patient over, agencies and emergency views read for a set time only; 健康観察 has a last day. */
static void
end_what_is_over(struct db *db, struct arena *arena)
{
    static const enum sql statements[] = {SQL_access_expire, SQL_follow_expire};
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

/* Makes the certificates that people have opened on their telephones; *named: the key of their numbers has been read. */
static void
certify(struct db *db, struct arena *arena, const struct crypt_keys *keys, bool *named)
{
    *named = *named || installation_load_key(db) == 0;
    if (*named)
        certificate_make(db, arena, keys);
}

static void
purge(struct db *db, struct arena *arena)
{
    static const enum sql statements[] = {SQL_purge_sign_in, SQL_purge_proof,   SQL_purge_throttle,
                                          SQL_purge_letter,  SQL_purge_session, SQL_purge_draft,
                                          SQL_purge_sent,    SQL_purge_failed,   SQL_purge_undelivered,
                                          SQL_purge_address_day, SQL_purge_channel_day,
                                          SQL_purge_sms_received, SQL_purge_call, SQL_purge_call_guess,
                                          SQL_purge_cocoa, SQL_purge_merged, SQL_purge_my, SQL_purge_my_try,
                                          SQL_purge_certificate, SQL_purge_extract_key,
                                          SQL_purge_extract_patients};
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

/*
 * 入力状況 (main/tally.h): when each part was done last, and how far the comparison and the proposals are. Proposals follow every
 * change of a record; a period that ends with a day is found once, after that day, and all of it after a start.
 */
struct tally_state {
    time_t folded, reminded, comparing;
    date_day proposing;
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
    if (tally->proposing != date_today()) {
        tally->proposing = date_today();
        tally->proposed = 0;
    }
    if (tally->proposed >= 0)
        tally->proposed = tally_propose(db, arena, tally->proposed);
}

/* The figures (main/figures.h): when each part was done last. */
struct figures_state {
    time_t folded, kept, published, signalled;
    bool folding; /* more may be left */
    struct nightly nightly; /* the comparison */
    struct apart comparing;
    struct publishing publishing;
};

static void
compare_figures(struct figures_state *figures, struct db *db, const struct conf *conf)
{
    time_t now = time(NULL);

    if (apart_take_failure(&figures->comparing)) {
        log_error("figures_not_compared", NULL);
        nightly_failed(&figures->nightly, now);
    }
    if (nightly_is_due(&figures->nightly, now) && apart_start(&figures->comparing, db, conf, figures_compare))
        nightly_started(&figures->nightly, now);
}

static void
keep_figures(struct db *db, struct arena *arena, const struct conf *conf, struct figures_state *figures)
{
    if (figures->folding || is_due(&figures->folded, FOLD_SECONDS))
        figures->folding = figures_fold(db, arena);
    if (is_due(&figures->kept, REMIND_SECONDS))
        figures_keep(db, arena);
    if (is_due(&figures->published, PUBLISH_SECONDS))
        publish_when_due(&figures->publishing, db, arena, conf);
    if (is_due(&figures->signalled, SIGNAL_SECONDS))
        figures_signals(db, arena);
    compare_figures(figures, db, conf);
}

/* Is work being done in a process of its own? */
static bool
figures_run(struct figures_state *figures)
{
    bool comparing = apart_runs(&figures->comparing), publishing = apart_runs(&figures->publishing.apart);

    return comparing || publishing;
}

static void
run(struct db *db, const struct conf *conf, const struct crypt_keys *keys, int once)
{
    struct arena *arena = arena_new();
    struct gateway *gateway = gateway_open(conf);
    struct outbox *outbox = outbox_open(db, conf, keys, gateway, &stopping);
    struct marking marking = {0};
    struct tally_state tally = {.compared = -1, .proposing = DATE_NONE};
    struct figures_state figures = {.nightly = NIGHTLY_START};
    time_t last_anchor = 0, last_purge = 0, last_end = 0, last_sweep = 0;
    int leading = 0;
    bool sweeping = false, named = false;

    while (!stopping) {
        leading = leading || is_leader(db, arena);
        int sent = leading ? outbox_send(outbox, arena) : 0;
        leading = leading && sent >= 0; /* the lock went with a lost connection */
        if (leading && is_due(&last_anchor, ANCHOR_SECONDS))
            write_anchor(db, arena, conf);
        if (leading && is_due(&last_purge, PURGE_SECONDS))
            purge(db, arena);
        if (leading && is_due(&last_end, END_SECONDS))
            end_what_is_over(db, arena);
        if (leading)
            ask(db, arena);
        if (leading)
            certify(db, arena, keys, &named);
        if (leading && (sweeping || is_due(&last_sweep, SWEEP_SECONDS)))
            sweeping = sweep(db, arena);
        if (leading)
            leading = calling_step(db, arena, conf, gateway, &stopping) >= 0;
        if (leading)
            mark_past(db, arena, &marking);
        if (leading)
            keep_tally(db, arena, &tally);
        if (leading)
            keep_figures(db, arena, conf, &figures);
        arena_reset(arena);
        if (sent <= 0) {
            if (once && !figures_run(&figures))
                break;
            usleep(POLL_MILLISECONDS * 1000);
        }
    }
    apart_stop(&figures.comparing);
    apart_stop(&figures.publishing.apart);
    outbox_close(outbox);
    gateway_close(gateway);
    arena_free(arena);
}

int
command_jobs(const struct command_line *line)
{
    struct sigaction action = {.sa_handler = on_stop};
    struct crypt_keys keys;

    log_set_process("jobs");
    if (crypt_load_keys(&keys, line->conf.key_directory) != 0)
        return 1;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct db *db = db_open(line->conf.database, "jobs");
    run(db, &line->conf, &keys, command_switch(line, "once"));
    db_close(db);
    curl_global_cleanup();
    return 0;
}
