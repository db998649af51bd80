/* sending.h - what the screens about mail and SMS share. */
#ifndef HERSYS_PAGE_SENDING_H
#define HERSYS_PAGE_SENDING_H

#include "page/page.h"

/*
 * The end of a press: on to `path` with a notice; or says that somebody was faster (HS409), or refuses and records that `action`
 * was tried by somebody who may not.
 */
void sending_conclude(struct context *c, enum db_status status, const char *action, const char *path,
                      const char *notice);

#endif
