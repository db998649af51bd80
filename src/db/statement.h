/* statement.h - one row of the table that tools/embed_sql.c makes from the *.sql files. */
#ifndef HERSYS_DB_STATEMENT_H
#define HERSYS_DB_STATEMENT_H

#include <stdbool.h>

struct statement {
    const char *name;
    const char *roles; /* blank-separated: staff door heavy public jobs */
    const char *file;
    int line;
    int parameters; /* the highest $n */
    bool plain;     /* cannot be prepared (COPY) */
    const char *text;
};

#endif
