/* data_files.c - オープンデータ: the ministry's files, wide and long; the same as JSON; and the corrections as an Atom feed. */
#include <string.h>

#include "base/text.h"
#include "core/figures.h"
#include "page/data.h"
#include "page/handlers.h"

enum {
    DAYS_AT_ONCE = 200,   /* of a file, in one statement: a week has 960 cells */
    API_MOST_DAYS = 400
};

/* ---- files --------------------------------------------------------------------------------------------------------- */

/* The columns of the files out of open_areas. False when the prefectures are not all there. */
static bool
read_areas(const struct rows *rows, struct open_data_area areas[OPEN_DATA_AREAS])
{
    memset(areas, 0, OPEN_DATA_AREAS * sizeof *areas);
    for (size_t i = 0; i < rows_count(rows); i++) {
        int area = open_data_area_find(rows_text(rows, i, "code"));
        if (area >= 0)
            areas[area] = (struct open_data_area){rows_text(rows, i, "romaji"), rows_text(rows, i, "people")};
    }
    for (size_t i = 0; i < OPEN_DATA_AREAS; i++)
        if (areas[i].name == NULL)
            return false;
    return true;
}

/* Adds all days of the file, some at a time. */
static enum db_status
add_days(struct context *c, struct open_data *data, const char *indicator, const struct rows *span)
{
    date_day first = date_from_iso(rows_text(span, 0, "first")), last = date_from_iso(rows_text(span, 0, "last"));
    enum db_status status = DB_OK;

    for (date_day day = first; first != DATE_NONE && day <= last && status == DB_OK; day += DAYS_AT_ONCE) {
        const struct rows *rows = DB_ONE(c->db, c->arena, NULL, &status, SQL_open_days, indicator, date_iso(c->arena, day),
                                         date_iso(c->arena, day + DAYS_AT_ONCE - 1));
        if (rows != NULL)
            open_data_add(data, rows);
    }
    return status;
}

static void
send_file(struct context *c, enum open_data_layout layout)
{
    const struct open_data_file *file = open_data_find(path_part(c, 2));
    struct open_data_area areas[OPEN_DATA_AREAS];
    struct buf out = buf_new(c->arena);

    if (file == NULL) {
        page_not_found(c);
        return;
    }
    const char *indicator = db_int(c->arena, file->indicator == 2 ? 1 : file->indicator);
    struct db_batch *batch = db_batch(c->db, c->arena, NULL);
    unsigned edition = DB_ADD(batch, SQL_open_edition);
    unsigned all = DB_ADD(batch, SQL_open_areas);
    unsigned span = DB_ADD(batch, SQL_open_span, indicator);
    enum db_status status = db_run(batch);
    if (status == DB_OK && read_areas(db_rows(batch, all), areas)) {
        struct open_data *data = open_data_begin(&out, file, layout, areas);
        status = add_days(c, data, indicator, db_rows(batch, span));
    }
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    data_begin(c, db_rows(batch, edition));
    response_file(c->response, "text/csv; charset=utf-8", file->name, true, out.data, out.size);
}

void
data_file_show(struct context *c)
{
    send_file(c, OPEN_DATA_WIDE);
}

void
data_long_show(struct context *c)
{
    send_file(c, OPEN_DATA_LONG);
}

/* ---- JSON ---------------------------------------------------------------------------------------------------------- */

static void
add_member(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "%s\"%s\":", out->data[out->size - 1] == '{' ? "" : ",", name);
    buf_add_json(out, value);
}

/* The period that is asked for; false, and answered, when it cannot be read. */
static bool
read_period(struct context *c, date_day *from, date_day *to)
{
    const char *asked_from = request_query(c->request, "from"), *asked_to = request_query(c->request, "to");

    *to = asked_to[0] == '\0' ? date_today() : date_from_iso(asked_to);
    *from = asked_from[0] == '\0' && *to != DATE_NONE ? *to - 60 : date_from_iso(asked_from);
    if (*to != DATE_NONE && *from != DATE_NONE && *from <= *to && *to - *from <= API_MOST_DAYS)
        return true;
    response_json(c->response, 400);
    buf_add_text(&c->response->body, "{\"error\":\"from and to are dates as 2022-08-19, at most 400 days apart\"}");
    return false;
}

