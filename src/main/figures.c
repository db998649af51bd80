/*
 * figures.c - `hersys figures`: prints any of the eleven indicators, counts all of them again, compares them with the records and mends
 * what single patients count as; and the same comparison as a job of the night.
 */
#include "main/figures.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/log.h"
#include "base/text.h"
#include "core/figures.h"
#include "exchange/csv.h"
#include "main/main.h"
#include "main/recount.h"

enum { FOLDED_AT_ONCE = 20000, VERIFIED_AT_ONCE = 2000 };

/* ---- jobs ------------------------------------------------------------------------------------------------------------ */

bool
figures_fold(struct db *db, struct arena *arena)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_figures_fold, db_int(arena, FOLDED_AT_ONCE));

    return rows != NULL && rows_int(rows, 0, "folded") == FOLDED_AT_ONCE;
}

void
figures_keep(struct db *db, struct arena *arena)
{
    enum db_status status;

    DB_ONE(db, arena, NULL, &status, SQL_figures_keep);
}

void
figures_signals(struct db *db, struct arena *arena)
{
    enum db_status status;

    DB_ONE(db, arena, NULL, &status, SQL_figures_signals);
}

/*
 * How many patients count as something else than their record says; some of them go into the log. With `mend` they follow it from then on.
 * -1 when the database failed.
 */
static int64_t
compare_cases(struct db *db, bool mend)
{
    int64_t differing = 0;
    struct arena *scratch = arena_new();
    enum db_status status;

    for (int64_t last = 0; last >= 0; arena_reset(scratch)) {
        const struct rows *rows = DB_ONE(db, scratch, NULL, &status, SQL_figures_verify, db_int(scratch, last), db_int(scratch, VERIFIED_AT_ONCE));
        int64_t count = rows == NULL || rows_text(rows, 0, "last") == NULL ? 0 : rows_int(rows, 0, "count");
        if (count > 0)
            log_error("figure_case_differs", "patients", rows_text(rows, 0, "some"), NULL);
        if (rows == NULL || (count > 0 && mend && DB_ONE(db, scratch, NULL, &status, SQL_figures_mend, rows_text(rows, 0, "differs")) == NULL)) {
            differing = -1;
            break;
        }
        last = rows_text(rows, 0, "last") == NULL ? -1 : rows_int(rows, 0, "last");
        differing += count;
    }
    arena_free(scratch);
    return differing;
}

/* What differs from the records. */
struct comparison {
    int64_t patients, mended, figures;
};

/* Compares everything, and keeps for the ministry's page what still differs. False when the database failed. */
static bool
compare(struct db *db, struct arena *arena, bool mend, struct comparison *found)
{
    enum db_status status;
    int64_t differing = compare_cases(db, mend);

    if (differing < 0)
        return false;
    *found = (struct comparison){.patients = mend ? 0 : differing, .mended = mend ? differing : 0, .figures = recount(db, false)};
    return found->figures >= 0 &&
           DB_ONE(db, arena, NULL, &status, SQL_figures_checked, db_int(arena, found->patients), db_int(arena, found->figures)) != NULL;
}

bool
figures_compare(struct db *db, struct arena *arena)
{
    struct comparison found;

    return compare(db, arena, false, &found);
}

static int
database_failed(void)
{
    fputs("the database failed\n", stderr);
    return 1;
}

/* ---- show ------------------------------------------------------------------------------------------------------------ */

/* What is asked for. */
struct question {
    const struct figure_indicator *indicator;
    const char *area, *name; /* its key in the database; as the heading has it */
    const char *people; /* by date */
    date_day from, to;
};

static const char *
heading_of(const struct question *q, size_t series)
{
    const char *heading = q->indicator->headings[series];

    return heading == NULL ? q->name : heading;
}

/* A row of the output: the day, then numbers or headings. */
static void
add_row(struct buf *out, const char *first, size_t count, const char *const cells[])
{
    csv_add_cell(out, first, true);
    for (size_t i = 0; i < count; i++)
        csv_add_cell(out, cells[i], false);
    csv_end_row(out);
}

static enum db_status
show_daily(struct db *db, struct arena *arena, const struct question *q, struct buf *out)
{
    size_t series = 0, days = (size_t)(q->to - q->from + 1);
    const char *cells[FIGURE_SERIES];
    enum db_status status;

    while (series < FIGURE_SERIES && q->indicator->series[series] != NULL) {
        cells[series] = heading_of(q, series);
        series++;
    }
    add_row(out, "Date", series, cells);
    const struct rows *rows[FIGURE_SERIES];
    for (size_t s = 0; s < series; s++) {
        rows[s] = DB_ONE(db, arena, NULL, &status, SQL_figures_daily, q->area, db_array(arena, 1, &q->indicator->series[s]),
                         date_iso(arena, q->from), date_iso(arena, q->to));
        if (rows[s] == NULL)
            return status;
    }
    for (size_t day = 0; day < days; day++) {
        for (size_t s = 0; s < series; s++) {
            int64_t value = rows_int(rows[s], day, figure_is_level(q->indicator) ? "level" : "count");
            cells[s] = figure_text(arena, q->indicator, value, figure_people_on(q->people, q->from + (date_day)day));
        }
        add_row(out, date_slashed(arena, q->from + (date_day)day), series, cells);
    }
    return DB_OK;
}

