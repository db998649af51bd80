/*
 * follow_rules.c - 健康観察の決まり: when people are asked, what, and from which values on somebody rings. A head office sets them for its
 * centres, the ministry for all that have none; each version holds from a day on, never for the past. Before it is saved it may be
 * tried on the latest answers of those who are observed today.
 */
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"
#include "core/audit.h"
#include "page/area.h"
#include "page/follow_rows.h"
#include "page/handlers.h"
#include "page/patient_head.h"
#include "page/rules.h"

enum {
    MOST_ALARMS = 30,
    SPARE_ALARMS = 3, /* empty rows behind those that are there */
    MOST_WORDS = 40,
    MOST_URGENT = 3,
    MOST_TRIED = 2000 /* people on whose answers a version is tried */
};

/* How a value is compared; `numbers`: for values that are numbers, or with the answer before, in words of which the middle is the value. */
static const struct {
    const char *name, *label;
    bool numbers;
    const char *before, *behind;
} comparisons[] = {
    {"at_least", "以上", true, "", "以上"},
    {"at_most", "以下", true, "", "以下"},
    {"rises", "前からの上昇（以上）", true, "が", "以上上がった"},
    {"falls", "前からの低下（以上）", true, "が", "以上下がった"},
    {"is", "ある・はい", false, "", ""},
};
enum { COMPARISONS = sizeof comparisons / sizeof *comparisons };

/* Everything as it is typed. */
struct alarm {
    const char *item, *comparison, *value, *urgency, *words;
};

struct rule_form {
    const char *newest; /* stamp of the version that was saved last when the form was made; NULL: as it stands now */
    const char *from, *ask_at, *due_at;
    bool own_history;
    const char *questions; /* blank-separated */
    size_t count;
    struct alarm alarms[MOST_ALARMS];
    size_t problems;
    const char *problem[MOST_ALARMS + 8];
};

/* ---- the items ----------------------------------------------------------------------------------------------------- */

static bool
is_number(int item)
{
    return dictionary_items[item].type == TYPE_decimal || dictionary_items[item].type == TYPE_int;
}

/* What can be asked: all of the tab but what the program itself fills in. */
static bool
is_question(int item)
{
    static const int own[] = {ITEM_observation_on, ITEM_observation_time, ITEM_observation_of, ITEM_observation_source};

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i] == item)
            return false;
    return dictionary_items[item].table == TABLE_entry && text_starts(dictionary_items[item].name, "observation_");
}

/* What can be urgent: numbers, and what is answered by yes. */
static bool
is_weighed(int item)
{
    int list = dictionary_items[item].list;

    return is_question(item) && (is_number(item) || list == LIST_yes_no_unknown || list == LIST_wished);
}

/* ---- a stored version ---------------------------------------------------------------------------------------------- */

static const char *
clock_of(struct context *c, const char *stored)
{
    return text_copy_n(c->arena, stored, 5); /* 07:30:00 */
}

static void
add_stored_alarm(struct context *c, struct rule_form *form, const json_t *alarm)
{
    struct alarm *to = &form->alarms[form->count++];

    *to = (struct alarm){.item = text_copy(c->arena, json_string_value(json_object_get(alarm, "item"))),
                         .words = text_copy(c->arena, json_string_value(json_object_get(alarm, "words"))),
                         .value = "",
                         .urgency = db_int(c->arena, json_integer_value(json_object_get(alarm, "urgency")))};
    for (size_t i = 0; i < COMPARISONS; i++) {
        const json_t *value = json_object_get(alarm, comparisons[i].name);
        if (value == NULL)
            continue;
        to->comparison = comparisons[i].name;
        if (json_is_number(value))
            to->value = text_format(c->arena, json_is_integer(value) ? "%.0f" : "%.1f", json_number_value(value));
    }
}

static void
from_stored(struct context *c, struct rule_form *form, const struct rows *rows, size_t i)
{
    json_t *alarms = json_loads(rows_text(rows, i, "alarms"), 0, NULL);

    *form = (struct rule_form){.from = date_slashed(c->arena, date_today() + 1),
                               .ask_at = clock_of(c, rows_text(rows, i, "ask_at")),
                               .due_at = clock_of(c, rows_text(rows, i, "due_at")),
                               .own_history = rows_bool(rows, i, "own_history"),
                               .questions = rows_text(rows, i, "questions")};
    for (size_t a = 0; a < json_array_size(alarms) && form->count < MOST_ALARMS; a++)
        add_stored_alarm(c, form, json_array_get(alarms, a));
    json_decref(alarms);
}

