/*
 * sheet.h - a table to take away, row by row, in the format that somebody chose: CSV in UTF-8 or CP932, or xlsx.
 *
 * What is ready goes to `write` at once, so a table of any length takes the same memory. A spreadsheet never takes a cell for a
 * formula (csv.h, xlsx.h).
 */
#ifndef HERSYS_EXCHANGE_SHEET_H
#define HERSYS_EXCHANGE_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

enum sheet_format { SHEET_CSV, SHEET_CP932, SHEET_XLSX, SHEET_FORMATS };

/* One format: its code in forms and the log, for people, the end of a file's name, and its type on the web. */
struct sheet_kind {
    const char *code, *label, *extension, *content_type;
};
extern const struct sheet_kind sheet_kinds[SHEET_FORMATS];

/* The format with this code; -1 when there is none. */
int sheet_format_find(const char *code);

struct sheet;

/* Takes a piece of the file; false when nobody wants it any more: then nothing further is handed over. */
typedef bool (*sheet_write)(void *context, const void *data, size_t size);

/* Keeps the file in a struct buf, its context. */
bool sheet_keep(void *context, const void *data, size_t size);

/* An empty table, whose first row is to be that of the headings. NULL when no temporary file can be had (logged). */
struct sheet *sheet_new(struct arena *arena, enum sheet_format format, const char *title, sheet_write write, void *context);

/* The next cell: a text (NULL is ""), a whole number in decimal, a date in ISO 8601. What is no number or date is a text. */
void sheet_text(struct sheet *sheet, const char *text);
void sheet_number(struct sheet *sheet, const char *digits);
void sheet_date(struct sheet *sheet, const char *iso);

/* Ends the row. */
void sheet_end_row(struct sheet *sheet);

/* Characters that the format does not have, up to here: each stands as 〓. */
size_t sheet_replaced(const struct sheet *sheet);

/* Has `write` returned false? Then nobody needs further rows. */
bool sheet_refused(const struct sheet *sheet);

/* Ends the table and hands over what is left. False when `write` has returned false, or the disk is full (logged). */
bool sheet_finish(struct sheet *sheet);

#endif
