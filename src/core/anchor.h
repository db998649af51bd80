/*
 * anchor.h - signed heads of the audit chains, kept apart from the database.
 *
 * Whoever can rewrite the whole database could rewrite a chain from some link on. The anchors say, once a minute and
 * signed (Ed25519), where each chain stood; `hersys audit verify` compares. Put the directory on another machine's
 * disk.
 */
#ifndef HERSYS_CORE_ANCHOR_H
#define HERSYS_CORE_ANCHOR_H

#include <stdint.h>

#include "db/db.h"

enum { ANCHOR_SHARDS = 16 };

/* Appends one signed line; heads: shard, seq, hash (hex). 0 or -1 (logged). */
int anchor_write(struct arena *arena, const char *directory, const char *key_directory,
                 const struct rows *heads);

/* What a line says of one chain. */
struct anchor_head {
    int shard;
    int64_t seq;
    char hash[65];
};

/*
 * Calls visit for every head in every line whose signature is good. Returns the number of lines that are not, -1 when
 * there is no file.
 */
int anchor_each(struct arena *arena, const char *directory, const char *key_directory,
                void (*visit)(const struct anchor_head *head, void *context), void *context);

#endif
