/*
 * daily.c - 総数報告: the form of a clinic or a follow-up centre, with what it has reported; for the offices the table of a day, who has
 * reported, and corrections.
 */
#include <string.h>

#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"
#include "core/daily.h"
#include "exchange/csv.h"
#include "page/area.h"
#include "page/handlers.h"
#include "page/patient_head.h"

enum { REPORTERS_PAGE = 100, REASON_MOST = 200 };

#define REPORTERS (AREA_KIND(clinic) | AREA_KIND(followup))

/* A report as it is being entered. */
struct sheet {
    int64_t organisation;
    date_day day;
    int version;
    bool overtaken;             /* somebody else saved first, which is being said: the next press is about what stands now */
    const char *name, *as_what; /* as_what NULL: to be read only */
    const char *typed[DAILY_BANDS];
    const char *reason, *problem;
    bool wrong[DAILY_BANDS];
};

/* ---- the form ------------------------------------------------------------------------------------------------------ */

static void
fill_sheet(struct context *c, struct view *view, const struct sheet *sheet)
{
    view_text(view, "day", date_iso(c->arena, sheet->day));
    view_text(view, "day_shown", date_slashed(c->arena, sheet->day));
    view_int(view, "organisation", sheet->organisation);
    view_int(view, "version", sheet->version);
    view_text(view, "problem", sheet->problem);
    view_text(view, "reason", sheet->reason);
    view_flag(view, "is_above", text_same(sheet->as_what, "above"));
    view_flag(view, "may_enter", sheet->as_what != NULL);
    view_list(view, "bands");
    for (size_t i = 0; i < DAILY_BANDS; i++) {
        struct view *row = view_row(view, "bands");
        view_int(row, "band_no", (int64_t)i);
        view_text(row, "band_label", daily_bands[i]);
        view_text(row, "band_typed", sheet->typed[i]);
        view_flag(row, "band_wrong", sheet->wrong[i]);
    }
}

static void
fill_own(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "reports");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "reports");
        struct daily_counts counts = daily_from_array(rows_text(rows, i, "counts"));
        view_text(row, "report_day", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "day"))));
        view_format(row, "report_path", "/daily/%s", rows_text(rows, i, "day"));
        view_int(row, "report_total", daily_total(&counts));
        view_text(row, "report_entered", rows_text(rows, i, "entered"));
        view_flag(row, "may_correct", rows_bool(rows, i, "may"));
    }
}

static void
fill_changes(struct view *view, const struct rows *rows)
{
    view_list(view, "changes");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "changes");
        struct daily_counts counts = daily_from_array(rows_text(rows, i, "counts"));
        view_text(row, "change_at", rows_text(rows, i, "at"));
        view_text(row, "change_office", rows_text(rows, i, "office"));
        view_int(row, "change_total", daily_total(&counts));
        view_text(row, "change_reason", rows_text(rows, i, "reason"));
        view_flag(row, "is_late", rows_bool(rows, i, "late"));
    }
}

/*
 * Shows the form with everything else that stands about it. `posted`: what was typed, still about the version that it was typed over; NULL:
 * what is stored.
 */
static void
show_form(struct context *c, int64_t organisation, date_day day, const struct sheet *posted)
{
    const char *id = db_int(c->arena, organisation), *iso = date_iso(c->arena, day);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned found = DB_ADD(batch, SQL_daily_report_find, id, iso);
    unsigned changes = DB_ADD(batch, SQL_daily_report_changes, id, iso);
    unsigned own = DB_ADD(batch, SQL_daily_report_own, id);
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, found);
    if (rows_count(rows) == 0) {
        area_refuse(c, "daily_report", text_format(c->arena, "organisation %s %s", id, iso));
        return;
    }
    struct sheet sheet = {.organisation = organisation, .day = day};
    if (posted != NULL)
        sheet = *posted;
    int stands = (int)rows_int(rows, 0, "version");
    if (posted == NULL || posted->overtaken)
        sheet.version = stands;
    sheet.name = rows_text(rows, 0, "name");
    sheet.as_what = rows_text(rows, 0, "as_what");
    struct daily_counts counts = daily_from_array(rows_text(rows, 0, "counts"));
    for (size_t i = 0; i < DAILY_BANDS && posted == NULL; i++)
        sheet.typed[i] = counts.band[i] == 0 ? "" : db_int(c->arena, counts.band[i]);

    bool is_own = organisation == c->session.organisation_id;
    struct view *view = page_view(c, is_own ? "総数報告" : text_format(c->arena, "総数報告（%s）", sheet.name));
    fill_sheet(c, view, &sheet);
    view_int(view, "total", daily_total(&counts));
    view_flag(view, "is_stored", stands > 0);
    view_flag(view, "is_followup", text_same(rows_text(rows, 0, "kind"), "followup"));
    view_flag(view, "is_own", is_own);
    view_text(view, "today", date_iso(c->arena, date_today()));
    fill_changes(view, db_rows(batch, changes));
    fill_own(c, view, db_rows(batch, own));
    page_send_status(c, posted == NULL ? 200 : 422, TEMPLATE_daily, view);
}

