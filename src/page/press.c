/*
 * press.c - 報道発表: the table that is due, to look at and to fix; those that were published, with their files; and the template of
 * an office.
 */
#include <string.h>

#include "base/jtext.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "exchange/press_file.h"
#include "page/area.h"
#include "page/figures_page.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/simple_form.h"

enum { MOST_CASES = 1000000, SHOWN_CASES = 200 };

/* ---- a table on the page ------------------------------------------------------------------------------------------- */

static void
fill_cells(struct context *c, struct view *row, const struct press *press, const struct press_case *one)
{
    view_list(row, "cells");
    for (size_t k = 0; k < PRESS_ITEMS; k++)
        if (press_items[k].attribute && text_has_word(press->attributes, press_items[k].name)) {
            struct view *cell = view_row(row, "cells");
            view_text(cell, "cell_label", press_items[k].label);
            view_text(cell, "cell", press_case_value(c->arena, one, &press_items[k]));
        }
}

/* The number of the case; it leads to the patient as long as the table is in the making. */
static void
fill_case(struct context *c, struct view *row, const struct press *press, int64_t case_no, int64_t patient)
{
    view_text(row, "case_number", press_file_number(c->arena, press, case_no));
    view_flag(row, "has_patient", patient != 0);
    view_text(row, "patient_path", patient == 0 ? "/" : text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, patient)));
}

/* The address of whom the new cases of a day are; `line` NULL: of all, otherwise those that it counts. */
static const char *
cases_path(struct context *c, date_day day, const struct press_line *line)
{
    return text_format(c->arena, "/figures/list?press=%s%s%s%s%s", date_iso(c->arena, day), line == NULL ? "" : "&part=",
                       line == NULL ? "" : line->item->name, line == NULL ? "" : "&key=", line == NULL ? "" : line->key);
}

/* The address of whom the level of a table that is due counts, on the last day that it covers. */
static const char *
level_path(struct context *c, const struct press *press, const char *series, int64_t indicator)
{
    struct figures_question q = {.number = indicator, .area = figures_own_area(c), .from = press->last_day - 27, .to = press->last_day};

    return figures_list_path(c, &q, series, press->last_day, NULL);
}

/*
 * Whom the numbers of the area count. They go on moving: of a table that is fixed there is no list that has them as they were. Nor is there
 * one of the sum of all that were ever announced, which began elsewhere.
 */
static void
fill_levels(struct context *c, struct view *view, const struct press *press)
{
    const struct {
        const char *series;
        int64_t indicator, count;
    } levels[] = {{"care", 10, press->care}, {"severe", 6, press->severe}, {"death", 8, press->death}};

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        view_int(view, levels[i].series, levels[i].count);
        view_text(view, text_format(c->arena, "%s_path", levels[i].series),
                  press->fixed || levels[i].count == 0 ? "" : level_path(c, press, levels[i].series, levels[i].indicator));
    }
}

/* Of a case that is published no more is kept than was published: a part of anything else cannot be listed any more. */
static void
fill_lines(struct context *c, struct view *view, const struct press *press)
{
    size_t count;
    const struct press_line *lines = press_lines(c->arena, press, &count);

    view_list(view, "lines");
    for (size_t i = 0; i < count; i++) {
        struct view *row = view_row(view, "lines");
        bool kept = !press->fixed || text_has_word(press->attributes, lines[i].item->name);
        view_text(row, "part", lines[i].part);
        view_text(row, "line_label", lines[i].label);
        view_int(row, "line_count", lines[i].count);
        view_text(row, "line_path", kept && lines[i].count > 0 ? cases_path(c, press->day, &lines[i]) : "");
    }
}

