/* bulk_form.c - see bulk_form.h. */
#include "page/bulk_form.h"

#include <string.h>

#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/message.h"
#include "core/status.h"
#include "core/todo.h"
#include "dictionary/rights.h"
#include "page/area.h"
#include "page/list_view.h"

#define ANY_RELATION (~0u)

enum input_kind {
    INPUT_PEOPLE,    /* HER-SYS IDs, one to a line */
    INPUT_DATE,
    INPUT_WORDS,
    INPUT_LIST,      /* of the dictionary */
    INPUT_TO_DO,     /* what an office has to do */
    INPUT_CONFIRMED, /* yes or no */
    INPUT_PLACE,     /* municipalities of the own prefecture */
    INPUT_CENTRE     /* another health centre */
};

/* `action` NULL: a filter. `class` is what a person must be allowed to see to choose by it. */
static const struct input {
    const char *action, *name, *key, *label, *hint;
    enum input_kind kind;
    enum item_class class;
    int list, max; /* INPUT_LIST; INPUT_WORDS: characters */
    bool must;
    bool open; /* a filter by what every list shows: whatever the class */
    const char *none, *without; /* of INPUT_LIST: what to call "not entered"; a code that is not offered */
} inputs[] = {
    {.name = "todo", .key = "todo", .label = "きょう、すること", .kind = INPUT_TO_DO, .open = true},
    {.name = "filter_status", .key = "status", .label = "いまのステータス", .kind = INPUT_LIST,
     .class = CLASS_status, .list = LIST_status, .none = "未入力"},
    {.name = "confirmed", .key = "confirmed", .label = "保健所の確認", .kind = INPUT_CONFIRMED,
     .class = CLASS_confirmation},
    {.name = "category", .key = "category", .label = "診断分類", .kind = INPUT_LIST, .class = CLASS_clinical,
     .list = LIST_category},
    {.name = "listed_from", .key = "listed_from", .label = "届出日（から）", .kind = INPUT_DATE, .open = true},
    {.name = "listed_to", .key = "listed_to", .label = "届出日（まで）", .kind = INPUT_DATE, .open = true},
    {.name = "diagnosed_from", .key = "diagnosed_from", .label = "診断日（から）", .kind = INPUT_DATE,
     .class = CLASS_clinical},
    {.name = "diagnosed_to", .key = "diagnosed_to", .label = "診断日（まで）", .kind = INPUT_DATE,
     .class = CLASS_clinical},
    {.name = "municipality", .key = "municipality", .label = "市区町村（所在地、なければ住所）",
     .kind = INPUT_PLACE, .class = CLASS_contact},
    {.name = "ids", .key = "ids", .label = "HER-SYS IDの一覧", .kind = INPUT_PEOPLE, .open = true,
     .hint = "表計算ソフトの列をそのまま貼り付けられます。1行に1人、または空白やコンマで区切ります。"},
    {"status", "to_status", "status", "新しいステータス", "死亡は、死亡年月日と場所があるため、一人ずつ登録します。",
     INPUT_LIST, CLASS_status, LIST_status, 0, true, false, NULL, "dead"},
    {"status", "since", "since", "いつから", NULL, INPUT_DATE, CLASS_status, 0, 0, true, false, NULL, NULL},
    {"status", "note", "note", "メモ", NULL, INPUT_WORDS, CLASS_status, 0, 200, false, false, NULL, NULL},
    {"related", "related_centre", "centre", "加える保健所", NULL, INPUT_CENTRE, CLASS_assignment, 0, 0, true, false, NULL, NULL},
    {"handover", "handover_centre", "centre", "引き継ぐ先の保健所", NULL, INPUT_CENTRE, CLASS_assignment, 0, 0, true, false,
     NULL, NULL},
    {"handover", "reason", "reason", "引き継ぐ理由", NULL, INPUT_WORDS, CLASS_assignment, 0, 500, true, false, NULL, NULL},
    {"release", "release_on", "release_on", "解除年月日", NULL, INPUT_DATE, CLASS_release, 0, 0, true, false, NULL, NULL},
    {"release", "release_told_on", "release_told_on", "解除を連絡した日", NULL, INPUT_DATE, CLASS_release, 0, 0, false, false,
     NULL, NULL},
    {"release", "release_by", "release_by", "連絡の方法", NULL, INPUT_LIST, CLASS_release, LIST_release_by, 0, false, false,
     NULL, NULL},
    {"release", "release_reason", "release_reason", "解除の基準", NULL, INPUT_LIST, CLASS_release, LIST_release_reason,
     0, false, false, NULL, NULL},
    {"message", "message", "message", "お願いの内容", NULL, INPUT_LIST, CLASS_period, LIST_bulk_message, 0, true, false, NULL, NULL},
};
_Static_assert(sizeof inputs / sizeof *inputs == BULK_INPUTS, "a problem has a place for each field");

