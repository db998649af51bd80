/* todo.h - the kinds of things that an office may still have to do with a patient, in words. */
#ifndef HERSYS_CORE_TO_DO_H
#define HERSYS_CORE_TO_DO_H

#include <stddef.h>

#include "dictionary/dictionary.h"

struct todo_kind {
    const char *name;  /* as table todo holds it */
    const char *label; /* on the count */
    const char *lead;  /* on top of the list: what to do */
    const char *path;  /* of the list; NULL: that of all others, /todo/name */
    unsigned kinds;    /* bits of the kinds of organisations that have it */
};

/* The table, in the order of the page of the day. */
extern const struct todo_kind todo_kinds[];
extern const size_t todo_kind_count;

/* NULL when there is none of this name. */
const struct todo_kind *todo_find(const char *name);

#endif
