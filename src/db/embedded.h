/* embedded.h - files that the executable carries with it, made by tools/embed_text.c. */
#ifndef HERSYS_DB_EMBEDDED_H
#define HERSYS_DB_EMBEDDED_H

struct embedded_text {
    const char *name; /* NULL ends the table */
    const char *text;
};

/* sql/ in order of their numbers. */
extern const struct embedded_text migrations[];

#endif
