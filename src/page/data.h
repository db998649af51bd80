/* data.h - what the public pages and the public files (オープンデータ) share. */
#ifndef HERSYS_PAGE_DATA_H
#define HERSYS_PAGE_DATA_H

#include "exchange/open_data.h"
#include "page/page.h"

/*
 * A batch that sees one edition, also when another is released meanwhile; its first statement, *edition, is the newest (rows of
 * open_edition; none: nothing has been published).
 */
struct db_batch *data_batch(struct context *c, unsigned *edition);

/* The last day of an edition; today where there is none. */
date_day data_through(const struct rows *edition);

/* The people of an area by date (figure_people_on), out of open_areas; NULL: not known. */
const char *data_people(const struct rows *areas, const char *code);

/* The indicator whose published rows an indicator is made of: of 2, which is reckoned when it is asked for, 1; of all others their own. */
int64_t data_source(int64_t indicator);

/* What row `i` of open_area says: a number; "" where it is per people and those are not known; NULL where it is hidden. */
const char *data_value(struct context *c, const struct figure_indicator *indicator, const struct rows *rows, size_t i, const char *people);

/*
 * Says that the answer is of this edition, so that browser and nginx
 * may keep it a minute and ask again by its ETag. Returns the edition's number.
 */
const char *data_begin(struct context *c, const struct rows *edition);

#endif
