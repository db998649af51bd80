/* db.c - see db.h. */
#include "db/db.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "db/inside.h"

enum {
    MAX_BATCH = 64,      /* statements in one batch; the notification with everything in it has about 20 */
    MAX_ATTEMPTS = 3,    /* of a transaction that met a deadlock or a serialization failure */
    BEGIN_OR_COMMIT = -1 /* a command of the batch that is not in the statement table */
};

struct command {
    int statement;     /* index into sql_table or BEGIN_OR_COMMIT */
    const char *plain; /* text of BEGIN_OR_COMMIT */
    size_t count;
    const char *const *parameters;
    PGresult *result;
};

struct db_batch {
    struct db *db;
    struct arena *arena;
    unsigned count;
    unsigned hidden; /* commands in front that the caller did not add */
    enum db_status sent;
    struct command commands[MAX_BATCH];
};

struct rows {
    const PGresult *result;
};

struct db *
db_open(const char *conninfo, const char *role)
{
    struct arena *arena = arena_new();
    struct db *db = ARENA_NEW(arena, struct db);

    db->arena = arena;
    db->conninfo = text_format(arena, "%s user=hersys_%s client_encoding=UTF8", conninfo, role);
    return db;
}

void
db_close(struct db *db)
{
    if (db == NULL)
        return;
    PQfinish(db->connection);
    arena_free(db->arena);
}

void
db_abandon(struct db *db)
{
    if (db->connection != NULL)
        close(PQsocket(db->connection));
}

unsigned
db_take_round_trips(struct db *db)
{
    unsigned n = db->round_trips;

    db->round_trips = 0;
    return n;
}

const char *
db_last_sqlstate(const struct db *db)
{
    return db->sqlstate;
}

enum sql
db_last_statement(const struct db *db)
{
    return db->failed;
}

static void
forget_connection(struct db *db)
{
    PQfinish(db->connection);
    db->connection = NULL;
    db->in_transaction = false;
    memset(db->prepared, 0, sizeof db->prepared);
}

/*
 * False when the server has gone while the connection was idle: then there is something to read, and it is the end. Seen
 * before anything is sent, this costs nobody a request; later it could not be told whether a statement had its effect.
 */
static bool
is_alive(PGconn *connection)
{
    struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};

    while (poll(&socket, 1, 0) != 0)
        if (PQconsumeInput(connection) != 1 || PQstatus(connection) != CONNECTION_OK)
            return false;
    return true;
}

int
db_connect_if_needed(struct db *db)
{
    if (db->connection != NULL && PQstatus(db->connection) == CONNECTION_OK &&
        (db->in_transaction || is_alive(db->connection)))
        return 0;
    forget_connection(db);
    db->connection = PQconnectdb(db->conninfo);
    if (PQstatus(db->connection) == CONNECTION_OK)
        return 0;
    log_error("database_unreachable", "reason", PQerrorMessage(db->connection), NULL);
    forget_connection(db);
    return -1;
}

struct db_batch *
db_batch(struct db *db, struct arena *arena, const char *token)
{
    struct db_batch *batch = ARENA_NEW(arena, struct db_batch);

    batch->db = db;
    batch->arena = arena;
    if (token != NULL && !db->in_transaction) {
        DB_ADD(batch, SQL_context_set, token);
        batch->hidden = 1;
    }
    return batch;
}

unsigned
db_add_array(struct db_batch *batch, enum sql statement, size_t count,
             const char *const *parameters)
{
    assert(batch->count < MAX_BATCH);
    assert(count == (size_t)sql_table[statement].parameters);
    const char **copy = ARENA_ARRAY(batch->arena, count, const char *);
    if (count > 0)
        memcpy(copy, parameters, count * sizeof *copy);
    batch->commands[batch->count] =
        (struct command){.statement = (int)statement, .count = count, .parameters = copy};
    return batch->count++ - batch->hidden;
}

static void
add_plain(struct db_batch *batch, const char *text)
{
    batch->commands[batch->count++] =
        (struct command){.statement = BEGIN_OR_COMMIT, .plain = text};
}

