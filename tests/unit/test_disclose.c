/* test_disclose.c - 秘匿 where no database is needed: tables built to be nasty, what the audit must refuse, corrections. */
#include "unit.h"

#include <string.h>

#include "core/disclose.h"

enum { WEEKS = 4 };

/* A series of weeks in which every cell of every prefecture has the same number. */
static struct disclose_series
even(struct arena *arena, enum disclose_kind kind, size_t count, int64_t value)
{
    struct disclose_series series = {.kind = kind, .count = count, .weeks = ARENA_ARRAY(arena, count, struct disclose_week)};

    for (size_t w = 0; w < count; w++)
        for (size_t a = 1; a < DISCLOSE_AREAS; a++)
            for (size_t c = 0; c < DISCLOSE_CELLS; c++)
                series.weeks[w].value[a][c] = value;
    return series;
}

static size_t
settle(struct arena *arena, struct disclose_series *series)
{
    struct disclose_leak leaks[DISCLOSE_LEAKS];

    for (size_t w = 0; w < series->count; w++)
        disclose_add_up(&series->weeks[w]);
    return disclose_settle(arena, series, 0, leaks);
}

static size_t
audit(struct arena *arena, const struct disclose_series *series, size_t week)
{
    struct disclose_leak leaks[DISCLOSE_LEAKS];

    return disclose_audit(arena, series, week, true, leaks);
}

static size_t
hidden_in_row(const struct disclose_week *week, size_t area)
{
    size_t count = 0;

    for (size_t c = 0; c < DISCLOSE_CELLS; c++)
        count += week->hidden[area][c];
    return count;
}

static size_t
hidden_in_column(const struct disclose_week *week, size_t cell)
{
    size_t count = 0;

    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        count += week->hidden[a][cell];
    return count;
}

/* How many cells of all weeks do not keep: few and not hidden. */
static size_t
bare(const struct disclose_series *series)
{
    size_t count = 0;

    for (size_t w = 0; w < series->count; w++)
        for (size_t a = 0; a < DISCLOSE_AREAS; a++)
            for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
                bool sum_few = disclose_is_few(disclose_sum(series, w, a, c));
                count += disclose_is_few(series->weeks[w].value[a][c]) && !series->weeks[w].hidden[a][c] &&
                         series->kind != DISCLOSE_CUMULATIVE;
                count += series->kind != DISCLOSE_LEVEL && sum_few && series->weeks[w].shown[a][c];
            }
    return count;
}

static void
nothing_is_hidden_without_need(void **state)
{
    static const int64_t values[] = {0, 5, 1000};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct disclose_series series = even(*state, DISCLOSE_BOTH, 2, values[i]);
        assert_int_equal(settle(*state, &series), 0);
        for (size_t a = 0; a < DISCLOSE_AREAS; a++) {
            assert_int_equal(hidden_in_row(&series.weeks[0], a), 0);
            assert_true(series.weeks[1].shown[a][0]);
        }
    }
}

static void
a_single_few_does_not_stay_alone(void **state)
{
    for (int64_t few = DISCLOSE_LEAST; few <= DISCLOSE_MOST; few++) {
        struct disclose_series series = even(*state, DISCLOSE_LEVEL, 1, 20);
        series.weeks[0].value[31][9] = few;
        assert_int_equal(settle(*state, &series), 0);
        assert_int_equal(bare(&series), 0);
        /* neither the row, nor the country less the other prefectures, tells it */
        assert_true(hidden_in_row(&series.weeks[0], 31) >= 2);
        assert_true(hidden_in_column(&series.weeks[0], 9) >= 2);
    }
}

static void
a_lonely_case_hides_among_zeros(void **state)
{
    struct disclose_series series = even(*state, DISCLOSE_LEVEL, 1, 20);

    memset(series.weeks[0].value[31], 0, sizeof series.weeks[0].value[31]);
    series.weeks[0].value[31][9] = 1;
    assert_int_equal(settle(*state, &series), 0);
    assert_true(hidden_in_row(&series.weeks[0], 31) >= 2);
}

