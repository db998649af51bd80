/* calling.h - the part of `hersys jobs` that dials (自動架電; sql/0023-calls.sql says in which states a call is). */
#ifndef HERSYS_MAIN_CALLING_H
#define HERSYS_MAIN_CALLING_H

#include "base/conf.h"
#include "db/db.h"
#include "gateway/gateway.h"

/*
 * Makes the calls of those whose time has come, ends those of which nothing is heard any more, and dials some that are due. How many were
 * dialled; -1 when the database failed. Nothing is dialled without a telephone service in the settings.
 */
int calling_step(struct db *db, struct arena *arena, const struct conf *conf, struct gateway *gateway);

#endif
