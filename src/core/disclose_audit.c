/*
 * disclose_audit.c - see disclose.h: the linear programmes that find what a reader of everything published can narrow a hidden number to,
 * solved by GLPK.
 *
 * A programme moves people round circles in the table of one week, its own, and nothing else; or back again in one other week, its
 * partner, so that no sum over both of them moves. It has a column for each cell that may take part: how far its number lies from the real
 * one, in every edition (disclose.h), down to the least that the number ever was, and up to the least of the partner's. All that takes no
 * part is held as it is. That is sound: what the programme finds possible is possible in the whole, and it can only find too little.
 *
 * People are whole numbers. Each programme is a flow in the network of one table, whose matrix is totally unimodular (Hoffman, Kruskal
 * 1956): its ends are whole, and so is everything between them possible. (A programme of more weeks would find more, but also what only
 * parts of people can do.) The real numbers, nothing moved, lie in all of them, so that what several find adds up to one interval.
 */
#include "core/disclose.h"

#include <glpk.h>
#include <math.h>
#include <string.h>

enum { SHARED_PROGRAMMES = 8 };

/* A hidden number: of one cell of the week, or of the sum until then. */
struct target {
    size_t area, cell;
    bool sum;
    int64_t real, width; /* the number of today, and what is owed to it */
    int64_t less, more;  /* how far it may lie below and above, seen so far */
};

struct audit {
    struct arena *arena; /* of this audit */
    const struct disclose_series *series;
    size_t week;
    bool again;
    struct target *targets;
    size_t count, capacity;
    size_t own, partner; /* the weeks of the programme; the same one when there is no partner */
    glp_prob *problem;
    int columns[DISCLOSE_AREAS][DISCLOSE_CELLS]; /* 0: takes no part */
    long effort;                                 /* iterations that are left */
};

static bool
is_proven(const struct target *target)
{
    return target->less + target->more >= target->width;
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
    audit->targets = arena_grown(audit->arena, audit->targets, audit->count, &audit->capacity, sizeof target);
    audit->targets[audit->count++] = target;
}

static void
find_targets(struct audit *audit)
{
    const struct disclose_series *series = audit->series;
    const struct disclose_week *week = &series->weeks[audit->week];

    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            int64_t owed = week->owed[a][c], owed_sum = week->owed_sum[a][c], alone = disclose_width(week, a);
            if (owed > 0) /* hidden or, by a mistake, not: then it leaks */
                add_target(audit, (struct target){.area = a, .cell = c, .width = owed, .real = week->value[a][c]});
            if (owed_sum > alone && !audit->again && !week->shown[a][c])
                owed_sum = alone;
            if (owed_sum > 0 && (week->shown[a][c] || (week->hidden[a][c] && (audit->again || week->value[a][c] > 0))))
                add_target(audit, (struct target){.area = a, .cell = c, .sum = true, .width = owed_sum,
                                                  .real = disclose_sum(series, audit->week, a, c)});
        }
}

/* ---- the programme ------------------------------------------------------------------------------------------------------- */

/* May a cell move: is it hidden in both weeks, and no sum shown that holds one of them without the other? */
static bool
takes_part(const struct audit *audit, size_t area, size_t cell)
{
    const struct disclose_series *series = audit->series;
    size_t early = audit->own < audit->partner ? audit->own : audit->partner;
    size_t late = audit->own < audit->partner ? audit->partner : audit->own;

    if (!series->weeks[early].hidden[area][cell] || !series->weeks[late].hidden[area][cell])
        return false;
    return series->kind == DISCLOSE_LEVEL || disclose_end(series, early, area, cell) >= (early == late ? series->count : late);
}

/* The column that a target moves with; 0: none. */
static int
column_of(const struct audit *audit, const struct target *target)
{
    bool moves = audit->own == audit->week;

    if (target->sum) /* with its own week, and those before, unless the partner takes back what it gains */
        moves = audit->own <= audit->week && (audit->partner == audit->own || audit->partner > audit->week);
    return moves ? audit->columns[target->area][target->cell] : 0;
}

static void
add_columns(struct audit *audit)
{
    const struct disclose_week *own = &audit->series->weeks[audit->own], *partner = &audit->series->weeks[audit->partner];

    for (size_t a = 0; a < DISCLOSE_AREAS; a++)
        for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
            if (!takes_part(audit, a, c))
                continue;
            int column = audit->columns[a][c] = glp_add_cols(audit->problem, 1);
            double less = (double)own->least[a][c], more = (double)partner->least[a][c];
            int kind = own == partner ? GLP_LO : less + more > 0 ? GLP_DB : GLP_FX;
            glp_set_col_bnds(audit->problem, column, kind, -less, more);
        }
}

/* Cells whose sum is known, and so does not move: gathered one by one, then added as a row. */
struct row {
    int columns[DISCLOSE_AREAS + 1];
    double factors[DISCLOSE_AREAS + 1];
    int count;
};

static void
row_add(struct row *row, int column, double factor)
{
    if (column == 0)
        return;
    row->columns[++row->count] = column;
    row->factors[row->count] = factor;
}

static void
row_end(struct row *row, const struct audit *audit)
{
    int number = glp_add_rows(audit->problem, 1);

    glp_set_row_bnds(audit->problem, number, GLP_FX, 0, 0);
    glp_set_mat_row(audit->problem, number, row->count, row->columns, row->factors);
    row->count = 0;
}

