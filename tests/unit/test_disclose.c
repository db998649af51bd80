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
settle(struct disclose_series *series)
{
    struct disclose_leak leaks[DISCLOSE_LEAKS];

    for (size_t w = 0; w < series->count; w++)
        disclose_add_up(&series->weeks[w]);
    return disclose_settle(series, 0, leaks);
}

/* Audits a week of a series that one edition has published, as it stands. */
static size_t
audit_leaks(const struct disclose_series *series, size_t week, struct disclose_leak leaks[DISCLOSE_LEAKS])
{
    for (size_t w = 0; w < series->count; w++)
        disclose_begin(&series->weeks[w]);
    disclose_owe(series, 0);
    return disclose_audit(series, week, true, leaks);
}

static size_t
audit(const struct disclose_series *series, size_t week)
{
    struct disclose_leak leaks[DISCLOSE_LEAKS];

    return audit_leaks(series, week, leaks);
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
        assert_int_equal(settle(&series), 0);
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
        assert_int_equal(settle(&series), 0);
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
    assert_int_equal(settle(&series), 0);
    assert_true(hidden_in_row(&series.weeks[0], 31) >= 2);
}

/* One case in the whole country: the row of the country has nothing else to hide behind either. */
static void
the_first_case_of_all(void **state)
{
    struct disclose_series series = even(*state, DISCLOSE_BOTH, WEEKS, 0);

    series.weeks[1].value[14][3] = 1;
    assert_int_equal(settle(&series), 0);
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
        assert_true(audit(&series, 0) > 0);
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
    assert_int_equal(audit_leaks(&series, 0, leaks), 0); /* 0 to 3: two fewer, or one more */
    series.weeks[0].value[30][8] = 1; /* now only one fewer */
    disclose_add_up(&series.weeks[0]);
    assert_int_equal(audit_leaks(&series, 0, leaks), 4);
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
    assert_int_equal(settle(&series), 0);
    assert_int_equal(bare(&series), 0);
    assert_true(series.weeks[0].shown[31][9]);
    assert_false(series.weeks[1].shown[31][9]);
    /* at the end of the period it is shown again, with another hidden week to balance it */
    assert_true(series.weeks[3].shown[31][9]);
    assert_true(series.weeks[3].hidden[31][9]);
    series.weeks[1].shown[31][9] = true;
    assert_true(audit(&series, 1) > 0);
    series.weeks[1].shown[31][9] = false;
    series.weeks[2].shown[31][9] = true;
    assert_true(audit(&series, 1) > 0);
}

static void
deaths_do_not_tell(void **state)
{
    struct disclose_series series = even(*state, DISCLOSE_CUMULATIVE, WEEKS, 6);

    for (size_t w = 0; w < WEEKS; w++)
        series.weeks[w].value[31][9] = w; /* until then 0, 1, 3, 6 */
    assert_int_equal(settle(&series), 0);
    assert_true(series.weeks[0].shown[31][9]);
    assert_int_equal(bare(&series), 0);
    for (size_t w = 1; w < 3; w++) {
        size_t left = 0;
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            left += !series.weeks[w].shown[31][c];
        assert_true(left >= 2);
    }
    series.weeks[2].shown[31][9] = true;
    assert_true(audit(&series, 2) > 0);
}

/*
 * Two weeks tied together so that the number can move by two only, if whole people move: its circle in the first week goes through two
 * others at once, because the second week moves both together. 0, 2 and 4 are three numbers, not the four that are owed, though
 * between 0 and 4 lie five.
 */
