/* figures_page.c - see figures_page.h. */
#include "page/figures_page.h"

#include <string.h>

#include "base/text.h"
#include "dictionary/dictionary.h"

enum { DAYS_AT_FIRST = 28, WEEKS_AT_FIRST = 8 };

/* ---- what is asked --------------------------------------------------------------------------------------------------- */

/* Reads the days; what is wrong with them, or "". */
static const char *
read_days(struct context *c, struct figures_question *q)
{
    enum date_verdict from = date_parse(q->from_typed, &q->from), to = date_parse(q->to_typed, &q->to);

    if (to == DATE_EMPTY)
        q->to = date_today();
    else if (to != DATE_OK)
        return text_format(c->arena, "終わりの日「%.40s」を日付として読み取れません。", q->to_typed);
    if (from == DATE_EMPTY)
        q->from = q->to - (q->indicator != NULL && figure_is_weekly(q->indicator) ? 7 * WEEKS_AT_FIRST : DAYS_AT_FIRST) + 1;
    else if (from != DATE_OK)
        return text_format(c->arena, "初めの日「%.40s」を日付として読み取れません。", q->from_typed);
    if (q->from > q->to)
        return "初めの日が、終わりの日より後です。";
    if (q->to - q->from >= FIGURES_MOST_DAYS)
        return text_format(c->arena, "一度に表示できるのは%d日間までです。期間を短くしてください。", FIGURES_MOST_DAYS);
    return "";
}

struct figures_question
figures_ask(struct context *c)
{
    struct figures_question q = {
        .area = request_query(c->request, "area"),
        .from_typed = request_query(c->request, "from"),
        .to_typed = request_query(c->request, "to"),
    };

    if (text_to_int(request_query(c->request, "indicator"), 1, FIGURE_INDICATORS, &q.number) != 0)
        q.number = 0;
    q.indicator = figure_find(q.number);
    if (q.area[0] == '\0')
        q.area = figures_own_area(c);
    q.problem = read_days(c, &q);
    if (q.problem[0] == '\0') {
        q.from_typed = date_slashed(c->arena, q.from);
        q.to_typed = date_slashed(c->arena, q.to);
    } else {
        q.to = date_today();
        q.from = q.to - DAYS_AT_FIRST + 1;
    }
    return q;
}

const char *
figures_list_path(struct context *c, const struct figures_question *q, const char *series, date_day day, const char *cell)
{
    return text_format(c->arena, "/figures/list?indicator=%d&area=%s&series=%s&day=%s%s%s&from=%s&to=%s", (int)q->number, q->area, series,
                       date_iso(c->arena, day), cell == NULL ? "" : "&cell=", cell == NULL ? "" : cell, date_iso(c->arena, q->from),
                       date_iso(c->arena, q->to));
}

const char *
figures_week_path(struct arena *arena, const char *area, const char *series, date_day first, const char *cell)
{
    return text_format(arena, "/figures/list?area=%s&series=%s&from=%s&to=%s%s%s", area, series, date_iso(arena, first),
                       date_iso(arena, first + 6), cell == NULL ? "" : "&cell=", cell == NULL ? "" : cell);
}

const char *
figures_published_path(struct arena *arena, const char *area, const char *series, date_day day, date_day from, date_day to)
{
    return text_format(arena, "/figures/list?area=%s&series=%s&published=1%s%s&from=%s&to=%s", area, series, day == DATE_NONE ? "" : "&day=",
                       date_iso(arena, day), date_iso(arena, from), date_iso(arena, to));
}

const char *
figures_part_label(struct arena *arena, const char *series, const char *cell)
{
    if (text_same(series, "place"))
        return text_format(arena, "場所：%s", dictionary_label(LIST_place_kind, cell));
    return text_format(arena, "年代：%s", figure_cell_label(arena, text_format(arena, "m%s", cell)) + strlen("男 "));
}

/* ---- areas ----------------------------------------------------------------------------------------------------------- */

const char *
figures_own_area(struct context *c)
{
    if (c->session.kind == KIND_ministry)
        return "00";
    if (c->session.kind == KIND_prefecture)
        return c->session.prefecture_code;
    return text_format(c->arena, "o%lld", (long long)c->session.organisation_id);
}

unsigned
figures_add_areas(struct db_batch *batch, struct context *c, const char *area)
{
    return DB_ADD(batch, SQL_figures_areas, area, db_bool(c->session.kind == KIND_ministry));
}

bool
figures_find_area(const struct rows *areas, const char *key, struct figures_area *area)
{
    for (size_t i = 0; i < rows_count(areas); i++)
        if (text_same(rows_text(areas, i, "area"), key)) {
            *area = (struct figures_area){rows_text(areas, i, "name"), rows_text(areas, i, "code"), rows_text(areas, i, "people"),
                                          rows_bool(areas, i, "within")};
            return true;
        }
    return false;
}

void
figures_fill_people(struct view *view, const struct rows *people)
{
    view_list(view, "people");
    for (size_t i = 0; people != NULL && i < rows_count(people); i++) {
        struct view *row = view_row(view, "people");
        view_text(row, "people_since", rows_text(people, i, "since"));
        view_text(row, "people_count", rows_text(people, i, "people"));
        view_text(row, "people_source", rows_text(people, i, "source"));
    }
}

void
figures_fill_areas(struct view *view, const struct rows *areas, const char *chosen)
{
    static const char *const labels[] = {"全国・都道府県", "市・保健所"};

    view_list(view, "area_groups");
    for (int place = 0; place <= 1; place++) {
        struct view *group = view_row(view, "area_groups");
        view_text(group, "group_label", labels[place]);
        view_list(group, "areas");
        for (size_t i = 0; i < rows_count(areas); i++) {
            if (rows_bool(areas, i, "place") != place)
                continue;
            struct view *row = view_row(group, "areas");
            view_text(row, "area", rows_text(areas, i, "area"));
            view_text(row, "area_name", rows_text(areas, i, "name"));
            view_flag(row, "is_chosen", text_same(rows_text(areas, i, "area"), chosen));
        }
    }
}
