/*
 * data.c - 公表している数値, for everybody: the newest figures with a map of the prefectures; each indicator by area with its drawing, its table
 * and its file. What stands here is an edition (版) as it was released, never the records; so it may be kept by anybody for a minute.
 */
#include "page/data.h"

#include <string.h>

#include "base/text.h"
#include "core/figures.h"
#include "page/figures_page.h"
#include "page/handlers.h"

enum {
    WEEKS_SHOWN = 26,   /* without a choice */
    MOST_DAYS = 400     /* of one page */
};

struct db_batch *
data_batch(struct context *c, unsigned *edition)
{
    struct db_batch *batch = db_batch(c->db, c->arena, NULL);

    DB_ADD(batch, SQL_open_at_once);
    *edition = DB_ADD(batch, SQL_open_edition);
    return batch;
}

date_day
data_through(const struct rows *edition)
{
    return rows_count(edition) == 0 ? date_today() : date_from_iso(rows_text(edition, 0, "through"));
}

const struct rows *
data_areas(struct context *c, date_day *through)
{
    unsigned edition;
    struct db_batch *batch = data_batch(c, &edition);
    unsigned areas = DB_ADD(batch, SQL_open_areas);
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return NULL;
    }
    *through = data_through(db_rows(batch, edition));
    return db_rows(batch, areas);
}

const char *
data_people(const struct rows *areas, const char *code)
{
    for (size_t i = 0; i < rows_count(areas); i++)
        if (text_same(rows_text(areas, i, "code"), code))
            return rows_text(areas, i, "people");
    return NULL;
}

int64_t
data_source(int64_t indicator)
{
    return indicator == 2 ? 1 : indicator;
}

const char *
data_value(struct context *c, const struct figure_indicator *indicator, const struct rows *rows, size_t i, const char *people)
{
    if (indicator->shape != FIGURE_DAILY_PER || rows_text(rows, i, "value") == NULL)
        return rows_text(rows, i, "value");
    return figure_rate(c->arena, rows_int(rows, i, "value"), figure_people_on(people, date_from_iso(rows_text(rows, i, "day"))));
}

const char *
data_begin(struct context *c, const struct rows *edition)
{
    const char *number = rows_count(edition) == 0 ? "0" : rows_text(edition, 0, "edition_id");

    response_header(c->response, "Cache-Control", "public, max-age=60");
    response_header(c->response, "ETag", text_format(c->arena, "\"edition-%s\"", number));
    return number;
}

bool
data_fill_edition(struct context *c, struct view *view, const struct rows *edition)
{
    bool any = rows_count(edition) > 0;

    view_flag(view, "has_edition", any);
    view_text(view, "released", any ? rows_text(edition, 0, "released") : "");
    view_text(view, "through", any ? date_slashed(c->arena, date_from_iso(rows_text(edition, 0, "through"))) : "");
    view_text(view, "edition_path", any ? text_format(c->arena, "/data/edition/%s", rows_text(edition, 0, "edition_id")) : "");
    return any;
}

/* ---- the overview -------------------------------------------------------------------------------------------------- */

/* Where a prefecture stands on the map of tiles, by its code; web/js/map.js draws the other one. */
static const struct {
    int x, y;
} tiles[OPEN_DATA_AREAS] = {
    {0, 0},  {13, 0}, {12, 1}, {12, 2}, {12, 3}, {11, 2}, {11, 3}, {12, 4}, {13, 5}, {12, 5}, {11, 5}, {11, 6}, {13, 6}, {12, 6}, {11, 7}, {11, 4},
    {10, 4}, {9, 4},  {9, 5},  {10, 6}, {10, 5}, {9, 6},  {10, 7}, {9, 7},  {8, 8},  {8, 6},  {7, 6},  {7, 7},  {6, 6},  {8, 7},  {7, 8},  {5, 6},
    {4, 6},  {5, 7},  {4, 7},  {3, 6},  {6, 9},  {5, 9},  {4, 9},  {5, 10}, {2, 7},  {1, 7},  {0, 7},  {1, 8},  {2, 8},  {2, 9},  {1, 9},  {0, 11},
};
enum { TILE = 44 };

/* The shade of a tile: new cases of seven days per 100,000 people, from which number on. */
static const int shades[] = {0, 5, 15, 50, 150};
enum { SHADES = sizeof shades / sizeof *shades };

