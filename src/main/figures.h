/* figures.h - the part of `hersys jobs` that keeps the figures (sql/0027-figures.sql): folding, keeping each day as it ended, comparison. */
#ifndef HERSYS_MAIN_FIGURES_H
#define HERSYS_MAIN_FIGURES_H

#include <stdbool.h>

#include "base/arena.h"
#include "db/db.h"

/* Folds of what has changed since the last time as much as one turn takes. True when more may be left. */
bool figures_fold(struct db *db, struct arena *arena);

/* Keeps the figures of the days until yesterday as they stand, where that has not been done. */
void figures_keep(struct db *db, struct arena *arena);

/* Finds the signals (早期の兆し) of the weeks that have just ended. */
void figures_signals(struct db *db, struct arena *arena);

/*
 * Compares what every patient counts as with its record, and all figures with a count of the patients; each difference goes into the log
 * as an alarm, with numbers only. Takes minutes where there are millions. False when the database failed, so that not all was compared.
 */
bool figures_compare(struct db *db, struct arena *arena);

#endif
