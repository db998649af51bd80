/* form_view.c - see form_view.h. */
#include "page/form_view.h"

#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"

enum {
    MOST_RADIOS = 8,  /* more choices than that become a pull-down */
    NARROW_RADIOS = 3 /* so few stand side by side with other fields */
};

const char *
form_view_value(struct arena *arena, const struct document *doc, int item)
{
    return doc->typed[item] != NULL
               ? doc->typed[item]
               : form_view_typed(arena, dictionary_items[item].type, doc->value[item]);
}

const char *
form_view_typed(struct arena *arena, enum item_type type, const char *value)
{
    if (text_empty(value))
        return "";
    switch (type) {
    case TYPE_date:
        return date_slashed(arena, date_from_iso(value));
    case TYPE_phone:
        return jtext_phone_shown(arena, value);
    case TYPE_postal:
        return text_format(arena, "%.3s-%s", value, value + 3);
    default:
        return value;
    }
}

/* ---- what was posted ------------------------------------------------------------------------------------------------ */

/* Several check boxes of one name, joined by blanks; NULL when the form did not show the item. */
static const char *
posted(struct arena *arena, const struct form *form, const char *items, const struct item *item)
{
    struct buf all = buf_new(arena);
    bool first = true;

    if (!text_has_word(items, item->name))
        return NULL;
    for (size_t i = 0; i < form->count; i++) {
        if (form->fields[i].filename != NULL || strcmp(form->fields[i].name, item->name) != 0)
            continue;
        buf_printf(&all, "%s%s", first ? "" : " ", form->fields[i].value);
        first = false;
        if (item->type != TYPE_choices)
            break;
    }
    return buf_text(&all);
}

void
form_view_read(struct arena *arena, const struct form *form, struct document *doc,
               struct problems *problems)
{
    const char *items = form_value(form, "items");

    for (int i = 0; i < ITEM_COUNT; i++) {
        const char *message = NULL;
        const char *typed = posted(arena, form, items == NULL ? "" : items, &dictionary_items[i]);
        if (!document_type_in(arena, doc, i, typed, &message))
            problems_add(arena, problems, i, PROBLEM_UNREADABLE, message);
    }
}

/* ---- one field ----------------------------------------------------------------------------------------------------- */

static const char *
input_class(enum item_type type)
{
    switch (type) {
    case TYPE_date:
        return "date-input";
    case TYPE_postal:
        return "postal-input";
    case TYPE_phone:
        return "phone-input";
    default:
        return "text-input";
    }
}

static const char *
input_mode(const struct item *item)
{
    switch (item->type) {
    case TYPE_int:
        return item->min < 0 ? "text" : "numeric"; /* a telephone's digits have no minus */
    case TYPE_postal:
        return "numeric";
    case TYPE_decimal:
        return "decimal";
    case TYPE_phone:
        return "tel";
    default:
        return "text";
    }
}

static int
choices_in(const struct choice_list *list, int form)
{
    int count = 0;

    for (int i = 0; i < list->count; i++)
        count += (list->choices[i].forms & 1u << form) != 0;
    return count;
}

static void
fill_options(struct view *field, const struct form_show *show, const struct item *item, int index)
{
    const struct choice_list *list = &dictionary_lists[item->list];
    const char *value = show->doc->value[index];

    for (int i = 0; i < list->count; i++) {
        const struct choice *choice = &list->choices[i];
        bool chosen = text_has_word(value, choice->code);
        /* A choice that this version has no longer stays visible where it was chosen before. */
        if ((choice->forms & 1u << show->form.form) == 0 && !chosen)
            continue;
        struct view *option = view_row(field, "options");
        view_text(option, "code", choice->code);
        view_text(option, "option_label", choice->label);
        view_flag(option, "checked", chosen);
        view_flag(option, "none", choice->none);
    }
}

void
form_view_state(struct view *field, const struct problem *problem)
{
    static const char *const states[] = {[PROBLEM_UNREADABLE] = "is-wrong",
                                         [PROBLEM_ERROR] = "is-wrong",
                                         [PROBLEM_MISSING] = "is-missing",
                                         [PROBLEM_WARNING] = "is-doubtful",
                                         [PROBLEM_UNUSED] = ""};

    view_text(field, "state", problem == NULL ? "" : states[problem->kind]);
    view_text(field, "message", problem == NULL ? "" : problem->message);
    view_flag(field, "wrong", problem != NULL && problem->kind <= PROBLEM_ERROR);
}

void
form_view_input(struct arena *arena, struct view *field, const struct item *item, int offered)
{
    bool several = item->type == TYPE_choices, choice = item->type == TYPE_choice;
    bool radios = choice && offered <= MOST_RADIOS;

    view_text(field, "name", item->name);
    view_text(field, "label", item->label);
    view_text(field, "hint", item->hint);
    view_text(field, "unit", item->unit);
    view_flag(field, "is_group", several || radios);
    view_flag(field, "is_select", choice && !radios);
    view_flag(field, "is_long", item->type == TYPE_long_text);
    view_flag(field, "is_date", item->type == TYPE_date);
    view_flag(field, "is_input", !several && !choice && item->type != TYPE_long_text);
    view_flag(field, "wide", item->type == TYPE_address || item->type == TYPE_long_text ||
                                 several || (radios && offered > NARROW_RADIOS));
    view_text(field, "kind", several ? "checkbox" : "radio");
    view_text(field, "input_class", input_class(item->type));
    view_text(field, "input_mode", input_mode(item));
    view_text(field, "described",
              text_format(arena, "%s%s%s-message", item->hint[0] == '\0' ? "" : item->name,
                          item->hint[0] == '\0' ? "" : "-hint ", item->name));
    view_list(field, "options");
}

