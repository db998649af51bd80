/* tally.h - the part of `hersys jobs` that keeps 入力状況 (sql/0012-completeness.sql): folding, weeks, mails, comparison. */
#ifndef HERSYS_MAIN_TALLY_H
#define HERSYS_MAIN_TALLY_H

#include "base/arena.h"
#include "db/db.h"

/* Folds the differences of some centres into their figures. */
void tally_fold(struct db *db, struct arena *arena);

/* Keeps this week's figures if that has not been done, and queues the mails that are due. */
void tally_remind(struct db *db, struct arena *arena);

/*
 * Compares the figures of some centres with a count of their patients; a difference goes into the log as an alarm, with
 * numbers only. `centre` is the last one done, -1 at the start; returns where to go on, -1 when all are done.
 */
int64_t tally_compare(struct db *db, struct arena *arena, int64_t centre);

/*
 * Proposes to close those of the next people in care whose 療養期間 has passed. `patient` is the last one looked at, 0 at the
 * start; returns where to go on, -1 when all have been looked at.
 */
int64_t tally_propose(struct db *db, struct arena *arena, int64_t patient);

#endif
