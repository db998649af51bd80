/*
 * area.h - what the screens of the issuers (利用者認証実施者) share. Their area is what the view app.issuing and the
 * functions beside it (sql/0004-issuing.sql) say; whatever lies outside answers exactly as if it were not there, and
 * the attempt goes into the trail.
 */
#ifndef HERSYS_PAGE_AREA_H
#define HERSYS_PAGE_AREA_H

#include "page/page.h"

/* Kinds of organisation, as bits. */
#define AREA_KIND(kind)   (1u << KIND_##kind)
#define AREA_GOVERNMENT   (AREA_KIND(ministry) | AREA_KIND(prefecture) | AREA_KIND(city))
#define AREA_OFFICES      (AREA_GOVERNMENT | AREA_KIND(centre))
#define AREA_REGIONAL     (AREA_KIND(prefecture) | AREA_KIND(city) | AREA_KIND(centre))

/* The session's organisation, as a parameter. */
const char *area_mine(struct context *c);

/* The id in part `index` of the path, or in a value of the query or the form; "0", which nothing has, when it is none. */
const char *area_path_id(struct context *c, size_t index);
const char *area_id(struct context *c, const char *value);

/* Answers "not found" and records that `what` (ids only: "account 12") was refused. */
void area_refuse(struct context *c, const char *action, const char *what);

/* True when the session's organisation is of one of the kinds; otherwise refuses. */
bool area_kind(struct context *c, unsigned kinds, const char *action);

/* The same for a screen that others may know of: they are told who may (page_forbidden), and the attempt goes into the trail too. */
bool area_kind_told(struct context *c, unsigned kinds, const char *action, const char *why);

/*
 * The end of a change: adds its entry to the trail, runs the batch, and leads to `path` with a notice; or says that
 * the database failed. The batch begins with the statement that demands the right.
 */
void area_finish(struct context *c, struct db_batch *batch, const char *action, const char *what,
                 const char *path, const char *notice);

#endif
