/*
 * press.h - 報道発表: the daily table of an office for the press, in the making and as it was published; and what its cases are
 * announced with. The database decides which cases are new and keeps what was published (sql/0030-exports.sql).
 */
#ifndef HERSYS_CORE_PRESS_H
#define HERSYS_CORE_PRESS_H

#include "base/date.h"
#include "db/db.h"

/* Something that is known of a case: a table may divide by it (part), a case may be announced with it (attribute). */
struct press_item {
    const char *name, *label;
    int list;   /* its values are codes of it; -1: texts */
    bool date;  /* its values are days */
    bool part, attribute;
    bool every; /* a table has a row for every code of the list but the last ones, その他 and 不明 */
};

extern const struct press_item press_items[];
extern const size_t press_item_count;

/* What may be chosen, of the blank-separated words that were: as a PostgreSQL array. */
const char *press_chosen(struct arena *arena, const char *words, bool parts);

/* A table. Rows live as long as the arena of the batch that they came with. */
struct press {
    bool fixed;                   /* published; otherwise in the making */
    date_day day;
    const char *title, *prefix;   /* prefix: 県内, in front of the number of a case */
    const char *from, *until;     /* 2021/05/13 17:00 */
    const char *parts, *attributes; /* blank-separated names */
    const char *fixed_at, *fixed_by, *fixed_iso, *digest; /* digest: what a press for it stands for; of one that is not fixed */
    int64_t last_no, cases;       /* the number of its last case; how many cases are new */
    int64_t care, severe, death;  /* on its day */
    const struct rows *counts, *corrections, *list;
};

/*
 * Adds what reads the table that is due, or the one of a day (ISO, `most` of its cases); then takes the answers. False when there is
 * none: no template, or nothing due; no such day.
 */
unsigned press_ask_due(struct db_batch *batch, struct arena *arena, int64_t organisation_id);
bool press_answer_due(const struct db_batch *batch, unsigned first, struct press *press);
unsigned press_ask_day(struct db_batch *batch, struct arena *arena, int64_t organisation_id, const char *day, int most);
bool press_answer_day(const struct db_batch *batch, unsigned first, struct press *press);

/* A line of the table: the first of a part has its label as `part`, the others "". */
struct press_line {
    const char *part, *label;
    int64_t count;
};

/* The lines of all parts, in the order of the lists, or those of texts by their number. Their number in *count. */
const struct press_line *press_lines(struct arena *arena, const struct press *press, size_t *count);

/* What case `row` is announced with as `item`; "" when nothing is known. */
const char *press_case_value(struct arena *arena, const struct rows *cases, size_t row, const struct press_item *item);

/* What has changed of a case, in words: "年代：30代 → 40代". */
const char *press_correction(struct arena *arena, const struct rows *corrections, size_t row);

#endif