/* One case in the whole country: the row of the country has nothing else to hide behind either. */
static void
the_first_case_of_all(void **state)
{
    struct disclose_series series = even(*state, DISCLOSE_BOTH, WEEKS, 0);

    series.weeks[1].value[14][3] = 1;
    assert_int_equal(settle(*state, &series), 0);
    assert_true(hidden_in_row(&series.weeks[1], 0) >= 2);
    assert_true(hidden_in_row(&series.weeks[1], 14) >= 2);
    assert_false(series.weeks[1].shown[14][3]);
}

/* The audit sees each way of telling a hidden cell, when it is the only thing wrong. */
static void
the_audit_refuses(void **state)
{
    static const struct {
        size_t hidden; /* how many of the cells below */
        struct {
            size_t area, cell;
        } cells[4];
    } cases[] = {
        {1, {{31, 9}}},                            /* the row tells it */
        {2, {{31, 9}, {31, 8}}},                   /* the country less the other prefectures tells it */
        {2, {{31, 9}, {30, 9}}},                   /* the row tells it, the column does not */
        {3, {{31, 9}, {31, 8}, {30, 9}}},          /* the fourth corner is shown */
        {4, {{31, 9}, {31, 8}, {30, 9}, {30, 7}}}, /* ... or another is hidden */
        {0, {{0, 0}}},                             /* it is simply shown */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct disclose_series series = even(*state, DISCLOSE_LEVEL, 1, 20);
        series.weeks[0].value[31][9] = 3;
        disclose_add_up(&series.weeks[0]);
        for (size_t k = 0; k < cases[i].hidden; k++)
            series.weeks[0].hidden[cases[i].cells[k].area][cases[i].cells[k].cell] = true;
        assert_true(audit(*state, &series, 0) > 0);
    }
}

static void
the_audit_says_how_far(void **state)
{
    struct disclose_series series = even(*state, DISCLOSE_LEVEL, 1, 20);
    struct disclose_leak leaks[DISCLOSE_LEAKS];

    /* a full square, but nobody may leave the corners across: between 1 and 3 */
    series.weeks[0].value[31][9] = 2;
    series.weeks[0].value[31][8] = 1;
    series.weeks[0].value[30][9] = 1;
    disclose_add_up(&series.weeks[0]);
    series.weeks[0].hidden[31][9] = series.weeks[0].hidden[31][8] = true;
    series.weeks[0].hidden[30][9] = series.weeks[0].hidden[30][8] = true;
    assert_int_equal(disclose_audit(*state, &series, 0, true, leaks), 0); /* 0 to 3: two fewer, or one more */
    series.weeks[0].value[30][8] = 1; /* now only one fewer */
    disclose_add_up(&series.weeks[0]);
    assert_int_equal(disclose_audit(*state, &series, 0, true, leaks), 4);
    assert_int_equal(leaks[3].area, 31);
    assert_int_equal(leaks[3].least, 1);
    assert_int_equal(leaks[3].most, 3);
}

/* What is shown cumulatively before and after a hidden week tells it. */
static void
sums_do_not_tell(void **state)
{
    struct disclose_series series = even(*state, DISCLOSE_BOTH, WEEKS, 30);

    series.weeks[1].value[31][9] = 2;
    assert_int_equal(settle(*state, &series), 0);
    assert_int_equal(bare(&series), 0);
    assert_true(series.weeks[0].shown[31][9]);
    assert_false(series.weeks[1].shown[31][9]);
    /* at the end of the period it is shown again, with another hidden week to balance it */
    assert_true(series.weeks[3].shown[31][9]);
    assert_true(series.weeks[3].hidden[31][9]);
    series.weeks[1].shown[31][9] = true;
    assert_true(audit(*state, &series, 1) > 0);
    series.weeks[1].shown[31][9] = false;
    series.weeks[2].shown[31][9] = true;
    assert_true(audit(*state, &series, 1) > 0);
}

