/*
 * figures_difference.c - 公表との差: what an area has published beside what is counted, day by day; of whom something is missing that may
 * be the reason; the areas below; and what an office above asks, with the answers (照会・回答).
 */
#include <string.h>

#include "base/text.h"
#include "core/audit.h"
#include "core/published.h"
#include "exchange/published_csv.h"
#include "page/area.h"
#include "page/figures_page.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_head.h"

#define FIRST_PATIENT "0"

enum { BELOW_PAGE = 50, INQUIRIES_PAGE = 50 };

/* ---- by day ------------------------------------------------------------------------------------------------------------ */

/* What stands for a day and a series; known false: nothing was published. */
struct compared {
    bool known;
    int64_t published, counted;
    int64_t corrected; /* how often it was entered anew */
};

/* Of `days` days from the first: what was published and what is counted. */
static struct compared *
compare(struct context *c, const struct figures_question *q, const struct rows *published, const struct rows *counted)
{
    size_t days = (size_t)(q->to - q->from + 1);
    struct compared *all = arena_array(c->arena, days * PUBLISHED_SERIES, sizeof *all);

    memset(all, 0, days * PUBLISHED_SERIES * sizeof *all);
    for (int s = 0; s < PUBLISHED_SERIES; s++) {
        const char *column = text_same(published_series[s], "severe") ? "level" : "count";
        for (size_t i = 0; i < rows_count(counted); i++)
            if (text_same(rows_text(counted, i, "series"), published_series[s]))
                all[(size_t)(date_from_iso(rows_text(counted, i, "day")) - q->from) * PUBLISHED_SERIES + (size_t)s].counted = rows_int(counted, i, column);
        for (size_t i = 0; i < rows_count(published); i++) {
            if (!text_same(rows_text(published, i, "series"), published_series[s]))
                continue;
            struct compared *one = &all[(size_t)(date_from_iso(rows_text(published, i, "day")) - q->from) * PUBLISHED_SERIES + (size_t)s];
            one->known = true;
            one->published = rows_int(published, i, "count");
            one->corrected = rows_int(published, i, "corrected");
        }
    }
    return all;
}

/* "+3", "0", "-2": how many more were published than are counted. */
static const char *
difference(struct arena *arena, int64_t published, int64_t counted)
{
    return published == counted ? "0" : text_format(arena, "%+lld", (long long)(published - counted));
}

/* Whom a count counts: of a day, or (DATE_NONE) of those published of the days asked for. */
static const char *
counted_path(struct context *c, int64_t counted, const char *area, const char *series, date_day day, const struct figures_question *q)
{
    return counted > 0 ? figures_published_path(c->arena, area, series, day, q->from, q->to) : "";
}

static void
fill_compared(struct context *c, struct view *cell, const struct figures_question *q, const struct compared *one, int s, date_day day)
{
    view_flag(cell, "known", one->known);
    view_text(cell, "series_label", published_labels[s]);
    view_text(cell, "difference", difference(c->arena, one->published, one->counted));
    view_int(cell, "published", one->published);
    view_int(cell, "counted", one->counted);
    view_text(cell, "counted_path", counted_path(c, one->counted, q->area, published_series[s], day, q));
    view_text(cell, "corrected", one->corrected > 0 ? text_format(c->arena, "（訂正%lld回）", (long long)one->corrected) : "");
    view_text(cell, "missing_path", one->known && one->published != one->counted
                  ? text_format(c->arena, "/figures/missing?area=%s&series=%s&day=%s", q->area, published_series[s], date_iso(c->arena, day))
                  : "");
}

