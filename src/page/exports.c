/*
 * exports.c - 一覧を持ち出す: whom and which columns, kept under a name; the file itself, made while it is sent; and the log of who took
 * what (持ち出しの記録).
 */
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "core/export.h"
#include "exchange/patients_sheet.h"
#include "page/area.h"
#include "page/bulk_form.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_head.h"

enum { PURPOSE_LONGEST = 200, NAME_LONGEST = 40, SERIAL = 8 };

/* What is chosen before anybody has chosen. */
static const char usual_columns[] = "hersys_id reported reporter responsible sex age status status_since confirmed family_name "
                                    "given_name family_kana given_kana birth_date category diagnosis_date onset_date";

/* ---- the form ------------------------------------------------------------------------------------------------------ */

/* A form as it was posted, or as it is at first. */
struct wish {
    struct bulk_form form; /* the filters */
    struct export_columns all, chosen;
    const char *names;            /* of the chosen columns */
    const char *purpose, *purpose_problem, *column_problem, *name_problem;
};

static void
choose(struct context *c, struct wish *wish, const char *names)
{
    wish->names = names;
    wish->all = export_columns(c->arena, c->session.kind);
    wish->chosen = export_chosen(c->arena, &wish->all, names);
    if (wish->chosen.count == 0)
        wish->column_problem = "項目を一つ以上選んでください。";
}

static void
read_wish(struct context *c, struct wish *wish)
{
    *wish = (struct wish){.purpose = text_trim(c->arena, request_value(c->request, "purpose"))};
    bulk_form_read_filter(c, &wish->form);
    choose(c, wish, request_words(c->request, "column"));
}

/* The names of a saved choice's columns: {a,b} as blank-separated words. */
static const char *
words_of_array(struct arena *arena, const char *array)
{
    char *words = text_copy_n(arena, array + 1, strlen(array) - 2);

    for (char *p = words; *p != '\0'; p++)
        *p = *p == ',' ? ' ' : *p;
    return words;
}

static void
fill_columns(struct view *view, const struct wish *wish)
{
    view_list(view, "parts");
    for (enum export_part part = 0; part < EXPORT_PARTS; part++) {
        struct view *group = NULL;
        for (size_t i = 0; i < wish->all.count; i++) {
            const struct export_column *column = &wish->all.list[i];
            if (column->part != part)
                continue;
            if (group == NULL) {
                group = view_row(view, "parts");
                view_text(group, "part_label", export_part_label(part));
                view_list(group, "columns");
            }
            struct view *row = view_row(group, "columns");
            view_text(row, "column_name", column->name);
            view_text(row, "column_label", column->label);
            bool chosen = text_has_word(wish->names, column->name);
            view_flag(row, "column_chosen", chosen);
            if (chosen)
                view_flag(group, "part_open", true);
        }
    }
}

static void
fill_choices(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "choices");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "choices");
        view_text(row, "choice_id", rows_text(rows, i, "choice_id"));
        view_text(row, "choice_name", rows_text(rows, i, "name"));
        view_text(row, "choice_path", text_format(c->arena, "/exports?choice=%s", rows_text(rows, i, "choice_id")));
        view_text(row, "choice_holder", rows_bool(rows, i, "own") ? "" : rows_text(rows, i, "holder"));
        view_flag(row, "choice_shared", rows_bool(rows, i, "shared"));
        view_flag(row, "choice_own", rows_bool(rows, i, "own"));
    }
}

static void
add_problem(struct view *view, const char *field, const char *words)
{
    if (words == NULL)
        return;
    struct view *error = view_row(view, "errors");
    view_text(error, "error_field", field);
    view_text(error, "error_words", words);
    view_flag(view, "has_errors", true);
}

