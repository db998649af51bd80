/* disclose.c - see disclose.h: what is hidden, which sums are shown again, and which corrections are taken. */
#include "core/disclose.h"

#include <stdlib.h>
#include <string.h>

bool
disclose_is_few(int64_t value)
{
    return value >= DISCLOSE_LEAST && value <= DISCLOSE_MOST;
}

int64_t
disclose_sum(const struct disclose_series *series, size_t week, size_t area, size_t cell)
{
    int64_t sum = 0;

    for (size_t w = 0; w <= week; w++)
        sum += series->weeks[w].value[area][cell];
    return sum;
}

void
disclose_add_up(struct disclose_week *week)
{
    for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
        week->value[0][c] = week->least[0][c] = 0;
        for (size_t a = 1; a < DISCLOSE_AREAS; a++) {
            week->value[0][c] += week->value[a][c];
            week->least[0][c] += week->least[a][c];
        }
    }
}

void
disclose_begin(struct disclose_week *week)
{
    memcpy(week->least, week->value, sizeof week->least);
    memset(week->owed, 0, sizeof week->owed);
    memset(week->owed_sum, 0, sizeof week->owed_sum);
}

int64_t
disclose_width(const struct disclose_week *week, size_t area)
{
    int64_t sum = 0;

    for (size_t c = 0; c < DISCLOSE_CELLS; c++)
        sum += week->value[area][c];
    return sum < DISCLOSE_WIDTH ? sum : DISCLOSE_WIDTH;
}

size_t
disclose_end(const struct disclose_series *series, size_t week, size_t area, size_t cell)
{
    if (series->kind == DISCLOSE_LEVEL)
        return series->count;
    while (week < series->count && !series->weeks[week].shown[area][cell])
        week++;
    return week;
}

bool
disclose_known_before(const struct disclose_series *series, size_t week, size_t area, size_t cell)
{
    return week == 0 || series->weeks[week - 1].shown[area][cell];
}

static bool
ends_period(const struct disclose_series *series, size_t week)
{
    return (series->phase + week) % DISCLOSE_PERIOD == DISCLOSE_PERIOD - 1;
}

/* ---- what is owed ---------------------------------------------------------------------------------------------------- */

/* How far apart the widest of the weeks lies that a hidden sum is made of. */
static int64_t
widest(const struct disclose_series *series, size_t week, size_t area, size_t cell)
{
    int64_t width = 0;

    for (size_t w = week + 1; w-- > 0;) {
        const struct disclose_week *at = &series->weeks[w];
        int64_t here = at->hidden[area][cell] && at->value[area][cell] > 0 ? disclose_width(at, area) : 0;
        width = here > width ? here : width;
        if (disclose_known_before(series, w, area, cell))
            break;
    }
    return width;
}

void
disclose_owe(const struct disclose_series *series, size_t first)
{
    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            int64_t sum = first > 0 ? disclose_sum(series, first - 1, a, c) : 0;
            for (size_t w = first; w < series->count; w++) {
                struct disclose_week *week = &series->weeks[w];
                sum += week->value[a][c];
                if (week->owed[a][c] == 0 && disclose_is_few(week->value[a][c]) && series->kind != DISCLOSE_CUMULATIVE)
                    week->owed[a][c] = (uint8_t)disclose_width(week, a);
                if (week->owed_sum[a][c] == 0 && disclose_is_few(sum) && series->kind != DISCLOSE_LEVEL)
                    week->owed_sum[a][c] = (uint8_t)(week->shown[a][c] ? DISCLOSE_WIDTH : widest(series, w, a, c));
            }
        }
}

/* ---- shortest paths ------------------------------------------------------------------------------------------------ */

/*
 * The table as a network: a node for each row and each column, and each cell an arc both ways. One person more in a prefecture's cell and
 * one fewer in another of its row leave the row's sum; the columns are mended in other rows, or in the row of the country, where the
 * signs are the other way round. So whoever goes round a circle changes numbers, and no sum.
 */
enum { NODES = DISCLOSE_AREAS + DISCLOSE_CELLS };

