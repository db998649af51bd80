/*
 * db.h - the one way to PostgreSQL: named statements, sent in batches, one round trip for each batch.
 *
 * A worker has one connection. A batch is sent in libpq's pipeline mode with one Sync, so without db_begin it is one
 * transaction of its own: all of it happens or nothing. Statements are prepared on first use, in the same round trip.
 * Parameters and results are texts; NULL is SQL's NULL. Results live as long as the arena of the batch.
 *
 * The session's token (see sql/, function app.context) is the first command of every batch that has one: without
 * it row-level security shows no row.
 */
#ifndef HERSYS_DB_DB_H
#define HERSYS_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/date.h"
#include "sql_table.h"

struct db;
struct db_batch;
struct rows;

enum db_status {
    DB_OK,
    DB_DUPLICATE, /* 23505: a row with this key is there already */
    DB_REFUSED,   /* a rule of the database said no: row-level security, a right, a check of ours */
    DB_RETRY,     /* serialization failure or deadlock: the whole transaction may be tried again */
    DB_LOST,      /* the connection broke; whether a commit happened is unknown */
    DB_BROKEN     /* anything else: a bug or a full disk; logged */
};

/* Connects as role hersys_<role>. Never NULL: a lost or missing database shows in the first batch. */
struct db *db_open(const char *conninfo, const char *role);
void db_close(struct db *db);

/*
 * For a child process, right behind fork: lets go of the connection that it shares with its parent, without a word to the server, which would
 * take it for the parent's. Otherwise the session, with its locks, would outlive the parent. The child does nothing else with `db` after it.
 */
void db_abandon(struct db *db);

/* Round trips since the last call: for tests and benchmarks. */
unsigned db_take_round_trips(struct db *db);

/* A batch that speaks for the session `token` (hex, or NULL for none). */
struct db_batch *db_batch(struct db *db, struct arena *arena, const char *token);

/* Adds a statement; returns its index for db_rows. Use the macro: it counts the parameters. */
unsigned db_add_array(struct db_batch *batch, enum sql statement, size_t count,
                      const char *const *parameters);
#define DB_ADD(batch, statement, ...)                                                              \
    db_add_array((batch), (statement),                                                             \
                 sizeof((const char *const[]){NULL, ##__VA_ARGS__}) / sizeof(const char *) - 1,    \
                 (const char *const[]){NULL, ##__VA_ARGS__} + 1)

/*
 * Sends the batch and waits for all results. Anything but DB_OK means that none of it happened (DB_LOST: unknown).
 */
enum db_status db_run(struct db_batch *batch);

/*
 * The same in two halves, so that the database works while the caller does something else: db_start sends and returns at once, db_wait
 * waits for all results and says what db_run would. In between no other batch may run on the connection, and db_take_in, now and then,
 * makes room for what comes. Nothing is repeated: only for a batch that may be lost, outside a transaction.
 */
void db_start(struct db_batch *batch);
void db_take_in(struct db_batch *batch);
enum db_status db_wait(struct db_batch *batch);

/* The rows of statement `index` after DB_OK. */
const struct rows *db_rows(const struct db_batch *batch, unsigned index);

/* One statement alone: its rows, or NULL with *status set when it is not DB_OK. */
const struct rows *db_one_array(struct db *db, struct arena *arena, const char *token,
                                enum db_status *status, enum sql statement, size_t count,
                                const char *const *parameters);
#define DB_ONE(db, arena, token, status, statement, ...)                                           \
    db_one_array((db), (arena), (token), (status), (statement),                                    \
                 sizeof((const char *const[]){NULL, ##__VA_ARGS__}) / sizeof(const char *) - 1,    \
                 (const char *const[]){NULL, ##__VA_ARGS__} + 1)

/*
 * Runs a transaction of several batches: begin, work, commit. `work` must be repeatable and write no response; it is
 * tried at most three times while it reports DB_RETRY. When it reports anything but DB_OK, the transaction is undone.
 * Batches inside it see the session of `token` from the first.
 */
enum db_status db_transaction(struct db *db, struct arena *arena, const char *token,
                              enum db_status (*work)(struct db *db, void *context), void *context);

/* What the constraint or rule behind the last DB_REFUSED or DB_DUPLICATE said (SQLSTATE); never NULL. */
const char *db_last_sqlstate(const struct db *db);

/* The statement at which a batch failed last; SQL_COUNT when it was none of the table (BEGIN, COMMIT). */
enum sql db_last_statement(const struct db *db);

size_t rows_count(const struct rows *rows);
size_t rows_affected(const struct rows *rows);
size_t rows_columns(const struct rows *rows);
const char *rows_column_name(const struct rows *rows, size_t column);
const char *rows_at(const struct rows *rows, size_t row, size_t column); /* NULL for SQL's NULL */

/* By name; a name that the statement does not select is a bug and ends the process. */
const char *rows_text(const struct rows *rows, size_t row, const char *column);
int64_t rows_int(const struct rows *rows, size_t row, const char *column); /* NULL gives 0 */
bool rows_bool(const struct rows *rows, size_t row, const char *column);   /* NULL gives false */

/*
 * COPY ... FROM STDIN by a statement marked "plain". Between begin and end no batch may run on this connection; it
 * stands inside an open transaction of db_transaction or alone. 0 or -1 (logged).
 */
int db_copy_begin(struct db *db, enum sql statement);
int db_copy_data(struct db *db, const char *data, size_t size);
enum db_status db_copy_end(struct db *db);

/* A field of a row in PostgreSQL's binary form, valid while the row is taken; `bytes` NULL for SQL's NULL. */
struct db_field {
    const unsigned char *bytes;
    size_t size;
};

/*
 * COPY ... TO STDOUT (FORMAT binary) by a statement marked "plain": calls `take` with the fields of each row, as many as the statement selects (at most
 * 16), while the server goes on. For millions of rows, which no arena should hold. Inside a transaction like any batch.
 */
enum db_status db_copy_out(struct db *db, enum sql statement, void (*take)(void *context, const struct db_field *fields), void *context);

int64_t db_field_int(struct db_field field);    /* smallint, integer, bigint; NULL gives 0 */
date_day db_field_date(struct db_field field);  /* DATE_NONE for NULL and the infinities */
const char *db_field_text(struct db_field field, char *text, size_t room); /* into `text`, cut to its room; NULL gives "" */

/* A datemultirange, from the front: how many spans it has (NULL: 0), then one after another. A span begins with `from` and ends before `until`; DATE_NONE: open. */
struct db_span {
    date_day from, until;
};
int32_t db_field_spans(struct db_field *field);
struct db_span db_field_span(struct db_field *field);

/*
 * Runs a statement marked "plain" that takes no parameters and whose rows nobody wants: one on temporary tables, which
 * cannot be prepared before they are there. Inside a transaction like any batch.
 */
enum db_status db_plain(struct db *db, enum sql statement);

/*
 * Runs a text of several plain statements (a migration) in one transaction. 0, or -1 with the server's message in
 * *error: for commands of the operator alone, never behind a page.
 */
int db_script(struct db *db, struct arena *arena, const char *text, const char **error);

/*
 * Prepares one statement and plans its execution without running it: finds wrong SQL and missing rights. 0, or -1 with
 * the server's message in *error.
 */
int db_try(struct db *db, struct arena *arena, const struct statement *statement,
           const char **error);

/* Text forms of parameters. */
const char *db_int(struct arena *arena, int64_t value);
const char *db_bool(bool value);

/* A PostgreSQL array literal of texts: {"a","b"}. */
const char *db_array(struct arena *arena, size_t count, const char *const values[]);

#endif
