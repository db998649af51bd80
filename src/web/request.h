/*
 * request.h - one request as a handler sees it: method, path, values. Read whole and bounded before anything runs.
 */
#ifndef HERSYS_WEB_REQUEST_H
#define HERSYS_WEB_REQUEST_H

#include <stdbool.h>

#include "base/arena.h"
#include "web/form.h"
#include "web/scgi.h"

enum method { METHOD_GET, METHOD_POST, METHOD_OTHER };

enum { REQUEST_MAX_PATH_PARTS = 12 };

struct request {
    struct arena *arena;
    struct scgi scgi;
    enum method method;
    const char *path;  /* decoded, without the query; always begins with "/" */
    struct form query; /* values behind "?" */
    struct form body;  /* values of a posted form; posted text/plain and octets stay in scgi.body */
    size_t part_count; /* the path cut at "/" */
    const char *parts[REQUEST_MAX_PATH_PARTS];
    double queued_at;  /* seconds since 1970 when nginx handed the request over; 0 if it did not say */
};

/* Makes a request out of parsed SCGI. 0, or -1 when it is malformed (answered with 400). */
int request_init(struct request *request, struct arena *arena, const struct scgi *scgi);

/* A cookie's value; NULL when the browser did not send it. */
const char *request_cookie(const struct request *request, const char *name);

/* A posted value, "" when it is not there. */
const char *request_value(const struct request *request, const char *name);

/* All posted values of a name, as blank-separated words; "" when there is none. */
const char *request_words(const struct request *request, const char *name);

/* A value of the query, "" when it is not there. */
const char *request_query(const struct request *request, const char *name);

/*
 * True when a request that changes something comes from our own pages: Sec-Fetch-Site says same-origin or, from
 * older browsers, Origin is `address` (security.md 5.4).
 */
bool request_is_same_origin(const struct request *request, const char *address);

#endif
