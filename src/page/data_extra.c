/*
 * data_extra.c - what is offered beside the eleven indicators: the deaths of each day, and how what the prefectures published differs from
 * what the edition says (seed 4), as files and as a page. The ministry had files of these names. Of the form of the second no copy is
 * left, so that ours is the long form of its other files.
 */
#include "base/text.h"
#include "exchange/csv.h"
#include "page/data.h"
#include "page/handlers.h"

/* ---- the files ----------------------------------------------------------------------------------------------------- */

static const struct open_data_file deaths = {"number_of_deaths_daily.csv", 8, "Deaths"};

static void
add_deaths(struct buf *out, enum open_data_layout layout, const struct open_data_area areas[OPEN_DATA_AREAS], const struct rows *rows)
{
    open_data_add(open_data_begin(out, &deaths, layout, areas), rows);
}

/* There is no wide form of it. */
static void
add_differences(struct buf *out, enum open_data_layout layout, const struct open_data_area areas[OPEN_DATA_AREAS], const struct rows *rows)
{
    (void)layout;
    buf_add_text(out, CSV_BYTE_ORDER_MARK "Date,Prefecture,Published by municipalities,HER-SYS,Difference\r\n");
    for (size_t i = 0; i < rows_count(rows); i++) {
        int area = open_data_area_find(rows_text(rows, i, "area"));
        int64_t published = rows_int(rows, i, "published"), counted = rows_int(rows, i, "counted");
        if (area > 0) /* numbers as they are, as in open_data.c: a negative one is no formula */
            buf_printf(out, "%s,%s,%lld,%lld,%lld\r\n", date_slashed(out->arena, date_from_iso(rows_text(rows, i, "day"))), areas[area].name,
                       (long long)published, (long long)counted, (long long)(published - counted));
    }
}

static unsigned
ask_deaths(struct db_batch *batch)
{
    return DB_ADD(batch, SQL_open_deaths);
}

static unsigned
ask_differences(struct db_batch *batch)
{
    return DB_ADD(batch, SQL_open_difference, NULL, "-infinity", "infinity");
}

static const struct extra {
    const char *file, *label, *page_path;
    bool has_long; /* beside the wide form; otherwise there is one form alone */
    unsigned (*ask)(struct db_batch *batch);
    void (*add)(struct buf *out, enum open_data_layout layout, const struct open_data_area areas[OPEN_DATA_AREAS], const struct rows *rows);
} extras[] = {
    {"number_of_deaths_daily.csv", "死亡者数（日別。⑧の前の日との差）", "/data/indicator/8", true, ask_deaths, add_deaths},
    {"newly_confirmed_cases_difference.csv", "都道府県が公表した新規陽性者数との差", "/data/difference", false, ask_differences, add_differences},
};
enum { EXTRAS = sizeof extras / sizeof *extras };

void
data_extra_send(struct context *c, enum open_data_layout layout)
{
    const struct extra *extra = NULL;
    struct open_data_area areas[OPEN_DATA_AREAS];
    struct buf out = buf_new(c->arena);
    unsigned edition;

    for (size_t i = 0; i < EXTRAS; i++)
        if (text_same(extras[i].file, path_part(c, 2)) && (layout == OPEN_DATA_WIDE || extras[i].has_long))
            extra = &extras[i];
    if (extra == NULL) {
        page_not_found(c);
        return;
    }
    struct db_batch *batch = data_batch(c, &edition);
    unsigned all = DB_ADD(batch, SQL_open_areas), found = extra->ask(batch);
    enum db_status status = db_run(batch);
    if (status == DB_OK && !data_columns(db_rows(batch, all), areas))
        status = DB_BROKEN;
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    extra->add(&out, layout, areas, db_rows(batch, found));
    data_begin(c, db_rows(batch, edition));
    response_file(c->response, "text/csv; charset=utf-8", extra->file, true, out.data, out.size);
}

void
data_extra_fill(struct context *c, struct view *view)
{
    view_list(view, "extras");
    for (size_t i = 0; i < EXTRAS; i++) {
        struct view *row = view_row(view, "extras");
        view_text(row, "extra_label", extras[i].label);
        view_text(row, "extra_page_path", extras[i].page_path);
        view_format(row, "extra_path", "/data/file/%s", extras[i].file);
        view_text(row, "extra_long_path", !extras[i].has_long ? "" : text_format(c->arena, "/data/long/%s", extras[i].file));
    }
}

/* ---- the page of the differences ----------------------------------------------------------------------------------- */

/* "+3", "0", "-2": how many more were published than the edition has. */
static void
fill_numbers(struct view *row, int64_t published, int64_t counted)
{
    view_int(row, "published", published);
    view_int(row, "counted", counted);
    view_int(row, "difference", published - counted);
    if (published == counted)
        view_text(row, "difference_shown", "0");
    else
        view_format(row, "difference_shown", "%+lld", (long long)(published - counted));
}

/* The days of one prefecture, the newest first. */
static void
fill_days(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "days");
    for (size_t i = rows_count(rows); i-- > 0;) {
        struct view *row = view_row(view, "days");
        view_text(row, "day", rows_text(rows, i, "day"));
        view_text(row, "day_label", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "day"))));
        fill_numbers(row, rows_int(rows, i, "published"), rows_int(rows, i, "counted"));
    }
}

/* All prefectures that published something, with the sums of the days on which they did. */
static void
fill_prefectures(struct view *view, const struct rows *areas, const struct rows *rows, const char *from, const char *to)
{
    struct {
        int64_t days, published, counted;
    } sums[OPEN_DATA_AREAS] = {{0}};

    for (size_t i = 0; i < rows_count(rows); i++) {
        int area = open_data_area_find(rows_text(rows, i, "area"));
        if (area <= 0)
            continue;
        sums[area].days++;
        sums[area].published += rows_int(rows, i, "published");
        sums[area].counted += rows_int(rows, i, "counted");
    }
    view_list(view, "prefectures");
    for (size_t i = 0; i < rows_count(areas); i++) {
        int area = open_data_area_find(rows_text(areas, i, "code"));
        if (area <= 0 || sums[area].days == 0)
            continue;
        struct view *row = view_row(view, "prefectures");
        view_text(row, "prefecture", rows_text(areas, i, "name"));
        view_format(row, "prefecture_path", "/data/difference?area=%s&from=%s&to=%s", rows_text(areas, i, "code"), from, to);
        view_int(row, "day_count", sums[area].days);
        fill_numbers(row, sums[area].published, sums[area].counted);
    }
}

void
data_difference_show(struct context *c)
{
    const char *area = request_query(c->request, "area");
    bool one = open_data_area_find(area) > 0;
    date_day through, first, last;
    unsigned edition;
    const struct rows *areas = data_areas(c, &through);

    if (areas == NULL)
        return;
    data_period(c, through, DATA_DAYS_SHOWN, &first, &last);
    const char *from = date_iso(c->arena, first), *to = date_iso(c->arena, last);
    struct db_batch *batch = data_batch(c, &edition);
    unsigned found = DB_ADD(batch, SQL_open_difference, one ? area : NULL, from, to);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "都道府県が公表した数との差");
    data_begin(c, db_rows(batch, edition));
    data_fill_edition(c, view, db_rows(batch, edition));
    data_fill_areas(view, areas, one ? area : "00");
    view_text(view, "from", from);
    view_text(view, "to", to);
    view_flag(view, "one", one);
    if (one)
        fill_days(c, view, db_rows(batch, found));
    else
        fill_prefectures(view, areas, db_rows(batch, found), from, to);
    page_send(c, TEMPLATE_data_difference, view);
}
