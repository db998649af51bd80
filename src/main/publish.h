/* publish.h - the part of `hersys jobs` that makes an edition of the figures every day (core/edition.h). */
#ifndef HERSYS_MAIN_PUBLISH_H
#define HERSYS_MAIN_PUBLISH_H

#include <time.h>

#include "base/arena.h"
#include "base/conf.h"
#include "db/db.h"
#include "main/apart.h"

/* Editions as the jobs make them; all zero at the start. */
struct publishing {
    struct apart apart;
    time_t started; /* the newest */
};

/*
 * Starts an edition in a process of its own when one is due (setting publish_at, or app.edition_order): its audit may take minutes, and
 * nobody's message is to wait for it. The next starts a minute later at the earliest, also when this one failed.
 */
void publish_when_due(struct publishing *publishing, struct db *db, struct arena *arena, const struct conf *conf);

#endif
