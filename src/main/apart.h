/*
 * apart.h - work of `hersys jobs` in a process of its own: what takes minutes, while nobody's message is to wait for it. It ends when the
 * process that started it ends, in whatever way.
 */
#ifndef HERSYS_MAIN_APART_H
#define HERSYS_MAIN_APART_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/conf.h"
#include "db/db.h"

/* One kind of such work; all zero at the start. */
struct apart {
    pid_t running; /* 0: not at the moment */
    bool failed;   /* what ended last */
};

/* The work: did it do what it is for? What it has to say about a failure it has logged. */
typedef bool apart_work(struct db *db, struct arena *arena);

/* Is the work that was started last still being done? */
bool apart_runs(struct apart *apart);

/* Has work failed since the last call: by its own word, by a signal, or because the system had no process left for it? */
bool apart_take_failure(struct apart *apart);

/*
 * Starts `work` with a connection and an arena of its own, which end with it; of `db`, the caller's connection, it has nothing. False when it
 * is still being done, or when the system has no process left.
 */
bool apart_start(struct apart *apart, struct db *db, const struct conf *conf, apart_work *work);

/* Ends the work where it stands, and returns when it has ended. */
void apart_stop(struct apart *apart);

#endif
