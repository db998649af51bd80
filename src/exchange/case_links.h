/*
 * case_links.h - 感染リンク within a file of cases: the column 接触先No names the case, or several with ; between them, that
 * infected this one. Whatever is wrong with such a number is told and stops nothing.
 */
#ifndef HERSYS_EXCHANGE_CASE_LINKS_H
#define HERSYS_EXCHANGE_CASE_LINKS_H

#include "exchange/case_row.h"

struct case_links;

struct case_links_report {
    size_t links;   /* rows that name somebody else whom the file has */
    size_t self;    /* name themselves alone */
    size_t forward; /* name somebody who was announced after them, further down in the file */
    size_t unfound; /* name nobody whom the file has */
    size_t several; /* name more than one: the first that is none of the above is taken */
};

struct case_links *case_links_new(struct arena *arena);

/* A row that could be read; `fresh` when it is not in the database yet, so that its links will be written. */
void case_links_add(struct case_links *links, const struct csv_row *csv, const struct case_row *row,
                    bool fresh);

/* After the last row: finds everybody who is named, adds a note for each number that is strange, and counts. */
void case_links_resolve(struct case_links *links, struct case_problems *problems,
                        struct case_links_report *report);

/* Writes the links of the fresh rows, whose patients must be there, in the transaction of `db` (role jobs). */
enum db_status case_links_write(struct case_links *links, struct db *db);

#endif