/* ---- what was posted ----------------------------------------------------------------------------------------------- */

static void
complain(struct rule_form *form, const char *words)
{
    if (form->problems < sizeof form->problem / sizeof *form->problem)
        form->problem[form->problems++] = words;
}

static const char *
posted(struct context *c, const char *name, size_t row)
{
    return text_trim(c->arena, request_value(c->request, text_format(c->arena, "%s-%zu", name, row)));
}

static size_t
comparison_of(const struct alarm *alarm)
{
    size_t i = 0;

    while (i < COMPARISONS && !text_same(comparisons[i].name, alarm->comparison))
        i++;
    return i;
}

/* A number as thermometers and oximeters show it: digits, and one digit behind a point. */
static bool
is_value(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 3 || (text[0] == '0' && digits > 1))
        return false;
    return text[digits] == '\0' || (text[digits] == '.' && strspn(text + digits + 1, "0123456789") == 1 && text[digits + 2] == '\0');
}

/* What the alarm says where nobody has put it into words: "体温37.5℃以上". */
static const char *
default_words(struct context *c, int item, const struct alarm *alarm)
{
    const struct item *i = &dictionary_items[item];
    size_t comparison = comparison_of(alarm);

    return is_number(item) ? text_format(c->arena, "%s%s%s%s%s", i->label, comparisons[comparison].before, alarm->value,
                                         i->unit, comparisons[comparison].behind)
                           : i->label;
}

static void
check_alarm(struct context *c, struct rule_form *form, struct alarm *alarm, size_t row)
{
    int item = dictionary_item(alarm->item);
    size_t comparison = comparison_of(alarm);
    int64_t urgency;
    const char *wrong = NULL;

    if (item < 0 || !is_weighed(item))
        wrong = "項目を選び直してください。";
    else if (comparison == COMPARISONS || comparisons[comparison].numbers != is_number(item))
        wrong = is_number(item) ? "「以上」か「以下」か、前の答えからの変化を選んでください。" : "「ある・はい」を選んでください。";
    else if (is_number(item) && !is_value(alarm->value))
        wrong = "値を数字で入力してください。例：37.5";
    else if (text_to_int(alarm->urgency, 1, MOST_URGENT, &urgency) != 0)
        wrong = "急ぐ度合いを選んでください。";
    else if (text_length(alarm->words) > MOST_WORDS)
        wrong = "表示する言葉は40文字以内で入力してください。";
    else if (is_number(item) && strpbrk(alarm->words, "0123456789") != NULL && strstr(alarm->words, alarm->value) == NULL)
        wrong = "言葉の中の数字が、値と違います。言葉を空欄にすると、値から作ります。";
    if (wrong != NULL)
        complain(form, text_format(c->arena, "%zu行目：%s", row + 1, wrong));
    else if (alarm->words[0] == '\0')
        alarm->words = default_words(c, item, alarm);
}

static void
read_alarms(struct context *c, struct rule_form *form)
{
    for (size_t row = 0; row < MOST_ALARMS; row++) {
        struct alarm alarm = {posted(c, "item", row), posted(c, "comparison", row),
                              jtext_narrow(c->arena, posted(c, "value", row)), posted(c, "urgency", row),
                              posted(c, "words", row)};
        if (alarm.item[0] == '\0' && alarm.value[0] == '\0' && alarm.words[0] == '\0')
            continue;
        check_alarm(c, form, &alarm, form->count);
        form->alarms[form->count++] = alarm;
    }
}

static void
read_questions(struct context *c, struct rule_form *form)
{
    struct buf out = buf_new(c->arena);

    for (int item = 0; item < ITEM_COUNT; item++)
        if (is_question(item) && request_value(c->request, dictionary_items[item].name)[0] != '\0')
            buf_printf(&out, "%s%s", out.size == 0 ? "" : " ", dictionary_items[item].name);
    form->questions = buf_text(&out);
    if (out.size == 0)
        complain(form, "たずねる項目を一つ以上選んでください。");
}

