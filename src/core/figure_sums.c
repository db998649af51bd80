/* figure_sums.c - see figure_sums.h. Open addressing with linear probing, at most half full, over a list of weeks. */
#include "core/figure_sums.h"

#include <string.h>

enum {
    FIRST_CAPACITY = 1024, /* a power of two, as every capacity */
    CELLS_AT_ONCE = 8,
    GATHERED = 256         /* changes: few enough for the nearest cache, enough to hide a wait behind others */
};

/* The key beside the week, so that a look at another's slot reads nothing else. */
struct slot {
    uint64_t key;
    struct figure_week *week; /* NULL: free */
};

struct figure_sums {
    struct arena *arena;
    size_t count, room; /* of `weeks` */
    struct figure_week **weeks;
    size_t capacity;
    struct slot *slots;
    size_t gathered;
    struct figure_change changes[GATHERED];
};

struct figure_sums *
figure_sums_new(struct arena *arena)
{
    struct figure_sums *sums = ARENA_NEW(arena, struct figure_sums);

    sums->arena = arena;
    sums->capacity = FIRST_CAPACITY;
    sums->slots = ARENA_ARRAY(arena, sums->capacity, struct slot);
    return sums;
}

static uint64_t
key_of(uint32_t area, int32_t number)
{
    return (uint64_t)area << 32 | (uint32_t)number;
}

/* Where the search for `key` begins. Spread by the golden ratio: neighbouring weeks must not lie in a row. */
static struct slot *
first_slot(const struct figure_sums *sums, uint64_t key)
{
    return &sums->slots[(size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (sums->capacity - 1)];
}

/* Where `key` is, or would go. */
static struct slot *
slot_of(const struct figure_sums *sums, uint64_t key)
{
    struct slot *slot = first_slot(sums, key), *end = sums->slots + sums->capacity;

    while (slot->week != NULL && slot->key != key)
        slot = slot + 1 < end ? slot + 1 : sums->slots;
    return slot;
}

static void
grow(struct figure_sums *sums)
{
    struct figure_sums larger = *sums;

    larger.capacity *= 2;
    larger.slots = ARENA_ARRAY(sums->arena, larger.capacity, struct slot);
    for (size_t i = 0; i < sums->capacity; i++)
        if (sums->slots[i].week != NULL)
            *slot_of(&larger, sums->slots[i].key) = sums->slots[i];
    *sums = larger;
}

/* The week, made if it is not there. */
static struct figure_week *
week_of(struct figure_sums *sums, uint32_t area, int32_t number)
{
    uint64_t key = key_of(area, number);
    struct slot *slot = slot_of(sums, key);

    if (slot->week != NULL)
        return slot->week;
    if (sums->count * 2 >= sums->capacity) {
        grow(sums);
        slot = slot_of(sums, key);
    }
    *slot = (struct slot){.key = key, .week = ARENA_NEW(sums->arena, struct figure_week)};
    slot->week->area = area;
    slot->week->number = number;
    sums->weeks = arena_grown(sums->arena, sums->weeks, sums->count, &sums->room, sizeof *sums->weeks);
    sums->weeks[sums->count++] = slot->week;
    return slot->week;
}

static void
make_room(struct figure_sums *sums, struct figure_week *week, size_t cells)
{
    if (cells <= week->cells)
        return;
    size_t room = (cells + CELLS_AT_ONCE - 1) / CELLS_AT_ONCE * CELLS_AT_ONCE;
    figure_counts *cell = ARENA_ARRAY(sums->arena, room, figure_counts);
    if (week->cells > 0)
        memcpy(cell, week->cell, week->cells * sizeof *cell);
    week->cell = cell;
    week->cells = room;
}

/* Adds what is gathered: pass by pass, so that while one line of memory is on its way the next is asked for. */
static void
flush(struct figure_sums *sums)
{
    struct figure_week *weeks[GATHERED];
    size_t n = sums->gathered;

    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(first_slot(sums, key_of(sums->changes[i].area, sums->changes[i].number)));
    for (size_t i = 0; i < n; i++) {
        const struct figure_change *c = &sums->changes[i];
        weeks[i] = week_of(sums, c->area, c->number);
        __builtin_prefetch(weeks[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const struct figure_change *c = &sums->changes[i];
        if (c->cell != FIGURE_NO_CELL) {
            make_room(sums, weeks[i], (size_t)c->cell + 1);
            __builtin_prefetch(&weeks[i]->cell[c->cell][c->series]);
        }
        if (c->index != FIGURE_NO_DAY)
            __builtin_prefetch(&weeks[i]->day[c->index][c->series]);
    }
    for (size_t i = 0; i < n; i++) {
        const struct figure_change *c = &sums->changes[i];
        if (c->cell != FIGURE_NO_CELL)
            weeks[i]->cell[c->cell][c->series] += c->by;
        if (c->index != FIGURE_NO_DAY)
            weeks[i]->day[c->index][c->series] += c->by;
    }
    sums->gathered = 0;
}

void
figure_sums_add(struct figure_sums *sums, struct figure_change change)
{
    sums->changes[sums->gathered++] = change;
    if (sums->gathered == GATHERED)
        flush(sums);
}

static void
add_counts(figure_counts *to, const figure_counts *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t series = 0; series < FIGURE_SUMS_SERIES; series++)
            to[i][series] += from[i][series];
}

void
figure_sums_join(struct figure_sums *sums, uint32_t area, const struct figure_week *from)
{
    struct figure_week *week = week_of(sums, area, from->number);

    make_room(sums, week, from->cells);
    add_counts(week->day, from->day, 7);
    add_counts(week->cell, from->cell, from->cells);
}

size_t
figure_sums_count(struct figure_sums *sums)
{
    flush(sums);
    return sums->count;
}

const struct figure_week *
figure_sums_at(const struct figure_sums *sums, size_t i)
{
    return sums->weeks[i];
}

enum { THURSDAY = 4 }; /* 1970-01-01 */

struct figure_weekday
figure_weekday(date_day day, int begins)
{
    int32_t since = day + THURSDAY - begins; /* a multiple of 7 when the week begins on it */
    int32_t index = (since % 7 + 7) % 7;

    return (struct figure_weekday){.number = (since - index) / 7, .index = index};
}

date_day
figure_week_first(int32_t number, int begins)
{
    return number * 7 - THURSDAY + begins;
}
