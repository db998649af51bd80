/*
 * figures.h - 数値: the eleven indicators that the ministry publishes (seed 4, 別紙), as one table; and how their rows are read.
 * The figures themselves come out of sql/0027-figures.sql: exact the moment something is entered.
 */
#ifndef HERSYS_CORE_FIGURES_H
#define HERSYS_CORE_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/date.h"
#include "db/db.h"

enum {
    FIGURE_INDICATORS = 11,
    FIGURE_SERIES = 3, /* at most, of an indicator */
    FIGURE_CELLS = 20, /* 男 then 女, each from under 10 to 90 and over: what the published tables have */
    FIGURE_BANDS = 10,
    FIGURE_PER = 100000,
    FIGURE_SEVEN_DAYS = 7 /* up to and with a day: what stands beside indicators 1 and 2 on the pages, and on the map */
};

enum figure_shape {
    FIGURE_DAILY,         /* how many more on the day */
    FIGURE_DAILY_LEVEL,   /* how many until the day, or on it */
    FIGURE_DAILY_PER,     /* how many more on the day, per 100,000 people */
    FIGURE_WEEKLY,        /* by sex and age, in the week */
    FIGURE_WEEKLY_LEVEL,  /* by sex and age, until the end of the week, or on its last day */
    FIGURE_WEEKLY_PLACES  /* by kind of place, in the week */
};

/* One indicator of the table: `number` as in seed 4, 1 to 11. */
struct figure_indicator {
    const char *name;                   /* its name there */
    enum figure_shape shape;
    const char *series[FIGURE_SERIES];  /* of app.figure_series; NULL behind the last */
    const char *headings[FIGURE_SERIES]; /* of the columns; NULL: the name of the area */
    const char *definition;             /* which date counts, and how; printed beside every figure */
};

/* An indicator's number as seed 4 writes it: ① to ⑪. */
const char *figure_sign(struct arena *arena, int64_t number);

/* The indicator of a number; NULL when there is none. */
const struct figure_indicator *figure_find(int64_t number);

/* Is it by sex and age, or by place, in weeks? */
bool figure_is_weekly(const struct figure_indicator *indicator);

/* Does the figure of a day stand for all days until then (level), and not for that day alone? */
bool figure_is_level(const struct figure_indicator *indicator);

/* What a series counts, as the heading of a column: "新規陽性者". */
const char *figure_series_label(const char *series);

/* The code of cell `i`, below FIGURE_CELLS ("m0", "f90"), and its heading as the official files spell it ("Male Under 10"). */
const char *figure_cell(size_t i);
const char *figure_cell_heading(size_t i);

/* The index of a cell; -1 for one that the published tables leave out: other sex or unknown, or unknown age. */
int figure_cell_find(const char *cell);

/* "男 10代", for people. */
const char *figure_cell_label(struct arena *arena, const char *cell);

/*
 * Which number of an indicator a cell of app.published is, for people: "男 10代", "医療機関", "入院治療等を要する者"; "" for the one that is
 * alone on its day.
 */
const char *figure_cell_words(struct arena *arena, const struct figure_indicator *indicator, const char *cell);

/* ---- 集団感染 ---- */

enum { FIGURE_PLACES = 11, FIGURE_PLACE_KINDS = 4 };

/*
 * A column of indicator 11, in the official order. `kinds`: codes of the list cluster_kind, NULL behind the last. The first column sums up
 * all; one without kinds, the last, takes what no other names.
 */
struct figure_place {
    const char *heading, *label;
    const char *kinds[FIGURE_PLACE_KINDS];
};
extern const struct figure_place figure_places[FIGURE_PLACES];

/* Does column `i` count clusters of this kind of place? */
bool figure_place_counts(size_t i, const char *kind);

/* Adds `count` clusters of a kind of place to the columns that it belongs to. */
void figure_place_add(int64_t columns[FIGURE_PLACES], const char *kind, int64_t count);

/* A week as the official files write it, "2021/07/26~2021/08/01". */
const char *figure_week_text(struct arena *arena, date_day first);

/* The sum of `column` over the seven rows that end with row `i`, as many as there are, where each row is a day of one series. */
int64_t figure_of_seven_days(const struct rows *rows, const char *column, size_t i);

/* The mean of a day of those seven, with one digit behind the point. */
const char *figure_average(struct arena *arena, int64_t of_seven_days);

/*
 * The people of an area on a day, out of app.figure_people ("2020-10-01 5224614 2019-10-01 5250000", the newest first; NULL: nothing is
 * known). 0: not known for that day.
 */
int64_t figure_people_on(const char *people, date_day day);

/*
 * `count` per 100,000 people as the ministry's file writes it: rounded to one digit behind the point, without a trailing ".0" ("0", "0.1",
 * "206.9"). "" where `people` is 0: not known.
 */
const char *figure_rate(struct arena *arena, int64_t count, int64_t people);

/* The text of an indicator's value: a count, or with FIGURE_DAILY_PER its figure_rate. */
const char *figure_text(struct arena *arena, const struct figure_indicator *indicator, int64_t count, int64_t people);

#endif
