/*
 * press.c - 報道発表: the table that is due, to look at and to fix; those that were published, with their files; and the template of
 * an office.
 */
#include <string.h>

#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "exchange/press_file.h"
#include "page/area.h"
#include "page/handlers.h"
#include "page/simple_form.h"

enum { MOST_CASES = 1000000, SHOWN_CASES = 200 };

/* ---- a table on the page ------------------------------------------------------------------------------------------- */

static void
fill_cells(struct context *c, struct view *row, const struct press *press, size_t i)
{
    view_list(row, "cells");
    for (size_t k = 0; k < press_item_count; k++)
        if (press_items[k].attribute && text_has_word(press->attributes, press_items[k].name)) {
            struct view *cell = view_row(row, "cells");
            view_text(cell, "cell_label", press_items[k].label);
            view_text(cell, "cell", press_case_value(c->arena, press->list, i, &press_items[k]));
        }
}

/* The number of the case; it leads to the patient as long as the table is in the making. */
static void
fill_case(struct context *c, struct view *row, const struct press *press, const struct rows *rows, size_t i)
{
    int64_t patient = rows_int(rows, i, "patient_id");

    view_text(row, "case_number", press_file_number(c->arena, press, rows_int(rows, i, "case_no")));
    view_flag(row, "has_patient", patient != 0);
    view_text(row, "patient_path", patient == 0 ? "/" : text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, patient)));
}

static void
fill_press(struct context *c, struct view *view, const struct press *press)
{
    size_t count;
    const struct press_line *lines = press_lines(c->arena, press, &count);

    view_text(view, "day", date_japanese(c->arena, press->day));
    view_text(view, "press_title", press->title);
    view_text(view, "from", press->from);
    view_text(view, "until", press->until);
    view_int(view, "cases", press->cases);
    view_int(view, "last_no", press->last_no);
    view_int(view, "care", press->care);
    view_int(view, "severe", press->severe);
    view_int(view, "death", press->death);
    view_list(view, "lines");
    for (size_t i = 0; i < count; i++) {
        struct view *row = view_row(view, "lines");
        view_text(row, "part", lines[i].part);
        view_text(row, "line_label", lines[i].label);
        view_int(row, "line_count", lines[i].count);
    }
    view_list(view, "corrections");
    for (size_t i = 0; i < rows_count(press->corrections); i++) {
        struct view *row = view_row(view, "corrections");
        fill_case(c, row, press, press->corrections, i);
        view_text(row, "said_on", date_slashed(c->arena, date_from_iso(rows_text(press->corrections, i, "day"))));
        view_text(row, "correction", press_correction(c->arena, press->corrections, i));
    }
    view_list(view, "headings");
    for (size_t k = 0; k < press_item_count; k++)
        if (press_items[k].attribute && text_has_word(press->attributes, press_items[k].name))
            view_text(view_row(view, "headings"), "heading", press_items[k].label);
    view_list(view, "case_rows");
    for (size_t i = 0; i < rows_count(press->list) && i < SHOWN_CASES; i++) {
        struct view *row = view_row(view, "case_rows");
        fill_case(c, row, press, press->list, i);
        view_flag(row, "late", rows_bool(press->list, i, "late"));
        fill_cells(c, row, press, i);
    }
    view_flag(view, "has_more", press->cases > SHOWN_CASES);
    view_int(view, "shown_cases", SHOWN_CASES);
}

/* ---- the table that is due ----------------------------------------------------------------------------------------- */

static const char *
day_path(struct context *c, const char *day, const char *below)
{
    return text_format(c->arena, "/press/%s%s", day, below);
}

static void
fill_published(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "published");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "published");
        const char *day = rows_text(rows, i, "day");
        view_text(row, "published_day", date_japanese(c->arena, date_from_iso(day)));
        view_text(row, "published_path", day_path(c, day, ""));
        view_text(row, "published_cases", rows_text(rows, i, "cases"));
        view_text(row, "published_corrections", rows_text(rows, i, "corrections"));
        view_text(row, "published_at", rows_text(rows, i, "fixed"));
        view_text(row, "published_by", rows_text(rows, i, "holder"));
    }
}

