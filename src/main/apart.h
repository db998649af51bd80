/*
 * apart.h - work of `hersys jobs` in a process of its own: what takes minutes, while nobody's message is to wait for it.
 */
#ifndef HERSYS_MAIN_APART_H
#define HERSYS_MAIN_APART_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/conf.h"
#include "db/db.h"

/* One kind of such work; all zero at the start. */
struct apart {
    pid_t running; /* 0: not at the moment */
};

/* Is the work that was started last still being done? */
bool apart_runs(struct apart *apart);

/*
 * Starts `work` with a connection and an arena of its own, which end with it. False when it is still being done, or when the system has no
 * process left.
 */
bool apart_start(struct apart *apart, const struct conf *conf, void (*work)(struct db *db, struct arena *arena));

#endif