static void
read_form(struct context *c, struct rule_form *form)
{
    date_day from;

    *form = (struct rule_form){.newest = area_id(c, request_value(c->request, "newest")),
                               .from = request_value(c->request, "from"),
                               .ask_at = request_value(c->request, "ask_at"),
                               .due_at = request_value(c->request, "due_at"),
                               .own_history = request_value(c->request, "own_history")[0] != '\0'};
    const char *ask_at = jtext_clock(c->arena, form->ask_at), *due_at = jtext_clock(c->arena, form->due_at);
    if (date_parse(form->from, &from) != DATE_OK)
        complain(form, "使い始める日を読み取れません。例：2022/10/1、R4.10.1");
    else if (from < date_today())
        complain(form, "使い始める日は、きょうか、きょうより後の日にしてください。過去の決まりは変わりません。");
    if (ask_at == NULL || due_at == NULL)
        complain(form, "時刻を読み取れません。例：7:30");
    else if (strcmp(ask_at, due_at) >= 0 /* or all would be silent at once */)
        complain(form, "答えをいただく時刻は、たずねる時刻より後にしてください。");
    form->ask_at = ask_at == NULL ? form->ask_at : ask_at;
    form->due_at = due_at == NULL ? form->due_at : due_at;
    read_questions(c, form);
    read_alarms(c, form);
}

/* The alarms as the database keeps them. */
static const char *
alarms_json(struct context *c, const struct rule_form *form)
{
    struct buf out = buf_new(c->arena);

    buf_add_char(&out, '[');
    for (size_t i = 0; i < form->count; i++) {
        const struct alarm *alarm = &form->alarms[i];
        size_t comparison = comparison_of(alarm);
        buf_printf(&out, "%s{\"item\":\"%s\",\"%s\":%s,\"urgency\":%s,\"words\":", i == 0 ? "" : ",", alarm->item,
                   comparisons[comparison].name, comparisons[comparison].numbers ? alarm->value : "\"yes\"",
                   alarm->urgency);
        buf_add_json(&out, alarm->words);
        buf_add_char(&out, '}');
    }
    buf_add_char(&out, ']');
    return buf_text(&out);
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static void
add_option(struct view *view, const char *list, const char *value, const char *label, const char *now)
{
    struct view *row = view_row(view, list);

    view_text(row, "option_value", value);
    view_text(row, "option_label", label);
    view_flag(row, "option_chosen", text_same(value, now));
}

static void
fill_alarm(struct context *c, struct view *view, size_t row, const struct alarm *alarm)
{
    struct view *to = view_row(view, "alarms");

    view_text(to, "row", db_int(c->arena, (int64_t)row));
    view_text(to, "row_place", db_int(c->arena, (int64_t)row + 1));
    view_text(to, "value", alarm->value);
    view_text(to, "words", alarm->words);
    for (int item = 0; item < ITEM_COUNT; item++)
        if (is_weighed(item))
            add_option(to, "items", dictionary_items[item].name, dictionary_items[item].label, alarm->item);
    for (size_t i = 0; i < COMPARISONS; i++)
        add_option(to, "comparisons", comparisons[i].name, comparisons[i].label, alarm->comparison);
    for (int64_t i = 1; i <= MOST_URGENT; i++)
        add_option(to, "urgencies", db_int(c->arena, i), follow_rank_word(i), alarm->urgency);
}

static void
fill_form(struct context *c, struct view *view, const struct rule_form *form)
{
    static const struct alarm empty = {0};

    view_text(view, "from", form->from);
    view_text(view, "ask_at", form->ask_at);
    view_text(view, "due_at", form->due_at);
    view_flag(view, "own_history", form->own_history);
    view_list(view, "questions");
    for (int item = 0; item < ITEM_COUNT; item++)
        if (is_question(item))
            add_option(view, "questions", dictionary_items[item].name, dictionary_items[item].label,
                       text_has_word(form->questions, dictionary_items[item].name) ? dictionary_items[item].name : "");
    view_list(view, "alarms");
    for (size_t i = 0; i < form->count; i++)
        fill_alarm(c, view, i, &form->alarms[i]);
    for (size_t i = form->count; i < form->count + SPARE_ALARMS && i < MOST_ALARMS; i++)
        fill_alarm(c, view, i, &empty);
    view_flag(view, "has_problems", form->problems > 0);
    view_list(view, "problems");
    for (size_t i = 0; i < form->problems; i++)
        view_text(view_row(view, "problems"), "problem", form->problem[i]);
}

static void
fill_versions(struct context *c, struct view *view, const struct rows *rows)
{
    bool found = false;

    view_list(view, "versions");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "versions");
        bool holds = rows_bool(rows, i, "holds");
        view_text(row, "valid_from", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "valid_from"))));
        view_text(row, "version_times", text_format(c->arena, "%sから%sまで", clock_of(c, rows_text(rows, i, "ask_at")),
                                                    clock_of(c, rows_text(rows, i, "due_at"))));
        view_flag(row, "is_now", holds && !found);
        view_flag(row, "is_later", !holds);
        view_text(row, "saved", rows_text(rows, i, "entered"));
        view_text(row, "saved_by", rows_text(rows, i, "holder"));
        found = found || holds;
    }
}

