/*
 * figures.c - 数値: the eleven indicators of an area, each with the date by which it counts, as a drawing (web/js/figures.js) and as the
 * table that the drawing is made from. Every number leads to those whom it counts (figures_list.c).
 */
#include <string.h>

#include "base/text.h"
#include "page/area.h"
#include "page/figures_page.h"
#include "page/handlers.h"

/* ---- the form above every page ----------------------------------------------------------------------------------------- */

static void
fill_form(struct context *c, struct view *view, const struct figures_question *q, const struct rows *areas)
{
    view_text(view, "problem", q->problem);
    view_text(view, "from", q->from_typed);
    view_text(view, "to", q->to_typed);
    figures_fill_areas(view, areas, q->area);
    view_list(view, "indicators");
    for (int64_t i = 1; i <= FIGURE_INDICATORS; i++) {
        struct view *row = view_row(view, "indicators");
        view_int(row, "number", i);
        view_text(row, "sign", figure_sign(c->arena, i));
        view_text(row, "indicator_name", figure_find(i)->name);
        view_flag(row, "is_chosen", i == q->number);
    }
}

/* ---- by day ------------------------------------------------------------------------------------------------------------ */

/* The days before the first shown that what stands beside it needs: those of a week. */
enum { DAYS_BEFORE = FIGURE_SEVEN_DAYS - 1 };

/* The rows of a series, day by day from DAYS_BEFORE days before the first that is shown. */
struct days {
    const struct rows *rows;
    size_t first; /* row of the first day */
};

static struct days
days_of(const struct rows *rows, const char *series)
{
    struct days days = {rows, 0};

    while (days.first < rows_count(rows) && !text_same(rows_text(rows, days.first, "series"), series))
        days.first++;
    return days;
}

static int64_t
count_on(struct days days, size_t i)
{
    return rows_int(days.rows, days.first + i, "count");
}

/* The count of the seven days that end with day `i`, which is DAYS_BEFORE or later. */
static int64_t
of_seven_days(struct days days, size_t i)
{
    return figure_of_seven_days(days.rows, "count", days.first + i);
}

/* The number that an indicator has on day `i`. */
static int64_t
value_on(const struct figure_indicator *indicator, struct days days, size_t i)
{
    return figure_is_level(indicator) ? rows_int(days.rows, days.first + i, "level") : count_on(days, i);
}

/* By how much a day has moved since it was over, its cut-off; nothing where it has not, or is not over. */
static void
fill_moved(struct context *c, struct view *cell, const struct figure_indicator *indicator, struct days days, size_t i)
{
    const char *column = figure_is_level(indicator) ? "first_level" : "first_count";
    const char *first = indicator->shape == FIGURE_DAILY_PER ? NULL : rows_text(days.rows, days.first + i, column);
    int64_t moved = first == NULL ? 0 : value_on(indicator, days, i) - rows_int(days.rows, days.first + i, column);

    view_text(cell, "moved", moved == 0 ? "" : text_format(c->arena, "%+lld", (long long)moved));
    view_text(cell, "first", first);
}

/* Beside ① the average of seven days, beside ② their sum per 100,000; either opens those whom the seven days count. */
static void
fill_seven(struct context *c, struct view *row, const struct figures_question *q, const struct figures_area *area, struct days days,
           date_day day, size_t i)
{
    int64_t sum = of_seven_days(days, i);
    bool per = q->indicator->shape == FIGURE_DAILY_PER;
    const char *number = per ? figure_rate(c->arena, sum, figure_people_on(area->people, day)) : figure_average(c->arena, sum);

    view_text(row, "seven", number);
    view_text(row, "seven_path",
              area->within && sum > 0 && number[0] != '\0'
                  ? text_format(c->arena, "%s%s", figures_list_path(c, q, q->indicator->series[0], day, NULL), FIGURES_OF_SEVEN_DAYS)
                  : "");
}