static void
fill_field(struct arena *arena, struct view *field, const struct form_show *show,
           const struct place *place)
{
    const struct item *item = &dictionary_items[place->item];
    int offered = item->list < 0 ? 0 : choices_in(&dictionary_lists[item->list], show->form.form);

    form_view_input(arena, field, item, offered);
    view_text(field, "number", place->number);
    view_flag(field, "must", place->must);
    view_flag(field, "off", !show->whole && !document_applies(show->doc, place));
    view_text(field, "value", form_view_value(arena, show->doc, place->item));
    view_text(field, "read_as",
              item->type == TYPE_date ? document_shown(arena, show->doc, place->item) : "");
    if (item->list >= 0)
        fill_options(field, show, item, place->item);
    form_view_state(field, show->problems == NULL ? NULL : problems_of(show->problems, place->item));
}

/* ---- sections ------------------------------------------------------------------------------------------------------ */

static bool
is_shown(const struct form_show *show, const struct place *place, int section)
{
    const struct item *item = &dictionary_items[place->item];

    return place->section == section && (place->forms & 1u << show->form.form) != 0 &&
           (!show->form.short_form || place->short_form) && item->type != TYPE_derived &&
           rights_may_edit(show->rights, item->class);
}

/* The heading before the first field of each test and each dose; a single sampling date needs none. */
static const char *
repeat_title(struct arena *arena, const struct item *item, int section, int last)
{
    if (item->repeat == 0 || item->repeat == last || section == SECTION_dates)
        return "";
    return item->table == TABLE_test_record ? text_format(arena, "検査%d", item->repeat)
                                            : text_format(arena, "%d回目", item->repeat);
}

static void
fill_section(struct arena *arena, struct view *view, const struct form_show *show, int section,
             struct buf *items)
{
    struct view *row = NULL;
    int last_repeat = 0;

    for (int i = 0; i < PLACE_COUNT; i++) {
        const struct place *place = &dictionary_places[i];
        const struct item *item = &dictionary_items[place->item];
        if (!is_shown(show, place, section))
            continue;
        if (row == NULL) {
            row = view_row(view, "sections");
            view_text(row, "section_name", dictionary_sections[section].name);
            view_text(row, "section_label", dictionary_sections[section].label);
            view_text(row, "lead", dictionary_sections[section].lead);
        }
        struct view *field = view_row(row, "fields");
        view_text(field, "repeat_title", repeat_title(arena, item, section, last_repeat));
        last_repeat = item->repeat;
        fill_field(arena, field, show, place);
        buf_printf(items, "%s%s", items->size == 0 ? "" : " ", item->name);
        if (place->item == ITEM_home_address)
            view_flag(row, "same_address", true);
        if (place->item == ITEM_risk)
            view_flag(row, "no_risk", true);
    }
}

void
form_view_fields(struct arena *arena, struct view *view, const struct form_show *show)
{
    struct buf items = buf_new(arena);

    view_list(view, "sections");
    for (int section = 0; section < SECTION_COUNT; section++)
        fill_section(arena, view, show, section, &items);
    view_text(view, "items", buf_text(&items));
}

/* ---- problems ------------------------------------------------------------------------------------------------------ */

bool
form_view_may_report(const struct problems *problems)
{
    return problems_count(problems, PROBLEM_UNREADABLE) + problems_count(problems, PROBLEM_ERROR) ==
           0;
}

void
form_view_problems(struct view *view, const struct problems *problems)
{
    static const char *const lists[] = {[PROBLEM_UNREADABLE] = "blocking",
                                        [PROBLEM_ERROR] = "blocking",
                                        [PROBLEM_MISSING] = "missing",
                                        [PROBLEM_WARNING] = "warnings",
                                        [PROBLEM_UNUSED] = "unused"};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        view_list(view, lists[i]);
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->list[i];
        struct view *row = view_row(view, lists[problem->kind]);
        view_text(row, "name", dictionary_items[problem->item].name);
        view_text(row, "problem_label", dictionary_items[problem->item].label);
        view_text(row, "message", problem->message);
    }
    view_int(view, "blocking_count",
             (int64_t)(problems_count(problems, PROBLEM_UNREADABLE) +
                       problems_count(problems, PROBLEM_ERROR)));
    view_int(view, "missing_count", (int64_t)problems_count(problems, PROBLEM_MISSING));
    view_flag(view, "has_blocking", !form_view_may_report(problems));
    view_flag(view, "has_missing", problems_count(problems, PROBLEM_MISSING) > 0);
    view_flag(view, "has_warnings", problems_count(problems, PROBLEM_WARNING) > 0);
    view_flag(view, "has_unused", problems_count(problems, PROBLEM_UNUSED) > 0);
}

void
form_view_clashes(struct arena *arena, struct view *view, const struct document *mine,
                  const struct document *theirs, const bool *clash)
{
    view_list(view, "clashes");
    view_flag(view, "has_clashes", false);
    for (int i = 0; i < ITEM_COUNT && clash != NULL; i++) {
        if (!clash[i])
            continue;
        struct view *row = view_row(view, "clashes");
        view_flag(view, "has_clashes", true);
        view_text(row, "name", dictionary_items[i].name);
        view_text(row, "label", dictionary_items[i].label);
        view_text(row, "mine", document_shown(arena, mine, i));
        view_text(row, "theirs", document_shown(arena, theirs, i));
    }
}

void
form_view_choices(struct view *view, const char *name, int list, const char *chosen)
{
    const struct choice_list *l = &dictionary_lists[list];

    view_list(view, name);
    for (int i = 0; i < l->count; i++) {
        struct view *row = view_row(view, name);
        view_text(row, "code", l->choices[i].code);
        view_text(row, "choice_label", l->choices[i].label);
        view_flag(row, "checked", text_same(l->choices[i].code, chosen));
    }
}
