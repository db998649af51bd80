/* calling.h - the part of `hersys jobs` that dials (自動架電; sql/0023-calls.sql says in which states a call is). */
#ifndef HERSYS_MAIN_CALLING_H
#define HERSYS_MAIN_CALLING_H

#include <signal.h>

#include "base/conf.h"
#include "db/db.h"
#include "gateway/gateway.h"

/*
 * Makes the calls of those whose time has come, ends those of which nothing is heard any more, and dials some that are due: for two seconds
 * at most, because messages wait meanwhile, until the service has trouble or no line free, or `stopping` is set. 0; -1 when the database failed. Nothing is
 * made or dialled without a telephone service in the settings.
 */
int calling_step(struct db *db, struct arena *arena, const struct conf *conf, struct gateway *gateway,
                 const volatile sig_atomic_t *stopping);

#endif
