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
 *   - every edition that was ever released is kept by somebody, who is supposed to know every correction between two of them, of hidden
 *     numbers too. Then all editions are one table to him: what he does not know is how far each hidden number lies from the real one, by
 *     the same in every edition, and never further below than the least that the number ever was.
 *
 * So what was hidden once stays hidden, and what was few once is protected for ever, as it was owed when it was.
 *
 * The rule: a number that was hidden as 1 to 4 in any edition must leave as many possible numbers as the symbol stands for, four; or, where
 * the row had fewer than three people then, all that the row left (0 to its sum). A cumulative number is at least as uncertain as the widest of the weeks that it
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
    DISCLOSE_OPEN = 26,  /* ... unless they have been hidden for longer than this: an audit of so many weeks would not end */
    DISCLOSE_EFFORT = 400000 /* simplex iterations that the audit of a week may take */
};

struct disclose_week {
    int64_t value[DISCLOSE_AREAS][DISCLOSE_CELLS]; /* of this week alone; row 0 is the sum of the others */
    int64_t least[DISCLOSE_AREAS][DISCLOSE_CELLS]; /* the fewest that an edition had behind it; row 0 is the sum of the others */
    uint8_t owed[DISCLOSE_AREAS][DISCLOSE_CELLS];  /* how far apart its least and most possible must lie for ever; 0: it was never few */
    uint8_t owed_sum[DISCLOSE_AREAS][DISCLOSE_CELLS]; /* the same of the sum of all weeks until this one */
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
    long effort;                 /* simplex iterations for the audit of a week; 0: DISCLOSE_EFFORT */
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

/* Sets row 0 to the sum of the others, of the numbers and of the least. */
void disclose_add_up(struct disclose_week *week);

/* A week that no edition has had yet: its numbers are the least, and nothing is owed. */
void disclose_begin(struct disclose_week *week);

/*
 * Notes what is owed to the numbers of the weeks from `first` on: those that are few, and were not before. Where nothing is owed yet a
 * week owes disclose_width, a hidden sum that of the widest of its weeks.
 */
void disclose_owe(const struct disclose_series *series, size_t first);

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
size_t disclose_settle(struct disclose_series *series, size_t first, struct disclose_leak leaks[DISCLOSE_LEAKS]);

/*
 * Takes the corrected numbers of the first `count` weeks, which are published, into the series as far as they give nothing away: `fresh`
 * are their tables (values alone). A shown number that would become one to hide keeps its row as it was, and a week that then fails the
 * audit is left as it was, with those around it where it alone does not help. Returns the number of leaks as disclose_settle;
 * *withheld is how many rows were not corrected. `arena` holds what was before, and may be reset afterwards.
 */
size_t disclose_correct(struct arena *arena, struct disclose_series *series, const struct disclose_week *fresh, size_t count,
                        size_t *withheld, struct disclose_leak leaks[DISCLOSE_LEAKS]);

/* Does row `area` of a week wait: is it still as it was published, and `fresh` otherwise? */
bool disclose_waits(const struct disclose_week *week, const struct disclose_week *fresh, size_t area);

/* ---- the audit (disclose_audit.c) ---- */

/*
 * The numbers of one week to which more is owed than a reader leaves them: how many, the first of them in `leaks`. Linear programmes find
 * the least and most possible of each while all weeks but one or two are held as they are: what is possible then is possible, in whole
 * people. What is not found within the effort is not proven, and leaks.
 * Without `again`, the week is the last one, no sum is shown again until its end, and the week before has been proven: its hidden sums
 * are then as uncertain as they were, and only those that this week adds to are looked at.
 */
size_t disclose_audit(const struct disclose_series *series, size_t week, bool again, struct disclose_leak leaks[DISCLOSE_LEAKS]);

/* Is the sum before a week known: is it the first, or is the sum until the end of the last one shown? */
bool disclose_known_before(const struct disclose_series *series, size_t week, size_t area, size_t cell);

/* The first week from `week` on until whose end the sum of a cell is shown; series->count when there is none. */
size_t disclose_end(const struct disclose_series *series, size_t week, size_t area, size_t cell);

/* How far apart the least and the most possible of an area's cells must lie in a week. */
int64_t disclose_width(const struct disclose_week *week, size_t area);

#endif
