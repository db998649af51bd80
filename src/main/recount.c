/* recount.c - see recount.h. */
#include "main/recount.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/text.h"
#include "core/figure_sums.h"

enum {
    LOGGED = 20,          /* differences, as alarms: one is enough to look, and a thousand say no more */
    WRITTEN_AT_ONCE = 5000,
    NAME_ROOM = 64        /* an area, a series, a cell */
};

/* The series of app.figure_series. */
enum series { NEW, PLACE, DEATH, SEVERE, CARE, RELEASED, CONFIRMING, SERIES_COUNT };
_Static_assert((int)SERIES_COUNT <= (int)FIGURE_SUMS_SERIES, "figure_sums.h has a place for each");
static const char *const series_names[SERIES_COUNT] = {"new", "place", "death", "severe", "care", "released", "confirming"};

/* Texts that have a number, in the order in which they came. */
struct names {
    struct map *numbers;
    const char **texts;
    size_t count, room;
};

/* An area in which the patients of a centre count. */
struct membership {
    int64_t centre;
    uint32_t area;
};

/* One figure: its key, as the tables have it, and how much more it should be. */
struct difference {
    const char *area, *series;
    date_day day;     /* or the first of a week */
    const char *cell; /* NULL: a figure of a day */
    int64_t off;
};

struct recount {
    struct arena *arena;
    int week_begins[SERIES_COUNT];
    struct names areas, cells;
    struct membership *memberships; /* by centre */
    size_t membership_count;
    struct figure_sums *by_centre; /* an area of these is a place in `memberships`: the centre's first */
    struct figure_sums *by_area;
    struct difference *strays; /* what is kept for weeks that begin on no such day any more */
    size_t stray_count, stray_room;
    bool failed; /* a row that this cannot count: an alarm is logged */
};

/* ---- names --------------------------------------------------------------------------------------------------------------- */

static struct names
names_new(struct arena *arena)
{
    return (struct names){.numbers = map_new(arena)};
}

static uint32_t
number_of(struct recount *r, struct names *names, const char *text)
{
    int64_t number;

    if (map_find(names->numbers, text, &number))
        return (uint32_t)number;
    names->texts = arena_grown(r->arena, names->texts, names->count, &names->room, sizeof *names->texts);
    names->texts[names->count] = text_copy(r->arena, text);
    map_put(names->numbers, text, (int64_t)names->count);
    return (uint32_t)names->count++;
}

static uint32_t
number_of_field(struct recount *r, struct names *names, struct db_field field)
{
    char text[NAME_ROOM];

    return number_of(r, names, db_field_text(field, text, sizeof text));
}

static void
not_countable(struct recount *r, const char *what)
{
    if (!r->failed)
        log_error("recount_not_countable", "what", what, NULL);
    r->failed = true;
}

/* SERIES_COUNT for one that is unknown. */
static enum series
series_of(struct recount *r, struct db_field field)
{
    char text[NAME_ROOM];
    unsigned i = 0;

    db_field_text(field, text, sizeof text);
    while (i < SERIES_COUNT && strcmp(series_names[i], text) != 0)
        i++;
    if (i == SERIES_COUNT)
        not_countable(r, text);
    return i;
}

static int
compare_memberships(const void *a, const void *b)
{
    const struct membership *x = a, *y = b;

    return (x->centre > y->centre) - (x->centre < y->centre);
}

/* The first membership of a centre; membership_count for one that is unknown. */
static size_t
first_membership(struct recount *r, int64_t centre)
{
    const struct membership wanted = {.centre = centre},
                            *found = bsearch(&wanted, r->memberships, r->membership_count, sizeof wanted, compare_memberships);

    if (found == NULL) {
        not_countable(r, "a centre that is in no area");
        return r->membership_count;
    }
    while (found > r->memberships && found[-1].centre == centre)
        found--;
    return (size_t)(found - r->memberships);
}

/* ---- counting -------------------------------------------------------------------------------------------------------------- */

