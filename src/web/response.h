/*
 * response.h - what goes back to the browser. Filled by a handler, sent once by the server loop; a file that is too large for
 * memory is sent by its handler, piece by piece.
 *
 * Security headers that every answer carries are nginx's (deploy/nginx.conf), so that its own error pages have them
 * too; here is only what differs from answer to answer. Everything is no-store unless a handler says otherwise.
 */
#ifndef HERSYS_WEB_RESPONSE_H
#define HERSYS_WEB_RESPONSE_H

#include "base/buf.h"
#include "web/template.h"

struct response {
    struct arena *arena;
    int status;
    const char *content_type;
    struct buf headers; /* further header lines, each with CRLF */
    struct buf body;
    int fd;        /* of the peer; -1 in tests */
    bool streamed; /* by response_stream: there is nothing left to send */
};

void response_init(struct response *response, struct arena *arena, int fd);

/* A header line. Neither part may hold CR or LF (a bug ends the process). */
void response_header(struct response *response, const char *name, const char *value);

/*
 * A cookie that no script sees and no other site sends: __Host- prefix, Secure, HttpOnly, SameSite=Strict.
 * `seconds` 0: until the browser closes; negative: delete it.
 */
void response_cookie(struct response *response, const char *name, const char *value, long seconds);

/* The same for pages to which a message's link leads: sent along with that step too (SameSite=Lax). */
void response_cookie_linked(struct response *response, const char *name, const char *value, long seconds);

/* 303 to a path of ours. */
void response_redirect(struct response *response, const char *path);

/* The body as a page. */
void response_page(struct response *response, int status, const struct template_code *code,
                   const struct view *view);

/* The body as JSON; the caller fills response->body. */
void response_json(struct response *response, int status);

/* A file to show (attachment false) or to save. `filename` may be Japanese. */
void response_file(struct response *response, const char *content_type, const char *filename,
                   bool attachment, const void *data, size_t size);

/* Begins a file to save whose bytes come by response_stream: just before the first of them, since no other answer can follow. */
void response_stream_file(struct response *response, const char *content_type, const char *filename);

/* Sends a piece of it, before the first the head. False when the peer has gone away. */
bool response_stream(struct response *response, const void *data, size_t size);

/* Writes it to the socket, unless it was streamed; errors of a peer that went away are not ours. */
void response_send(struct response *response);

#endif
