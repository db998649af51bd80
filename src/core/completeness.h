/*
 * completeness.h - 入力状況: of how many of its patients a centre has still to enter something, kept in app.tally as they change
 * (sql/0012-completeness.sql). The kinds are those for which the real system was criticised (seed 2, seed 4).
 */
#ifndef HERSYS_CORE_COMPLETENESS_H
#define HERSYS_CORE_COMPLETENESS_H

#include "base/date.h"
#include "core/notification.h"

enum {
    COMPLETENESS_KINDS = 6,
    COMPLETENESS_WEEKS = 26, /* of the trend */
    DIGEST_NEVER = 0,        /* in place of a weekday; 1 is Monday */
    DIGEST_LAST = 7
};

/* A kind of app.tally_kind; its words are those of todo_find. */
struct completeness_kind {
    const char *name;
    enum item_class class; /* whoever sees this class of a patient may see that it is missing */
};
extern const struct completeness_kind completeness_kinds[COMPLETENESS_KINDS];

/* The index of a kind; -1 when there is none of this name. */
int completeness_find(const char *name);

/* The figures of a centre. */
struct completeness {
    int64_t patients, missing[COMPLETENESS_KINDS];
};

/* Out of row `i` of completeness_centre or completeness_below. */
struct completeness completeness_from_row(const struct rows *rows, size_t i);

/* "3.4%"; "" for a centre without patients. */
const char *completeness_rate(struct arena *arena, int64_t missing, int64_t patients);

/* How a centre stood at some Mondays, the oldest first. */
struct completeness_week {
    date_day monday;
    int64_t missing[COMPLETENESS_KINDS];
};

/* Puts the rows of completeness_weeks together; returns how many weeks there are, at most COMPLETENESS_WEEKS. */
size_t completeness_weeks(const struct rows *rows, struct completeness_week weeks[COMPLETENESS_WEEKS]);

/* The Monday from which on the trend shows the weeks up to `today`. */
date_day completeness_first_week(date_day today);

/* Sets the weekday of the mail for the centre of the session: 1 to 7, or DIGEST_NEVER. */
enum notify_result completeness_set_digest(const struct desk *desk, int weekday);

#endif
