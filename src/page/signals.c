/*
 * signals.c - 早期の兆し: the weeks in which an area has more new cases than expected, of all, of an age, at a kind of place, with who has
 * looked at them; and how fast the epidemic of an area grows.
 */
#include <stdlib.h>

#include "base/date.h"
#include "base/text.h"
#include "core/epidemic.h"
#include "core/figures.h"
#include "page/area.h"
#include "page/figures_page.h"
#include "page/handlers.h"

enum {
    SIGNALS_PAGE = 20,
    NOTE_MOST = 200,
    GROWTH_DAYS = 56, /* shown */
    GROWTH_READ = GROWTH_DAYS + EPIDEMIC_WINDOW + EPIDEMIC_SERIAL_DAYS
};

/* ---- the signals --------------------------------------------------------------------------------------------------- */

/* "新規陽性者数", "年代：20代", "場所：医療機関"; and the series of the figures that it is a cell of. */
static const char *
series_of(const char *kind)
{
    return text_same(kind, "place") ? "place" : "new";
}

static const char *
label_of(struct context *c, const char *kind, const char *cell)
{
    return cell[0] == '\0' ? "新規陽性者数" : figures_part_label(c->arena, series_of(kind), cell);
}

/* The ten weeks as bars of a drawing 100 by 24; the last one is the signal. */
static void
fill_bars(struct view *row, const char *weeks, int64_t count)
{
    enum { WEEKS = 10, WIDTH = 10, HEIGHT = 24 };
    int64_t values[WEEKS] = {0}, most = count > 0 ? count : 1;
    char *end = NULL;

    for (size_t i = 0; i < WEEKS - 1; i++) {
        values[i] = strtoll(i == 0 ? weeks : end, &end, 10);
        most = values[i] > most ? values[i] : most;
    }
    values[WEEKS - 1] = count;
    for (size_t i = 0; i < WEEKS; i++) {
        struct view *bar = view_row(row, "bars");
        int64_t height = values[i] * HEIGHT / most;
        view_int(bar, "bar_x", (int64_t)i * WIDTH);
        view_int(bar, "bar_y", HEIGHT - height);
        view_int(bar, "bar_height", height);
        view_flag(bar, "is_signal", i == WEEKS - 1);
    }
}

static void
fill_signal(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    const char *kind = rows_text(rows, i, "kind"), *cell = rows_text(rows, i, "cell");
    date_day week = date_from_iso(rows_text(rows, i, "week"));

    view_text(row, "area_name", rows_text(rows, i, "name"));
    view_text(row, "signal_label", label_of(c, kind, cell));
    view_text(row, "week_from", date_slashed(c->arena, week));
    view_text(row, "week_to", date_slashed(c->arena, week + 6));
    view_text(row, "signal_count", rows_text(rows, i, "count"));
    view_text(row, "signal_mean", rows_text(rows, i, "mean"));
    view_text(row, "signal_threshold", rows_text(rows, i, "threshold"));
    view_text(row, "weeks_before", rows_text(rows, i, "weeks"));
    fill_bars(row, rows_text(rows, i, "weeks"), rows_int(rows, i, "count"));
    view_text(row, "list_path", figures_week_path(c->arena, rows_text(rows, i, "area"), series_of(kind), week, cell[0] == '\0' ? NULL : cell));
    view_text(row, "seen_by", rows_text(rows, i, "seen_by"));
    view_flag(row, "unseen", !rows_bool(rows, i, "seen"));
    static const char *const key[] = {"area", "week", "kind", "cell"};
    for (size_t k = 0; k < sizeof key / sizeof *key; k++)
        view_text(row, text_format(c->arena, "key_%s", key[k]), rows_text(rows, i, key[k]));
}

/* A value of the address; NULL when there is none. */
static const char *
asked(struct context *c, const char *name)
{
    const char *value = request_query(c->request, name);

    return value[0] == '\0' ? NULL : value;
}

static void
fill_signals(struct context *c, struct view *view, const struct rows *rows, bool all)
{
    size_t shown = rows_count(rows) > SIGNALS_PAGE ? SIGNALS_PAGE : rows_count(rows);

    view_flag(view, "all", all);
    view_list(view, "signals");
    for (size_t i = 0; i < shown; i++)
        fill_signal(c, view_row(view, "signals"), rows, i);
    view_text(view, "next_path",
              rows_count(rows) <= SIGNALS_PAGE
                  ? ""
                  : text_format(c->arena, "/signals?all=%d&week=%s&area=%s&kind=%s&cell=%s", all,
                                rows_text(rows, shown - 1, "week"), rows_text(rows, shown - 1, "area"),
                                rows_text(rows, shown - 1, "kind"), rows_text(rows, shown - 1, "cell")));
}

