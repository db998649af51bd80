/*
 * cases.h - imports a file of 陽性患者属性: every problem is found and listed, then all rows or none, or only the good ones.
 *
 * A row that was imported before (same publisher, same No) adds nothing.
 */
#ifndef HERSYS_EXCHANGE_CASES_H
#define HERSYS_EXCHANGE_CASES_H

#include "base/crypt.h"
#include "exchange/case_links.h"

struct cases_job {
    struct arena *arena; /* for what is reported */
    struct db *db;       /* role jobs */
    const struct crypt_keys *keys;
    const char *text; /* of the file, in UTF-8 */
    bool dry_run;     /* finds the problems, writes nothing */
    bool skip_bad;    /* takes the good rows although there are bad ones */
    /* How far it is, in lines of the file; NULL when nobody asks. */
    void (*progress)(size_t done, size_t whole, void *context);
    void *context;
};

struct cases_report {
    size_t rows, fresh, known, bad; /* of data; fresh are those that were (or would be) added */
    struct case_problems problems;
    struct case_links_report links;
    const char *refused; /* why the file as a whole cannot be read, or NULL */
    const char *rest;    /* the bad rows in the same layout, each with its reasons; or NULL */
    bool written; /* the fresh ones are in the database now */
};

/*
 * Reads the file once and writes as it reads; when it turns out that the rows may not be taken, the transaction is
 * undone. DB_OK also when nothing was written because of problems.
 */
enum db_status cases_import(const struct cases_job *job, struct cases_report *report);

#endif
