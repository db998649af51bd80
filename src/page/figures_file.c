/*
 * figures_file.c - 数値 to take away: the table of a page of 数値, or of 公表との差, as CSV. It is written out of the same view as the page,
 * so that no number can differ.
 */
#include "base/text.h"
#include "exchange/csv.h"
#include "exchange/published_csv.h"
#include "page/area.h"
#include "page/figures_page.h"

/* ---- one indicator ------------------------------------------------------------------------------------------------- */

static bool
is_by_age(const struct figure_indicator *indicator)
{
    return indicator->shape == FIGURE_WEEKLY || indicator->shape == FIGURE_WEEKLY_LEVEL;
}

/* The columns as the page has them; of ages the sex, which stands above them there, is in their names. */
static void
add_header(struct buf *out, const struct figures_question *q, const struct view *view)
{
    csv_add_cell(out, figure_is_weekly(q->indicator) ? "週" : "日", true);
    for (const struct view *column = view_first(view, "columns"); column != NULL; column = view_next(column))
        csv_add_cell(out, view_get(column, "column"), false);
    if (is_by_age(q->indicator)) {
        csv_add_cell(out, "計", false);
        for (size_t k = 0; k < FIGURE_CELLS; k++)
            csv_add_cell(out, figure_cell_label(out->arena, figure_cell(k)), false);
        csv_add_cell(out, "その他・不明", false);
    }
    if (view_is(view, "seven_label"))
        csv_add_cell(out, view_get(view, "seven_label"), false);
    csv_end_row(out);
}

static void
add_rows(struct buf *out, const struct view *view)
{
    for (const struct view *day = view_first(view, "days"); day != NULL; day = view_next(day)) {
        csv_add_cell(out, view_get(day, "day_label"), true);
        for (const struct view *cell = view_first(day, "cells"); cell != NULL; cell = view_next(cell))
            csv_add_cell(out, view_get(cell, "number"), false);
        if (view_is(view, "seven_label"))
            csv_add_cell(out, view_get(day, "seven"), false);
        csv_end_row(out);
    }
}

/* Sends the file, once it stands in the trail what left the office. */
static void
send_file(struct context *c, const struct figures_question *q, const char *what, const char *name, const struct buf *out)
{
    enum db_status status;

    DB_ONE(c->db, c->arena, c->session.token, &status, SQL_audit_append, "figures_file", "allowed", NULL, NULL,
           text_format(c->arena, "%s %.20s %s %s", what, q->area, date_iso(c->arena, q->from), date_iso(c->arena, q->to)));
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        response_file(c->response, "text/csv; charset=utf-8", text_format(c->arena, "%s_%s.csv", name, date_iso(c->arena, q->to)), true, out->data,
                      out->size);
}

/* By sex, age and place an office takes away what it may see of its own area alone. */
static bool
may_take(const struct figures_question *q, const struct figures_area *area)
{
    return area->within || !figure_is_weekly(q->indicator);
}

void
figures_file_fill(struct context *c, struct view *view, const struct figures_question *q, const struct figures_area *area)
{
    view_text(view, "csv_path",
              !may_take(q, area) ? ""
                                 : text_format(c->arena, "/figures/table.csv?indicator=%lld&area=%s&from=%s&to=%s", (long long)q->number, q->area,
                                               date_iso(c->arena, q->from), date_iso(c->arena, q->to)));
}

void
figures_file_send(struct context *c, const struct figures_question *q, const struct figures_area *area, const struct view *view)
{
    struct buf out = buf_new(c->arena);

    if (!may_take(q, area)) {
        area_refuse(c, "figures_file", text_format(c->arena, "%lld area %.20s", (long long)q->number, q->area));
        return;
    }
    buf_add_text(&out, CSV_BYTE_ORDER_MARK);
    add_header(&out, q, view);
    add_rows(&out, view);
    send_file(c, q, db_int(c->arena, q->number), text_format(c->arena, "%s_%s", q->indicator->name, area->name), &out);
}

/* ---- 公表との差 ---------------------------------------------------------------------------------------------------- */

static void
add_number(struct buf *out, const struct view *cell, const char *name)
{
    const char *text = view_is(cell, "known") ? view_get(cell, name) : "";

    buf_add_char(out, ',');
    buf_add_text(out, text[0] == '+' ? text + 1 : text); /* a number as it is: one below 0 is no formula */
}

void
figures_difference_file_send(struct context *c, const struct figures_question *q, const struct figures_area *area, const struct view *view)
{
    static const char *const names[] = {"published", "counted", "difference"}, *const headings[] = {"公表", "HER-SYS", "差"};
    enum { NAMES = sizeof names / sizeof *names };
    struct buf out = buf_new(c->arena);

    buf_add_text(&out, CSV_BYTE_ORDER_MARK);
    csv_add_cell(&out, "日", true);
    for (int s = 0; s < PUBLISHED_SERIES; s++)
        for (size_t k = 0; k < NAMES; k++)
            csv_add_cell(&out, text_format(c->arena, "%s（%s）", published_labels[s], headings[k]), false);
    csv_end_row(&out);
    for (const struct view *day = view_first(view, "days"); day != NULL; day = view_next(day)) {
        csv_add_cell(&out, view_get(day, "day_label"), true);
        for (const struct view *cell = view_first(day, "cells"); cell != NULL; cell = view_next(cell))
            for (size_t k = 0; k < NAMES; k++)
                add_number(&out, cell, names[k]);
        csv_end_row(&out);
    }
    send_file(c, q, "difference", text_format(c->arena, "公表との差_%s", area->name), &out);
}
