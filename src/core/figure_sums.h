/*
 * figure_sums.h - counting many cases in memory: how many by area, series, day, and week with its cell. A hash table of weeks, each of which
 * has its seven days and those of its cells that occur, with all series side by side: what one patient adds lies in a few lines of memory.
 * To wait for those, not arithmetic, is what counting millions takes; so changes are gathered, and their lines fetched together. Some 2 kB for each week of an area in which anything happened, however many
 * the cases are.
 *
 * Areas, series and cells are small numbers that the caller gives out. Sums are exact to 64 bits.
 */
#ifndef HERSYS_CORE_FIGURE_SUMS_H
#define HERSYS_CORE_FIGURE_SUMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/date.h"

enum { FIGURE_SUMS_SERIES = 8 }; /* the number of a series stays below it */

struct figure_sums;

/* One number for each series. */
typedef int64_t figure_counts[FIGURE_SUMS_SERIES];

/* A week of an area: by its days, and by its cells, below `cells`; what lies behind is 0. */
struct figure_week {
    uint32_t area;
    int32_t number; /* see figure_weekday */
    figure_counts day[7];
    size_t cells;
    figure_counts *cell;
};

/* What is added: to day `index` of the week, if it is one, and to a cell, if it is one. */
struct figure_change {
    uint32_t area;
    int32_t number;
    int32_t index; /* FIGURE_NO_DAY: to the cell alone */
    uint32_t cell; /* FIGURE_NO_CELL: to the day alone */
    uint32_t series;
    int64_t by;
};
#define FIGURE_NO_DAY (-1)
#define FIGURE_NO_CELL UINT32_MAX

/* Empty sums, which go with the arena. */
struct figure_sums *figure_sums_new(struct arena *arena);

void figure_sums_add(struct figure_sums *sums, struct figure_change change);

/* Adds all of `from`, a week of other sums, to the week of `area` with the same number. */
void figure_sums_join(struct figure_sums *sums, uint32_t area, const struct figure_week *from);

/* All weeks, of whatever has been added until now, in the order in which they came: week `i`, below figure_sums_count; valid until more is added. */
size_t figure_sums_count(struct figure_sums *sums);
const struct figure_week *figure_sums_at(const struct figure_sums *sums, size_t i);

/*
 * Where a day lies when weeks begin on `begins` (1 is Monday, 7 Sunday): in week `number`, counted from the one in which 1970 began, as day
 * `index` of it, 0 to 6. For any day but DATE_NONE and its six neighbours.
 */
struct figure_weekday {
    int32_t number, index;
};
struct figure_weekday figure_weekday(date_day day, int begins);

/* The day on which week `number` begins; app.figure_week_of says the same of each of its days. */
date_day figure_week_first(int32_t number, int begins);

#endif