/* Adds to a day and to the cell of its week. */
static void
count(struct recount *r, struct figure_sums *sums, size_t area, enum series series, date_day day, uint32_t cell, int64_t change)
{
    if (day == DATE_NONE) {
        not_countable(r, "a day without end");
        return;
    }
    struct figure_weekday on = figure_weekday(day, r->week_begins[series]);
    figure_sums_add(sums, (struct figure_change){.area = (uint32_t)area, .number = on.number, .index = on.index, .cell = cell, .series = series, .by = change});
}

/* A row of app.figure_case: what it adds is what app.figure_parts says. */
static void
take_case(void *context, const struct db_field *f)
{
    enum { CENTRE, CELL, PLACE_KIND, NEW_ON, DEAD_ON, FIRST_SPANS };
    struct recount *r = context;
    size_t centre = first_membership(r, db_field_int(f[CENTRE]));
    date_day new_on = db_field_date(f[NEW_ON]), dead_on = db_field_date(f[DEAD_ON]);
    uint32_t cell = number_of_field(r, &r->cells, f[CELL]);

    if (r->failed)
        return;
    count(r, r->by_centre, centre, NEW, new_on, cell, 1);
    count(r, r->by_centre, centre, PLACE, new_on, number_of_field(r, &r->cells, f[PLACE_KIND]), 1);
    if (dead_on != DATE_NONE)
        count(r, r->by_centre, centre, DEATH, dead_on, cell, 1);
    for (unsigned series = SEVERE; series < SERIES_COUNT; series++) {
        struct db_field spans = f[FIRST_SPANS + series - SEVERE];
        for (int32_t left = db_field_spans(&spans); left > 0; left--) {
            struct db_span span = db_field_span(&spans);
            if (span.from != DATE_NONE)
                count(r, r->by_centre, centre, series, span.from, cell, 1);
            if (span.until != DATE_NONE)
                count(r, r->by_centre, centre, series, span.until, cell, -1);
        }
    }
}

/* A row of app.figure_delta. It is kept, but not folded yet: what is left to find in the figures is that much less. */
static void
take_waiting(void *context, const struct db_field *f)
{
    struct recount *r = context;
    size_t centre = first_membership(r, db_field_int(f[0]));
    enum series series = series_of(r, f[1]);

    if (!r->failed)
        count(r, r->by_centre, centre, series, db_field_date(f[2]), number_of_field(r, &r->cells, f[3]), -db_field_int(f[4]));
}

static void
spread(struct recount *r)
{
    for (size_t i = 0, weeks = figure_sums_count(r->by_centre); i < weeks; i++) {
        const struct figure_week *week = figure_sums_at(r->by_centre, i);
        int64_t centre = r->memberships[week->area].centre;
        for (size_t m = week->area; m < r->membership_count && r->memberships[m].centre == centre; m++)
            figure_sums_join(r->by_area, r->memberships[m].area, week);
    }
}

static void
add_stray(struct recount *r, struct difference stray)
{
    r->strays = arena_grown(r->arena, r->strays, r->stray_count, &r->stray_room, sizeof *r->strays);
    r->strays[r->stray_count++] = stray;
}

/* The figure of an area that is kept for a day, or for the week in which it lies: `cell` NULL for the day. */
static void
take_kept(struct recount *r, const struct db_field *f, const struct db_field *cell, int64_t kept)
{
    enum series series = series_of(r, f[1]);
    date_day day = db_field_date(f[2]);

    if (day == DATE_NONE)
        not_countable(r, "a day without end");
    if (r->failed)
        return;
    struct figure_weekday on = figure_weekday(day, r->week_begins[series]);
    uint32_t area = number_of_field(r, &r->areas, f[0]);
    if (cell != NULL && on.index != 0) {
        if (kept != 0)
            add_stray(r, (struct difference){.area = r->areas.texts[area], .series = series_names[series], .day = day,
                                             .cell = r->cells.texts[number_of_field(r, &r->cells, *cell)], .off = -kept});
        return;
    }
    figure_sums_add(r->by_area, (struct figure_change){.area = area, .number = on.number, .index = cell == NULL ? on.index : FIGURE_NO_DAY,
                                                       .cell = cell == NULL ? FIGURE_NO_CELL : number_of_field(r, &r->cells, *cell),
                                                       .series = series, .by = -kept});
}

