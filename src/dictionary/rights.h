/*
 * rights.h - wall one: what a kind of organisation, through its relations to a patient, may see and edit.
 *
 * The table is dictionary/rights.rec. Several relations add up; no relation, no right. Wall two holds the same masks
 * in the database (table tab_right).
 */
#ifndef HERSYS_DICTIONARY_RIGHTS_H
#define HERSYS_DICTIONARY_RIGHTS_H

#include <stdbool.h>

#include "dictionary/dictionary.h"

/* Bits of enum item_class. */
struct rights {
    unsigned view, edit;
};

/* `relations` holds bits 1 << enum relation, as access.relations does. */
struct rights rights_of(enum organisation_kind kind, unsigned relations);

bool rights_may_view(struct rights rights, enum item_class class);
bool rights_may_edit(struct rights rights, enum item_class class);

/* Why: the sentence of the first record that applies, for the screen; "" when none does. */
const char *rights_because(enum organisation_kind kind, unsigned relations);

/* The relation bits with which a kind reads (or writes) the tab: wall two's masks. */
unsigned rights_tab_mask(enum organisation_kind kind, enum tab tab, bool write);

/* The classes whose right opens the tab as such. */
unsigned rights_tab_classes(enum tab tab);

#endif
