/*
 * arena.h - memory that is released all at once.
 *
 * There are three lifetimes: process, request and job. Each has an arena; whatever is allocated in it, and every
 * foreign object attached to it (a PGresult, a cairo surface), goes when the arena is reset. Allocation never
 * returns NULL: without memory the process ends, its parent starts another, and PostgreSQL rolls back.
 * Nothing here is thread-safe: a worker is one thread.
 */
#ifndef HERSYS_BASE_ARENA_H
#define HERSYS_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* A new, empty arena. The caller frees it with arena_free. */
struct arena *arena_new(void);

/* Releases everything in the arena, runs the deferred functions newest first, and keeps one block for reuse. */
void arena_reset(struct arena *arena);

/* arena_reset, and the arena itself. NULL is allowed. */
void arena_free(struct arena *arena);

/* `size` zeroed bytes, aligned for any type; size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));

/* An array of `count` zeroed elements; ends the process if the product overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size)
    __attribute__((malloc, returns_nonnull));

/*
 * A list with room for one more element of `size` bytes: `list` itself, or a copy of twice the room once `count` has reached
 * *capacity. Begin with NULL, 0, 0.
 */
void *arena_grown(struct arena *arena, void *list, size_t count, size_t *capacity, size_t size)
    __attribute__((returns_nonnull));

/* Calls release(object) when the arena is reset or freed. */
void arena_defer(struct arena *arena, void (*release)(void *), void *object);

/* Like arena_alloc, but the bytes are wiped with sodium_memzero before they are released: for passwords and keys. */
void *arena_alloc_secret(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));

/* Bytes handed out since the last reset: for tests and metrics. */
size_t arena_used(const struct arena *arena);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
