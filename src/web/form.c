/* form.c - see form.h. */
#include "web/form.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * Checks that the bytes are text and turns CR LF and CR into LF, in place. NULL when they are not text.
 */
static const char *
as_text(char *data, size_t size, size_t *out_size)
{
    size_t n = 0;

    if (!text_is_utf8(data, size))
        return NULL;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c == '\r') {
            data[n++] = '\n';
            i += i + 1 < size && data[i + 1] == '\n';
        } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
            return NULL;
        } else {
            data[n++] = (char)c;
        }
    }
    data[n] = '\0';
    *out_size = n;
    return data;
}

/* Decodes one %-encoded name or value. NULL when it is malformed. */
static const char *
decode(struct arena *arena, const char *data, size_t size, size_t *out_size)
{
    char *out = arena_alloc(arena, size + 1);
    size_t n = 0;

    for (size_t i = 0; i < size; i++) {
        if (data[i] == '+') {
            out[n++] = ' ';
        } else if (data[i] == '%') {
            int high = i + 2 < size ? hex_value(data[i + 1]) : -1;
            int low = i + 2 < size ? hex_value(data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            out[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[n++] = data[i];
        }
    }
    return as_text(out, n, out_size);
}

int
form_parse_urlencoded(struct arena *arena, const char *data, size_t size, struct form *form)
{
    const char *end = data + size;

    form->count = 0;
    while (data < end) {
        const char *next = memchr(data, '&', (size_t)(end - data));
        const char *stop = next == NULL ? end : next;
        const char *equals = memchr(data, '=', (size_t)(stop - data));
        const char *name_end = equals == NULL ? stop : equals;
        const char *value = equals == NULL ? stop : equals + 1;
        if (stop > data) {
            struct form_field *field = &form->fields[form->count];
            size_t name_size;
            if (form->count == FORM_MAX_FIELDS)
                return -1;
            field->name = decode(arena, data, (size_t)(name_end - data), &name_size);
            field->value = decode(arena, value, (size_t)(stop - value), &field->size);
            field->filename = NULL;
            if (field->name == NULL || field->value == NULL)
                return -1;
            form->count++;
        }
        data = next == NULL ? end : next + 1;
    }
    return 0;
}

char *
form_boundary(struct arena *arena, const char *content_type)
{
    const char *p = strcasestr(content_type, "boundary=");

    if (strncasecmp(content_type, "multipart/form-data", 19) != 0 || p == NULL)
        return NULL;
    p += 9;
    bool quoted = *p == '"';
    p += quoted;
    size_t n = strcspn(p, quoted ? "\"" : "; \t");
    return n == 0 || n > 70 ? NULL : text_copy_n(arena, p, n); /* RFC 2046 allows 70 */
}

/* The value of name="..." or filename="..." in a Content-Disposition line; NULL when it is not there. */
static const char *
disposition(struct arena *arena, const char *line, const char *parameter)
{
    size_t size = strlen(parameter), out_size;

    for (const char *p = line; (p = strchr(p, ';')) != NULL;) {
        p += 1 + strspn(p + 1, " \t");
        if (strncmp(p, parameter, size) != 0 || p[size] != '=' || p[size + 1] != '"')
            continue;
        const char *start = p + size + 2, *end = strchr(start, '"');
        if (end == NULL)
            return NULL;
        return as_text(text_copy_n(arena, start, (size_t)(end - start)), (size_t)(end - start),
                       &out_size);
    }
    return NULL;
}

/* One part, from behind its boundary line to before the next: headers, blank line, content. 0 or -1. */
static int
parse_part(struct arena *arena, const char *data, size_t size, struct form *form)
{
    const char *blank = memmem(data, size, "\r\n\r\n", 4);

    if (blank == NULL || form->count == FORM_MAX_FIELDS)
        return -1;
    const char *head = text_copy_n(arena, data, (size_t)(blank - data));
    const char *line = strcasestr(head, "Content-Disposition:");
    if (line == NULL)
        return -1;
    line = text_copy_n(arena, line, strcspn(line, "\r\n"));
    struct form_field *field = &form->fields[form->count];
    field->name = disposition(arena, line, "name");
    field->filename = disposition(arena, line, "filename");
    field->size = size - (size_t)(blank + 4 - data);
    char *content = text_copy_n(arena, blank + 4, field->size);
    field->value =
        field->filename == NULL ? as_text(content, field->size, &field->size) : content;
    if (field->name == NULL || field->value == NULL)
        return -1;
    form->count++;
    return 0;
}

int
form_parse_multipart(struct arena *arena, const char *boundary, const char *data, size_t size,
                     struct form *form)
{
    const char *mark = text_format(arena, "\r\n--%s", boundary);
    size_t mark_size = strlen(mark);
    const char *end = data + size;

    form->count = 0;
    /* The first boundary has no line break before it. */
    if (size < mark_size - 2 || memcmp(data, mark + 2, mark_size - 2) != 0)
        return -1;
    const char *p = data + mark_size - 2;
    for (;;) {
        if (end - p >= 2 && memcmp(p, "--", 2) == 0)
            return 0;
        if (end - p < 2 || memcmp(p, "\r\n", 2) != 0)
            return -1;
        p += 2;
        const char *next = memmem(p, (size_t)(end - p), mark, mark_size);
        if (next == NULL || parse_part(arena, p, (size_t)(next - p), form) != 0)
            return -1;
        p = next + mark_size;
    }
}

const char *
form_value(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (form->fields[i].filename == NULL && strcmp(form->fields[i].name, name) == 0)
            return form->fields[i].value;
    return NULL;
}

const struct form_field *
form_file(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (form->fields[i].filename != NULL && strcmp(form->fields[i].name, name) == 0)
            return &form->fields[i];
    return NULL;
}

void
form_add(struct form *form, const char *name, const char *value)
{
    assert(form->count < FORM_MAX_FIELDS);
    form->fields[form->count++] =
        (struct form_field){.name = name, .value = value, .size = strlen(value)};
}

static void
encode(struct buf *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
            strchr("*-._", *p) != NULL)
            buf_add_char(out, (char)*p);
        else if (*p == ' ')
            buf_add_char(out, '+');
        else {
            char escaped[3] = {'%', hex[*p >> 4], hex[*p & 15]};
            buf_add(out, escaped, sizeof escaped);
        }
    }
}

char *
form_encode(struct arena *arena, const struct form *form)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < form->count; i++) {
        if (form->fields[i].filename != NULL)
            continue;
        if (out.size > 0)
            buf_add_char(&out, '&');
        encode(&out, form->fields[i].name);
        buf_add_char(&out, '=');
        encode(&out, form->fields[i].value);
    }
    return out.data;
}
