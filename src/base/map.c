/* map.c - see map.h. Open addressing with linear probing, at most half full. */
#include "base/map.h"

#include <sodium.h>
#include <string.h>

#include "base/text.h"

enum { FIRST_CAPACITY = 64 }; /* a power of two, as every capacity */

struct slot {
    const char *key; /* NULL: free */
    int64_t value;
};

struct map {
    struct arena *arena;
    size_t count, capacity;
    struct slot *slots;
    unsigned char seed[crypto_shorthash_KEYBYTES];
};

struct map *
map_new(struct arena *arena)
{
    struct map *map = ARENA_NEW(arena, struct map);

    map->arena = arena;
    map->capacity = FIRST_CAPACITY;
    map->slots = ARENA_ARRAY(arena, map->capacity, struct slot);
    randombytes_buf(map->seed, sizeof map->seed);
    return map;
}

/* The slot that holds `key`, or the free one where it would go. */
static struct slot *
slot_of(const struct map *map, const char *key)
{
    unsigned char hash[crypto_shorthash_BYTES];
    uint64_t at;

    crypto_shorthash(hash, (const unsigned char *)key, strlen(key), map->seed);
    memcpy(&at, hash, sizeof at);
    at &= map->capacity - 1;
    while (map->slots[at].key != NULL && strcmp(map->slots[at].key, key) != 0)
        at = (at + 1) & (map->capacity - 1);
    return &map->slots[at];
}

static void
grow(struct map *map)
{
    struct map larger = *map;

    larger.capacity *= 2;
    larger.slots = ARENA_ARRAY(map->arena, larger.capacity, struct slot);
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].key != NULL)
            *slot_of(&larger, map->slots[i].key) = map->slots[i];
    *map = larger;
}

void
map_put(struct map *map, const char *key, int64_t value)
{
    if (map->count * 2 >= map->capacity)
        grow(map);
    struct slot *slot = slot_of(map, key);
    if (slot->key == NULL) {
        slot->key = text_copy(map->arena, key);
        map->count++;
    }
    slot->value = value;
}

bool
map_find(const struct map *map, const char *key, int64_t *value)
{
    const struct slot *slot = slot_of(map, key);

    if (slot->key == NULL)
        return false;
    *value = slot->value;
    return true;
}
