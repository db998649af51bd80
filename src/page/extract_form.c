/*
 * extract_form.c - asking for 研究用の資料: for whom and what, which columns and how coarse, and the report on k-匿名性 before anybody is
 * asked to approve it. Nothing that was typed is lost on the way.
 */

#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"
#include "core/audit.h"
#include "page/area.h"
#include "page/extract_page.h"
#include "page/handlers.h"
#include "page/simple_form.h"

enum { DAYS_AT_FIRST = 28, DAYS_TO_TAKE = 14, DAYS_AT_MOST = 90 };

/* ---- the form ------------------------------------------------------------------------------------------------------ */

static const char *
read_day(struct arena *arena, const char *typed)
{
    date_day day;

    return date_parse(typed, &day) == DATE_OK ? date_iso(arena, day) : NULL;
}

static const char *
read_until(struct arena *arena, const char *typed)
{
    date_day day, today = date_today();

    return date_parse(typed, &day) == DATE_OK && day >= today && day <= today + DAYS_AT_MOST ? date_iso(arena, day) : NULL;
}

static const char *
read_k(struct arena *arena, const char *typed)
{
    int64_t k;

    return text_to_int(jtext_narrow(arena, typed), EXTRACT_LEAST_K, EXTRACT_MOST_K, &k) == 0 ? db_int(arena, k) : NULL;
}

static const struct field_option small_options[] = {
    {"leave_out", "小さい組の方を除いて作り、除いた人数を書く"}, {"stop", "小さい組があれば、作らない"}, {NULL, NULL}};
static const struct field_option times_options[] = {{"once", "1回だけ"}, {"until", "期限まで何回でも"}, {NULL, NULL}};

#define KEY_DROPPED "drop"
#define KEY_KEPT    "keep"

enum { FIELD_purpose, FIELD_recipient, FIELD_from, FIELD_to, FIELD_k, FIELD_small, FIELD_times, FIELD_until, FIELD_key, FIELDS };

static const struct field fields[FIELDS] = {
    [FIELD_purpose] = {.name = "purpose", .label = "目的", .hint = "記録に残ります。患者の氏名などは書かないでください。", .required = true},
    [FIELD_recipient] = {.name = "recipient", .label = "提供先", .hint = "例：〇〇大学大学院 公衆衛生学分野", .required = true},
    [FIELD_from] = {.name = "from", .label = "届出日（から）", .required = true, .css = "date-input", .read = read_day,
                    .unreadable = "届出日（から）を、2022/9/26、R4.9.26 のように入力してください。"},
    [FIELD_to] = {.name = "to", .label = "届出日（まで）", .required = true, .css = "date-input", .read = read_day,
                  .unreadable = "届出日（まで）を、2022/9/26、R4.9.26 のように入力してください。"},
    [FIELD_k] = {.name = "k", .label = "同じ組の人数の下限（k）", .hint = "5人以上です。識別の手がかりがすべて同じ方を、1つの組と数えます。",
                 .required = true, .css = "postal-input", .read = read_k, .unreadable = "kは、5から1000までの数を入力してください。"},
    [FIELD_small] = {.name = "small", .label = "下限より小さい組", .kind = FIELD_RADIO, .required = true, .options = small_options},
    [FIELD_times] = {.name = "times", .label = "受け取れる回数", .kind = FIELD_RADIO, .required = true, .options = times_options},
    [FIELD_until] = {.name = "until", .label = "受け取りの期限", .required = true, .css = "date-input", .read = read_until,
                     .unreadable = "受け取りの期限は、きょうから90日以内の日を入力してください。"},
    [FIELD_key] = {.name = "key", .label = "仮名", .hint = "仮名は資料ごとに違い、ほかの資料とつなげられません。続きにしたときだけ、同じ方が同じ仮名になります。",
                   .kind = FIELD_RADIO, .required = true},
};

/* A form as it was posted, or as it is at first. */
struct wish {
    struct answer answers[FIELDS];
    struct extract_columns all;
    struct extract_choices choices;
    const struct rows *continued; /* of statement extract_continued */
    const char *problem; /* of all of it */
    const char *column_problem, *form_id;
    int64_t k;
};

