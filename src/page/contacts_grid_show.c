/* contacts_grid_show.c - see contacts_grid.h. */
#include "page/contacts_grid.h"

#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "page/form_view.h"
#include "page/patient_head.h"

const char *
contacts_grid_path(struct context *c, const struct grid *g)
{
    return patient_path(c, &g->record, "contacts");
}

const char *
contacts_grid_field(struct context *c, const char *name, size_t row)
{
    return text_format(c->arena, "%s-%zu", name, row);
}

static void
fill_options(struct view *cell, const struct document *doc, int item)
{
    const struct choice_list *list = &dictionary_lists[dictionary_items[item].list];

    view_list(cell, "options");
    for (int i = 0; i < list->count; i++) {
        struct view *option = view_row(cell, "options");
        view_text(option, "code", list->choices[i].code);
        view_text(option, "option_label", list->choices[i].label);
        view_flag(option, "checked", text_same(doc->value[item], list->choices[i].code));
    }
}

static void
fill_cell(struct context *c, struct view *row, const struct grid_row *r, size_t number, int item)
{
    const struct item *i = &dictionary_items[item];
    const struct document *doc = &r->entry.doc;
    const struct problem *problem = problems_of(&r->problems, item);
    const char *theirs = document_shown(c->arena, &r->old, item);
    bool differs = r->clashing && !text_same(doc->value[item], r->old.value[item]);
    struct view *cell = view_row(row, "cells");

    view_text(cell, "field_name", contacts_grid_field(c, i->name, number));
    view_text(cell, "label", i->label);
    view_format(cell, "cell_label", "%s（%zu行目）", i->label, number + 1);
    view_text(cell, "value", form_view_value(c->arena, doc, item));
    view_text(cell, "shown", document_shown(c->arena, doc, item));
    view_text(cell, "width", i->name);
    view_flag(cell, "is_select", i->type == TYPE_choice);
    view_flag(cell, "is_long", i->type == TYPE_long_text);
    view_flag(cell, "is_input", i->type != TYPE_choice && i->type != TYPE_long_text);
    view_text(cell, "input_mode", i->type == TYPE_phone ? "tel" : i->type == TYPE_int ? "numeric" : "text");
    view_list(cell, "options");
    if (i->type == TYPE_choice)
        fill_options(cell, doc, item);
    view_text(cell, "message", problem == NULL ? "" : problem->message);
    view_flag(cell, "wrong", problem != NULL || differs);
    view_text(cell, "theirs", !differs ? "" : theirs[0] == '\0' ? "（空欄）" : theirs);
    view_text(cell, "note", "");
}

/* Until when the contact is observed, and why; below the cell of that date. */
static void
fill_observation(struct context *c, struct view *row, const struct grid *g, const struct grid_row *r)
{
    const char *reason;
    date_day until = contacts_observed_until(c->arena, g->rules, &r->entry.doc, &reason);

    view_text(row, "observed",
              until == DATE_NONE ? ""
                                 : text_format(c->arena, "%sまで：%s",
                                               date_slashed(c->arena, until), reason));
}

static void
fill_row(struct context *c, struct view *view, const struct grid *g, size_t number)
{
    const struct grid_row *r = &g->rows[number];
    struct view *row = view_row(view, "rows");
    const char *case_id = r->old.value[ITEM_contact_case_id];
    int64_t patient = text_empty(case_id) ? 0 : publicid_parse(case_id);
    bool stored = r->entry.no != 0;
    struct contact_key key = {g->record.patient_id, r->entry.no};

    view_format(row, "row_number", "%zu", number + 1);
    view_text(row, "no_name", contacts_grid_field(c, "no", number));
    view_text(row, "no", db_int(c->arena, r->entry.no));
    view_text(row, "version_name", contacts_grid_field(c, "row_version", number));
    view_text(row, "row_version", db_int(c->arena, r->entry.version));
    view_text(row, "seen_name", contacts_grid_field(c, "seen", number));
    view_text(row, "seen", r->seen);
    view_text(row, "row_message", r->obstacle != NULL ? r->obstacle : r->message);
    view_list(row, "cells");
    for (size_t i = 0; i < g->column_count; i++)
        fill_cell(c, row, r, number, g->columns[i]);
    fill_observation(c, row, g, r);
    view_flag(row, "stored", stored);
    /* On a phone, where a row fills the screen, three empty ones are enough until more are asked for. */
    view_flag(row, "spare", c->request->method == METHOD_GET && number >= 3 && !stored &&
                                g->rows[number - 3].entry.no == 0);
    view_flag(row, "may_edit", g->may_edit);
    view_text(row, "outcome", document_shown(c->arena, &r->old, ITEM_contact_outcome));
    view_text(row, "case_id", patient == 0 ? "" : publicid_hersys(c->arena, patient));
    view_text(row, "case_path",
              patient == 0 ? "/"
                           : text_format(c->arena, "/patient/%s",
                                         publicid_hersys_plain(c->arena, patient)));
    view_text(row, "entry_path",
              patient_path(c, &g->record, text_format(c->arena, "tab/contact/%d", r->entry.no)));
    view_flag(row, "may_promote", stored && g->may_edit && text_empty(case_id));
    view_text(row, "promote_path",
              text_format(c->arena, "/notification/new?contact=%s",
                          contacts_key_text(c->arena, key)));
}

static void
fill_columns(struct context *c, struct view *view, const struct grid *g)
{
    struct buf names = buf_new(c->arena);

    view_list(view, "columns");
    for (size_t i = 0; i < g->column_count; i++) {
        view_text(view_row(view, "columns"), "label", dictionary_items[g->columns[i]].label);
        buf_printf(&names, "%s%s", i == 0 ? "" : " ", dictionary_items[g->columns[i]].name);
    }
    view_text(view, "column_names", buf_text(&names));
}

void
contacts_grid_send(struct context *c, const struct grid *g)
{
    struct view *view = patient_view(c, &g->record, "tab/contact");
    const struct observation_rule *rule = contacts_rule(g->rules, date_today());

    fill_columns(c, view, g);
    view_list(view, "rows");
    for (size_t i = 0; i < g->count; i++)
        fill_row(c, view, g, i);
    view_text(view, "row_count", db_int(c->arena, (int64_t)g->count));
    view_flag(view, "may_edit", g->may_edit);
    view_flag(view, "may_add", g->may_edit && g->count + GRID_FRESH_ROWS <= GRID_MOST_ROWS);
    view_text(view, "problem", g->problem);
    view_text(view, "read", g->read);
    view_text(view, "names", g->names);
    view_text(view, "names_day", g->names_day);
    view_text(view, "pasted", g->pasted);
    view_text(view, "pasted_read", g->pasted_read);
    view_text(view, "rule",
              rule == NULL ? "" : text_format(c->arena, "最終接触日から%d日（%s）", rule->days, rule->notice));
    view_text(view, "grid_path", contacts_grid_path(c, g));
    view_text(view, "tab_path", patient_path(c, &g->record, "tab/contact"));
    view_text(view, "notices_path",
              rights_may_edit(g->record.rights, CLASS_papers) && !g->record.sealed
                  ? text_format(c->arena, "/papers/batch?contacts=%s",
                                publicid_hersys_plain(c->arena, g->record.patient_id))
                  : "");
    view_text(view, "next_path",
              g->next == 0 ? "" : text_format(c->arena, "%s?after=%d", contacts_grid_path(c, g), g->next));
    page_send(c, TEMPLATE_contacts_grid, view);
}