/* `problem` says why a press changed nothing. */
static void
show(struct context *c, const char *problem)
{
    struct press press;
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned due = press_ask_due(batch, c->arena, c->session.organisation_id);
    unsigned list = DB_ADD(batch, SQL_press_list, area_mine(c));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    bool is_due = press_answer_due(batch, due, &press), shows = is_due && rows_count(press.list) + rows_count(press.corrections) > 0;
    if (shows) {
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_list(trail, c->arena, "press", press.list, "");
        audit_list(trail, c->arena, "press", press.corrections, "");
        status = db_run(trail);
        if (status != DB_OK) {
            page_database_failed(c, status);
            return;
        }
    }
    struct view *view = page_view(c, "報道発表");
    view_text(view, "problem", problem);
    view_flag(view, "has_template", rows_count(db_rows(batch, due)) > 0);
    view_flag(view, "is_due", is_due);
    view_flag(view, "is_fixed", false);
    if (is_due) {
        fill_press(c, view, &press);
        view_text(view, "digest", press.digest);
        view_text(view, "iso_day", date_iso(c->arena, press.day));
    }
    fill_published(c, view, db_rows(batch, list));
    page_send(c, TEMPLATE_press, view);
}

void
press_show(struct context *c)
{
    if (area_kind(c, AREA_REGIONAL, "press"))
        show(c, "");
}

void
press_post(struct context *c)
{
    date_day day = date_from_iso(request_value(c->request, "day"));
    enum db_status status;

    if (!area_kind(c, AREA_REGIONAL, "press"))
        return;
    if (day == DATE_NONE) {
        page_bad_request(c, "もう一度、報道発表の画面から操作してください。");
        return;
    }
    const char *iso = date_iso(c->arena, day);
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_press_fix, iso, request_value(c->request, "digest"));
    if (rows != NULL)
        page_redirect_with(c, day_path(c, iso, ""), rows_bool(rows, 0, "fixed") ? "press_fixed" : "press_fixed_before");
    else if (status == DB_REFUSED && text_same(db_last_sqlstate(c->db), "HS409"))
        show(c, "表示したあとで、内容が変わりました。いまの内容を確かめて、もう一度「確定する」を押してください。");
    else
        page_database_failed(c, status);
}

/* ---- those that were published ------------------------------------------------------------------------------------- */

/* The table of the path's day; false when the answer has been given. */
static bool
read_day(struct context *c, int most, struct press *press)
{
    date_day day = date_from_iso(path_part(c, 1));
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    if (!area_kind(c, AREA_REGIONAL, "press"))
        return false;
    if (day == DATE_NONE) {
        page_not_found(c);
        return false;
    }
    unsigned first = press_ask_day(batch, c->arena, c->session.organisation_id, date_iso(c->arena, day), most);
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    else if (!press_answer_day(batch, first, press))
        page_not_found(c);
    else
        return true;
    return false;
}

void
press_day_show(struct context *c)
{
    struct press press;

    if (!read_day(c, SHOWN_CASES, &press))
        return;
    const char *iso = date_iso(c->arena, press.day);
    struct view *view = page_view(c, "発表した表");
    fill_press(c, view, &press);
    view_flag(view, "is_fixed", true);
    view_text(view, "fixed_at", press.fixed_at);
    view_text(view, "fixed_by", press.fixed_by);
    view_text(view, "pdf_path", day_path(c, iso, "/table.pdf"));
    view_text(view, "xlsx_path", day_path(c, iso, "/table.xlsx"));
    view_text(view, "csv_path", day_path(c, iso, "/table.csv"));
    view_text(view, "cp932_path", day_path(c, iso, "/cp932.csv"));
    page_send(c, TEMPLATE_press_day, view);
}

static bool
keep(void *context, const void *data, size_t size)
{
    buf_add(context, data, size);
    return true;
}

static void
send_table(struct context *c, const struct press *press, enum sheet_format format)
{
    struct buf file = buf_new(c->arena);
    struct sheet *sheet = sheet_new(c->arena, format, press->title, keep, &file);

    if (sheet != NULL)
        press_file_sheet(c->arena, press, c->session.organisation_name, sheet);
    if (sheet == NULL || !sheet_finish(sheet)) {
        page_database_failed(c, DB_BROKEN);
        return;
    }
    response_file(c->response, sheet_kinds[format].content_type,
                  text_format(c->arena, "報道発表_%s.%s", date_iso(c->arena, press->day), sheet_kinds[format].extension), true,
                  file.data, file.size);
}

/* The files, by the last part of their path. */
void
press_file_show(struct context *c)
{
    static const struct {
        const char *name;
        enum sheet_format format;
    } tables[] = {{"table.csv", SHEET_CSV}, {"cp932.csv", SHEET_CP932}, {"table.xlsx", SHEET_XLSX}};
    struct press press;

    if (!read_day(c, MOST_CASES, &press))
        return;
    if (text_same(path_part(c, 2), "table.pdf")) {
        struct buf pdf = press_file_pdf(c->arena, &press, c->session.organisation_name);
        response_file(c->response, "application/pdf", text_format(c->arena, "報道発表_%s.pdf", date_iso(c->arena, press.day)), false,
                      pdf.data, pdf.size);
        return;
    }
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (text_same(path_part(c, 2), tables[i].name)) {
            send_table(c, &press, tables[i].format);
            return;
        }
    page_not_found(c);
}

