/*
 * local_csv.h - what was entered for the items that head offices have added (独自項目), as a file for a spreadsheet: UTF-8 with
 * its mark, a row for each patient with HER-SYS ID, centre in charge, and a column for each item. Cells that a spreadsheet
 * would take for a formula are guarded (csv.h).
 */
#ifndef HERSYS_EXCHANGE_LOCAL_CSV_H
#define HERSYS_EXCHANGE_LOCAL_CSV_H

#include "core/local_items.h"

/* The rows of the statement local_values, their JSON read once. */
struct local_csv {
    const struct rows *rows;
    const struct local_csv_values {
        size_t count;
        const struct local_value *list;
    } *values; /* of each row */
};
struct local_csv local_csv_read(struct arena *arena, const struct rows *rows);

/* The numbers of the items that have a value somewhere, as a PostgreSQL array: for the statement local_items_named. */
const char *local_csv_items(struct arena *arena, const struct local_csv *csv);

/* The file. An item of another office than `office_id` has its owner's name in the heading. */
struct buf local_csv_write(struct arena *arena, const struct local_csv *csv,
                           const struct local_items *columns, int64_t office_id);

#endif
