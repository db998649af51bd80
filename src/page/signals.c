/*
 * signals.c - 早期の兆し: the weeks in which an area has more new cases than expected, of all, of an age, at a kind of place, with who has
 * looked at them; and how fast the epidemic of an area grows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/text.h"
#include "core/epidemic.h"
#include "core/figures.h"
#include "page/area.h"
#include "page/figures_page.h"
#include "page/handlers.h"

enum {
    SIGNALS_PAGE = 20,
    SIGNALS_DAYS = 8 * 7, /* of a list that is not of all */
    NOTE_MOST = 200,
    GROWTH_DAYS = 56, /* shown */
    GROWTH_READ = GROWTH_DAYS + EPIDEMIC_WINDOW + EPIDEMIC_SERIAL_DAYS
};

/* ---- where one is on the page ---------------------------------------------------------------------------------------- */

/* The key of a signal, as the form and the address name it. */
enum { KEY_AREA, KEY_WEEK, KEY_KIND, KEY_CELL, KEY_PARTS };
static const char *const key_names[KEY_PARTS] = {"area", "week", "kind", "cell"};

/* A word of the address that keys consist of; "" when it is anything else, so that it can go into an address again. */
static const char *
asked(struct context *c, const char *name)
{
    const char *value = request_query(c->request, name);

    return value[strspn(value, "0123456789abcdefghijklmnopqrstuvwxyz_-")] == '\0' ? value : "";
}

/* The address of the list: also those looked at, the area of the growth, and behind which signal; "" adds nothing. */
static const char *
list_path(struct context *c, bool all, const char *of, const char *const behind[KEY_PARTS])
{
    struct buf path = buf_new(c->arena);

    buf_add_text(&path, text_format(c->arena, "/signals?all=%d", all));
    if (of[0] != '\0')
        buf_add_text(&path, text_format(c->arena, "&of=%s", of));
    for (int k = 0; k < KEY_PARTS && behind != NULL && behind[KEY_WEEK][0] != '\0'; k++)
        buf_add_text(&path, text_format(c->arena, "&%s=%s", key_names[k], behind[k]));
    return buf_text(&path);
}

static bool
asks_all(struct context *c)
{
    return text_same(request_query(c->request, "all"), "1");
}

/* The page as it was asked for; after a press one is there again. */
static const char *
here_path(struct context *c)
{
    const char *behind[KEY_PARTS];

    for (int k = 0; k < KEY_PARTS; k++)
        behind[k] = asked(c, key_names[k]);
    return list_path(c, asks_all(c), asked(c, "of"), behind);
}

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
    for (size_t k = 0; k < KEY_PARTS; k++)
        view_text(row, text_format(c->arena, "key_%s", key_names[k]), rows_text(rows, i, key_names[k]));
}

/* What was typed of a signal and could not be taken; problem NULL: nothing. */
struct typed {
    const char *problem, *note;
    const char *key[KEY_PARTS]; /* area NULL: there is no form any more where the note could stand */
};

static bool
is_typed(const struct typed *typed, const struct rows *rows, size_t i)
{
    bool is = typed->key[KEY_AREA] != NULL;

    for (size_t k = 0; k < KEY_PARTS && is; k++)
        is = text_same(typed->key[k], rows_text(rows, i, key_names[k]));
    return is;
}

static void
fill_signals(struct context *c, struct view *view, const struct rows *rows, const struct typed *typed)
{
    size_t shown = rows_count(rows) > SIGNALS_PAGE ? SIGNALS_PAGE : rows_count(rows);
    int64_t unseen = 0;
    bool placed = false;

    view_list(view, "signals");
    view_list(view, "unseen_keys");
    for (size_t i = 0; i < shown; i++) {
        struct view *row = view_row(view, "signals");
        fill_signal(c, row, rows, i);
        view_text(row, "note", is_typed(typed, rows, i) ? typed->note : "");
        placed |= is_typed(typed, rows, i) && !rows_bool(rows, i, "seen");
        if (rows_bool(rows, i, "seen"))
            continue;
        struct view *key = view_row(view, "unseen_keys");
        view_int(key, "no", unseen++);
        for (size_t k = 0; k < KEY_PARTS; k++)
            view_text(key, text_format(c->arena, "key_%s", key_names[k]), rows_text(rows, i, key_names[k]));
    }
    view_int(view, "unseen_count", unseen);
    view_flag(view, "several_unseen", unseen > 1);
    view_text(view, "problem", typed->problem);
    view_text(view, "unsent_note", placed ? "" : typed->note);
    const char *last[KEY_PARTS] = {NULL};
    for (size_t k = 0; k < KEY_PARTS && shown > 0; k++)
        last[k] = rows_text(rows, shown - 1, key_names[k]);
    view_text(view, "next_path", rows_count(rows) <= SIGNALS_PAGE ? "" : list_path(c, asks_all(c), asked(c, "of"), last));
}

/* ---- growth -------------------------------------------------------------------------------------------------------- */

/* Does the office work with this area, and so see whom its figures count? */
static bool
is_within(const struct rows *areas, const char *of)
{
    for (size_t i = 0; i < rows_count(areas); i++)
        if (text_same(rows_text(areas, i, "area"), of))
            return true;
    return false;
}

