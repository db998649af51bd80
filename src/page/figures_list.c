/*
 * figures_list.c - whom a figure counts: exactly those patients behind a number of figures.c, of some days of signals.c, of
 * figures_difference.c, that the office may see, and how many it may not; behind a number of ⑪ its clusters. Numbers of cross.c and press.c
 * come to the same page and are counted there.
 */
#include "base/text.h"
#include "core/audit.h"
#include "dictionary/dictionary.h"
#include "exchange/published_csv.h"
#include "page/area.h"
#include "page/cluster_page.h"
#include "page/figures_page.h"
#include "page/handlers.h"
#include "page/list_view.h"

#define FIRST_PATIENT "0"
#define OTHERS        "other" /* in place of a cell: those that the published tables leave out */

enum {
    MOST_LOOKED_AT = 200, /* for those whom the office does not see */
    OF_SIGNALS = 3         /* the indicator that 早期の兆し looks at: 新規陽性者 by week */
};

struct number_kind;

/* What a number counts. */
struct behind {
    const struct number_kind *kind; /* NULL: it is no number of patients of ours */
    struct figures_question q;
    struct figures_area area;
    const char *series, *cell;  /* cell NULL: all */
    date_day day, first, last;  /* day: of the table; first DATE_NONE: from the first patient */
    bool seven;                 /* it stands beside a day, for the seven days up to it */
    bool level;                 /* those until `last`, or on it */
    bool published;             /* of the days that the area has published alone */
};

/* A page on which numbers stand that come here. */
struct number_kind {
    bool (*read)(struct context *c, struct behind *b);                    /* is it a number of that page? */
    const char *(*own_path)(struct context *c, const struct behind *b);   /* the address of the list itself */
    const char *(*page_path)(struct context *c, const struct behind *b);  /* and of the page that the number stands on */
    const char *back_label;
    bool both_sexes; /* a cell is an age of both, or a kind of place */
};

/* The days whose patients a number of this shape counts: those of `day`, of its week or the seven up to it, or all until its end. */
static void
take_days(struct behind *b)
{
    b->level = figure_is_level(b->q.indicator);
    b->last = figure_is_weekly(b->q.indicator) ? b->day + 6 : b->day;
    b->first = b->level ? DATE_NONE : b->seven ? b->day - FIGURE_SEVEN_DAYS + 1 : b->day;
}

/* Does the indicator count this series? */
static bool
counts_series(const struct figure_indicator *indicator, const char *series)
{
    for (size_t s = 0; s < FIGURE_SERIES && indicator->series[s] != NULL; s++)
        if (text_same(indicator->series[s], series))
            return true;
    return false;
}

/* A number of 数値, by its indicator and its day. */
static bool
read_of_table(struct context *c, struct behind *b)
{
    b->day = date_from_iso(request_query(c->request, "day"));
    if (b->q.indicator == NULL || b->day == DATE_NONE)
        return false;
    b->seven = !figure_is_weekly(b->q.indicator) && !figure_is_level(b->q.indicator) && text_same(request_query(c->request, "days"), "7");
    take_days(b);
    return counts_series(b->q.indicator, b->series) &&
           (b->cell == NULL || (figure_is_weekly(b->q.indicator) && (figure_cell_find(b->cell) >= 0 || text_same(b->cell, OTHERS))));
}

static const char *
table_own_path(struct context *c, const struct behind *b)
{
    return text_format(c->arena, "%s%s", figures_list_path(c, &b->q, b->series, b->day, b->cell), b->seven ? FIGURES_OF_SEVEN_DAYS : "");
}

static const char *
table_path(struct context *c, const struct behind *b)
{
    return text_format(c->arena, "/figures?indicator=%d&area=%s&from=%s&to=%s", (int)b->q.number, b->q.area,
                       date_iso(c->arena, b->q.from), date_iso(c->arena, b->q.to));
}

/* A number of 早期の兆し, by its seven days: all who were new, those of an age, or at a kind of place. */
static bool
read_of_signal(struct context *c, struct behind *b)
{
    bool place = text_same(b->series, "place");

    if (request_query(c->request, "indicator")[0] != '\0' || b->q.problem[0] != '\0' || b->q.to - b->q.from != 6)
        return false;
    b->q.number = OF_SIGNALS;
    b->q.indicator = figure_find(OF_SIGNALS);
    b->day = b->q.from;
    take_days(b);
    return place ? b->cell != NULL && dictionary_choice(LIST_place_kind, b->cell) != NULL
                 : counts_series(b->q.indicator, b->series) &&
                       (b->cell == NULL || figure_cell_find(text_format(c->arena, "m%s", b->cell)) >= 0);
}

