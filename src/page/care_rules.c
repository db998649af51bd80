/*
 * care_rules.c - 療養期間の決まり: how long people are in care, as dated data of the ministry: days behind day 0, hours since 症状軽快, a
 * negative test kit. Before a version is saved it may be seen whose end it would move.
 */
#include <string.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"
#include "core/audit.h"
#include "page/area.h"
#include "page/handlers.h"
#include "page/patient_head.h"
#include "page/rules.h"
#include "page/simple_form.h"

enum { MOST_TRIED = 5000 };

/* ---- the fields ---------------------------------------------------------------------------------------------------- */

static const char *
read_number(struct arena *arena, const char *typed, int least, int most)
{
    int64_t number;

    return text_to_int(jtext_narrow(arena, typed), least, most, &number) == 0 ? db_int(arena, number) : NULL;
}

static const char *
read_days(struct arena *arena, const char *typed)
{
    return read_number(arena, typed, 1, 60);
}

/* Whole days, as people count them after 症状軽快. */
static const char *
read_hours(struct arena *arena, const char *typed)
{
    const char *hours = read_number(arena, typed, 0, 240);
    int64_t number;

    return hours != NULL && text_to_int(hours, 0, 240, &number) == 0 && number % 24 == 0 ? hours : NULL;
}

static const char *
read_from(struct arena *arena, const char *typed)
{
    date_day day;

    return date_parse(typed, &day) == DATE_OK && day >= date_today() ? date_iso(arena, day) : NULL;
}

#define DAYS_WRONG  "1から60までの数字で入力してください。"
#define HOURS_WRONG "24の倍数（0から240まで）で入力してください。"

/* Named as the columns of app.care_rule. */
static const struct field fields[] = {
    {.name = "valid_from", .label = "使い始める日", .hint = "この日以降に発症した方（症状のない方は、この日以降に検体を採った方）から使います。", .required = true,
     .css = "date-input", .read = read_from, .unreadable = "きょうか、きょうより後の日を入力してください。例：2022/9/7、R4.9.7"},
    {.name = "symptomatic_days", .label = "症状のある方：発症日からの日数", .required = true, .read = read_days, .unreadable = DAYS_WRONG},
    {.name = "recovered_hours", .label = "症状のある方：症状が軽快してからの時間", .required = true, .read = read_hours, .unreadable = HOURS_WRONG},
    {.name = "facility_days", .label = "入院・高齢者施設の方：発症日からの日数", .required = true, .read = read_days, .unreadable = DAYS_WRONG},
    {.name = "facility_hours", .label = "入院・高齢者施設の方：症状が軽快してからの時間", .required = true, .read = read_hours, .unreadable = HOURS_WRONG},
    {.name = "asymptomatic_days", .label = "症状のない方：検体採取日からの日数", .required = true, .read = read_days, .unreadable = DAYS_WRONG},
    {.name = "kit_day", .label = "症状のない方：検査キットの陰性で終わる、はじめの日", .hint = "検体採取日から何日目か。使わないときは空欄にします。",
     .read = read_days, .unreadable = DAYS_WRONG},
    {.name = "in_care_too", .label = "使い始める日に療養中の方にも使う", .kind = FIELD_CHECK},
    {.name = "notice", .label = "もとになる通知", .hint = "例：令和4年9月7日からの療養期間", .required = true, .max = 100},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* The rule as a JSON object of its columns. */
static const char *
rule_json(struct context *c, const struct answer answers[FIELDS])
{
    struct buf out = buf_new(c->arena);

    buf_add_char(&out, '{');
    for (size_t i = 0; i < FIELDS; i++) {
        const char *value = answers[i].value;
        buf_printf(&out, "%s\"%s\":", i == 0 ? "" : ",", fields[i].name);
        if (fields[i].kind == FIELD_CHECK)
            buf_add_text(&out, text_empty(value) ? "false" : "true");
        else
            buf_add_json(&out, text_empty(value) ? NULL : value);
    }
    buf_add_char(&out, '}');
    return buf_text(&out);
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static void
start(struct context *c, struct answer answers[FIELDS], const struct rows *newest)
{
    memset(answers, 0, FIELDS * sizeof *answers);
    for (size_t i = 0; i < FIELDS && rows_count(newest) > 0; i++)
        if (fields[i].kind != FIELD_CHECK)
            simple_form_start(&answers[i], rows_text(newest, 0, fields[i].name));
    simple_form_start(&answers[0], date_slashed(c->arena, date_today() + 1));
    simple_form_start(&answers[FIELDS - 1], "");
}

static void
fill_versions(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "versions");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "versions");
        const char *kit = rows_text(rows, i, "kit_day"), *holder = rows_text(rows, i, "holder");
        view_text(row, "valid_from", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "valid_from"))));
        view_text(row, "with_symptoms", text_format(c->arena, "%s日・軽快から%s時間", rows_text(rows, i, "symptomatic_days"),
                                                    rows_text(rows, i, "recovered_hours")));
        view_text(row, "in_facility", text_format(c->arena, "%s日・軽快から%s時間", rows_text(rows, i, "facility_days"),
                                                  rows_text(rows, i, "facility_hours")));
        view_text(row, "without", text_format(c->arena, "%s日%s", rows_text(rows, i, "asymptomatic_days"),
                                              kit == NULL ? "" : text_format(c->arena, "・%s日目から検査キット", kit)));
        view_text(row, "rule_notice", rows_text(rows, i, "notice"));
        view_flag(row, "is_for_those_in_care", rows_bool(rows, i, "in_care_too"));
        view_text(row, "saved", holder == NULL ? "" : rows_text(rows, i, "entered"));
        view_text(row, "saved_by", holder);
    }
}

