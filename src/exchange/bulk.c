/* bulk.c - see bulk.h. Which value goes into which column is found once, by name; then every row is a walk over it. */
#include "exchange/bulk.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum {
    CHUNK_PATIENTS = 5000, /* more is not faster, and both sides hold a chunk in memory (10 MB) */
    MAX_COLUMNS = 128,
    MAX_TESTS = 4,
    MAX_FACTS = 48
};

/* The staging tables that are filled from here, in the order in which they are sent. */
enum { STAGE_patient, STAGE_notification, STAGE_notification_person, STAGE_test, STAGE_status, STAGE_list, STAGE_COUNT };
enum { NO_ITEMS = -1 };

static const struct {
    enum sql columns, create, copy;
    int items; /* enum item_table whose items are columns here */
} stages[STAGE_COUNT] = {
    [STAGE_patient] = {SQL_bulk_columns_patient, SQL_bulk_stage_patient, SQL_bulk_copy_patient,
                       TABLE_patient},
    [STAGE_notification] = {SQL_bulk_columns_notification, SQL_bulk_stage_notification,
                            SQL_bulk_copy_notification, TABLE_notification},
    [STAGE_notification_person] = {SQL_bulk_columns_notification_person,
                                   SQL_bulk_stage_notification_person,
                                   SQL_bulk_copy_notification_person, TABLE_notification},
    [STAGE_test] = {SQL_bulk_columns_test, SQL_bulk_stage_test, SQL_bulk_copy_test,
                    TABLE_test_record},
    [STAGE_status] = {SQL_bulk_columns_status, SQL_bulk_stage_status, SQL_bulk_copy_status,
                      NO_ITEMS},
    [STAGE_list] = {SQL_bulk_columns_list, SQL_bulk_stage_list, SQL_bulk_copy_list, NO_ITEMS},
};

/* What runs when a chunk is staged, in this order: a patient before what refers to it. */
static const enum sql fills[] = {
    SQL_bulk_fill_patient,    SQL_bulk_fill_notification, SQL_bulk_fill_notification_person,
    SQL_bulk_fill_test,       SQL_bulk_fill_submission,   SQL_bulk_fill_status,
    SQL_bulk_fill_revision,   SQL_bulk_fill_key,          SQL_bulk_fill_reach,
    SQL_bulk_fill_access,     SQL_bulk_fill_search_key,   SQL_bulk_fill_todo,
    SQL_bulk_fill_tally,      SQL_bulk_fill_figure,       SQL_bulk_fill_written,
    SQL_bulk_clear,
};

/* Where a column's value comes from. */
struct source {
    enum { FROM_NOTHING, FROM_ITEM, FROM_FACT } from;
    int index;
};

struct layout {
    size_t count; /* 0: not yet known */
    struct source columns[MAX_COLUMNS];
};

/* The values of one case that are no items: state of its rows, labels, what becomes of it. The order never changes. */
struct facts {
    int count, test_no;
    struct publish_label list[MAX_FACTS];
};

struct bulk {
    struct db *db;
    const struct crypt_keys *keys;
    struct arena *chunk, *one; /* memory until the chunk is sent, and for one patient */
    struct buf rows[STAGE_COUNT];
    const struct rows *numbers; /* fresh ones, one for each patient of this chunk */
    size_t patients;            /* in this chunk */
    bool staged;                /* the staging tables of this transaction are there */
    struct layout layouts[STAGE_COUNT];
};

static void
free_arena(void *arena)
{
    arena_free(arena);
}

struct bulk *
bulk_new(struct arena *arena, struct db *db, const struct crypt_keys *keys)
{
    struct bulk *bulk = ARENA_NEW(arena, struct bulk);

    *bulk = (struct bulk){.db = db, .keys = keys, .chunk = arena_new(), .one = arena_new()};
    arena_defer(arena, free_arena, bulk->chunk);
    arena_defer(arena, free_arena, bulk->one);
    return bulk;
}

/* Begins a chunk. */
static void
clear(struct bulk *bulk)
{
    arena_reset(bulk->chunk);
    bulk->patients = 0;
    bulk->numbers = NULL;
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        bulk->rows[stage] = buf_new(bulk->chunk);
}