static const char *
signal_own_path(struct context *c, const struct behind *b)
{
    return figures_week_path(c->arena, b->q.area, b->series, b->first, b->cell);
}

static const char *
signals_path(struct context *c, const struct behind *b)
{
    return text_format(c->arena, "/signals?all=1&of=%s", b->q.area);
}

/* A number of 公表との差: of a day, or the sum of those published. Of a level there is no sum. */
static bool
read_of_difference(struct context *c, struct behind *b)
{
    static const int64_t indicators[PUBLISHED_SERIES] = {1, 6, 8}; /* which say how each is counted */
    int of = published_find(b->series);

    if (!text_same(request_query(c->request, "published"), "1") || of < 0 || b->q.problem[0] != '\0' || b->cell != NULL)
        return false;
    b->q.number = indicators[of];
    b->q.indicator = figure_find(b->q.number);
    b->day = date_from_iso(request_query(c->request, "day"));
    b->level = text_same(b->series, "severe");
    b->published = b->day == DATE_NONE;
    b->last = b->published ? b->q.to : b->day;
    b->first = b->level ? DATE_NONE : b->published ? b->q.from : b->day;
    return !(b->level && b->published);
}

static const char *
difference_own_path(struct context *c, const struct behind *b)
{
    return figures_published_path(c->arena, b->q.area, b->series, b->day, b->q.from, b->q.to);
}

static const char *
difference_path(struct context *c, const struct behind *b)
{
    return text_format(c->arena, "/figures/difference?area=%s&from=%s&to=%s", b->q.area, date_iso(c->arena, b->q.from),
                       date_iso(c->arena, b->q.to));
}

static const struct number_kind number_kinds[] = {
    {read_of_difference, difference_own_path, difference_path, "公表との差へ戻る", false},
    {read_of_signal, signal_own_path, signals_path, "早期の兆しへ戻る", true},
    {read_of_table, table_own_path, table_path, "数値へ戻る", false},
};

/* Out of the query. */
static struct behind
read_behind(struct context *c)
{
    const char *cell = request_query(c->request, "cell");
    struct behind asked = {.q = figures_ask(c), .series = request_query(c->request, "series"), .cell = cell[0] == '\0' ? NULL : cell,
                           .day = date_from_iso(request_query(c->request, "day"))};

    for (size_t i = 0; i < sizeof number_kinds / sizeof *number_kinds; i++) {
        struct behind b = asked;
        if (number_kinds[i].read(c, &b)) {
            b.kind = &number_kinds[i];
            return b;
        }
    }
    return asked;
}

/* ---- patients ---------------------------------------------------------------------------------------------------------- */

/* The statement of how many the number counts: of a cell by week, otherwise by day. */
static unsigned
add_count(struct db_batch *batch, struct context *c, const struct behind *b)
{
    const char *first = date_iso(c->arena, b->first == DATE_NONE ? b->last : b->first), *last = date_iso(c->arena, b->last);

    if (b->cell != NULL)
        return DB_ADD(batch, SQL_figures_weekly_seen, b->q.area, b->series, date_iso(c->arena, b->day), date_iso(c->arena, b->day));
    return DB_ADD(batch, SQL_figures_daily_seen, b->q.area, db_array(c->arena, 1, &b->series), first, last);
}

/* Is this row of what is wanted? As app.figure_in_cell. */
static bool
in_cell(const struct behind *b, const char *cell)
{
    if (text_same(b->cell, OTHERS))
        return figure_cell_find(cell) < 0;
    return text_same(b->cell, cell) || (b->kind->both_sexes && text_same(b->series, "new") && text_same(b->cell, cell + 1));
}

/* Marks the days from the first on which the area has published; all of them for a number that does not ask. */
static void
mark_days(const struct behind *b, const struct rows *published, bool days[FIGURES_MOST_DAYS])
{
    for (size_t i = 0; i < FIGURES_MOST_DAYS; i++)
        days[i] = !b->published;
    for (size_t i = 0; b->published && i < rows_count(published); i++)
        if (text_same(rows_text(published, i, "series"), b->series))
            days[date_from_iso(rows_text(published, i, "day")) - b->first] = true;
}

