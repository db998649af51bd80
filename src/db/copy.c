/* copy.c - COPY in both directions, see db.h; and the binary form of what comes out (PostgreSQL documentation, COPY, "Binary Format"). */
#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "db/inside.h"

enum {
    HEADER = 19,         /* signature, flags, length of the extension, of which PostgreSQL has none */
    MAX_FIELDS = 16,
    EPOCH = 10957,       /* 2000-01-01, from which PostgreSQL counts days, in date_day */
    RANGE_EMPTY = 0x01,  /* the flags of a range */
    RANGE_NO_LOWER = 0x08,
    RANGE_NO_UPPER = 0x10
};

/* Sends a COPY; DB_OK when the server is ready for it. */
static enum db_status
begin(struct db *db, enum sql statement, ExecStatusType wanted)
{
    assert(sql_table[statement].plain);
    if (!db->in_transaction && db_connect_if_needed(db) != 0)
        return DB_LOST;
    PGresult *result = PQexec(db->connection, sql_table[statement].text);
    enum db_status status = PQresultStatus(result) == wanted ? DB_OK : db_judge(db, result, sql_table[statement].name);
    PQclear(result);
    return status;
}

/* Takes what the server says at the end of a COPY. */
static enum db_status
end(struct db *db, const char *name)
{
    enum db_status status = DB_OK;
    PGresult *result;

    while ((result = PQgetResult(db->connection)) != NULL) {
        if (!db_succeeded(result))
            status = db_judge(db, result, name);
        PQclear(result);
    }
    return status;
}

int
db_copy_begin(struct db *db, enum sql statement)
{
    return begin(db, statement, PGRES_COPY_IN) == DB_OK ? 0 : -1;
}

int
db_copy_data(struct db *db, const char *data, size_t size)
{
    return PQputCopyData(db->connection, data, (int)size) == 1 ? 0 : -1;
}

enum db_status
db_copy_end(struct db *db)
{
    return PQputCopyEnd(db->connection, NULL) == 1 ? end(db, "copy") : DB_LOST;
}

/* ---- out --------------------------------------------------------------------------------------------------------------- */

/* A big-endian number of `size` bytes, with its sign. */
static int64_t
number(const unsigned char *bytes, size_t size)
{
    int64_t n = bytes[0] & 0x80 ? -1 : 0;

    for (size_t i = 0; i < size; i++)
        n = (int64_t)((uint64_t)n << 8 | bytes[i]);
    return n;
}

/* Takes one number of four bytes from the front of `f`; 0 when it is too short for it. */
static int32_t
taken(struct db_field *f)
{
    int32_t n = f->size >= 4 ? (int32_t)number(f->bytes, 4) : 0;
    size_t step = f->size >= 4 ? 4 : f->size;

    f->bytes += step;
    f->size -= step;
    return n;
}

/* Splits a row; the number of its fields, -1 when it is not one. */
static int
split(struct db_field row, struct db_field fields[MAX_FIELDS])
{
    int count = row.size < 2 ? -1 : (int)number(row.bytes, 2);

    if (count > MAX_FIELDS)
        return -1;
    row.bytes += 2;
    row.size -= 2;
    for (int i = 0; i < count; i++) {
        int32_t size = taken(&row);
        if (size > 0 && (size_t)size > row.size)
            return -1;
        fields[i] = (struct db_field){.bytes = size < 0 ? NULL : row.bytes, .size = size < 0 ? 0 : (size_t)size};
        row.bytes += fields[i].size;
        row.size -= fields[i].size;
    }
    return count;
}

enum db_status
db_copy_out(struct db *db, enum sql statement, void (*take)(void *context, const struct db_field *fields), void *context)
{
    struct db_field fields[MAX_FIELDS];
    char *data;
    bool first = true, whole = true;

    enum db_status status = begin(db, statement, PGRES_COPY_OUT);
    if (status != DB_OK)
        return status;
    for (int size; (size = PQgetCopyData(db->connection, &data, 0)) > 0; PQfreemem(data), first = false) {
        size_t header = first ? HEADER : 0;
        if ((size_t)size < header + 2) {
            whole = false;
            continue;
        }
        struct db_field row = {.bytes = (const unsigned char *)data + header, .size = (size_t)size - header};
        int count = split(row, fields);
        if (count > 0 && whole)
            take(context, fields);
        whole = whole && (count > 0 || number(row.bytes, 2) == -1); /* -1: behind the last row */
    }
    status = end(db, sql_table[statement].name);
    if (status == DB_OK && !whole)
        log_error("copy_not_understood", "statement", sql_table[statement].name, NULL);
    return status == DB_OK && !whole ? DB_BROKEN : status;
}

int64_t
db_field_int(struct db_field field)
{
    return field.size == 0 ? 0 : number(field.bytes, field.size);
}

/* A day in PostgreSQL's count; the infinities are none. */
static date_day
day_of(int64_t days)
{
    return days <= INT32_MIN || days >= INT32_MAX - EPOCH ? DATE_NONE : (date_day)(days + EPOCH);
}

date_day
db_field_date(struct db_field field)
{
    return field.size == 0 ? DATE_NONE : day_of(db_field_int(field));
}

const char *
db_field_text(struct db_field field, char *text, size_t room)
{
    size_t size = field.size < room ? field.size : room - 1;

    memcpy(text, field.size == 0 ? "" : (const char *)field.bytes, size);
    text[size] = '\0';
    return text;
}

/* One end of a range: its size, then the day. */
static date_day
edge(struct db_field *range, bool is_open)
{
    if (is_open)
        return DATE_NONE;
    taken(range);
    return day_of(taken(range));
}

int32_t
db_field_spans(struct db_field *field)
{
    return field->size == 0 ? 0 : taken(field);
}

struct db_span
db_field_span(struct db_field *field)
{
    taken(field); /* the size of the range */
    unsigned flags = field->size == 0 ? RANGE_EMPTY : *field->bytes;
    if (field->size > 0) {
        field->bytes++;
        field->size--;
    }
    if (flags & RANGE_EMPTY)
        return (struct db_span){DATE_NONE, DATE_NONE};
    date_day from = edge(field, flags & RANGE_NO_LOWER);
    return (struct db_span){from, edge(field, flags & RANGE_NO_UPPER)};
}
