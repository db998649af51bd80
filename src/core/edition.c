/* edition.c - see edition.h. The tables by sex and age go through core/disclose.h; the totals are written as they are, in the database. */
#include "core/edition.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/disclose.h"
#include "core/figures.h"

enum { WRITTEN_AT_ONCE = 4800, COLUMNS_MOST = 7 };

/* A series whose tables by sex and age are published: of each week, and until the end of each week (0: they are not). */
static const struct family {
    const char *series, *label, *column; /* of app.figure_weekly, what a week's table holds */
    enum disclose_kind kind;
    int weekly, sums; /* indicators */
} families[] = {
    {"new", "陽性者数", "count", DISCLOSE_BOTH, 3, 4},
    {"severe", "重症者数", "level", DISCLOSE_LEVEL, 7, 0},
    {"death", "死亡者数", "count", DISCLOSE_CUMULATIVE, 0, 9},
};
enum { FAMILIES = sizeof families / sizeof *families };

struct making {
    struct edition *edition;
    struct arena *arena;
    date_day first; /* that counts anybody */
    enum edition_outcome outcome;
};

/* A family while its tables are made. */
struct tables {
    const struct family *family;
    date_day week;            /* the first day of the first week */
    bool weeks_moved;         /* what is published has weeks that begin on another day than those that are counted now */
    size_t published;         /* weeks that are published already */
    struct disclose_series series;
    struct disclose_week *fresh, *before; /* the figures as they stand; what the editions before had behind them, and owe */
};

/* ---- reading --------------------------------------------------------------------------------------------------------- */

/* The week and the cell of a row that names area, week and cell; NULL when the tables have no such place. */
static struct disclose_week *
place_of(const struct tables *tables, struct disclose_week *weeks, const struct rows *rows, size_t i, size_t *area, size_t *cell)
{
    date_day day = date_from_iso(rows_text(rows, i, "week"));
    int found = figure_cell_find(rows_text(rows, i, "cell"));
    int64_t code = 0;

    if (text_to_int(rows_text(rows, i, "area"), 0, DISCLOSE_AREAS - 1, &code) != 0 || found < 0 || day < tables->week)
        return NULL;
    size_t week = (size_t)(day - tables->week) / 7;
    *area = (size_t)code;
    *cell = (size_t)found;
    return week < tables->series.count ? &weeks[week] : NULL;
}

static void
read_values(const struct tables *tables, const struct rows *rows, const char *column, struct disclose_week *weeks)
{
    size_t area, cell;

    for (size_t i = 0; i < rows_count(rows); i++) {
        struct disclose_week *week = place_of(tables, weeks, rows, i, &area, &cell);
        if (week != NULL)
            week->value[area][cell] = rows_int(rows, i, column);
    }
    for (size_t w = 0; w < tables->series.count; w++)
        disclose_add_up(&weeks[w]);
}

/* The least that any edition had behind a number, and what is owed to it. */
static void
read_owed(const struct tables *tables, const struct rows *rows, struct disclose_week *weeks)
{
    size_t area, cell;

    for (size_t i = 0; i < rows_count(rows); i++) {
        struct disclose_week *week = place_of(tables, weeks, rows, i, &area, &cell);
        if (week == NULL)
            continue;
        week->least[area][cell] = rows_int(rows, i, "least");
        week->owed[area][cell] = (uint8_t)rows_int(rows, i, "owed");
        week->owed_sum[area][cell] = (uint8_t)rows_int(rows, i, "owed_sum");
    }
}

/* What the published weeks hide: of the indicator of the weeks, and of that of the sums. */
static void
read_hidden(struct tables *tables, const struct rows *weekly, const struct rows *sums)
{
    struct disclose_week *weeks = tables->series.weeks, *week;
    size_t area, cell;

    for (size_t w = 0; w < tables->published; w++)
        memset(weeks[w].shown, tables->family->sums != 0, sizeof weeks[w].shown);
    for (size_t i = 0; i < rows_count(sums); i++)
        if ((week = place_of(tables, weeks, sums, i, &area, &cell)) != NULL)
            week->shown[area][cell] = false;
    for (size_t i = 0; i < rows_count(weekly); i++)
        if ((week = place_of(tables, weeks, weekly, i, &area, &cell)) != NULL)
            week->hidden[area][cell] = true;
    for (size_t w = 0; w < tables->published && tables->family->kind == DISCLOSE_CUMULATIVE; w++)
        for (size_t a = 0; a < DISCLOSE_AREAS; a++)
            for (size_t c = 0; c < DISCLOSE_CELLS; c++)
                weeks[w].hidden[a][c] = !weeks[w].shown[a][c] || (w > 0 && !weeks[w - 1].shown[a][c]);
}

