/*
 * local_item_form.c - one of the items that a head office adds (独自項目): its form, with a preview of how a patient's form
 * will show it; saving, retiring, bringing back. What a stored item may not lose (tab, kind, choices) the form does not offer.
 */
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "page/area.h"
#include "page/handlers.h"
#include "page/local_view.h"
#include "page/patient_head.h"
#include "page/simple_form.h"

enum item_field {
    FORM_tab,
    FORM_kind,
    FORM_label,
    FORM_hint,
    FORM_unit,
    FORM_least,
    FORM_most,
    FORM_stored, /* here the stored choices stand, each with two fields: its label, and whether it is offered */
    FORM_choices = FORM_stored, /* new ones, a line each */
    FORM_place,
    FORM_FIXED,
    FORM_MOST = FORM_FIXED + 2 * LOCAL_MOST_CHOICES
};

enum { USUAL_LEAST = 0, USUAL_MOST = 999999, MOST_PLACE = 999, PLACE_STEP = 10 };

static const char *
read_number(struct arena *arena, const char *typed)
{
    const char *text = jtext_narrow(arena, typed);
    int64_t number;

    return text_to_int(text, LOCAL_LEAST, LOCAL_MOST, &number) == 0 ? text : NULL;
}

static const char *
read_place(struct arena *arena, const char *typed)
{
    const char *text = jtext_narrow(arena, typed);
    int64_t number;

    return text_to_int(text, 1, MOST_PLACE, &number) == 0 ? text : NULL;
}

static const struct field fixed_fields[FORM_FIXED] = {
    [FORM_tab] = {.name = "tab", .label = "入力する人", .kind = FIELD_RADIO, .required = true,
                  .hint = "あとから変えることはできません。医療機関は、自院が届け出た方・入院中の方だけに入力します。"},
    [FORM_kind] = {.name = "kind", .label = "種類", .kind = FIELD_RADIO, .required = true,
                   .hint = "あとから変えることはできません。"},
    [FORM_label] = {.name = "label", .label = "項目の名前", .required = true, .max = LOCAL_MAX_LABEL,
                    .hint = "例：入院調整の要否"},
    [FORM_hint] = {.name = "hint", .label = "入力欄の下に出す説明", .max = LOCAL_MAX_HINT},
    [FORM_unit] = {.name = "unit", .label = "単位（数のとき）", .max = LOCAL_MAX_UNIT, .css = "postal-input",
                   .hint = "例：人、回"},
    [FORM_least] = {.name = "least", .label = "最も小さい数（数のとき）", .max = 12, .css = "postal-input",
                    .hint = "空けておくと0です。", .read = read_number,
                    .unreadable = "最も小さい数は、-999999999から999999999までの整数で入力してください。"},
    [FORM_most] = {.name = "most", .label = "最も大きい数（数のとき）", .max = 12, .css = "postal-input",
                   .hint = "空けておくと999999です。", .read = read_number,
                   .unreadable = "最も大きい数は、-999999999から999999999までの整数で入力してください。"},
    [FORM_choices] = {.name = "choices", .label = "選択肢（選択のとき）", .kind = FIELD_LONG,
                      .max = LOCAL_MOST_CHOICES * (LOCAL_MAX_LABEL + 1),
                      .hint = "1行に1つ入力します。保存した選択肢は、名前を変えたり、選べなくしたりできますが、消せません。"},
    [FORM_place] = {.name = "place", .label = "並び順", .max = 4, .css = "postal-input",
                    .hint = "1から999まで。小さいものから順に並びます。空けておくと最後です。", .read = read_place,
                    .unreadable = "並び順は、1から999までの数で入力してください。"},
};

/* A form on its way: which fields it has for this item, and their state. */
struct editor {
    const struct local_items *known; /* of the office and of those above it */
    const struct local_item *stored; /* NULL: a new one */
    size_t count;
    struct field fields[FORM_MOST];
    struct answer answers[FORM_MOST];
    size_t choices, place; /* where the fields behind the stored choices stand */
    int version; /* that the form was made from */
    const char *problem;
};

/* ---- what the form has --------------------------------------------------------------------------------------------- */