static int
shade_of(int64_t cases, int64_t people)
{
    int shade = 0;

    for (int i = 1; i < SHADES && people > 0; i++)
        if (cases * FIGURE_PER >= (int64_t)shades[i] * people)
            shade = i;
    return shade;
}

/* 東京 for 東京都: without the last letter, which is 都, 府 or 県 everywhere but in 北海道. */
static const char *
short_name(struct arena *arena, const char *name)
{
    enum { LETTER = 3 }; /* bytes of one in UTF-8 */

    return text_same(name, "北海道") ? name : text_copy_n(arena, name, strlen(name) - LETTER);
}

/* The map, and the same as a table. */
static void
fill_map(struct context *c, struct view *view, const struct rows *areas, const struct rows *latest)
{
    int64_t sums[OPEN_DATA_AREAS] = {0};
    date_day through = DATE_NONE;

    for (size_t i = 0; i < rows_count(latest); i++) {
        int area = open_data_area_find(rows_text(latest, i, "area"));
        if (area <= 0)
            continue;
        sums[area] += rows_int(latest, i, "value");
        through = date_from_iso(rows_text(latest, i, "day"));
    }
    view_list(view, "tiles");
    for (size_t i = 0; i < rows_count(areas); i++) {
        int area = open_data_area_find(rows_text(areas, i, "code"));
        if (area <= 0)
            continue;
        int64_t people = figure_people_on(rows_text(areas, i, "people"), through);
        int shade = shade_of(sums[area], people);
        struct view *row = view_row(view, "tiles");
        view_text(row, "tile_name", rows_text(areas, i, "name"));
        view_text(row, "tile_romaji", rows_text(areas, i, "romaji"));
        view_text(row, "tile_short", short_name(c->arena, rows_text(areas, i, "name")));
        view_int(row, "tile_x", tiles[area].x * TILE);
        view_int(row, "tile_y", tiles[area].y * TILE);
        view_int(row, "tile_text_x", tiles[area].x * TILE + TILE / 2);
        view_int(row, "tile_name_y", tiles[area].y * TILE + 18);
        view_int(row, "tile_number_y", tiles[area].y * TILE + 34);
        view_format(row, "tile_class", "tile shade-%d", shade);
        view_int(row, "tile_shade", shade);
        view_int(row, "tile_cases", sums[area]);
        view_text(row, "tile_rate", figure_rate(c->arena, sums[area], people));
        view_format(row, "tile_path", "/data/indicator/1?area=%s", rows_text(areas, i, "code"));
    }
    view_list(view, "shades");
    for (int i = 0; i < SHADES; i++) {
        struct view *row = view_row(view, "shades");
        view_format(row, "shade_class", "tile shade-%d", i);
        view_int(row, "shade_x", i * 90);
        view_int(row, "shade_text_x", i * 90 + 24);
        view_format(row, "shade_label", "%d人～", shades[i]);
    }
}

static const char *
newest_of(struct context *c, const struct rows *latest, int indicator)
{
    struct buf text = buf_new(c->arena);
    static const struct {
        const char *cell, *label;
    } parts[] = {{"care", "要する者 "}, {"released", "退院・解除 "}, {"confirming", "確認中 "}};

    for (size_t i = 0; i < rows_count(latest); i++) {
        if (rows_int(latest, i, "indicator") != indicator || !text_same(rows_text(latest, i, "area"), "00"))
            continue;
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            if (text_same(parts[k].cell, rows_text(latest, i, "cell")))
                buf_printf(&text, "%s%s", text.size > 0 ? "、" : "", parts[k].label);
        buf_printf(&text, "%s人", rows_text(latest, i, "value") == NULL ? "＊" : rows_text(latest, i, "value"));
    }
    return buf_text(&text);
}

static void
fill_indicators(struct context *c, struct view *view, const struct rows *latest)
{
    view_list(view, "indicators");
    for (int number = 1; number <= FIGURE_INDICATORS; number++) {
        const struct figure_indicator *indicator = figure_find(number);
        struct view *row = view_row(view, "indicators");
        view_text(row, "indicator_sign", figure_sign(c->arena, number));
        view_text(row, "indicator_name", indicator->name);
        view_format(row, "indicator_path", "/data/indicator/%d", number);
        view_text(row, "indicator_newest", newest_of(c, latest, number));
        view_format(row, "wide_path", "/data/file/%s", open_data_files[number - 1].name);
        view_format(row, "long_path", "/data/long/%s", open_data_files[number - 1].name);
        view_text(row, "file_name", open_data_files[number - 1].name);
    }
}