static enum db_status
load(struct db *db, const struct making *making, struct tables *tables)
{
    const struct family *family = tables->family;
    struct arena *arena = making->arena;
    enum db_status status;
    const struct rows *extent =
        DB_ONE(db, arena, NULL, &status, SQL_edition_weeks, family->series, db_int(arena, family->weekly != 0 ? family->weekly : family->sums),
               date_iso(arena, making->first));

    if (extent == NULL)
        return status;
    date_day last = date_from_iso(rows_text(extent, 0, "published"));
    tables->week = date_from_iso(rows_text(extent, 0, "first"));
    tables->weeks_moved = rows_bool(extent, 0, "weeks_moved");
    tables->published = last == DATE_NONE ? 0 : (size_t)(last - tables->week) / 7 + 1;
    size_t count = making->edition->through + 1 < tables->week ? 0 : (size_t)(making->edition->through + 1 - tables->week) / 7;
    tables->series = (struct disclose_series){.kind = family->kind, .count = count, .phase = (size_t)tables->week / 7 % DISCLOSE_PERIOD,
                                              .weeks = ARENA_ARRAY(arena, count, struct disclose_week)};
    tables->fresh = ARENA_ARRAY(arena, count, struct disclose_week);
    tables->before = ARENA_ARRAY(arena, count, struct disclose_week);

    struct db_batch *batch = db_batch(db, arena, NULL);
    unsigned figures = DB_ADD(batch, SQL_edition_figures, family->series, date_iso(arena, tables->week),
                              date_iso(arena, tables->week + 7 * (date_day)(count > 0 ? count - 1 : 0)));
    unsigned base = DB_ADD(batch, SQL_edition_base, family->series);
    unsigned weekly = DB_ADD(batch, SQL_edition_hidden, db_int(arena, family->weekly));
    unsigned sums = DB_ADD(batch, SQL_edition_hidden, db_int(arena, family->sums));
    status = db_run(batch);
    if (status != DB_OK)
        return status;
    read_values(tables, db_rows(batch, figures), family->column, tables->fresh);
    read_owed(tables, db_rows(batch, base), tables->before);
    read_values(tables, db_rows(batch, base), "value", tables->before);
    for (size_t w = 0; w < count; w++)
        tables->series.weeks[w] = (w < tables->published ? tables->before : tables->fresh)[w];
    read_hidden(tables, db_rows(batch, weekly), db_rows(batch, sums));
    return DB_OK;
}

/* ---- protecting ------------------------------------------------------------------------------------------------------ */

static const char *
area_name(struct db *db, struct arena *arena, size_t area)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_edition_area_name, text_format(arena, "%02zu", area));

    return rows == NULL || rows_count(rows) == 0 ? "全国" : rows_text(rows, 0, "name");
}

/* "陽性者数の性別・年代別の表で、… 最初は令和3年5月12日からの週、愛知県、男 10代です。" */
static const char *
reason_of(struct db *db, struct arena *arena, const struct tables *tables, size_t found, const struct disclose_leak *leak)
{
    return text_format(arena,
                       "%sの性別・年代別の表で、隠した人数が%zu件、ほかの数字から%lld人から%lld人までに絞れます。最初は%sからの週、%s、%sです。",
                       tables->family->label, found, (long long)leak->least, (long long)leak->most,
                       date_japanese(arena, tables->week + 7 * (date_day)leak->week), area_name(db, arena, leak->area),
                       figure_cell_label(arena, figure_cell(leak->cell)));
}