static void
fill_press(struct context *c, struct view *view, const struct press *press)
{
    view_text(view, "day", date_japanese(c->arena, press->day));
    view_text(view, "press_title", press->title);
    view_text(view, "from", press->from);
    view_text(view, "until", press->until);
    view_int(view, "cases", press->cases);
    view_int(view, "last_no", press->last_no);
    view_text(view, "cases_path", press->cases > 0 ? cases_path(c, press->day, NULL) : "");
    fill_levels(c, view, press);
    fill_lines(c, view, press);
    view_list(view, "corrections");
    for (const struct press_correction *one = press->corrections; one < press->corrections + press->corrected; one++) {
        struct view *row = view_row(view, "corrections");
        fill_case(c, row, press, one->case_no, one->patient_id);
        view_text(row, "said_on", date_slashed(c->arena, one->day));
        view_text(row, "correction", press_correction(c->arena, one));
    }
    view_list(view, "headings");
    for (size_t k = 0; k < PRESS_ITEMS; k++)
        if (press_items[k].attribute && text_has_word(press->attributes, press_items[k].name))
            view_text(view_row(view, "headings"), "heading", press_items[k].label);
    view_list(view, "case_rows");
    for (const struct press_case *one = press->list; one < press->list + press->listed; one++) {
        struct view *row = view_row(view, "case_rows");
        fill_case(c, row, press, one->case_no, one->patient_id);
        view_flag(row, "late", one->late);
        fill_cells(c, row, press, one);
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
        view_text(row, "cases_path", rows_int(rows, i, "cases") > 0 ? cases_path(c, date_from_iso(day), NULL) : "");
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
    unsigned due = DB_ADD(batch, SQL_press_due, area_mine(c));
    unsigned list = DB_ADD(batch, SQL_press_list, area_mine(c));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    bool is_due = press_read_due(c->arena, db_rows(batch, due), &press);
    if (is_due && press.listed + press.corrected > 0) {
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_patients(trail, c->arena, "press", press.patients, "");
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
        view_text(view, "levels", press.levels);
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
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_press_fix, iso, request_value(c->request, "digest"),
               request_value(c->request, "levels"));
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
    enum db_status status;

    if (!area_kind(c, AREA_REGIONAL, "press"))
        return false;
    if (day == DATE_NONE) {
        page_not_found(c);
        return false;
    }
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_press_find, area_mine(c), date_iso(c->arena, day),
                                     db_int(c->arena, most));
    if (rows == NULL)
        page_database_failed(c, status);
    else if (!press_read_fixed(c->arena, rows, press))
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

static void
send_table(struct context *c, const struct press *press, enum sheet_format format)
{
    struct buf file = buf_new(c->arena);
    struct sheet *sheet = sheet_new(c->arena, format, press->title, sheet_keep, &file);

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

/* ---- whom a number counts ------------------------------------------------------------------------------------------ */

/* The new cases of the table of a day, all or those with a value, that the address names. */
void
press_list(struct context *c)
{
    date_day day = date_from_iso(request_query(c->request, "press"));
    const char *part = request_query(c->request, "part"), *key = request_query(c->request, "key"), *after, *patient;
    const struct press_item *item = press_part_find(part);
    struct press_line line = {.item = item, .key = key};
    enum db_status status;

    if (!area_kind(c, AREA_REGIONAL, "press"))
        return;
    if (day == DATE_NONE || (item == NULL && part[0] != '\0')) {
        page_not_found(c);
        return;
    }
    list_view_cursor(c, "", &after, &patient);
    const char *iso = date_iso(c->arena, day);
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_press_cases, area_mine(c), iso,
                                     item == NULL ? NULL : part, key, after);
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    if (rows_int(rows, 0, "people") == 0) {
        page_not_found(c);
        return;
    }
    const char *words = item == NULL ? "" : text_format(c->arena, "、%s：%s", item->label, rows_text(rows, 0, "value")[0] == '\0'
                                                            ? "未入力"
                                                            : press_value(c->arena, item, rows_text(rows, 0, "value")));
    struct figures_listed list = {
        .title = text_format(c->arena, "報道発表の新規陽性者（%s%s）", date_slashed(c->arena, day), words),
        .order = "症例の番号の順です。",
        .table_label = "新規陽性者",
        .time_label = "番号",
        .own_path = cases_path(c, day, item == NULL ? NULL : &line),
        .back_path = rows_bool(rows, 0, "fixed") ? day_path(c, iso, "") : "/press",
        .back_label = "報道発表へ戻る",
        .rows = rows,
        .count = rows_int(rows, 0, "people"),
        .unseen = rows_int(rows, 0, "unseen"),
    };
    figures_send_list(c, &list);
}

/* ---- the template -------------------------------------------------------------------------------------------------- */

static const char *
read_cutoff(struct arena *arena, const char *typed)
{
    const char *text = jtext_narrow(arena, typed);
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

    return text_to_int(jtext_narrow(arena, typed), 1, 99999999, &number) == 0 ? db_int(arena, number) : NULL;
}

enum { FIELD_title, FIELD_prefix, FIELD_cutoff, FIELD_first_no, FIELDS };

static const struct field fields[FIELDS] = {
    [FIELD_title] = {.name = "title", .label = "表題", .required = true, .max = 80},
    [FIELD_prefix] = {.name = "prefix", .label = "症例の番号の前に付ける言葉", .hint = "例：県内、市内", .max = 10},
    [FIELD_cutoff] = {.name = "cutoff", .label = "締切の時刻", .hint = "例：17:00。24:00は、その日の終わりです。", .required = true,
                      .css = "postal-input", .read = read_cutoff, .unreadable = "時刻を 17:00 のように入力してください。"},
    [FIELD_first_no] = {.name = "first_no", .label = "最初の症例の番号", .hint = "これまでに発表した数に1を足した数です。",
                        .required = true, .css = "postal-input", .read = read_number, .unreadable = "1から99999999までの数を入力してください。"},
};

static void
fill_items(struct view *view, const char *list, bool parts, const char *chosen)
{
    view_list(view, list);
    for (size_t i = 0; i < PRESS_ITEMS; i++) {
        if (!(parts ? press_items[i].part : press_items[i].attribute))
            continue;
        struct view *row = view_row(view, list);
        view_text(row, "item_name", press_items[i].name);
        view_text(row, "item_label", press_items[i].label);
        view_flag(row, "item_chosen", text_has_word(chosen, press_items[i].name));
    }
}

/* The form of a template: what was typed or saved, and which version it began with (0: there was none). */
struct template_form {
    struct answer answers[FIELDS];
    const char *parts, *attributes, *version, *problem;
};

static void
show_template(struct context *c, int status, const struct template_form *form)
{
    struct view *view = page_view(c, "報道発表のひな形");

    view_text(view, "problem", form->problem);
    view_text(view, "version", form->version);
    simple_form_fill(view, FIELDS, fields, form->answers);
    fill_items(view, "part_items", true, form->parts);
    fill_items(view, "attribute_items", false, form->attributes);
    page_send_status(c, status, TEMPLATE_press_template, view);
}

/* Begins the form with what is saved; false when the answer has been given. The first number is of those who have not yet announced. */
static bool
begin_template(struct context *c, struct template_form *form)
{
    enum db_status status;

    if (!area_kind(c, AREA_REGIONAL, "press_template"))
        return false;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_press_template_find, area_mine(c));
    if (rows == NULL) {
        page_database_failed(c, status);
        return false;
    }
    bool saved = rows_count(rows) > 0;
    *form = (struct template_form){.parts = saved ? rows_text(rows, 0, "parts") : "age sex municipality",
                                   .attributes = saved ? rows_text(rows, 0, "attributes") : "",
                                   .version = saved ? rows_text(rows, 0, "version") : "0"};
    simple_form_start(&form->answers[FIELD_title], saved ? rows_text(rows, 0, "title") : "新型コロナウイルス感染症の発生状況について");
    simple_form_start(&form->answers[FIELD_prefix], saved                                ? rows_text(rows, 0, "prefix")
                                                    : c->session.kind == KIND_prefecture ? "県内"
                                                    : c->session.kind == KIND_city       ? "市内"
                                                                                         : "管内");
    simple_form_start(&form->answers[FIELD_cutoff], saved ? rows_text(rows, 0, "cutoff") : "17:00");
    simple_form_start(&form->answers[FIELD_first_no], saved ? rows_text(rows, 0, "first_no") : "1");
    form->answers[FIELD_first_no].hidden = saved && rows_bool(rows, 0, "has_announced");
    return true;
}