static void
people_are_not_halved(void **state)
{
    static const struct {
        size_t week, area, cell;
        bool sum_shown;
    } hidden[] = {
        {0, 1, 1, false}, {0, 1, 2, false}, {0, 2, 2, false}, {0, 2, 1, false}, {0, 1, 3, false}, {0, 3, 3, false}, {0, 3, 1, false},
        {0, 2, 3, true},  {0, 3, 2, true}, /* known, but hidden: the second week may move them */
        {1, 2, 2, true},  {1, 3, 3, true},  {1, 2, 3, false}, {1, 3, 2, false},
    };
    struct disclose_series series = even(*state, DISCLOSE_BOTH, 2, 20);
    struct disclose_leak leaks[DISCLOSE_LEAKS];

    series.weeks[0].value[1][1] = 2;
    for (size_t w = 0; w < 2; w++) {
        disclose_add_up(&series.weeks[w]);
        disclose_begin(&series.weeks[w]);
        memset(series.weeks[w].shown, true, sizeof series.weeks[w].shown);
    }
    series.weeks[0].least[1][2] = 1; /* so that it cannot move by four */
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        series.weeks[hidden[i].week].hidden[hidden[i].area][hidden[i].cell] = true;
        series.weeks[hidden[i].week].shown[hidden[i].area][hidden[i].cell] = hidden[i].sum_shown;
        if (hidden[i].week == 0 && !hidden[i].sum_shown && hidden[i].area != hidden[i].cell) /* their sums are never told */
            series.weeks[1].shown[hidden[i].area][hidden[i].cell] = false;
    }
    series.weeks[1].shown[1][1] = false;
    disclose_owe(&series, 0);
    assert_int_equal(disclose_audit(&series, 0, true, leaks), 2); /* as a number of the week, and as a sum */
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(leaks[i].area, 1);
        assert_int_equal(leaks[i].cell, 1);
    }
}

/* What an audit has no time for is not proven. */
static void
an_audit_out_of_time_refuses(void **state)
{
    struct disclose_series series = even(*state, DISCLOSE_LEVEL, 1, 20);

    for (size_t a = 1; a < DISCLOSE_AREAS; a++)
        series.weeks[0].value[a][a % DISCLOSE_CELLS] = 2;
    assert_int_equal(settle(&series), 0);
    assert_int_equal(audit(&series, 0), 0);
    series.effort = 1;
    assert_true(audit(&series, 0) > 0);
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
        assert_int_equal(settle(&series), 0);
        assert_int_equal(bare(&series), 0);
        for (size_t w = 0; w < series.count; w++)
            assert_int_equal(audit(&series, w), 0);
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
    assert_int_equal(settle(&c.series), 0);
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

/* ---- several editions together -------------------------------------------------------------------------------------- */

/* What has happened to a number of prefecture 31 and the other hidden one of its row; the last edition's must wait, or is taken. */
struct history {
    size_t editions;
    int64_t value[4][2];
    bool taken;
};

/* Publishes them edition by edition, everybody else being 20; true when the last one is taken as it is. */
static bool
last_is_taken(struct arena *arena, const struct history *history)
{
    struct disclose_series series = even(arena, DISCLOSE_LEVEL, 1, 20);
    struct disclose_week *week = &series.weeks[0], *fresh = ARENA_NEW(arena, struct disclose_week);
    struct disclose_leak leaks[DISCLOSE_LEAKS];
    size_t withheld = 0;

    memset(week->value[31], 0, sizeof week->value[31]);
    week->value[31][8] = history->value[0][0];
    week->value[31][9] = history->value[0][1];
    assert_int_equal(settle(&series), 0);
    assert_int_equal(hidden_in_row(week, 31), 2);
    size_t beside = 0;
    while (beside == 9 || !week->hidden[31][beside])
        beside++;
    for (size_t i = 1; i < history->editions; i++) {
        assert_int_equal(withheld, 0);
        *fresh = *week;
        fresh->value[31][beside] = history->value[i][0];
        fresh->value[31][9] = history->value[i][1];
        disclose_add_up(fresh);
        assert_int_equal(disclose_correct(arena, &series, fresh, 1, &withheld, leaks), 0);
    }
    return withheld == 0;
}

static void
check_histories(struct arena *arena, const struct history *histories, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(last_is_taken(arena, &histories[i]), histories[i].taken);
    }
}

/* A number is never further below the real one than its least ever was above 0: who knows the corrections knows that. */
static void
editions_together_do_not_tell(void **state)
{
    static const struct history histories[] = {
        {2, {{20, 2}, {22, 2}}, true},         /* up beside it: nothing is lost */
        {2, {{20, 2}, {5, 2}}, true},          /* down, and enough is left */
        {2, {{3, 1}, {3, 4}}, true},           /* 0 to 4 then, and 3 to 7 now */
        {3, {{3, 1}, {3, 4}, {0, 4}}, false},  /* 1 of them was there at first, so 3 have come: 3 or 4 */
        {2, {{0, 1}, {3, 1}}, false},          /* one person in the row at first, so the three new ones are 3 or 4 */
        {3, {{20, 2}, {1, 2}, {20, 2}}, true}, /* 0 to 3 when it was least, and no more since */
    };

    check_histories(*state, histories, sizeof histories / sizeof *histories);
}

