/* generate.c - see generate.h. What the patients are like is exchange/synthetic.c's matter; how they are written, bulk.c's. */
#include "main/generate.h"

#include <stdio.h>

#include "base/crypt.h"
#include "base/text.h"
#include "core/same.h"
#include "db/db.h"
#include "exchange/synthetic.h"
#include "main/progress.h"

enum {
    MAX_PATIENTS = 20000000,
    CHUNK = 5000,          /* patients of a transaction */
    MAX_CLINICS_EACH = 10, /* of a centre: about 4,700 in the country */
    PATIENTS_FOR_EACH = 20000,
    RECENT_PATIENTS = 200,
    RECENT_DAYS = 14
};

#define CLINICS       "G" /* codes of the clinics made here */
#define DEMO_CLINICS  "K" /* of those that have accounts (demo.c) */
#define RECENT_SOURCE "demo/recent"
#define DOUBLE_PHONE  "09000000099"

struct generation {
    struct db *db;
    struct synthetic *synthetic;
    struct bulk *bulk;
    struct arena *one;
    const char *source; /* NULL: no keys are kept */
    int64_t first, count;
};

/*
 * The last of the recent patients is the first of them, reported once more with another telephone: somebody to be
 * recognised as the same person.
 */
static bool
is_double(const struct generation *g, int64_t number)
{
    return g->source != NULL && number == RECENT_PATIENTS - 1;
}

static enum db_status
find_double(struct generation *g, const char *external_no, const struct document *doc)
{
    struct db_batch *batch = db_batch(g->db, g->one, NULL);

    same_add_written(batch, g->one, g->source, external_no, doc);
    return db_run(batch);
}

static enum db_status
write_chunk(struct db *db, void *context)
{
    struct generation *g = context;
    enum db_status status = DB_OK;
    struct document doc;
    struct bulk_case c;

    (void)db;
    bulk_begin(g->bulk);
    for (int64_t i = g->first; i < g->first + g->count && status == DB_OK; i++) {
        arena_reset(g->one);
        synthetic_case(g->synthetic, g->one, is_double(g, i) ? 0 : i, &doc, &c);
        if (is_double(g, i))
            doc.value[ITEM_phone] = DOUBLE_PHONE;
        c.source = g->source;
        c.external_no = db_int(g->one, i);
        status = bulk_add(g->bulk, &c);
    }
    if (status == DB_OK)
        status = bulk_flush(g->bulk);
    if (status == DB_OK && is_double(g, g->first + g->count - 1))
        status = find_double(g, c.external_no, &doc);
    if (status == DB_OK)
        status = bulk_audit(g->bulk);
    return status;
}

/* Writes patients 0 to count - 1 of a plan. */
static enum db_status
generate(const struct command_line *line, const struct synthetic_plan *plan, int64_t count,
         const char *source)
{
    struct crypt_keys keys;
    struct generation g = {.db = db_open(line->conf.database, "jobs"), .source = source};
    enum db_status status = DB_LOST;

    g.one = arena_new();
    g.synthetic = synthetic_new(line->arena, g.db, plan);
    if (g.synthetic != NULL && crypt_load_keys(&keys, line->conf.key_directory) == 0) {
        status = DB_OK;
        g.bulk = bulk_new(line->arena, g.db, &keys);
    }
    while (status == DB_OK && g.first < count) {
        g.count = count - g.first < CHUNK ? count - g.first : CHUNK;
        status = db_transaction(g.db, line->arena, NULL, write_chunk, &g);
        g.first += g.count;
        progress_show((size_t)g.first, (size_t)count, NULL);
    }
    progress_show((size_t)count, (size_t)count, NULL); /* takes the bar away after a failure, too */
    arena_free(g.one);
    db_close(g.db);
    return status;
}

static int
make_clinics(const struct command_line *line, int each)
{
    enum db_status status;
    struct db *db = db_open(line->conf.database, "owner");

    DB_ONE(db, line->arena, NULL, &status, SQL_demo_clinics, CLINICS, db_int(line->arena, each));
    db_close(db);
    return status == DB_OK ? 0 : -1;
}

int
generate_command(const struct command_line *line)
{
    const char *patients = command_option(line, "patients"), *seed = command_option(line, "seed");
    struct synthetic_plan plan = {.seed = 1, .clinics = CLINICS};
    int64_t count;

    if (text_to_int(patients, 1, MAX_PATIENTS, &count) != 0 ||
        (seed != NULL && text_to_int(seed, 0, INT64_MAX, &plan.seed) != 0)) {
        fputs("usage: hersys demo generate --patients=N [--seed=S]\n", stderr);
        return 2;
    }
    int64_t each = 1 + count / PATIENTS_FOR_EACH;
    plan.each = each < MAX_CLINICS_EACH ? (int)each : MAX_CLINICS_EACH;
    if (make_clinics(line, plan.each) != 0 || generate(line, &plan, count, NULL) != DB_OK) {
        fputs("hersys demo generate: 途中で止まりました。ログを見てください。\n", stderr);
        return 1;
    }
    printf("合成データの患者を%lld人作りました。\n", (long long)count);
    return 0;
}

/* A chain of infections among the recent patients, and a cluster (集団感染) of the centre in the tour. */
static enum db_status
link_recent(const struct command_line *line)
{
    static const char centre[] = "H23100-1", cluster[] = "さくら通り 合成デイサービス";
    struct db *db = db_open(line->conf.database, "jobs");
    struct db_batch *batch = db_batch(db, line->arena, NULL);

    DB_ADD(batch, SQL_demo_links, RECENT_SOURCE);
    DB_ADD(batch, SQL_demo_links_publish, RECENT_SOURCE);
    DB_ADD(batch, SQL_demo_cluster, centre, cluster, "welfare", "合成デイサービス（架空）", "23106");
    DB_ADD(batch, SQL_demo_cluster_members, centre, cluster, "6");
    enum db_status status = db_run(batch);
    db_close(db);
    return status;
}

int
generate_recent(const struct command_line *line)
{
    static const struct synthetic_plan plan = {
        .seed = 1, .clinics = DEMO_CLINICS, .recent_days = RECENT_DAYS};
    enum db_status status;
    struct db *db = db_open(line->conf.database, "jobs");
    const struct rows *rows =
        DB_ONE(db, line->arena, NULL, &status, SQL_cases_known, RECENT_SOURCE);

    db_close(db);
    if (rows != NULL && rows_count(rows) == 0) {
        status = generate(line, &plan, RECENT_PATIENTS, RECENT_SOURCE);
        if (status == DB_OK)
            status = link_recent(line);
    }
    return status == DB_OK ? 0 : -1;
}
