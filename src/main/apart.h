/*
 * apart.h - work of `hersys jobs` in a process of its own: what takes minutes, while nobody's message is to wait for it. It ends when the
 * process that started it ends, in whatever way.
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
 * Starts `work` with a connection and an arena of its own, which end with it; of `db`, the caller's connection, it has nothing. False when it
 * is still being done, or when the system has no process left.
 */
bool apart_start(struct apart *apart, struct db *db, const struct conf *conf, void (*work)(struct db *db, struct arena *arena));

/* Ends the work where it stands, and returns when it has ended. */
void apart_stop(struct apart *apart);

#endif
