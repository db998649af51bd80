/* test_anonymity.c - k-匿名性: the groups of random tables against a naive count, and the ends of the range. */
#include "unit.h"

#include <stdlib.h>

#include "base/text.h"
#include "core/anonymity.h"
#include "core/extract.h"

enum { MOST_COLUMNS = 4, MOST_ROWS = 120 };

/* How many rows are like this one: each compared with each. */
static size_t
naive_size(size_t row, size_t rows, size_t columns, uint32_t cells[][MOST_ROWS])
{
    size_t size = 0;

    for (size_t other = 0; other < rows; other++) {
        size_t same = 0;
        for (size_t c = 0; c < columns; c++)
            same += cells[c][other] == cells[c][row];
        size += same == columns;
    }
    return size;
}

/* Is no row before this one like it? */
static bool
naive_first(size_t row, size_t columns, uint32_t cells[][MOST_ROWS])
{
    return naive_size(row, row + 1, columns, cells) == 1;
}

static void
check_random(struct arena *arena, unsigned spread)
{
    static uint32_t cells[MOST_COLUMNS][MOST_ROWS];
    const uint32_t *const pointers[MOST_COLUMNS] = {cells[0], cells[1], cells[2], cells[3]};
    size_t rows = (size_t)rand() % (MOST_ROWS + 1), columns = (size_t)rand() % (MOST_COLUMNS + 1), k = 1 + (size_t)rand() % 9;
    size_t groups = 0, smallest = 0, below = 0;
    bool small[MOST_ROWS];

    for (size_t c = 0; c < columns; c++)
        for (size_t row = 0; row < rows; row++)
            cells[c][row] = (uint32_t)rand() % spread * UINT32_C(0x01000193); /* not only small codes */
    struct anonymity found = anonymity_count(arena, rows, columns, pointers, k, small);
    for (size_t row = 0; row < rows; row++) {
        size_t size = naive_size(row, rows, columns, cells);
        groups += naive_first(row, columns, cells);
        below += size < k;
        smallest = smallest == 0 || size < smallest ? size : smallest;
        assert_int_equal(small[row], size < k);
    }
    assert_int_equal(found.groups, groups);
    assert_int_equal(found.smallest, smallest);
    assert_int_equal(found.below, below);
}

static void
random_tables_are_counted_as_a_naive_count_does(void **state)
{
    (void)state;
    srand(20201);
    for (int round = 0; round < 600; round++) {
        struct arena *arena = arena_new();
        check_random(arena, 1 + (unsigned)round % 7);
        arena_free(arena);
    }
}

static void
what_is_coarser_never_has_smaller_groups(void **state)
{
    enum { ROWS = 500 };
    static uint32_t fine[ROWS], coarse[ROWS];
    const uint32_t *const before[] = {fine}, *const after[] = {coarse};
    struct arena *arena = *state;

    for (size_t row = 0; row < ROWS; row++) {
        fine[row] = (uint32_t)rand() % 90;
        coarse[row] = fine[row] / 10;
    }
    struct anonymity a = anonymity_count(arena, ROWS, 1, before, 5, NULL), b = anonymity_count(arena, ROWS, 1, after, 5, NULL);
    assert_true(b.smallest >= a.smallest && b.below <= a.below && b.groups < a.groups);
}

static void
without_rows_or_columns(void **state)
{
    const uint32_t *const none[] = {NULL};
    struct anonymity empty = anonymity_count(*state, 0, 0, none, 5, NULL), one = anonymity_count(*state, 7, 0, none, 8, NULL);

    assert_int_equal(empty.groups, 0);
    assert_int_equal(empty.smallest, 0);
    assert_int_equal(empty.below, 0);
    assert_int_equal(one.groups, 1);
    assert_int_equal(one.smallest, 7);
    assert_int_equal(one.below, 7);
}

/* ---- what a value becomes ------------------------------------------------------------------------------------------ */

static void
values_become_coarser_step_by_step(void **state)
{
    static const struct {
        const char *column;
        int step;
        const char *raw, *want;
    } cases[] = {
        {"age", 1, "30", "30代"},           {"age", 2, "30", "20〜39歳"},      {"age", 2, "40", "40〜59歳"},
        {"age", 2, "90", "80歳以上"},       {"age", 2, "unknown", "不明"},      {"reported", 1, "2022-09-26", "2022/9/26の週"},
        {"reported", 1, "2022-10-02", "2022/9/26の週"}, {"reported", 1, "2022-10-03", "2022/10/3の週"},
        {"reported", 2, "2022-10-02", "2022年10月"},   {"reported", 3, "2022-10-02", "2022年"},
        {"onset", 2, NULL, ""},             {"sex", 1, "female", "女"},
    };
    struct arena *arena = *state;
    struct extract_columns all = extract_columns(arena, KIND_prefecture);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *words = text_format(arena, "%s:%d", cases[i].column, cases[i].step);
        struct extract_choices chosen = extract_choices(arena, &all, words);
        assert_int_equal(chosen.count, 1);
        assert_string_equal(extract_value(arena, &chosen.list[0], cases[i].raw), cases[i].want);
        assert_string_equal(extract_choices_words(arena, &chosen), words);
    }
    assert_int_equal(extract_choices(arena, &all, "age:0 age:9 name:1 age: phone:1 sex:1x").count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_tables_are_counted_as_a_naive_count_does),
        UNIT(what_is_coarser_never_has_smaller_groups),
        UNIT(without_rows_or_columns),
        UNIT(values_become_coarser_step_by_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
