/* progress.h - a bar on the operator's terminal; nothing at all when standard error is none. */
#ifndef HERSYS_MAIN_PROGRESS_H
#define HERSYS_MAIN_PROGRESS_H

#include <stddef.h>

/* Draws the bar; with done = whole it is taken away, so that what follows stands alone. `context` is not used. */
void progress_show(size_t done, size_t whole, void *context);

#endif