/* The days of which something is known, the newest first, and their sums; of 重症, which is a level, there is none. */
static void
fill_days(struct context *c, struct view *view, const struct figures_question *q, const struct compared *all)
{
    struct compared sums[PUBLISHED_SERIES] = {{0}};

    view_list(view, "days");
    for (date_day day = q->to; day >= q->from; day--) {
        const struct compared *of_day = &all[(size_t)(day - q->from) * PUBLISHED_SERIES];
        bool any = false;
        for (int s = 0; s < PUBLISHED_SERIES; s++)
            any |= of_day[s].known;
        if (!any)
            continue;
        struct view *row = view_row(view, "days");
        view_text(row, "day_label", date_slashed(c->arena, day));
        view_list(row, "cells");
        for (int s = 0; s < PUBLISHED_SERIES; s++) {
            fill_compared(c, view_row(row, "cells"), q, &of_day[s], s, day);
            sums[s].known |= of_day[s].known && !text_same(published_series[s], "severe");
            sums[s].published += of_day[s].known ? of_day[s].published : 0;
            sums[s].counted += of_day[s].known ? of_day[s].counted : 0;
        }
    }
    view_list(view, "sums");
    for (int s = 0; s < PUBLISHED_SERIES; s++) {
        struct view *cell = view_row(view, "sums");
        view_flag(cell, "known", sums[s].known);
        view_text(cell, "series_label", published_labels[s]);
        view_text(cell, "difference", difference(c->arena, sums[s].published, sums[s].counted));
        view_int(cell, "published", sums[s].published);
        view_int(cell, "counted", sums[s].counted);
        view_text(cell, "counted_path", counted_path(c, sums[s].counted, q->area, published_series[s], DATE_NONE, q));
    }
}

/* ---- the areas below --------------------------------------------------------------------------------------------------- */

/* A cell of an area below: row `i`, of series `s`. */
static void
fill_below_cell(struct context *c, struct view *cell, const struct figures_question *q, const struct rows *rows, size_t i, int s)
{
    view_flag(cell, "known", true);
    view_flag(cell, "is_level", text_same(published_series[s], "severe"));
    view_text(cell, "difference", difference(c->arena, rows_int(rows, i, "published"), rows_int(rows, i, "counted")));
    view_int(cell, "published", rows_int(rows, i, "published"));
    view_int(cell, "counted", rows_int(rows, i, "counted"));
    view_text(cell, "counted_path",
              counted_path(c, rows_int(rows, i, "counted"), rows_text(rows, i, "area"), published_series[s], DATE_NONE, q));
    view_int(cell, "days", rows_int(rows, i, "days"));
    view_int(cell, "differing", rows_int(rows, i, "differing"));
}

/* Fifty areas; the rows come area by area, and of one more area when there are more. */
static void
fill_below(struct context *c, struct view *view, const struct figures_question *q, const struct rows *rows)
{
    const char *from = date_iso(c->arena, q->from), *to = date_iso(c->arena, q->to);
    size_t i = 0;

    view_list(view, "below");
    for (size_t shown = 0; i < rows_count(rows) && shown < BELOW_PAGE; shown++) {
        const char *area = rows_text(rows, i, "area");
        struct view *row = view_row(view, "below"), *cells[PUBLISHED_SERIES];
        view_text(row, "below_name", rows_text(rows, i, "name"));
        view_text(row, "below_path", text_format(c->arena, "/figures/difference?area=%s&from=%s&to=%s", area, from, to));
        view_list(row, "cells");
        for (int s = 0; s < PUBLISHED_SERIES; s++) {
            cells[s] = view_row(row, "cells");
            view_flag(cells[s], "known", false);
            view_text(cells[s], "series_label", published_labels[s]);
        }
        for (; i < rows_count(rows) && text_same(rows_text(rows, i, "area"), area); i++) {
            int s = published_find(rows_text(rows, i, "series"));
            if (s >= 0)
                fill_below_cell(c, cells[s], q, rows, i, s);
        }
    }
    view_text(view, "next_below_path",
              i == rows_count(rows) ? "" : text_format(c->arena, "/figures/difference?area=%s&from=%s&to=%s&behind=%s#below", q->area, from,
                                                       to, rows_text(rows, i - 1, "place")));
}

/* ---- inquiries --------------------------------------------------------------------------------------------------------- */

/* What was typed into a form that could not be taken. */
struct typed {
    int status;                                    /* of the answer; 0: nothing was wrong */
    const char *problem, *series, *day, *question; /* of 照会 */
    int64_t inquiry;                               /* whose answer it was; 0: none */
    const char *answer;
};

/* The statement of those about an area (NULL: of the whole reach), behind the row that the address names. */
static unsigned
add_inquiries(struct db_batch *batch, struct context *c, const char *area)
{
    int64_t asked, inquiry;

    if (text_to_int(request_query(c->request, "asked"), 0, INT64_MAX / 2, &asked) != 0 ||
        text_to_int(request_query(c->request, "inquiry"), 0, INT64_MAX, &inquiry) != 0)
        return DB_ADD(batch, SQL_inquiry_list, area, NULL, NULL, NULL);
    return DB_ADD(batch, SQL_inquiry_list, area, db_bool(text_same(request_query(c->request, "waiting"), "1")), db_int(c->arena, asked),
                  db_int(c->arena, inquiry));
}

