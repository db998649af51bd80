/* anonymity.c - see anonymity.h. The first row of a group stands for it, and is found by a hash of its codes. */
#include "core/anonymity.h"

static uint32_t
hash_of(size_t row, size_t columns, const uint32_t *const cells[])
{
    uint32_t hash = 0;

    for (size_t c = 0; c < columns; c++) {
        hash = (hash ^ cells[c][row]) * UINT32_C(0x9E3779B1);
        hash ^= hash >> 15;
    }
    return hash;
}

static bool
alike(size_t a, size_t b, size_t columns, const uint32_t *const cells[])
{
    for (size_t c = 0; c < columns; c++)
        if (cells[c][a] != cells[c][b])
            return false;
    return true;
}

struct anonymity
anonymity_count(struct arena *arena, size_t rows, size_t columns, const uint32_t *const cells[], size_t k, bool small[])
{
    struct anonymity found = {0};
    size_t slots = 2;

    while (slots < 2 * rows)
        slots *= 2;
    uint32_t *first = ARENA_ARRAY(arena, slots, uint32_t); /* row + 1 of a group's first; 0: no group */
    uint32_t *slot_of = ARENA_ARRAY(arena, rows, uint32_t), *size = ARENA_ARRAY(arena, slots, uint32_t);
    for (size_t row = 0; row < rows; row++) {
        size_t slot = hash_of(row, columns, cells) & (slots - 1);
        while (first[slot] != 0 && !alike(first[slot] - 1, row, columns, cells))
            slot = (slot + 1) & (slots - 1);
        if (first[slot] == 0)
            first[slot] = (uint32_t)row + 1;
        slot_of[row] = (uint32_t)slot;
        size[slot]++;
    }
    for (size_t slot = 0; slot < slots; slot++)
        if (size[slot] > 0) {
            found.groups++;
            found.below += size[slot] < k ? size[slot] : 0;
            found.smallest = found.smallest == 0 || size[slot] < found.smallest ? size[slot] : found.smallest;
        }
    for (size_t row = 0; small != NULL && row < rows; row++)
        small[row] = size[slot_of[row]] < k;
    return found;
}