void
data_show(struct context *c)
{
    unsigned edition;
    struct db_batch *batch = data_batch(c, &edition);
    unsigned areas = DB_ADD(batch, SQL_open_areas);
    unsigned latest = DB_ADD(batch, SQL_open_latest);
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "公表している数値");
    data_begin(c, db_rows(batch, edition));
    fill_indicators(c, view, db_rows(batch, latest));
    data_extra_fill(c, view);
    if (data_fill_edition(c, view, db_rows(batch, edition)))
        fill_map(c, view, db_rows(batch, areas), db_rows(batch, latest));
    page_send(c, TEMPLATE_data, view);
}

/* ---- one indicator ------------------------------------------------------------------------------------------------- */

/* What the address asks for. */
struct asked {
    int number;
    const struct figure_indicator *indicator;
    const char *area;
    date_day from, to;
};

/* False, and answered, when it is no indicator. */
static bool
read_indicator(struct context *c, struct asked *asked)
{
    int64_t number;

    if (text_to_int(path_part(c, 2), 1, FIGURE_INDICATORS, &number) != 0) {
        page_not_found(c);
        return false;
    }
    asked->number = (int)number;
    asked->indicator = figure_find(number);
    asked->area = request_query(c->request, "area");
    if (open_data_area_find(asked->area) < 0)
        asked->area = "00";
    return true;
}

void
data_period(struct context *c, date_day through, date_day shown, date_day *from, date_day *to)
{
    *to = date_from_iso(request_query(c->request, "to"));
    *from = date_from_iso(request_query(c->request, "from"));
    if (*to == DATE_NONE)
        *to = through;
    if (*from == DATE_NONE || *from > *to)
        *from = *to - shown;
    if (*to - *from > MOST_DAYS)
        *from = *to - MOST_DAYS;
}

void
data_fill_areas(struct view *view, const struct rows *areas, const char *area)
{
    view_list(view, "areas");
    for (size_t i = 0; i < rows_count(areas); i++) {
        struct view *row = view_row(view, "areas");
        bool chosen = text_same(rows_text(areas, i, "code"), area);
        view_text(row, "area_code", rows_text(areas, i, "code"));
        view_text(row, "area_name", rows_text(areas, i, "name"));
        view_flag(row, "is_chosen", chosen);
        if (chosen)
            view_text(view, "area_label", rows_text(areas, i, "name"));
    }
}

static size_t
fill_columns(struct context *c, struct view *view, const struct asked *asked)
{
    static const char *const care[] = {"入院治療等を要する者", "退院・療養解除", "確認中"};
    size_t count = 0;

    view_list(view, "columns");
    view_flag(view, "by_age", asked->indicator->shape == FIGURE_WEEKLY || asked->indicator->shape == FIGURE_WEEKLY_LEVEL);
    if (asked->indicator->shape == FIGURE_WEEKLY_PLACES)
        for (; count < FIGURE_PLACES; count++)
            view_text(view_row(view, "columns"), "column", figure_places[count].label);
    else if (figure_is_weekly(asked->indicator))
        for (; count < FIGURE_CELLS; count++)
            view_text(view_row(view, "columns"), "column", figure_cell_label(c->arena, figure_cell(count)) + strlen("男 "));
    else if (asked->number == 10)
        for (; count < sizeof care / sizeof *care; count++)
            view_text(view_row(view, "columns"), "column", care[count]);
    else
        view_text(view_row(view, "columns"), "column", asked->number == 2 ? "人口10万人当たり" : "人数");
    return count == 0 ? 1 : count;
}

/* A correction: what the figure was first. */
static void
fill_first(struct context *c, struct view *cell, const struct rows *rows, size_t i)
{
    const char *first = rows_text(rows, i, "first_value"), *value = rows_text(rows, i, "value");

    view_text(cell, "first", !rows_bool(rows, i, "corrected") || text_same(first, value)
                                 ? ""
                                 : text_format(c->arena, "はじめ %s", first == NULL ? "＊" : first));
}

