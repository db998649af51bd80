/*
 * simple_form.h - small forms as tables: what each field is called, how its value is read, what to say when it is wrong.
 *
 * One table shows the form (templates/simple_form.html), reads what was posted, and says what to mend on top
 * and beside each field. Nothing typed is lost: a field shows again what came. The notification, with its hundreds of
 * items, has its own (the dictionary).
 */
#ifndef HERSYS_PAGE_SIMPLE_FORM_H
#define HERSYS_PAGE_SIMPLE_FORM_H

#include "page/page.h"

enum field_kind {
    FIELD_TEXT,  /* one line */
    FIELD_LONG,  /* several lines */
    FIELD_RADIO, /* one of the options */
    FIELD_CHECK  /* yes ("1") or no ("") */
};

struct field_option {
    const char *value, *label;
};

struct field {
    const char *name, *label, *hint;
    enum field_kind kind;
    bool required;
    int max; /* characters; 0: 200 */
    const char *type, *autocomplete, *css; /* of the input; NULL: text, none, none */
    const char *button; /* words of a button behind it that asks for something and saves nothing; posts `button_name` */
    const char *button_name;
    /* What was typed as it is stored; NULL when it cannot be read. Without a function: trimmed. */
    const char *(*read)(struct arena *arena, const char *typed);
    const char *unreadable; /* what to say then */
    const struct field_option *options; /* RADIO: up to a NULL value */
};

/* The state of one field. Zeroed: an empty field. */
struct answer {
    const char *typed;   /* as it is shown */
    const char *value;   /* as it is stored; "" when there is none */
    const char *problem; /* NULL: none */
    bool hidden;         /* not in this form, for this person or organisation */
    bool focus;          /* where the person goes on typing */
    const struct field_option *options; /* in place of the field's own */
};

/* Fills typed, value and problem from the posted form. Returns how many problems there are. */
size_t simple_form_read(struct context *c, size_t count, const struct field fields[],
                   struct answer answers[]);

/* Puts fields and problems into the view: lists "fields" and "errors", flag "has_errors". */
void simple_form_fill(struct view *view, size_t count, const struct field fields[],
                 const struct answer answers[]);

/* A stored value to begin with. */
void simple_form_start(struct answer *answer, const char *value);

/* Readers of common values. */
const char *simple_form_email(struct arena *arena, const char *typed);
const char *simple_form_phone(struct arena *arena, const char *typed);
const char *simple_form_postal(struct arena *arena, const char *typed);

#endif
