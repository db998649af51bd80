/* list_view.h - rows of patients for the table that every list shows, and the switch for past information. */
#ifndef HERSYS_PAGE_LIST_VIEW_H
#define HERSYS_PAGE_LIST_VIEW_H

#include "page/page.h"

enum { LIST_PAGE = 50 }; /* rows of a page; statements fetch one more to know of a next page */

#define LIST_LAST "9223372036854775807" /* a patient before the first row of a list that goes backwards */

/* Fills "patients" and the labels of the table out of a statement of worklist.sql; up to a row without a patient. */
void list_view_fill(struct context *c, struct view *view, const struct rows *rows,
                    const char *table_label, const char *time_label, const char *empty_text);

/* The age of row `i` as it is shown, out of the labels age_years and age_band. */
const char *list_view_age(struct arena *arena, const struct rows *rows, size_t i);

/* Sets "next_path" when there are more rows: `path` with the cursor of the last row shown. */
void list_view_next(struct context *c, struct view *view, const struct rows *rows, const char *path);

/* The cursor in the address: time in microseconds and patient; NULL and `first` when there is none. */
void list_view_cursor(struct context *c, const char *first, const char **time, const char **patient);

/* Is past information (過去情報) on for this browser? */
bool list_view_past(struct context *c);

/* Fills the switch; past_until as ISO date. */
void list_view_past_switch(struct context *c, struct view *view, const char *past_until);

#endif