static const char *
weekday_name(date_day day)
{
    static const char *const names[] = {"日曜日", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日"};

    return names[date_weekday(day)];
}

/* Corrects the weeks that are published, settles the new ones; false with a reason when it may not be. */
static bool
protect(struct db *db, struct making *making, struct tables *tables)
{
    struct disclose_leak leaks[DISCLOSE_LEAKS];
    size_t withheld, found;

    if (tables->weeks_moved) { /* two divisions of the same days tell their differences, which no audit of one looks at */
        making->edition->reason = text_format(making->arena, "%sの公表した表の週は%sから始まります。今の設定（週の始まりの曜日）ではその続きを作れません。",
                                              tables->family->label, weekday_name(tables->week));
        return false;
    }
    found = disclose_correct(making->arena, &tables->series, tables->fresh, tables->published, &withheld, leaks);

    making->edition->withheld += (int64_t)withheld;
    if (found == 0)
        found = disclose_settle(&tables->series, tables->published, leaks);
    if (found > 0)
        making->edition->reason = reason_of(db, making->arena, tables, found, &leaks[0]);
    return found == 0;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

/* Numbers on their way into the database, as the arrays of a statement. */
struct writer {
    struct db *db;
    struct arena *arena; /* emptied with each lot */
    struct edition *edition;
    enum sql statement;
    const char *head[2]; /* the first parameters; NULL behind the last */
    size_t width, count; /* columns, rows */
    const char *columns[COLUMNS_MOST][WRITTEN_AT_ONCE];
    enum db_status status;
};

static void
flush(struct writer *writer)
{
    const char *parameters[2 + COLUMNS_MOST];
    size_t count = 0;

    for (size_t i = 0; i < 2 && writer->head[i] != NULL; i++)
        parameters[count++] = writer->head[i];
    for (size_t i = 0; i < writer->width; i++)
        parameters[count++] = db_array(writer->arena, writer->count, writer->columns[i]);
    if (writer->status == DB_OK && writer->count > 0) {
        const struct rows *rows =
            db_one_array(writer->db, writer->arena, NULL, &writer->status, writer->statement, count, parameters);
        if (rows != NULL && rows_count(rows) > 0)
            writer->edition->moved += rows_int(rows, 0, "moved");
    }
    writer->count = 0;
    arena_reset(writer->arena);
}

/* Area, week and cell, and as many numbers as the statement has columns left; NULL: hidden. */
static void
put(struct writer *writer, size_t area, date_day day, size_t cell, const int64_t numbers[])
{
    size_t at = writer->count++;

    writer->columns[0][at] = text_format(writer->arena, "%02zu", area);
    writer->columns[1][at] = date_iso(writer->arena, day);
    writer->columns[2][at] = figure_cell(cell);
    for (size_t i = 3; i < writer->width; i++)
        writer->columns[i][at] = numbers == NULL ? "" : db_int(writer->arena, numbers[i - 3]);
    if (writer->count == WRITTEN_AT_ONCE)
        flush(writer);
}

/* The numbers of one indicator that are new or have moved: of the weeks, or of the sums until their ends. */
static void
write_indicator(struct writer *writer, const struct tables *tables, bool sums)
{
    int64_t now[DISCLOSE_AREAS][DISCLOSE_CELLS] = {0}, then[DISCLOSE_AREAS][DISCLOSE_CELLS] = {0};

    for (size_t w = 0; w < tables->series.count; w++)
        for (size_t a = 0; a < DISCLOSE_AREAS; a++)
            for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
                const struct disclose_week *week = &tables->series.weeks[w];
                bool hidden = sums ? !week->shown[a][c] : week->hidden[a][c];
                now[a][c] = week->value[a][c] + (sums ? now[a][c] : 0);
                then[a][c] = tables->before[w].value[a][c] + (sums ? then[a][c] : 0);
                if (w < tables->published && (hidden || now[a][c] == then[a][c]))
                    continue;
                writer->edition->hidden += hidden;
                put(writer, a, tables->week + 7 * (date_day)w, c, hidden ? NULL : &now[a][c]);
            }
    flush(writer);
}

/* What the next edition begins with. */
static void
write_base(struct writer *writer, const struct tables *tables)
{
    for (size_t w = 0; w < tables->series.count; w++)
        for (size_t a = 0; a < DISCLOSE_AREAS; a++)
            for (size_t c = 0; c < DISCLOSE_CELLS; c++) {
                const struct disclose_week *now = &tables->series.weeks[w], *then = &tables->before[w];
                const int64_t numbers[][2] = {{now->value[a][c], then->value[a][c]},
                                              {now->least[a][c], then->least[a][c]},
                                              {now->owed[a][c], then->owed[a][c]},
                                              {now->owed_sum[a][c], then->owed_sum[a][c]}};
                bool same = true;
                for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
                    same = same && numbers[i][0] == numbers[i][1];
                if (!same)
                    put(writer, a, tables->week + 7 * (date_day)w, c,
                        (const int64_t[]){numbers[0][0], numbers[1][0], numbers[2][0], numbers[3][0]});
            }
    flush(writer);
}

static enum db_status
write_tables(struct db *db, const struct making *making, const struct tables tables[FAMILIES])
{
    struct writer *writer = ARENA_NEW(making->arena, struct writer);
    const char *number = db_int(making->arena, making->edition->number);

    *writer = (struct writer){.db = db, .arena = arena_new(), .edition = making->edition};
    for (size_t i = 0; i < FAMILIES; i++) {
        const int indicators[] = {tables[i].family->weekly, tables[i].family->sums};
        for (size_t k = 0; k < 2; k++) {
            writer->statement = SQL_edition_cells;
            writer->width = 4;
            writer->head[0] = number;
            writer->head[1] = db_int(making->arena, indicators[k]);
            if (indicators[k] != 0)
                write_indicator(writer, &tables[i], k == 1);
        }
        writer->statement = SQL_edition_keep;
        writer->width = 7;
        writer->head[0] = tables[i].family->series;
        writer->head[1] = NULL;
        write_base(writer, &tables[i]);
    }
    arena_free(writer->arena);
    return writer->status;
}

/* Adds what writes the totals: of all days, but of the rows that wait as they were published, so that they do not tell what waits. */
static unsigned
add_totals(struct db_batch *batch, struct arena *arena, const char *number, const char *through, const struct tables tables[FAMILIES])
{
    enum { SERIES, AREA, WEEK, COLUMNS };
    const char **columns[COLUMNS] = {NULL};
    size_t count = 0, capacity[COLUMNS] = {0};

    for (size_t i = 0; i < FAMILIES; i++)
        for (size_t w = 0; w < tables[i].published; w++)
            for (size_t a = 1; a < DISCLOSE_AREAS; a++) {
                if (!disclose_waits(&tables[i].series.weeks[w], &tables[i].fresh[w], a))
                    continue;
                for (size_t k = 0; k < COLUMNS; k++)
                    columns[k] = arena_grown(arena, columns[k], count, &capacity[k], sizeof *columns[k]);
                columns[SERIES][count] = tables[i].family->series;
                columns[AREA][count] = text_format(arena, "%02zu", a);
                columns[WEEK][count++] = date_iso(arena, tables[i].week + 7 * (date_day)w);
            }
    return DB_ADD(batch, SQL_edition_totals, number, through, db_array(arena, count, columns[SERIES]),
                  db_array(arena, count, columns[AREA]), db_array(arena, count, columns[WEEK]));
}

/* The columns of indicator 11 and the kinds of place that each names, as pairs. */
static void
list_places(struct arena *arena, const char **places, const char **kinds)
{
    const char *place[FIGURE_PLACES * FIGURE_PLACE_KINDS], *kind[FIGURE_PLACES * FIGURE_PLACE_KINDS];
    size_t count = 0;

    for (size_t i = 0; i < FIGURE_PLACES; i++)
        for (size_t k = 0; k < FIGURE_PLACE_KINDS && figure_places[i].kinds[k] != NULL; k++) {
            place[count] = db_int(arena, (int64_t)i);
            kind[count++] = figure_places[i].kinds[k];
        }
    *places = db_array(arena, count, place);
    *kinds = db_array(arena, count, kind);
}

static enum db_status
release(struct db *db, struct making *making, const struct tables tables[FAMILIES])
{
    struct edition *edition = making->edition;
    struct arena *arena = making->arena;
    const char *through = date_iso(arena, edition->through), *places, *kinds;
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_edition_released, through,
                                     db_int(arena, edition->withheld));

    if (rows == NULL)
        return status;
    edition->number = rows_int(rows, 0, "edition_id");
    const char *number = db_int(arena, edition->number);
    struct db_batch *batch = db_batch(db, arena, NULL);
    list_places(arena, &places, &kinds);
    unsigned totals = add_totals(batch, arena, number, through, tables);
    unsigned clusters = DB_ADD(batch, SQL_edition_places, number, through, db_int(arena, FIGURE_PLACES), places, kinds);
    status = db_run(batch);
    if (status != DB_OK)
        return status;
    edition->moved += rows_int(db_rows(batch, totals), 0, "moved") + rows_int(db_rows(batch, clusters), 0, "moved");
    status = write_tables(db, making, tables);
    if (status == DB_OK)
        DB_ONE(db, arena, NULL, &status, SQL_edition_count, number);
    return status;
}