/* ---- what is posted ------------------------------------------------------------------------------------------------ */

/* Reads the fourteen numbers; an empty one is 0. False, with the problem said, when one is no number. */
static bool
read_counts(struct context *c, struct sheet *sheet, struct daily_counts *counts)
{
    for (size_t i = 0; i < DAILY_BANDS; i++) {
        sheet->typed[i] = text_trim(c->arena, request_value(c->request, text_format(c->arena, "band%zu", i)));
        const char *number = jtext_narrow(c->arena, sheet->typed[i]);
        if (number[0] == '\0')
            continue;
        if (text_to_int(number, 0, DAILY_MOST, &counts->band[i]) == 0)
            continue;
        sheet->wrong[i] = true;
        sheet->problem = text_format(c->arena, "%s：0から%dまでの数字を入力してください（入力：%s）。", daily_bands[i], DAILY_MOST,
                                     sheet->typed[i]);
    }
    return sheet->problem == NULL;
}

/* Why the database refused, by its code (sql/0031-daily-reports.sql). */
static const char *
refusal(struct context *c)
{
    if (text_same(db_last_sqlstate(c->db), "HS422"))
        return "ほかの機関の報告を訂正するときは、理由を入力してください。";
    return "この日の報告は、もう訂正できません。医療機関が訂正できるのは、入力した日のうちです。都道府県または保健所設置市に連絡してください。";
}

void
daily_post(struct context *c)
{
    struct daily_counts counts = {{0}};
    struct sheet sheet = {.day = date_from_iso(request_value(c->request, "day"))};
    int64_t version = 0;

    if (!area_kind(c, REPORTERS | AREA_KIND(prefecture) | AREA_KIND(city), "daily_report"))
        return;
    if (sheet.day == DATE_NONE || text_to_int(request_value(c->request, "version"), 0, INT32_MAX, &version) != 0 ||
        text_to_int(request_value(c->request, "organisation"), 1, INT64_MAX, &sheet.organisation) != 0) {
        page_bad_request(c, "総数報告の画面から送信してください。");
        return;
    }
    sheet.version = (int)version;
    sheet.reason = text_trim(c->arena, request_value(c->request, "reason"));
    if (text_length(sheet.reason) > REASON_MOST)
        sheet.problem = text_format(c->arena, "理由は%d文字までで入力してください。", REASON_MOST);
    if (!read_counts(c, &sheet, &counts) || sheet.problem != NULL) {
        show_form(c, sheet.organisation, sheet.day, &sheet);
        return;
    }
    struct desk desk = patient_desk(c);
    enum notify_result result =
        daily_store(&desk, sheet.organisation, date_iso(c->arena, sheet.day), sheet.version, &counts, sheet.reason);
    if (result == NOTIFY_OK) {
        bool own = sheet.organisation == c->session.organisation_id;
        page_redirect_with(c, text_format(c->arena, own ? "/daily/%s" : "/daily/%s/%lld", date_iso(c->arena, sheet.day),
                                          (long long)sheet.organisation), "daily_saved");
        return;
    }
    if (result != NOTIFY_CONFLICT && result != NOTIFY_REFUSED) {
        page_database_failed(c, DB_LOST);
        return;
    }
    sheet.overtaken = result == NOTIFY_CONFLICT;
    sheet.problem = result == NOTIFY_REFUSED ? refusal(c)
                                             : "ほかの方が先にこの日の報告を保存しました。下の履歴を確かめて、もう一度保存してください。";
    show_form(c, sheet.organisation, sheet.day, &sheet);
}

/* ---- the table of a day -------------------------------------------------------------------------------------------- */

/* The two lines that an area may have, as the address names them. */
static const char *const kinds[] = {"clinic", "followup"};

/* A line of the table: an area's clinics, or its follow-up centres. */
struct line {
    const char *code, *name;
    bool followup;
    int64_t reporters;
    struct daily_counts now, cutoff; /* as it stands, and as it stood at 24:00 */
};

/* The lines of the rows, which come band by band; *count says how many. */
static struct line *
read_lines(struct context *c, const struct rows *rows, size_t *count)
{
    struct line *lines = ARENA_ARRAY(c->arena, rows_count(rows) / DAILY_BANDS + 1, struct line);

    *count = 0;
    for (size_t i = 0; i < rows_count(rows); i++) {
        int64_t band = rows_int(rows, i, "band") - 1;
        if (band == 0)
            lines[(*count)++] = (struct line){.code = rows_text(rows, i, "code"),
                                              .name = rows_text(rows, i, "name"),
                                              .followup = rows_bool(rows, i, "followup"),
                                              .reporters = rows_int(rows, i, "reporters")};
        struct line *line = &lines[*count - 1];
        line->now.band[band] = rows_int(rows, i, "count");
        line->cutoff.band[band] = rows_int(rows, i, "at_cutoff");
    }
    return lines;
}

