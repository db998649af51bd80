/*
 * map.h - texts to numbers: a hash table that grows inside an arena. Keys are copied; nothing is ever taken out.
 *
 * Hashed by SipHash under a key of the process, so that a file cannot be made to collide on purpose.
 */
#ifndef HERSYS_BASE_MAP_H
#define HERSYS_BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct map;

struct map *map_new(struct arena *arena);

/* Sets the value of `key`, in place of the one that it had. */
void map_put(struct map *map, const char *key, int64_t value);

/* True with *value set, or false when there is no such key. */
bool map_find(const struct map *map, const char *key, int64_t *value);

#endif
