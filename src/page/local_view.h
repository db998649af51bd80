/* local_view.h - items that head offices have added (独自項目) in the form, the list and the history of a patient. */
#ifndef HERSYS_PAGE_LOCAL_VIEW_H
#define HERSYS_PAGE_LOCAL_VIEW_H

#include "core/local_items.h"
#include "web/form.h"
#include "web/template.h"

/* Reads the fields that the form showed (its hidden list "items"); what cannot be read stays in the document as typed. */
void local_view_read(struct arena *arena, const struct form *form, const struct local_items *items,
                     struct document *doc);

/* The lists "sections" (one for each owner) and "fields" of what is asked for now, and "items": their names. */
void local_view_fields(struct arena *arena, struct view *view, const struct local_items *items,
                       const struct document *doc);

/* One field as the form shows it. */
void local_view_field(struct arena *arena, struct view *field, const struct local_item *item,
                      const struct document *doc);

/* Adds what could not be read to the list "blocking". */
void local_view_problems(struct view *view, const struct local_items *items,
                         const struct document *doc);

/* Adds what is filled in to the list "fields" of an entry; says where a value comes from that is not asked for any more. */
void local_view_values(struct arena *arena, struct view *row, const struct local_items *items,
                       const struct document *doc);

/*
 * Brings the values of two people together as fields_merge does: what only somebody else changed is taken over into *mine; what both
 * changed stays, with a word on what is stored now. The number of those.
 */
int local_view_merge(struct arena *arena, const struct local_items *items, const struct document *base,
                     const struct document *theirs, struct document *mine);

#endif
