/*
 * template.h - HTML templates (templates/, compiled into const data by tools/compile_templates.c) and the values
 * that fill them.
 *
 * The language is a part of Mustache:
 *     {{name}}             the value, with & < > " ' escaped; there is no unescaped form
 *     {{#name}}...{{/name}}   once for each row of a list, or once when a flag is set or a text is not empty
 *     {{^name}}...{{/name}}   when the list is empty, the flag not set, the text empty
 *     {{>file}}            another template, with the same values
 *     {{! remark }}
 * A value is looked for in the innermost view first, then outwards. A {{name}} that no view holds is a bug and ends
 * the process; a section may ask for a name that is not there. A value in href, src or action has a name that ends
 * in _path and must begin with "/" (checked when compiled and when rendered).
 */
#ifndef HERSYS_WEB_TEMPLATE_H
#define HERSYS_WEB_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum template_op_kind {
    TEMPLATE_TEXT,
    TEMPLATE_VALUE,
    TEMPLATE_SECTION,
    TEMPLATE_INVERTED,
    TEMPLATE_PARTIAL
};

struct template_op {
    enum template_op_kind kind;
    unsigned length;  /* TEXT: bytes. SECTION, INVERTED: operations inside. PARTIAL: index of the template */
    const char *text; /* TEXT: what to write. VALUE, SECTION, INVERTED: the name */
};

struct template_code {
    const char *name;
    unsigned count;
    const struct template_op *ops;
};

/* Values for one template, or for one row of a list in it. */
struct view;

struct view *view_new(struct arena *arena);

/* Sets or replaces. `name` is kept by reference, `text` too; NULL counts as "". */
void view_text(struct view *view, const char *name, const char *text);
void view_int(struct view *view, const char *name, int64_t value);
void view_flag(struct view *view, const char *name, bool value);

/* A text by format. */
void view_format(struct view *view, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a row to the list `name` (made by the first row, or empty by view_list) and returns it to be filled. */
struct view *view_row(struct view *view, const char *name);
void view_list(struct view *view, const char *name);

/*
 * Read back, for a file that says what a page says: the first row of a list (NULL: none) and the one behind a row; a text of a view itself,
 * "" where there is none; whether a section of that name would be shown.
 */
const struct view *view_first(const struct view *view, const char *name);
const struct view *view_next(const struct view *row);
const char *view_get(const struct view *view, const char *name);
bool view_is(const struct view *view, const char *name);

/* Appends the filled template to `out`. */
void template_render(struct buf *out, const struct template_code *code, const struct view *view);

#endif