/* What was few is protected when it is few no longer: what it was could be told from what it is. */
static void
what_was_few_stays_protected(void **state)
{
    static const struct history histories[] = {
        {2, {{20, 1}, {20, 9}}, true},
        {3, {{20, 1}, {20, 9}, {0, 9}}, false}, /* nobody beside it now, and all of the row in it: it was 1 */
        {3, {{20, 3}, {20, 0}, {0, 0}}, false}, /* neither: it was 3 */
        {3, {{20, 1}, {20, 9}, {9, 9}}, true},
    };

    check_histories(*state, histories, sizeof histories / sizeof *histories);
}

/* Corrections of anything, edition after edition: what is proven again is enough, all of it would be proven. */
static void
the_rule_holds_for_any_corrections(void **state)
{
    struct disclose_leak leaks[DISCLOSE_LEAKS];

    for (unsigned seed = 1; seed <= 3; seed++) {
        unsigned random = seed;
        struct disclose_series series = even(*state, seed % 3, 10, 0);
        struct disclose_week *fresh = ARENA_ARRAY(*state, series.count, struct disclose_week);
        for (size_t w = 0; w < series.count; w++)
            for (size_t a = 1; a < DISCLOSE_AREAS; a += 2)
                for (size_t c = 0; c < DISCLOSE_CELLS; c++)
                    series.weeks[w].value[a][c] = random_below(&random, 3 + 4 * (unsigned)(a % 7));
        assert_int_equal(settle(&series), 0);
        for (size_t edition = 0, withheld = 0; edition < 4; edition++) {
            memcpy(fresh, series.weeks, series.count * sizeof *fresh);
            for (size_t i = 0; i < 300; i++) {
                int64_t *value = &fresh[random_below(&random, 10)].value[1 + random_below(&random, 47)][random_below(&random, DISCLOSE_CELLS)];
                *value = random_below(&random, 3) == 0 ? 0 : *value + random_below(&random, 3);
            }
            for (size_t w = 0; w < series.count; w++)
                disclose_add_up(&fresh[w]);
            assert_int_equal(disclose_correct(*state, &series, fresh, series.count, &withheld, leaks), 0);
            assert_in_range(withheld, 1, 250);
            assert_int_equal(bare(&series), 0);
            for (size_t w = 0; w < series.count; w++)
                assert_int_equal(disclose_audit(&series, w, true, leaks), 0);
        }
    }
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
    series.weeks[COMES].value[AREA][9] = 2;
    series.count = OPENS + 1;
    assert_int_equal(settle(&series), 0);
    for (size_t i = 0; i < 4; i++) { /* as if for another cell's sake */
        series.weeks[OPENS].hidden[AREA + i / 2][CELL + i % 2] = true;
        series.weeks[OPENS].shown[AREA + i / 2][CELL + i % 2] = false;
    }
    series.count = LONG;
    for (size_t w = OPENS + 1; w < LONG; w++)
        disclose_add_up(&series.weeks[w]);
    assert_int_equal(disclose_settle(&series, OPENS + 1, leaks), 0);
    assert_true(series.weeks[LONG - 1].shown[AREA][CELL]);

    memcpy(fresh, series.weeks, LONG * sizeof *fresh);
    for (size_t a = 1; a < DISCLOSE_AREAS; a++) /* everybody behind whom the two hide is withdrawn */
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            if (series.weeks[COMES].hidden[a][c] && !(a == AREA && c == 9))
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
        UNIT(people_are_not_halved),          UNIT(an_audit_out_of_time_refuses),       UNIT(editions_together_do_not_tell),
        UNIT(what_was_few_stays_protected),   UNIT(the_rule_holds_for_any_corrections),
        UNIT(a_week_put_back_does_not_leave_a_sum_of_few),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