static bool
may_choose_by(const struct context *c, const struct input *input)
{
    return input->open || rights_may_view(rights_of(c->session.kind, ANY_RELATION), input->class);
}

static const char *
typed(struct context *c, const struct input *input)
{
    return text_trim(c->arena, request_value(c->request, input->name));
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* JSON object in the making. */
static void
add_member(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, "%s\"%s\":", out->size > 1 ? "," : "", key);
    buf_add_json(out, value);
}

/* Between numbers: anything that a spreadsheet or a letter puts there. */
static size_t
separator(const char *p)
{
    static const char *const marks[] = {"　", "、", "，", " ", "\t", "\n", "\r", ",", ";"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (text_starts(p, marks[i]))
            return strlen(marks[i]);
    return 0;
}

/* Reads the numbers into the filter; what is wrong, or NULL. */
static const char *
read_people(struct arena *arena, const char *text, struct buf *filter)
{
    struct buf unread = buf_new(arena);
    size_t people = 0, wrong = 0;

    buf_printf(filter, "%s\"ids\":[", filter->size > 1 ? "," : "");
    for (const char *p = text; *p != '\0';) {
        size_t n = 0, skip = separator(p);
        if (skip > 0) {
            p += skip;
            continue;
        }
        while (p[n] != '\0' && separator(p + n) == 0)
            n++;
        const char *word = text_copy_n(arena, p, n);
        int64_t id = publicid_parse(word);
        if (id != 0)
            buf_printf(filter, "%s%lld", people++ == 0 ? "" : ",", (long long)id);
        else if (wrong++ < 3)
            buf_printf(&unread, "「%.40s」", word);
        p += n;
    }
    buf_add_char(filter, ']');
    if (wrong > 0)
        return text_format(arena, "HER-SYS IDとして読み取れないものが%zu件あります：%s%s", wrong,
                           buf_text(&unread), wrong > 3 ? "など" : "");
    return people > BULK_MOST ? text_format(arena, "一度に選べるのは%d人までです。", BULK_MOST) : NULL;
}

/* The code if the list has it and it is offered here; NULL otherwise. */
static const char *
offered(const struct input *input, const char *code)
{
    if (input->none != NULL && strcmp(code, "none") == 0)
        return code;
    const struct choice *choice = dictionary_choice(input->list, code);
    return choice == NULL || text_same(code, input->without) ? NULL : code;
}

/* A value as it is stored; NULL when it cannot be. */
static const char *
read_value(struct context *c, const struct input *input, const char *text)
{
    const struct todo_kind *todo;
    date_day day;

    switch (input->kind) {
    case INPUT_DATE:
        return date_parse(text, &day) == DATE_OK ? date_iso(c->arena, day) : NULL;
    case INPUT_LIST:
        return offered(input, text);
    case INPUT_TO_DO:
        todo = todo_find(text);
        return todo == NULL || todo->path != NULL ? NULL : text;
    case INPUT_CONFIRMED:
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 ? text : NULL;
    case INPUT_CENTRE:
        return strcmp(area_id(c, text), "0") == 0 ? NULL : area_id(c, text);
    case INPUT_WORDS:
        return text_length(text) > (size_t)input->max ? NULL : text;
    default:
        return text;
    }
}

static const char *
unreadable(struct arena *arena, const struct input *input)
{
    if (input->kind == INPUT_DATE)
        return text_format(arena, "「%s」を日付として読み取れません。例：2022/9/26", input->label);
    if (input->kind == INPUT_WORDS)
        return text_format(arena, "「%s」は%d文字以内で入力してください。", input->label, input->max);
    return text_format(arena, "「%s」を選び直してください。", input->label);
}

/* Reads one field into the filter or the choice; what is wrong, or NULL. */
static const char *
read_input(struct context *c, const struct input *input, struct buf *out)
{
    const char *text = typed(c, input);

    if (text[0] == '\0' && input->must)
        return text_format(c->arena,
                           input->kind == INPUT_LIST || input->kind == INPUT_CENTRE
                               ? "「%s」を選んでください。"
                               : "「%s」を入力してください。",
                           input->label);
    if (text[0] == '\0')
        return NULL;
    if (input->kind == INPUT_PEOPLE)
        return read_people(c->arena, text, out);
    const char *value = read_value(c, input, text);
    if (value == NULL)
        return unreadable(c->arena, input);
    add_member(out, input->key, value);
    return NULL;
}

/* What a single entry would be told too. */
static const char *
order_problem(struct context *c, const struct bulk_form *form, size_t filters)
{
    date_day since;

    if (form->order.action == NULL)
        return "なにをするかを選んでください。";
    if (filters <= 1)
        return "だれを変更するか、条件を一つ以上入れてください。";
    if (!text_same(form->order.action->name, "status") ||
        date_parse(request_value(c->request, "since"), &since) != DATE_OK)
        return NULL;
    return status_problem(&(struct status_entry){.status = request_value(c->request, "to_status"),
                                                 .since = date_iso(c->arena, since)});
}

void
bulk_form_read(struct context *c, struct bulk_form *form)
{
    struct buf filter = buf_new(c->arena), choice = buf_new(c->arena);

    *form = (struct bulk_form){.order.action = bulk_action_find(request_value(c->request, "action"))};
    buf_add_char(&filter, '{');
    buf_add_char(&choice, '{');
    for (size_t i = 0; i < BULK_INPUTS; i++) {
        const struct input *input = &inputs[i];
        bool chosen = form->order.action != NULL && text_same(input->action, form->order.action->name);
        if (input->action == NULL ? may_choose_by(c, input) : chosen)
            form->problems[i] = read_input(c, input, chosen ? &choice : &filter);
        form->wrong = form->wrong || form->problems[i] != NULL;
    }
    if (!form->wrong || form->order.action == NULL)
        form->problem = order_problem(c, form, filter.size);
    form->wrong = form->wrong || form->problem != NULL;
    if (list_view_past(c))
        add_member(&filter, "past", "true");
    buf_add_char(&filter, '}');
    buf_add_char(&choice, '}');
    form->order.filter = buf_text(&filter);
    form->order.choice = buf_text(&choice);
}

void
bulk_form_read_filter(struct context *c, struct bulk_form *form)
{
    struct buf filter = buf_new(c->arena);

    *form = (struct bulk_form){0};
    buf_add_char(&filter, '{');
    for (size_t i = 0; i < BULK_INPUTS; i++) {
        if (inputs[i].action == NULL && may_choose_by(c, &inputs[i]))
            form->problems[i] = read_input(c, &inputs[i], &filter);
        form->wrong = form->wrong || form->problems[i] != NULL;
    }
    if (list_view_past(c))
        add_member(&filter, "past", "true");
    buf_add_char(&filter, '}');
    form->order.filter = buf_text(&filter);
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static void
add_option(struct view *row, const char *value, const char *label, const char *now)
{
    struct view *option = view_row(row, "options");

    view_text(option, "option_value", value);
    view_text(option, "option_label", label);
    view_flag(option, "option_chosen", text_same(value, now));
}

static void
add_rows(struct view *row, const struct rows *rows, const char *value, const char *label, const char *now)
{
    for (size_t i = 0; i < rows_count(rows); i++)
        add_option(row, rows_text(rows, i, value), rows_text(rows, i, label), now);
}

static void
add_options(struct context *c, struct view *row, const struct input *input, const char *now,
            const struct rows *places, const struct rows *centres)
{
    const struct choice_list *list = &dictionary_lists[input->list];

    if (input->none != NULL)
        add_option(row, "none", input->none, now);
    for (int i = 0; input->kind == INPUT_LIST && i < list->count; i++)
        if (offered(input, list->choices[i].code) != NULL)
            add_option(row, list->choices[i].code, list->choices[i].label, now);
    for (size_t i = 0; input->kind == INPUT_TO_DO && i < todo_kind_count; i++)
        if (todo_kinds[i].path == NULL && (todo_kinds[i].kinds & 1u << c->session.kind) != 0)
            add_option(row, todo_kinds[i].name, todo_kinds[i].label, now);
    if (input->kind == INPUT_CONFIRMED) {
        add_option(row, "false", "未確認", now);
        add_option(row, "true", "確認済", now);
    }
    if (input->kind == INPUT_PLACE)
        add_rows(row, places, "code", "name", now);
    for (size_t i = 0; input->kind == INPUT_CENTRE && i < rows_count(centres); i++)
        if (rows_int(centres, i, "organisation_id") != c->session.organisation_id)
            add_option(row, rows_text(centres, i, "organisation_id"),
                       text_format(c->arena, "%s　%s", rows_text(centres, i, "prefecture"),
                                   rows_text(centres, i, "name")),
                       now);
}

/* The fields of an action (NULL: the filters) into list "inputs". */
static void
fill_inputs(struct context *c, struct view *view, const char *action, const struct bulk_form *form,
            const struct rows *places, const struct rows *centres)
{
    view_list(view, "inputs");
    for (size_t i = 0; i < BULK_INPUTS; i++) {
        const struct input *input = &inputs[i];
        if (!text_same(input->action, action) || !may_choose_by(c, input))
            continue;
        const char *now = c->request->method == METHOD_POST ? request_value(c->request, input->name)
                                                            : request_query(c->request, input->name);
        struct view *row = view_row(view, "inputs");
        view_text(row, "input_name", input->name);
        view_text(row, "input_label", input->label);
        view_text(row, "input_hint", input->hint);
        view_text(row, "input_problem", form->problems[i]);
        view_text(row, "typed", now);
        view_flag(row, "must", input->must);
        view_flag(row, "is_people", input->kind == INPUT_PEOPLE);
        view_flag(row, "is_date", input->kind == INPUT_DATE);
        view_flag(row, "is_words", input->kind == INPUT_WORDS);
        view_flag(row, "is_select", input->kind >= INPUT_LIST);
        view_flag(row, "described", input->hint != NULL || form->problems[i] != NULL);
        view_list(row, "options");
        add_options(c, row, input, now, places, centres);
    }
}

void
bulk_form_fill_filter(struct context *c, struct view *view, const struct bulk_form *form, const struct rows *places)
{
    view_list(view, "errors");
    for (size_t i = 0; i < BULK_INPUTS; i++)
        if (form->problems[i] != NULL) {
            struct view *error = view_row(view, "errors");
            view_text(error, "error_field", inputs[i].name);
            view_text(error, "error_words", form->problems[i]);
            view_flag(view, "has_errors", true);
        }
    fill_inputs(c, view, NULL, form, places, NULL);
}

void
bulk_form_show(struct context *c, const struct bulk_form *form)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned places = DB_ADD(batch, SQL_bulk_places, c->session.prefecture_code);
    unsigned centres = DB_ADD(batch, SQL_centres_find, c->session.prefecture_code);
    unsigned days = DB_ADD(batch, SQL_bulk_undo_days);
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "一括操作");
    view_text(view, "problem", form->problem);
    view_int(view, "most", BULK_MOST);
    view_text(view, "undo_days", rows_at(db_rows(batch, days), 0, 0));
    bulk_form_fill_filter(c, view, form, db_rows(batch, places));
    view_list(view, "actions");
    for (size_t i = 0; i < bulk_action_count; i++) {
        if (!bulk_may(c->session.kind, &bulk_actions[i]))
            continue;
        struct view *row = view_row(view, "actions");
        view_text(row, "action_name", bulk_actions[i].name);
        view_text(row, "action_label", bulk_actions[i].label);
        view_flag(row, "action_chosen", form->order.action == &bulk_actions[i]);
        fill_inputs(c, row, bulk_actions[i].name, form, db_rows(batch, places), db_rows(batch, centres));
    }
    page_send(c, TEMPLATE_bulk, view);
}

