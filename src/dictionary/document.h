/*
 * document.h - the values of all items of one person and one notification, as texts in their canonical form.
 *
 * Canonical: dates YYYY-MM-DD, whole numbers in decimal, choices by code, several choices as codes separated by one
 * blank in the order of their list, telephone numbers and postal codes as digits. NULL and "" both mean empty. A value
 * that could not be read keeps what was typed, so that the form can show it again.
 */
#ifndef HERSYS_DICTIONARY_DOCUMENT_H
#define HERSYS_DICTIONARY_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dictionary/dictionary.h"

/* The value of an item that a head office has added (独自項目, core/local_items.h): the dictionary does not know it. */
struct local_value {
    int64_t item;
    const char *value;
    const char *typed;   /* only where the text could not be read; then value is empty */
    const char *message; /* what to say beside it; NULL: nothing */
};

struct document {
    const char *value[ITEM_COUNT];
    const char *typed[ITEM_COUNT]; /* only where the text could not be read; then value is empty */
    size_t local_count;
    const struct local_value *locals; /* never changed: a copy of a document may share them */
};

enum problem_kind {
    PROBLEM_UNREADABLE, /* the text is no such value: must be corrected or emptied */
    PROBLEM_ERROR,      /* the value cannot be: must be corrected or emptied */
    PROBLEM_MISSING,    /* asked for and empty: may be reported without */
    PROBLEM_WARNING,    /* looks wrong: may be confirmed */
    PROBLEM_UNUSED      /* typed, but not part of this report; it will be left out */
};

struct problem {
    int item;
    enum problem_kind kind;
    const char *message; /* Japanese, a whole sentence */
};

struct problems {
    size_t count, capacity;
    struct problem *list;
};

/* Which form a document is seen through. */
struct form_view {
    int form;        /* enum form_name */
    bool short_form; /* only the few items of the short form are asked for */
};

/*
 * Reads what a person typed (NULL: the form did not ask, the value stays). Several choices come joined by blanks.
 * Returns false, with the reason in *message, when it cannot be read.
 */
bool document_type_in(struct arena *arena, struct document *doc, int item, const char *typed,
                      const char **message);

/*
 * The canonical form of what was typed for an item of any type but choices of a list of its own; NULL, with the reason in
 * *message, when it cannot be read.
 */
const char *document_read(struct arena *arena, const struct item *item, const char *typed,
                          const char **message);

/* The value of an added item: zeroed where there is none. */
struct local_value document_local(const struct document *doc, int64_t item);

/* Sets one in place of the old one. */
void document_set_local(struct arena *arena, struct document *doc, struct local_value value);

/* Appends a problem. */
void problems_add(struct arena *arena, struct problems *problems, int item, enum problem_kind kind,
                  const char *message);
size_t problems_count(const struct problems *problems, enum problem_kind kind);
const struct problem *problems_of(const struct problems *problems, int item);

/* The place of an item in a form, or NULL when the form does not have it. */
const struct place *document_place(int item, struct form_view view);

/* Does the item's condition hold, so that it is asked for? */
bool document_applies(const struct document *doc, const struct place *place);

/* Sets what follows from other items: age in years and months. */
void document_derive(struct arena *arena, struct document *doc);

/* What is missing, what looks wrong, what is not part of this form. */
void document_check(struct arena *arena, const struct document *doc, struct form_view view,
                    struct problems *problems);

/* Empties what is not part of the form or does not apply. The person's own items stay: they outlive a notification. */
void document_prune(struct document *doc, int form);

/* Years at the diagnosis (or today without one); -1 when the birth date is not known. */
int document_age(const struct document *doc);

/* The value as a person reads it: labels for codes, 2021年5月13日（令和3年）, 090-1234-5678, with its unit. */
const char *document_shown(struct arena *arena, const struct document *doc, int item);

/* The same for a value that stands in no document. */
const char *document_value_shown(struct arena *arena, const struct item *item, const char *value);

bool document_has(const struct document *doc, int item);

#endif
