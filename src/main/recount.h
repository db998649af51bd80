/*
 * recount.h - counts all patients again, in memory, and compares that with the figures that are kept (sql/0027-figures.sql).
 *
 * The figures are kept by adding differences, in SQL; this counts what there is, in C: two ways to the same numbers, so that a mistake in
 * either shows. It reads each table once, as one moment has it, and takes memory by centres and weeks, not by patients.
 */
#ifndef HERSYS_MAIN_RECOUNT_H
#define HERSYS_MAIN_RECOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

/*
 * How many figures are not what the patients count as; -1 when the database failed. The first of them go into the log as alarms; with `mend`
 * they are put right instead, all of them or none, while nothing is folded. What single patients count as is not looked at.
 */
int64_t recount(struct db *db, bool mend);

#endif
