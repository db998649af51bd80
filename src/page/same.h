/* same.h - the same person (同一人物) on the screens of others: candidates in the form, links and merges on a patient's page. */
#ifndef HERSYS_PAGE_SAME_H
#define HERSYS_PAGE_SAME_H

#include "page/entry.h"

/* What a form says of similar patients: whom it was told to be other people, as an array for the database; NULL for none. */
const char *same_told_different(struct context *c);

/*
 * Fills "same_found" (templates/same_found.html) with the rows of statement same_look; NULL rows: nobody was looked for.
 */
void same_fill_found(struct context *c, struct view *view, const struct rows *rows);

/* Looks for similar patients when a new form knows enough of the person, else *rows is NULL; one round trip. */
enum db_status same_for_form(struct context *c, const struct entry *entry, const struct rows **rows);

/* The same as part of a batch, behind its first statement: the index of its rows, 0 when nobody is looked for. */
unsigned same_add_look(struct db_batch *batch, struct context *c, const struct entry *entry);

/* Writes the candidates as a JSON array for web/js/same.js; NULL rows: an empty one. */
void same_add_json(struct context *c, struct buf *out, const struct rows *rows);

/* The other IDs of the same person, and the IDs that were merged into this one; one round trip. */
enum db_status same_fill_patient(struct context *c, struct view *view, const struct record *record);

/* Leads from an emptied ID to the patient that it was merged into. False when it was not, or is not to be seen. */
bool same_lead_on(struct context *c, int64_t patient_id);

#endif