void
data_api_show(struct context *c)
{
    const char *area = request_query(c->request, "area");
    int64_t number = 0;
    date_day from, to;

    if (text_to_int(path_part(c, 2), 1, FIGURE_INDICATORS, &number) != 0 || number == 2) {
        response_json(c->response, 404);
        buf_add_text(&c->response->body, "{\"error\":\"indicators are 1 and 3 to 11; 2 is reckoned from 1\"}");
        return;
    }
    if (!read_period(c, &from, &to))
        return;
    struct db_batch *batch = db_batch(c->db, c->arena, NULL);
    unsigned edition = DB_ADD(batch, SQL_open_edition);
    unsigned found = DB_ADD(batch, SQL_open_area, db_int(c->arena, number), open_data_area_find(area) < 0 ? "00" : area,
                            date_iso(c->arena, from), date_iso(c->arena, to));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, found), *newest = db_rows(batch, edition);
    struct buf *out = &c->response->body;
    response_json(c->response, 200);
    data_begin(c, newest);
    buf_add_char(out, '{');
    add_member(out, "indicator", figure_find(number)->name);
    add_member(out, "definition", figure_find(number)->definition);
    add_member(out, "area", open_data_area_find(area) < 0 ? "00" : area);
    add_member(out, "released", rows_count(newest) == 0 ? "" : rows_text(newest, 0, "released_utc"));
    buf_add_text(out, ",\"values\":[");
    for (size_t i = 0; i < rows_count(rows); i++) {
        buf_add_text(out, i == 0 ? "{" : ",{");
        add_member(out, "day", rows_text(rows, i, "day"));
        add_member(out, "cell", rows_text(rows, i, "cell"));
        const char *value = rows_text(rows, i, "value");
        buf_printf(out, ",\"value\":%s}", value == NULL ? "null" : value);
    }
    buf_add_text(out, "]}");
}

/* ---- corrections --------------------------------------------------------------------------------------------------- */

static void
fill_correction(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    const char *value = rows_text(rows, i, "value"), *before = rows_text(rows, i, "before");

    view_text(row, "name", figure_find(rows_int(rows, i, "indicator"))->name);
    view_text(row, "area", rows_text(rows, i, "area"));
    view_text(row, "cell", rows_text(rows, i, "cell"));
    view_text(row, "day", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "day"))));
    view_text(row, "value", value == NULL ? "*" : value);
    view_text(row, "before", before == NULL ? "*" : before);
}

void
data_corrections_show(struct context *c)
{
    struct db_batch *batch = db_batch(c->db, c->arena, NULL);
    unsigned edition = DB_ADD(batch, SQL_open_edition);
    unsigned found = DB_ADD(batch, SQL_open_corrections);
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, found), *newest = db_rows(batch, edition);
    struct view *view = view_new(c->arena), *entry = NULL;
    view_text(view, "address", c->app->conf.address);
    view_text(view, "updated", rows_count(newest) == 0 ? "2020-01-01T00:00:00Z" : rows_text(newest, 0, "released_utc"));
    view_list(view, "entries");
    for (size_t i = 0; i < rows_count(rows); i++) {
        if (i == 0 || !text_same(rows_text(rows, i, "edition_id"), rows_text(rows, i - 1, "edition_id"))) {
            entry = view_row(view, "entries");
            view_text(entry, "edition", rows_text(rows, i, "edition_id"));
            view_text(entry, "released", rows_text(rows, i, "released_utc"));
            view_text(entry, "through", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "through"))));
            view_text(entry, "total", rows_text(rows, i, "total"));
        }
        fill_correction(c, view_row(entry, "corrections"), rows, i);
    }
    data_begin(c, newest);
    c->response->content_type = "application/atom+xml; charset=utf-8";
    response_page(c->response, 200, &template_table[TEMPLATE_corrections_atom], view);
}
