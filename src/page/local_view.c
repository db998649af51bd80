/* local_view.c - see local_view.h. */
#include "page/local_view.h"

#include "base/text.h"
#include "page/form_view.h"

void
local_view_read(struct arena *arena, const struct form *form, const struct local_items *items,
                struct document *doc)
{
    const char *shown = form_value(form, "items");

    for (size_t i = 0; i < items->count; i++) {
        const struct local_item *item = &items->list[i];
        const char *typed = form_value(form, item->as.name);
        if (text_has_word(shown, item->as.name)) /* a radio button that nobody has chosen is not posted */
            local_item_type_in(arena, item, doc, typed == NULL ? "" : typed);
    }
}

/* ---- the form ------------------------------------------------------------------------------------------------------ */

static void
fill_options(struct view *field, const struct local_item *item, const char *value)
{
    for (size_t i = 0; i < item->choice_count; i++) {
        const struct local_choice *choice = &item->choices[i];
        bool chosen = text_same(value, choice->code);
        if (!choice->offered && !chosen)
            continue;
        struct view *option = view_row(field, "options");
        view_text(option, "code", choice->code);
        view_text(option, "option_label", choice->label);
        view_flag(option, "checked", chosen);
    }
}

void
local_view_field(struct arena *arena, struct view *field, const struct local_item *item,
                 const struct document *doc)
{
    struct local_value local = document_local(doc, item->id);
    struct problem problem = {-1, local.typed != NULL ? PROBLEM_UNREADABLE : PROBLEM_WARNING, local.message};
    bool is_date = item->as.type == TYPE_date;

    form_view_input(arena, field, &item->as, (int)item->choice_count);
    view_text(field, "value", local.typed != NULL ? local.typed : form_view_typed(arena, item->as.type, local.value));
    view_text(field, "read_as", is_date ? local_item_shown(arena, item, local.value) : "");
    fill_options(field, item, local.value);
    form_view_state(field, local.message == NULL ? NULL : &problem);
}

void
local_view_fields(struct arena *arena, struct view *view, const struct local_items *items,
                  const struct document *doc)
{
    struct buf names = buf_new(arena);
    struct view *section = NULL;
    int64_t owner = 0;

    view_list(view, "sections");
    for (size_t i = 0; i < items->count; i++) {
        const struct local_item *item = &items->list[i];
        /* What was typed while the item was being retired is not taken away from whoever typed it. */
        if (!local_item_asked(item) && document_local(doc, item->id).typed == NULL)
            continue;
        if (section == NULL || item->owner_id != owner) {
            section = view_row(view, "sections");
            owner = item->owner_id;
            view_text(section, "section_name", text_format(arena, "local-%lld", (long long)owner));
            view_text(section, "section_label", text_format(arena, "%sの項目", item->owner));
            view_text(section, "lead", "");
        }
        local_view_field(arena, view_row(section, "fields"), item, doc);
        buf_printf(&names, "%s%s", names.size == 0 ? "" : " ", item->as.name);
    }
    view_text(view, "items", buf_text(&names));
}

void
local_view_problems(struct view *view, const struct local_items *items, const struct document *doc)
{
    for (size_t i = 0; i < items->count; i++) {
        struct local_value local = document_local(doc, items->list[i].id);
        if (local.typed == NULL)
            continue;
        struct view *row = view_row(view, "blocking");
        view_text(row, "name", items->list[i].as.name);
        view_text(row, "problem_label", items->list[i].as.label);
        view_text(row, "message", local.message);
    }
}

int
local_view_merge(struct arena *arena, const struct local_items *items, const struct document *base,
                 const struct document *theirs, struct document *mine)
{
    int clashes = 0;

    for (size_t i = 0; i < items->count; i++) {
        const struct local_item *item = &items->list[i];
        struct local_value value = document_local(mine, item->id);
        const char *before = document_local(base, item->id).value, *now = document_local(theirs, item->id).value;
        bool typed = value.typed != NULL || !text_same(value.value, before);
        if (text_same(now, before) || text_same(value.value, now))
            continue;
        if (!typed)
            value.value = now;
        else {
            clashes++;
            value.message = text_empty(now) ? "いまは何も登録されていません。"
                                            : text_format(arena, "いま登録されている値は「%s」です。",
                                                          local_item_shown(arena, item, now));
        }
        document_set_local(arena, mine, value);
    }
    return clashes;
}

/* ---- what was entered ---------------------------------------------------------------------------------------------- */

/* "入院調整の要否", and of an item that is not asked for any more whose it was. */
static const char *
label_of(struct arena *arena, const struct local_item *item)
{
    if (local_item_asked(item))
        return item->as.label;
    return text_format(arena, "%s（%sの項目・%s）", item->as.label, item->owner,
                       item->retired ? "使用を終了" : "ほかの地域");
}

void
local_view_values(struct arena *arena, struct view *row, const struct local_items *items,
                  const struct document *doc)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct local_item *item = &items->list[i];
        const char *value = document_local(doc, item->id).value;
        if (text_empty(value))
            continue;
        struct view *field = view_row(row, "fields");
        view_text(field, "label", label_of(arena, item));
        view_text(field, "value", local_item_shown(arena, item, value));
    }
}