/* An answer that was typed stands in the form of its inquiry, or by itself where there is no such form any more. */
static void
fill_inquiries(struct context *c, struct view *view, const struct rows *rows, const char *area, const struct typed *typed)
{
    size_t shown = rows_count(rows) > INQUIRIES_PAGE ? INQUIRIES_PAGE : rows_count(rows);
    bool placed = false;

    view_list(view, "inquiries");
    for (size_t i = 0; i < shown; i++) {
        struct view *row = view_row(view, "inquiries");
        int64_t id = rows_int(rows, i, "inquiry_id");
        const char *published = rows_text(rows, i, "published");
        view_int(row, "inquiry", id);
        view_text(row, "inquiry_area", rows_text(rows, i, "area"));
        view_text(row, "day_label", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "day"))));
        view_text(row, "series_label", figure_series_label(rows_text(rows, i, "series")));
        view_text(row, "published", published == NULL ? "―" : published);
        view_text(row, "counted", rows_text(rows, i, "counted"));
        view_text(row, "question", rows_text(rows, i, "question"));
        view_text(row, "asker", rows_text(rows, i, "asker"));
        view_text(row, "office", rows_text(rows, i, "office"));
        view_text(row, "asked", rows_text(rows, i, "asked"));
        view_text(row, "answer", rows_text(rows, i, "answer"));
        view_text(row, "answered", rows_text(rows, i, "answered"));
        view_flag(row, "to_answer", rows_bool(rows, i, "to_answer"));
        view_flag(row, "to_read", rows_bool(rows, i, "to_read"));
        view_text(row, "typed_answer", typed->inquiry == id ? typed->answer : "");
        view_text(row, "answer_form_id", crypt_uuid(c->arena));
        placed |= typed->inquiry == id && rows_bool(rows, i, "to_answer");
    }
    view_text(view, "unsent_answer", placed ? "" : typed->answer);
    view_text(view, "next_path",
              rows_count(rows) <= INQUIRIES_PAGE
                  ? ""
                  : text_format(c->arena, "/figures/inquiries?area=%s&waiting=%d&asked=%s&inquiry=%s", area,
                                rows_bool(rows, shown - 1, "waiting"), rows_text(rows, shown - 1, "asked_us"),
                                rows_text(rows, shown - 1, "inquiry_id")));
}

static void
fill_question(struct context *c, struct view *view, const struct typed *typed)
{
    view_text(view, "typed_day", typed->day);
    view_text(view, "typed_question", typed->question);
    view_list(view, "series");
    for (int s = 0; s < PUBLISHED_SERIES; s++) {
        struct view *row = view_row(view, "series");
        view_text(row, "code", published_series[s]);
        view_text(row, "series_label", published_labels[s]);
        view_flag(row, "is_chosen", text_same(typed->series, published_series[s]));
    }
    view_text(view, "form_id", crypt_uuid(c->arena));
}

/* ---- the page ---------------------------------------------------------------------------------------------------------- */

static void
fill_page(struct context *c, struct view *view, const struct figures_question *q, const struct typed *typed)
{
    bool own = text_same(q->area, figures_own_area(c));

    view_text(view, "problem", typed->problem != NULL ? typed->problem : q->problem);
    view_text(view, "from", q->from_typed);
    view_text(view, "to", q->to_typed);
    view_text(view, "area", q->area);
    view_flag(view, "may_enter", own && c->session.kind != KIND_ministry);
    view_flag(view, "may_ask", !own);
    fill_question(c, view, typed);
}

