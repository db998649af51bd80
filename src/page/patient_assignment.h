/* patient_assignment.h - the tab 担当・関係保健所, which several forms lead back to. */
#ifndef HERSYS_PAGE_PATIENT_ASSIGNMENT_H
#define HERSYS_PAGE_PATIENT_ASSIGNMENT_H

#include "core/record.h"
#include "page/page.h"

/* What a form asked for, when the page is shown again with everything typed. NULL: nothing. */
struct assignment_again {
    const char *problem, *answer_problem, *to, *reason, *answer;
    const char *link; /* what is wrong with the agency to be linked; its fields are read from the request */
};

void patient_assignment_page(struct context *c, const struct record *record, struct assignment_again again);

/* 結び付けた機関: the agencies and emergency views (rows of SQL_grant_list), and the form for another one. */
void patient_grants_fill(struct context *c, struct view *view, const struct record *record,
                         const struct rows *rows, const char *problem);

#endif