static void
fill_day(struct context *c, struct view *row, const struct figures_question *q, const struct figures_area *area,
         const struct rows *rows, size_t i)
{
    date_day day = q->from - DAYS_BEFORE + (date_day)i;

    view_text(row, "day", date_iso(c->arena, day));
    view_text(row, "day_label", date_slashed(c->arena, day));
    view_list(row, "cells");
    for (size_t s = 0; s < FIGURE_SERIES && q->indicator->series[s] != NULL; s++) {
        struct days days = days_of(rows, q->indicator->series[s]);
        struct view *cell = view_row(row, "cells");
        int64_t value = value_on(q->indicator, days, i);
        const char *number = figure_text(c->arena, q->indicator, value, figure_people_on(area->people, day));
        view_text(cell, "number", number);
        view_text(cell, "list_path",
                  area->within && value > 0 && number[0] != '\0' ? figures_list_path(c, q, q->indicator->series[s], day, NULL) : "");
        fill_moved(c, cell, q->indicator, days, i);
    }
    if (!figure_is_level(q->indicator))
        fill_seven(c, row, q, area, days_of(rows, q->indicator->series[0]), day, i);
}

static void
fill_daily(struct context *c, struct view *view, const struct figures_question *q, const struct figures_area *area,
           const struct rows *rows)
{
    view_list(view, "columns");
    for (size_t s = 0; s < FIGURE_SERIES && q->indicator->series[s] != NULL; s++)
        view_text(view_row(view, "columns"), "column", q->indicator->shape == FIGURE_DAILY_PER
                      ? "人口10万人当たり"
                      : figure_series_label(q->indicator->series[s]));
    view_text(view, "seven_label", figure_is_level(q->indicator) ? "" : q->indicator->shape == FIGURE_DAILY_PER ? "直近7日間" : "7日間の平均");
    bool unknown = q->indicator->shape == FIGURE_DAILY_PER && figure_people_on(area->people, q->to) == 0;
    view_text(view, "no_people", unknown ? area->code : ""); /* the code by which they can be entered */
    view_list(view, "days");
    for (date_day day = q->to; day >= q->from; day--)
        fill_day(c, view_row(view, "days"), q, area, rows, (size_t)(day - q->from + DAYS_BEFORE));
}

/* ---- by week ----------------------------------------------------------------------------------------------------------- */

/* The columns of a week behind the sum: sexes and ages, those that the published tables leave out together in the last. */
enum { WEEK_COLUMNS = FIGURE_CELLS + 1 };

static void
fill_week(struct context *c, struct view *row, const char *week)
{
    date_day first = date_from_iso(week);

    view_text(row, "day", week);
    view_format(row, "day_label", "%s～%s", date_slashed(c->arena, first), date_slashed(c->arena, first + 6));
    view_list(row, "cells");
}

static void
fill_cell(struct view *row, int64_t value, const char *list_path)
{
    struct view *cell = view_row(row, "cells");

    view_int(cell, "number", value);
    view_text(cell, "list_path", value > 0 ? list_path : "");
}

/* One week: all of its cells together, and each; returns the first row of the next. */
static size_t
fill_ages(struct context *c, struct view *row, const struct figures_question *q, const struct rows *rows, size_t i)
{
    const char *week = rows_text(rows, i, "week"), *series = q->indicator->series[0];
    const char *column = figure_is_level(q->indicator) ? "level" : "count";
    date_day first = date_from_iso(week);
    int64_t values[WEEK_COLUMNS] = {0}, sum = 0;

    for (; i < rows_count(rows) && text_same(rows_text(rows, i, "week"), week); i++) {
        int cell = figure_cell_find(rows_text(rows, i, "cell"));
        values[cell < 0 ? FIGURE_CELLS : cell] += rows_int(rows, i, column);
        sum += rows_int(rows, i, column);
    }
    fill_week(c, row, week);
    fill_cell(row, sum, figures_list_path(c, q, series, first, NULL));
    for (size_t k = 0; k < WEEK_COLUMNS; k++)
        fill_cell(row, values[k], figures_list_path(c, q, series, first, k < FIGURE_CELLS ? figure_cell(k) : "other"));
    return i;
}

static size_t
fill_places(struct context *c, struct view *row, const struct figures_question *q, const struct rows *rows, size_t i)
{
    const char *week = rows_text(rows, i, "week");
    int64_t values[FIGURE_PLACES] = {0};

    for (; i < rows_count(rows) && text_same(rows_text(rows, i, "week"), week); i++)
        figure_place_add(values, rows_text(rows, i, "kind"), rows_int(rows, i, "count"));
    fill_week(c, row, week);
    for (size_t k = 0; k < FIGURE_PLACES; k++)
        fill_cell(row, values[k], figures_list_path(c, q, "clusters", date_from_iso(week), db_int(c->arena, (int64_t)k)));
    return i;
}

