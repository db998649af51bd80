/*
 * audit.c - `hersys audit verify`: recomputes every hash chain from its beginning, compares it with the stored heads
 * and with the signed anchors. Finds a link that was edited, deleted, moved, added or dated back; through the anchors, a
 * chain that was rewritten as a whole or cut short; and anchors that are gone.
 */
#include "main/main.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "core/anchor.h"
#include "db/db.h"

enum { HASH_SIZE = crypto_hash_sha256_BYTES };

/* One chain while it is walked; `due` is its newest link that must be anchored by now. */
struct chain {
    int64_t seq, due;
    unsigned char hash[HASH_SIZE];
};

struct anchors {
    struct arena *arena;
    struct anchor_head *heads;
    size_t count, capacity;
    int64_t newest[ANCHOR_SHARDS]; /* the newest anchored link of each chain; 0 for none */
};

static int problems;

static void
report(int shard, int64_t seq, const char *what)
{
    printf("chain %d, link %lld: %s\n", shard, (long long)seq, what);
    problems++;
}

static void
keep_anchor(const struct anchor_head *head, void *context)
{
    struct anchors *all = context;

    all->heads = arena_grown(all->arena, all->heads, all->count, &all->capacity, sizeof *all->heads);
    all->heads[all->count++] = *head;
}

static int
compare_heads(const void *a, const void *b)
{
    const struct anchor_head *x = a, *y = b;

    if (x->shard != y->shard)
        return x->shard - y->shard;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Do all anchors for this link of this chain hold its hash? *next moves on over those that were compared. */
static void
compare_anchors(struct arena *arena, const struct anchors *all, size_t *next, int shard,
                const struct chain *chain)
{
    while (*next < all->count && all->heads[*next].shard == shard &&
           all->heads[*next].seq == chain->seq) {
        if (strcmp(all->heads[*next].hash, crypt_hex(arena, chain->hash, HASH_SIZE)) != 0)
            report(shard, chain->seq, "differs from its anchor or head: the chain was rewritten");
        (*next)++;
    }
}

/* Adds the text of the next link to the hash of the chain. */
static void
extend(struct chain *chain, const char *link)
{
    crypto_hash_sha256_state state;

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, chain->hash, HASH_SIZE);
    crypto_hash_sha256_update(&state, (const unsigned char *)link, strlen(link));
    crypto_hash_sha256_final(&state, chain->hash);
    chain->seq++;
}

static int64_t
walk(struct db *db, int shard, const struct anchors *all, struct chain *chain)
{
    struct arena *arena = arena_new();
    const char *seed = text_format(arena, "hersys audit %d", shard);
    size_t next = 0, read;
    enum db_status status;

    while (next < all->count && all->heads[next].shard < shard)
        next++;
    crypto_hash_sha256(chain->hash, (const unsigned char *)seed, strlen(seed));
    chain->seq = chain->due = 0;
    compare_anchors(arena, all, &next, shard, chain);
    do {
        const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_audit_range,
                                         db_int(arena, shard), db_int(arena, chain->seq));
        read = rows == NULL ? 0 : rows_count(rows);
        for (size_t i = 0; i < read; i++) {
            if (rows_int(rows, i, "seq") != chain->seq + 1) {
                report(shard, chain->seq + 1, "is missing");
                chain->seq = rows_int(rows, i, "seq") - 1;
            }
            extend(chain, rows_text(rows, i, "link"));
            const char *stored = rows_text(rows, i, "hash");
            if (strcmp(stored, crypt_hex(arena, chain->hash, HASH_SIZE)) != 0) {
                report(shard, chain->seq, "does not fit the links before it");
                sodium_hex2bin(chain->hash, HASH_SIZE, stored, strlen(stored), NULL, NULL, NULL);
            }
            compare_anchors(arena, all, &next, shard, chain);
            if (rows_bool(rows, i, "due"))
                chain->due = chain->seq;
        }
        arena_reset(arena);
    } while (read > 0);
    if (next < all->count && all->heads[next].shard == shard)
        report(shard, all->heads[next].seq, "is in an anchor or head but not in the chain: it was cut short");
    if (chain->due > all->newest[shard])
        report(shard, chain->due, "is older than ten minutes and in no anchor: anchors are missing");
    arena_free(arena);
    return chain->seq;
}

static void
find_newest(struct anchors *all)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct anchor_head *head = &all->heads[i];
        if (head->shard >= 0 && head->shard < ANCHOR_SHARDS && head->seq > all->newest[head->shard])
            all->newest[head->shard] = head->seq;
    }
}

/* The stored heads, read before the walk, count as anchors: each chain must reach them, and may have grown since. */
static void
keep_heads(struct anchors *all, const struct rows *heads)
{
    for (size_t i = 0; i < rows_count(heads); i++) {
        struct anchor_head head = {.shard = (int)rows_int(heads, i, "shard"),
                                   .seq = rows_int(heads, i, "seq")};
        snprintf(head.hash, sizeof head.hash, "%s", rows_text(heads, i, "hash"));
        keep_anchor(&head, all);
    }
}

static int
verify(const struct command_line *line)
{
    struct arena *arena = line->arena;
    struct anchors all = {.arena = arena};
    enum db_status status;
    int64_t links = 0;

    int bad = anchor_each(arena, line->conf.anchor_directory, line->conf.key_directory, keep_anchor,
                          &all);
    if (bad < 0)
        puts("no anchors: only the chains themselves are checked");
    if (bad > 0) {
        printf("%d anchors have a bad signature\n", bad);
        problems += bad;
    }
    find_newest(&all);
    struct db *db = db_open(line->conf.database, "jobs");
    const struct rows *heads = DB_ONE(db, arena, NULL, &status, SQL_audit_heads);
    if (heads != NULL)
        keep_heads(&all, heads);
    if (all.count > 0)
        qsort(all.heads, all.count, sizeof *all.heads, compare_heads);
    for (int shard = 0; heads != NULL && shard < ANCHOR_SHARDS; shard++) {
        struct chain chain;
        links += walk(db, shard, &all, &chain);
    }
    db_close(db);
    if (heads == NULL)
        return 1;
    printf("%lld links in %d chains, %zu anchored heads, %d problems\n", (long long)links,
           ANCHOR_SHARDS, all.count, problems);
    return problems > 0;
}

int
command_audit(const struct command_line *line)
{
    if (line->argc == 2 && strcmp(line->argv[1], "verify") == 0)
        return verify(line);
    fputs("usage: hersys audit verify\n", stderr);
    return 2;
}
