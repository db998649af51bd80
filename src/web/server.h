/*
 * server.h - a pool of pre-forked workers behind one unix socket.
 *
 * The parent binds, forks and waits; a worker that dies is replaced and costs one request. A worker accepts, reads a
 * whole SCGI request, calls the handler, sends the response, and begins anew with an empty arena. SIGTERM lets each
 * finish what it holds.
 */
#ifndef HERSYS_WEB_SERVER_H
#define HERSYS_WEB_SERVER_H

#include "web/request.h"
#include "web/response.h"

struct server {
    const char *name;        /* of the pool, for logs */
    const char *socket_path; /* made anew; mode 0660 */
    int workers;
    void *(*worker_start)(void *context); /* once in each worker, before its first request */
    void (*handle)(void *worker, struct request *request, struct response *response);
    /* Answers a request that waited too long. */
    void (*overloaded)(void *worker, struct response *response);
    void *context;
};

/* Runs until SIGTERM or SIGINT. 0, or 1 when the socket cannot be had. */
int server_run(const struct server *server);

#endif