/* Of the newest version when the form was made. */
static const char *
posted_stamp(struct context *c)
{
    return area_id(c, request_value(c->request, "newest"));
}

/* Why the page is shown again with what was typed. */
enum showing { UNREADABLE, TRIED, CLASH };

/* The page with what was typed, or (NULL) with the newest version; with whom it would affect when it was tried. */
static void
show(struct context *c, struct answer typed[FIELDS], enum showing why)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    struct answer stored[FIELDS];
    unsigned rules = DB_ADD(batch, SQL_care_rules);

    if (why == TRIED)
        DB_ADD(batch, SQL_care_rule_preview, rule_json(c, typed), db_int(c->arena, MOST_TRIED));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "療養期間の決まり");
    if (typed == NULL)
        start(c, stored, db_rows(batch, rules));
    simple_form_fill(view, FIELDS, fields, typed == NULL ? stored : typed);
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_text(view, "problem", why == CLASH ? "この画面を開いたあとで、ほかの人が新しい決まりを保存しました。入力した内容は残っています。"
                                              "下の「これまでの決まり」を確かめて、よければもう一度保存してください。"
                                            : "");
    /* What was seen stays what was seen, until somebody is told of the clash. */
    view_text(view, "newest", typed != NULL && why != CLASH ? posted_stamp(c) : rows_text(db_rows(batch, rules), 0, "stamp"));
    fill_versions(c, view, db_rows(batch, rules));
    if (why == TRIED)
        rules_fill_preview(view, db_rows(batch, rules + 1), MOST_TRIED);
    page_send_status(c, why == CLASH ? 409 : 200, TEMPLATE_care_rules, view);
}

/* The ministry alone sets them; answers for all others. */
static bool
sets_rules(struct context *c)
{
    return area_kind_told(c, AREA_KIND(ministry), "care_rule", "療養期間の決まりを変えるのは、国です。");
}

void
care_rules_show(struct context *c)
{
    if (sets_rules(c))
        show(c, NULL, UNREADABLE);
}

void
care_rules_post(struct context *c)
{
    struct answer answers[FIELDS] = {0};
    struct desk desk = patient_desk(c);
    bool saves = strcmp(request_value(c->request, "press"), "save") == 0;

    if (!sets_rules(c))
        return;
    if (desk.form_id == NULL) {
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
        return;
    }
    size_t problems = simple_form_read(c, FIELDS, fields, answers);
    if (problems > 0 || !saves) {
        show(c, answers, problems > 0 ? UNREADABLE : TRIED);
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_receipt_add, desk.form_id, "0", "0");
    DB_ADD(batch, SQL_care_rule_save, rule_json(c, answers), posted_stamp(c));
    audit_patient(batch, c->arena, "care_rule", 0, answers[0].value);
    enum notify_result result = notify_result_of(c->db, db_run(batch));
    if (result == NOTIFY_CONFLICT)
        show(c, answers, CLASH);
    else
        patient_conclude(c, result, "/follow/care", "care_rule");
}