static void
show(struct context *c, const struct figures_question *q, const struct typed *typed)
{
    struct figures_area area;
    bool has_below = c->session.kind != KIND_centre && text_same(q->area, figures_own_area(c));
    const char *from = date_iso(c->arena, q->from), *to = date_iso(c->arena, q->to), *behind = request_query(c->request, "behind");
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned areas = figures_add_areas(batch, c, q->area), published = DB_ADD(batch, SQL_published_days, q->area, from, to);
    unsigned counted = DB_ADD(batch, SQL_figures_daily_seen, q->area, db_array(c->arena, PUBLISHED_SERIES, published_series), from, to);
    unsigned inquiries = add_inquiries(batch, c, q->area);
    unsigned below = has_below ? DB_ADD(batch, SQL_published_below, from, to, behind[0] == '\0' ? NULL : behind) : 0;
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (!figures_find_area(db_rows(batch, areas), q->area, &area) || !area.within) {
        area_refuse(c, "figures_view", text_format(c->arena, "area %.20s", q->area));
        return;
    }
    struct view *view = page_view(c, text_format(c->arena, "公表との差（%s）", area.name));
    fill_page(c, view, q, typed);
    figures_fill_areas(view, db_rows(batch, areas), q->area);
    view_format(view, "csv_path", "/figures/difference/table.csv?area=%s&from=%s&to=%s", q->area, from, to);
    fill_days(c, view, q, compare(c, q, db_rows(batch, published), db_rows(batch, counted)));
    if (q->as_file) {
        figures_difference_file_send(c, q, &area, view);
        return;
    }
    view_flag(view, "has_below", has_below);
    if (has_below)
        fill_below(c, view, q, db_rows(batch, below));
    fill_inquiries(c, view, db_rows(batch, inquiries), q->area, typed);
    page_send_status(c, typed->status == 0 ? 200 : typed->status, TEMPLATE_figures_difference, view);
}

/* As a page, which says what of the question is wrong; or as a file, which cannot. */
static void
show_asked(struct context *c, bool as_file)
{
    struct typed nothing = {0};

    if (!area_kind(c, AREA_OFFICES, "figures_view"))
        return;
    struct figures_question q = figures_ask(c);
    q.as_file = as_file;
    if (as_file && q.problem[0] != '\0')
        page_bad_request(c, q.problem);
    else
        show(c, &q, &nothing);
}

void
figures_difference_show(struct context *c)
{
    show_asked(c, false);
}

void
figures_difference_file_show(struct context *c)
{
    show_asked(c, true);
}

/* All that concerns the office, of an area or of whatever area: where the page of the day leads, and the page of a difference on. */
void
figures_inquiries_show(struct context *c)
{
    const char *area = request_query(c->request, "area");
    struct typed nothing = {0};

    if (!area_kind(c, AREA_OFFICES, "figures_view"))
        return;
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned rows = add_inquiries(batch, c, area[0] == '\0' ? NULL : area);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "公表との差の照会と回答");
    fill_inquiries(c, view, db_rows(batch, rows), area, &nothing);
    page_send(c, TEMPLATE_figures_inquiry_list, view);
}

/* ---- asking and answering ---------------------------------------------------------------------------------------------- */

/* What is wrong with a text of an inquiry, or NULL. */
static const char *
text_problem(struct arena *arena, const char *text, const char *what)
{
    if (text_empty(text))
        return text_format(arena, "%sを入力してください。", what);
    if (text_length(text) > INQUIRY_MOST)
        return text_format(arena, "%sは%d字までです。", what, INQUIRY_MOST);
    return NULL;
}

static const char *
back_path(struct context *c, const char *area)
{
    return text_format(c->arena, "/figures/difference?area=%s", area);
}

/* Ends a press: says that it is done; or why not, on the page that it was made on, with what was typed. `words`: of conflict, refusal. */
static void
conclude(struct context *c, const struct figures_question *q, struct typed *typed, enum notify_result result, const char *notice,
         const char *const words[2])
{
    if (result != NOTIFY_CONFLICT && result != NOTIFY_REFUSED) {
        patient_conclude(c, result, back_path(c, q->area), notice);
        return;
    }
    typed->status = 409;
    typed->problem = words[result == NOTIFY_REFUSED];
    show(c, q, typed);
}

static void
ask(struct context *c, const struct figures_question *q)
{
    static const char *const words[] = {
        "照会を送っていません。ほかの操作と重なりました。もう一度「照会する」を押してください。",
        "照会を送っていません。この地域に、照会を受ける機関がありません。閉鎖されたか、管内ではなくなっています。",
    };
    struct desk desk = patient_desk(c);
    struct typed typed = {.status = 422, .series = request_value(c->request, "series"), .day = request_value(c->request, "day"),
                          .question = text_trim(c->arena, request_value(c->request, "question"))};
    date_day day;

    typed.problem = text_problem(c->arena, typed.question, "照会の内容");
    if (date_parse(typed.day, &day) != DATE_OK)
        typed.problem = text_format(c->arena, "どの日のことかを、日付で入力してください。「%.40s」は読み取れません。", typed.day);
    if (published_find(typed.series) < 0)
        typed.problem = "どの数のことかを選んでください。";
    if (typed.problem != NULL)
        show(c, q, &typed);
    else
        conclude(c, q, &typed, inquiry_ask(&desk, q->area, typed.series, date_iso(c->arena, day), typed.question), "inquiry_asked", words);
}

