/* data.h - what the public pages and the public files (オープンデータ) share. */
#ifndef HERSYS_PAGE_DATA_H
#define HERSYS_PAGE_DATA_H

#include "exchange/open_data.h"
#include "page/page.h"

/*
 * Says that the answer is of this edition (rows of open_edition; none: nothing has been published), so that browser and nginx
 * may keep it a minute and ask again by its ETag. Returns the edition's number.
 */
const char *data_begin(struct context *c, const struct rows *edition);

#endif
