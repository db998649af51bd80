/* scgi.c - see scgi.h. */
#include "web/scgi.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum { LENGTH_DIGITS = 6 }; /* of the netstring: SCGI_MAX_HEAD has five */

/* Reads the "123:" in front; returns the bytes it takes, 0 when incomplete, -1 when malformed. */
static int
read_length(const char *data, size_t size, size_t *length)
{
    size_t digits = 0;

    *length = 0;
    while (digits < size && digits < LENGTH_DIGITS && data[digits] >= '0' && data[digits] <= '9')
        *length = *length * 10 + (size_t)(data[digits++] - '0');
    if (digits == size)
        return 0; /* even after the last digit that may be: the colon is still to come */
    if (digits == 0 || data[digits] != ':' || *length > SCGI_MAX_HEAD)
        return -1;
    return (int)digits + 1;
}

/* Splits the NUL-separated names and values. -1 when they are not pairs. */
static int
split_headers(struct scgi *scgi, const char *head, size_t size)
{
    const char *end = head + size;

    scgi->count = 0;
    while (head < end) {
        const char *name = head, *name_end = memchr(name, '\0', (size_t)(end - name));
        if (name_end == NULL || name_end == name || scgi->count == SCGI_MAX_HEADERS)
            return -1;
        const char *value = name_end + 1;
        const char *value_end = memchr(value, '\0', (size_t)(end - value));
        if (value_end == NULL)
            return -1;
        scgi->headers[scgi->count].name = name;
        scgi->headers[scgi->count++].value = value;
        head = value_end + 1;
    }
    return 0;
}

enum scgi_status
scgi_parse(struct arena *arena, const char *data, size_t size, struct scgi *scgi, size_t *wanted)
{
    size_t head_size;
    int64_t body_size;

    *wanted = 0;
    int skip = read_length(data, size, &head_size);
    if (skip < 0)
        return SCGI_MALFORMED;
    if (skip == 0)
        return SCGI_INCOMPLETE;
    size_t body_at = (size_t)skip + head_size + 1;
    if (size < body_at)
        return SCGI_INCOMPLETE;
    if (data[body_at - 1] != ',')
        return SCGI_MALFORMED;
    if (split_headers(scgi, text_copy_n(arena, data + skip, head_size), head_size) != 0)
        return SCGI_MALFORMED;
    if (scgi->count == 0 || strcmp(scgi->headers[0].name, "CONTENT_LENGTH") != 0 ||
        text_to_int(scgi->headers[0].value, 0, SCGI_MAX_BODY, &body_size) != 0)
        return SCGI_MALFORMED;
    *wanted = body_at + (size_t)body_size;
    if (size < *wanted)
        return SCGI_INCOMPLETE;
    scgi->body_size = (size_t)body_size;
    scgi->body = text_copy_n(arena, data + body_at, scgi->body_size);
    return SCGI_OK;
}

int
scgi_read(struct arena *arena, int fd, struct scgi *scgi)
{
    size_t capacity = 16 * 1024, size = 0, wanted = 0;
    char *data = arena_alloc(arena, capacity);

    for (;;) {
        if (size == capacity || wanted > capacity) {
            capacity = wanted > capacity ? wanted : capacity * 2;
            char *larger = arena_alloc(arena, capacity);
            memcpy(larger, data, size);
            data = larger;
        }
        ssize_t n = read(fd, data + size, capacity - size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        size += (size_t)n;
        if (wanted > size)
            continue;
        enum scgi_status status = scgi_parse(arena, data, size, scgi, &wanted);
        if (status != SCGI_INCOMPLETE)
            return status == SCGI_OK ? 0 : -1;
        if (wanted == 0 && size > SCGI_MAX_HEAD + LENGTH_DIGITS + 2)
            return -1;
    }
}

const char *
scgi_header(const struct scgi *scgi, const char *name)
{
    for (size_t i = 0; i < scgi->count; i++)
        if (strcmp(scgi->headers[i].name, name) == 0)
            return scgi->headers[i].value;
    return "";
}