static void
fill_weekly(struct context *c, struct view *view, const struct figures_question *q, const struct rows *rows)
{
    bool places = q->indicator->shape == FIGURE_WEEKLY_PLACES;

    view_list(view, "columns");
    if (places)
        for (size_t k = 0; k < FIGURE_PLACES; k++)
            view_text(view_row(view, "columns"), "column", figure_places[k].label);
    view_flag(view, "by_age", !places);
    view_list(view, "ages");
    for (size_t k = 0; !places && k < FIGURE_CELLS; k++) /* without the sex, which stands above */
        view_text(view_row(view, "ages"), "age", figure_cell_label(c->arena, figure_cell(k)) + strlen("男 "));
    view_list(view, "days");
    for (size_t i = 0; i < rows_count(rows);)
        i = (places ? fill_places : fill_ages)(c, view_row(view, "days"), q, rows, i);
}

/* ---- the overview ------------------------------------------------------------------------------------------------------ */

static const char *const all_series[] = {"new", "severe", "death", "care", "released", "confirming"};
enum { ALL_SERIES = sizeof all_series / sizeof *all_series };

/* One of the numbers that an indicator has today: what stands before and behind it, and the list that it opens ("": none). */
static void
fill_value(struct view *row, const char *before, const char *number, const char *behind, const char *list_path)
{
    struct view *value = view_row(row, "values");

    view_text(value, "before", before);
    view_text(value, "number", number);
    view_text(value, "behind", behind);
    view_text(value, "list_path", list_path);
}

static void
fill_clusters_today(struct context *c, struct view *row, const struct figures_question *q, const struct rows *clusters)
{
    int64_t sum = 0;

    for (size_t i = 0; i < rows_count(clusters); i++)
        sum += rows_int(clusters, i, "count");
    fill_value(row, "", text_format(c->arena, "%lld件", (long long)sum), "（今週）",
               sum == 0 ? "" : figures_list_path(c, q, "clusters", date_from_iso(rows_text(clusters, 0, "week")), db_int(c->arena, 0)));
}

/* What an indicator says today; those by week say where they stand in the same count by day, of the seven days that end today. */
static void
fill_today(struct context *c, struct view *row, const struct figures_question *q, const struct figures_area *area, const struct rows *rows,
           const struct rows *clusters)
{
    enum figure_shape shape = q->indicator->shape;
    const char *behind = figure_is_level(q->indicator) ? "" : shape == FIGURE_WEEKLY ? "（直近7日間）" : "（きょう）";
    date_day day = figure_is_weekly(q->indicator) ? date_today() - 6 : date_today();
    bool several = q->indicator->series[1] != NULL;

    if (shape == FIGURE_WEEKLY_PLACES)
        fill_clusters_today(c, row, q, clusters);
    for (size_t s = 0; s < FIGURE_SERIES && q->indicator->series[s] != NULL; s++) {
        const char *series = q->indicator->series[s], *label = figure_series_label(series);
        struct days days = days_of(rows, series);
        int64_t count = shape == FIGURE_WEEKLY ? of_seven_days(days, DAYS_BEFORE) : value_on(q->indicator, days, DAYS_BEFORE);
        const char *text = figure_text(c->arena, q->indicator, count, figure_people_on(area->people, date_today()));
        bool known = text[0] != '\0';
        fill_value(row, several ? text_format(c->arena, "%s%s ", s == 0 ? "" : "、", label) : "",
                   known ? text_format(c->arena, "%s人", text) : "―", behind,
                   area->within && known && count > 0 ? figures_list_path(c, q, series, day, NULL) : "");
    }
}

