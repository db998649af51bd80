/* cross.c - クロス集計: a table by two items, exact on the page, and as a file in which small numbers are hidden. */
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "core/cross.h"
#include "exchange/sheet.h"
#include "page/area.h"
#include "page/handlers.h"

enum { DAYS_AT_FIRST = 28 };

/* What was asked for. */
struct question {
    struct cross_axes axes;
    const struct cross_axis *row, *column;
    date_day from, to;
    const char *typed_from, *typed_to, *problem;
};

static void
read_question(struct context *c, struct question *q)
{
    q->axes = cross_axes(c->arena, c->session.kind);
    q->row = cross_axis_find(&q->axes, request_value(c->request, "row"));
    q->column = cross_axis_find(&q->axes, request_value(c->request, "column"));
    q->typed_from = request_value(c->request, "from");
    q->typed_to = request_value(c->request, "to");
    if (date_parse(q->typed_from, &q->from) != DATE_OK || date_parse(q->typed_to, &q->to) != DATE_OK || q->to < q->from)
        q->problem = "届出の期間を読み取れません。初めの日と終わりの日を、2022/9/26、R4.9.26 のように入力してください。";
    else if (q->row == NULL || q->column == NULL || q->row == q->column)
        q->problem = "違う項目を2つ選んでください。";
}

static void
fill_axes(struct view *view, const char *list, const struct question *q, const struct cross_axis *chosen)
{
    view_list(view, list);
    for (size_t i = 0; i < q->axes.count; i++) {
        struct view *row = view_row(view, list);
        view_text(row, "axis_name", q->axes.list[i].name);
        view_text(row, "axis_label", q->axes.list[i].label);
        view_flag(row, "axis_chosen", &q->axes.list[i] == chosen);
    }
}

static void
fill_table(struct context *c, struct view *view, const struct cross *cross)
{
    view_list(view, "column_labels");
    for (size_t k = 0; k <= cross->columns; k++)
        view_text(view_row(view, "column_labels"), "column_label", cross->column_labels[k]);
    view_list(view, "table_rows");
    for (size_t r = 0; r <= cross->rows; r++) {
        struct view *row = view_row(view, "table_rows");
        view_text(row, "row_label", cross->row_labels[r]);
        view_list(row, "cells");
        for (size_t k = 0; k <= cross->columns; k++)
            view_text(view_row(row, "cells"), "cell", db_int(c->arena, cross_at(cross, r, k)->count));
    }
}

/* The page; `cross` NULL: without a table. */
static void
show(struct context *c, const struct question *q, const struct cross *cross)
{
    struct view *view = page_view(c, "クロス集計");

    view_text(view, "problem", q->problem);
    fill_axes(view, "row_axes", q, q->row);
    fill_axes(view, "column_axes", q, q->column);
    view_text(view, "from", q->typed_from);
    view_text(view, "to", q->typed_to);
    view_flag(view, "has_table", cross != NULL);
    if (cross != NULL) {
        view_text(view, "row_axis", q->row->label);
        view_text(view, "column_axis", q->column->label);
        fill_table(c, view, cross);
    }
    page_send(c, TEMPLATE_cross, view);
}

/* Counts; false when the answer has been given. */
static bool
counted(struct context *c, struct question *q, struct cross *cross)
{
    enum db_status status;

    read_question(c, q);
    if (q->problem == NULL) {
        const struct rows *rows =
            DB_ONE(c->db, c->arena, c->session.token, &status, SQL_cross_counts, q->row->name, q->column->name,
                   date_iso(c->arena, q->from), date_iso(c->arena, q->to), db_int(c->arena, CROSS_PEOPLE));
        if (rows == NULL) {
            page_database_failed(c, status);
            return false;
        }
        if (rows_count(rows) == 0)
            q->problem = "この期間に届出はありません。";
        else if (cross_above(rows))
            q->problem = text_format(c->arena, "この期間の届出は%d人を超えています。期間を短くしてください。", CROSS_PEOPLE);
        else
            *cross = cross_table(c->arena, rows, q->row, q->column);
    }
    if (q->problem != NULL)
        show(c, q, NULL);
    return q->problem == NULL;
}

void
cross_show(struct context *c)
{
    struct question q = {.typed_from = date_slashed(c->arena, date_today() - DAYS_AT_FIRST),
                         .typed_to = date_slashed(c->arena, date_today())};

    if (!area_kind(c, AREA_OFFICES, "cross"))
        return;
    q.axes = cross_axes(c->arena, c->session.kind);
    q.row = cross_axis_find(&q.axes, "age");
    q.column = cross_axis_find(&q.axes, "sex");
    show(c, &q, NULL);
}

void
cross_post(struct context *c)
{
    struct question q = {0};
    struct cross cross;

    if (area_kind(c, AREA_OFFICES, "cross") && counted(c, &q, &cross))
        show(c, &q, &cross);
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

static void
write_table(struct context *c, struct sheet *sheet, const struct question *q, const struct cross *cross)
{
    sheet_text(sheet, text_format(c->arena, "%s＼%s", q->row->label, q->column->label));
    for (size_t k = 0; k <= cross->columns; k++)
        sheet_text(sheet, cross->column_labels[k]);
    sheet_end_row(sheet);
    for (size_t r = 0; r <= cross->rows; r++) {
        sheet_text(sheet, cross->row_labels[r]);
        for (size_t k = 0; k <= cross->columns; k++) {
            const struct cross_cell *cell = cross_at(cross, r, k);
            sheet_number(sheet, cell->hidden ? "*" : db_int(c->arena, cell->count));
        }
        sheet_end_row(sheet);
    }
    sheet_text(sheet, text_format(c->arena, "届出の期間：%s から %s まで。* は、1人から%d人までの数と、それを計算できないように伏せた数。",
                                  date_slashed(c->arena, q->from), date_slashed(c->arena, q->to), CROSS_FEW));
    sheet_end_row(sheet);
}

void
cross_file_post(struct context *c)
{
    int format = sheet_format_find(request_value(c->request, "format"));
    struct question q = {0};
    struct cross cross;
    struct buf file = buf_new(c->arena);
    enum db_status status = DB_BROKEN;

    if (!area_kind(c, AREA_OFFICES, "cross"))
        return;
    if (format < 0) {
        page_bad_request(c, "もう一度、クロス集計の画面から操作してください。");
        return;
    }
    if (!counted(c, &q, &cross))
        return;
    cross_hide(&cross);
    struct sheet *sheet = sheet_new(c->arena, (enum sheet_format)format, "クロス集計", sheet_keep, &file);
    if (sheet != NULL)
        write_table(c, sheet, &q, &cross);
    if (sheet != NULL && sheet_finish(sheet))
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_audit_append, "cross_file", "allowed", NULL, NULL,
               text_format(c->arena, "%s %s %s %s", q.row->name, q.column->name, date_iso(c->arena, q.from), date_iso(c->arena, q.to)));
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        response_file(c->response, sheet_kinds[format].content_type,
                      text_format(c->arena, "クロス集計.%s", sheet_kinds[format].extension), true, file.data, file.size);
}
