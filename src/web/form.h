/*
 * form.h - the values of a form: application/x-www-form-urlencoded (URL Standard) and multipart/form-data (RFC 7578).
 *
 * Every name and value that gets through is valid UTF-8 without NUL and control characters other than line breaks
 * and tabs; line breaks are LF. Anything else refuses the whole form: a browser never sends it.
 */
#ifndef HERSYS_WEB_FORM_H
#define HERSYS_WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum {
    FORM_MAX_FIELDS = 2000 /* the fullest grid of contacts: 110 rows of 14 items and 3 hidden ones */
};

struct form_field {
    const char *name, *value;
    size_t size;          /* bytes of value; a file may hold NUL */
    const char *filename; /* NULL for a plain field */
};

struct form {
    size_t count;
    struct form_field fields[FORM_MAX_FIELDS];
};

/* Both: 0, or -1 when malformed or too large. */
int form_parse_urlencoded(struct arena *arena, const char *data, size_t size, struct form *form);
int form_parse_multipart(struct arena *arena, const char *boundary, const char *data, size_t size,
                         struct form *form);

/* The boundary in "multipart/form-data; boundary=...", NULL when there is none. */
char *form_boundary(struct arena *arena, const char *content_type);

/* The first value of `name`; NULL when the form has no such field. */
const char *form_value(const struct form *form, const char *name);

/* The uploaded file `name`; NULL when there is none. */
const struct form_field *form_file(const struct form *form, const char *name);

/* Adds a field at the end (values that code puts in place of typed ones). */
void form_add(struct form *form, const char *name, const char *value);

/* The form as application/x-www-form-urlencoded. Files are left out. */
char *form_encode(struct arena *arena, const struct form *form);

#endif
