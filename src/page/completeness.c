/*
 * completeness.c - 入力状況: of how many patients something is still to be entered; for a centre with its trend and the people
 * concerned, for whoever stands above as a table of the centres below.
 */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/completeness.h"
#include "core/todo.h"
#include "dictionary/rights.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_head.h"

#define FIRST_PATIENT "0"
#define GOVERNMENT    (1u << KIND_ministry | 1u << KIND_prefecture | 1u << KIND_city)
#define ANY_RELATION  (~0u)

static const char *
label_of(int kind)
{
    return todo_find(completeness_kinds[kind].name)->label;
}

/* May this kind of organisation see of whom it is missing at all? The database judges again for each patient. */
static bool
may_list(const struct context *c, int kind)
{
    return rights_may_view(rights_of(c->session.kind, ANY_RELATION), completeness_kinds[kind].class);
}

static const char *
list_path(struct context *c, const char *centre, int kind)
{
    return text_format(c->arena, "/completeness/%s/%s", centre, completeness_kinds[kind].name);
}

/* A figure with its rate, and where its list is. */
static void
fill_figure(struct context *c, struct view *row, const char *centre, const struct completeness *here,
            int kind)
{
    view_text(row, "kind_label", label_of(kind));
    view_int(row, "missing", here->missing[kind]);
    view_text(row, "rate", completeness_rate(c->arena, here->missing[kind], here->patients));
    view_flag(row, "listed", here->missing[kind] > 0 && may_list(c, kind));
    view_text(row, "kind_path", list_path(c, centre, kind));
}

/* ---- the trend, as a drawing and as a table ------------------------------------------------------------------------ */

enum { LEFT = 6, RIGHT = 254, TOP = 8, BOTTOM = 76 }; /* of the lines in the drawing of 260 by 84 */

/* A line through the weeks; where nothing was kept there is no point. */
static void
fill_line(struct context *c, struct view *view, const struct completeness_week *weeks, size_t count,
          date_day first, int kind)
{
    struct buf points = buf_new(c->arena);
    int64_t most = 1;
    int x = 0, y = 0;

    for (size_t i = 0; i < count; i++)
        most = weeks[i].missing[kind] > most ? weeks[i].missing[kind] : most;
    for (size_t i = 0; i < count; i++) {
        x = LEFT + (weeks[i].monday - first) / 7 * (RIGHT - LEFT) / (COMPLETENESS_WEEKS - 1);
        y = BOTTOM - (int)(weeks[i].missing[kind] * (BOTTOM - TOP) / most);
        buf_printf(&points, "%s%d,%d", i == 0 ? "" : " ", x, y);
    }
    struct view *row = view_row(view, "lines");
    view_text(row, "line_label", label_of(kind));
    view_text(row, "points", buf_text(&points));
    view_int(row, "last_x", x);
    view_int(row, "last_y", y);
    view_int(row, "most", most);
    view_int(row, "from_count", weeks[0].missing[kind]);
    view_int(row, "to_count", weeks[count - 1].missing[kind]);
}

static void
fill_trend(struct context *c, struct view *view, const struct rows *rows)
{
    struct completeness_week weeks[COMPLETENESS_WEEKS];
    size_t count = completeness_weeks(rows, weeks);
    date_day first = completeness_first_week(date_today());

    view_flag(view, "has_trend", count > 0);
    view_list(view, "lines");
    view_list(view, "weeks");
    view_list(view, "week_columns");
    if (count == 0)
        return;
    view_text(view, "first_day", date_slashed(c->arena, first));
    view_text(view, "trend_from", date_slashed(c->arena, weeks[0].monday));
    view_text(view, "trend_to", date_slashed(c->arena, weeks[count - 1].monday));
    for (int kind = 0; kind < COMPLETENESS_KINDS; kind++) {
        fill_line(c, view, weeks, count, first, kind);
        view_text(view_row(view, "week_columns"), "column_label", label_of(kind));
    }
    for (size_t i = count; i-- > 0;) {
        struct view *week = view_row(view, "weeks");
        view_text(week, "monday", date_slashed(c->arena, weeks[i].monday));
        view_list(week, "cells");
        for (int kind = 0; kind < COMPLETENESS_KINDS; kind++)
            view_int(view_row(week, "cells"), "cell", weeks[i].missing[kind]);
    }
}