/* The page, with what is to be mended when it was posted. */
static void
show(struct context *c, struct wish *wish, bool posted)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned places = DB_ADD(batch, SQL_bulk_places, c->session.prefecture_code);
    unsigned choices = DB_ADD(batch, SQL_export_choices, area_mine(c));
    unsigned until = DB_ADD(batch, SQL_past_until);
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *saved = db_rows(batch, choices);
    for (size_t i = 0; !posted && i < rows_count(saved); i++)
        if (text_same(rows_text(saved, i, "choice_id"), request_query(c->request, "choice")))
            choose(c, wish, words_of_array(c->arena, rows_text(saved, i, "columns")));
    struct view *view = page_view(c, "一覧を持ち出す");
    bulk_form_fill_filter(c, view, &wish->form, db_rows(batch, places));
    list_view_past_switch(c, view, rows_at(db_rows(batch, until), 0, 0));
    view_text(view, "here", "/exports");
    fill_columns(view, wish);
    fill_choices(c, view, saved);
    view_text(view, "purpose", wish->purpose);
    view_text(view, "choice_name", posted ? request_value(c->request, "choice_name") : "");
    view_flag(view, "shared", text_same(request_value(c->request, "shared"), "1"));
    view_text(view, "column_problem", posted ? wish->column_problem : NULL);
    view_text(view, "purpose_problem", wish->purpose_problem);
    view_text(view, "name_problem", wish->name_problem);
    add_problem(view, "columns", posted ? wish->column_problem : NULL);
    add_problem(view, "purpose", wish->purpose_problem);
    add_problem(view, "choice_name", wish->name_problem);
    page_send(c, TEMPLATE_exports, view);
}

void
exports_show(struct context *c)
{
    struct wish wish = {.purpose = ""};

    choose(c, &wish, usual_columns);
    show(c, &wish, false);
}

/* ---- a choice under a name ----------------------------------------------------------------------------------------- */

static const char *
names_array(struct arena *arena, const struct export_columns *columns)
{
    const char **names = ARENA_ARRAY(arena, columns->count, const char *);

    for (size_t i = 0; i < columns->count; i++)
        names[i] = columns->list[i].name;
    return db_array(arena, columns->count, names);
}

void
export_choice_post(struct context *c)
{
    const char *name = text_trim(c->arena, request_value(c->request, "choice_name"));
    struct wish wish;

    read_wish(c, &wish);
    if (name[0] == '\0' || text_length(name) > NAME_LONGEST)
        wish.name_problem = text_format(c->arena, "選び方の名前を%d文字以内で入力してください。", NAME_LONGEST);
    if (wish.name_problem != NULL || wish.column_problem != NULL) {
        show(c, &wish, true);
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_export_choice_save, crypt_uuid(c->arena), name,
           db_bool(text_same(request_value(c->request, "shared"), "1")), names_array(c->arena, &wish.chosen));
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        page_redirect_with(c, "/exports", "export_choice_saved");
}

void
export_choice_delete_post(struct context *c)
{
    const char *id = request_value(c->request, "choice_id");
    enum db_status status;

    if (!crypt_is_uuid(id)) {
        page_not_found(c);
        return;
    }
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_export_choice_delete, area_mine(c), id);
    if (rows == NULL)
        page_database_failed(c, status);
    else if (rows_affected(rows) == 0)
        page_not_found(c);
    else
        page_redirect_with(c, "/exports", "export_choice_deleted");
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

/* What takes the pieces of the file. */
struct sending {
    struct context *c;
    const struct sheet_kind *kind;
};

static bool
send_piece(void *context, const void *data, size_t size)
{
    const struct sending *to = context;

    if (!to->c->response->streamed)
        response_stream_file(to->c->response, to->kind->content_type,
                             text_format(to->c->arena, "患者一覧.%s", to->kind->extension));
    return response_stream(to->c->response, data, size);
}

/* The last row: that the file is whole, and who took it for what; the serial leads to the log. */
static void
write_foot(struct context *c, struct sheet *sheet, const struct export_order *order, const struct wish *wish, int64_t people)
{
    size_t replaced = sheet_replaced(sheet);

    sheet_text(sheet, text_format(c->arena, "［以上%lld人］持ち出しの記録 %.*s　%s　%s　%s　目的：%s%s", (long long)people, SERIAL,
                                  order->export_id, date_time_now(c->arena), c->session.organisation_name, c->session.holder,
                                  wish->purpose,
                                  replaced == 0 ? "" : text_format(c->arena, "　Shift_JISにない%zu文字は「〓」", replaced)));
    sheet_end_row(sheet);
}

