/* my_form.c - the questions of My HER-SYS as fields in the reader's language; see my_view.h. What is stored are codes. */
#include "page/my_view.h"

#include <string.h>

#include "base/text.h"
#include "page/form_view.h"

/* ---- which ones ---------------------------------------------------------------------------------------------------- */

static void
add_item(struct my_items *items, int item)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->item[i] == item)
            return;
    if (items->count < MY_MOST_ITEMS)
        items->item[items->count++] = item;
}

struct my_items
my_items_of(struct arena *arena, const char *questions)
{
    struct my_items items = {0};
    size_t count;
    char **names = text_split(arena, questions, ' ', &count);

    for (size_t i = 0; i < count; i++) {
        int item = dictionary_item(names[i]);
        if (item < 0 || dictionary_items[item].tab != TAB_observation || words_named(LANGUAGE_ja, names[i]) == NULL)
            continue;
        add_item(&items, item);
        if (item == ITEM_observation_spo2)
            add_item(&items, ITEM_observation_spo2_why);
    }
    return items;
}

struct my_items
my_items_of_tab(enum tab tab)
{
    struct my_items items = {0};

    for (int i = 0; i < PLACE_COUNT; i++)
        if (dictionary_items[dictionary_places[i].item].tab == tab)
            add_item(&items, dictionary_places[i].item);
    return items;
}

/* ---- what was posted ----------------------------------------------------------------------------------------------- */

void
my_read(struct context *c, const struct my_items *items, struct document *doc, struct problems *problems)
{
    struct form *form = &c->request->body;
    const char *names = "";

    /* The page asks for these and no others, whatever the form itself says that it asked. */
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, "items") == 0)
            form->fields[i].name = "";
    for (size_t i = 0; i < items->count; i++)
        names = text_format(c->arena, "%s %s", names, dictionary_items[items->item[i]].name);
    form_add(form, "items", names + 1);
    form_view_read(c->arena, form, doc, problems);
}

/* Why a value cannot be read, in the reader's language. */
static const char *
message_of(struct context *c, const struct my *my, const struct item *item)
{
    bool is_number = item->type == TYPE_int || item->type == TYPE_decimal;

    return words_fill(c->arena, words_text(my->language, is_number ? WORD_wrong_number : WORD_wrong_text),
                      db_int(c->arena, item->min), db_int(c->arena, item->max), 0);
}

/* ---- fields -------------------------------------------------------------------------------------------------------- */

static const char *
label_of(const struct my *my, const struct item *item)
{
    const char *label = words_named(my->language, item->name);

    return label != NULL ? label : item->label;
}

static void
fill_options(struct context *c, struct view *field, const struct my *my, const struct document *doc, int number)
{
    const struct item *item = &dictionary_items[number];
    const struct choice_list *list = &dictionary_lists[item->list];

    for (int i = 0; i < list->count; i++) {
        struct view *option = view_row(field, "options");
        view_text(option, "code", list->choices[i].code);
        view_text(option, "option_label", words_choice(c->arena, my->language, item->list, list->choices[i].code));
        view_flag(option, "checked", text_has_word(doc->value[number], list->choices[i].code));
    }
}

static void
fill_field(struct context *c, struct view *field, const struct my *my, const struct document *doc, int number)
{
    const struct item *item = &dictionary_items[number];
    bool is_number = item->type == TYPE_int || item->type == TYPE_decimal;

    view_text(field, "name", item->name);
    view_text(field, "label", label_of(my, item));
    view_text(field, "unit", item->unit);
    view_text(field, "value", form_view_value(c->arena, doc, number));
    view_text(field, "kind", item->type == TYPE_choices ? "checkbox" : "radio");
    view_text(field, "input_mode", item->type == TYPE_decimal ? "decimal" : is_number ? "numeric" : "text");
    view_flag(field, "is_group", item->list >= 0);
    view_flag(field, "is_long", item->type == TYPE_long_text);
    view_list(field, "options");
    if (item->list >= 0)
        fill_options(c, field, my, doc, number);
}

void
my_fill(struct context *c, struct view *view, const struct my *my, const struct my_items *items,
        const struct document *doc, const struct problems *problems)
{
    view_list(view, "fields");
    view_list(view, "wrong");
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &dictionary_items[items->item[i]];
        const struct problem *problem = problems == NULL ? NULL : problems_of(problems, items->item[i]);
        struct view *field = view_row(view, "fields");
        fill_field(c, field, my, doc, items->item[i]);
        view_text(field, "message", problem == NULL ? "" : message_of(c, my, item));
        if (problem == NULL)
            continue;
        struct view *row = view_row(view, "wrong");
        view_text(row, "wrong_name", item->name);
        view_text(row, "wrong_label", label_of(my, item));
        view_text(row, "wrong_message", message_of(c, my, item));
    }
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

/* Several choices are labelled one by one. */
static const char *
shown(struct context *c, const struct my *my, const struct document *doc, int number)
{
    const struct item *item = &dictionary_items[number];
    const char *all = "";
    size_t count;

    if (item->list < 0)
        return document_shown(c->arena, doc, number);
    char **codes = text_split(c->arena, doc->value[number], ' ', &count);
    for (size_t i = 0; i < count; i++)
        all = text_format(c->arena, "%s%s%s", all, i == 0 ? "" : " / ",
                          words_choice(c->arena, my->language, item->list, codes[i]));
    return all;
}

void
my_fill_values(struct context *c, struct view *view, const struct my *my, const struct my_items *items,
               const struct document *doc)
{
    view_list(view, "values");
    for (size_t i = 0; i < items->count; i++) {
        if (!document_has(doc, items->item[i]))
            continue;
        struct view *row = view_row(view, "values");
        view_text(row, "value_label", label_of(my, &dictionary_items[items->item[i]]));
        view_text(row, "value_shown", shown(c, my, doc, items->item[i]));
    }
}