static void
show_overview(struct context *c, const struct figures_question *q)
{
    struct figures_area area;
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *today = date_iso(c->arena, date_today());
    unsigned areas = figures_add_areas(batch, c, q->area);
    unsigned days = DB_ADD(batch, SQL_figures_daily_seen, q->area, db_array(c->arena, ALL_SERIES, all_series),
                           date_iso(c->arena, date_today() - DAYS_BEFORE), today);
    unsigned clusters = DB_ADD(batch, SQL_figures_clusters_seen, q->area, today, today);
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (!figures_find_area(db_rows(batch, areas), q->area, &area)) {
        area_refuse(c, "figures_view", text_format(c->arena, "area %.20s", q->area));
        return;
    }
    struct view *view = page_view(c, text_format(c->arena, "数値（%s）", area.name));
    fill_form(c, view, q, db_rows(batch, areas));
    view_text(view, "as_of", date_time_now(c->arena));
    view_list(view, "overview");
    for (int64_t i = 1; i <= FIGURE_INDICATORS; i++) {
        const struct figure_indicator *indicator = figure_find(i);
        struct figures_question of = *q;
        struct view *row = view_row(view, "overview");
        of.number = i;
        of.indicator = indicator;
        view_text(row, "sign", figure_sign(c->arena, i));
        view_text(row, "indicator_name", indicator->name);
        view_text(row, "definition", indicator->definition);
        bool open = area.within || !figure_is_weekly(indicator);
        view_text(row, "indicator_path", open ? text_format(c->arena, "/figures?indicator=%d&area=%s", (int)i, q->area) : "");
        view_flag(row, "open", open);
        view_list(row, "values");
        if (open)
            fill_today(c, row, &of, &area, db_rows(batch, days), db_rows(batch, clusters));
    }
    view_flag(view, "may_extract", (AREA_GOVERNMENT & 1u << c->session.kind) != 0);
    view_flag(view, "may_publish", c->session.kind == KIND_ministry);
    view_flag(view, "may_press", (AREA_REGIONAL & 1u << c->session.kind) != 0);
    page_send(c, TEMPLATE_figures, view);
}

/* ---- the page ---------------------------------------------------------------------------------------------------------- */

/* Adds the statement of the indicator's rows. */
static unsigned
add_rows(struct db_batch *batch, struct context *c, const struct figures_question *q)
{
    const char *from = date_iso(c->arena, q->from), *to = date_iso(c->arena, q->to);
    size_t series = 0;

    if (q->indicator->shape == FIGURE_WEEKLY_PLACES)
        return DB_ADD(batch, SQL_figures_clusters_seen, q->area, from, to);
    if (figure_is_weekly(q->indicator))
        return DB_ADD(batch, SQL_figures_weekly_seen, q->area, q->indicator->series[0], from, to);
    while (series < FIGURE_SERIES && q->indicator->series[series] != NULL)
        series++;
    return DB_ADD(batch, SQL_figures_daily_seen, q->area, db_array(c->arena, series, q->indicator->series),
                  date_iso(c->arena, q->from - DAYS_BEFORE), to);
}

static void
show_indicator(struct context *c, const struct figures_question *q)
{
    struct figures_area area;
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned areas = figures_add_areas(batch, c, q->area), rows = add_rows(batch, c, q);
    bool per = q->indicator->shape == FIGURE_DAILY_PER;
    unsigned people = per ? DB_ADD(batch, SQL_figures_people, q->area) : 0;
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (!figures_find_area(db_rows(batch, areas), q->area, &area)) {
        area_refuse(c, "figures_view", text_format(c->arena, "area %.20s", q->area));
        return;
    }
    bool weekly = figure_is_weekly(q->indicator);
    struct view *view = page_view(c, text_format(c->arena, "%s %s（%s）", figure_sign(c->arena, q->number), q->indicator->name, area.name));
    fill_form(c, view, q, db_rows(batch, areas));
    view_text(view, "as_of", date_time_now(c->arena));
    view_text(view, "definition", q->indicator->definition);
    view_text(view, "overview_path", text_format(c->arena, "/figures?area=%s", q->area));
    view_flag(view, "not_within", weekly && !area.within);
    figures_fill_people(view, per ? db_rows(batch, people) : NULL);
    if (weekly)
        fill_weekly(c, view, q, db_rows(batch, rows));
    else
        fill_daily(c, view, q, &area, db_rows(batch, rows));
    figures_file_fill(c, view, q, &area);
    if (q->as_file)
        figures_file_send(c, q, &area, view);
    else
        page_send(c, weekly ? TEMPLATE_figures_weekly : TEMPLATE_figures_daily, view);
}

void
figures_show(struct context *c)
{
    if (!area_kind(c, AREA_OFFICES, "figures_view"))
        return;
    struct figures_question q = figures_ask(c);
    if (q.indicator == NULL)
        show_overview(c, &q);
    else
        show_indicator(c, &q);
}

void
figures_file_show(struct context *c)
{
    if (!area_kind(c, AREA_OFFICES, "figures_view"))
        return;
    struct figures_question q = figures_ask(c);
    q.as_file = true;
    if (q.indicator == NULL || q.problem[0] != '\0')
        page_bad_request(c, q.indicator == NULL ? "指標を選んでから、保存してください。" : q.problem);
    else
        show_indicator(c, &q);
}