/* ---- the template -------------------------------------------------------------------------------------------------- */

static const char *
read_cutoff(struct arena *arena, const char *typed)
{
    const char *text = text_trim(arena, typed);
    size_t count;
    char **parts = text_split(arena, text, ':', &count);
    int64_t hour, minute;

    if (count != 2 || text_to_int(parts[0], 0, 24, &hour) != 0 || text_to_int(parts[1], 0, 59, &minute) != 0 ||
        hour * 60 + minute > 24 * 60)
        return NULL;
    return text_format(arena, "%02lld:%02lld", (long long)hour, (long long)minute);
}

static const char *
read_number(struct arena *arena, const char *typed)
{
    int64_t number;

    return text_to_int(text_trim(arena, typed), 1, 99999999, &number) == 0 ? db_int(arena, number) : NULL;
}

enum { FIELD_title, FIELD_prefix, FIELD_cutoff, FIELD_first_no, FIELDS };

static const struct field fields[FIELDS] = {
    [FIELD_title] = {.name = "title", .label = "表題", .required = true, .max = 80},
    [FIELD_prefix] = {.name = "prefix", .label = "症例の番号の前に付ける言葉", .hint = "例：県内、市内", .max = 10},
    [FIELD_cutoff] = {.name = "cutoff", .label = "締切の時刻", .hint = "例：17:00。24:00は、その日の終わりです。", .required = true,
                      .css = "postal-input", .read = read_cutoff, .unreadable = "時刻を 17:00 のように入力してください。"},
    [FIELD_first_no] = {.name = "first_no", .label = "最初の症例の番号", .hint = "これまでに発表した数に1を足した数です。発表を始めたあとは使われません。",
                        .required = true, .css = "postal-input", .read = read_number, .unreadable = "1から99999999までの数を入力してください。"},
};

static void
fill_items(struct view *view, const char *list, bool parts, const char *chosen)
{
    view_list(view, list);
    for (size_t i = 0; i < press_item_count; i++) {
        if (!(parts ? press_items[i].part : press_items[i].attribute))
            continue;
        struct view *row = view_row(view, list);
        view_text(row, "item_name", press_items[i].name);
        view_text(row, "item_label", press_items[i].label);
        view_flag(row, "item_chosen", text_has_word(chosen, press_items[i].name));
    }
}

static void
show_template(struct context *c, const struct answer answers[], const char *parts, const char *attributes)
{
    struct view *view = page_view(c, "報道発表のひな形");

    simple_form_fill(view, FIELDS, fields, answers);
    fill_items(view, "part_items", true, parts);
    fill_items(view, "attribute_items", false, attributes);
    page_send(c, TEMPLATE_press_template, view);
}

void
press_template_show(struct context *c)
{
    struct answer answers[FIELDS] = {0};
    enum db_status status;

    if (!area_kind(c, AREA_REGIONAL, "press_template"))
        return;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_press_template_find, area_mine(c));
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    bool saved = rows_count(rows) > 0;
    simple_form_start(&answers[FIELD_title], saved ? rows_text(rows, 0, "title") : "新型コロナウイルス感染症の発生状況について");
    simple_form_start(&answers[FIELD_prefix], saved                                ? rows_text(rows, 0, "prefix")
                                              : c->session.kind == KIND_prefecture ? "県内"
                                              : c->session.kind == KIND_city       ? "市内"
                                                                                   : "管内");
    simple_form_start(&answers[FIELD_cutoff], saved ? rows_text(rows, 0, "cutoff") : "17:00");
    simple_form_start(&answers[FIELD_first_no], saved ? rows_text(rows, 0, "first_no") : "1");
    show_template(c, answers, saved ? rows_text(rows, 0, "parts") : "age sex municipality",
                  saved ? rows_text(rows, 0, "attributes") : "");
}

void
press_template_post(struct context *c)
{
    struct answer answers[FIELDS] = {0};
    const char *parts = request_words(c->request, "part"), *attributes = request_words(c->request, "attribute");
    enum db_status status;

    if (!area_kind(c, AREA_REGIONAL, "press_template"))
        return;
    if (simple_form_read(c, FIELDS, fields, answers) > 0) {
        show_template(c, answers, parts, attributes);
        return;
    }
    DB_ONE(c->db, c->arena, c->session.token, &status, SQL_press_template_save, answers[FIELD_title].value, answers[FIELD_prefix].value,
           answers[FIELD_cutoff].value, answers[FIELD_first_no].value, press_chosen(c->arena, parts, true),
           press_chosen(c->arena, attributes, false));
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        page_redirect_with(c, "/press", "press_template_saved");
}
