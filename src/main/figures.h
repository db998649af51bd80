/* figures.h - the part of `hersys jobs` that keeps the figures (sql/0027-figures.sql): folding, the first publication, comparison. */
#ifndef HERSYS_MAIN_FIGURES_H
#define HERSYS_MAIN_FIGURES_H

#include "base/arena.h"
#include "db/db.h"

/* Folds what has changed since the last time. */
void figures_fold(struct db *db, struct arena *arena);

/* Keeps yesterday's figures as first published, if that has not been done. */
void figures_keep(struct db *db, struct arena *arena);

/* Finds the signals (早期の兆し) of the weeks that have just ended. */
void figures_signals(struct db *db, struct arena *arena);

/*
 * Compares what the next patients count as with their records, and at the end all figures with a count of the patients; each
 * difference goes into the log as an alarm, with numbers only. `patient` is the last one done, 0 at the start; returns where to go
 * on, -1 when all is done.
 */
int64_t figures_compare(struct db *db, struct arena *arena, int64_t patient);

#endif
