/*
 * contact_sheet.h - 接触者 pasted from a spreadsheet: rows of cells, separated by tabs or commas, with or without a line of
 * headings, into the items of the tab contact. Nothing is refused here: what is not understood keeps its text and gets a
 * message, for a person to look at before anything is saved.
 */
#ifndef HERSYS_EXCHANGE_CONTACT_SHEET_H
#define HERSYS_EXCHANGE_CONTACT_SHEET_H

#include "dictionary/document.h"

enum {
    CONTACT_SHEET_ROWS = 50,   /* taken at once */
    CONTACT_SHEET_COLUMNS = 14 /* items; headings that name none do not count */
};

struct contact_sheet {
    size_t count;     /* rows */
    size_t left_out;  /* further rows, which are not taken */
    struct document rows[CONTACT_SHEET_ROWS];
    struct problems problems[CONTACT_SHEET_ROWS]; /* PROBLEM_UNREADABLE, at their items */
    size_t column_count;
    int columns[CONTACT_SHEET_COLUMNS]; /* items, each once */
    /* columns that were not taken, by their headings or, behind those, by their numbers (10列目), joined by 、; "" for none */
    const char *unknown;
};

/* The columns that a sheet without headings has, in their order: those of the grid. */
extern const int contact_columns[];
extern const size_t contact_column_count;

/*
 * Reads what was pasted. Tabs separate cells where there are any, commas otherwise; a cell in quotation marks may hold both
 * and line breaks. The first row is one of headings when at least half of its cells are labels of items (最終接触日) or
 * usual words for them (電話). A choice is given by its label (該当) or a usual word. The memory is the arena's.
 */
void contact_sheet_read(struct arena *arena, const char *text, struct contact_sheet *sheet);

/* The lines of a text as names (氏名), each with a reading (フリガナ) behind a tab or comma if there is one. */
void contact_sheet_names(struct arena *arena, const char *text, struct contact_sheet *sheet);

#endif
