/*
 * disclose_audit.c - see disclose.h: the linear programmes that find what a reader of everything published can narrow a hidden number to,
 * solved by GLPK.
 *
 * A programme has a column for each hidden cell of a few weeks, the block; all other weeks are held as they are. That is sound: what
 * the programme finds possible is possible in the whole, and it can only find too little. A block that finds too little is
 * followed by a wider one. The real numbers are a solution, so that a programme is never empty; each solution found serves all cells at
 * once, and only few cells need programmes of their own.
 */
#include "core/disclose.h"

#include <glpk.h>
#include <math.h>
#include <string.h>

enum { BLOCK_MOST = 8, SHARED_PROGRAMMES = 12, PARTS_MOST = 6 };

/* A hidden number: of one cell of the week, or of the sum until then. */
struct target {
    size_t area, cell;
    bool sum;
    int64_t width;       /* that the rule asks for */
    double least, most;  /* seen so far, around the real number */
    int64_t real;
};

struct audit {
    struct arena *arena;
    const struct disclose_series *series;
    size_t week;
    bool again;
    struct target *targets;
    size_t count, capacity;
    size_t block[BLOCK_MOST], blocks;
    size_t own; /* the week of the block whose hidden cells change; others balance them */
    glp_prob *problem;
    int *columns; /* of [block][area][cell]; 0: the number is known */
};

static bool
is_proven(const struct target *target)
{
    return floor(target->most + 1e-6) - ceil(target->least - 1e-6) >= (double)target->width;
}

static size_t
unproven(const struct audit *audit)
{
    size_t count = 0;

    for (size_t i = 0; i < audit->count; i++)
        count += !is_proven(&audit->targets[i]);
    return count;
}

/* ---- what is to be proven ---------------------------------------------------------------------------------------------- */

static void
add_target(struct audit *audit, struct target target)
{
    target.least = target.most = (double)target.real;
    audit->targets = arena_grown(audit->arena, audit->targets, audit->count, &audit->capacity, sizeof target);
    audit->targets[audit->count++] = target;
}

/* How far apart the widest of the weeks lies that a hidden sum is made of. */
static int64_t
widest(const struct audit *audit, size_t area, size_t cell)
{
    const struct disclose_series *series = audit->series;
    int64_t width = 0;

    for (size_t w = audit->week + 1; w-- > 0;) {
        const struct disclose_week *week = &series->weeks[w];
        int64_t here = week->hidden[area][cell] && week->value[area][cell] > 0 ? disclose_width(week, area) : 0;
        width = here > width ? here : width;
        if (w > 0 && series->weeks[w - 1].shown[area][cell])
            break;
    }
    return width;
}

static void
find_targets(struct audit *audit)
{
    const struct disclose_series *series = audit->series;
    const struct disclose_week *week = &series->weeks[audit->week];

    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            int64_t value = week->value[a][c];
            if (disclose_is_few(value) && series->kind != DISCLOSE_CUMULATIVE) /* hidden or, by a mistake, not: then it leaks */
                add_target(audit, (struct target){.area = a, .cell = c, .width = disclose_width(week, a), .real = value});
            if (series->kind == DISCLOSE_LEVEL)
                continue;
            int64_t sum = disclose_sum(series, audit->week, a, c);
            bool counts = week->shown[a][c] || (week->hidden[a][c] && (audit->again || value > 0));
            int64_t width = week->shown[a][c] ? DISCLOSE_WIDTH : audit->again ? widest(audit, a, c) : disclose_width(week, a);
            if (disclose_is_few(sum) && counts)
                add_target(audit, (struct target){.area = a, .cell = c, .sum = true, .width = width, .real = sum});
        }
}

/* ---- the block ----------------------------------------------------------------------------------------------------------- */

static void
block_add(struct audit *audit, size_t week)
{
    size_t at = 0;

    while (at < audit->blocks && audit->block[at] < week)
        at++;
    if (audit->blocks == BLOCK_MOST || (at < audit->blocks && audit->block[at] == week))
        return;
    memmove(&audit->block[at + 1], &audit->block[at], (audit->blocks++ - at) * sizeof *audit->block);
    audit->block[at] = week;
}

/* The block of a week: itself, and the weeks until whose end the sums are shown that hold one of its hidden cells. */
static void
block_of(struct audit *audit, size_t week, bool ends)
{
    const struct disclose_series *series = audit->series;

    audit->own = week;
    audit->blocks = 0;
    block_add(audit, week);
    for (size_t a = 0; a < DISCLOSE_AREAS && ends; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            size_t end = series->weeks[week].hidden[a][c] ? disclose_end(series, week, a, c) : series->count;
            if (end < series->count)
                block_add(audit, end);
        }
}