/* What is chosen in one field, as its page shows it. Of people only how many they are: their numbers are not written down here. */
static const char *
words_of(struct context *c, const struct input *input, const struct rows *places)
{
    const char *text = typed(c, input);
    const struct todo_kind *todo = todo_find(text);
    struct buf ids = buf_new(c->arena);
    size_t people = 1;

    switch (input->kind) {
    case INPUT_LIST:
        return input->none != NULL && strcmp(text, "none") == 0 ? input->none : dictionary_label(input->list, text);
    case INPUT_TO_DO:
        return todo == NULL ? text : todo->label;
    case INPUT_CONFIRMED:
        return strcmp(text, "true") == 0 ? "確認済" : "未確認";
    case INPUT_PLACE:
        for (size_t i = 0; i < rows_count(places); i++)
            if (text_same(rows_text(places, i, "code"), text))
                return rows_text(places, i, "name");
        return text;
    case INPUT_PEOPLE:
        read_people(c->arena, text, &ids);
        for (const char *p = buf_text(&ids); (p = strchr(p, ',')) != NULL; p++)
            people++;
        return text_format(c->arena, "%zu人", people);
    default:
        return text;
    }
}

const char *
bulk_form_filter_words(struct context *c, const struct rows *places)
{
    struct buf out = buf_new(c->arena);

    for (size_t i = 0; i < BULK_INPUTS; i++)
        if (inputs[i].action == NULL && may_choose_by(c, &inputs[i]) && typed(c, &inputs[i])[0] != '\0')
            buf_printf(&out, "%s%s：%s", out.size == 0 ? "" : "、", inputs[i].label, words_of(c, &inputs[i], places));
    if (list_view_past(c))
        buf_printf(&out, "%s過去情報を含む", out.size == 0 ? "" : "、");
    return out.size == 0 ? "全員" : buf_text(&out);
}