static void
add_rows(const struct audit *audit)
{
    struct row row = {.count = 0};

    for (size_t a = 0; a < DISCLOSE_AREAS; a++, row_end(&row, audit))
        for (size_t c = 0; c < DISCLOSE_CELLS; c++)
            row_add(&row, audit->columns[a][c], 1);
    for (size_t c = 0; c < DISCLOSE_CELLS; c++, row_end(&row, audit))
        for (size_t a = 0; a < DISCLOSE_AREAS; a++)
            row_add(&row, audit->columns[a][c], a == 0 ? -1 : 1);
}

/* ---- solving ------------------------------------------------------------------------------------------------------------- */

/* Makes the objective as large as it can be (no more than the rows allow), and takes what the solution shows of all targets. */
static void
solve(struct audit *audit)
{
    glp_prob *problem = audit->problem;
    glp_smcp settings;
    int before = glp_get_it_cnt(problem);

    if (audit->effort <= 0)
        return; /* what it has no time for it does not prove */
    glp_init_smcp(&settings);
    settings.msg_lev = GLP_MSG_OFF;
    settings.it_lim = (int)audit->effort;
    bool solved = glp_simplex(problem, &settings) == 0 && glp_get_status(problem) == GLP_OPT;
    audit->effort -= glp_get_it_cnt(problem) - before + 1;
    for (size_t i = 0; i < audit->count && solved; i++) {
        struct target *target = &audit->targets[i];
        int column = column_of(audit, target);
        double moved = column == 0 ? 0 : glp_get_col_prim(problem, column);
        target->less = (int64_t)fmax((double)target->less, floor(-moved + 1e-6));
        target->more = (int64_t)fmax((double)target->more, floor(moved + 1e-6));
    }
}

static void
set_objective(const struct audit *audit, const struct target *target, double factor)
{
    int column = column_of(audit, target);

    if (column != 0)
        glp_set_obj_coef(audit->problem, column, factor);
}

static void
clear_objective(const struct audit *audit)
{
    for (size_t i = 0; i < audit->count; i++)
        set_objective(audit, &audit->targets[i], 0);
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
                set_objective(audit, &audit->targets[i], turn == 0 ? 1 : turn == 1 ? -1 : pattern >> 31 ? 1 : -1);
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
    for (size_t i = 0; i < audit->count; i++) {
        const struct target *target = &audit->targets[i];
        for (double factor = -1; factor <= 1 && !is_proven(target) && column_of(audit, target) != 0; factor += 2) {
            clear_objective(audit);
            set_objective(audit, target, factor);
            solve(audit);
        }
    }
}

/* Does a target take part that is not proven yet? */
static bool
is_of_use(const struct audit *audit)
{
    for (size_t i = 0; i < audit->count; i++)
        if (!is_proven(&audit->targets[i]) && column_of(audit, &audit->targets[i]) != 0)
            return true;
    return false;
}

/* Proves what circles in one week can, balanced by a partner or, when it is the same week, not. */
static void
prove(struct audit *audit, size_t own, size_t partner)
{
    if (unproven(audit) == 0)
        return;
    audit->own = own;
    audit->partner = partner;
    audit->problem = glp_create_prob();
    memset(audit->columns, 0, sizeof audit->columns);
    glp_set_obj_dir(audit->problem, GLP_MAX);
    add_columns(audit);
    if (is_of_use(audit)) {
        add_rows(audit);
        glp_std_basis(audit->problem);
        solve_together(audit);
        solve_alone(audit);
    }
    glp_delete_prob(audit->problem);
}

/* The week alone; with a later one, which is where sums are shown again, or an earlier one; then, for sums, those before with a later. */
static void
prove_all(struct audit *audit)
{
    size_t week = audit->week, count = audit->series->kind == DISCLOSE_LEVEL ? week + 1 : audit->series->count;
    size_t first = week < DISCLOSE_OPEN || audit->series->kind == DISCLOSE_LEVEL ? 0 : week - DISCLOSE_OPEN;
    size_t last = count - 1 - week < DISCLOSE_OPEN ? count - 1 : week + DISCLOSE_OPEN;

    prove(audit, week, week);
    if (audit->series->kind == DISCLOSE_LEVEL)
        return;
    for (size_t partner = week + 1; partner <= last; partner++)
        prove(audit, week, partner);
    for (size_t partner = week; partner-- > first;)
        prove(audit, week, partner);
    for (size_t own = week; own-- > first;) {
        prove(audit, own, own);
        for (size_t partner = week + 1; partner <= last; partner++)
            prove(audit, own, partner);
    }
}

size_t
disclose_audit(const struct disclose_series *series, size_t week, bool again, struct disclose_leak leaks[DISCLOSE_LEAKS])
{
    struct audit audit = {.arena = arena_new(), .series = series, .week = week, .again = again,
                          .effort = series->effort > 0 ? series->effort : DISCLOSE_EFFORT};
    size_t found = 0;

    glp_term_out(GLP_OFF);
    find_targets(&audit);
    prove_all(&audit);
    for (size_t i = 0; i < audit.count; i++) {
        const struct target *target = &audit.targets[i];
        if (is_proven(target))
            continue;
        if (found < DISCLOSE_LEAKS)
            leaks[found] = (struct disclose_leak){week, target->area, target->cell, target->real - target->less, target->real + target->more};
        found++;
    }
    glp_free_env();
    arena_free(audit.arena);
    return found;
}
