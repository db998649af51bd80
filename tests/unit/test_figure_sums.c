/* Counting in memory: weeks, days and cells, however many changes there are and in whatever order they come. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "core/figure_sums.h"

/* The week of an area, NULL when nothing was added to it. */
static const struct figure_week *
found(struct figure_sums *sums, uint32_t area, int32_t number)
{
    for (size_t i = 0, n = figure_sums_count(sums); i < n; i++)
        if (figure_sums_at(sums, i)->area == area && figure_sums_at(sums, i)->number == number)
            return figure_sums_at(sums, i);
    return NULL;
}

static void
a_day_lies_in_the_week_that_begins_before_it(void **state)
{
    (void)state;
    static const struct {
        const char *day;
        int begins;
        const char *first;
    } known[] = {
        {"1970-01-01", 4, "1970-01-01"}, {"1970-01-01", 1, "1969-12-29"}, {"1970-01-01", 7, "1969-12-28"}, {"1969-12-31", 4, "1969-12-25"},
        {"2022-08-19", 3, "2022-08-17"}, {"2022-08-17", 3, "2022-08-17"}, {"2022-08-16", 3, "2022-08-10"}, {"1868-01-25", 3, "1868-01-22"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        date_day day = date_from_iso(known[i].day), first = date_from_iso(known[i].first);
        struct figure_weekday on = figure_weekday(day, known[i].begins);
        assert_int_equal(figure_week_first(on.number, known[i].begins), first);
        assert_int_equal(on.index, day - first);
    }
}

static void
changes_add_up_to_days_and_cells(void **state)
{
    struct figure_sums *sums = figure_sums_new(*state);

    figure_sums_add(sums, (struct figure_change){.area = 3, .number = -5, .index = 6, .cell = 20, .series = 7, .by = 4});
    figure_sums_add(sums, (struct figure_change){.area = 3, .number = -5, .index = FIGURE_NO_DAY, .cell = 20, .series = 7, .by = -1});
    figure_sums_add(sums, (struct figure_change){.area = 3, .number = -5, .index = 6, .cell = FIGURE_NO_CELL, .series = 0, .by = INT64_C(1) << 40});
    assert_int_equal(figure_sums_count(sums), 1);
    const struct figure_week *week = found(sums, 3, -5);
    assert_int_equal(week->day[6][7], 4);
    assert_int_equal(week->cell[20][7], 3);
    assert_int_equal(week->day[6][0], INT64_C(1) << 40);
    assert_int_equal(week->cell[20][0], 0);
    assert_null(found(sums, 3, 5));
}

/* More changes than are gathered at once, and more weeks than the table has room for at first; against plain arrays. */
static void
many_are_as_exact_as_few(void **state)
{
    enum { AREAS = 40, WEEKS = 60, CELLS = 30, CHANGES = 100000 };
    struct figure_sums *sums = figure_sums_new(*state);
    int64_t(*days)[WEEKS][7] = arena_array(*state, AREAS, sizeof *days), (*cells)[WEEKS][CELLS] = arena_array(*state, AREAS, sizeof *cells);
    size_t weeks = 0;

    srand(1);
    for (size_t i = 0; i < CHANGES; i++) {
        struct figure_change c = {.area = (uint32_t)(rand() % AREAS), .number = rand() % WEEKS, .index = rand() % 7, .cell = (uint32_t)(rand() % CELLS), .series = 2, .by = rand() % 9 - 4};
        days[c.area][c.number][c.index] += c.by;
        cells[c.area][c.number][c.cell] += c.by;
        figure_sums_add(sums, c);
    }
    for (size_t i = 0; i < figure_sums_count(sums); i++, weeks++) {
        const struct figure_week *week = figure_sums_at(sums, i);
        for (size_t d = 0; d < 7; d++)
            assert_int_equal(week->day[d][2], days[week->area][week->number][d]);
        for (size_t c = 0; c < CELLS; c++)
            assert_int_equal(c < week->cells ? week->cell[c][2] : 0, cells[week->area][week->number][c]);
    }
    assert_int_equal(weeks, AREAS * WEEKS);
}

static void
weeks_join_others(void **state)
{
    struct figure_sums *centres = figure_sums_new(*state), *country = figure_sums_new(*state);

    for (uint32_t centre = 0; centre < 5; centre++)
        figure_sums_add(centres, (struct figure_change){.area = centre, .number = 9, .index = 1, .cell = centre * 7, .series = 1, .by = centre});
    for (size_t i = 0; i < figure_sums_count(centres); i++)
        figure_sums_join(country, 77, figure_sums_at(centres, i));
    assert_int_equal(figure_sums_count(country), 1);
    const struct figure_week *week = found(country, 77, 9);
    assert_int_equal(week->day[1][1], 10);
    assert_int_equal(week->cell[28][1], 4);
    assert_int_equal(week->cell[7][1], 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(a_day_lies_in_the_week_that_begins_before_it), UNIT(changes_add_up_to_days_and_cells), UNIT(many_are_as_exact_as_few),
        UNIT(weeks_join_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
