/* web.c - `hersys web`: one pool of workers. */
#include "main/main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core/installation.h"
#include "page/routes.h"
#include "web/server.h"

/* What a worker keeps from request to request. */
struct worker {
    struct app app;
    struct db *db;
};

/* The heavy pool has the rights of the offices: it is apart only so that a long print keeps nobody waiting. */
static const char *
database_role(enum pool pool)
{
    return pool == POOL_heavy ? "staff" : routes_pool_name(pool);
}

static void *
worker_start(void *context)
{
    struct worker *worker = context;

    worker->db = db_open(worker->app.conf.database, database_role(worker->app.pool));
    /* The public pool shows no patient's number, and may not read the key. */
    if (worker->app.pool != POOL_public && installation_load_key(worker->db) != 0)
        exit(1);
    return worker;
}

static void
handle(void *context, struct request *request, struct response *response)
{
    struct worker *worker = context;
    struct context c = {.arena = request->arena,
                        .app = &worker->app,
                        .db = worker->db,
                        .request = request,
                        .response = response};

    routes_dispatch(&c);
}

/* Only notifications have drafts, in the offices' pool; of anything else the browser alone still has what was typed. */
static const char *const overloaded_text[POOL_COUNT] = {
    [POOL_staff] = "少し待ってから、もう一度お試しください。発生届に入力した内容は下書きに残っています。",
    [POOL_door] = "少し待ってから、前の画面に戻って、もう一度お試しください。",
    [POOL_heavy] = "少し待ってから、もう一度お試しください。",
    [POOL_public] = "少し待ってから、前の画面に戻って、もう一度お試しください。",
};

static void
overloaded(void *context, struct response *response)
{
    const struct worker *worker = context;
    struct view *view = view_new(response->arena);

    view_text(view, "title", "ただいま混み合っています");
    view_list(view, "navigation");
    view_text(view, "text", overloaded_text[worker->app.pool]);
    response_header(response, "Retry-After", "5");
    response_page(response, 503, &template_table[TEMPLATE_message], view);
}

static int
workers_of(const struct conf *conf, enum pool pool)
{
    const int64_t counts[POOL_COUNT] = {conf->staff_workers, conf->door_workers,
                                        conf->heavy_workers, conf->public_workers};

    return (int)counts[pool];
}

int
command_web(const struct command_line *line)
{
    const char *name = command_option(line, "pool");
    struct worker worker = {.app = {.conf = line->conf}};
    int pool = 0;

    while (pool < POOL_COUNT && !text_same(name, routes_pool_name((enum pool)pool)))
        pool++;
    if (pool == POOL_COUNT) {
        fputs("hersys web: --pool=staff|door|heavy|public is needed\n", stderr);
        return 2;
    }
    worker.app.pool = (enum pool)pool;
    log_set_process(text_format(line->arena, "web %s", name));
    if (crypt_load_keys(&worker.app.keys, line->conf.key_directory) != 0)
        return 1;
    struct server server = {
        .name = name,
        .socket_path = text_format(line->arena, "%s/%s.sock", line->conf.run_directory, name),
        .workers = workers_of(&line->conf, worker.app.pool),
        .worker_start = worker_start,
        .handle = handle,
        .overloaded = overloaded,
        .context = &worker,
    };
    return server_run(&server);
}
