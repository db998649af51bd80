/*
 * published_csv.h - what an office has published, as a small table: a day, new cases, 重症, deaths, each row a day. With a heading or
 * without, in any order that a heading names, in UTF-8 or CP932, with commas.
 */
#ifndef HERSYS_EXCHANGE_PUBLISHED_CSV_H
#define HERSYS_EXCHANGE_PUBLISHED_CSV_H

#include "base/arena.h"
#include "base/date.h"

enum {
    PUBLISHED_SERIES = 3, /* new, severe, death */
    PUBLISHED_ROWS = 1200,
    PUBLISHED_PROBLEMS = 20 /* that are told; more are counted */
};

/* The codes of app.figure_series, and what the columns are called. */
extern const char *const published_series[PUBLISHED_SERIES];
extern const char *const published_labels[PUBLISHED_SERIES];

/* The index of a series; -1 when it is none of these. */
int published_find(const char *series);

/* A day; a count of -1: the cell was empty. */
struct published_row {
    date_day day;
    int64_t counts[PUBLISHED_SERIES];
};

/* What could not be read: the line of the file, the word (its first 20 characters), and what is wrong with it. */
struct published_problem {
    size_t line;
    const char *word, *text;
};

struct published_table {
    size_t count, problem_count; /* of problems: all, of which at most PUBLISHED_PROBLEMS are kept */
    struct published_row rows[PUBLISHED_ROWS];
    struct published_problem problems[PUBLISHED_PROBLEMS];
};

/* Reads a text in UTF-8. Each day may stand once, none lie behind `today`. The table belongs to the arena. */
struct published_table *published_csv_read(struct arena *arena, const char *text, date_day today);

#endif