/* ---- a centre ------------------------------------------------------------------------------------------------------ */

static void
fill_digest(struct context *c, struct view *view, int chosen)
{
    static const char *const weekdays[DIGEST_LAST + 1] = {
        "送らない", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"};

    view_text(view, "form_id", crypt_uuid(c->arena));
    view_list(view, "weekdays");
    for (int i = 0; i <= DIGEST_LAST; i++) {
        struct view *row = view_row(view, "weekdays");
        int weekday = (i + 1) % (DIGEST_LAST + 1); /* 送らない comes last */
        view_int(row, "weekday", weekday);
        view_text(row, "weekday_label", weekdays[weekday]);
        view_flag(row, "is_chosen", weekday == chosen);
    }
}

/* `centre` as the decimal number of its organisation: its figures, its trend, and for itself the mail. */
static void
show_centre(struct context *c, const char *centre)
{
    bool own = text_same(centre, db_int(c->arena, c->session.organisation_id));
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned figures = DB_ADD(batch, SQL_completeness_centre, centre);
    unsigned weeks = DB_ADD(batch, SQL_completeness_weeks, centre,
                            date_iso(c->arena, completeness_first_week(date_today())));
    unsigned digest = DB_ADD(batch, SQL_digest_find, db_int(c->arena, c->session.organisation_id));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (rows_count(db_rows(batch, figures)) == 0) {
        page_not_found(c);
        return;
    }
    struct completeness here = completeness_from_row(db_rows(batch, figures), 0);
    const char *name = rows_text(db_rows(batch, figures), 0, "name");
    struct view *view = page_view(c, own ? "入力状況" : text_format(c->arena, "入力状況（%s）", name));
    view_text(view, "as_of", date_time_now(c->arena));
    view_int(view, "people", here.patients);
    view_flag(view, "own", own);
    view_list(view, "figures");
    for (int kind = 0; kind < COMPLETENESS_KINDS; kind++)
        fill_figure(c, view_row(view, "figures"), centre, &here, kind);
    fill_trend(c, view, db_rows(batch, weeks));
    fill_digest(c, view, (int)rows_int(db_rows(batch, digest), 0, "weekday"));
    page_send(c, TEMPLATE_completeness, view);
}

/* ---- the centres below --------------------------------------------------------------------------------------------- */

/* A centre, or the centres of a prefecture together. */
struct below {
    const char *id, *name, *prefecture; /* id: of a prefecture its code */
    bool closed;
    struct completeness here;
    int64_t sort; /* what the table is in the order of, the highest first */
    size_t place; /* among equals: as the database gave them */
};

static int
compare_below(const void *a, const void *b)
{
    const struct below *x = a, *y = b;

    if (x->sort != y->sort)
        return x->sort < y->sort ? 1 : -1;
    return x->place < y->place ? -1 : 1;
}

/* Parts in a million, so that centres of different size compare. */
static int64_t
share(const struct completeness *here, int kind)
{
    return here->patients <= 0 ? 0 : here->missing[kind] * 1000000 / here->patients;
}

static struct below *
read_below(struct context *c, const struct rows *rows, int sorted)
{
    struct below *list = ARENA_ARRAY(c->arena, rows_count(rows) + 1, struct below);

    for (size_t i = 0; i < rows_count(rows); i++) {
        struct completeness here = completeness_from_row(rows, i);
        list[i] = (struct below){.id = rows_text(rows, i, "organisation_id"),
                                 .name = rows_text(rows, i, "name"),
                                 .prefecture = rows_text(rows, i, "prefecture"),
                                 .closed = rows_bool(rows, i, "closed"),
                                 .here = here,
                                 .sort = sorted < 0 ? 0 : share(&here, sorted),
                                 .place = i};
    }
    qsort(list, rows_count(rows), sizeof *list, compare_below);
    return list;
}

static void
add_to(struct completeness *sum, const struct completeness *here)
{
    sum->patients += here->patients;
    for (int kind = 0; kind < COMPLETENESS_KINDS; kind++)
        sum->missing[kind] += here->missing[kind];
}

/* All centres together, as the first row of the table. */
static struct completeness
sum_of(const struct below *list, size_t count)
{
    struct completeness sum = {0};

    for (size_t i = 0; i < count; i++)
        add_to(&sum, &list[i].here);
    return sum;
}

/* The prefectures of the rows, which come in their order; *count says how many. */
static struct below *
read_prefectures(struct context *c, const struct rows *rows, int sorted, size_t *count)
{
    struct below *list = ARENA_ARRAY(c->arena, rows_count(rows) + 1, struct below);

    *count = 0;
    for (size_t i = 0; i < rows_count(rows); i++) {
        const char *code = rows_text(rows, i, "prefecture_code");
        struct completeness here = completeness_from_row(rows, i);
        if (*count == 0 || !text_same(list[*count - 1].id, code)) {
            list[*count] = (struct below){.id = code,
                                          .name = rows_text(rows, i, "prefecture"),
                                          .prefecture = "",
                                          .place = *count};
            ++*count;
        }
        add_to(&list[*count - 1].here, &here);
    }
    for (size_t i = 0; i < *count && sorted >= 0; i++)
        list[i].sort = share(&list[i].here, sorted);
    qsort(list, *count, sizeof *list, compare_below);
    return list;
}

static void
fill_below(struct context *c, struct view *view, const char *id, const struct completeness *here)
{
    view_int(view, "people", here->patients);
    view_list(view, "figures");
    for (int kind = 0; kind < COMPLETENESS_KINDS; kind++) {
        struct view *row = view_row(view, "figures");
        fill_figure(c, row, id, here, kind);
        if (id[0] == '\0') /* the sum has no list */
            view_flag(row, "listed", false);
    }
}

/* The headings, each of which sorts; `prefecture` NULL: of all. */
static void
fill_columns(struct view *view, int sorted, const char *prefecture)
{
    view_list(view, "columns");
    for (int kind = 0; kind < COMPLETENESS_KINDS; kind++) {
        struct view *column = view_row(view, "columns");
        view_text(column, "column_label", label_of(kind));
        view_flag(column, "is_sorted", kind == sorted);
        view_format(column, "sort_path", "/completeness?sort=%s%s%s", completeness_kinds[kind].name,
                    prefecture == NULL ? "" : "&prefecture=", prefecture == NULL ? "" : prefecture);
    }
}

/* For the ministry: a row for each prefecture, which opens its centres. */
static void
fill_prefectures(struct context *c, struct view *view, const struct rows *rows, int sorted)
{
    size_t count;
    struct below *list = read_prefectures(c, rows, sorted, &count);

    view_flag(view, "has_prefectures", true);
    for (size_t i = 0; i < count; i++) {
        struct view *row = view_row(view, "prefectures");
        view_text(row, "prefecture", list[i].name);
        view_format(row, "prefecture_path", "/completeness?prefecture=%s", list[i].id);
        fill_below(c, row, "", &list[i].here);
    }
}

static void
fill_centres(struct context *c, struct view *view, const struct below *list, size_t count)
{
    view_list(view, "centres");
    for (size_t i = 0; i < count; i++) {
        struct view *row = view_row(view, "centres");
        view_text(row, "centre", list[i].name);
        view_text(row, "prefecture", list[i].prefecture);
        view_flag(row, "closed", list[i].closed);
        view_format(row, "centre_path", "/completeness/%s", list[i].id);
        fill_below(c, row, list[i].id, &list[i].here);
    }
}

/* The prefecture that was asked for, as its two digits; NULL: all that are below. */
static const char *
asked_prefecture(struct context *c)
{
    const char *code = request_query(c->request, "prefecture");
    int64_t number;

    return strlen(code) == 2 && text_to_int(code, 1, 47, &number) == 0 ? code : NULL;
}

static void
show_below(struct context *c)
{
    const char *organisation = db_int(c->arena, c->session.organisation_id);
    const char *prefecture = asked_prefecture(c);
    int sorted = completeness_find(request_query(c->request, "sort"));
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned figures = DB_ADD(batch, SQL_completeness_below, organisation, prefecture);
    unsigned weeks = DB_ADD(batch, SQL_completeness_weeks_below, organisation, prefecture,
                            date_iso(c->arena, completeness_first_week(date_today())));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, figures);
    bool one = prefecture != NULL && rows_count(rows) > 0;
    struct below *list = read_below(c, rows, sorted);
    struct completeness sum = sum_of(list, rows_count(rows));
    struct view *view = page_view(
        c, one ? text_format(c->arena, "入力状況（%s）", rows_text(rows, 0, "prefecture")) : "入力状況");
    view_text(view, "as_of", date_time_now(c->arena));
    view_int(view, "centre_count", (int64_t)rows_count(rows));
    view_flag(view, "by_place", sorted < 0);
    view_flag(view, "of_one", prefecture != NULL);
    fill_columns(view, sorted, prefecture);
    fill_below(c, view, "", &sum);
    fill_trend(c, view, db_rows(batch, weeks));
    view_flag(view, "has_prefectures", false);
    view_list(view, "prefectures");
    if (c->session.kind == KIND_ministry && prefecture == NULL)
        fill_prefectures(c, view, rows, sorted);
    fill_centres(c, view, list, rows_count(rows));
    page_send(c, TEMPLATE_completeness_below, view);
}

