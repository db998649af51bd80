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

/* The columns of the files out of open_areas. False, and logged, when the prefectures are not all there. */
bool data_columns(const struct rows *rows, struct open_data_area areas[OPEN_DATA_AREAS]);

enum { DATA_DAYS_SHOWN = 60 /* without a choice */ };

/* The period that a page is asked for (from, to); without one, the last `shown` days up to `through`. At most 400 days. */
void data_period(struct context *c, date_day through, date_day shown, date_day *from, date_day *to);

/*
 * The first step of a page: the areas (rows of open_areas), and the last day of the newest edition, by which the second asks. NULL, and
 * answered, when the database failed.
 */
const struct rows *data_areas(struct context *c, date_day *through);

/* What every page of them shows: which edition it is; and false when there is none yet. */
bool data_fill_edition(struct context *c, struct view *view, const struct rows *edition);

/* The choice of the area out of open_areas. */
void data_fill_areas(struct view *view, const struct rows *areas, const char *chosen);

/* Sends the file of the path that is of none of the eleven indicators (data_extra.c), or says that there is none; and lists those. */
void data_extra_send(struct context *c, enum open_data_layout layout);
void data_extra_fill(struct context *c, struct view *view);

#endif