/* Queues one command, and before it its preparation where that is new. False when the connection failed. */
static bool
send_command(struct db *db, const struct command *c)
{
    if (c->statement == BEGIN_OR_COMMIT)
        return PQsendQueryParams(db->connection, c->plain, 0, NULL, NULL, NULL, NULL, 0) == 1;
    const struct statement *s = &sql_table[c->statement];
    if (!db->prepared[c->statement] &&
        PQsendPrepare(db->connection, s->name, s->text, s->parameters, NULL) != 1)
        return false;
    return PQsendQueryPrepared(db->connection, s->name, (int)c->count, c->parameters, NULL, NULL,
                               0) == 1;
}

static enum db_status
status_of(const char *sqlstate)
{
    static const struct {
        const char *prefix;
        enum db_status status;
    } known[] = {
        {"23505", DB_DUPLICATE}, {"42501", DB_REFUSED}, {"HS", DB_REFUSED}, {"40001", DB_RETRY},
        {"40P01", DB_RETRY},     {"57P0", DB_LOST},     {"08", DB_LOST},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(sqlstate, known[i].prefix, strlen(known[i].prefix)) == 0)
            return known[i].status;
    return DB_BROKEN;
}

enum db_status
db_judge(struct db *db, const PGresult *result, const char *statement)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    snprintf(db->sqlstate, sizeof db->sqlstate, "%s", sqlstate == NULL ? "08006" : sqlstate);
    enum db_status status = status_of(db->sqlstate);
    if (status == DB_BROKEN) /* the primary message may quote a value, so only the state is logged */
        log_error("statement_failed", "statement", statement, "sqlstate", db->sqlstate, NULL);
    return status;
}

static void
clear_result(void *result)
{
    PQclear(result);
}

/* Fetches the one result of the next queued command and the NULL behind it. */
static PGresult *
next_result(struct db *db)
{
    PGresult *result = PQgetResult(db->connection), *more;

    if (result != NULL && PQresultStatus(result) != PGRES_PIPELINE_SYNC)
        while ((more = PQgetResult(db->connection)) != NULL)
            PQclear(more);
    return result;
}

bool
db_succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Takes the results of command `c`. DB_OK also for what was skipped behind an earlier error. */
static enum db_status
receive_command(struct db_batch *batch, struct command *c)
{
    struct db *db = batch->db;
    const char *name = c->statement == BEGIN_OR_COMMIT ? c->plain : sql_table[c->statement].name;
    bool preparing = c->statement != BEGIN_OR_COMMIT && !db->prepared[c->statement];

    for (int step = preparing ? 0 : 1; step < 2; step++) {
        PGresult *result = next_result(db);
        if (result == NULL)
            return DB_LOST;
        arena_defer(batch->arena, clear_result, result);
        if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
            continue;
        if (!db_succeeded(result)) {
            enum db_status status = db_judge(db, result, name);
            db->failed = c->statement == BEGIN_OR_COMMIT ? SQL_COUNT : (enum sql)c->statement;
            if (step == 0)
                PQclear(next_result(db)); /* the execution behind it, skipped by the server */
            return status;
        }
        if (step == 0)
            db->prepared[c->statement] = true;
        else
            c->result = result;
    }
    return DB_OK;
}

/* Is a statement queued twice in one batch? Then it must be prepared once only. */
static void
prepare_repeated(struct db_batch *batch)
{
    struct db *db = batch->db;

    for (unsigned i = 0; i < batch->count; i++) {
        int s = batch->commands[i].statement;
        for (unsigned j = 0; j < i && s != BEGIN_OR_COMMIT && !db->prepared[s]; j++) {
            if (batch->commands[j].statement != s)
                continue;
            PGresult *result = PQprepare(db->connection, sql_table[s].name, sql_table[s].text,
                                         sql_table[s].parameters, NULL);
            db->prepared[s] = PQresultStatus(result) == PGRES_COMMAND_OK;
            db->round_trips++;
            PQclear(result);
        }
    }
}

/* Enters pipeline mode and sends everything. */
static enum db_status
send_pipeline(struct db_batch *batch)
{
    struct db *db = batch->db;

    if (PQenterPipelineMode(db->connection) != 1)
        return DB_LOST;
    for (unsigned i = 0; i < batch->count; i++)
        if (!send_command(db, &batch->commands[i]))
            return DB_LOST;
    if (PQpipelineSync(db->connection) != 1)
        return DB_LOST;
    db->round_trips++;
    return DB_OK;
}