static void
fill_growth(struct context *c, struct view *view, const struct rows *rows, const char *of, bool within)
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
        date_day day = date_from_iso(rows_text(rows, i - 1, "day"));
        int64_t week = 0;
        for (size_t back = 0; back < 7 && back < i; back++)
            week += daily[i - 1 - back];
        view_text(row, "growth_day", date_slashed(c->arena, day));
        view_int(row, "growth_week", week);
        view_text(row, "growth_path", within && week > 0 ? figures_week_path(c->arena, of, "new", day - 6, NULL) : "");
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

static void
show(struct context *c, int code, const struct typed *typed)
{
    bool all = asks_all(c);
    const char *of = asked(c, "of")[0] == '\0' ? figures_own_area(c) : asked(c, "of");
    const char *week = date_from_iso(asked(c, "week")) == DATE_NONE ? NULL : asked(c, "week");
    date_day yesterday = date_today() - 1; /* today is not over */
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned signals = DB_ADD(batch, SQL_signal_list, area_mine(c), db_bool(all), week, asked(c, "area"), asked(c, "kind"), asked(c, "cell"),
                              all ? NULL : date_iso(c->arena, date_today() - SIGNALS_DAYS));
    unsigned areas = DB_ADD(batch, SQL_signal_areas);
    unsigned daily = DB_ADD(batch, SQL_signal_daily, of, date_iso(c->arena, yesterday - GROWTH_READ + 1),
                            date_iso(c->arena, yesterday));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "早期の兆し");
    view_flag(view, "all", all);
    view_text(view, "here_path", here_path(c));
    view_text(view, "other_path", list_path(c, !all, asked(c, "of"), NULL));
    fill_signals(c, view, db_rows(batch, signals), typed);
    fill_areas(view, db_rows(batch, areas), of);
    fill_growth(c, view, db_rows(batch, daily), of, is_within(db_rows(batch, areas), of));
    page_send_status(c, code, TEMPLATE_signals, view);
}

void
signals_show(struct context *c)
{
    struct typed nothing = {0};

    if (area_kind(c, AREA_OFFICES, "signals"))
        show(c, 200, &nothing);
}

/* The keys that a form names: of one signal, or numbered from 0 on, of a page. How many; 0 when one of them cannot be read. */
static size_t
read_keys(struct context *c, const char *keys[KEY_PARTS][SIGNALS_PAGE])
{
    bool one = request_value(c->request, "week")[0] != '\0';
    size_t count = 0;

    while (count < SIGNALS_PAGE) {
        const char *number = one ? "" : text_format(c->arena, "%zu", count);
        for (size_t k = 0; k < KEY_PARTS; k++)
            keys[k][count] = request_value(c->request, text_format(c->arena, "%s%s", key_names[k], number));
        if (keys[KEY_WEEK][count][0] == '\0')
            break;
        if (date_from_iso(keys[KEY_WEEK][count++]) == DATE_NONE)
            return 0;
        if (one)
            break;
    }
    return count;
}

/* Ends a press: one is again where one was; or is told who of the office was first, with the note that is not kept. */
static void
conclude(struct context *c, const struct rows *rows, const char *note)
{
    for (size_t i = 0; i < rows_count(rows); i++) {
        if (rows_bool(rows, i, "written") || rows_bool(rows, i, "nothing_new"))
            continue;
        const char *first = rows_text(rows, i, "first"), *at = rows_text(rows, i, "first_at");
        const char *who = first == NULL ? "同じ機関の方" : text_format(c->arena, "%sさん（%s）", first, at);
        struct typed typed = {.problem = text_format(c->arena, "この兆しは、%sが先に見ています。メモは記録していません。", who), .note = note};
        show(c, 409, &typed);
        return;
    }
    page_redirect_with(c, here_path(c), "signal_seen");
}

void
signals_post(struct context *c)
{
    struct typed typed = {.note = text_trim(c->arena, request_value(c->request, "note"))};
    const char *keys[KEY_PARTS][SIGNALS_PAGE], *arrays[KEY_PARTS];
    enum db_status status;

    if (!area_kind(c, AREA_OFFICES, "signals"))
        return;
    size_t count = read_keys(c, keys);
    if (count == 0) {
        page_bad_request(c, "どの兆しのことか読み取れません。早期の兆しの画面から送信してください。");
        return;
    }
    for (size_t k = 0; k < KEY_PARTS; k++) {
        typed.key[k] = keys[k][0];
        arrays[k] = db_array(c->arena, count, keys[k]);
    }
    if (text_length(typed.note) > NOTE_MOST) {
        typed.problem = text_format(c->arena, "まだ記録していません。メモは%d文字までです。短くしてください。", NOTE_MOST);
        show(c, 422, &typed);
        return;
    }
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_signal_see, area_mine(c), db_int(c->arena, c->session.account_id),
               arrays[KEY_AREA], arrays[KEY_WEEK], arrays[KEY_KIND], arrays[KEY_CELL], typed.note);
    if (rows == NULL)
        page_database_failed(c, status);
    else if (rows_count(rows) == 0)
        page_not_found(c);
    else
        conclude(c, rows, typed.note);
}
