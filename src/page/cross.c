/* cross.c - クロス集計: a table by two items, exact on the page with whom each number counts, and as a file in which small ones are hidden. */
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "core/cross.h"
#include "exchange/sheet.h"
#include "page/area.h"
#include "page/figures_page.h"
#include "page/handlers.h"
#include "page/list_view.h"

#define FIRST_PATIENT "0"

enum { DAYS_AT_FIRST = 28 };

/* Where a question stands: in a form that was sent, or in an address. */
typedef const char *value_of(const struct request *request, const char *name);

/* What was asked for. */
struct question {
    struct cross_axes axes;
    const struct cross_axis *row, *column;
    date_day from, to;
    const char *typed_from, *typed_to, *problem;
};

static void
read_question(struct context *c, struct question *q, value_of *value)
{
    q->axes = cross_axes(c->arena, c->session.kind);
    q->row = cross_axis_find(&q->axes, value(c->request, "row"));
    q->column = cross_axis_find(&q->axes, value(c->request, "column"));
    q->typed_from = value(c->request, "from");
    q->typed_to = value(c->request, "to");
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

/* The address of whom a number counts; a key NULL: of a total. */
static const char *
cell_path(struct context *c, const struct question *q, const char *row_key, const char *column_key)
{
    return text_format(c->arena, "/figures/list?row=%s&column=%s%s%s%s%s&from=%s&to=%s", q->row->name, q->column->name,
                       row_key == NULL ? "" : "&row_is=", row_key == NULL ? "" : row_key, column_key == NULL ? "" : "&column_is=",
                       column_key == NULL ? "" : column_key, date_iso(c->arena, q->from), date_iso(c->arena, q->to));
}

static void
fill_table(struct context *c, struct view *view, const struct question *q, const struct cross *cross)
{
    view_list(view, "column_labels");
    for (size_t k = 0; k <= cross->columns; k++)
        view_text(view_row(view, "column_labels"), "column_label", cross->column_labels[k]);
    view_list(view, "table_rows");
    for (size_t r = 0; r <= cross->rows; r++) {
        struct view *row = view_row(view, "table_rows");
        view_text(row, "row_label", cross->row_labels[r]);
        view_list(row, "cells");
        for (size_t k = 0; k <= cross->columns; k++) {
            struct view *cell = view_row(row, "cells");
            int64_t count = cross_at(cross, r, k)->count;
            view_int(cell, "cell", count);
            view_text(cell, "list_path", count > 0 ? cell_path(c, q, cross->row_keys[r], cross->column_keys[k]) : "");
        }
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
        fill_table(c, view, q, cross);
    }
    page_send(c, TEMPLATE_cross, view);
}

/* Counts; false when the answer has been given. */
static bool
counted(struct context *c, struct question *q, value_of *value, struct cross *cross)
{
    enum db_status status;

    read_question(c, q, value);
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

/* The empty form; or, from the list behind a number, the table again. */
void
cross_show(struct context *c)
{
    struct question q = {.typed_from = date_slashed(c->arena, date_today() - DAYS_AT_FIRST),
                         .typed_to = date_slashed(c->arena, date_today())};
    struct cross cross;

    if (!area_kind(c, AREA_OFFICES, "cross"))
        return;
    if (request_query(c->request, "row")[0] != '\0') {
        if (counted(c, &q, request_query, &cross))
            show(c, &q, &cross);
        return;
    }
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

    if (area_kind(c, AREA_OFFICES, "cross") && counted(c, &q, request_value, &cross))
        show(c, &q, &cross);
}

/* ---- whom a number counts -------------------------------------------------------------------------------------------- */

/* "年代：30代"; "" for a total. */
static const char *
part_label(struct context *c, const struct cross_axis *axis, const char *key, const char *value)
{
    return key == NULL || value == NULL ? "" : text_format(c->arena, "、%s：%s", axis->label, cross_label(c->arena, axis, value));
}

/* The number that the address names: by the same two items and days as its table, and by their values, or of a total. */
void
cross_list(struct context *c)
{
    const char *row_key = form_value(&c->request->query, "row_is"), *column_key = form_value(&c->request->query, "column_is");
    const char *after, *patient;
    struct question q = {0};
    enum db_status status;

    read_question(c, &q, request_query);
    if (q.problem != NULL) {
        page_not_found(c);
        return;
    }
    list_view_cursor(c, FIRST_PATIENT, &after, &patient);
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_cross_list, area_mine(c), q.row->name, q.column->name, row_key, column_key,
               date_iso(c->arena, q.from), date_iso(c->arena, q.to), db_int(c->arena, CROSS_PEOPLE), after, after == NULL ? NULL : patient);
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    bool any = rows_count(rows) > 0;
    const char *from = date_slashed(c->arena, q.from), *to = date_slashed(c->arena, q.to);
    struct figures_listed list = {
        .title = text_format(c->arena, "クロス集計（%s～%s%s%s）", from, to, part_label(c, q.row, row_key, any ? rows_text(rows, 0, "row_value") : NULL),
                             part_label(c, q.column, column_key, any ? rows_text(rows, 0, "column_value") : NULL)),
        .order = "届出の新しい順です。",
        .table_label = "クロス集計",
        .time_label = "報告日",
        .own_path = cell_path(c, &q, row_key, column_key),
        .back_path = text_format(c->arena, "/cross?row=%s&column=%s&from=%s&to=%s", q.row->name, q.column->name, from, to),
        .back_label = "クロス集計へ戻る",
        .rows = rows,
        .count = any ? rows_int(rows, 0, "people") : 0,
    };
    figures_send_list(c, &list);
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
    if (!counted(c, &q, request_value, &cross))
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