struct network {
    struct disclose_week *week;
    int64_t cost[DISCLOSE_AREAS][DISCLOSE_CELLS]; /* of hiding a cell that is not hidden yet */
};

/* The numbers after some circles in one direction, each one person more or fewer in the protected cell. */
struct moved {
    int64_t value[DISCLOSE_AREAS][DISCLOSE_CELLS];
    int64_t cost;     /* of the next circle; -1: there is none */
    size_t from[NODES]; /* on the way of the next circle: the node before */
};

/* Prefer small numbers; zeros and the country only when nothing else is there. */
static int64_t
cost_of(size_t area, int64_t value)
{
    int64_t cost = 8;

    for (int64_t left = value; left > 0; left >>= 1)
        cost++;
    return value == 0 ? 64 : area == 0 ? cost * 8 : cost;
}

/* Does the arc between a row and a column in this direction take somebody out of the cell? */
static bool
takes(size_t area, bool from_row)
{
    return (area != 0) == from_row;
}

/* Finds the cheapest way from one node to another that does not use one cell (Dijkstra on a dense graph). */
static void
find_way(const struct network *net, struct moved *moved, size_t start, size_t end, size_t area, size_t cell)
{
    int64_t best[NODES];
    bool done[NODES] = {false};

    for (size_t n = 0; n < NODES; n++)
        best[n] = n == start ? 0 : INT64_MAX;
    for (;;) {
        size_t at = NODES;
        for (size_t n = 0; n < NODES; n++)
            if (!done[n] && best[n] != INT64_MAX && (at == NODES || best[n] < best[at]))
                at = n;
        moved->cost = at == NODES ? -1 : best[at];
        if (at == NODES || at == end)
            return;
        done[at] = true;
        bool from_row = at < DISCLOSE_AREAS;
        for (size_t n = from_row ? DISCLOSE_AREAS : 0; n < (from_row ? (size_t)NODES : (size_t)DISCLOSE_AREAS); n++) {
            size_t a = from_row ? at : n, c = (from_row ? n : at) - DISCLOSE_AREAS;
            if ((a == area && c == cell) || (takes(a, from_row) && moved->value[a][c] < 1))
                continue;
            int64_t cost = best[at] + (net->week->hidden[a][c] ? 0 : net->cost[a][c]);
            if (cost < best[n]) {
                best[n] = cost;
                moved->from[n] = at;
            }
        }
    }
}

/* Hides what lies on the way, and moves one person along it. */
static void
go_way(const struct network *net, struct moved *moved, size_t start, size_t end)
{
    for (size_t n = end; n != start; n = moved->from[n]) {
        size_t before = moved->from[n];
        bool from_row = before < DISCLOSE_AREAS;
        size_t a = from_row ? before : n, c = (from_row ? n : before) - DISCLOSE_AREAS;
        net->week->hidden[a][c] = true;
        moved->value[a][c] += takes(a, from_row) ? -1 : 1;
    }
}

/* Hides circles through a cell until its number could be higher or lower by as much as the rule asks for. */
static void
protect_cell(const struct network *net, size_t area, size_t cell)
{
    struct moved ways[2]; /* one fewer; one more */
    size_t row = area, column = DISCLOSE_AREAS + cell;

    for (size_t i = 0; i < 2; i++)
        memcpy(ways[i].value, net->week->value, sizeof ways[i].value);
    for (int64_t width = disclose_width(net->week, area); width > 0; width--) {
        size_t start[2], end[2];
        for (size_t more = 0; more < 2; more++) {
            /* the cell's own arc closes the circle: a prefecture's goes from column to row for one more */
            bool own_to_row = takes(area, true) == (more == 1);
            start[more] = own_to_row ? row : column;
            end[more] = own_to_row ? column : row;
            find_way(net, &ways[more], start[more], end[more], area, cell);
        }
        if (ways[0].value[area][cell] < 1)
            ways[0].cost = -1;
        size_t cheaper = ways[0].cost < 0 || (ways[1].cost >= 0 && ways[1].cost < ways[0].cost);
        if (ways[cheaper].cost < 0)
            return;
        go_way(net, &ways[cheaper], start[cheaper], end[cheaper]);
        ways[cheaper].value[area][cell] += cheaper ? 1 : -1;
    }
}