/* ---- the pages ----------------------------------------------------------------------------------------------------- */

/* The centre in the path as a decimal number; NULL when it is none, or the kind of organisation has no 入力状況. */
static const char *
centre_of_path(struct context *c)
{
    int64_t id;
    unsigned kind = 1u << c->session.kind;

    if ((kind & (GOVERNMENT | 1u << KIND_centre)) == 0 ||
        text_to_int(path_part(c, 1), 1, INT64_MAX, &id) != 0)
        return NULL;
    return db_int(c->arena, id);
}

void
completeness_show(struct context *c)
{
    unsigned kind = 1u << c->session.kind;

    if ((kind & GOVERNMENT) != 0)
        show_below(c);
    else if (kind == 1u << KIND_centre)
        show_centre(c, db_int(c->arena, c->session.organisation_id));
    else
        page_not_found(c);
}

void
completeness_centre_show(struct context *c)
{
    const char *centre = centre_of_path(c);

    if (centre == NULL)
        page_not_found(c);
    else
        show_centre(c, centre);
}

void
completeness_list_show(struct context *c)
{
    const char *centre = centre_of_path(c), *time, *patient;
    int kind = completeness_find(path_part(c, 2));

    if (centre == NULL || kind < 0) {
        page_not_found(c);
        return;
    }
    if (!may_list(c, kind)) {
        page_forbidden(c, "この項目が入力されていない方の一覧は、表示できません。担当の保健所にお尋ねください。");
        return;
    }
    list_view_cursor(c, FIRST_PATIENT, &time, &patient);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned figures = DB_ADD(batch, SQL_completeness_centre, centre);
    unsigned list = DB_ADD(batch, SQL_completeness_list, db_int(c->arena, c->session.organisation_id),
                           centre, completeness_kinds[kind].name, time, patient);
    enum db_status status = db_run(batch);
    if (status == DB_OK && rows_count(db_rows(batch, list)) > 0) {
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_list(trail, c->arena, "list", db_rows(batch, list), "");
        status = db_run(trail);
    }
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (rows_count(db_rows(batch, figures)) == 0) {
        page_not_found(c);
        return;
    }
    struct view *view = page_view(c, label_of(kind));
    view_format(view, "lead", "%sが担当している方です。届出の古い順です。",
                rows_text(db_rows(batch, figures), 0, "name"));
    view_flag(view, "with_past", false);
    view_text(view, "as_of", date_time_now(c->arena));
    list_view_fill(c, view, db_rows(batch, list), label_of(kind), "届出", "ありません。");
    list_view_next(c, view, db_rows(batch, list), c->request->path);
    page_send(c, TEMPLATE_patients, view);
}

/* The weekday of the mail, for the centre itself. */
void
completeness_post(struct context *c)
{
    struct desk desk = patient_desk(c);
    int64_t weekday;

    if (c->session.kind != KIND_centre)
        page_not_found(c);
    else if (text_to_int(request_value(c->request, "weekday"), DIGEST_NEVER, DIGEST_LAST, &weekday) != 0)
        page_bad_request(c, "曜日を選んで、もう一度押してください。");
    else
        patient_conclude(c, completeness_set_digest(&desk, (int)weekday), "/completeness", "digest_saved");
}
