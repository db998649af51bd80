/*
 * figures_page.h - what the pages of 数値 share: which indicator of which area and days was asked for, and the areas that the office
 * may choose.
 */
#ifndef HERSYS_PAGE_FIGURES_PAGE_H
#define HERSYS_PAGE_FIGURES_PAGE_H

#include "base/date.h"
#include "core/figures.h"
#include "page/page.h"

enum { FIGURES_MOST_DAYS = 400 /* of a page */ };

/* Behind the address of a list: those of the seven days up to its day, which ② shows beside the day's. */
#define FIGURES_OF_SEVEN_DAYS "&days=7"

/* Out of the query. */
struct figures_question {
    int64_t number; /* of the indicator, 0 when none was chosen */
    const struct figure_indicator *indicator; /* NULL then */
    const char *area;                         /* its key */
    const char *from_typed, *to_typed;
    date_day from, to;
    bool as_file;        /* the table is wanted as CSV (figures_file.c) */
    const char *problem; /* with the days, "" when there is none; from and to are then as if nothing had been typed */
};

struct figures_question figures_ask(struct context *c);

/* The area of an office itself: the key by which app.figure_reach has it. */
const char *figures_own_area(struct context *c);

/* Adds the statement of the areas, for the office and the area that it looks at. */
unsigned figures_add_areas(struct db_batch *batch, struct context *c, const char *area);

/* An area as those rows have it; false when the office may not see it. */
struct figures_area {
    const char *name, *code; /* by which `hersys population load` knows it */
    const char *people; /* by date, for figure_people_on */
    bool within;    /* the office works there, and may see more than the totals of a day */
};
bool figures_find_area(const struct rows *areas, const char *key, struct figures_area *area);

/* Fills "people": since when ② is reckoned with how many people, and who counted them. `people`: rows of figures_people; NULL: none. */
void figures_fill_people(struct view *view, const struct rows *people);

/* Fills the choice of the area: "area_groups" with "areas" in each. */
void figures_fill_areas(struct view *view, const struct rows *areas, const char *chosen);

/* The address of what stands behind a figure of the table that was asked for; `cell` NULL: of all. */
const char *figures_list_path(struct context *c, const struct figures_question *q, const char *series, date_day day,
                              const char *cell);

/*
 * The same behind a week of 早期の兆し that begins on `first`: all who were new (`cell` NULL), those of an age of both sexes (series "new",
 * cell "30"), or who were infected at a 場所区分 (series "place", cell "medical"). And what such a cell is called: "年代：30代".
 */
const char *figures_week_path(struct arena *arena, const char *area, const char *series, date_day first, const char *cell);
const char *figures_part_label(struct arena *arena, const char *series, const char *cell);

/*
 * figures_file.c: the table of the page that `view` is for, as CSV, for whoever may see that page; the file stands in the trail. And
 * the address of it, "" where there is nothing to take away.
 */
void figures_file_send(struct context *c, const struct figures_question *q, const struct figures_area *area, const struct view *view);
void figures_difference_file_send(struct context *c, const struct figures_question *q, const struct figures_area *area, const struct view *view);
void figures_file_fill(struct context *c, struct view *view, const struct figures_question *q, const struct figures_area *area);
/* The same behind a count of 公表との差 for `from` to `to`: of `day`, or, DATE_NONE, the sum of the days that the area has published. */
const char *figures_published_path(struct arena *arena, const char *area, const char *series, date_day day, date_day from, date_day to);

/* Whom a number counts, on the one page for all numbers; with its entry in the trail. */
struct figures_listed {
    const char *title, *order; /* order: "届出の新しい順です。" */
    const char *definition;    /* how the number is counted; "": that is plain */
    const char *table_label, *time_label;
    const char *own_path, *back_path, *back_label;
    const struct rows *rows; /* with a cursor, as list_view.h wants them */
    int64_t count, unseen;   /* how many the number counts, and how many of them the office may not see */
    int looked_at;           /* of how many at most the latter was found out; 0: of all */
};
void figures_send_list(struct context *c, const struct figures_listed *list);

/* Numbers that the module of their page counts: of a cross table (cross.c), of a table for the press (press.c). */
void cross_list(struct context *c);
void press_list(struct context *c);

#endif