/* Takes all answers. */
static enum db_status
receive_pipeline(struct db_batch *batch)
{
    enum db_status status = DB_OK;

    for (unsigned i = 0; i < batch->count; i++) {
        enum db_status one = receive_command(batch, &batch->commands[i]);
        if (status == DB_OK)
            status = one;
        if (one == DB_LOST)
            return DB_LOST;
    }
    PGresult *sync = PQgetResult(batch->db->connection);
    if (PQresultStatus(sync) != PGRES_PIPELINE_SYNC)
        status = DB_LOST;
    PQclear(sync);
    return status;
}

/* Gives up a connection that was lost. */
static enum db_status
lose(struct db *db)
{
    log_error("database_connection_lost", "reason", PQerrorMessage(db->connection), NULL);
    forget_connection(db);
    return DB_LOST;
}

void
db_start(struct db_batch *batch)
{
    struct db *db = batch->db;

    batch->sent = DB_LOST;
    if ((db->in_transaction && db->connection == NULL) || db_connect_if_needed(db) != 0)
        return;
    prepare_repeated(batch);
    batch->sent = send_pipeline(batch);
    if (batch->sent == DB_LOST)
        lose(db);
}

void
db_take_in(struct db_batch *batch)
{
    if (batch->sent == DB_OK)
        PQconsumeInput(batch->db->connection); /* a failure shows in db_wait */
}

enum db_status
db_wait(struct db_batch *batch)
{
    struct db *db = batch->db;

    if (batch->sent != DB_OK)
        return batch->sent;
    enum db_status status = receive_pipeline(batch);
    if (status == DB_LOST)
        return lose(db);
    PQexitPipelineMode(db->connection);
    return status;
}

static enum db_status
run_once(struct db_batch *batch)
{
    db_start(batch);
    return db_wait(batch);
}

enum db_status
db_run(struct db_batch *batch)
{
    enum db_status status = run_once(batch);

    /* Within a transaction its beginning would be missing: db_transaction repeats all of it. */
    for (int i = 1; i < MAX_ATTEMPTS && status == DB_RETRY && !batch->db->in_transaction; i++)
        status = run_once(batch);
    return status;
}

const struct rows *
db_rows(const struct db_batch *batch, unsigned index)
{
    assert(index + batch->hidden < batch->count);
    struct rows *rows = ARENA_NEW(batch->arena, struct rows);
    rows->result = batch->commands[index + batch->hidden].result;
    assert(rows->result != NULL);
    return rows;
}

const struct rows *
db_one_array(struct db *db, struct arena *arena, const char *token, enum db_status *status,
             enum sql statement, size_t count, const char *const *parameters)
{
    struct db_batch *batch = db_batch(db, arena, token);

    unsigned index = db_add_array(batch, statement, count, parameters);
    *status = db_run(batch);
    return *status == DB_OK ? db_rows(batch, index) : NULL;
}

static enum db_status
run_plain(struct db *db, struct arena *arena, const char *text, const char *token)
{
    struct db_batch *batch = db_batch(db, arena, NULL);

    add_plain(batch, text);
    if (token != NULL)
        DB_ADD(batch, SQL_context_set, token);
    return db_run(batch);
}

enum db_status
db_transaction(struct db *db, struct arena *arena, const char *token,
               enum db_status (*work)(struct db *db, void *context), void *context)
{
    enum db_status status = DB_RETRY;

    assert(!db->in_transaction);
    for (int attempt = 0; attempt < MAX_ATTEMPTS && status == DB_RETRY; attempt++) {
        status = run_plain(db, arena, "BEGIN", token);
        if (status != DB_OK)
            return status;
        db->in_transaction = true;
        status = work(db, context);
        bool connected = db->connection != NULL;
        if (status == DB_OK)
            status = run_plain(db, arena, "COMMIT", NULL);
        else if (connected)
            run_plain(db, arena, "ROLLBACK", NULL);
        db->in_transaction = false;
    }
    return status;
}

size_t
rows_count(const struct rows *rows)
{
    return (size_t)PQntuples(rows->result);
}

