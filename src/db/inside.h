/* inside.h - what db.c and copy.c share of a connection; nobody else includes it. */
#ifndef HERSYS_DB_INSIDE_H
#define HERSYS_DB_INSIDE_H

#include <libpq-fe.h>

#include "db/db.h"

struct db {
    struct arena *arena;
    PGconn *connection;
    char *conninfo;
    char sqlstate[6];
    enum sql failed; /* the statement that gave it */
    unsigned round_trips;
    bool in_transaction;
    bool prepared[SQL_COUNT];
};

/* 0 with a usable connection, -1 without (logged). A transaction keeps the one that it began on. */
int db_connect_if_needed(struct db *db);

/* Remembers the SQLSTATE of a failed result, logs what is not an expected answer, and says what it means. */
enum db_status db_judge(struct db *db, const PGresult *result, const char *statement);

bool db_succeeded(const PGresult *result);

#endif
