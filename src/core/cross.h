/*
 * cross.h - クロス集計: how many cases there are by any two items that an office may see; exact for the office itself, and with small
 * numbers hidden (秘匿) for what leaves it.
 */
#ifndef HERSYS_CORE_CROSS_H
#define HERSYS_CORE_CROSS_H

#include "db/db.h"
#include "dictionary/dictionary.h"

enum {
    CROSS_PEOPLE = 100000, /* at most, counted while somebody waits */
    CROSS_FEW = 4          /* 1 to this is hidden in what leaves the office */
};

/* An item by which a table may divide. list -1: its values are days, or names behind a key and a blank. */
struct cross_axis {
    const char *name, *label;
    int list;
};

struct cross_axes {
    size_t count;
    const struct cross_axis *list;
};

/* The items that a kind of organisation may count by. */
struct cross_axes cross_axes(struct arena *arena, enum organisation_kind kind);

/* The one with this name; NULL when there is none for them. */
const struct cross_axis *cross_axis_find(const struct cross_axes *axes, const char *name);

struct cross_cell {
    int64_t count;
    bool hidden; /* by cross_hide */
};

/* A table with a total behind each row and column: cell (r, c) is cells[r * (columns + 1) + c]; r may be rows, c may be columns. */
struct cross {
    size_t rows, columns;
    const char **row_keys, **column_keys; /* by which statement cross_list asks for a value; NULL behind the last: of a total */
    const char **row_labels, **column_labels;
    struct cross_cell *cells;
};

/* A value of an axis, as people read it. */
const char *cross_label(struct arena *arena, const struct cross_axis *axis, const char *value);

/* Do the rows of statement cross_counts say that there are more people than may be counted? */
bool cross_above(const struct rows *counts);

/* The table of the rows of statement cross_counts, of those who may be counted. */
struct cross cross_table(struct arena *arena, const struct rows *counts, const struct cross_axis *row, const struct cross_axis *column);

struct cross_cell *cross_at(const struct cross *cross, size_t row, size_t column);

/*
 * Hides every count from 1 to CROSS_FEW. In a row or column with a hidden one, somebody who knows its total from elsewhere must not get
 * it by subtraction: so at least two are hidden there, one of them above CROSS_FEW, the smallest that there is; without one, all of
 * it goes. A total over a hidden cell is hidden too: nothing that is shown adds up over one.
 */
void cross_hide(struct cross *cross);

#endif