size_t
rows_affected(const struct rows *rows)
{
    return strtoul(PQcmdTuples((PGresult *)(uintptr_t)rows->result), NULL, 10);
}

size_t
rows_columns(const struct rows *rows)
{
    return (size_t)PQnfields(rows->result);
}

const char *
rows_column_name(const struct rows *rows, size_t column)
{
    return PQfname(rows->result, (int)column);
}

const char *
rows_at(const struct rows *rows, size_t row, size_t column)
{
    assert(row < rows_count(rows) && column < rows_columns(rows));
    if (PQgetisnull(rows->result, (int)row, (int)column))
        return NULL;
    return PQgetvalue(rows->result, (int)row, (int)column);
}

const char *
rows_text(const struct rows *rows, size_t row, const char *column)
{
    int number = PQfnumber(rows->result, column);

    assert(number >= 0);
    return rows_at(rows, row, (size_t)number);
}

int64_t
rows_int(const struct rows *rows, size_t row, const char *column)
{
    const char *text = rows_text(rows, row, column);

    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

bool
rows_bool(const struct rows *rows, size_t row, const char *column)
{
    const char *text = rows_text(rows, row, column);

    return text != NULL && text[0] == 't';
}

enum db_status
db_plain(struct db *db, enum sql statement)
{
    assert(sql_table[statement].plain && sql_table[statement].parameters == 0);
    if (!db->in_transaction && db_connect_if_needed(db) != 0)
        return DB_LOST;
    PGresult *result = PQexec(db->connection, sql_table[statement].text);
    enum db_status status =
        db_succeeded(result) ? DB_OK : db_judge(db, result, sql_table[statement].name);
    PQclear(result);
    db->round_trips++;
    return status;
}

int
db_script(struct db *db, struct arena *arena, const char *text, const char **error)
{
    if (db_connect_if_needed(db) != 0) {
        *error = "the database cannot be reached";
        return -1;
    }
    PGresult *result = PQexec(db->connection, text);
    int failed = db_succeeded(result) ? 0 : -1;
    *error = failed ? text_copy(arena, PQresultErrorMessage(result)) : "";
    PQclear(result);
    if (failed)
        PQclear(PQexec(db->connection, "ROLLBACK"));
    return failed;
}

int
db_try(struct db *db, struct arena *arena, const struct statement *statement, const char **error)
{
    struct buf explain = buf_new(arena);

    *error = "the database cannot be reached";
    if (db_connect_if_needed(db) != 0)
        return -1;
    buf_add_text(&explain, "EXPLAIN EXECUTE tried");
    for (int i = 0; i < statement->parameters; i++)
        buf_add_text(&explain, i == 0 ? "(NULL" : ", NULL");
    buf_add_text(&explain, statement->parameters > 0 ? ")" : "");
    PGresult *result = PQprepare(db->connection, "tried", statement->text, 0, NULL);
    int failed = db_succeeded(result) ? 0 : -1;
    if (!failed) { /* rights are checked when the execution begins, not when a statement is prepared */
        PQclear(result);
        result = PQexec(db->connection, buf_text(&explain));
        failed = db_succeeded(result) ? 0 : -1;
        PQclear(PQexec(db->connection, "DEALLOCATE tried"));
    }
    *error = failed ? text_copy(arena, PQresultErrorMessage(result)) : "";
    PQclear(result);
    return failed;
}

const char *
db_int(struct arena *arena, int64_t value)
{
    return text_format(arena, "%lld", (long long)value);
}

const char *
db_bool(bool value)
{
    return value ? "t" : "f";
}

const char *
db_array(struct arena *arena, size_t count, const char *const values[])
{
    struct buf out = buf_new(arena);

    buf_add_char(&out, '{');
    for (size_t i = 0; i < count; i++) {
        buf_add_text(&out, i == 0 ? "\"" : ",\"");
        for (const char *p = values[i]; *p != '\0'; p++) {
            if (*p == '"' || *p == '\\')
                buf_add_char(&out, '\\');
            buf_add_char(&out, *p);
        }
        buf_add_char(&out, '"');
    }
    buf_add_char(&out, '}');
    return buf_text(&out);
}