static void
deaths_do_not_tell(void **state)
{
    struct disclose_series series = even(*state, DISCLOSE_CUMULATIVE, WEEKS, 6);

    for (size_t w = 0; w < WEEKS; w++)
        series.weeks[w].value[31][9] = w; /* until then 0, 1, 3, 6 */
    assert_int_equal(settle(*state, &series), 0);
    assert_true(series.weeks[0].shown[31][9]);
    assert_int_equal(bare(&series), 0);
    for (size_t w = 1; w < 3; w++) {
        size_t left = 0;
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            left += !series.weeks[w].shown[31][c];
        assert_true(left >= 2);
    }
    series.weeks[2].shown[31][9] = true;
    assert_true(audit(*state, &series, 2) > 0);
}

static unsigned
random_below(unsigned *state, unsigned below)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 8) % below;
}

/* Tables of many few: whatever comes, the rule holds for every week at the end. */
static void
the_rule_holds_for_any_tables(void **state)
{
    for (unsigned seed = 1; seed <= 6; seed++) {
        unsigned random = seed;
        struct disclose_series series = even(*state, seed % 3, 6, 0);
        for (size_t w = 0; w < series.count; w++)
            for (size_t a = 1; a < DISCLOSE_AREAS; a += seed)
                for (size_t c = 0; c < DISCLOSE_CELLS; c++)
                    series.weeks[w].value[a][c] = random_below(&random, 3 + 4 * (unsigned)(a % 7));
        assert_int_equal(settle(*state, &series), 0);
        assert_int_equal(bare(&series), 0);
        for (size_t w = 0; w < series.count; w++)
            assert_int_equal(audit(*state, &series, w), 0);
    }
}

/* ---- corrections --------------------------------------------------------------------------------------------------- */

struct correction {
    struct disclose_series series;
    struct disclose_week *fresh;
    size_t withheld;
};

/* A published series of which prefecture 31 hid a cell in the second week, and what has come in since, the same at first. */
static struct correction
published(struct arena *arena)
{
    struct correction c = {.series = even(arena, DISCLOSE_BOTH, WEEKS, 30), .fresh = ARENA_ARRAY(arena, WEEKS, struct disclose_week)};

    c.series.weeks[1].value[31][9] = 2;
    assert_int_equal(settle(arena, &c.series), 0);
    memcpy(c.fresh, c.series.weeks, WEEKS * sizeof *c.fresh);
    return c;
}

static size_t
correct(struct arena *arena, struct correction *c)
{
    struct disclose_leak leaks[DISCLOSE_LEAKS];

    for (size_t w = 0; w < WEEKS; w++)
        disclose_add_up(&c->fresh[w]);
    return disclose_correct(arena, &c->series, c->fresh, WEEKS, &c->withheld, leaks);
}

static void
a_correction_is_taken(void **state)
{
    struct correction c = published(*state);

    c.fresh[1].value[31][9] = 7; /* no longer few, and still hidden: who saw it hidden is not told now */
    c.fresh[2].value[12][4] = 31;
    c.fresh[0].value[5][5] = 0;
    assert_int_equal(correct(*state, &c), 0);
    assert_int_equal(c.withheld, 0);
    assert_int_equal(c.series.weeks[1].value[31][9], 7);
    assert_true(c.series.weeks[1].hidden[31][9]);
    assert_int_equal(c.series.weeks[2].value[12][4], 31);
    assert_int_equal(c.series.weeks[2].value[0][4], 30 * 46 + 31);
    assert_int_equal(c.series.weeks[0].value[5][5], 0);
}

static void
a_correction_that_tells_is_not(void **state)
{
    struct correction c = published(*state);

    c.fresh[2].value[12][4] = 3; /* was shown as 30 */
    c.fresh[2].value[13][4] = 29;
    assert_int_equal(correct(*state, &c), 0);
    assert_int_equal(c.withheld, 1);
    assert_int_equal(c.series.weeks[2].value[12][4], 30);
    assert_int_equal(c.series.weeks[2].value[13][4], 29);
}

