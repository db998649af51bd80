/*
 * page.h - what every screen needs: the context of a request, the frame around a page, and the usual refusals.
 *
 * A screen is one file: its handlers, each a straight function from request to response. Which path leads to which
 * handler, in which pool and for whom, stands in one table (routes.c).
 */
#ifndef HERSYS_PAGE_PAGE_H
#define HERSYS_PAGE_PAGE_H

#include "base/conf.h"
#include "base/crypt.h"
#include "core/session.h"
#include "template_table.h"
#include "web/request.h"
#include "web/response.h"

enum pool { POOL_staff, POOL_door, POOL_heavy, POOL_public, POOL_COUNT };

/* One for each process, made at its start. */
struct app {
    struct conf conf;
    struct crypt_keys keys;
    enum pool pool;
};

struct context {
    struct arena *arena;
    const struct app *app;
    struct db *db;
    struct request *request;
    struct response *response;
    struct session session;
};

/* ---- the frame ---- */

/* Values of a page with the frame's own filled in; `title` is the heading of the page. */
struct view *page_view(struct context *c, const char *title);

/* Sends the template in the frame with status 200. */
void page_send(struct context *c, enum template template, struct view *view);
void page_send_status(struct context *c, int status, enum template template, struct view *view);

/* A message shown once on the next page that `path` leads to: the redirect carries only its name (page_notices). */
void page_redirect_with(struct context *c, const char *path, const char *notice);

/* ---- refusals ---- */

/* The same answer for "is not there" and "is not yours" (security.md 5.15). */
void page_not_found(struct context *c);

/* The person may know of the thing but not do this: says why and whom to ask. */
void page_forbidden(struct context *c, const char *why);

/* What was asked cannot be done in this state; `text` says what to do instead. */
void page_conflict(struct context *c, const char *title, const char *text);

void page_bad_request(struct context *c, const char *text);

/*
 * After a database status that is not DB_OK: 503 with what became of what was typed, and what to do; as if it were not there (404) for
 * DB_REFUSED and DB_DUPLICATE.
 */
void page_database_failed(struct context *c, enum db_status status);

/* ---- small helpers ---- */

/* The part of the path that the route's pattern calls :name, e.g. path_part(c, 1) of /patient/:id. */
const char *path_part(const struct context *c, size_t index);

/* The patient whose HER-SYS ID stands in part `index` of the path; 0 when it is no valid number. */
int64_t path_patient(const struct context *c, size_t index);


#endif