/* ---- the transaction ------------------------------------------------------------------------------------------------- */

/* Sets the days; false with the outcome when there is nothing to publish. */
static bool
find_days(struct making *making, const struct rows *extent)
{
    struct edition *edition = making->edition;
    date_day published = date_from_iso(rows_text(extent, 0, "published"));

    making->first = date_from_iso(rows_text(extent, 0, "first"));
    edition->through = date_from_iso(rows_text(extent, 0, "through"));
    if (making->first == DATE_NONE || making->first > edition->through)
        making->outcome = EDITION_NOTHING;
    else if (published != DATE_NONE && edition->through < published)
        making->outcome = EDITION_BACKWARDS;
    else if (edition->through >= date_today())
        making->outcome = EDITION_TOO_SOON;
    else
        return true;
    return false;
}

/* Another edition is being made: nobody may see two that know nothing of each other. */
static enum db_status
give_up_turn(struct making *making)
{
    making->outcome = EDITION_FAILED;
    log_error("edition_turn_lost", NULL);
    return DB_REFUSED;
}

/* All of an edition. What is not released ends as DB_REFUSED, so that nothing of it stays. */
static enum db_status
make(struct db *db, void *context)
{
    struct making *making = context;
    struct edition *edition = making->edition;
    struct arena *arena = making->arena;
    struct tables tables[FAMILIES] = {0};

    edition->moved = edition->hidden = edition->withheld = 0;
    edition->reason = NULL;
    struct db_batch *batch = db_batch(db, arena, NULL);
    DB_ADD(batch, SQL_edition_isolation);
    unsigned turn = DB_ADD(batch, SQL_edition_turn_kept);
    unsigned extent = DB_ADD(batch, SQL_edition_extent, edition->through == DATE_NONE ? "" : date_iso(arena, edition->through));
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        return status;
    if (!rows_bool(db_rows(batch, turn), 0, "kept"))
        return give_up_turn(making);
    if (!find_days(making, db_rows(batch, extent)))
        return DB_REFUSED;
    for (size_t i = 0; i < FAMILIES; i++) {
        tables[i].family = &families[i];
        status = load(db, making, &tables[i]);
        if (status != DB_OK)
            return status;
        if (!protect(db, making, &tables[i])) {
            making->outcome = EDITION_HELD_BACK;
            return DB_REFUSED;
        }
    }
    status = release(db, making, tables);
    if (status != DB_OK)
        return status;
    making->outcome = edition->try_only ? EDITION_TRIED : EDITION_RELEASED;
    return edition->try_only ? DB_REFUSED : DB_OK;
}

enum edition_outcome
edition_make(struct db *db, struct arena *arena, struct edition *edition)
{
    struct making making = {.edition = edition, .arena = arena, .outcome = EDITION_FAILED};
    enum db_status status, over;

    if (DB_ONE(db, arena, NULL, &status, SQL_edition_turn) == NULL)
        return EDITION_FAILED;
    status = db_transaction(db, arena, NULL, make, &making);
    DB_ONE(db, arena, NULL, &over, SQL_edition_turn_over);
    if (making.outcome == EDITION_RELEASED && status != DB_OK)
        return EDITION_FAILED;
    if (making.outcome != EDITION_HELD_BACK || edition->try_only)
        return making.outcome;
    const struct rows *rows =
        DB_ONE(db, arena, NULL, &status, SQL_edition_held, date_iso(arena, edition->through), edition->reason);
    if (rows == NULL)
        return EDITION_FAILED;
    edition->number = rows_int(rows, 0, "edition_id");
    log_error("edition_held_back", "edition", db_int(arena, edition->number), NULL);
    return EDITION_HELD_BACK;
}
