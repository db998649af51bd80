/* further_tests.c - see further_tests.h. */
#include "page/further_tests.h"

#include "base/text.h"
#include "page/form_view.h"

/* What differs between tests of one day, and what they share. */
static const int columns[] = {ITEM_lab_sampled_on, ITEM_lab_specimen, ITEM_lab_method, ITEM_lab_result,
                              ITEM_lab_ct};
static const int shared[] = {ITEM_lab_sampled_on, ITEM_lab_sampled_by, ITEM_lab_due_on, ITEM_lab_known_on,
                             ITEM_lab_laboratory};

enum { COLUMNS = sizeof columns / sizeof *columns };

bool
further_tests_asked(const struct record_tab *tab, int no)
{
    return tab->tab == TAB_laboratory && no == 0;
}

/* "lab_method-2": the field of an item in the second row. */
static const char *
field_name(struct context *c, int item, size_t row)
{
    return text_format(c->arena, "%s-%zu", dictionary_items[item].name, row + 1);
}

/* ---- what was posted ----------------------------------------------------------------------------------------------- */

static void
read_row(struct context *c, const struct record_tab *tab, const struct document *first, size_t row,
         struct further_test *test)
{
    struct document *doc = &test->entry.doc;
    struct problems found = {0};

    for (size_t i = 0; i < COLUMNS; i++) {
        const char *typed = request_value(c->request, field_name(c, columns[i], row)), *message = NULL;
        test->given = test->given || text_trim(c->arena, typed)[0] != '\0';
        if (!document_type_in(c->arena, doc, columns[i], typed, &message))
            problems_add(c->arena, &test->problems, columns[i], PROBLEM_UNREADABLE, message);
    }
    for (size_t i = 0; i < sizeof shared / sizeof *shared && test->given; i++)
        if (!document_has(doc, shared[i]) && doc->typed[shared[i]] == NULL)
            doc->value[shared[i]] = first->value[shared[i]];
    document_check(c->arena, doc, (struct form_view){tab->form, false}, &found);
    for (size_t i = 0; i < found.count && test->given; i++)
        if (found.list[i].kind == PROBLEM_ERROR)
            problems_add(c->arena, &test->problems, found.list[i].item, PROBLEM_ERROR,
                         found.list[i].message);
    if (test->given && test->problems.count == 0)
        test->message = entries_problem(c->arena, tab, doc);
}

bool
further_tests_read(struct context *c, const struct record_tab *tab, const struct document *first,
                   struct further_tests *further)
{
    size_t wrong = 0;

    for (size_t i = 0; i < FURTHER_TESTS; i++) {
        struct further_test *test = &further->rows[i];
        read_row(c, tab, first, i, test);
        further->count += test->given;
        wrong += test->problems.count > 0 || test->message != NULL;
    }
    return wrong == 0;
}

enum notify_result
further_tests_save(const struct desk *desk, const struct record *record, const struct record_tab *tab,
                   const struct tab_entry *first, const struct further_tests *further)
{
    static const struct document nothing;
    struct entry_change changes[1 + FURTHER_TESTS] = {{first, &nothing}};
    size_t count = 1;

    for (size_t i = 0; i < FURTHER_TESTS; i++)
        if (further->rows[i].given)
            changes[count++] = (struct entry_change){&further->rows[i].entry, &nothing};
    return entries_save_all(desk, record, tab, changes, count);
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static void
fill_cell(struct context *c, struct view *view, const struct further_test *test, size_t row, int item)
{
    const struct item *i = &dictionary_items[item];
    const struct document *doc = &test->entry.doc;
    const struct problem *problem = problems_of(&test->problems, item);
    struct view *cell = view_row(view, "cells");

    view_text(cell, "field_name", field_name(c, item, row));
    view_text(cell, "label", i->label);
    view_format(cell, "cell_label", "%s（%zu件目）", i->label, row + 2);
    view_text(cell, "value", test->given ? form_view_value(c->arena, doc, item) : "");
    view_flag(cell, "is_select", i->type == TYPE_choice);
    view_text(cell, "message", problem == NULL ? "" : problem->message);
    view_flag(cell, "wrong", problem != NULL);
    view_list(cell, "options");
    if (i->type == TYPE_choice)
        form_view_choices(cell, "options", i->list, doc->value[item] == NULL ? "" : doc->value[item]);
}

void
further_tests_fill(struct context *c, struct view *view, const struct further_tests *further)
{
    view_list(view, "tests");
    view_list(view, "test_columns");
    view_flag(view, "takes_tests", further != NULL);
    for (size_t k = 0; k < COLUMNS && further != NULL; k++)
        view_text(view_row(view, "test_columns"), "column_label", dictionary_items[columns[k]].label);
    for (size_t i = 0; i < FURTHER_TESTS && further != NULL; i++) {
        struct view *row = view_row(view, "tests");
        view_format(row, "test_number", "%zu", i + 2);
        view_text(row, "test_message", further->rows[i].message);
        view_list(row, "cells");
        for (size_t k = 0; k < COLUMNS; k++)
            fill_cell(c, row, &further->rows[i], i, columns[k]);
    }
}