void
disclose_protect(const struct disclose_series *series, size_t w)
{
    struct disclose_week *week = &series->weeks[w];
    struct network net = {.week = week};
    bool few[DISCLOSE_AREAS][DISCLOSE_CELLS];

    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            int64_t value = week->value[a][c], sum = disclose_sum(series, w, a, c);
            bool open = series->kind != DISCLOSE_LEVEL && !disclose_known_before(series, w, a, c);
            bool published_few = disclose_is_few(series->kind == DISCLOSE_CUMULATIVE ? sum : value);
            few[a][c] = disclose_is_few(value) && published_few;
            /* what is open at the end of a period needs a week that its first ones can be changed against */
            week->hidden[a][c] = published_few || (open && (series->kind == DISCLOSE_CUMULATIVE || ends_period(series, w)));
            net.cost[a][c] = cost_of(a, series->kind == DISCLOSE_CUMULATIVE ? sum : value);
        }
    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            if (few[a][c])
                protect_cell(&net, a, c);
    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            week->shown[a][c] = !week->hidden[a][c] && disclose_known_before(series, w, a, c);
}

/* ---- showing sums again -------------------------------------------------------------------------------------------- */

/* The cells whose sum is to be shown again until the end of a week. */
struct closing {
    struct disclose_series *series;
    size_t week, first; /* the first week that one of them sums up */
    bool cell[DISCLOSE_AREAS][DISCLOSE_CELLS];
};

static void
begin_closing(struct closing *closing)
{
    const struct disclose_series *series = closing->series;

    closing->first = closing->week;
    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            size_t from = closing->week;
            while (!disclose_known_before(series, from, a, c))
                from--;
            /* a last week of few cannot balance the others: not worth a try */
            closing->cell[a][c] = from < closing->week && closing->week - from < DISCLOSE_OPEN &&
                                  series->weeks[closing->week].value[a][c] >= DISCLOSE_WIDTH &&
                                  !disclose_is_few(disclose_sum(series, closing->week, a, c));
            if (!closing->cell[a][c])
                continue;
            closing->first = from < closing->first ? from : closing->first;
            series->weeks[closing->week].shown[a][c] = true;
        }
}

/* Does a sum that is to be shown hold a hidden cell of week `w`? */
static bool
concerns(const struct closing *closing, size_t w)
{
    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            if (closing->cell[a][c] && closing->series->weeks[w].hidden[a][c] &&
                disclose_end(closing->series, w, a, c) == closing->week)
                return true;
    return false;
}

/* How much is left hidden when a week leaks: more each time. */
enum attempt { LEAVE_CELL, LEAVE_ROW, LEAVE_ROW_AND_COLUMN, LEAVE_WEEK, ATTEMPTS };

/* Leaves sums hidden that hold a hidden cell of the week of a leak. */
static void
withdraw(struct closing *closing, const struct disclose_leak *leak, enum attempt attempt)
{
    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            bool row = a == leak->area, column = c == leak->cell;
            const bool near[ATTEMPTS] = {row && column, row, row || column, true};
            if (!closing->cell[a][c] || !near[attempt] || !closing->series->weeks[leak->week].hidden[a][c])
                continue;
            closing->cell[a][c] = false;
            closing->series->weeks[closing->week].shown[a][c] = false;
        }
}

/* Shows at the end of a period those sums again that give nothing away. */
static void
show_sums(struct disclose_series *series, size_t week)
{
    struct closing closing = {.series = series, .week = week};
    struct disclose_leak leaks[DISCLOSE_LEAKS];

    begin_closing(&closing);
    /* what is left hidden for a later week takes nothing from what was proven for an earlier one */
    for (size_t w = closing.first; w <= week; w++) {
        size_t found = 1;
        for (enum attempt attempt = LEAVE_CELL; attempt < ATTEMPTS && found > 0 && concerns(&closing, w); attempt++) {
            found = disclose_audit(series, w, true, leaks);
            for (size_t i = 0; i < found && i < DISCLOSE_LEAKS; i++)
                withdraw(&closing, &leaks[i], attempt);
        }
    }
}

