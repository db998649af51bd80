/* apart.c - see apart.h. */
#include "main/apart.h"

#include <sys/wait.h>
#include <unistd.h>

bool
apart_runs(struct apart *apart)
{
    if (apart->running > 0 && waitpid(apart->running, NULL, WNOHANG) != 0)
        apart->running = 0;
    return apart->running > 0;
}

bool
apart_start(struct apart *apart, const struct conf *conf, void (*work)(struct db *db, struct arena *arena))
{
    if (apart_runs(apart))
        return false;
    apart->running = fork();
    if (apart->running < 0)
        apart->running = 0;
    else if (apart->running == 0) {
        struct arena *arena = arena_new();
        struct db *db = db_open(conf->database, "jobs");

        work(db, arena);
        db_close(db);
        arena_free(arena);
        _exit(0); /* the connection of the parent is not ours to close */
    }
    return apart->running > 0;
}