/* Reads the values of one row's week and beyond while the week is the same; returns the first row of the next. */
static size_t
take_week(const struct question *q, const struct rows *rows, size_t i, int64_t *values)
{
    const char *week = rows_text(rows, i, "week");
    const char *column = figure_is_level(q->indicator) ? "level" : "count";

    for (; i < rows_count(rows) && text_same(rows_text(rows, i, "week"), week); i++) {
        if (q->indicator->shape == FIGURE_WEEKLY_PLACES) {
            figure_place_add(values, rows_text(rows, i, "kind"), rows_int(rows, i, "count"));
            continue;
        }
        int cell = figure_cell_find(rows_text(rows, i, "cell"));
        if (cell >= 0)
            values[cell] = rows_int(rows, i, column);
    }
    return i;
}

static enum db_status
show_weekly(struct db *db, struct arena *arena, const struct question *q, struct buf *out)
{
    bool places = q->indicator->shape == FIGURE_WEEKLY_PLACES;
    size_t columns = places ? FIGURE_PLACES : FIGURE_CELLS;
    const char *cells[FIGURE_CELLS], *from = date_iso(arena, q->from), *to = date_iso(arena, q->to);
    enum db_status status;
    const struct rows *rows =
        places ? DB_ONE(db, arena, NULL, &status, SQL_figures_clusters, q->area, from, to)
               : DB_ONE(db, arena, NULL, &status, SQL_figures_weekly, q->area, q->indicator->series[0], from, to);

    if (rows == NULL)
        return status;
    for (size_t i = 0; i < columns; i++)
        cells[i] = places ? figure_places[i].heading : figure_cell_heading(i);
    add_row(out, "Week", columns, cells);
    for (size_t i = 0; i < rows_count(rows);) {
        int64_t values[FIGURE_CELLS] = {0};
        const char *week = figure_week_text(arena, date_from_iso(rows_text(rows, i, "week")));
        i = take_week(q, rows, i, values);
        for (size_t k = 0; k < columns; k++)
            cells[k] = text_format(arena, "%lld", (long long)values[k]);
        add_row(out, week, columns, cells);
    }
    return DB_OK;
}

/* Out of the arguments; false after a message when something of it is missing or wrong. */
static bool
read_question(const struct command_line *line, struct db *db, struct question *q)
{
    const char *number = command_option(line, "indicator"), *area = command_option(line, "area");
    enum db_status status;
    int64_t value = 0;

    if (number != NULL && text_to_int(number, 1, FIGURE_INDICATORS, &value) == 0)
        q->indicator = figure_find(value);
    q->from = date_from_iso(command_option(line, "from"));
    q->to = date_from_iso(command_option(line, "to"));
    if (q->indicator == NULL || area == NULL || q->from == DATE_NONE || q->to == DATE_NONE || q->to < q->from) {
        fprintf(stderr, "usage: hersys figures show --indicator=1..%d --area=00|PREFECTURE|CODE --from=YYYY-MM-DD --to=YYYY-MM-DD [--csv]\n",
                FIGURE_INDICATORS);
        return false;
    }
    const struct rows *rows = DB_ONE(db, line->arena, NULL, &status, SQL_figures_area, area);
    if (rows == NULL || rows_count(rows) == 0) {
        fprintf(stderr, "no such area: %s\n", area);
        return false;
    }
    q->area = rows_text(rows, 0, "area");
    q->name = rows_text(rows, 0, "name");
    q->people = rows_text(rows, 0, "people");
    return true;
}

static int
show(const struct command_line *line, struct db *db)
{
    struct question q = {0};
    struct buf out = buf_new(line->arena);

    if (!read_question(line, db, &q))
        return 2;
    enum db_status status = figure_is_weekly(q.indicator) ? show_weekly(db, line->arena, &q, &out)
                                                          : show_daily(db, line->arena, &q, &out);
    if (status != DB_OK)
        return database_failed();
    if (!command_switch(line, "csv"))
        printf("%s\n%s\n\n", q.indicator->name, q.indicator->definition);
    fputs(buf_text(&out), stdout);
    return 0;
}

/* ---- recount, verify --------------------------------------------------------------------------------------------------- */

static int
count_again(const struct command_line *line, struct db *db)
{
    int64_t wrong = recount(db, true);

    (void)line;
    if (wrong < 0)
        return database_failed();
    printf("%lld figures were wrong\n", (long long)wrong);
    return 0;
}

static int
verify(const struct command_line *line, struct db *db)
{
    struct comparison found;

    if (!compare(db, line->arena, command_switch(line, "mend"), &found))
        return database_failed();
    if (found.mended > 0)
        puts("the patients in the log count as their records say now");
    bool differs = found.patients > 0 || found.figures > 0;
    puts(differs ? "differences stand in the log" : "the figures are what the records say");
    return differs;
}

int
command_figures(const struct command_line *line)
{
    static const struct {
        const char *name;
        int (*run)(const struct command_line *line, struct db *db);
    } actions[] = {{"show", show}, {"recount", count_again}, {"verify", verify}};

    for (size_t i = 0; i < sizeof actions / sizeof *actions && line->argc > 1; i++) {
        if (strcmp(line->argv[1], actions[i].name) != 0)
            continue;
        struct db *db = db_open(line->conf.database, "jobs");
        int result = actions[i].run(line, db);
        db_close(db);
        return result;
    }
    fputs("usage: hersys figures show ... | recount | verify [--mend]\n", stderr);
    return 2;
}