/* The weeks around it, which balance the week in which sums are shown again. */
static void
block_add_near(struct audit *audit)
{
    for (size_t back = 1; back < DISCLOSE_PERIOD; back++) {
        if (audit->week >= back)
            block_add(audit, audit->week - back);
        if (audit->week + back < audit->series->count)
            block_add(audit, audit->week + back);
    }
}

/*
 * The newest week before `before` that may balance what is not proven yet: somebody was counted in it whom an unproven sum holds, or it
 * hides the same cell and is summed up with it. series->count: there is none.
 */
static size_t
part_before(const struct audit *audit, size_t before)
{
    const struct disclose_series *series = audit->series;

    for (size_t w = before; w-- > 0;)
        for (size_t i = 0; i < audit->count; i++) {
            const struct target *target = &audit->targets[i];
            const struct disclose_week *week = &series->weeks[w];
            bool balances = target->sum ? week->value[target->area][target->cell] > 0 : week->hidden[target->area][target->cell];
            if (balances && !is_proven(target) && series->kind != DISCLOSE_LEVEL &&
                disclose_end(series, w, target->area, target->cell) >= audit->week)
                return w;
        }
    return series->count;
}

/* ---- the programme ------------------------------------------------------------------------------------------------------- */

static int *
column_at(const struct audit *audit, size_t b, size_t area, size_t cell)
{
    return &audit->columns[(b * DISCLOSE_AREAS + area) * DISCLOSE_CELLS + cell];
}

/* A sum of columns that is known: gathered one by one, then added as a row. */
struct row {
    int columns[DISCLOSE_AREAS * DISCLOSE_CELLS + 1];
    double factors[DISCLOSE_AREAS * DISCLOSE_CELLS + 1];
    int count;
    double sum;
};

static void
row_add(struct row *row, const struct audit *audit, size_t b, size_t area, size_t cell, double factor)
{
    int column = *column_at(audit, b, area, cell);

    if (column == 0)
        return;
    row->columns[++row->count] = column;
    row->factors[row->count] = factor;
    row->sum += factor * (double)audit->series->weeks[audit->block[b]].value[area][cell];
}

static void
row_end(struct row *row, const struct audit *audit)
{
    if (row->count > 0) {
        int number = glp_add_rows(audit->problem, 1);
        glp_set_row_bnds(audit->problem, number, GLP_FX, row->sum, row->sum);
        glp_set_mat_row(audit->problem, number, row->count, row->columns, row->factors);
    }
    row->count = 0;
    row->sum = 0;
}

static void
add_columns(struct audit *audit)
{
    const struct disclose_week *weeks = audit->series->weeks, *own = &weeks[audit->own];

    /* in other weeks only what can balance a change of the block's own */
    for (size_t b = 0; b < audit->blocks; b++)
        for (size_t a = 0; a < DISCLOSE_AREAS; a++)
            for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
                if (!weeks[audit->block[b]].hidden[a][c] || !own->hidden[a][c])
                    continue;
                int column = glp_add_cols(audit->problem, 1);
                glp_set_col_bnds(audit->problem, column, GLP_LO, 0, 0);
                *column_at(audit, b, a, c) = column;
            }
}

/* What a reader knows: the sums of rows and of columns in each week, and of a cell over the weeks between two sums that are shown. */
static void
add_rows(struct audit *audit, struct row *row)
{
    const struct disclose_series *series = audit->series;

    for (size_t b = 0; b < audit->blocks; b++) {
        for (size_t a = 0; a < DISCLOSE_AREAS; a++, row_end(row, audit))
            for (size_t c = 0; c < DISCLOSE_CELLS; c++)
                row_add(row, audit, b, a, c, 1);
        for (size_t c = 0; c < DISCLOSE_CELLS; c++, row_end(row, audit))
            for (size_t a = 0; a < DISCLOSE_AREAS; a++)
                row_add(row, audit, b, a, c, a == 0 ? -1 : 1);
    }
    if (series->kind == DISCLOSE_LEVEL)
        return;
    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            for (size_t b = 0; b < audit->blocks;) {
                size_t end = disclose_end(series, audit->block[b], a, c);
                for (; b < audit->blocks && audit->block[b] <= end; b++)
                    row_add(row, audit, b, a, c, 1);
                if (end == series->count) /* not shown yet: nothing is known of the sum */
                    row->count = 0, row->sum = 0;
                row_end(row, audit);
            }
}

/* ---- solving ------------------------------------------------------------------------------------------------------------- */

/* The part of the block in which a target lies: its own week, and for a sum those before until one that is shown. */
static bool
holds(const struct audit *audit, const struct target *target, size_t b)
{
    size_t week = audit->block[b];

    if (!target->sum || week >= audit->week)
        return week == audit->week;
    return disclose_end(audit->series, week, target->area, target->cell) >= audit->week;
}

