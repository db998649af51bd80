/* publish.c - `hersys publish`: makes an edition of the figures now; and the same every day, and when it is ordered, out of `hersys jobs`. */
#include "main/publish.h"

#include <stdio.h>

#include "base/log.h"
#include "core/edition.h"
#include "main/main.h"

enum { REST_SECONDS = 60 };

/* What became of an order (app.edition_order); one of an edition that failed waits on. */
static const char *const outcomes[] = {
    [EDITION_RELEASED] = "released", [EDITION_HELD_BACK] = "held_back", [EDITION_NOTHING] = "nothing", [EDITION_BACKWARDS] = "backwards",
    [EDITION_TOO_SOON] = NULL,      [EDITION_FAILED] = NULL};

/* Makes an edition, says so in the log, and ends the orders that were there when it began; false when the database failed. */
static bool
publish_now(struct db *db, struct arena *arena)
{
    struct edition edition = {.through = DATE_NONE};
    enum db_status status;
    const struct rows *ordered = DB_ONE(db, arena, NULL, &status, SQL_edition_ordered);
    const char *until = ordered == NULL ? NULL : rows_text(ordered, 0, "ordered_at");
    enum edition_outcome outcome = edition_make(db, arena, &edition);

    if (outcome == EDITION_RELEASED)
        log_info("edition_released", "edition", db_int(arena, edition.number), "moved", db_int(arena, edition.moved), "withheld",
                 db_int(arena, edition.withheld), NULL);
    if (until != NULL && outcomes[outcome] != NULL)
        DB_ONE(db, arena, NULL, &status, SQL_edition_order_done, until, outcomes[outcome]);
    return outcome != EDITION_FAILED;
}

void
publish_when_due(struct publishing *publishing, struct db *db, struct arena *arena, const struct conf *conf)
{
    enum db_status status;

    if (apart_take_failure(&publishing->apart))
        log_error("edition_not_made", NULL);
    if (apart_runs(&publishing->apart) || time(NULL) - publishing->started < REST_SECONDS)
        return;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_edition_due);
    if (rows != NULL && rows_bool(rows, 0, "due") && apart_start(&publishing->apart, db, conf, publish_now))
        publishing->started = time(NULL);
}

int
command_publish(const struct command_line *line)
{
    const char *through = command_option(line, "through");
    struct edition edition = {.through = date_from_iso(through), .try_only = command_switch(line, "dry-run")};

    if (through != NULL && edition.through == DATE_NONE) {
        fputs("usage: hersys publish [--through=YYYY-MM-DD] [--dry-run]\n", stderr);
        return 2;
    }
    struct db *db = db_open(line->conf.database, "jobs");
    enum edition_outcome outcome = edition_make(db, line->arena, &edition);
    db_close(db);
    const char *day = date_iso(line->arena, edition.through);
    switch (outcome) {
    case EDITION_RELEASED:
    case EDITION_TRIED:
        printf("%s through %s: %lld numbers new or corrected, %lld of them hidden; %lld rows not corrected\n",
               outcome == EDITION_RELEASED ? "released" : "would release", day, (long long)edition.moved, (long long)edition.hidden,
               (long long)edition.withheld);
        return 0;
    case EDITION_HELD_BACK:
        printf("held back: %s\n", edition.reason);
        return 1;
    case EDITION_NOTHING:
        puts("no case is counted until that day: nothing to publish");
        return 0;
    case EDITION_BACKWARDS:
        fputs("a later day is published already\n", stderr);
        return 2;
    case EDITION_TOO_SOON:
        fputs("that day is not over yet\n", stderr);
        return 2;
    case EDITION_FAILED:
        break;
    }
    fputs("the database failed\n", stderr);
    return 1;
}