void
bulk_begin(struct bulk *bulk)
{
    clear(bulk);
    bulk->staged = false;
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

static void
add_fact(struct facts *facts, const char *column, const char *value)
{
    assert(facts->count < MAX_FACTS);
    facts->list[facts->count++] = (struct publish_label){column, value};
}

static const char *
words_as_array(struct arena *arena, const char *words)
{
    size_t count;
    char **list = text_split(arena, words, ' ', &count);

    return db_array(arena, count, (const char *const *)list);
}

/* A column of the same name in several tables has the same value in all of them. */
static struct facts
facts_of(struct arena *arena, const struct bulk_case *c, int64_t patient_id)
{
    const struct publication *p = &c->publication;
    const char *responsible = db_int(arena, c->responsible_id);
    const char *account = db_int(arena, c->account_id);
    struct facts f = {.count = PUBLISH_LABEL_COUNT};

    publish_label_list(arena, p, f.list);
    for (int i = 0; i < PUBLISH_LABEL_COUNT; i++)
        if (text_empty(f.list[i].value))
            f.list[i].value = NULL;
    add_fact(&f, "patient_id", db_int(arena, patient_id));
    add_fact(&f, "version", "1");
    add_fact(&f, "responsible_id", responsible);
    add_fact(&f, "received_by_id", responsible);
    add_fact(&f, "reporter_id", db_int(arena, c->reporter_id));
    add_fact(&f, "created_at", c->entered_at);
    add_fact(&f, "entered_at", c->entered_at);
    add_fact(&f, "entered_by", account);
    add_fact(&f, "account_id", account);
    add_fact(&f, "actor_id", db_int(arena, c->organisation_id));
    add_fact(&f, "form_version", dictionary_forms[p->form].version);
    add_fact(&f, "short_form", db_bool(p->short_form));
    add_fact(&f, "reported_at", p->listed_at);
    add_fact(&f, "confirmed_at", c->confirmed_at);
    add_fact(&f, "confirmed_by", p->confirmed ? db_int(arena, c->confirmed_by) : NULL);
    add_fact(&f, "status_no", "1");
    add_fact(&f, "since", p->status.since);
    add_fact(&f, "death_date", p->status.death_date);
    add_fact(&f, "death_place", p->status.death_place);
    add_fact(&f, "death_cause", p->status.death_cause);
    add_fact(&f, "reason", c->reason);
    add_fact(&f, "source", c->source);
    add_fact(&f, "external_no", c->external_no);
    add_fact(&f, "search_keys", publish_search_keys(arena, p->doc));
    add_fact(&f, "centre_todo", words_as_array(arena, publish_centre_todo(arena, p)));
    add_fact(&f, "reporter_todo", words_as_array(arena, publish_reporter_todo(arena, p)));
    /* Texts that a column wants even when there is nothing to say. */
    add_fact(&f, "note", c->status_note == NULL ? "" : c->status_note);
    f.test_no = f.count;
    add_fact(&f, "test_no", "1");
    return f;
}

/* ---- columns ------------------------------------------------------------------------------------------------------- */

static int
item_of(int table, const char *column)
{
    for (int item = 0; item < ITEM_COUNT; item++)
        if ((int)dictionary_items[item].table == table &&
            strcmp(dictionary_items[item].column, column) == 0)
            return item;
    return -1;
}

static struct source
source_of(int table, const struct facts *facts, const char *column)
{
    int item = item_of(table, column);

    if (item >= 0)
        return (struct source){FROM_ITEM, item};
    for (int i = 0; i < facts->count; i++)
        if (strcmp(facts->list[i].column, column) == 0)
            return (struct source){FROM_FACT, i};
    return (struct source){FROM_NOTHING, 0};
}

/* Asks the database for the columns of every staging table and finds where each comes from. */
static enum db_status
find_layouts(struct bulk *bulk, const struct facts *facts)
{
    struct db_batch *batch = db_batch(bulk->db, bulk->chunk, NULL);

    for (int stage = 0; stage < STAGE_COUNT; stage++)
        db_add_array(batch, stages[stage].columns, 0, NULL);
    enum db_status status = db_run(batch);
    for (unsigned stage = 0; status == DB_OK && stage < STAGE_COUNT; stage++) {
        const struct rows *rows = db_rows(batch, stage);
        struct layout *layout = &bulk->layouts[stage];
        layout->count = rows_columns(rows);
        assert(layout->count <= MAX_COLUMNS);
        for (size_t i = 0; i < layout->count; i++)
            layout->columns[i] = source_of(stages[stage].items, facts, rows_column_name(rows, i));
    }
    return status;
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

/* COPY's text form: backslash, tab and line ends are escaped. */
static void
add_value(struct buf *out, const char *value)
{
    static const char special[] = "\\\t\n\r", escaped[] = "\\tnr";

    if (value == NULL) {
        buf_add(out, "\\N", 2);
        return;
    }
    for (;;) {
        size_t plain = strcspn(value, special);
        buf_add(out, value, plain);
        value += plain;
        if (*value == '\0')
            return;
        buf_add_char(out, '\\');
        buf_add_char(out, escaped[strchr(special, *value) - special]);
        value++;
    }
}

/* The item of test number `repeat` that stands in the column of the first test's `item`. */
static int
item_of_test(int item, int repeat)
{
    for (int i = item; i < ITEM_COUNT; i++)
        if (dictionary_items[i].table == TABLE_test_record &&
            dictionary_items[i].repeat == repeat &&
            strcmp(dictionary_items[i].column, dictionary_items[item].column) == 0)
            return i;
    return item;
}

/* One row; repeat is the number of a test, 1 for the rest. */
static void
add_row(struct bulk *bulk, int stage, const struct document *doc, struct fields f,
        const struct facts *facts, int repeat)
{
    const struct layout *layout = &bulk->layouts[stage];
    struct buf *out = &bulk->rows[stage];

    for (size_t i = 0; i < layout->count; i++) {
        struct source source = layout->columns[i];
        const char *value = NULL;
        if (source.from == FROM_ITEM)
            value = fields_column(f, doc,
                                  repeat == 1 ? source.index : item_of_test(source.index, repeat));
        else if (source.from == FROM_FACT)
            value = facts->list[source.index].value;
        add_value(out, value);
        buf_add_char(out, i + 1 < layout->count ? '\t' : '\n');
    }
}

static bool
has_test(const struct document *doc, int repeat)
{
    for (int item = 0; item < ITEM_COUNT; item++)
        if (dictionary_items[item].table == TABLE_test_record &&
            dictionary_items[item].repeat == repeat && document_has(doc, item))
            return true;
    return false;
}

static enum db_status
take_number(struct bulk *bulk, int64_t *patient_id)
{
    enum db_status status = DB_OK;

    if (bulk->numbers == NULL)
        bulk->numbers = DB_ONE(bulk->db, bulk->chunk, NULL, &status, SQL_bulk_numbers,
                               db_int(bulk->chunk, CHUNK_PATIENTS));
    if (status == DB_OK)
        *patient_id = rows_int(bulk->numbers, bulk->patients, "number");
    return status;
}

enum db_status
bulk_add(struct bulk *bulk, const struct bulk_case *c)
{
    const struct document *doc = c->publication.doc;
    struct fields f = {.arena = bulk->one, .keys = bulk->keys};
    enum db_status status = take_number(bulk, &f.patient_id);

    if (status != DB_OK)
        return status;
    arena_reset(bulk->one);
    struct facts facts = facts_of(bulk->one, c, f.patient_id);
    if (bulk->layouts[0].count == 0 && (status = find_layouts(bulk, &facts)) != DB_OK)
        return status;
    add_row(bulk, STAGE_patient, doc, f, &facts, 1);
    add_row(bulk, STAGE_notification, doc, f, &facts, 1);
    add_row(bulk, STAGE_notification_person, doc, f, &facts, 1);
    for (int repeat = 1; repeat <= MAX_TESTS; repeat++) {
        facts.list[facts.test_no].value = db_int(bulk->one, repeat);
        if (has_test(doc, repeat))
            add_row(bulk, STAGE_test, doc, f, &facts, repeat);
    }
    if (!text_empty(c->publication.status.status))
        add_row(bulk, STAGE_status, doc, f, &facts, 1);
    add_row(bulk, STAGE_list, doc, f, &facts, 1);
    return ++bulk->patients < CHUNK_PATIENTS ? DB_OK : bulk_flush(bulk);
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

static enum db_status
make_stages(struct bulk *bulk)
{
    enum db_status status = DB_OK;

    for (int stage = 0; stage < STAGE_COUNT && status == DB_OK; stage++)
        status = db_plain(bulk->db, stages[stage].create);
    if (status == DB_OK)
        status = db_plain(bulk->db, SQL_bulk_stage_reach);
    if (status == DB_OK)
        status = db_plain(bulk->db, SQL_bulk_stage_written);
    bulk->staged = status == DB_OK;
    return status;
}

static enum db_status
send_stage(struct bulk *bulk, int stage)
{
    const struct buf *rows = &bulk->rows[stage];

    if (db_copy_begin(bulk->db, stages[stage].copy) != 0 ||
        db_copy_data(bulk->db, rows->data, rows->size) != 0)
        return DB_BROKEN;
    return db_copy_end(bulk->db);
}

enum db_status
bulk_flush(struct bulk *bulk)
{
    enum db_status status = DB_OK;

    if (bulk->patients == 0)
        return DB_OK;
    if (!bulk->staged)
        status = make_stages(bulk);
    for (int stage = 0; stage < STAGE_COUNT && status == DB_OK; stage++)
        status = send_stage(bulk, stage);
    for (size_t i = 0; i < sizeof fills / sizeof *fills && status == DB_OK; i++)
        status = db_plain(bulk->db, fills[i]);
    clear(bulk);
    return status;
}

enum db_status
bulk_audit(struct bulk *bulk)
{
    return db_plain(bulk->db, SQL_bulk_audit);
}