static struct line
sum_of(const struct line *lines, size_t count)
{
    struct line sum = {.code = "", .name = "合計"};

    for (size_t i = 0; i < count; i++) {
        sum.reporters += lines[i].reporters;
        for (size_t k = 0; k < DAILY_BANDS; k++) {
            sum.now.band[k] += lines[i].now.band[k];
            sum.cutoff.band[k] += lines[i].cutoff.band[k];
        }
    }
    return sum;
}

static const char *
line_label(struct context *c, const struct line *line)
{
    return line->followup ? text_format(c->arena, "%s 健康フォローアップ", line->name) : line->name;
}

/* The day that the address asks for; yesterday without one, as what is complete. */
static date_day
asked_day(struct context *c)
{
    date_day day = date_from_iso(request_query(c->request, "day"));

    return day == DATE_NONE ? date_today() - 1 : day;
}

static void
fill_line(struct context *c, struct view *row, const struct line *line, date_day day)
{
    view_text(row, "line_label", line_label(c, line));
    view_flag(row, "has_reporters", line->code[0] != '\0');
    view_format(row, "reporters_path", "/daily/area/%s?day=%s&kind=%s", line->code, date_iso(c->arena, day), kinds[line->followup]);
    view_int(row, "line_reporters", line->reporters);
    view_int(row, "line_total", daily_total(&line->now));
    view_flag(row, "is_moved", daily_total(&line->now) != daily_total(&line->cutoff));
    view_int(row, "line_cutoff", daily_total(&line->cutoff));
    view_list(row, "cells");
    for (size_t i = 0; i < DAILY_BANDS; i++) {
        struct view *cell = view_row(row, "cells");
        view_int(cell, "cell", line->now.band[i]);
        view_flag(cell, "cell_moved", line->now.band[i] != line->cutoff.band[i]);
        view_int(cell, "cell_cutoff", line->cutoff.band[i]);
    }
}

/* The lines of a day's table, `count` of them, the sum not among them; NULL when it is answered. */
static struct line *
ask_lines(struct context *c, date_day day, size_t *count)
{
    enum db_status status;
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_daily_report_table, date_iso(c->arena, day));

    if (rows != NULL)
        return read_lines(c, rows, count);
    page_database_failed(c, status);
    return NULL;
}

static void
show_table(struct context *c)
{
    date_day day = asked_day(c);
    size_t count;
    struct line *lines = ask_lines(c, day, &count);

    if (lines == NULL)
        return;
    struct line sum = sum_of(lines, count);
    struct view *view = page_view(c, "総数報告");
    view_text(view, "day", date_iso(c->arena, day));
    view_text(view, "day_shown", date_slashed(c->arena, day));
    view_format(view, "csv_path", "/daily/table.csv?day=%s", date_iso(c->arena, day));
    view_format(view, "before_path", "/daily?day=%s", date_iso(c->arena, day - 1));
    view_format(view, "behind_path", "/daily?day=%s", date_iso(c->arena, day + 1));
    view_flag(view, "has_behind", day < date_today());
    view_flag(view, "is_open", day >= date_today());
    view_list(view, "bands");
    for (size_t i = 0; i < DAILY_BANDS; i++)
        view_text(view_row(view, "bands"), "band_label", daily_bands[i]);
    view_list(view, "lines");
    for (size_t i = 0; i < count; i++)
        fill_line(c, view_row(view, "lines"), &lines[i], day);
    if (count > 0)
        fill_line(c, view_row(view, "lines"), &sum, day);
    page_send(c, TEMPLATE_daily_table, view);
}

static void
add_counts(struct context *c, struct buf *out, const struct daily_counts *counts)
{
    for (size_t i = 0; i < DAILY_BANDS; i++)
        csv_add_cell(out, db_int(c->arena, counts->band[i]), false);
    csv_add_cell(out, db_int(c->arena, daily_total(counts)), false);
}

/* The headings of add_counts, each behind `when`. */
static void
add_headings(struct context *c, struct buf *out, const char *when)
{
    for (size_t i = 0; i < DAILY_BANDS; i++)
        csv_add_cell(out, text_format(c->arena, "%s%s", when, daily_bands[i]), false);
    csv_add_cell(out, text_format(c->arena, "%s合計", when), false);
}