/* The version that holds today, into the form: of the own ones, or, as long as none of them does, of the nation's. */
static void
from_holding(struct context *c, struct rule_form *form, const struct rows *own, const struct rows *common)
{
    const struct rows *const both[] = {own, common};

    for (size_t list = 0; list < 2; list++)
        for (size_t i = 0; i < rows_count(both[list]); i++)
            if (rows_bool(both[list], i, "holds")) {
                from_stored(c, form, both[list], i);
                return;
            }
}

/* The page with `form`, or (NULL) with the version that holds today; with what it would change when `tried`. */
static void
show(struct context *c, int status_sent, struct rule_form *form, bool tried)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    bool nation = c->session.kind == KIND_ministry;
    struct rule_form stored = {0};
    unsigned own = DB_ADD(batch, SQL_follow_rules, db_int(c->arena, nation ? 0 : c->session.organisation_id));
    unsigned common = DB_ADD(batch, SQL_follow_rules, "0");
    if (tried)
        DB_ADD(batch, SQL_follow_rule_preview, alarms_json(c, form), db_int(c->arena, MOST_TRIED));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *versions = db_rows(batch, own);
    bool fresh = form == NULL;
    if (fresh) {
        from_holding(c, &stored, versions, db_rows(batch, common));
        form = &stored;
    }
    struct view *view = page_view(c, "健康観察の決まり");
    view_flag(view, "is_nation", nation);
    view_flag(view, "has_own", rows_count(versions) > 0);
    view_flag(view, "is_fresh", fresh);
    view_text(view, "form_id", crypt_uuid(c->arena));
    const char *stamp = rows_count(versions) > 0 ? rows_text(versions, 0, "stamp") : "0";
    view_text(view, "newest", form->newest == NULL ? stamp : form->newest);
    fill_form(c, view, form);
    fill_versions(c, view, versions);
    if (tried)
        rules_fill_preview(view, db_rows(batch, common + 1), MOST_TRIED);
    page_send_status(c, status_sent, TEMPLATE_follow_rules, view);
}

/* Whether this kind of office sets rules; answers when not. */
static bool
sets_rules(struct context *c)
{
    return area_kind_told(c, AREA_GOVERNMENT, "follow_rule", "健康観察の決まりを変えるのは、本庁（都道府県・保健所設置市）と国です。");
}

void
follow_rules_show(struct context *c)
{
    if (sets_rules(c))
        show(c, 200, NULL, false);
}

static void
save(struct context *c, struct rule_form *form)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    struct desk desk = patient_desk(c);
    size_t count;
    char **questions = text_split(c->arena, form->questions, ' ', &count);
    date_day from;

    date_parse(form->from, &from);
    DB_ADD(batch, SQL_receipt_add, desk.form_id, "0", "0");
    DB_ADD(batch, SQL_follow_rule_save, date_iso(c->arena, from), form->ask_at, form->due_at, db_bool(form->own_history),
           db_array(c->arena, count, (const char *const *)questions), alarms_json(c, form), form->newest);
    audit_patient(batch, c->arena, "follow_rule", 0, date_iso(c->arena, from));
    enum notify_result result = notify_result_of(c->db, db_run(batch));
    if (result == NOTIFY_CONFLICT) {
        form->newest = NULL;
        complain(form, "この画面を開いたあとで、ほかの人が新しい決まりを保存しました。下の「これまでの決まり」を確かめて、よければもう一度保存してください。");
        show(c, 409, form, false);
    } else {
        patient_conclude(c, result, "/follow/rules", "follow_rule");
    }
}

void
follow_rules_post(struct context *c)
{
    struct rule_form form;
    bool saves = strcmp(request_value(c->request, "press"), "save") == 0;

    if (!sets_rules(c))
        return;
    if (patient_desk(c).form_id == NULL) {
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
        return;
    }
    read_form(c, &form);
    if (form.problems > 0 || !saves)
        show(c, 200, &form, form.problems == 0);
    else
        save(c, &form);
}