/* Leaves all sums hidden that were to be shown again. */
static void
hide_sums(struct disclose_week *week)
{
    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            week->shown[a][c] = week->shown[a][c] && !week->hidden[a][c];
}

size_t
disclose_settle(struct disclose_series *series, size_t first, struct disclose_leak leaks[DISCLOSE_LEAKS])
{
    size_t count = series->count, found = 0;

    for (size_t w = first; w < count && found == 0; w++) {
        series->count = w + 1; /* what comes later is not known yet */
        disclose_begin(&series->weeks[w]);
        disclose_protect(series, w);
        disclose_owe(series, w);
        if (series->kind != DISCLOSE_LEVEL && ends_period(series, w))
            show_sums(series, w);
        found = disclose_audit(series, w, false, leaks);
        if (found > 0) {
            hide_sums(&series->weeks[w]); /* then the circles of this week alone protect it */
            found = disclose_audit(series, w, false, leaks);
        }
    }
    series->count = count;
    return found;
}

/* ---- corrections --------------------------------------------------------------------------------------------------- */

/* May a row of numbers stand in the place of another: is nothing few among what is shown? */
static bool
may_show(const struct disclose_series *series, size_t w, size_t area, const int64_t value[DISCLOSE_CELLS])
{
    for (size_t c = 0; c < DISCLOSE_CELLS && series->kind != DISCLOSE_CUMULATIVE; c++)
        if (!series->weeks[w].hidden[area][c] && disclose_is_few(value[c]))
            return false;
    return true;
}

/* Is nothing few among the sums that are shown? */
static bool
sums_may_show(const struct disclose_series *series, size_t count)
{
    for (size_t a = 0; a < DISCLOSE_AREAS && series->kind != DISCLOSE_LEVEL; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            int64_t sum = 0;
            for (size_t w = 0; w < count; w++) {
                sum += series->weeks[w].value[a][c];
                if (series->weeks[w].shown[a][c] && disclose_is_few(sum))
                    return false;
            }
        }
    return true;
}

/* Takes the rows of one week that may be taken. */
static void
take_rows(struct disclose_series *series, size_t w, const struct disclose_week *fresh, size_t count)
{
    struct disclose_week *week = &series->weeks[w], before = *week;

    for (size_t a = 1; a < DISCLOSE_AREAS; a++)
        if (may_show(series, w, a, fresh->value[a]))
            memcpy(week->value[a], fresh->value[a], sizeof week->value[a]);
    disclose_add_up(week);
    if (memcmp(week->value, before.value, sizeof before.value) == 0)
        return;
    if (!may_show(series, w, 0, week->value[0]) || !sums_may_show(series, count))
        *week = before;
}

bool
disclose_waits(const struct disclose_week *week, const struct disclose_week *fresh, size_t area)
{
    return memcmp(week->value[area], fresh->value[area], sizeof week->value[area]) != 0;
}

struct span {
    size_t first, last;
};

/* The corrections of the weeks that are published, while they are tried. */
struct correcting {
    struct disclose_series *series;
    const struct disclose_week *before; /* the weeks as they were published */
    struct span *spans;                 /* of each week: which it may be proven with */
    bool *less, *more;                  /* of each: has the least of a hidden number fallen; is something new owed? */
};

