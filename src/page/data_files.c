/* data_files.c - オープンデータ: the ministry's files, wide and long; and the same as JSON. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/figures.h"
#include "page/data.h"
#include "page/handlers.h"

enum { API_DAYS = 60, API_MOST_DAYS = 400 };

/* ---- files --------------------------------------------------------------------------------------------------------- */

bool
data_columns(const struct rows *rows, struct open_data_area areas[OPEN_DATA_AREAS])
{
    memset(areas, 0, OPEN_DATA_AREAS * sizeof *areas);
    for (size_t i = 0; i < rows_count(rows); i++) {
        int area = open_data_area_find(rows_text(rows, i, "code"));
        if (area >= 0)
            areas[area] = (struct open_data_area){rows_text(rows, i, "romaji"), rows_text(rows, i, "people")};
    }
    for (size_t i = 0; i < OPEN_DATA_AREAS; i++)
        if (areas[i].name == NULL) {
            log_error("open_data_areas_missing", NULL);
            return false;
        }
    return true;
}

static void
send_file(struct context *c, enum open_data_layout layout)
{
    const struct open_data_file *file = open_data_find(path_part(c, 2));
    struct open_data_area areas[OPEN_DATA_AREAS];
    struct buf out = buf_new(c->arena);

    if (file == NULL) {
        data_extra_send(c, layout);
        return;
    }
    unsigned edition;
    struct db_batch *batch = data_batch(c, &edition);
    unsigned all = DB_ADD(batch, SQL_open_areas);
    unsigned days = DB_ADD(batch, SQL_open_days, db_int(c->arena, data_source(file->indicator)));
    enum db_status status = db_run(batch);
    if (status == DB_OK && !data_columns(db_rows(batch, all), areas))
        status = DB_BROKEN;
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    open_data_add(open_data_begin(&out, file, layout, areas), db_rows(batch, days));
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

static void
send_error(struct context *c, int status, const char *words)
{
    response_json(c->response, status);
    buf_printf(&c->response->body, "{\"error\":\"%s\"}", words);
}

/* The period that is asked for; without one, the last days up to `through`. False, and answered, when it cannot be read. */
static bool
read_period(struct context *c, date_day through, date_day *from, date_day *to)
{
    const char *asked_from = request_query(c->request, "from"), *asked_to = request_query(c->request, "to");

    *to = asked_to[0] == '\0' ? through : date_from_iso(asked_to);
    *from = asked_from[0] == '\0' && *to != DATE_NONE ? *to - API_DAYS : date_from_iso(asked_from);
    if (*to != DATE_NONE && *from != DATE_NONE && *from <= *to && *to - *from <= API_MOST_DAYS)
        return true;
    send_error(c, 400, "from and to are dates as 2022-08-19, at most 400 days apart");
    return false;
}

/* What is asked for, out of the path and the query. */
struct api_question {
    const struct figure_indicator *indicator;
    int64_t number;
    const char *area;
    date_day from, to;
};

/* False, and answered, when there is no such indicator or area. */
static bool
read_question(struct context *c, struct api_question *q)
{
    q->area = request_query(c->request, "area");
    if (q->area[0] == '\0')
        q->area = "00";
    if (text_to_int(path_part(c, 2), 1, FIGURE_INDICATORS, &q->number) != 0)
        send_error(c, 404, "indicators are 1 to 11");
    else if (open_data_area_find(q->area) < 0)
        send_error(c, 400, "areas are 00, the country, and 01 to 47, the prefectures");
    else
        return true;
    return false;
}

static void
add_values(struct context *c, const struct api_question *q, const struct rows *rows, const char *people)
{
    struct buf *out = &c->response->body;

    for (size_t i = 0; i < rows_count(rows); i++) {
        const char *value = data_value(c, q->indicator, rows, i, people);
        buf_add_text(out, i == 0 ? "{" : ",{");
        add_member(out, "day", rows_text(rows, i, "day"));
        add_member(out, "cell", rows_text(rows, i, "cell"));
        buf_printf(out, ",\"value\":%s}", text_empty(value) ? "null" : value);
    }
}

void
data_api_show(struct context *c)
{
    struct api_question q;
    date_day through;
    unsigned edition;

    if (!read_question(c, &q))
        return;
    const struct rows *areas = data_areas(c, &through);
    if (areas == NULL || !read_period(c, through, &q.from, &q.to))
        return;
    q.indicator = figure_find(q.number);
    const char *people = data_people(areas, q.area);
    struct db_batch *batch = data_batch(c, &edition);
    unsigned found = DB_ADD(batch, SQL_open_area, db_int(c->arena, data_source(q.number)), q.area, date_iso(c->arena, q.from),
                            date_iso(c->arena, q.to));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *newest = db_rows(batch, edition);
    struct buf *out = &c->response->body;
    response_json(c->response, 200);
    data_begin(c, newest);
    buf_add_char(out, '{');
    add_member(out, "indicator", q.indicator->name);
    add_member(out, "definition", q.indicator->definition);
    add_member(out, "area", q.area);
    add_member(out, "released", rows_count(newest) == 0 ? "" : rows_text(newest, 0, "released_utc"));
    buf_add_text(out, ",\"values\":[");
    add_values(c, &q, db_rows(batch, found), people);
    buf_add_text(out, "]}");
}
