/*
 * scgi.h - one SCGI request: a netstring of headers, then the body (https://python.ca/scgi/protocol.txt).
 *
 * The peer is nginx on a unix socket, which has read the whole request from the client before. Still, nothing here
 * trusts it: the parser is fuzzed and bounded.
 */
#ifndef HERSYS_WEB_SCGI_H
#define HERSYS_WEB_SCGI_H

#include <stddef.h>

#include "base/arena.h"

enum {
    SCGI_MAX_HEADERS = 128,             /* nginx sends about 25 */
    SCGI_MAX_HEAD = 32 * 1024,          /* nginx accepts 16 KiB of request headers */
    SCGI_MAX_BODY = 8 * 1024 * 1024     /* an uploaded table; nginx holds forms to 256 KiB by location */
};

struct scgi {
    size_t count;
    struct {
        const char *name, *value;
    } headers[SCGI_MAX_HEADERS];
    const char *body; /* body_size bytes and a NUL */
    size_t body_size;
};

enum scgi_status { SCGI_OK, SCGI_INCOMPLETE, SCGI_MALFORMED };

/* Parses `size` bytes. With SCGI_INCOMPLETE, *wanted is the total size when it is known, else 0. */
enum scgi_status scgi_parse(struct arena *arena, const char *data, size_t size, struct scgi *scgi,
                            size_t *wanted);

/* Reads one request from the socket. 0, or -1 when the peer sent something else or fell silent. */
int scgi_read(struct arena *arena, int fd, struct scgi *scgi);

/* The value of a header, "" when it is not there. */
const char *scgi_header(const struct scgi *scgi, const char *name);

#endif
