/*
 * editions.c - 公表の版, for the ministry: what was published when, what was held back and why, what waits; the corrections of an edition;
 * the time of the day at which one is made; and 「いま公表する」, which the jobs carry out.
 */

#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/figures.h"
#include "page/area.h"
#include "page/handlers.h"
#include "page/patient_head.h"
#include "page/simple_form.h"

enum { EDITIONS_PAGE = 20, CORRECTIONS_PAGE = 100 };

static bool
publishes(struct context *c)
{
    return area_kind_told(c, AREA_KIND(ministry), "editions", "数値を公表するのは、国です。公表した数値は「公表している数値」で見られます。");
}

/* ---- the time of the day ----------------------------------------------------------------------------------------------- */

static const struct field fields[] = {
    {.name = "time", .label = "公表する時刻", .hint = "毎日この時刻を過ぎると、前の日までの数値で版を作ります。例：16:00。空欄にすると、自動では作りません。",
     .css = "date-input", .read = jtext_clock, .unreadable = "時刻として読み取れません。例：16:00。自動で作らないときは、空欄にしてください。"},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* ---- the editions ------------------------------------------------------------------------------------------------------ */

static void
fill_edition(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    static const char *const counts[] = {"fresh", "corrected", "hidden", "withheld"};
    bool released = rows_bool(rows, i, "released");

    view_text(row, "made", rows_text(rows, i, "made"));
    view_text(row, "through", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "through"))));
    view_flag(row, "released", released);
    view_text(row, "reason", released ? "" : rows_text(rows, i, "reason"));
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
        view_text(row, counts[k], released ? rows_text(rows, i, counts[k]) : "―");
    view_text(row, "corrections_path",
              rows_int(rows, i, "corrected") > 0 ? text_format(c->arena, "/figures/editions/%s", rows_text(rows, i, "edition_id")) : "");
}

static void
fill_editions(struct context *c, struct view *view, const struct rows *rows)
{
    size_t shown = rows_count(rows) > EDITIONS_PAGE ? EDITIONS_PAGE : rows_count(rows);

    view_list(view, "editions");
    for (size_t i = 0; i < shown; i++)
        fill_edition(c, view_row(view, "editions"), rows, i);
    view_text(view, "next_path",
              rows_count(rows) <= EDITIONS_PAGE ? "" : text_format(c->arena, "/figures/editions?from=%s", rows_text(rows, shown, "edition_id")));
}

