/*
 * reference.c - `hersys reference load`: fills the reference tables from the files that the build has made
 * (reference/export.js). Repeatable; does nothing when the files are those loaded last.
 */
#include "main/main.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/text.h"
#include "db/db.h"

struct table {
    const char *file;
    enum sql copy, merge;
};

static const struct table tables[] = {
    {"prefecture.tsv", SQL_reference_copy_4, SQL_reference_prefecture},
    {"municipality.tsv", SQL_reference_copy_6, SQL_reference_municipality},
    {"postal_code.tsv", SQL_reference_copy_3, SQL_reference_postal_code},
    {"holiday.tsv", SQL_reference_copy_2, SQL_reference_holiday},
    {"centre.tsv", SQL_reference_copy_7, SQL_reference_centre},
    {"jurisdiction.tsv", SQL_reference_copy_2, SQL_reference_jurisdiction},
};
enum { TABLE_COUNT = sizeof tables / sizeof *tables, MAX_FILE = 1 << 28 };

struct load {
    struct arena *arena;
    const char *contents[TABLE_COUNT];
    const char *digest;
};

static int
run_script(struct db *db, struct arena *arena, enum sql statement)
{
    const char *error;

    if (db_script(db, arena, sql_table[statement].text, &error) == 0)
        return 0;
    fprintf(stderr, "hersys reference: %s: %s", sql_table[statement].name, error);
    return -1;
}

static enum db_status
load_all(struct db *db, void *context)
{
    struct load *load = context;

    for (int i = 0; i < TABLE_COUNT; i++) {
        const char *error;
        if (run_script(db, load->arena, SQL_reference_stage) != 0 ||
            db_copy_begin(db, tables[i].copy) != 0 ||
            db_copy_data(db, load->contents[i], strlen(load->contents[i])) != 0 ||
            db_copy_end(db) != DB_OK || run_script(db, load->arena, tables[i].merge) != 0 ||
            db_script(db, load->arena, "DROP TABLE reference_stage", &error) != 0)
            return DB_BROKEN;
    }
    struct db_batch *batch = db_batch(db, load->arena, NULL);
    DB_ADD(batch, SQL_reference_digest_save, load->digest);
    return db_run(batch);
}

int
command_reference(const struct command_line *line)
{
    struct load load = {.arena = line->arena};
    struct buf all = buf_new(line->arena);
    enum db_status status;

    if (line->argc != 2 || strcmp(line->argv[1], "load") != 0) {
        fputs("usage: hersys reference load\n", stderr);
        return 2;
    }
    for (int i = 0; i < TABLE_COUNT; i++) {
        size_t size;
        const char *path =
            text_format(line->arena, "%s/%s", line->conf.data_directory, tables[i].file);
        if ((load.contents[i] = command_file(line, path, MAX_FILE, &size)) == NULL)
            return 1;
        buf_add_text(&all, load.contents[i]);
        buf_add_text(&all, sql_table[tables[i].merge].text);
    }
    load.digest = crypt_sha256(line->arena, buf_text(&all));
    struct db *db = db_open(line->conf.database, "owner");
    const struct rows *last = DB_ONE(db, line->arena, NULL, &status, SQL_reference_digest);
    if (last != NULL && rows_count(last) == 1 && text_same(rows_at(last, 0, 0), load.digest))
        puts("reference tables are up to date");
    else if (last != NULL) {
        status = db_transaction(db, line->arena, NULL, load_all, &load);
        puts(status == DB_OK ? "reference tables loaded" : "reference tables NOT loaded");
    }
    db_close(db);
    return status != DB_OK;
}
