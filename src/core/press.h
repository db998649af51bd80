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

enum { PRESS_ITEMS = 12 };

extern const struct press_item press_items[PRESS_ITEMS];

/* What may be chosen, of the blank-separated words that were: as a PostgreSQL array. */
const char *press_chosen(struct arena *arena, const char *words, bool parts);

/* How many of the new cases have a value in a part of the table; "": not entered. */
struct press_count {
    const char *part, *value, *key; /* key: by which statement press_cases asks for the value; a code is its own */
    int64_t count;
};

/* A new case, with what is announced of it by item; "" for nothing. */
struct press_case {
    int64_t case_no, patient_id; /* patient_id 0: of a table that is fixed */
    bool late;                   /* reported before the table before */
    const char *items[PRESS_ITEMS];
};

/* A case that was announced on `day`, as it was last said and as it is. */
struct press_correction {
    int64_t case_no, patient_id; /* patient_id 0: of a table that is fixed */
    date_day day;
    bool was, is; /* a case at all */
    const char *before[PRESS_ITEMS], *after[PRESS_ITEMS];
};

/* A table. What it points at lives as long as the arena that it was read into. */
struct press {
    bool fixed;                   /* published; otherwise in the making */
    date_day day, last_day;       /* last_day: the last that it covers, of one that is not fixed; DATE_NONE otherwise */
    const char *title, *prefix;   /* prefix: 県内, in front of the number of a case */
    const char *from, *until;     /* 2021/05/13 17:00 */
    const char *parts, *attributes; /* blank-separated names */
    const char *fixed_at, *fixed_by, *fixed_iso; /* of one that is fixed */
    const char *digest, *levels;  /* of one that is not: what a press for it stands for, to come back as they are */
    const char *patients;         /* likewise: whose data are in it, as a PostgreSQL array */
    int64_t last_no, cases;       /* the number of its last case; how many cases are new */
    int64_t care, severe, death;  /* on its last day */
    size_t counted, corrected, listed;
    const struct press_count *counts;
    const struct press_correction *corrections;
    const struct press_case *list; /* the first of the cases */
};

/*
 * The table out of a row of press_due or press_find. False when there is none: no template, or nothing due; no such day.
 */
bool press_read_due(struct arena *arena, const struct rows *rows, struct press *press);
bool press_read_fixed(struct arena *arena, const struct rows *rows, struct press *press);

/* A line of the table: the first of a part has its label as `part`, the others "". */
struct press_line {
    const char *part, *label;
    int64_t count;
    const struct press_item *item;
    const char *key;
};

/* The lines of all parts, in the order of the lists, or those of texts by their number. Their number in *count. */
const struct press_line *press_lines(struct arena *arena, const struct press *press, size_t *count);

/* A value of an item, as people read it. */
const char *press_value(struct arena *arena, const struct press_item *item, const char *value);

/* The item of a name by which tables divide; NULL when there is none. */
const struct press_item *press_part_find(const char *name);

/* What a case is announced with as `item`, in words; "" when nothing is known. */
const char *press_case_value(struct arena *arena, const struct press_case *one, const struct press_item *item);

/* What has changed of a case, in words: "年代：30代 → 40代". */
const char *press_correction(struct arena *arena, const struct press_correction *correction);

#endif