static const struct field_option *
kind_options(struct arena *arena)
{
    struct field_option *options = ARENA_ARRAY(arena, LOCAL_KIND_COUNT + 1, struct field_option);

    for (enum local_kind kind = LOCAL_text; kind < LOCAL_KIND_COUNT; kind++)
        options[kind] = (struct field_option){local_kind_name(kind), local_kind_label(kind)};
    return options;
}

static const struct field_option *
tab_options(struct arena *arena)
{
    struct field_option *options = ARENA_ARRAY(arena, RECORD_TAB_COUNT + 1, struct field_option);
    size_t count = 0;

    for (int t = 0; t < RECORD_TAB_COUNT; t++)
        if (dictionary_tabs[t].added)
            options[count++] = (struct field_option){
                dictionary_tab_name(dictionary_tabs[t].tab),
                dictionary_tabs[t].tab == TAB_local ? "保健所・本庁・都道府県" : "保健所・本庁・都道府県と、医療機関"};
    return options;
}

/* Appends one of the fixed fields. */
static struct answer *
add_field(struct editor *e, enum item_field field, bool hidden)
{
    struct answer *answer = &e->answers[e->count];

    e->fields[e->count++] = fixed_fields[field];
    answer->hidden = hidden;
    return answer;
}

/* Two fields for each stored choice. */
static void
add_choice_fields(struct arena *arena, struct editor *e)
{
    for (size_t i = 0; e->stored != NULL && i < e->stored->choice_count; i++) {
        const char *code = e->stored->choices[i].code;
        e->fields[e->count++] = (struct field){.name = text_format(arena, "choice_%s", code),
                                               .label = text_format(arena, "選択肢 %zu", i + 1),
                                               .required = true,
                                               .max = LOCAL_MAX_LABEL};
        e->fields[e->count++] = (struct field){.name = text_format(arena, "offered_%s", code),
                                               .label = text_format(arena, "選択肢 %zu を選べるようにする", i + 1),
                                               .kind = FIELD_CHECK};
    }
}

/* The fields of the item, those that its kind does not need hidden. */
static void
set_up(struct arena *arena, struct editor *e)
{
    enum local_kind kind = e->stored == NULL ? LOCAL_KIND_COUNT : local_kind_of(e->stored);
    bool fresh = e->stored == NULL, number = fresh || kind == LOCAL_number;

    add_field(e, FORM_tab, !fresh)->options = tab_options(arena);
    add_field(e, FORM_kind, !fresh)->options = kind_options(arena);
    add_field(e, FORM_label, false);
    add_field(e, FORM_hint, false);
    add_field(e, FORM_unit, !number);
    add_field(e, FORM_least, !number);
    add_field(e, FORM_most, !number);
    add_choice_fields(arena, e);
    e->choices = e->count;
    add_field(e, FORM_choices, !fresh && kind != LOCAL_choice);
    if (!fresh)
        e->fields[e->choices].label = "選択肢を加える";
    e->place = e->count;
    add_field(e, FORM_place, false);
}

/* The stored item in the fields. */
static void
start(struct arena *arena, struct editor *e)
{
    const struct local_item *item = e->stored;

    e->version = item->version;
    simple_form_start(&e->answers[FORM_label], item->as.label);
    simple_form_start(&e->answers[FORM_hint], item->as.hint);
    simple_form_start(&e->answers[FORM_unit], item->as.unit);
    simple_form_start(&e->answers[FORM_least], db_int(arena, item->as.min));
    simple_form_start(&e->answers[FORM_most], db_int(arena, item->as.max));
    simple_form_start(&e->answers[e->place], db_int(arena, item->place));
    for (size_t i = 0; i < item->choice_count; i++) {
        simple_form_start(&e->answers[FORM_stored + 2 * i], item->choices[i].label);
        simple_form_start(&e->answers[FORM_stored + 2 * i + 1], item->choices[i].offered ? "1" : "");
    }
}

/* ---- what was typed ------------------------------------------------------------------------------------------------ */

static int
number_of(const struct answer *answer, int usual)
{
    int64_t number = usual;

    text_to_int(answer->value, LOCAL_LEAST, LOCAL_MOST, &number);
    return (int)number;
}

