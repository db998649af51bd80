/* arena.c - block allocator behind arena.h; knows nothing of what is stored. */
#include "base/arena.h"

#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One block holds a usual request whole; larger objects get a block of their own. */
#define BLOCK_SIZE ((size_t)64 * 1024)
#define ALIGNMENT  ((size_t)16)

struct block {
    struct block *next;
    size_t size; /* bytes usable in data */
    size_t used;
    _Alignas(16) unsigned char data[];
};

struct deferred {
    struct deferred *next;
    void (*release)(void *);
    void *object;
};

struct arena {
    struct block *blocks; /* the newest first; allocation happens in the first */
    struct deferred *deferred;
    size_t handed_out;
};

struct secret {
    void *bytes;
    size_t size;
};

static void
out_of_memory(void)
{
    static const char message[] = "{\"level\":\"fatal\",\"event\":\"out_of_memory\"}\n";

    fwrite(message, 1, sizeof message - 1, stderr);
    abort();
}

static struct block *
block_new(size_t size, struct block *next)
{
    if (size > SIZE_MAX - sizeof(struct block))
        out_of_memory();
    struct block *block = malloc(sizeof *block + size);
    if (block == NULL)
        out_of_memory();
    block->next = next;
    block->size = size;
    block->used = 0;
    return block;
}

struct arena *
arena_new(void)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        out_of_memory();
    arena->blocks = block_new(BLOCK_SIZE, NULL);
    return arena;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT)
        out_of_memory();
    size_t rounded = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (rounded == 0)
        rounded = ALIGNMENT;
    struct block *first = arena->blocks;
    if (rounded > BLOCK_SIZE / 4 && rounded > first->size - first->used) {
        /* A large object must not waste the rest of the current block: it goes behind it. */
        first->next = block_new(rounded, first->next);
        first = first->next;
    } else if (rounded > first->size - first->used) {
        first = arena->blocks = block_new(BLOCK_SIZE, first);
    }
    void *result = first->data + first->used;
    first->used += rounded;
    arena->handed_out += rounded;
    memset(result, 0, rounded);
    return result;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory();
    return arena_alloc(arena, total);
}

void *
arena_grown(struct arena *arena, void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity == 0 ? 32 : *capacity * 2;
    void *larger = arena_array(arena, *capacity, size);
    if (count > 0)
        memcpy(larger, list, count * size);
    return larger;
}

void
arena_defer(struct arena *arena, void (*release)(void *), void *object)
{
    struct deferred *deferred = ARENA_NEW(arena, struct deferred);

    deferred->release = release;
    deferred->object = object;
    deferred->next = arena->deferred;
    arena->deferred = deferred;
}

static void
secret_wipe(void *object)
{
    struct secret *secret = object;

    sodium_memzero(secret->bytes, secret->size);
}

void *
arena_alloc_secret(struct arena *arena, size_t size)
{
    struct secret *secret = ARENA_NEW(arena, struct secret);

    secret->bytes = arena_alloc(arena, size);
    secret->size = size;
    arena_defer(arena, secret_wipe, secret);
    return secret->bytes;
}

void
arena_reset(struct arena *arena)
{
    /* Deferred records live in the blocks, so all of them run before a block goes. */
    for (struct deferred *d = arena->deferred; d != NULL; d = d->next)
        d->release(d->object);
    arena->deferred = NULL;

    struct block *kept = NULL;
    for (struct block *block = arena->blocks, *next; block != NULL; block = next) {
        next = block->next;
        if (kept == NULL && block->size == BLOCK_SIZE)
            kept = block;
        else
            free(block);
    }
    kept->next = NULL;
    kept->used = 0;
    arena->blocks = kept;
    arena->handed_out = 0;
}

void
arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    arena_reset(arena);
    free(arena->blocks);
    free(arena);
}

size_t
arena_used(const struct arena *arena)
{
    return arena->handed_out;
}
