/* test_cross.c - クロス集計: what is hidden in a table that leaves the office: no small number is shown, none can be subtracted. */
#include "unit.h"

#include <stdlib.h>

#include "core/cross.h"

/* A table with these counts and its totals. */
static struct cross
table_of(struct arena *arena, size_t rows, size_t columns, const int *counts)
{
    struct cross cross = {rows, columns, NULL, NULL, NULL, NULL, ARENA_ARRAY(arena, (rows + 1) * (columns + 1), struct cross_cell)};

    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            int64_t count = counts[r * columns + c];
            cross_at(&cross, r, c)->count = count;
            cross_at(&cross, r, columns)->count += count;
            cross_at(&cross, rows, c)->count += count;
            cross_at(&cross, rows, columns)->count += count;
        }
    return cross;
}

/* Of a row or column: how many are hidden, and whether a total or a subtraction could tell of one. */
static void
check_line(const struct cross *cross, bool row, size_t line)
{
    size_t length = row ? cross->columns : cross->rows, hidden = 0, large = 0;

    for (size_t i = 0; i < length; i++) {
        const struct cross_cell *cell = row ? cross_at(cross, line, i) : cross_at(cross, i, line);
        assert_true(cell->hidden || cell->count == 0 || cell->count > CROSS_FEW);
        hidden += cell->hidden;
        large += cell->hidden && cell->count > CROSS_FEW;
    }
    const struct cross_cell *total = row ? cross_at(cross, line, length) : cross_at(cross, length, line);
    assert_int_equal(total->hidden, hidden > 0);
    assert_true(hidden == 0 || hidden == length || (hidden >= 2 && large >= 1));
}

static size_t
check_table(struct cross *cross)
{
    size_t hidden = 0;

    cross_hide(cross);
    for (size_t r = 0; r < cross->rows; r++)
        check_line(cross, true, r);
    for (size_t c = 0; c < cross->columns; c++)
        check_line(cross, false, c);
    for (size_t r = 0; r < cross->rows; r++)
        for (size_t c = 0; c < cross->columns; c++)
            hidden += cross_at(cross, r, c)->hidden;
    assert_int_equal(cross_at(cross, cross->rows, cross->columns)->hidden, hidden > 0);
    return hidden;
}

static void
nothing_is_hidden_without_need(void **state)
{
    struct cross cross = table_of(*state, 2, 2, (const int[]){0, 5, 12, 7});

    assert_int_equal(check_table(&cross), 0);
}

static void
one_small_number_takes_a_square_with_it(void **state)
{
    struct cross cross = table_of(*state, 3, 3, (const int[]){3, 20, 6, 9, 30, 40, 0, 50, 60});

    assert_int_equal(check_table(&cross), 4); /* 3, 6, 9 and 40 */
    assert_true(cross_at(&cross, 1, 2)->hidden);
    assert_false(cross_at(&cross, 2, 1)->hidden);
}

/* Two small ones alone would be told by their sum of two. */
static void
small_ones_do_not_shelter_each_other(void **state)
{
    struct cross cross = table_of(*state, 2, 3, (const int[]){1, 1, 8, 6, 7, 9});

    check_table(&cross);
    assert_true(cross_at(&cross, 0, 2)->hidden);
}

static void
edges(void **state)
{
    static const int one = 3, none = 0;
    struct cross cross = table_of(*state, 1, 1, &one), empty = table_of(*state, 0, 0, &none), zero = table_of(*state, 1, 1, &none);

    assert_int_equal(check_table(&cross), 1);
    assert_int_equal(check_table(&empty), 0);
    assert_int_equal(check_table(&zero), 0);
}

static void
many_tables(void **state)
{
    int counts[12 * 12];

    srand(5);
    for (int round = 0; round < 3000; round++) {
        size_t rows = 1 + (size_t)rand() % 12, columns = 1 + (size_t)rand() % 12;
        int most = 2 + rand() % 60;
        for (size_t i = 0; i < rows * columns; i++)
            counts[i] = rand() % 3 == 0 ? 0 : rand() % most;
        struct cross cross = table_of(*state, rows, columns, counts);
        check_table(&cross);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(nothing_is_hidden_without_need),
        UNIT(one_small_number_takes_a_square_with_it),
        UNIT(small_ones_do_not_shelter_each_other),
        UNIT(edges),
        UNIT(many_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
