/* apart.c - see apart.h. */
#include "main/apart.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The child is nothing of `parent` any more: not the database session, whose locks say who leads; not what it does about signals. And it
 * does not outlive it, since whoever leads next starts the work anew.
 */
static void
part_from(pid_t parent, struct db *db)
{
    static const int signals[] = {SIGTERM, SIGINT};

    db_abandon(db);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) /* it may have died before it was asked to tell */
        _exit(EXIT_FAILURE);
}

bool
apart_runs(struct apart *apart)
{
    int status = 0;

    if (apart->running == 0)
        return false;
    pid_t ended = waitpid(apart->running, &status, WNOHANG);
    if (ended == 0)
        return true;
    apart->running = 0;
    apart->failed = ended < 0 || status != 0;
    return false;
}

bool
apart_take_failure(struct apart *apart)
{
    bool failed = !apart_runs(apart) && apart->failed;

    if (failed)
        apart->failed = false;
    return failed;
}

bool
apart_start(struct apart *apart, struct db *db, const struct conf *conf, apart_work *work)
{
    pid_t parent = getpid();

    if (apart_runs(apart))
        return false;
    apart->running = fork();
    if (apart->running < 0)
        *apart = (struct apart){.failed = true};
    else if (apart->running == 0) {
        part_from(parent, db);
        struct arena *arena = arena_new();
        struct db *own = db_open(conf->database, "jobs");
        bool done = work(own, arena);

        db_close(own);
        arena_free(arena);
        _exit(done ? EXIT_SUCCESS : EXIT_FAILURE); /* what the parent would do at its end is not ours to do */
    }
    return apart->running > 0;
}

void
apart_stop(struct apart *apart)
{
    if (!apart_runs(apart))
        return;
    kill(apart->running, SIGKILL);
    waitpid(apart->running, NULL, 0);
    apart->running = 0;
}