/* An inquiry is answered by the office that it went to, so what is shown is its own area. */
static void
answer(struct context *c, struct figures_question *q)
{
    static const char *const words[] = {
        "回答を送っていません。この照会には、先に回答があります。下の一覧で確かめてください。",
        "回答を送っていません。この照会には、この機関から回答できません。",
    };
    struct desk desk = patient_desk(c);
    const char *id = area_id(c, request_value(c->request, "inquiry"));
    struct typed typed = {.status = 422, .answer = text_trim(c->arena, request_value(c->request, "answer"))};

    q->area = figures_own_area(c);
    typed.problem = text_problem(c->arena, typed.answer, "回答");
    text_to_int(id, 1, INT64_MAX, &typed.inquiry);
    if (typed.problem != NULL)
        show(c, q, &typed);
    else
        conclude(c, q, &typed, inquiry_answer(&desk, id, typed.answer), "inquiry_answered", words);
}

static void
take_answer(struct context *c, const struct figures_question *q)
{
    static const char *const words[] = {
        "確認済みにしていません。回答を確認済みにできるのは、照会した機関です。",
        "確認済みにしていません。この照会は、管内の地域のものではありません。",
    };
    struct desk desk = patient_desk(c);
    struct typed nothing = {0};

    conclude(c, q, &nothing, inquiry_read(&desk, area_id(c, request_value(c->request, "inquiry"))), "inquiry_read", words);
}

void
figures_inquiry_post(struct context *c)
{
    const char *step = request_value(c->request, "step");

    if (!area_kind(c, AREA_OFFICES, "figure_ask"))
        return;
    struct figures_question q = figures_ask(c);
    q.area = request_value(c->request, "area");
    if (text_same(step, "ask"))
        ask(c, &q);
    else if (text_same(step, "answer"))
        answer(c, &q);
    else if (text_same(step, "read"))
        take_answer(c, &q);
    else
        page_not_found(c);
}

/* ---- whom a difference may concern ------------------------------------------------------------------------------------- */

/* What the list of a series has, in words. */
static const char *const missing_leads[PUBLISHED_SERIES] = {
    "この日に届出があり、新規陽性者に数えていない方です（疑似症、陰性、取下げ、診断分類の入力がない届出）。",
    "この日に入院中で、重症度の登録が一度もない方です。",
    "死亡年月日か死亡場所の入力がない方と、この日までの60日間に届出があり、ステータスの入力がない方です。",
};

void
figures_missing_show(struct context *c)
{
    const char *after, *patient, *series = request_query(c->request, "series");
    date_day day = date_from_iso(request_query(c->request, "day"));
    struct figures_area area;
    int s = published_find(series);

    if (!area_kind(c, AREA_OFFICES, "figures_list"))
        return;
    struct figures_question q = figures_ask(c);
    if (s < 0 || day == DATE_NONE) {
        page_not_found(c);
        return;
    }
    list_view_cursor(c, FIRST_PATIENT, &after, &patient);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned areas = figures_add_areas(batch, c, q.area);
    unsigned list = DB_ADD(batch, SQL_published_missing, area_mine(c), q.area, series, date_iso(c->arena, day), after, after == NULL ? NULL : patient);
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
    if (!figures_find_area(db_rows(batch, areas), q.area, &area) || !area.within) {
        area_refuse(c, "figures_list", text_format(c->arena, "area %.20s", q.area));
        return;
    }
    struct view *view = page_view(c, text_format(c->arena, "入力がまだと思われる方（%s、%s、%s）", figure_series_label(series), area.name, date_slashed(c->arena, day)));
    view_text(view, "lead", missing_leads[s]);
    view_text(view, "definition", "");
    view_text(view, "as_of", date_time_now(c->arena));
    view_text(view, "back_path", back_path(c, q.area));
    view_text(view, "back_label", "公表との差へ戻る");
    list_view_fill(c, view, db_rows(batch, list), "入力がまだと思われる方", "まだのもの", "ありません。");
    list_view_next(c, view, db_rows(batch, list),
                   text_format(c->arena, "/figures/missing?area=%s&series=%s&day=%s", q.area, series, date_iso(c->arena, day)));
    page_send(c, TEMPLATE_figures_list, view);
}
