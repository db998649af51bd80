/*
 * bulk_form.h - the form of 一括操作: whom, by filters or a list of numbers, and what. One table says what each field is called,
 * how it is read and where it goes; it shows the form, reads it, and carries it through the preview.
 */
#ifndef HERSYS_PAGE_BULK_FORM_H
#define HERSYS_PAGE_BULK_FORM_H

#include "core/bulk_work.h"
#include "page/page.h"

enum { BULK_INPUTS = 21 };

/* What a posted form says. */
struct bulk_form {
    struct bulk_order order;
    const char *problem;               /* of the form as a whole; NULL: none */
    const char *problems[BULK_INPUTS]; /* of its fields, by their place in the table */
    bool wrong;                        /* there is a problem */
};

void bulk_form_read(struct context *c, struct bulk_form *form);

/* Sends the page of the form, with everything typed and what is to be mended. */
void bulk_form_show(struct context *c, const struct bulk_form *form);

/*
 * The filters alone, for another screen that chooses patients in the same way: reads them into form->order.filter (an empty filter
 * means everybody), shows their fields as list "inputs" with list "errors" (`places`: the rows of bulk_places), and says in words
 * what they choose by.
 */
void bulk_form_read_filter(struct context *c, struct bulk_form *form);
void bulk_form_fill_filter(struct context *c, struct view *view, const struct bulk_form *form, const struct rows *places);
const char *bulk_form_filter_words(struct context *c, const struct rows *places);

/* Fills list "hidden": the whole form, for the press after the preview. */
void bulk_form_hide(struct context *c, struct view *view);

/* What a choice says, for templates/bulk_words.html; dates ISO, NULL where the action has no such thing. */
struct bulk_words {
    const char *action, *status, *since, *centre, *reason, *release_on, *message;
};
void bulk_form_words(struct context *c, struct view *view, const struct bulk_words *words);

/* The words of the posted form; `centre` is the name of the chosen one. */
struct bulk_words bulk_form_chosen(struct context *c, const struct bulk_form *form, const char *centre);

/* The chosen centre as a parameter; "0" when the action has none. */
const char *bulk_form_centre(struct context *c);

#endif