/* Notes what the editions together say now: the least that each number was, and what is owed. */
static void
note(const struct correcting *correcting)
{
    const struct disclose_series *series = correcting->series;

    for (size_t w = 0; w < series->count; w++) {
        const struct disclose_week *before = &correcting->before[w];
        struct disclose_week *week = &series->weeks[w];
        memcpy(week->owed, before->owed, sizeof week->owed);
        memcpy(week->owed_sum, before->owed_sum, sizeof week->owed_sum);
        correcting->less[w] = false;
        for (size_t a = 1; a < DISCLOSE_AREAS; a++)
            for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
                bool fewer = week->value[a][c] < before->least[a][c];
                week->least[a][c] = fewer ? week->value[a][c] : before->least[a][c];
                correcting->less[w] = correcting->less[w] || (fewer && week->hidden[a][c]);
            }
        disclose_add_up(week);
    }
    disclose_owe(series, 0);
    for (size_t w = 0; w < series->count; w++)
        correcting->more[w] = memcmp(series->weeks[w].owed, correcting->before[w].owed, sizeof correcting->before[w].owed) != 0 ||
                              memcmp(series->weeks[w].owed_sum, correcting->before[w].owed_sum, sizeof correcting->before[w].owed_sum) != 0;
}

/* The weeks that each week may be proven with: those before it in a sum that is not shown yet, and those at whose end theirs are shown. */
static void
find_spans(const struct disclose_series *series, struct span spans[])
{
    size_t count = series->count;

    for (size_t w = 0; w < count; w++)
        spans[w] = (struct span){w, w};
    if (series->kind == DISCLOSE_LEVEL)
        return;
    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            size_t begin = 0, end = count;
            for (size_t w = 0; w < count; w++) {
                begin = disclose_known_before(series, w, a, c) ? w : begin;
                if (series->weeks[w].hidden[a][c] && begin < spans[w].first)
                    spans[w].first = begin;
            }
            for (size_t w = count; w-- > 0;) {
                end = series->weeks[w].shown[a][c] ? w : end;
                if (series->weeks[w].hidden[a][c] && end < count && end > spans[w].last)
                    spans[w].last = end;
            }
        }
    for (size_t w = count; w-- > 0;)
        for (size_t v = spans[w].first; v < w; v++)
            spans[w].last = spans[v].last > spans[w].last ? spans[v].last : spans[w].last;
}

/*
 * Does a week have to be proven again? What is hidden has not changed, so what was possible still is, unless a hidden number that
 * it is proven with could fall further before, or something is owed that was not.
 */
static bool
touched(const struct correcting *correcting, size_t w)
{
    struct span span = correcting->spans[w];
    bool touched = correcting->more[w];

    for (size_t v = span.first; v <= span.last; v++)
        touched = touched || correcting->less[v];
    return touched;
}

/* How much is put back when a week leaks: more each time, as long as something there has been corrected. */
struct withdrawal {
    enum { WEEK_ALONE, WEEKS_AROUND, ALL_WEEKS } weeks;
    enum { ROWS_OF_LEAKS, COLUMNS_OF_LEAKS, ALL_ROWS } rows;
};
static const struct withdrawal withdrawals[] = {
    {WEEK_ALONE, ROWS_OF_LEAKS},      {WEEK_ALONE, COLUMNS_OF_LEAKS}, {WEEKS_AROUND, ROWS_OF_LEAKS},
    {WEEKS_AROUND, COLUMNS_OF_LEAKS}, {WEEKS_AROUND, ALL_ROWS},       {ALL_WEEKS, ALL_ROWS},
};
enum { WITHDRAWALS = sizeof withdrawals / sizeof *withdrawals };

/* Has a row been corrected that a leak may come from? */
static bool
is_near(const struct correcting *correcting, size_t week, size_t area, const struct disclose_leak *leak, const struct withdrawal *withdrawal)
{
    const int64_t *now = correcting->series->weeks[week].value[area], *then = correcting->before[week].value[area];
    const bool near[] = {area == leak->area, now[leak->cell] != then[leak->cell], true};

    return near[withdrawal->rows] && memcmp(now, then, sizeof correcting->before[week].value[area]) != 0;
}

