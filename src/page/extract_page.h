/* extract_page.h - what the screens of 研究用の資料 share: extract_form.c asks for one, extracts.c decides on it and gives it out. */
#ifndef HERSYS_PAGE_EXTRACT_PAGE_H
#define HERSYS_PAGE_EXTRACT_PAGE_H

#include "core/extract.h"
#include "page/page.h"

/* The report on k-匿名性 as it is kept in app.extract. */
struct extract_summary {
    int64_t people, groups, smallest, below, k;
    bool leave_out; /* who is in a small group; otherwise nothing is made while there is one */
    const char *steps; /* name:step:groups:smallest:below of each quasi-identifier made coarser, blank-separated */
};

struct extract_summary extract_summary_of(struct arena *arena, const struct extract *x, int64_t k, bool leave_out);

/* Fills templates/extract_report.html. */
void extract_report_fill(struct context *c, struct view *view, const struct extract_columns *all, const struct extract_summary *summary);

const char *extract_path(struct context *c, const char *id);

/* True for head offices; otherwise answers as if nothing were here. */
bool extract_office(struct context *c, const char *action);

#endif
