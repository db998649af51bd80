/*
 * disclose.h - 秘匿: which numbers of the tables by sex and age are shown as `*`, so that nobody can be told from them (seed 4: 1 to 4 are
 * hidden, and further ones so that no hidden one can be derived). Pure reckoning, without a database: the tables of one series, week by
 * week, go in; what is hidden and what is shown comes out, proven by linear programming (disclose_audit.c).
 *
 * What is published of a series, and what follows from it for whoever reckons:
 *   - row 0 (the country) is the sum of the other rows (the prefectures), cell by cell and week by week;
 *   - the sum of each row is known: it is a public total (indicators 1, 6, 8), less those of unknown sex or age, whose number we
 *     assume known too;
 *   - what is shown cumulatively, less what was shown before, is the sum of the weeks between (indicators 3 and 4; of the deaths,
 *     indicator 9, only the cumulative numbers are published, and they never fall);
 *   - every edition that was ever released is kept by somebody. So what was hidden once stays hidden, and each week is proven as the
 *     first edition that had it has shown it, with the numbers of today.
 *
 * The rule: a hidden number from 1 to 4 must leave as many possible numbers as the symbol stands for, four; or, where the row has fewer than
 * three people, all that the row leaves (0 to its sum). A cumulative number is at least as uncertain as the widest of the weeks that it
 * sums up. `*` may stand for any number: also for 0, where a row has nothing else to hide behind.
 */
#ifndef HERSYS_CORE_DISCLOSE_H
#define HERSYS_CORE_DISCLOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    DISCLOSE_AREAS = 48, /* 0: the country; 1 to 47: the prefectures */
    DISCLOSE_CELLS = 20,
    DISCLOSE_LEAST = 1, /* from here ... */
    DISCLOSE_MOST = 4,  /* ... to here a number is hidden */
    DISCLOSE_WIDTH = 3, /* a hidden number's least and most possible lie at least so far apart: four numbers */
    DISCLOSE_PERIOD = 4, /* weeks after which cumulative numbers are shown again ... */
    DISCLOSE_OPEN = 26   /* ... unless they have been hidden for longer than this: an audit of so many weeks would not end */
};

struct disclose_week {
    int64_t value[DISCLOSE_AREAS][DISCLOSE_CELLS]; /* of this week alone; row 0 is the sum of the others */
    bool hidden[DISCLOSE_AREAS][DISCLOSE_CELLS];   /* a reader is not told the number of this week */
    bool shown[DISCLOSE_AREAS][DISCLOSE_CELLS];    /* ... but is told the sum of all weeks until this one */
};

enum disclose_kind {
    DISCLOSE_LEVEL,      /* each week stands alone (severe) */
    DISCLOSE_CUMULATIVE, /* only sums until the end of a week are published (death): `hidden` follows from `shown` */
    DISCLOSE_BOTH        /* weeks and sums (new) */
};

struct disclose_series {
    enum disclose_kind kind;
    size_t count;                /* weeks, without gaps, from the first that counted anybody */
    size_t phase;                /* of the first in its period: 0 to DISCLOSE_PERIOD - 1 */
    struct disclose_week *weeks; /* those of the caller; changed in place */
};

/* A cell that the rule does not hold for. */
struct disclose_leak {
    size_t week, area, cell;
    int64_t least, most; /* what a reader can narrow it to */
};
enum { DISCLOSE_LEAKS = 8 };

/* Is the number one to hide? */
bool disclose_is_few(int64_t value);

/* The sum of the first `week` + 1 weeks of a cell. */
int64_t disclose_sum(const struct disclose_series *series, size_t week, size_t area, size_t cell);

/* Sets row 0 to the sum of the others. */
void disclose_add_up(struct disclose_week *week);

/*
 * Hides the primary and complementary cells of one week, all those before being settled: shortest paths in the network of the table
 * (Castro, "A shortest-paths heuristic for statistical data protection in positive tables", INFORMS J. Computing 19, 2007). Shows no sum
 * again; disclose_settle does.
 */
void disclose_protect(const struct disclose_series *series, size_t week);

/*
 * Protects the weeks from `first` on, at the end of each period shows those sums again that give nothing away, and audits. Returns the
 * number of leaks that are left (0: may be published), the first DISCLOSE_LEAKS of them in `leaks`.
 */
size_t disclose_settle(struct arena *arena, struct disclose_series *series, size_t first, struct disclose_leak leaks[DISCLOSE_LEAKS]);

/*
 * Takes the corrected numbers of the first `count` weeks, which are published, into the series as far as they give nothing away: `fresh`
 * are their tables (values alone). A shown number that would become one to hide keeps its row as it was, and a week that then fails the
 * audit is left as it was. Returns the number of leaks as disclose_settle; *withheld is how many rows were not corrected.
 */
size_t disclose_correct(struct arena *arena, struct disclose_series *series, const struct disclose_week *fresh, size_t count,
                        size_t *withheld, struct disclose_leak leaks[DISCLOSE_LEAKS]);

/* ---- the audit (disclose_audit.c) ---- */

/*
 * The hidden cells 1 to 4 of one week that do not keep the rule: their number, the first of them in `leaks`. Linear programmes find
 * the least and most possible of each while all weeks but a few are held as they are: what is possible then is possible.
 * Without `again`, the week is the last one, no sum is shown again until its end, and the week before has been proven: its hidden sums
 * are then as uncertain as they were, and only those that this week adds to are looked at.
 */
size_t disclose_audit(struct arena *arena, const struct disclose_series *series, size_t week, bool again,
                      struct disclose_leak leaks[DISCLOSE_LEAKS]);

/* The first week from `week` on until whose end the sum of a cell is shown; series->count when there is none. */
size_t disclose_end(const struct disclose_series *series, size_t week, size_t area, size_t cell);

/* How far apart the least and the most possible of an area's cells must lie in a week. */
int64_t disclose_width(const struct disclose_week *week, size_t area);

#endif
