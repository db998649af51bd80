/*
 * audit.h - the trail: what was done or refused, and every patient that was shown. Ids only, never a value.
 *
 * An entry joins the batch of the transaction that it tells of, so that neither is there without the other. The actor
 * is taken from the session by the database (function app.audit_append).
 */
#ifndef HERSYS_CORE_AUDIT_H
#define HERSYS_CORE_AUDIT_H

#include "db/db.h"

/* What was done to one patient, or 0 for an action without. `detail` names what (a tab, a number), "" if there is nothing to add. */
void audit_patient(struct db_batch *batch, struct arena *arena, const char *action,
                   int64_t patient_id, const char *detail);

/* Something that was refused, and why in a word. */
void audit_denied(struct db_batch *batch, struct arena *arena, const char *action, int64_t patient_id,
                  const char *why);

/* Patients shown together in a list; rows without a patient are passed over. */
void audit_list(struct db_batch *batch, struct arena *arena, const char *action,
                const struct rows *rows, const char *detail);

/* The same of a PostgreSQL array of their ids, "{1,2}". */
void audit_patients(struct db_batch *batch, struct arena *arena, const char *action, const char *patients, const char *detail);

/*
 * Somebody asks to see a patient, and notification `no` unless it is 0. Allowed or denied, as the database's own wall
 * judges in the same statement; `action` must be one of the looks of audit.c.
 */
void audit_look(struct db_batch *batch, struct arena *arena, const char *action,
                int64_t organisation_id, int64_t patient_id, int no);

/* What an action is called on the screen. */
const char *audit_action_label(const char *action);

#endif