static const char *
value_of(const struct wish *wish, int field)
{
    return wish->answers[field].value;
}

/* What the pseudonyms may be: new, new and kept, or those of an earlier extract (rows of statement extract_continued). */
static void
offer_keys(struct context *c, struct wish *wish, const struct rows *rows)
{
    struct field_option *options = ARENA_ARRAY(c->arena, rows_count(rows) + 3, struct field_option);
    options[0] = (struct field_option){KEY_DROPPED, "この資料だけの仮名にする（渡し終えたら、鍵を捨てる）"};
    options[1] = (struct field_option){KEY_KEPT, "あとで続きを作れるようにする（鍵を封じて残す）"};
    for (size_t i = 0; i < rows_count(rows); i++)
        options[i + 2] = (struct field_option){
            rows_text(rows, i, "extract_id"),
            text_format(c->arena, "%sに依頼した「%s」の続きにする", rows_text(rows, i, "asked"), rows_text(rows, i, "purpose"))};
    wish->answers[FIELD_key].options = options;
    wish->continued = rows;
}

static void
choose(struct context *c, struct wish *wish, const char *words)
{
    wish->all = extract_columns(c->arena, c->session.kind);
    wish->choices = extract_choices(c->arena, &wish->all, words);
    if (wish->choices.count == 0)
        wish->column_problem = "項目を一つ以上選んでください。";
}

static const char *
posted_columns(struct context *c)
{
    struct extract_columns all = extract_columns(c->arena, c->session.kind);
    struct buf words = buf_new(c->arena);

    for (size_t i = 0; i < all.count; i++)
        buf_printf(&words, "%s:%s ", all.list[i]->name, request_value(c->request, text_format(c->arena, "column_%s", all.list[i]->name)));
    return buf_text(&words);
}

/* Joined by pseudonym, two extracts must not say more of a person than each: so one goes on with the same columns, and no smaller k. */
static bool
goes_on(struct context *c, struct wish *wish)
{
    for (size_t i = 0; i < rows_count(wish->continued); i++)
        if (text_same(rows_text(wish->continued, i, "extract_id"), value_of(wish, FIELD_key)) &&
            (!text_same(rows_text(wish->continued, i, "columns"), extract_choices_words(c->arena, &wish->choices)) ||
             wish->k < rows_int(wish->continued, i, "k"))) {
            struct extract_choices before = extract_choices(c->arena, &wish->all, rows_text(wish->continued, i, "columns"));
            wish->answers[FIELD_key].problem =
                text_format(c->arena, "続きにするときは、前の資料と同じ項目（%s）にし、kを%s以上にしてください。",
                            extract_choices_labels(c->arena, &before), rows_text(wish->continued, i, "k"));
            return false;
        }
    return true;
}

/* Reads the form but for the key, which read_key does, when it is known which there are; how many problems it has. */
static size_t
read_wish(struct context *c, struct wish *wish)
{
    size_t problems = simple_form_read(c, FIELD_key, fields, wish->answers);
    const char *form_id = request_value(c->request, "form_id");

    wish->form_id = crypt_is_uuid(form_id) ? form_id : crypt_uuid(c->arena);
    text_to_int(value_of(wish, FIELD_k), EXTRACT_LEAST_K, EXTRACT_MOST_K, &wish->k);
    choose(c, wish, posted_columns(c));
    if (problems == 0 && date_from_iso(value_of(wish, FIELD_from)) > date_from_iso(value_of(wish, FIELD_to))) {
        wish->answers[FIELD_to].problem = "届出日（まで）は、届出日（から）と同じ日か、後の日を入力してください。";
        problems++;
    }
    return problems + (wish->column_problem != NULL);
}

/* Reads the key; false when it has a problem. */
static bool
read_key(struct context *c, struct wish *wish)
{
    return simple_form_read(c, 1, &fields[FIELD_key], &wish->answers[FIELD_key]) == 0 && goes_on(c, wish);
}