/* Puts the rows of some weeks back that leaks of week `w` may come from; were there any? */
static bool
put_back(const struct correcting *correcting, size_t w, const struct disclose_leak leaks[], size_t found, const struct withdrawal *withdrawal)
{
    struct disclose_series *series = correcting->series;
    const struct span spans[] = {{w, w}, correcting->spans[w], {0, series->count - 1}}, span = spans[withdrawal->weeks];
    bool any = false;

    for (size_t v = span.first; v <= span.last; v++) {
        struct disclose_week *week = &series->weeks[v];
        for (size_t a = 1; a < DISCLOSE_AREAS; a++)
            for (size_t i = 0; i < found && i < DISCLOSE_LEAKS; i++)
                if (is_near(correcting, v, a, &leaks[i], withdrawal)) {
                    memcpy(week->value[a], correcting->before[v].value[a], sizeof week->value[a]);
                    any = true;
                }
        disclose_add_up(week);
        if (!may_show(series, v, 0, week->value[0])) /* the country has lost those behind whom others hid */
            memcpy(week->value, correcting->before[v].value, sizeof week->value);
    }
    return any;
}

/* Withdraws corrections that leaks of week `w` may come from. */
static void
withdraw_corrections(const struct correcting *correcting, size_t w, const struct disclose_leak leaks[], size_t found)
{
    for (size_t i = 0; i < WITHDRAWALS && !put_back(correcting, w, leaks, found, &withdrawals[i]); i++)
        ;
    note(correcting);
}

/* The numbers from 1 to 4 that are shown: none, unless somebody has changed what is published by hand. */
static size_t
show_few(const struct disclose_series *series, size_t count, struct disclose_leak leaks[DISCLOSE_LEAKS])
{
    size_t found = 0;

    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            int64_t sum = 0;
            for (size_t w = 0; w < count; w++) {
                const struct disclose_week *week = &series->weeks[w];
                int64_t value = week->value[a][c];
                sum += value;
                bool few = series->kind != DISCLOSE_CUMULATIVE && !week->hidden[a][c] && disclose_is_few(value);
                bool few_sum = series->kind != DISCLOSE_LEVEL && week->shown[a][c] && disclose_is_few(sum);
                if ((few || few_sum) && found++ < DISCLOSE_LEAKS)
                    leaks[found - 1] = (struct disclose_leak){w, a, c, few ? value : sum, few ? value : sum};
            }
        }
    return found;
}

/* Proves the published weeks with their corrections, and withdraws those that leak. */
static void
prove_corrections(const struct correcting *correcting)
{
    struct disclose_leak leaks[DISCLOSE_LEAKS];
    size_t count = correcting->series->count;

    /* what is withdrawn takes nothing from what was proven with it, but a sum may then be few that was not, and may even be shown */
    for (size_t pass = 0, found = 1; found > 0; pass++) {
        found = 0;
        for (size_t w = 0; w < count; w++)
            for (size_t left = 1; left > 0 && (pass == 0 || correcting->more[w]) && touched(correcting, w); found += left) {
                left = disclose_audit(correcting->series, w, true, leaks);
                if (left > 0)
                    withdraw_corrections(correcting, w, leaks, left);
            }
    }
}

size_t
disclose_correct(struct arena *arena, struct disclose_series *series, const struct disclose_week *fresh, size_t count, size_t *withheld,
                 struct disclose_leak leaks[DISCLOSE_LEAKS])
{
    struct disclose_week *before = ARENA_ARRAY(arena, count, struct disclose_week);
    struct correcting correcting = {.series = series, .before = before, .spans = ARENA_ARRAY(arena, count, struct span),
                                    .less = ARENA_ARRAY(arena, count, bool), .more = ARENA_ARRAY(arena, count, bool)};
    size_t whole = series->count;

    memcpy(before, series->weeks, count * sizeof *before);
    series->count = count; /* only what is published yet */
    for (size_t w = 0; w < count; w++)
        take_rows(series, w, &fresh[w], count);
    find_spans(series, correcting.spans);
    note(&correcting);
    prove_corrections(&correcting);
    *withheld = 0;
    for (size_t w = 0; w < count; w++)
        for (size_t a = 1; a < DISCLOSE_AREAS; a++)
            *withheld += disclose_waits(&series->weeks[w], &fresh[w], a);
    series->count = whole;
    return show_few(series, count, leaks);
}
