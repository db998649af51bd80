/*
 * rights.c - `hersys rights [--csv]`: the report that an auditor reads. One line for each kind of organisation,
 * relation, tab and class of items that the tab holds.
 */
#include "main/main.h"

#include <stdio.h>

#include "dictionary/rights.h"

/* The classes of the items that stand in a tab, and those that open it. */
static unsigned
classes_in(enum tab tab)
{
    unsigned classes = rights_tab_classes(tab);

    for (int i = 0; i < ITEM_COUNT; i++)
        if (dictionary_items[i].tab == tab)
            classes |= 1u << dictionary_items[i].class;
    return classes;
}

int
command_rights(const struct command_line *line)
{
    const char *format = command_switch(line, "csv") ? "%s,%s,%s,%s,%s\n" : "%-14s %-14s %-14s %-14s %s\n";

    printf(format, "organisation_kind", "relation", "tab", "class", "right");
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        for (int relation = 0; relation < RELATION_COUNT; relation++) {
            struct rights rights = rights_of((enum organisation_kind)kind, 1u << relation);
            for (int tab = 0; tab < TAB_COUNT; tab++) {
                for (int class = 0; class < CLASS_COUNT; class++) {
                    if ((classes_in((enum tab)tab) & 1u << class) == 0)
                        continue;
                    const char *right = rights_may_edit(rights, (enum item_class)class)   ? "edit"
                                        : rights_may_view(rights, (enum item_class)class) ? "view"
                                                                                          : "none";
                    printf(format, dictionary_kind_name((enum organisation_kind)kind),
                           dictionary_relation_name((enum relation)relation),
                           dictionary_tab_name((enum tab)tab),
                           dictionary_class_name((enum item_class)class), right);
                }
            }
        }
    }
    return 0;
}