/* Behind all others of the office in the tab. */
static int
last_place(const struct context *c, const struct local_items *known, enum tab tab)
{
    int place = 0;

    for (size_t i = 0; i < known->count; i++)
        if (known->list[i].owner_id == c->session.organisation_id && known->list[i].tab == tab &&
            known->list[i].place > place)
            place = known->list[i].place;
    return place + PLACE_STEP > MOST_PLACE ? MOST_PLACE : place + PLACE_STEP;
}

/* Adds a choice; what is wrong with it is said at its field. */
static void
add_choice(struct arena *arena, struct local_item *item, struct local_choice *choices, struct local_choice choice,
           struct answer *answer)
{
    for (size_t i = 0; i < item->choice_count && answer->problem == NULL; i++)
        if (strcmp(choices[i].label, choice.label) == 0)
            answer->problem = text_format(arena, "選択肢「%s」が2つあります。", choice.label);
    if (answer->problem == NULL && text_length(choice.label) > LOCAL_MAX_LABEL)
        answer->problem = text_format(arena, "選択肢は1つ%d文字以内で入力してください。", LOCAL_MAX_LABEL);
    if (answer->problem == NULL && item->choice_count == LOCAL_MOST_CHOICES)
        answer->problem = text_format(arena, "選択肢は%d個までです。", LOCAL_MOST_CHOICES);
    if (answer->problem == NULL)
        choices[item->choice_count++] = choice;
}

/* The stored choices as they are called now, and the new ones behind them. */
static void
read_choices(struct arena *arena, struct editor *e, struct local_item *item)
{
    struct local_choice *choices = ARENA_ARRAY(arena, LOCAL_MOST_CHOICES, struct local_choice);
    struct answer *more = &e->answers[e->choices];
    size_t stored = e->stored == NULL ? 0 : e->stored->choice_count, lines, offered = 0;

    item->choices = choices;
    for (size_t i = 0; i < stored; i++) {
        struct answer *label = &e->answers[FORM_stored + 2 * i];
        bool is_offered = e->answers[FORM_stored + 2 * i + 1].value[0] != '\0';
        add_choice(arena, item, choices, (struct local_choice){e->stored->choices[i].code, label->value, is_offered}, label);
    }
    char **line = text_split(arena, more->value, '\n', &lines);
    for (size_t i = 0; i < lines; i++) {
        const char *label = text_trim(arena, line[i]);
        const char *code = text_format(arena, "%zu", item->choice_count + 1); /* none is ever taken away */
        if (label[0] != '\0')
            add_choice(arena, item, choices, (struct local_choice){code, label, true}, more);
    }
    for (size_t i = 0; i < item->choice_count; i++)
        offered += choices[i].offered;
    if (offered < 2 && more->problem == NULL)
        more->problem = "選べる選択肢を、2つ以上にしてください。";
}

/* A choice that somebody else has added since the form was made is not missing from it: it stays as it is. */
static void
keep_unasked(const struct context *c, struct editor *e)
{
    for (size_t i = 0; e->stored != NULL && i < e->stored->choice_count; i++) {
        struct answer *label = &e->answers[FORM_stored + 2 * i];
        if (form_value(&c->request->body, e->fields[FORM_stored + 2 * i].name) != NULL)
            continue;
        simple_form_start(label, e->stored->choices[i].label);
        label->problem = NULL;
        simple_form_start(label + 1, e->stored->choices[i].offered ? "1" : "");
    }
}

