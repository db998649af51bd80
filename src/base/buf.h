/*
 * buf.h - a byte string that grows inside an arena.
 *
 * The content is always followed by a NUL byte that does not count, so buf_text gives a C string at any time.
 */
#ifndef HERSYS_BASE_BUF_H
#define HERSYS_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/arena.h"

struct buf {
    struct arena *arena;
    char *data;
    size_t size;     /* bytes of content */
    size_t capacity; /* bytes allocated, the final NUL included */
};

/* An empty buffer whose memory belongs to `arena`. */
struct buf buf_new(struct arena *arena);

void buf_add(struct buf *buf, const void *data, size_t size);
void buf_add_char(struct buf *buf, char c);
void buf_add_text(struct buf *buf, const char *text); /* NULL adds nothing */
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends `text` as a JSON string with its quotes; NULL becomes null. Input must be UTF-8. */
void buf_add_json(struct buf *buf, const char *text);

/* Appends `text` with & < > " ' escaped: safe between tags and in a quoted attribute. */
void buf_add_html(struct buf *buf, const char *text);

/* The content as a C string; valid until the next change of the buffer. */
const char *buf_text(const struct buf *buf);

#endif
