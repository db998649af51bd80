/* buf.c - growable bytes and the escapes that belong to a context (JSON, HTML). */
#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct buf
buf_new(struct arena *arena)
{
    struct buf buf = {.arena = arena, .capacity = 256};

    buf.data = arena_alloc(arena, buf.capacity);
    return buf;
}

static void
reserve(struct buf *buf, size_t more)
{
    if (more < buf->capacity - buf->size)
        return;
    size_t capacity = buf->capacity;
    while (more >= capacity - buf->size)
        capacity *= 2;
    char *data = arena_alloc(buf->arena, capacity);
    memcpy(data, buf->data, buf->size);
    buf->data = data;
    buf->capacity = capacity;
}

void
buf_add(struct buf *buf, const void *data, size_t size)
{
    if (size == 0)
        return;
    reserve(buf, size);
    memcpy(buf->data + buf->size, data, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void
buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void
buf_add_text(struct buf *buf, const char *text)
{
    if (text != NULL)
        buf_add(buf, text, strlen(text));
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(size >= 0);
    reserve(buf, (size_t)size);
    vsnprintf(buf->data + buf->size, (size_t)size + 1, format, again);
    va_end(again);
    buf->size += (size_t)size;
}

void
buf_add_json(struct buf *buf, const char *text)
{
    if (text == NULL) {
        buf_add_text(buf, "null");
        return;
    }
    buf_add_char(buf, '"');
    const char *run = text;
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c >= 0x20 && c != '"' && c != '\\' && c != '<')
            continue;
        buf_add(buf, run, (size_t)(p - run));
        run = p + 1;
        if (c == '"' || c == '\\')
            buf_printf(buf, "\\%c", c);
        else /* '<' too, so that JSON can never close a script element */
            buf_printf(buf, "\\u%04x", c);
    }
    buf_add_text(buf, run);
    buf_add_char(buf, '"');
}

void
buf_add_html(struct buf *buf, const char *text)
{
    static const char *const entity[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};

    if (text == NULL)
        return;
    const char *run = text;
    for (const char *p = text; *p != '\0'; p++) {
        const char *escaped = entity[(unsigned char)*p];
        if (escaped == NULL)
            continue;
        buf_add(buf, run, (size_t)(p - run));
        buf_add_text(buf, escaped);
        run = p + 1;
    }
    buf_add_text(buf, run);
}

const char *
buf_text(const struct buf *buf)
{
    return buf->data;
}
