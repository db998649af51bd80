/*
 * fields.h - between the tables of a patient and a document: rows in, JSON for jsonb_populate_record out.
 *
 * Column and item have the same name (dictionary/items.rec; `hersys check dictionary` proves it). The passport number
 * is sealed on its way out and opened on its way in.
 */
#ifndef HERSYS_CORE_FIELDS_H
#define HERSYS_CORE_FIELDS_H

#include "base/buf.h"
#include "base/crypt.h"
#include "db/db.h"
#include "dictionary/document.h"

struct fields {
    struct arena *arena;
    const struct crypt_keys *keys;
    int64_t patient_id;
};

/* Fills the items of `table` from row `row`; repeat is the test's number (test_record), else 0. */
void fields_from_row(struct fields f, struct document *doc, const struct rows *rows, size_t row,
                     enum item_table table, int repeat);

/* A stored value as it reads: a passport number is opened, all others are as they are. NULL when it cannot be opened. */
const char *fields_opened(struct fields f, int item, const char *stored);

/*
 * The items of a table whose value differs from `base` (NULL: all that are not empty) as one JSON object, column to
 * value. `extra` (NULL or ",\"name\":value") is added inside. "{}" when nothing differs.
 */
const char *fields_json(struct fields f, const struct document *doc, const struct document *base,
                        enum item_table table, const char *extra);

/*
 * The value of an item as its column takes it from COPY: NULL when empty, several choices as {a,b}, a passport sealed.
 */
const char *fields_column(struct fields f, const struct document *doc, int item);

/* The tests as a JSON array of rows with test_no; "[]" without any. */
const char *fields_tests_json(struct fields f, const struct document *doc);

/* The items (by item name) of a table that differ, as they are in `of`: "before" and "after" of a revision. */
const char *fields_changes(struct fields f, const struct document *of, const struct document *other,
                           bool person);

/* Reads such an object back over a document. 0, or -1 when it is not one. */
int fields_apply_changes(struct fields f, struct document *doc, const char *json);

/*
 * Brings two people's values together: `base` is what both began with, `theirs` what is stored now, *mine what was typed. Items
 * changed by one side only are merged into *mine; for those changed by both to different values, clash[item] is set and
 * *mine stays. Returns the number of clashes.
 */
int fields_merge(const struct document *base, const struct document *theirs, struct document *mine,
                 bool clash[ITEM_COUNT]);

/* The name of an item that a head office has added (core/local_items.h), in entries and forms, and back: 0 when it is none. */
const char *fields_local_name(struct arena *arena, int64_t item);
int64_t fields_local_item(const char *name);

/* True when any item of the person (true) or of the notification and its tests (false) differs. */
bool fields_differ(const struct document *a, const struct document *b, bool person);

#endif