/* The item as it was typed; what is wrong is said at its field. Returns how many problems there are. */
static size_t
read_item(struct context *c, struct editor *e, struct local_item *item)
{
    const struct local_item *stored = e->stored;
    size_t problems = 0;

    simple_form_read(c, e->count, e->fields, e->answers);
    keep_unasked(c, e);
    enum local_kind kind = stored != NULL ? local_kind_of(stored) : local_kind_find(e->answers[FORM_kind].value);
    const struct record_tab *tab = dictionary_record_tab(e->answers[FORM_tab].value);
    bool number = kind == LOCAL_number;
    *item = (struct local_item){
        .id = stored == NULL ? 0 : stored->id,
        .owner_id = c->session.organisation_id,
        .owner = c->session.organisation_name,
        .tab = stored != NULL ? stored->tab : tab == NULL ? TAB_local : tab->tab,
        .as = {.name = "preview",
               .label = e->answers[FORM_label].value,
               .type = kind == LOCAL_KIND_COUNT ? TYPE_text : local_kind_type(kind),
               .list = -1,
               .municipality = -1,
               .min = number ? number_of(&e->answers[FORM_least], USUAL_LEAST) : 0,
               .max = number ? number_of(&e->answers[FORM_most], USUAL_MOST) : LOCAL_MAX_TEXT,
               .unit = number ? e->answers[FORM_unit].value : "",
               .hint = e->answers[FORM_hint].value},
        .version = e->version,
        .of_area = true,
    };
    item->place = number_of(&e->answers[e->place], last_place(c, e->known, item->tab));
    if (kind == LOCAL_choice)
        read_choices(c->arena, e, item);
    if (number && item->as.max < item->as.min && e->answers[FORM_most].problem == NULL)
        e->answers[FORM_most].problem = "最も大きい数を、最も小さい数以上にしてください。";
    for (size_t i = 0; i < e->count; i++)
        problems += e->answers[i].problem != NULL;
    return problems;
}

/* ---- the page ------------------------------------------------------------------------------------------------------ */

/* Loads what the office knows; answers and returns false unless it is a head office and the item of the path is its own. */
static bool
open_editor(struct context *c, struct editor *e)
{
    enum db_status status;
    struct local_items *known = ARENA_NEW(c->arena, struct local_items);
    bool fresh = strcmp(path_part(c, 1), "new") == 0;
    int64_t id = 0;

    memset(e, 0, sizeof *e);
    e->problem = "";
    if (!area_kind(c, AREA_KIND(prefecture) | AREA_KIND(city), "local_item"))
        return false;
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_local_items_known, area_mine(c));
    if (rows == NULL) {
        page_database_failed(c, status);
        return false;
    }
    *known = local_items_from(c->arena, rows);
    e->known = known;
    if (!fresh && text_to_int(path_part(c, 1), 1, INT64_MAX, &id) == 0)
        e->stored = local_items_find(known, id);
    if (!fresh && (e->stored == NULL || e->stored->owner_id != c->session.organisation_id)) {
        page_not_found(c);
        return false;
    }
    set_up(c->arena, e);
    return true;
}

/* How a patient's form shows it; item NULL: nothing has been typed yet. */
static void
fill_preview(struct context *c, struct view *view, const struct local_item *item)
{
    static const struct document empty;

    view_list(view, "preview");
    if (item != NULL && item->as.label[0] != '\0')
        local_view_field(c->arena, view_row(view, "preview"), item, &empty);
}

static void
show(struct context *c, const struct editor *e, const struct local_item *preview)
{
    const struct local_item *stored = e->stored;
    struct view *view = page_view(c, stored == NULL ? "独自項目を追加する" : "独自項目を変更する");

    view_text(view, "problem", e->problem);
    view_int(view, "version", e->version);
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_text(view, "save_path", stored == NULL ? "/local-items/new"
                                                : text_format(c->arena, "/local-items/%lld", (long long)stored->id));
    view_flag(view, "is_stored", stored != NULL);
    if (stored != NULL) {
        view_text(view, "tab_label", dictionary_record_tab(dictionary_tab_name(stored->tab))->label);
        view_text(view, "kind_label", local_kind_label(local_kind_of(stored)));
        view_text(view, "saved", stored->saved);
        view_text(view, "saver", stored->saver);
        view_flag(view, "is_retired", stored->retired);
        view_text(view, "step_path", text_format(c->arena, "/local-items/%lld/%s", (long long)stored->id,
                                                 stored->retired ? "return" : "retire"));
    }
    fill_preview(c, view, preview);
    simple_form_fill(view, e->count, e->fields, e->answers);
    page_send(c, TEMPLATE_local_item, view);
}