/* The table as a file: UTF-8 with a byte order mark; each line as it stands, and behind it as it stood at the cut-off, which stays. */
static struct buf
table_file(struct context *c, const struct line *lines, size_t count, date_day day)
{
    struct buf out = buf_new(c->arena);

    buf_add_text(&out, CSV_BYTE_ORDER_MARK);
    csv_add_cell(&out, "報告日", true);
    csv_add_cell(&out, "区分", false);
    add_headings(c, &out, "");
    add_headings(c, &out, "24時時点の");
    csv_end_row(&out);
    for (size_t i = 0; i <= count; i++) {
        struct line line = i < count ? lines[i] : sum_of(lines, count);
        csv_add_cell(&out, date_slashed(c->arena, day), true);
        csv_add_cell(&out, line_label(c, &line), false);
        add_counts(c, &out, &line.now);
        add_counts(c, &out, &line.cutoff);
        csv_end_row(&out);
    }
    return out;
}

void
daily_table_csv(struct context *c)
{
    date_day day = asked_day(c);
    size_t count;

    if (!area_kind(c, AREA_OFFICES, "daily_report"))
        return;
    struct line *lines = ask_lines(c, day, &count);
    if (lines == NULL)
        return;
    struct buf file = table_file(c, lines, count, day);
    response_file(c->response, "text/csv; charset=utf-8", text_format(c->arena, "総数報告_%s.csv", date_iso(c->arena, day)), true,
                  file.data, file.size);
}

/* ---- who has reported ---------------------------------------------------------------------------------------------- */

/* Whether the address asks for follow-up centres; NULL: for all. */
static const char *
asked_followup(struct context *c)
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (text_same(kinds[k], request_query(c->request, "kind")))
            return db_bool(k != 0);
    return NULL;
}

static void
fill_reporter(struct view *row, const struct rows *rows, size_t i, const char *iso)
{
    struct daily_counts counts = daily_from_array(rows_text(rows, i, "counts"));

    view_text(row, "reporter", rows_text(rows, i, "name"));
    view_flag(row, "is_followup", text_same(rows_text(rows, i, "kind"), "followup"));
    view_int(row, "reporter_total", daily_total(&counts));
    view_text(row, "reporter_entered", rows_text(rows, i, "entered"));
    view_flag(row, "may_correct", rows_bool(rows, i, "may"));
    view_format(row, "reporter_path", "/daily/%s/%s", iso, rows_text(rows, i, "organisation_id"));
}

void
daily_area_show(struct context *c)
{
    date_day day = asked_day(c);
    const char *iso = date_iso(c->arena, day), *followup = asked_followup(c);
    enum db_status status;

    if (!area_kind(c, AREA_OFFICES, "daily_report"))
        return;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_daily_report_reporters, area_mine(c),
                                     path_part(c, 2), iso, area_id(c, request_query(c->request, "after")), followup);
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "総数報告をした機関");
    view_text(view, "day_shown", date_slashed(c->arena, day));
    view_format(view, "table_path", "/daily?day=%s", iso);
    view_list(view, "reporters");
    size_t shown = rows_count(rows) > REPORTERS_PAGE ? REPORTERS_PAGE : rows_count(rows);
    for (size_t i = 0; i < shown; i++)
        fill_reporter(view_row(view, "reporters"), rows, i, iso);
    view_text(view, "next_path",
              rows_count(rows) <= REPORTERS_PAGE
                  ? ""
                  : text_format(c->arena, "/daily/area/%s?day=%s%s%s&after=%s", path_part(c, 2), iso, followup == NULL ? "" : "&kind=",
                                followup == NULL ? "" : request_query(c->request, "kind"),
                                rows_text(rows, REPORTERS_PAGE - 1, "organisation_id")));
    page_send(c, TEMPLATE_daily_area, view);
}

/* ---- doors --------------------------------------------------------------------------------------------------------- */

void
daily_show(struct context *c)
{
    if ((REPORTERS & 1u << c->session.kind) != 0) {
        date_day asked = date_from_iso(request_query(c->request, "day"));
        show_form(c, c->session.organisation_id, asked == DATE_NONE ? date_today() : asked, NULL);
    } else if (area_kind(c, AREA_OFFICES, "daily_report")) {
        show_table(c);
    }
}

void
daily_day_show(struct context *c)
{
    date_day day = date_from_iso(path_part(c, 1));

    if (day == DATE_NONE)
        page_not_found(c);
    else if (area_kind(c, REPORTERS, "daily_report"))
        show_form(c, c->session.organisation_id, day, NULL);
}

void
daily_other_show(struct context *c)
{
    date_day day = date_from_iso(path_part(c, 1));
    int64_t organisation;

    if (day == DATE_NONE || text_to_int(path_part(c, 2), 1, INT64_MAX, &organisation) != 0)
        page_not_found(c);
    else if (area_kind(c, AREA_OFFICES, "daily_report"))
        show_form(c, organisation, day, NULL);
}