static void
fill_columns(struct context *c, struct view *view, const struct wish *wish)
{
    view_list(view, "columns");
    for (size_t i = 0; i < wish->all.count; i++) {
        const struct extract_column *column = wish->all.list[i];
        struct view *row = view_row(view, "columns");
        int chosen = 0;
        for (size_t k = 0; k < wish->choices.count; k++)
            if (wish->choices.list[k].column == column)
                chosen = wish->choices.list[k].step;
        view_text(row, "column_name", column->name);
        view_text(row, "column_label", column->label);
        view_flag(row, "column_quasi", column->quasi);
        view_list(row, "steps");
        for (int step = 0; step <= extract_steps(column); step++) {
            struct view *option = view_row(row, "steps");
            view_text(option, "step", db_int(c->arena, step));
            view_text(option, "step_label", step == 0 ? "入れない" : column->steps[step - 1]);
            view_flag(option, "step_chosen", step == chosen);
        }
    }
}

/* The page; `summary` NULL: without a report. */
static void
show(struct context *c, int status, const struct wish *wish, const struct extract_summary *summary)
{
    struct view *view = page_view(c, "研究用の資料を依頼");

    simple_form_fill(view, FIELDS, fields, wish->answers);
    if (wish->column_problem != NULL) {
        struct view *error = view_row(view, "errors");
        view_text(error, "error_field", "columns");
        view_text(error, "error_words", wish->column_problem);
        view_flag(view, "has_errors", true);
    }
    view_text(view, "problem", wish->problem);
    view_text(view, "column_problem", wish->column_problem);
    fill_columns(c, view, wish);
    view_text(view, "form_id", wish->form_id);
    view_flag(view, "has_report", summary != NULL);
    if (summary != NULL) {
        view_text(view, "why_not", wish->column_problem != NULL ? wish->column_problem : wish->answers[FIELD_small].problem);
        extract_report_fill(c, view, &wish->all, summary);
    }
    page_send_status(c, status, TEMPLATE_extract_form, view);
}

void
extract_new_show(struct context *c)
{
    struct wish wish = {.form_id = crypt_uuid(c->arena)};
    date_day today = date_today();
    enum db_status status;

    if (!extract_office(c, "extract_report"))
        return;
    const struct rows *continued = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_extract_continued, area_mine(c));
    if (continued == NULL) {
        page_database_failed(c, status);
        return;
    }
    offer_keys(c, &wish, continued);
    simple_form_start(&wish.answers[FIELD_from], date_slashed(c->arena, today - DAYS_AT_FIRST));
    simple_form_start(&wish.answers[FIELD_to], date_slashed(c->arena, today));
    simple_form_start(&wish.answers[FIELD_k], db_int(c->arena, EXTRACT_LEAST_K));
    simple_form_start(&wish.answers[FIELD_small], "leave_out");
    simple_form_start(&wish.answers[FIELD_times], "once");
    simple_form_start(&wish.answers[FIELD_until], date_slashed(c->arena, today + DAYS_TO_TAKE));
    simple_form_start(&wish.answers[FIELD_key], KEY_DROPPED);
    choose(c, &wish, "age:1 sex:1 area:2 reported:2");
    show(c, 200, &wish, NULL);
}

/* ---- the report, and the request ----------------------------------------------------------------------------------- */

/* Asks for what the form needs, and for the people when it can be read so far; NULL when the answer has been given. */
static const struct rows *
rows_of(struct context *c, struct wish *wish)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    size_t problems = read_wish(c, wish);
    unsigned continued = DB_ADD(batch, SQL_extract_continued, area_mine(c)), list = 0;

    if (problems == 0) {
        audit_patient(batch, c->arena, "extract_report", 0, wish->form_id);
        list = DB_ADD(batch, SQL_extract_rows, value_of(wish, FIELD_from), value_of(wish, FIELD_to), db_int(c->arena, EXTRACT_PEOPLE));
    }
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return NULL;
    }
    offer_keys(c, wish, db_rows(batch, continued));
    if (read_key(c, wish) && problems == 0)
        return db_rows(batch, list);
    show(c, 200, wish, NULL);
    return NULL;
}