void
local_item_show(struct context *c)
{
    struct editor e;

    if (!open_editor(c, &e))
        return;
    if (e.stored != NULL)
        start(c->arena, &e);
    show(c, &e, e.stored);
}

/* Two people on one item: beside each field that differs stands what the other one has saved. */
static void
show_clash(struct context *c, struct editor *e, const struct local_item *item)
{
    struct editor now = *e;

    start(c->arena, &now);
    for (size_t i = 0; i < e->count; i++) {
        const struct answer *theirs = &now.answers[i];
        bool check = e->fields[i].kind == FIELD_CHECK;
        if (e->answers[i].hidden || i == e->choices || text_same(e->answers[i].typed, theirs->typed))
            continue;
        e->answers[i].problem =
            check ? text_format(c->arena, "%s：いまは「%s」です。", e->fields[i].label,
                                theirs->typed[0] == '\0' ? "選べない" : "選べる")
                  : text_format(c->arena, "%s：いま保存されているのは「%s」です。", e->fields[i].label, theirs->typed);
    }
    e->version = e->stored->version;
    e->problem = "この画面を開いたあとで、ほかの人がこの項目を保存しました。入力した内容は残っています。"
                 "違うところを確かめて、もう一度保存してください。";
    show(c, e, item);
}

/* A press without the number of its form could not be told from a second one. */
static bool
has_form(struct context *c, const struct desk *desk)
{
    if (desk->form_id == NULL)
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
    return desk->form_id != NULL;
}

static const char too_many[] = "使用中の項目が多すぎます。使わなくなった項目の使用を終了してから、もう一度操作してください。";

void
local_item_post(struct context *c)
{
    struct editor e;
    struct local_item item;
    struct desk desk = patient_desk(c);
    int64_t version = 0;

    if (!open_editor(c, &e) || !has_form(c, &desk))
        return;
    text_to_int(request_value(c->request, "version"), 0, INT32_MAX, &version);
    e.version = (int)version;
    size_t problems = read_item(c, &e, &item);
    bool preview = strcmp(request_value(c->request, "action"), "preview") == 0;
    /* Saving says of an older version whether it was this very form (its receipt) or somebody else: whatever is wrong with it comes later. */
    bool older = e.stored != NULL && e.version < e.stored->version;
    if (preview || (problems > 0 && !older)) {
        show(c, &e, &item);
        return;
    }
    switch (local_item_save(&desk, &item)) {
    case LOCAL_SAVED:
        page_redirect_with(c, "/local-items", "local_item_saved");
        return;
    case LOCAL_CHANGED_MEANWHILE:
        show_clash(c, &e, &item);
        return;
    case LOCAL_TOO_MANY:
        e.problem = too_many;
        show(c, &e, &item);
        return;
    case LOCAL_REFUSED:
        page_not_found(c);
        return;
    case LOCAL_FAILED:
        page_database_failed(c, DB_LOST);
    }
}

void
local_item_step_post(struct context *c)
{
    struct editor e;
    struct desk desk = patient_desk(c);
    bool retire = strcmp(path_part(c, 2), "retire") == 0;
    int64_t version = 0;

    if (!open_editor(c, &e))
        return;
    if (e.stored == NULL || (!retire && strcmp(path_part(c, 2), "return") != 0)) {
        page_not_found(c);
        return;
    }
    if (!has_form(c, &desk))
        return;
    text_to_int(request_value(c->request, "version"), 0, INT32_MAX, &version);
    start(c->arena, &e);
    switch (local_item_retire(&desk, e.stored->id, (int)version, retire)) {
    case LOCAL_SAVED:
        page_redirect_with(c, "/local-items", retire ? "local_item_retired" : "local_item_returned");
        return;
    case LOCAL_CHANGED_MEANWHILE:
        e.problem = "この画面を開いたあとで、ほかの人がこの項目を保存しました。いまの内容を確かめて、もう一度押してください。";
        show(c, &e, e.stored);
        return;
    case LOCAL_TOO_MANY:
        e.problem = too_many;
        show(c, &e, e.stored);
        return;
    case LOCAL_REFUSED:
        page_not_found(c);
        return;
    case LOCAL_FAILED:
        page_database_failed(c, DB_LOST);
    }
}