/* Everybody behind whom a hidden cell hides is withdrawn: the week stays as it was. */
static void
a_week_that_would_tell_stays(void **state)
{
    struct correction c = published(*state);

    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t cell = 0; cell < DISCLOSE_CELLS; cell++)
            if (c.series.weeks[1].hidden[a][cell] && !(a == 31 && cell == 9))
                c.fresh[1].value[a][cell] = 0;
    assert_int_equal(correct(*state, &c), 0);
    assert_true(c.withheld > 0);
    assert_int_equal(memcmp(c.series.weeks[1].value, published(*state).series.weeks[1].value, sizeof c.series.weeks[1].value), 0);
}

/*
 * Five people come in one week and as many go in a later one, under a sum that stays shown: when the first week fails and is put back, the
 * sum must not be left with the three of another week alone.
 */
static void
a_week_put_back_does_not_leave_a_sum_of_few(void **state)
{
    enum { LONG = 16, AREA = 12, CELL = 4, COMES = 0, OPENS = 9, GOES = 10 };
    struct disclose_series series = even(*state, DISCLOSE_BOTH, LONG, 30);
    struct disclose_week *fresh = ARENA_ARRAY(*state, LONG, struct disclose_week);
    struct disclose_leak leaks[DISCLOSE_LEAKS];
    size_t withheld;

    for (size_t w = 0; w < LONG; w++)
        series.weeks[w].value[AREA][CELL] = w == GOES ? 5 : w == LONG - 1 ? 3 : 0;
    for (size_t i = 1; i < 4; i++) { /* the cheapest to hide, in a circle with the three people; too few to be shown again before them */
        series.weeks[LONG - 1].value[AREA + i / 2][CELL + i % 2] = 6;
        series.weeks[OPENS + 2].value[AREA + i / 2][CELL + i % 2] = 0;
    }
    series.weeks[COMES].value[31][9] = 2;
    series.count = OPENS + 1;
    assert_int_equal(settle(*state, &series), 0);
    for (size_t i = 0; i < 4; i++) { /* as if for another cell's sake */
        series.weeks[OPENS].hidden[AREA + i / 2][CELL + i % 2] = true;
        series.weeks[OPENS].shown[AREA + i / 2][CELL + i % 2] = false;
    }
    series.count = LONG;
    for (size_t w = OPENS + 1; w < LONG; w++)
        disclose_add_up(&series.weeks[w]);
    assert_int_equal(disclose_settle(*state, &series, OPENS + 1, leaks), 0);
    assert_true(series.weeks[LONG - 1].shown[AREA][CELL]);

    memcpy(fresh, series.weeks, LONG * sizeof *fresh);
    for (size_t a = 1; a < DISCLOSE_AREAS; a++) /* everybody behind whom the two hide is withdrawn */
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            if (series.weeks[COMES].hidden[a][c] && !(a == 31 && c == 9))
                fresh[COMES].value[a][c] = 0;
    fresh[COMES].value[AREA][CELL] = 5;
    fresh[GOES].value[AREA][CELL] = 0;
    for (size_t w = 0; w < LONG; w++)
        disclose_add_up(&fresh[w]);
    assert_int_equal(disclose_correct(*state, &series, fresh, LONG, &withheld, leaks), 0);
    assert_int_equal(series.weeks[COMES].value[AREA][CELL], 0);
    assert_int_equal(series.weeks[GOES].value[AREA][CELL], 5);
    assert_true(withheld >= 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(nothing_is_hidden_without_need), UNIT(a_single_few_does_not_stay_alone), UNIT(a_lonely_case_hides_among_zeros),
        UNIT(the_first_case_of_all),          UNIT(the_audit_refuses),                UNIT(the_audit_says_how_far),
        UNIT(sums_do_not_tell),               UNIT(deaths_do_not_tell),               UNIT(the_rule_holds_for_any_tables),
        UNIT(a_correction_is_taken),          UNIT(a_correction_that_tells_is_not),   UNIT(a_week_that_would_tell_stays),
        UNIT(a_week_put_back_does_not_leave_a_sum_of_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
