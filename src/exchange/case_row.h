/*
 * case_row.h - one row of 陽性患者属性, the open-data layout in which municipalities published each case
 * (shared/domain.md section 5), read into a document. Nothing is written here.
 *
 * Columns are found by their names, in any order; further ones do no harm. Two are not of the layout but in real files:
 * 公表主体 (who announced the case) and 管轄保健所.
 */
#ifndef HERSYS_EXCHANGE_CASE_ROW_H
#define HERSYS_EXCHANGE_CASE_ROW_H

#include <stdint.h>

#include "core/record.h"
#include "exchange/csv.h"
#include "exchange/place.h"

enum case_column {
    CASE_no,
    CASE_code,
    CASE_prefecture,
    CASE_city,
    CASE_published,
    CASE_onset,
    CASE_residence,
    CASE_age,
    CASE_sex,
    CASE_occupation,
    CASE_state,
    CASE_symptoms,
    CASE_travelled,
    CASE_discharged,
    CASE_remarks,
    CASE_publisher,
    CASE_contact,
    CASE_centre,
    CASE_COLUMN_COUNT
};

struct case_problem {
    size_t row, line;
    const char *column, *value; /* "" for the whole row; the value is cut to 20 characters, controls are blanks */
    const char *reason;         /* Japanese, a whole sentence */
    bool error; /* the row cannot be taken; otherwise it can, and this should be known */
};

struct case_problems {
    struct arena *arena; /* in which they are kept */
    size_t count, capacity, errors;
    struct case_problem *list;
};

void case_problem_add(struct case_problems *problems, const struct csv_row *row, const char *column,
                      const char *value, bool error, const char *reason);

/* Which cell of a row is which column; SIZE_MAX where the file does not have it. */
struct case_layout {
    size_t count;
    size_t cell[CASE_COLUMN_COUNT];
};

/* Reads the header. NULL, or why the file cannot be read, in Japanese. */
const char *case_layout_read(struct arena *arena, const struct csv_row *header,
                             struct case_layout *layout);

/* What rows are read with. */
struct case_reader {
    struct arena *arena; /* of one row; reset by the caller */
    const struct places *places;
    struct case_layout layout;
    struct case_problems *problems;
};

struct case_row {
    struct document doc;
    int form; /* enum form_name, by the day of the announcement */
    int64_t centre_id;
    const char *source, *external_no; /* publisher and its number: what makes it the same case */
    const char *contact; /* 接触先No as it stands; "" (case_links.h) */
    struct current_status status;
    const char *status_note;
};

/* Reads a row; its problems are added. False when one of them is an error: then *row is not to be used. */
bool case_row_read(const struct case_reader *reader, const struct csv_row *csv,
                   struct case_row *row);

#endif
