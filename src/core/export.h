/*
 * export.h - 持ち出し: the columns of a file of patients that somebody may choose from, the rows as they are read from the database
 * some thousand at a time, and the log of who took what.
 *
 * Both walls hold for every cell: a column is offered only when some relation of this kind of organisation shows its class, a cell is
 * filled only when the office's own relation to that patient does, and the view of the database (sql/0030-exports.sql) gives out
 * nothing else.
 */
#ifndef HERSYS_CORE_EXPORT_H
#define HERSYS_CORE_EXPORT_H

#include "core/record.h"

/* Where columns come from; what of a notification is of the person stands apart there (dictionary/README.md). */
enum export_part { EXPORT_LIST, EXPORT_PERSON, EXPORT_REPORT_PERSON, EXPORT_REPORT, EXPORT_TESTS, EXPORT_PARTS };

/* What a cell holds, for those who write it. */
enum export_type { EXPORT_TEXT, EXPORT_NUMBER, EXPORT_DATE };

/* One column: an item of the dictionary, or a label of the list. */
struct export_column {
    const char *name, *label;
    enum export_part part;
    enum item_class class;
    bool open; /* shown with every relation, as in lists */
    enum export_type type;
    int item; /* of the dictionary; negative: a label of the list */
};

struct export_columns {
    size_t count;
    const struct export_column *list;
};

/* What a part is called on the page. */
const char *export_part_label(enum export_part part);

/* All columns that a kind of organisation may choose, part by part. */
struct export_columns export_columns(struct arena *arena, enum organisation_kind kind);

/* Those of them whose names stand in the blank-separated words `names`, in their own order. */
struct export_columns export_chosen(struct arena *arena, const struct export_columns *all, const char *names);

/* A file in the making. */
struct export_order {
    struct export_columns columns;
    const char *filter;    /* a JSON object as 一括操作 takes it (core/bulk_work.h) */
    const char *export_id; /* of its row in the log; the trail names it */
};

enum { EXPORT_STEP = 2000 }; /* patients that are read at once */

struct export_reader;
struct export_rows;

/*
 * Reads the patients of an order. What it holds belongs to `arena`; it never holds more than three steps of them. A step is read while the one
 * before is written: its lines are as they stood then, its tests and the trail a moment younger.
 */
struct export_reader *export_reader_new(struct arena *arena, const struct desk *desk, const struct export_order *order);

/*
 * The next patients, given out only when they stand in the trail; valid until the next call. While they are written, the
 * database reads those behind them. NULL at the end, or when the database failed (*status is not DB_OK).
 */
struct export_rows *export_next(struct export_reader *reader, enum db_status *status);

/* Ends reading before the end: nothing else may be asked of the database before. */
void export_stop(struct export_reader *reader);

size_t export_count(const struct export_rows *rows);

/*
 * The cell of row `i` in a column of the order: dates in ISO 8601, codes as their labels; "" when it is empty or not to be seen.
 * Rows are asked for in their order.
 */
const char *export_cell(struct export_rows *rows, size_t i, const struct export_column *column);

#endif