/* A row of app.figure_day. */
static void
take_day(void *context, const struct db_field *f)
{
    take_kept(context, f, NULL, db_field_int(f[3]));
}

/* A row of app.figure_week. */
static void
take_week(void *context, const struct db_field *f)
{
    take_kept(context, f, &f[3], db_field_int(f[4]));
}

/* ---- what differs ------------------------------------------------------------------------------------------------------------ */

/* Calls `visit` for all; how many they are. Ends early when it returns false. */
static int64_t
differences(const struct recount *r, bool (*visit)(const struct difference *difference, void *context), void *context)
{
    int64_t found = 0;
    bool going = true;

    for (size_t i = 0; i < r->stray_count && going; i++, found++)
        going = visit(&r->strays[i], context);
    for (size_t i = 0, weeks = figure_sums_count(r->by_area); i < weeks && going; i++) {
        const struct figure_week *week = figure_sums_at(r->by_area, i);
        size_t figures = (7 + week->cells) * SERIES_COUNT;
        for (size_t n = 0; n < figures && going; n++) {
            size_t at = n / SERIES_COUNT, series = n % SERIES_COUNT;
            bool is_day = at < 7;
            int64_t off = is_day ? week->day[at][series] : week->cell[at - 7][series];
            if (off == 0)
                continue;
            date_day first = figure_week_first(week->number, r->week_begins[series]);
            struct difference d = {.area = r->areas.texts[week->area], .series = series_names[series], .off = off,
                                   .day = is_day ? first + (date_day)at : first, .cell = is_day ? NULL : r->cells.texts[at - 7]};
            found++;
            going = visit(&d, context);
        }
    }
    return found;
}

static bool
log_difference(const struct difference *d, void *context)
{
    int *logged = context;

    if ((*logged)++ < LOGGED) {
        struct arena *scratch = arena_new();
        log_error("figure_differs", "area", d->area, "series", d->series, "day", date_iso(scratch, d->day), "cell", d->cell == NULL ? "" : d->cell,
                  "off", db_int(scratch, d->off), NULL);
        arena_free(scratch);
    }
    return true;
}

/* Differences on their way into the database: of days, or of weeks. */
struct pile {
    enum sql statement;
    size_t count;
    const char *areas[WRITTEN_AT_ONCE], *series[WRITTEN_AT_ONCE], *days[WRITTEN_AT_ONCE], *cells[WRITTEN_AT_ONCE], *off[WRITTEN_AT_ONCE];
};

struct mending {
    struct db *db;
    struct arena *scratch; /* of what lies on the piles */
    struct pile days, weeks;
    enum db_status status;
};

static enum db_status
write_pile(struct mending *m, struct pile *pile)
{
    enum db_status status = DB_OK;
    struct arena *a = m->scratch;
    size_t n = pile->count;

    pile->count = 0;
    if (n > 0)
        DB_ONE(m->db, a, NULL, &status, pile->statement, db_array(a, n, pile->areas), db_array(a, n, pile->series), db_array(a, n, pile->days),
               db_array(a, n, pile->cells), db_array(a, n, pile->off));
    return status;
}

static bool
write_piles(struct mending *m)
{
    m->status = write_pile(m, &m->days);
    if (m->status == DB_OK)
        m->status = write_pile(m, &m->weeks);
    arena_reset(m->scratch);
    return m->status == DB_OK;
}

static bool
mend_difference(const struct difference *d, void *context)
{
    struct mending *m = context;
    struct pile *pile = d->cell == NULL ? &m->days : &m->weeks;
    size_t at = pile->count++;

    pile->areas[at] = d->area;
    pile->series[at] = d->series;
    pile->days[at] = date_iso(m->scratch, d->day);
    pile->cells[at] = d->cell == NULL ? "" : d->cell;
    pile->off[at] = db_int(m->scratch, d->off);
    return pile->count < WRITTEN_AT_ONCE || write_piles(m);
}

