/*
 * publish.h - what follows from a patient's record for the lists of every office: labels, search keys, things to do, and
 * who may be the same person (same.h).
 *
 * Each change of a record ends with publish_add in its own batch, so that lists and record never differ.
 */
#ifndef HERSYS_CORE_PUBLISH_H
#define HERSYS_CORE_PUBLISH_H

#include "core/record.h"

/* The record as it is after the change. */
struct publication {
    const struct document *doc;
    const struct document *old; /* before the change; NULL for a new patient */
    int notification_no;
    int form;
    bool short_form, deemed, confirmed;
    const char *listed_at; /* timestamptz; "now" for a new report */
    struct current_status status;
};

/* The publication of a record as it stands; the caller changes what it is about to change. */
struct publication publication_of(const struct record *record, const struct document *doc);

void publish_add(struct db_batch *batch, const struct desk *desk, int64_t patient_id,
                 const struct publication *publication);

/* The search keys of a person: n+name, k+kana, t+telephone, b+birth date. As a PostgreSQL array. */
const char *publish_search_keys(struct arena *arena, const struct document *doc);

/* What an office is asked to do, as blank-separated kinds of table todo. */
const char *publish_centre_todo(struct arena *arena, const struct publication *publication);
const char *publish_reporter_todo(struct arena *arena, const struct publication *publication);

/* One label of the lists: a column of table access and its text form; empty for NULL. */
struct publish_label {
    const char *column, *value;
};
enum { PUBLISH_LABEL_COUNT = 14 };

/* The labels of the lists, always the same columns in the same order. */
void publish_label_list(struct arena *arena, const struct publication *publication,
                        struct publish_label labels[PUBLISH_LABEL_COUNT]);

/* The same as one JSON object for function app.patient_publish. */
const char *publish_labels(struct arena *arena, const struct publication *publication);

#endif