static void
objective_add(const struct audit *audit, const struct target *target, double factor)
{
    for (size_t b = 0; b < audit->blocks; b++) {
        int column = holds(audit, target, b) ? *column_at(audit, b, target->area, target->cell) : 0;
        if (column != 0)
            glp_set_obj_coef(audit->problem, column, glp_get_obj_coef(audit->problem, column) + factor);
    }
}

/* What the solution says of a target: how much more or fewer than in reality. */
static double
solved(const struct audit *audit, const struct target *target)
{
    double value = (double)target->real;

    for (size_t b = 0; b < audit->blocks; b++) {
        int column = holds(audit, target, b) ? *column_at(audit, b, target->area, target->cell) : 0;
        if (column != 0)
            value += glp_get_col_prim(audit->problem, column) -
                     (double)audit->series->weeks[audit->block[b]].value[target->area][target->cell];
    }
    return value;
}

/* Makes the objective as large as it can be (no more than the rows allow), and takes what the solution shows of all targets. */
static void
solve(struct audit *audit)
{
    glp_smcp settings;

    glp_init_smcp(&settings);
    settings.msg_lev = GLP_MSG_OFF;
    if (glp_simplex(audit->problem, &settings) != 0 || glp_get_status(audit->problem) != GLP_OPT)
        return; /* what it cannot solve it does not prove */
    for (size_t i = 0; i < audit->count; i++) {
        struct target *target = &audit->targets[i];
        double value = solved(audit, target);
        target->least = fmin(target->least, value);
        target->most = fmax(target->most, value);
    }
}

static void
clear_objective(const struct audit *audit)
{
    for (int column = glp_get_num_cols(audit->problem); column > 0; column--)
        glp_set_obj_coef(audit->problem, column, 0);
}

/* All that are not proven go up or down together: all one way, all the other, then in patterns, until two turns have proven none. */
static void
solve_together(struct audit *audit)
{
    unsigned pattern = 0x9e3779b9, idle = 0;
    size_t left = unproven(audit);

    for (unsigned turn = 0; turn < SHARED_PROGRAMMES && left > 0 && idle < 2; turn++) {
        clear_objective(audit);
        for (size_t i = 0; i < audit->count; i++) {
            pattern = pattern * 1664525 + 1013904223;
            if (!is_proven(&audit->targets[i]))
                objective_add(audit, &audit->targets[i], turn == 0 ? 1 : turn == 1 ? -1 : pattern >> 31 ? 1 : -1);
        }
        solve(audit);
        size_t now = unproven(audit);
        idle = now < left || turn == 0 ? 0 : idle + 1;
        left = now;
    }
}

static void
solve_alone(struct audit *audit)
{
    for (size_t i = 0; i < audit->count; i++)
        for (double factor = -1; factor <= 1 && !is_proven(&audit->targets[i]); factor += 2) {
            clear_objective(audit);
            objective_add(audit, &audit->targets[i], factor);
            solve(audit);
        }
}

static void
prove(struct audit *audit, bool alone)
{
    if (unproven(audit) == 0)
        return;
    audit->problem = glp_create_prob();
    audit->columns = ARENA_ARRAY(audit->arena, audit->blocks * DISCLOSE_AREAS * DISCLOSE_CELLS, int);
    glp_set_obj_dir(audit->problem, GLP_MAX);
    add_columns(audit);
    add_rows(audit, ARENA_NEW(audit->arena, struct row));
    glp_std_basis(audit->problem);
    solve_together(audit);
    if (alone)
        solve_alone(audit);
    glp_delete_prob(audit->problem);
}

size_t
disclose_audit(struct arena *arena, const struct disclose_series *series, size_t week, bool again,
               struct disclose_leak leaks[DISCLOSE_LEAKS])
{
    struct audit audit = {.arena = arena, .series = series, .week = week, .again = again};
    size_t found = 0;

    glp_term_out(GLP_OFF);
    find_targets(&audit);
    block_of(&audit, week, false);
    prove(&audit, false);
    block_of(&audit, week, true);
    prove(&audit, true);
    block_add_near(&audit);
    prove(&audit, true);
    size_t part = part_before(&audit, week);
    for (size_t i = 0; i < PARTS_MOST && part < week; i++, part = part_before(&audit, part)) {
        block_of(&audit, part, true);
        prove(&audit, true);
    }
    for (size_t i = 0; i < audit.count; i++) {
        const struct target *target = &audit.targets[i];
        if (is_proven(target))
            continue;
        if (found < DISCLOSE_LEAKS)
            leaks[found] = (struct disclose_leak){week, target->area, target->cell, (int64_t)ceil(target->least - 1e-6),
                                                  (int64_t)floor(target->most + 1e-6)};
        found++;
    }
    glp_free_env();
    return found;
}