/* Makes the file while it is sent. Its row in the log is there first, and says afterwards whether it is whole. */
static void
make_file(struct context *c, const struct wish *wish, enum sheet_format format, const struct export_order *order)
{
    struct desk desk = patient_desk(c);
    struct sending to = {c, &sheet_kinds[format]};
    struct sheet *sheet = sheet_new(c->arena, format, "患者一覧", send_piece, &to);
    enum db_status status = DB_BROKEN;
    int64_t people;

    if (sheet != NULL)
        status = patients_sheet_write(c->arena, &desk, order, sheet, &people);
    if (status != DB_OK && !c->response->streamed) {
        page_database_failed(c, status);
        return;
    }
    if (status != DB_OK)
        sheet_text(sheet, "［途中で止まりました。このファイルは使わずに、もう一度作成してください。］");
    else
        write_foot(c, sheet, order, wish, people);
    size_t replaced = sheet_replaced(sheet);
    bool whole = sheet_finish(sheet) && status == DB_OK;
    if (whole)
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_export_finish, area_mine(c), order->export_id,
               db_int(c->arena, people), db_int(c->arena, (int64_t)replaced));
    else if (!c->response->streamed)
        page_database_failed(c, DB_BROKEN);
}

void
export_patients_post(struct context *c)
{
    int format = sheet_format_find(request_value(c->request, "format"));
    struct wish wish;

    read_wish(c, &wish);
    if (wish.purpose[0] == '\0' || text_length(wish.purpose) > PURPOSE_LONGEST)
        wish.purpose_problem = text_format(c->arena, "目的を%d文字以内で入力してください。", PURPOSE_LONGEST);
    if (format < 0 || wish.form.wrong || wish.purpose_problem != NULL || wish.column_problem != NULL) {
        show(c, &wish, true);
        return;
    }
    struct export_order order = {wish.chosen, wish.form.order.filter, crypt_uuid(c->arena)};
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned places = DB_ADD(batch, SQL_bulk_places, c->session.prefecture_code);
    enum db_status status = db_run(batch);
    if (status == DB_OK)
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_export_begin, order.export_id, "patients", sheet_kinds[format].code,
               names_array(c->arena, &wish.chosen), bulk_form_filter_words(c, db_rows(batch, places)), wish.purpose);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        make_file(c, &wish, (enum sheet_format)format, &order);
}

/* ---- the log ------------------------------------------------------------------------------------------------------- */

/* The labels of columns by their names. */
static const char *
labels_of(struct arena *arena, const struct export_columns *all, const char *array)
{
    struct buf out = buf_new(arena);
    const char *names = words_of_array(arena, array);

    for (size_t i = 0; i < all->count; i++)
        if (text_has_word(names, all->list[i].name))
            buf_printf(&out, "%s%s", out.size == 0 ? "" : "、", all->list[i].label);
    return buf_text(&out);
}

static void
fill_log(struct context *c, struct view *view, const struct rows *rows)
{
    struct export_columns all = export_columns(c->arena, KIND_centre); /* whoever exported: a centre may choose all */

    view_list(view, "exports");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_PAGE; i++) {
        struct view *row = view_row(view, "exports");
        int format = sheet_format_find(rows_text(rows, i, "format"));
        int64_t replaced = rows_int(rows, i, "replaced");
        view_text(row, "serial", text_copy_n(c->arena, rows_text(rows, i, "export_id"), SERIAL));
        view_text(row, "at", rows_text(rows, i, "at"));
        view_text(row, "organisation", rows_text(rows, i, "organisation"));
        view_text(row, "holder", rows_text(rows, i, "holder"));
        view_text(row, "purpose", rows_text(rows, i, "purpose"));
        view_text(row, "filter", rows_text(rows, i, "filter"));
        view_text(row, "columns", labels_of(c->arena, &all, rows_text(rows, i, "columns")));
        view_text(row, "format", format < 0 ? "" : sheet_kinds[format].label);
        view_flag(row, "finished", rows_bool(rows, i, "finished"));
        view_text(row, "people", rows_text(rows, i, "people"));
        view_text(row, "replaced", replaced == 0 ? "" : db_int(c->arena, replaced));
    }
}

void
exports_log_show(struct context *c)
{
    enum db_status status;
    int64_t at;
    const char *before = text_to_int(request_query(c->request, "at"), 0, INT64_MAX / 2, &at) == 0 ? db_int(c->arena, at) : NULL;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_export_log, before);

    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "持ち出しの記録");
    fill_log(c, view, rows);
    view_text(view, "next_path", rows_count(rows) <= LIST_PAGE ? "" : text_format(c->arena, "/exports/log?at=%s", rows_text(rows, LIST_PAGE - 1, "cursor")));
    page_send(c, TEMPLATE_exports_log, view);
}