/* What came of the last order, in words. */
static const char *
outcome_words(const char *outcome)
{
    static const struct {
        const char *outcome, *words;
    } table[] = {
        {"", "いま作っています。数分かかることがあります。この画面を開き直すと、結果が出ます。"},
        {"released", "公表しました。"},
        {"held_back", "見合わせました。理由は、下の「これまでの版」にあります。"},
        {"nothing", "数えている方がいないため、公表するものがありませんでした。"},
        {"backwards", "もっと後の日までの版が公表されているため、作りませんでした。"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (text_same(table[i].outcome, outcome))
            return table[i].words;
    return "";
}

static void
fill_now(struct context *c, struct view *view, const struct rows *now)
{
    const char *published = rows_text(now, 0, "published"), *ordered = rows_text(now, 0, "ordered");
    const char *outcome = rows_text(now, 0, "outcome");

    view_text(view, "through", rows_text(now, 0, "through"));
    view_text(view, "through_label", date_slashed(c->arena, date_from_iso(rows_text(now, 0, "through"))));
    view_text(view, "published_label", published == NULL ? "" : date_slashed(c->arena, date_from_iso(published)));
    view_flag(view, "waiting", ordered != NULL && outcome[0] == '\0');
    view_text(view, "order_words", ordered == NULL ? "" : outcome_words(outcome));
    view_text(view, "ordered_at", rows_text(now, 0, "ordered_at"));
    view_text(view, "ordered_by", rows_text(now, 0, "holder"));
    view_text(view, "ordered_through", ordered == NULL ? "" : date_slashed(c->arena, date_from_iso(ordered)));
}

/* Whether the figures were what the records say, when they were compared last. */
static void
fill_checked(struct view *view, const struct rows *checked)
{
    const char *when = rows_text(checked, 0, "checked");
    bool differs = rows_int(checked, 0, "differing") > 0;

    view_text(view, "agreed", when == NULL || differs ? "" : when);
    view_text(view, "differed", differs ? when : "");
    view_text(view, "differing_patients", rows_text(checked, 0, "patients"));
    view_text(view, "differing_figures", rows_text(checked, 0, "figures"));
}

/* The page; `typed` NULL: with the time that is set. `problem` stands above. */
static void
show(struct context *c, const struct answer *typed, const char *problem, int status)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *from = area_id(c, request_query(c->request, "from"));
    struct answer set[FIELDS] = {0};
    unsigned list = DB_ADD(batch, SQL_editions_list, text_same(from, "0") ? NULL : from);
    unsigned now = DB_ADD(batch, SQL_editions_now), checked = DB_ADD(batch, SQL_edition_checked);
    enum db_status read = db_run(batch);

    if (read != DB_OK) {
        page_database_failed(c, read);
        return;
    }
    struct view *view = page_view(c, "公表の版");
    const char *time = rows_text(db_rows(batch, now), 0, "publish_at");
    simple_form_start(&set[0], time);
    simple_form_fill(view, FIELDS, fields, typed == NULL ? set : typed);
    view_text(view, "shown_time", time);
    view_text(view, "time_words", time[0] == '\0' ? "いまは、自動では作りません。" : text_format(c->arena, "いまは、毎日 %s です。", time));
    view_text(view, "problem", problem);
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_text(view, "order_form_id", crypt_uuid(c->arena));
    fill_now(c, view, db_rows(batch, now));
    fill_checked(view, db_rows(batch, checked));
    fill_editions(c, view, db_rows(batch, list));
    page_send_status(c, status, TEMPLATE_editions, view);
}

void
editions_show(struct context *c)
{
    if (publishes(c))
        show(c, NULL, "", 200);
}

/* ---- presses ----------------------------------------------------------------------------------------------------------- */

/* The desk of a form of ours; false, and answered, when it is none, or the office does not publish. */
static bool
pressed(struct context *c, struct desk *desk)
{
    if (!publishes(c))
        return false;
    *desk = patient_desk(c);
    if (desk->form_id == NULL)
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
    return desk->form_id != NULL;
}

void
editions_post(struct context *c)
{
    date_day through = date_from_iso(request_value(c->request, "through"));
    struct desk desk;

    if (!pressed(c, &desk))
        return;
    if (through == DATE_NONE) {
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_receipt_add, desk.form_id, "0", "0");
    DB_ADD(batch, SQL_edition_order, date_iso(c->arena, through));
    audit_patient(batch, c->arena, "edition_order", 0, date_iso(c->arena, through));
    enum notify_result result = notify_result_of(c->db, db_run(batch));
    if (result == NOTIFY_CONFLICT)
        show(c, NULL, "日付が変わりました。下に表示している日までの数値でよければ、もう一度押してください。", 409);
    else
        patient_conclude(c, result, "/figures/editions", "edition_ordered");
}

void
editions_time_post(struct context *c)
{
    struct answer answers[FIELDS] = {0};
    const char *shown = request_value(c->request, "shown_time");
    struct desk desk;

    if (!pressed(c, &desk))
        return;
    if (simple_form_read(c, FIELDS, fields, answers) > 0) {
        show(c, answers, "", 422);
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_receipt_add, desk.form_id, "0", "0");
    DB_ADD(batch, SQL_edition_time, shown, answers[0].value);
    audit_patient(batch, c->arena, "edition_time", 0, answers[0].value);
    enum db_status status = db_run(batch);
    if (status == DB_REFUSED && text_same(db_last_sqlstate(c->db), "HS422")) {
        answers[0].problem = fields[0].unreadable;
        show(c, answers, "", 422);
        return;
    }
    enum notify_result result = notify_result_of(c->db, status);
    if (result == NOTIFY_CONFLICT)
        show(c, answers, "この画面を開いたあとで、ほかの人が時刻を変えました。入力した時刻は残っています。よければ、もう一度保存してください。", 409);
    else
        patient_conclude(c, result, "/figures/editions", "edition_time");
}

/* ---- the corrections of one edition ------------------------------------------------------------------------------------ */

/* What was asked for below an edition: one indicator of one area. */
struct corrections {
    const char *edition, *area;
    const char *name;  /* of the area; NULL: nothing of it was corrected */
    int64_t indicator; /* 0: none was chosen */
};

/* The indicators that editions hold; 2 is reckoned from 1. */
static const int held[] = {1, 3, 4, 5, 6, 7, 8, 9, 10, 11};
enum { HELD = sizeof held / sizeof *held };

/* How many corrections each area has of each indicator; each number leads to its list. Finds the name of the chosen area. */
static void
fill_summary(struct context *c, struct view *view, struct corrections *chosen, const struct rows *rows)
{
    size_t i = 0;

    view_list(view, "indicators");
    for (size_t k = 0; k < HELD; k++) {
        struct view *column = view_row(view, "indicators");
        view_text(column, "sign", figure_sign(c->arena, held[k]));
        view_text(column, "indicator_name", figure_find(held[k])->name);
    }
    view_list(view, "areas");
    while (i < rows_count(rows)) { /* ordered by area and indicator */
        const char *area = rows_text(rows, i, "area"), *name = rows_text(rows, i, "name");
        struct view *row = view_row(view, "areas");
        view_text(row, "area_name", name);
        view_list(row, "cells");
        for (size_t k = 0; k < HELD; k++) {
            bool any = i < rows_count(rows) && text_same(rows_text(rows, i, "area"), area) && rows_int(rows, i, "indicator") == held[k];
            struct view *cell = view_row(row, "cells");
            view_text(cell, "count", any ? rows_text(rows, i, "corrected") : "");
            view_text(cell, "cell_label", figure_sign(c->arena, held[k]));
            view_format(cell, "cell_path", "/figures/editions/%s?indicator=%d&area=%s#list", chosen->edition, held[k], area);
            i += any;
        }
        if (text_same(chosen->area, area))
            chosen->name = name;
        while (i < rows_count(rows) && text_same(rows_text(rows, i, "area"), area))
            i++;
    }
}

static void
fill_corrections(struct context *c, struct view *view, const struct corrections *chosen, const struct rows *rows)
{
    size_t shown = rows_count(rows) > CORRECTIONS_PAGE ? CORRECTIONS_PAGE : rows_count(rows);
    const struct figure_indicator *indicator = figure_find(chosen->indicator);
    bool weekly = figure_is_weekly(indicator);

    view_text(view, "chosen_area", chosen->name);
    view_text(view, "chosen_sign", figure_sign(c->arena, chosen->indicator));
    view_text(view, "chosen_indicator", indicator->name);
    view_list(view, "corrections");
    for (size_t i = 0; i < shown; i++) {
        struct view *row = view_row(view, "corrections");
        date_day day = date_from_iso(rows_text(rows, i, "day"));
        view_text(row, "day", weekly ? figure_week_text(c->arena, day) : date_slashed(c->arena, day));
        view_text(row, "cell", figure_cell_words(c->arena, indicator, rows_text(rows, i, "cell")));
        view_text(row, "before", rows_text(rows, i, "before") == NULL ? "＊" : rows_text(rows, i, "before"));
        view_text(row, "after", rows_text(rows, i, "value") == NULL ? "＊" : rows_text(rows, i, "value"));
    }
    view_text(view, "next_path",
              rows_count(rows) <= CORRECTIONS_PAGE
                  ? ""
                  : text_format(c->arena, "/figures/editions/%s?indicator=%lld&area=%s&day=%s&cell=%s#list", chosen->edition,
                                (long long)chosen->indicator, chosen->area, rows_text(rows, shown - 1, "day"), rows_text(rows, shown - 1, "cell")));
}

void
edition_show(struct context *c)
{
    struct corrections chosen = {.edition = area_path_id(c, 2), .area = request_query(c->request, "area")};
    date_day day = date_from_iso(request_query(c->request, "day"));
    unsigned list = 0;

    if (!publishes(c))
        return;
    if (text_to_int(request_query(c->request, "indicator"), 1, FIGURE_INDICATORS, &chosen.indicator) != 0)
        chosen.indicator = 0;
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned edition = DB_ADD(batch, SQL_edition_one, chosen.edition), summary = DB_ADD(batch, SQL_edition_summary, chosen.edition);
    if (chosen.indicator != 0)
        list = DB_ADD(batch, SQL_edition_corrections, chosen.edition, db_int(c->arena, chosen.indicator), chosen.area,
                      day == DATE_NONE ? "-infinity" : date_iso(c->arena, day), request_query(c->request, "cell"));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (rows_count(db_rows(batch, edition)) == 0) {
        page_not_found(c);
        return;
    }
    struct view *view = page_view(c, "版の訂正");
    fill_edition(c, view, db_rows(batch, edition), 0);
    fill_summary(c, view, &chosen, db_rows(batch, summary));
    view_flag(view, "has_list", list != 0 && chosen.name != NULL);
    if (list != 0 && chosen.name != NULL)
        fill_corrections(c, view, &chosen, db_rows(batch, list));
    page_send(c, TEMPLATE_edition, view);
}