static int64_t
counted(const struct behind *b, const struct rows *rows, const struct rows *published)
{
    const char *column = b->level ? "level" : "count";
    bool days[FIGURES_MOST_DAYS];
    int64_t sum = 0;

    mark_days(b, published, days);
    for (size_t i = 0; i < rows_count(rows); i++) /* by cell, or day by day */
        if (b->cell != NULL ? in_cell(b, rows_text(rows, i, "cell")) : days[i])
            sum += rows_int(rows, i, column);
    return sum;
}

/* Do the tables have weeks by cell that begin on this day? The rows of `rows` are of the week that the day lies in. */
static bool
is_week(const struct behind *b, const struct rows *rows)
{
    return b->cell == NULL || rows_count(rows) == 0 || date_from_iso(rows_text(rows, 0, "week")) == b->day;
}

/* "2021/8/1", "2021/7/26～2021/8/1", "2021/8/1まで". */
static const char *
days_label(struct arena *arena, const struct behind *b)
{
    const char *last = date_slashed(arena, b->last);

    if (b->first == DATE_NONE)
        return text_format(arena, text_same(b->series, "new") || text_same(b->series, "death") ? "%sまで" : "%s現在", last);
    if (b->first == b->last)
        return last;
    return text_format(arena, "%s～%s%s", date_slashed(arena, b->first), last, b->published ? "のうち公表した日" : "");
}

static const char *
cell_label(struct arena *arena, const struct behind *b)
{
    if (b->cell == NULL)
        return "";
    if (b->kind->both_sexes)
        return text_format(arena, "、%s", figures_part_label(arena, b->series, b->cell));
    return text_format(arena, "、%s", text_same(b->cell, OTHERS) ? "性別・年代その他" : figure_cell_label(arena, b->cell));
}

/* How many of those counted are not in the list, and why; "" when all that were looked at are. Of many only some are, and that is said. */
static const char *
unseen_words(struct context *c, const struct figures_listed *list)
{
    bool some = list->looked_at > 0 && list->count > list->looked_at;
    const char *looked_at = some ? text_format(c->arena, "%d人まで確かめ、", list->looked_at) : "うち";

    if (list->unseen > 0)
        return text_format(c->arena, "%s%lld人は、この機関では表示できません。", looked_at, (long long)list->unseen);
    return some ? text_format(c->arena, "%sその全員をこの機関で表示できます。", looked_at) : "";
}

void
figures_send_list(struct context *c, const struct figures_listed *list)
{
    if (rows_count(list->rows) > 0 && rows_text(list->rows, 0, "patient_id") != NULL) {
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_list(trail, c->arena, "list", list->rows, "");
        enum db_status status = db_run(trail);
        if (status != DB_OK) {
            page_database_failed(c, status);
            return;
        }
    }
    struct view *view = page_view(c, list->title);
    view_format(view, "lead", "この数値が数えている%lld人です。%s%s", (long long)list->count, unseen_words(c, list), list->order);
    view_text(view, "definition", list->definition);
    view_text(view, "as_of", date_time_now(c->arena));
    view_text(view, "back_path", list->back_path);
    view_text(view, "back_label", list->back_label);
    list_view_fill(c, view, list->rows, list->table_label, list->time_label, "表示できる方はいません。");
    list_view_next(c, view, list->rows, list->own_path);
    page_send(c, TEMPLATE_figures_list, view);
}

static void
show_patients(struct context *c, const struct behind *b, const struct rows *rows, int64_t count, int64_t unseen)
{
    struct figures_listed list = {
        .title = text_format(c->arena, "%s（%s、%s%s）", figure_series_label(b->series), b->area.name, days_label(c->arena, b),
                             cell_label(c->arena, b)),
        .order = "保健所ごとに、届出の新しい順です。",
        .definition = b->q.indicator->definition,
        .table_label = figure_series_label(b->series),
        .time_label = "報告日",
        .own_path = b->kind->own_path(c, b),
        .back_path = b->kind->page_path(c, b),
        .back_label = b->kind->back_label,
        .rows = rows,
        .count = count,
        .unseen = unseen,
        .looked_at = MOST_LOOKED_AT,
    };

    figures_send_list(c, &list);
}

