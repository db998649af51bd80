/* server.c - see server.h. */
#include "web/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

enum {
    BACKLOG = 512,
    MAX_WORKERS = 64,
    PEER_TIMEOUT_SECONDS = 10, /* nginx has the whole request already; a peer slower than this is broken */
    RESPAWN_PAUSE_SECONDS = 1  /* when workers die at once, do not spin */
};

/* A request that waited longer is answered with 503 at once: its person has pressed again already (design.md 1). */
static const double max_queue_age = 3.0;

static volatile sig_atomic_t stopping;

static void
on_stop(int signal_number)
{
    (void)signal_number;
    stopping = 1;
}

/* The signals that the parent waits for instead of being interrupted by them. */
static sigset_t
waited_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    return set;
}

static int
listen_on(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path) {
        log_error("socket_path_too_long", "path", path, NULL);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(path, 0660) != 0 || listen(fd, BACKLOG) != 0) {
        log_error("socket_not_bound", "path", path, "reason", strerror(errno), NULL);
        return -1;
    }
    /* accept returns now and then, so that a worker sees the signal that came just before it slept. */
    struct timeval wake = {.tv_sec = 1};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wake, sizeof wake);
    return fd;
}

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
serve(const struct server *server, void *worker, struct arena *arena, int fd)
{
    struct timeval timeout = {.tv_sec = PEER_TIMEOUT_SECONDS};
    struct request *request = ARENA_NEW(arena, struct request);
    struct response response;
    struct scgi *scgi = ARENA_NEW(arena, struct scgi);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    if (scgi_read(arena, fd, scgi) != 0)
        return;
    response_init(&response, arena, fd);
    if (request_init(request, arena, scgi) != 0) {
        response.status = 400;
        response.content_type = "text/plain; charset=utf-8";
        buf_add_text(&response.body, "送られた内容を読み取れませんでした。\n");
    } else if (request->queued_at > 0 && now() - request->queued_at > max_queue_age)
        server->overloaded(worker, &response);
    else
        server->handle(worker, request, &response);
    response_send(&response);
}

static _Noreturn void
worker_loop(const struct server *server, int listener)
{
    struct sigaction stop = {.sa_handler = on_stop};
    sigset_t waited = waited_signals();

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigaction(SIGTERM, &stop, NULL);
    signal(SIGINT, SIG_IGN); /* Ctrl-C is the parent's business */
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &waited, NULL);
    struct arena *arena = arena_new();
    void *worker = server->worker_start(server->context);
    while (!stopping) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        serve(server, worker, arena, fd);
        close(fd);
        arena_reset(arena);
    }
    exit(0);
}

static pid_t
spawn(const struct server *server, int listener)
{
    pid_t pid = fork();

    if (pid == 0)
        worker_loop(server, listener);
    if (pid < 0)
        log_error("worker_not_forked", "reason", strerror(errno), NULL);
    return pid;
}

/* Patients' data must not land in a core file (security.md 5.18). */
static void
forbid_core_dumps(void)
{
    struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

/* Replaces workers that ended. */
static void
reap(const struct server *server, int listener, pid_t workers[], int count)
{
    for (pid_t dead; (dead = waitpid(-1, NULL, WNOHANG)) > 0;) {
        for (int i = 0; i < count; i++) {
            if (workers[i] != dead)
                continue;
            log_error("worker_died", "pool", server->name, NULL);
            sleep(RESPAWN_PAUSE_SECONDS);
            workers[i] = spawn(server, listener);
        }
    }
}

int
server_run(const struct server *server)
{
    pid_t workers[MAX_WORKERS];
    int count = server->workers < MAX_WORKERS ? server->workers : MAX_WORKERS;
    sigset_t waited = waited_signals();

    forbid_core_dumps();
    sigprocmask(SIG_BLOCK, &waited, NULL);
    int listener = listen_on(server->socket_path);
    if (listener < 0)
        return 1;
    for (int i = 0; i < count; i++)
        workers[i] = spawn(server, listener);
    log_info("pool_started", "pool", server->name, NULL);
    for (int caught = SIGCHLD; caught == SIGCHLD || caught < 0;) {
        reap(server, listener, workers, count);
        caught = sigwaitinfo(&waited, NULL);
    }
    for (int i = 0; i < count; i++)
        if (workers[i] > 0)
            kill(workers[i], SIGTERM);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    unlink(server->socket_path);
    return 0;
}