/* Counts what was asked for; false when the answer has been given. */
static bool
counted(struct context *c, struct wish *wish, struct extract_summary *summary)
{
    const struct rows *rows = extract_office(c, "extract_report") ? rows_of(c, wish) : NULL;

    if (rows == NULL)
        return false;
    if (rows_count(rows) == 0 || rows_count(rows) > EXTRACT_PEOPLE) {
        wish->answers[FIELD_to].problem =
            rows_count(rows) == 0 ? "この期間に届出のあった陽性者は、いません。"
                                  : text_format(c->arena, "この期間には%d人を超える陽性者がいます。期間を分けてください。", EXTRACT_PEOPLE);
        show(c, 200, wish, NULL);
        return false;
    }
    struct extract x = extract_make(c->arena, rows, &wish->choices, (size_t)wish->k, true);
    *summary = extract_summary_of(c->arena, &x, wish->k, text_same(value_of(wish, FIELD_small), "leave_out"));
    return true;
}

/* Could no file be made of it? Says why beside the field. */
static bool
is_hopeless(struct context *c, struct wish *wish, const struct extract_summary *summary)
{
    if (summary->below == summary->people)
        wish->column_problem = "どの組も下限より小さいため、資料に入れられる方がいません。項目を粗くするか、減らしてください。";
    else if (summary->below > 0 && !summary->leave_out)
        wish->answers[FIELD_small].problem = text_format(
            c->arena, "下限より小さい組に%lld人います。項目を粗くするか、その方を除いて作ってください。", (long long)summary->below);
    return wish->column_problem != NULL || wish->answers[FIELD_small].problem != NULL;
}

void
extract_report_post(struct context *c)
{
    struct wish wish = {0};
    struct extract_summary summary;

    if (!counted(c, &wish, &summary))
        return;
    is_hopeless(c, &wish, &summary);
    wish.form_id = crypt_uuid(c->arena); /* a request that was made already stays as it is */
    show(c, 200, &wish, &summary);
}

/* The form again, because the database did not take what could be read: a day has passed, a key is kept no more, or nobody knows. */
static void
show_refused(struct context *c, struct wish *wish, const struct extract_summary *summary, enum db_status status)
{
    if (status != DB_REFUSED)
        wish->problem = "依頼を受け付けたことを確認できませんでした。少し待ってから、もう一度「この内容で承認を依頼する」を押してください。同じ依頼が二重になることはありません。";
    else if (text_same(db_last_sqlstate(c->db), "HS409"))
        wish->answers[FIELD_until].problem = "日付が変わり、受け取りの期限が過ぎました。きょうから後の日を入力してください。";
    else
        wish->answers[FIELD_key].problem = "選んだ資料の続きは、作れなくなりました。仮名を選び直してください。";
    show(c, status == DB_REFUSED ? 409 : 503, wish, summary);
}

void
extract_ask_post(struct context *c)
{
    struct wish wish = {0};
    struct extract_summary s;
    enum db_status status;

    if (!counted(c, &wish, &s))
        return;
    if (is_hopeless(c, &wish, &s)) {
        show(c, 200, &wish, &s);
        return;
    }
    const char *key = value_of(&wish, FIELD_key);
    const char *continues = crypt_is_uuid(key) ? key : NULL;
    DB_ONE(c->db, c->arena, c->session.token, &status, SQL_extract_ask, wish.form_id, value_of(&wish, FIELD_purpose),
           value_of(&wish, FIELD_recipient), value_of(&wish, FIELD_from), value_of(&wish, FIELD_to),
           extract_choices_words(c->arena, &wish.choices), db_int(c->arena, wish.k),
           db_bool(s.leave_out), db_bool(text_same(value_of(&wish, FIELD_times), "once")),
           value_of(&wish, FIELD_until), continues, db_bool(text_same(key, KEY_KEPT)),
           extract_key_new(c->arena, &c->app->keys, wish.form_id), db_int(c->arena, s.people), db_int(c->arena, s.groups),
           db_int(c->arena, s.smallest), db_int(c->arena, s.below), s.steps);
    if (status == DB_OK || status == DB_DUPLICATE) /* pressed twice: asked once */
        page_redirect_with(c, extract_path(c, wish.form_id), status == DB_OK ? "extract_asked" : "extract_asked_before");
    else
        show_refused(c, &wish, &s, status);
}
