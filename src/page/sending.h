/* sending.h - what the screens about mail and SMS share. */
#ifndef HERSYS_PAGE_SENDING_H
#define HERSYS_PAGE_SENDING_H

#include "page/page.h"

/* A batch that begins with the receipt of the posted form; answers and returns NULL when the form has no number. */
struct db_batch *sending_begin(struct context *c);

/*
 * The end of a press: on to `path` with a notice, also when this very form was answered before; or says that somebody was faster (HS409),
 * or refuses and records that `action` was tried by somebody who may not.
 */
void sending_conclude(struct context *c, enum db_status status, const char *action, const char *path,
                      const char *notice);

#endif
