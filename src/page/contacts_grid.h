/*
 * contacts_grid.h - the table of all contacts (接触者) of a case, between what reads and saves it (contacts_grid.c) and what shows
 * it (contacts_grid_show.c).
 */
#ifndef HERSYS_PAGE_CONTACTS_GRID_H
#define HERSYS_PAGE_CONTACTS_GRID_H

#include "core/contacts.h"
#include "exchange/contact_sheet.h"
#include "page/page.h"

enum {
    GRID_FRESH_ROWS = 10, /* empty ones at the end */
    GRID_MOST_ROWS = 2 * CONTACTS_PAGE + GRID_FRESH_ROWS
};

struct grid_row {
    struct tab_entry entry;        /* as it is typed */
    struct document old;           /* as it is stored; empty for a new row */
    const char *seen;              /* digest of the cells when the row was shown */
    bool touched;                  /* the cells are not what was shown */
    bool clashing;                 /* somebody else changed it since; `old` is theirs */
    const char *message;           /* about the whole row */
    const char *obstacle;          /* why the row as a whole cannot be saved; NULL: it can */
    struct problems problems;
};

struct grid {
    struct record record;
    const struct record_tab *tab;
    bool may_edit;
    struct observation_rules rules;
    size_t column_count;
    int columns[CONTACT_SHEET_COLUMNS];
    size_t count;
    struct grid_row rows[GRID_MOST_ROWS];
    int next;                      /* number behind which the next page begins; 0: there is none */
    const char *problem, *read; /* what stands against saving; what was pasted */
    const char *names, *names_day, *pasted;
    const char *pasted_read;       /* digest of the pasted text that is in the rows already */
};

/* Sends the page with the grid as it is. */
void contacts_grid_send(struct context *c, const struct grid *g);

/* "/patient/…/contacts" */
const char *contacts_grid_path(struct context *c, const struct grid *g);

/* "contact_name-3": the field of an item in row 3. */
const char *contacts_grid_field(struct context *c, const char *name, size_t row);

#endif
