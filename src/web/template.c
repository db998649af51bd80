/* template.c - walks compiled templates; see template.h. */
#include "web/template.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "template_table.h"

enum entry_kind { ENTRY_TEXT, ENTRY_FLAG, ENTRY_LIST };

struct entry {
    struct entry *next;
    const char *name;
    enum entry_kind kind;
    bool flag;
    const char *text;
    struct view *first, *last; /* rows */
};

struct view {
    struct arena *arena;
    const struct view *outer;
    struct view *next; /* in the list that it is a row of */
    struct entry *entries;
};

struct view *
view_new(struct arena *arena)
{
    struct view *view = ARENA_NEW(arena, struct view);

    view->arena = arena;
    return view;
}

static struct entry *
entry_here(const struct view *view, const char *name)
{
    for (struct entry *e = view->entries; e != NULL; e = e->next)
        if (strcmp(e->name, name) == 0)
            return e;
    return NULL;
}

static const struct entry *
entry_find(const struct view *view, const char *name)
{
    for (; view != NULL; view = view->outer) {
        const struct entry *e = entry_here(view, name);
        if (e != NULL)
            return e;
    }
    return NULL;
}

static struct entry *
entry_set(struct view *view, const char *name, enum entry_kind kind)
{
    struct entry *e = entry_here(view, name);

    if (e == NULL) {
        e = ARENA_NEW(view->arena, struct entry);
        e->name = name;
        e->next = view->entries;
        view->entries = e;
    }
    e->kind = kind;
    return e;
}

void
view_text(struct view *view, const char *name, const char *text)
{
    entry_set(view, name, ENTRY_TEXT)->text = text == NULL ? "" : text;
}

void
view_int(struct view *view, const char *name, int64_t value)
{
    view_text(view, name, text_format(view->arena, "%lld", (long long)value));
}

void
view_flag(struct view *view, const char *name, bool value)
{
    entry_set(view, name, ENTRY_FLAG)->flag = value;
}

void
view_format(struct view *view, const char *name, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert(size >= 0 && (size_t)size < sizeof text);
    view_text(view, name, text_copy(view->arena, text));
}

void
view_list(struct view *view, const char *name)
{
    entry_set(view, name, ENTRY_LIST);
}

struct view *
view_row(struct view *view, const char *name)
{
    struct entry *list = entry_set(view, name, ENTRY_LIST);
    struct view *row = view_new(view->arena);

    row->outer = view;
    if (list->first == NULL)
        list->first = row;
    else
        list->last->next = row;
    list->last = row;
    return row;
}

static bool
is_true(const struct entry *e)
{
    if (e == NULL)
        return false;
    switch (e->kind) {
    case ENTRY_TEXT:
        return e->text[0] != '\0';
    case ENTRY_FLAG:
        return e->flag;
    case ENTRY_LIST:
        return e->first != NULL;
    }
    return false;
}

const struct view *
view_first(const struct view *view, const char *name)
{
    const struct entry *e = entry_here(view, name);

    return e != NULL && e->kind == ENTRY_LIST ? e->first : NULL;
}

const struct view *
view_next(const struct view *row)
{
    return row->next;
}

const char *
view_get(const struct view *view, const char *name)
{
    const struct entry *e = entry_here(view, name);

    return e != NULL && e->kind == ENTRY_TEXT ? e->text : "";
}

bool
view_is(const struct view *view, const char *name)
{
    return is_true(entry_here(view, name));
}

static void
render_value(struct buf *out, const char *name, const struct entry *e)
{
    if (e == NULL || e->kind != ENTRY_TEXT) {
        fprintf(stderr, "template value missing: %s\n", name);
        assert(e != NULL && e->kind == ENTRY_TEXT);
        return;
    }
    if (text_ends(name, "_path"))
        assert(e->text[0] == '/' && e->text[1] != '/');
    buf_add_html(out, e->text);
}

static void render_ops(struct buf *out, const struct template_op *ops, unsigned count,
                       const struct view *view);

static void
render_section(struct buf *out, const struct template_op *op, const struct view *view)
{
    const struct entry *e = entry_find(view, op->text);

    if (!is_true(e))
        return;
    if (e->kind != ENTRY_LIST) {
        render_ops(out, op + 1, op->length, view);
        return;
    }
    for (const struct view *row = e->first; row != NULL; row = row->next)
        render_ops(out, op + 1, op->length, row);
}

static void
render_ops(struct buf *out, const struct template_op *ops, unsigned count, const struct view *view)
{
    for (unsigned i = 0; i < count; i++) {
        const struct template_op *op = &ops[i];
        switch (op->kind) {
        case TEMPLATE_TEXT:
            buf_add(out, op->text, op->length);
            break;
        case TEMPLATE_VALUE:
            render_value(out, op->text, entry_find(view, op->text));
            break;
        case TEMPLATE_SECTION:
            render_section(out, op, view);
            i += op->length;
            break;
        case TEMPLATE_INVERTED:
            if (!is_true(entry_find(view, op->text)))
                render_ops(out, op + 1, op->length, view);
            i += op->length;
            break;
        case TEMPLATE_PARTIAL:
            template_render(out, &template_table[op->length], view);
            break;
        }
    }
}

void
template_render(struct buf *out, const struct template_code *code, const struct view *view)
{
    render_ops(out, code->ops, code->count, view);
}