/* ---- after the form ------------------------------------------------------------------------------------------------ */

static void
hide(struct context *c, struct view *view, const char *name)
{
    const char *value = request_value(c->request, name);

    if (value[0] == '\0')
        return;
    struct view *row = view_row(view, "hidden");
    view_text(row, "hidden_name", name);
    view_text(row, "hidden_value", value);
}

void
bulk_form_hide(struct context *c, struct view *view)
{
    view_list(view, "hidden");
    hide(c, view, "action");
    for (size_t i = 0; i < BULK_INPUTS; i++)
        hide(c, view, inputs[i].name);
}

const char *
bulk_form_centre(struct context *c)
{
    const char *action = request_value(c->request, "action");

    for (size_t i = 0; i < BULK_INPUTS; i++)
        if (inputs[i].kind == INPUT_CENTRE && text_same(inputs[i].action, action))
            return area_id(c, request_value(c->request, inputs[i].name));
    return "0";
}

/* A typed date as ISO; "" when it is none. */
static const char *
posted_date(struct context *c, const char *name)
{
    date_day day;

    return date_parse(request_value(c->request, name), &day) == DATE_OK ? date_iso(c->arena, day) : "";
}

struct bulk_words
bulk_form_chosen(struct context *c, const struct bulk_form *form, const char *centre)
{
    return (struct bulk_words){form->order.action->name, request_value(c->request, "to_status"),
                               posted_date(c, "since"), centre, request_value(c->request, "reason"),
                               posted_date(c, "release_on"), request_value(c->request, "message")};
}

void
bulk_form_words(struct context *c, struct view *view, const struct bulk_words *words)
{
    for (size_t i = 0; i < bulk_action_count; i++)
        view_flag(view, text_format(c->arena, "is_%s", bulk_actions[i].name),
                  text_same(bulk_actions[i].name, words->action));
    view_text(view, "word_status", dictionary_label(LIST_status, words->status));
    view_text(view, "word_since", date_slashed(c->arena, date_from_iso(words->since)));
    view_text(view, "word_centre", words->centre);
    view_text(view, "word_reason", words->reason);
    view_text(view, "word_message", dictionary_label(LIST_bulk_message, words->message));
    const struct bulk_action *action = bulk_action_find(words->action);
    const char *template = action == NULL ? NULL : bulk_template(action, words->message), *subject, *body = "";
    if (template != NULL)
        message_compose(c->arena, c->app->conf.address, template, "", "", "", &subject, &body);
    view_flag(view, "sends", template != NULL);
    view_text(view, "sms_text", body);
    view_text(view, "word_release", date_slashed(c->arena, date_from_iso(words->release_on)));
}