/* ---- growth -------------------------------------------------------------------------------------------------------- */

static void
fill_growth(struct context *c, struct view *view, const struct rows *rows)
{
    int64_t daily[GROWTH_READ] = {0};
    size_t count = rows_count(rows) > GROWTH_READ ? GROWTH_READ : rows_count(rows);

    for (size_t i = 0; i < count; i++)
        daily[i] = rows_int(rows, i, "count");
    view_text(view, "method_rt", EPIDEMIC_METHOD_RT);
    view_text(view, "method_doubling", EPIDEMIC_METHOD_DOUBLING);
    view_list(view, "growth");
    for (size_t week_no = 0; week_no < GROWTH_DAYS / 7 && week_no * 7 < count; week_no++) { /* the latest first */
        size_t i = count - week_no * 7;
        struct epidemic_rt rt = epidemic_rt(daily, i - 1);
        double doubling = epidemic_doubling(daily, i - 1);
        struct view *row = view_row(view, "growth");
        int64_t week = 0;
        for (size_t back = 0; back < 7 && back < i; back++)
            week += daily[i - 1 - back];
        view_text(row, "growth_day", date_slashed(c->arena, date_from_iso(rows_text(rows, i - 1, "day"))));
        view_int(row, "growth_week", week);
        view_text(row, "rt", rt.known ? text_format(c->arena, "%.2f（%.2f～%.2f）", rt.mean, rt.low, rt.high) : "");
        view_text(row, "doubling", doubling > 0   ? text_format(c->arena, "%.1f日で2倍", doubling)
                                   : doubling < 0 ? text_format(c->arena, "%.1f日で半分", -doubling)
                                                  : "");
    }
}

/* ---- doors --------------------------------------------------------------------------------------------------------- */

static void
fill_areas(struct view *view, const struct rows *rows, const char *chosen)
{
    view_list(view, "areas");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "areas");
        view_text(row, "area_key", rows_text(rows, i, "area"));
        view_text(row, "area_label", rows_text(rows, i, "name"));
        view_flag(row, "is_chosen", text_same(rows_text(rows, i, "area"), chosen));
    }
}

void
signals_show(struct context *c)
{
    if (!area_kind(c, AREA_OFFICES, "signals"))
        return;
    bool all = text_same(request_query(c->request, "all"), "1");
    const char *of = asked(c, "of") == NULL ? figures_own_area(c) : asked(c, "of");
    const char *week = date_from_iso(request_query(c->request, "week")) == DATE_NONE ? NULL : asked(c, "week");
    date_day yesterday = date_today() - 1; /* today is not over */
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned signals = DB_ADD(batch, SQL_signal_list, area_mine(c), db_bool(all), week, request_query(c->request, "area"),
                              request_query(c->request, "kind"), request_query(c->request, "cell"));
    unsigned areas = DB_ADD(batch, SQL_signal_areas);
    unsigned daily = DB_ADD(batch, SQL_signal_daily, of, date_iso(c->arena, yesterday - GROWTH_READ + 1),
                            date_iso(c->arena, yesterday));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "早期の兆し");
    fill_signals(c, view, db_rows(batch, signals), all);
    fill_areas(view, db_rows(batch, areas), of);
    fill_growth(c, view, db_rows(batch, daily));
    page_send(c, TEMPLATE_signals, view);
}

void
signals_post(struct context *c)
{
    const char *note = text_trim(c->arena, request_value(c->request, "note"));
    enum db_status status;

    if (!area_kind(c, AREA_OFFICES, "signals"))
        return;
    if (text_length(note) > NOTE_MOST || date_from_iso(request_value(c->request, "week")) == DATE_NONE) {
        page_bad_request(c, text_format(c->arena, "メモは%d文字までです。前の画面にもどって、短くしてください。", NOTE_MOST));
        return;
    }
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_signal_see, request_value(c->request, "area"),
                                     request_value(c->request, "week"), request_value(c->request, "kind"),
                                     request_value(c->request, "cell"), note);
    if (rows == NULL)
        page_database_failed(c, status);
    else if (rows_count(rows) == 0)
        page_not_found(c);
    else
        page_redirect_with(c, "/signals", "signal_seen");
}
