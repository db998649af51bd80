/*
 * edition.h - 公表: makes an edition (版) of the eleven indicators: takes the figures as they stand, hides what must be hidden
 * (core/disclose.h), proves it, and releases all of it in one transaction, or holds it back and says why.
 */
#ifndef HERSYS_CORE_EDITION_H
#define HERSYS_CORE_EDITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/date.h"
#include "db/db.h"

enum edition_outcome {
    EDITION_RELEASED,
    EDITION_TRIED,     /* would have been released */
    EDITION_HELD_BACK, /* the audit refused it; the edition stands, with its reason, and has published nothing */
    EDITION_NOTHING,   /* no case is counted yet */
    EDITION_BACKWARDS, /* a later day is published already */
    EDITION_TOO_SOON,  /* the day is not over in Japan */
    EDITION_FAILED     /* the database; logged */
};

struct edition {
    date_day through;   /* the last day; DATE_NONE: yesterday in Japan. Set by edition_make */
    bool try_only;      /* reckon, prove, release nothing */
    int64_t number;     /* of the edition */
    int64_t moved;      /* numbers published that are new or differ from the edition before */
    int64_t hidden;     /* of these, how many are hidden */
    int64_t withheld;   /* rows by sex and age whose correction would tell somebody, and is not published */
    const char *reason; /* why it was held back, in Japanese */
};

/* Makes an edition with a connection of role jobs, outside a transaction. Texts live in `arena`. */
enum edition_outcome edition_make(struct db *db, struct arena *arena, struct edition *edition);

#endif