/* What stands beside ① and ②: the mean of the seven days up to row `i` of one area, or their sum per 100,000; "" where not all seven are there. */
static const char *
of_seven_days(struct context *c, const struct asked *asked, const struct rows *rows, size_t i, const char *people)
{
    date_day day = date_from_iso(rows_text(rows, i, "day"));

    if (i + 1 < FIGURE_SEVEN_DAYS || date_from_iso(rows_text(rows, i + 1 - FIGURE_SEVEN_DAYS, "day")) != day + 1 - FIGURE_SEVEN_DAYS)
        return "";
    int64_t sum = figure_of_seven_days(rows, "value", i);
    if (asked->indicator->shape != FIGURE_DAILY_PER)
        return figure_average(c->arena, sum);
    return figure_rate(c->arena, sum, figure_people_on(people, day));
}

/* The table, the newest first. `rows` of one area, in the order of the days. */
static void
fill_table(struct context *c, struct view *view, const struct asked *asked, const struct rows *rows, const char *people, size_t columns)
{
    bool per = asked->indicator->shape == FIGURE_DAILY_PER, seven = per || asked->indicator->shape == FIGURE_DAILY;

    view_text(view, "seven_label", !seven ? "" : per ? "直近7日間" : "7日間の平均");
    view_list(view, "days");
    for (size_t end = rows_count(rows); end > 0;) {
        const char *iso = rows_text(rows, end - 1, "day");
        date_day day = date_from_iso(iso);
        size_t begin = end;
        while (begin > 0 && text_same(rows_text(rows, begin - 1, "day"), iso))
            begin--;
        struct view *row = view_row(view, "days"), *cells[OPEN_DATA_COLUMNS];
        view_text(row, "day", iso);
        view_text(row, "day_label", figure_is_weekly(asked->indicator) ? figure_week_text(c->arena, day) : date_slashed(c->arena, day));
        for (size_t k = 0; k < columns; k++) {
            cells[k] = view_row(row, "cells");
            view_text(cells[k], "number", "");
            view_text(cells[k], "shown", "");
        }
        for (size_t i = begin; i < end; i++) {
            int column = open_data_column(asked->indicator, rows_text(rows, i, "cell"));
            if (column < 0)
                continue;
            const char *value = data_value(c, asked->indicator, rows, i, people);
            view_text(cells[column], "number", value);
            view_text(cells[column], "shown", value == NULL ? "＊" : value);
            if (!per)
                fill_first(c, cells[column], rows, i);
        }
        view_text(row, "seven", seven ? of_seven_days(c, asked, rows, begin, people) : "");
        end = begin;
        if (day <= asked->from)
            break;
    }
}

void
data_indicator_show(struct context *c)
{
    struct asked asked;
    date_day through;
    unsigned edition;

    if (!read_indicator(c, &asked))
        return;
    const struct rows *areas = data_areas(c, &through);
    if (areas == NULL)
        return;
    data_period(c, through, figure_is_weekly(asked.indicator) ? WEEKS_SHOWN * 7 : DATA_DAYS_SHOWN, &asked.from, &asked.to);
    /* What stands beside a day looks back a week. */
    struct db_batch *batch = data_batch(c, &edition);
    unsigned found = DB_ADD(batch, SQL_open_area, db_int(c->arena, data_source(asked.number)), asked.area,
                            date_iso(c->arena, asked.from - (figure_is_weekly(asked.indicator) ? 0 : FIGURE_SEVEN_DAYS - 1)),
                            date_iso(c->arena, asked.to));
    unsigned people = DB_ADD(batch, SQL_figures_people, asked.area);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, asked.indicator->name);
    const struct open_data_file *file = &open_data_files[asked.number - 1];
    data_begin(c, db_rows(batch, edition));
    data_fill_edition(c, view, db_rows(batch, edition));
    data_fill_areas(view, areas, asked.area);
    view_text(view, "definition", asked.indicator->definition);
    figures_fill_people(view, asked.indicator->shape == FIGURE_DAILY_PER ? db_rows(batch, people) : NULL);
    view_format(view, "here_path", "/data/indicator/%d", asked.number);
    view_text(view, "from", date_iso(c->arena, asked.from));
    view_text(view, "to", date_iso(c->arena, asked.to));
    view_format(view, "wide_path", "/data/file/%s", file->name);
    view_format(view, "long_path", "/data/long/%s", file->name);
    view_format(view, "json_path", "/data/api/%d?area=%s", asked.number, asked.area);
    view_flag(view, "is_weekly", figure_is_weekly(asked.indicator));
    fill_table(c, view, &asked, db_rows(batch, found), data_people(areas, asked.area), fill_columns(c, view, &asked));
    page_send(c, TEMPLATE_data_indicator, view);
}
