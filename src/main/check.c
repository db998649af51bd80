/*
 * check.c - `hersys check sql` and `hersys check dictionary`: prove against a migrated database what no compiler can.
 *
 * sql: every statement is prepared and planned as each role that runs it; the texts and the catalogue keep the rules of
 * shared/citus-rules.md; the walls stand. dictionary: items and columns agree, both ways.
 */
#include "main/main.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "db/db.h"
#include "dictionary/dictionary.h"

static int problems;

static void
report(const char *where, const char *what)
{
    printf("%s: %s\n", where, what);
    problems++;
}

/* ---- statements ---------------------------------------------------------------------------------------------------- */

/* What must not stand in a statement, and which rule says so. Compared in lower case, blanks squeezed. */
static const struct {
    const char *text, *rule;
} forbidden[] = {
    {"merge into", "R9: no MERGE"},
    {"grouping sets", "R9: no GROUPING SETS"},
    {"rollup", "R9: no ROLLUP"},
    {"cube (", "R9: no CUBE"},
    {"with recursive", "R9: no WITH RECURSIVE"},
    {"skip locked", "R7: one leader instead of SKIP LOCKED"},
    {"random()", "R8: no volatile function"},
    {"gen_random_uuid", "R8: ids come from the application"},
    {"prepare transaction", "R11"},
    {"lock_timeout", "R11"},
    {" offset ", "pages by key, never by OFFSET (database.md 3)"},
};

static char *
squeezed(struct arena *arena, const char *text)
{
    char *out = text_copy(arena, text), *q = out;

    for (const char *p = out; *p != '\0'; p++) {
        char c = isspace((unsigned char)*p) ? ' ' : (char)tolower((unsigned char)*p);
        if (c != ' ' || (q > out && q[-1] != ' '))
            *q++ = c;
    }
    *q = '\0';
    return out;
}

static void
check_text(struct arena *arena, const struct statement *s, const char *where)
{
    const char *text = squeezed(arena, s->text);
    const char *conflict = strstr(text, "do update set");

    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (strstr(text, forbidden[i].text) != NULL)
            report(where, forbidden[i].rule);
    if (conflict != NULL && (strstr(conflict, "now()") != NULL ||
                             strstr(conflict, "clock_timestamp") != NULL))
        report(where, "R8: no time function in ON CONFLICT DO UPDATE, use EXCLUDED");
}

/* Tries every statement of one role. */
static void
check_role(struct arena *arena, const struct conf *conf, const char *role)
{
    struct db *db = db_open(conf->database, role);
    int prepared = 0;

    for (int i = 0; i < SQL_COUNT; i++) {
        const struct statement *s = &sql_table[i];
        const char *error;
        if (s->plain || !text_has_word(s->roles, role))
            continue;
        prepared++;
        if (db_try(db, arena, s, &error) != 0)
            report(text_format(arena, "%s:%d %s as %s", s->file, s->line, s->name, role),
                   text_trim(arena, error));
    }
    printf("%d statements tried as hersys_%s\n", prepared, role);
    db_close(db);
}

static void
check_catalogue(struct arena *arena, struct db *db)
{
    static const enum sql checks[] = {SQL_check_unclassified, SQL_check_keys,
                                      SQL_check_key_columns, SQL_check_foreign_keys,
                                      SQL_check_forbidden_objects, SQL_check_walls};

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        enum db_status status;
        const struct rows *rows = db_one_array(db, arena, NULL, &status, checks[i], 0, NULL);
        if (rows == NULL) {
            report(sql_table[checks[i]].name, "could not be run");
            continue;
        }
        for (size_t j = 0; j < rows_count(rows); j++)
            report(sql_table[checks[i]].name, rows_text(rows, j, "problem"));
    }
}

static void
check_sql(struct arena *arena, const struct conf *conf)
{
    static const char *const roles[] = {"owner", "staff", "door", "public", "jobs"};

    for (int i = 0; i < SQL_COUNT; i++)
        check_text(arena, &sql_table[i],
                   text_format(arena, "%s:%d %s", sql_table[i].file, sql_table[i].line,
                               sql_table[i].name));
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        check_role(arena, conf, roles[i]);
    struct db *db = db_open(conf->database, "owner");
    check_catalogue(arena, db);
    db_close(db);
}