void
press_template_show(struct context *c)
{
    struct template_form form;

    if (begin_template(c, &form))
        show_template(c, 200, &form);
}

/* Which version the posted form began with; "0" for what is no number: then nothing that is saved is overwritten. */
static const char *
posted_version(struct context *c)
{
    int64_t version;

    return text_to_int(request_value(c->request, "version"), 0, INT32_MAX, &version) == 0 ? db_int(c->arena, version) : "0";
}

void
press_template_post(struct context *c)
{
    struct template_form form;
    enum db_status status;

    if (!begin_template(c, &form))
        return;
    const char *newest = form.version;
    const struct answer *answers = form.answers;
    form.parts = request_words(c->request, "part");
    form.attributes = request_words(c->request, "attribute");
    form.version = posted_version(c);
    if (simple_form_read(c, FIELDS, fields, form.answers) > 0) {
        show_template(c, 200, &form);
        return;
    }
    DB_ONE(c->db, c->arena, c->session.token, &status, SQL_press_template_save, form.version, answers[FIELD_title].value,
           answers[FIELD_prefix].value, answers[FIELD_cutoff].value, answers[FIELD_first_no].hidden ? NULL : answers[FIELD_first_no].value,
           press_chosen(c->arena, form.parts, true), press_chosen(c->arena, form.attributes, false));
    if (status == DB_REFUSED && text_same(db_last_sqlstate(c->db), "HS409")) {
        form.version = newest;
        form.problem = "この画面を開いたあとで、ほかの人がひな形を保存しました。別の画面でいまのひな形を確かめて、よければもう一度保存してください。";
        show_template(c, 409, &form);
    } else if (status != DB_OK) {
        page_database_failed(c, status);
    } else {
        page_redirect_with(c, "/press", "press_template_saved");
    }
}