static enum db_status
mend_all(struct db *db, const struct recount *r, int64_t *found)
{
    struct arena *arena = arena_new();
    struct mending *m = ARENA_NEW(arena, struct mending);

    *m = (struct mending){.db = db, .scratch = arena_new(), .days.statement = SQL_recount_mend_days, .weeks.statement = SQL_recount_mend_weeks};
    *found = differences(r, mend_difference, m);
    if (m->status == DB_OK)
        write_piles(m);
    enum db_status status = m->status;
    arena_free(m->scratch);
    arena_free(arena);
    return status;
}

/* ---- all of it --------------------------------------------------------------------------------------------------------------- */

static enum db_status
load_divisions(struct recount *r, struct db *db)
{
    struct arena *scratch = arena_new();
    struct db_batch *batch = db_batch(db, scratch, NULL);
    unsigned series = DB_ADD(batch, SQL_recount_series), areas = DB_ADD(batch, SQL_recount_areas);
    enum db_status status = db_run(batch);

    if (status == DB_OK) {
        const struct rows *rows = db_rows(batch, series);
        for (size_t i = 0; i < rows_count(rows); i++)
            for (size_t s = 0; s < SERIES_COUNT; s++)
                if (strcmp(series_names[s], rows_text(rows, i, "series")) == 0)
                    r->week_begins[s] = (int)rows_int(rows, i, "week_begins");
        rows = db_rows(batch, areas);
        r->membership_count = rows_count(rows);
        r->memberships = ARENA_ARRAY(r->arena, r->membership_count, struct membership);
        for (size_t i = 0; i < r->membership_count; i++)
            r->memberships[i] = (struct membership){.centre = rows_int(rows, i, "organisation_id"), .area = number_of(r, &r->areas, rows_text(rows, i, "area"))};
        qsort(r->memberships, r->membership_count, sizeof *r->memberships, compare_memberships);
    }
    arena_free(scratch);
    return status;
}

/* Counts, and takes off what is kept: what is left in by_area is what differs. */
static enum db_status
count_all(struct recount *r, struct db *db)
{
    static const struct {
        enum sql statement;
        void (*take)(void *context, const struct db_field *fields);
    } counted[] = {{SQL_recount_cases, take_case}, {SQL_recount_waiting, take_waiting}},
      kept[] = {{SQL_recount_days, take_day}, {SQL_recount_weeks, take_week}};
    enum db_status status = load_divisions(r, db);

    for (size_t i = 0; i < sizeof counted / sizeof *counted && status == DB_OK; i++)
        status = db_copy_out(db, counted[i].statement, counted[i].take, r);
    if (status == DB_OK)
        spread(r);
    for (size_t i = 0; i < sizeof kept / sizeof *kept && status == DB_OK; i++)
        status = db_copy_out(db, kept[i].statement, kept[i].take, r);
    return status == DB_OK && r->failed ? DB_BROKEN : status;
}

struct request {
    bool mend;
    int64_t found;
};

/* In a transaction that sees one moment throughout: who writes meanwhile writes the case and the difference that waits, or neither. */
static enum db_status
recount_in_transaction(struct db *db, void *context)
{
    struct request *request = context;
    struct arena *arena = arena_new();
    struct recount *r = ARENA_NEW(arena, struct recount);
    enum db_status status = db_plain(db, SQL_recount_one_moment);

    *r = (struct recount){.arena = arena, .areas = names_new(arena), .cells = names_new(arena), .by_centre = figure_sums_new(arena),
                          .by_area = figure_sums_new(arena)};
    if (status == DB_OK && request->mend)
        DB_ONE(db, arena, NULL, &status, SQL_recount_turn);
    if (status == DB_OK)
        status = count_all(r, db);
    if (status == DB_OK && request->mend)
        status = mend_all(db, r, &request->found);
    else if (status == DB_OK)
        request->found = differences(r, log_difference, &(int){0});
    arena_free(arena);
    return status;
}

int64_t
recount(struct db *db, bool mend)
{
    struct request request = {.mend = mend};
    struct arena *arena = arena_new();
    enum db_status status = db_transaction(db, arena, NULL, recount_in_transaction, &request);

    arena_free(arena);
    return status == DB_OK ? request.found : -1;
}