/* ---- dictionary and columns ---------------------------------------------------------------------------------------- */

static const char *const table_names[] = {
    [TABLE_patient] = "patient", [TABLE_notification] = "notification", [TABLE_test_record] = "test_record",
    [TABLE_entry] = "entry" /* one column for all of them */};

/*
 * Where an item stands. A notification has two halves, so that row-level security can show the illness without the person:
 * what is of class identity or contact must stand apart.
 */
static const char *
table_of(const struct item *item)
{
    bool personal = item->class == CLASS_identity || item->class == CLASS_contact;

    return item->table == TABLE_notification && personal ? "notification_person"
                                                         : table_names[item->table];
}

static const char *
column_type(enum item_type type)
{
    switch (type) {
    case TYPE_date:
        return "date";
    case TYPE_int:
        return "integer";
    case TYPE_choices:
        return "text[]";
    default:
        return "text";
    }
}

/* Columns that are no items: keys, state, who and when. */
static bool
is_state_column(const char *table, const char *column)
{
    static const struct {
        const char *table, *columns;
    } state[] = {
        {"patient", "patient_id version responsible_id received_by_id created_at"},
        {"notification",
         "patient_id notification_no form_version short_form deemed reporter_id entered_by "
         "reported_at edited_by confirmed_at confirmed_by frozen_at deleted_at deleted_by "
         "delete_reason purge_after"},
        {"notification_person", "patient_id notification_no frozen_items"},
        {"test_record", "patient_id notification_no test_no"},
    };

    for (size_t i = 0; i < sizeof state / sizeof *state; i++)
        if (strcmp(state[i].table, table) == 0)
            return text_has_word(state[i].columns, column);
    return false;
}

static const struct item *
item_of_column(const char *table, const char *column)
{
    for (int i = 0; i < ITEM_COUNT; i++)
        if (strcmp(table_of(&dictionary_items[i]), table) == 0 &&
            strcmp(dictionary_items[i].column, column) == 0)
            return &dictionary_items[i];
    return NULL;
}

static void
check_dictionary(struct arena *arena, const struct conf *conf)
{
    enum db_status status;
    bool found[ITEM_COUNT] = {false};
    struct db *db = db_open(conf->database, "owner");
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_check_columns);

    for (size_t i = 0; rows != NULL && i < rows_count(rows); i++) {
        const char *table = rows_text(rows, i, "table"), *column = rows_text(rows, i, "column");
        const struct item *item = item_of_column(table, column);
        const char *where = text_format(arena, "%s.%s", table, column);
        if (item == NULL && !is_state_column(table, column))
            report(where, "no such item in the dictionary");
        if (item != NULL && strcmp(column_type(item->type), rows_text(rows, i, "type")) != 0)
            report(where, text_format(arena, "is %s in the database", rows_text(rows, i, "type")));
        for (int j = 0; j < ITEM_COUNT; j++)
            if (item != NULL && dictionary_items[j].table == item->table &&
                strcmp(dictionary_items[j].column, column) == 0)
                found[j] = true;
    }
    for (int i = 0; i < ITEM_COUNT; i++)
        if (!found[i] && dictionary_items[i].table != TABLE_entry)
            report(dictionary_items[i].name, "has no column in the database");
    printf("%d items compared with the database\n", ITEM_COUNT);
    db_close(db);
}

int
command_check(const struct command_line *line)
{
    if (line->argc == 2 && strcmp(line->argv[1], "sql") == 0)
        check_sql(line->arena, &line->conf);
    else if (line->argc == 2 && strcmp(line->argv[1], "dictionary") == 0)
        check_dictionary(line->arena, &line->conf);
    else {
        fputs("usage: hersys check sql | dictionary\n", stderr);
        return 2;
    }
    printf("%d problems\n", problems);
    return problems > 0;
}
