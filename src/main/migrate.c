/*
 * migrate.c - `hersys migrate`: brings the database to the version that this executable carries. Forward only.
 *
 * Every file of sql/ is one transaction with its entry in public.hersys_migration. A file that was changed after it
 * was applied is refused. Then the tables that follow from the dictionary and from the kinds of messages are filled.
 */
#include "main/main.h"

#include <stdio.h>
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "core/message.h"
#include "db/db.h"
#include "db/embedded.h"
#include "dictionary/rights.h"

static const char bookkeeping[] =
    "CREATE TABLE IF NOT EXISTS public.hersys_migration ("
    " name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL)";

/* The digest under which a file was applied; NULL when it was not. */
static const char *
applied_digest(const struct rows *rows, const char *name)
{
    for (size_t i = 0; i < rows_count(rows); i++)
        if (strcmp(rows_text(rows, i, "name"), name) == 0)
            return rows_text(rows, i, "digest");
    return NULL;
}

static int
apply(struct db *db, struct arena *arena, const struct embedded_text *migration)
{
    const char *error;
    const char *text = text_format(
        arena, "BEGIN;\n%s\nINSERT INTO public.hersys_migration VALUES ('%s', '%s', now());\nCOMMIT;",
        migration->text, migration->name, crypt_sha256(arena, migration->text));

    printf("applying %s\n", migration->name);
    if (db_script(db, arena, text, &error) == 0)
        return 0;
    fprintf(stderr, "hersys migrate: %s: %s", migration->name, error);
    return -1;
}

static int
apply_all(struct db *db, struct arena *arena)
{
    enum db_status status;
    const char *error;

    if (db_script(db, arena, bookkeeping, &error) != 0) {
        fprintf(stderr, "hersys migrate: %s\n", error);
        return -1;
    }
    const struct rows *done = DB_ONE(db, arena, NULL, &status, SQL_migration_list);
    if (done == NULL)
        return -1;
    for (const struct embedded_text *m = migrations; m->name != NULL; m++) {
        const char *digest = applied_digest(done, m->name);
        if (digest == NULL && apply(db, arena, m) != 0)
            return -1;
        if (digest != NULL && strcmp(digest, crypt_sha256(arena, m->text)) != 0) {
            fprintf(stderr, "hersys migrate: %s was changed after it had been applied\n", m->name);
            return -1;
        }
    }
    return 0;
}

/* tab_right, form_adoption, paper_kind and the installation's key. */
static int
fill_from_dictionary(struct db *db, struct arena *arena)
{
    unsigned char key[16];

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        struct db_batch *batch = db_batch(db, arena, NULL);
        for (int tab = 0; tab < TAB_COUNT; tab++)
            DB_ADD(batch, SQL_tab_right_save, dictionary_kind_name((enum organisation_kind)kind),
                   dictionary_tab_name((enum tab)tab),
                   db_int(arena, rights_tab_mask((enum organisation_kind)kind, (enum tab)tab, false)),
                   db_int(arena, rights_tab_mask((enum organisation_kind)kind, (enum tab)tab, true)));
        if (db_run(batch) != DB_OK)
            return -1;
    }
    crypt_random(key, sizeof key);
    struct db_batch *batch = db_batch(db, arena, NULL);
    for (int form = 0; form < FORM_COUNT; form++)
        DB_ADD(batch, SQL_form_adoption_save, dictionary_forms[form].version,
               dictionary_forms[form].from);
    for (int kind = 0; kind < PAPERS_KIND_COUNT; kind++)
        DB_ADD(batch, SQL_paper_kind_save, papers_kinds[kind].name, db_bool(papers_kinds[kind].accepted));
    DB_ADD(batch, SQL_installation_create, crypt_hex(arena, key, sizeof key));
    return db_run(batch) == DB_OK ? 0 : -1;
}

/* How each kind of message is sent: more of them than a batch holds. */
static int
fill_message_kinds(struct db *db, struct arena *arena)
{
    enum db_status status = DB_OK;

    for (size_t i = 0; i < message_kind_count && status == DB_OK; i++) {
        const struct message_kind *kind = &message_kinds[i];
        DB_ONE(db, arena, NULL, &status, SQL_message_kind_save, kind->template, kind->label, db_bool(kind->urgent),
               db_bool(kind->waits_at_night), kind->valid_minutes == 0 ? NULL : db_int(arena, kind->valid_minutes),
               db_bool(kind->expires_quietly), db_bool(message_holds_code(kind)));
    }
    return status == DB_OK ? 0 : -1;
}

int
command_migrate(const struct command_line *line)
{
    struct db *db = db_open(line->conf.database, "owner");
    int failed = apply_all(db, line->arena) != 0 || fill_from_dictionary(db, line->arena) != 0 ||
                 fill_message_kinds(db, line->arena) != 0;

    db_close(db);
    return failed;
}
