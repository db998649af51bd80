/*
 * local_items.h - 独自項目: items that a head office (本庁, prefecture) adds to the record for its area (issue 3; domain.md wish 18).
 *
 * What is entered are values of an entry like all others (core/entries.h), in the tabs whose items are `added`; a document
 * keeps them by the item's number. Here is what an item is, how its value is read and shown, and how an office keeps its
 * items. None is ever deleted: a retired one is not asked for any more, and its values stay. Tab, kind and the codes of a
 * choice never change.
 */
#ifndef HERSYS_CORE_LOCAL_ITEMS_H
#define HERSYS_CORE_LOCAL_ITEMS_H

#include "core/notification.h"

enum {
    LOCAL_MOST_ITEMS = 40, /* in use at once, of an office in a tab */
    LOCAL_MOST_CHOICES = 30,
    LOCAL_MAX_LABEL = 40, /* characters, these four */
    LOCAL_MAX_HINT = 100,
    LOCAL_MAX_UNIT = 10,
    LOCAL_MAX_TEXT = 200,
    LOCAL_LEAST = -999999999, /* of a number */
    LOCAL_MOST = 999999999
};

struct local_choice {
    const char *code, *label;
    bool offered; /* otherwise only shown where it was chosen before */
};

struct local_item {
    int64_t id; /* 0: not saved yet */
    int64_t owner_id;
    const char *owner; /* its name */
    enum tab tab;
    struct item as; /* for the dictionary's readers and the form: name local_12, type, label, hint, unit, limits */
    size_t choice_count;
    const struct local_choice *choices;
    int place, version;
    bool retired;
    bool of_area; /* its owner stands above the centre in charge; otherwise a value is left from another time */
    const char *saved, *saver; /* for people */
};

struct local_items {
    size_t count;
    struct local_item *list;
};

/* The kinds that an item may have: name in the database, label for people. */
enum local_kind { LOCAL_text, LOCAL_number, LOCAL_date, LOCAL_choice, LOCAL_KIND_COUNT };
const char *local_kind_name(enum local_kind kind);
const char *local_kind_label(enum local_kind kind);
enum item_type local_kind_type(enum local_kind kind);
enum local_kind local_kind_of(const struct local_item *item);
/* LOCAL_KIND_COUNT for a name that is none. */
enum local_kind local_kind_find(const char *name);

/* Rows of any statement of local_items.sql that selects items. */
struct local_items local_items_from(struct arena *arena, const struct rows *rows);

/* The item with this number, or NULL. */
const struct local_item *local_items_find(const struct local_items *items, int64_t id);

/* The statement for the items of a patient's tab (record_load_with). */
struct record_more local_items_ask(struct arena *arena, int64_t patient_id, const struct record_tab *tab);

/* Whether a form asks for it now. */
bool local_item_asked(const struct local_item *item);

/* Reads what a person typed into the document; what cannot be read is kept as it was typed, with what to say. */
void local_item_type_in(struct arena *arena, const struct local_item *item, struct document *doc,
                        const char *typed);

/* How many values of the document could not be read. */
size_t local_items_unread(const struct document *doc);

/* The value as a person reads it: the label of a choice, a date in words, a number with its unit. */
const char *local_item_shown(struct arena *arena, const struct local_item *item, const char *value);

/* The choice with this code, or NULL. */
const struct local_choice *local_item_choice(const struct local_item *item, const char *code);

/* ---- for the office that owns it; each is one transaction with its entry in the trail; desk->form_id must be there ---- */

enum local_saved {
    LOCAL_SAVED, /* also when this very form has been answered before */
    LOCAL_CHANGED_MEANWHILE,
    LOCAL_TOO_MANY, /* LOCAL_MOST_ITEMS are in use */
    LOCAL_REFUSED,
    LOCAL_FAILED
};

/* Adds an item (id 0), or changes one whose version is still item->version. */
enum local_saved local_item_save(const struct desk *desk, const struct local_item *item);

/* Retires it, or brings it back. */
enum local_saved local_item_retire(const struct desk *desk, int64_t id, int version, bool retired);

#endif
