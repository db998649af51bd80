/* form_view.h - the notification's form as values for its template: sections, fields, problems. */
#ifndef HERSYS_PAGE_FORM_VIEW_H
#define HERSYS_PAGE_FORM_VIEW_H

#include "dictionary/document.h"
#include "dictionary/rights.h"
#include "web/form.h"
#include "web/template.h"

struct form_show {
    struct form_view form;
    struct rights rights; /* items that may not be edited are left out */
    const struct document *doc;
    const struct problems *problems; /* NULL: nothing has been asked to be checked yet */
    bool whole; /* nothing hides and appears while typing: fields that do not apply are shown too */
};

/* Reads the fields that the form showed (its hidden list "items"); what cannot be read becomes a problem. */
void form_view_read(struct arena *arena, const struct form *form, struct document *doc,
                    struct problems *problems);

/* The lists "sections" and "fields", and "items": the names of all fields shown. */
void form_view_fields(struct arena *arena, struct view *view, const struct form_show *show);

/* The lists "blocking", "missing", "warnings", "unused" with their counts. */
void form_view_problems(struct view *view, const struct problems *problems);

/*
 * What two people changed to different values: the list "clashes" (templates/clashes.html), with `mine` and `theirs` for each
 * item whose clash is set. NULL: nothing.
 */
void form_view_clashes(struct arena *arena, struct view *view, const struct document *mine,
                       const struct document *theirs, const bool *clash);

/* The choices of a list as the list `name`: code, choice_label, and checked for the one chosen ("": none). */
void form_view_choices(struct view *view, const char *name, int list, const char *chosen);

/* True when nothing stands in the way of reporting. */
bool form_view_may_report(const struct problems *problems);

/* For items that are not in the dictionary: what an input of this item needs, without its value, options and state ... */
void form_view_input(struct arena *arena, struct view *field, const struct item *item, int offered);

/* ... the problem beside it (NULL: none) ... */
void form_view_state(struct view *field, const struct problem *problem);

/* ... and a canonical value as it stands in an input. */
const char *form_view_typed(struct arena *arena, enum item_type type, const char *value);

/* A value as it stands in an input: 2022/9/26, 090-1234-5678, 160-0023. */
const char *form_view_value(struct arena *arena, const struct document *doc, int item);

#endif