static void
list_patients(struct context *c, struct behind *b)
{
    const char *after, *patient, *first = b->first == DATE_NONE ? NULL : date_iso(c->arena, b->first), *last = date_iso(c->arena, b->last);
    const char *published_only = db_bool(b->published);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    list_view_cursor(c, FIRST_PATIENT, &after, &patient);
    unsigned areas = figures_add_areas(batch, c, b->q.area), count = add_count(batch, c, b);
    unsigned published = b->published ? DB_ADD(batch, SQL_published_days, b->q.area, first, last) : count;
    unsigned unseen = DB_ADD(batch, SQL_figures_unseen, b->q.area, b->series, first, last, b->cell, db_int(c->arena, MOST_LOOKED_AT),
                             published_only);
    unsigned list = DB_ADD(batch, SQL_figures_list, area_mine(c), b->q.area, b->series, first, last, b->cell, after,
                           after == NULL ? NULL : patient, published_only);
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    else if (!figures_find_area(db_rows(batch, areas), b->q.area, &b->area) || !b->area.within)
        area_refuse(c, "figures_list", text_format(c->arena, "area %.20s", b->q.area));
    else if (!is_week(b, db_rows(batch, count)))
        page_not_found(c);
    else
        show_patients(c, b, db_rows(batch, list), counted(b, db_rows(batch, count), db_rows(batch, published)),
                      rows_int(db_rows(batch, unseen), 0, "unseen"));
}

/* ---- clusters ---------------------------------------------------------------------------------------------------------- */

/* The kinds of place that a column of ⑪ counts, as an array; '' for a cluster of which none is said. */
static const char *
kinds_of(struct context *c, size_t place)
{
    const struct choice_list *list = &dictionary_lists[LIST_cluster_kind];
    const char **kinds = ARENA_ARRAY(c->arena, (size_t)list->count + 1, const char *);
    size_t count = 0;

    for (int i = 0; i < list->count; i++)
        if (figure_place_counts(place, list->choices[i].code))
            kinds[count++] = list->choices[i].code;
    if (figure_place_counts(place, ""))
        kinds[count++] = "";
    return db_array(c->arena, count, kinds);
}

static void
list_clusters(struct context *c, struct behind *b, size_t place)
{
    const char *after = request_query(c->request, "after");
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned areas = figures_add_areas(batch, c, b->q.area);
    unsigned list = DB_ADD(batch, SQL_figures_cluster_list, b->q.area, date_iso(c->arena, b->day), kinds_of(c, place),
                           after[0] == '\0' ? NULL : area_id(c, after));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (!figures_find_area(db_rows(batch, areas), b->q.area, &b->area) || !b->area.within) {
        area_refuse(c, "figures_list", text_format(c->arena, "area %.20s", b->q.area));
        return;
    }
    struct view *view = page_view(c, text_format(c->arena, "集団感染（%s、%s～%s、%s）", b->area.name, date_slashed(c->arena, b->day),
                                                 date_slashed(c->arena, b->day + 6), figure_places[place].label));
    view_flag(view, "may_add", false);
    cluster_fill_list(c, view, db_rows(batch, list),
                      text_format(c->arena, "/figures/list?indicator=%d&area=%s&day=%s&cell=%d&", (int)b->q.number, b->q.area,
                                  date_iso(c->arena, b->day), (int)place));
    page_send(c, TEMPLATE_clusters, view);
}

void
figures_list_show(struct context *c)
{
    static const struct {
        const char *name; /* in the query of a number that is counted there */
        void (*list)(struct context *c);
    } elsewhere[] = {{"row", cross_list}, {"press", press_list}};
    int64_t place;

    if (!area_kind(c, AREA_OFFICES, "figures_list"))
        return;
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (request_query(c->request, elsewhere[i].name)[0] != '\0') {
            elsewhere[i].list(c);
            return;
        }
    struct behind b = read_behind(c);
    if (b.kind != NULL)
        list_patients(c, &b);
    else if (b.q.indicator != NULL && b.q.indicator->shape == FIGURE_WEEKLY_PLACES && b.day != DATE_NONE &&
             text_to_int(request_query(c->request, "cell"), 0, FIGURE_PLACES - 1, &place) == 0)
        list_clusters(c, &b, (size_t)place);
    else
        page_not_found(c);
}
