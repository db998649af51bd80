/* routes.h - the table of all addresses, and the way of a request through it. */
#ifndef HERSYS_PAGE_ROUTES_H
#define HERSYS_PAGE_ROUTES_H

#include "page/page.h"

/* Answers one request: finds the route, enters the session, checks origin, token and need, calls the handler. */
void routes_dispatch(struct context *context);

/* Names of the pools as the command line spells them; NULL beyond the last. */
const char *routes_pool_name(enum pool pool);

#endif
