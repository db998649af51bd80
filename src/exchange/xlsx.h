/*
 * xlsx.h - workbooks of Excel (xlsx) row by row, with libxlsxwriter in its constant-memory mode: a row goes to a temporary file
 * without a name as soon as the next one begins, so a workbook of a million rows needs the memory of one.
 *
 * Cells hold values, never formulas: what a person typed as "=1+1" stays that text. A sheet has 1,048,576 rows; what is more goes
 * to a further sheet that begins with the same headings.
 */
#ifndef HERSYS_EXCHANGE_XLSX_H
#define HERSYS_EXCHANGE_XLSX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/date.h"

enum { XLSX_ROWS = 1048576, XLSX_TEXT = 32767 }; /* of a sheet; characters of a cell */

struct xlsx;

/* An empty workbook; its first row is to be that of the headings. NULL when no temporary file can be had (logged). */
struct xlsx *xlsx_new(struct arena *arena, const char *title);

/* The next cell of the row. A text that is longer than XLSX_TEXT is cut. Nothing is written for NULL and "". */
void xlsx_text(struct xlsx *xlsx, const char *text);
void xlsx_number(struct xlsx *xlsx, double number);
void xlsx_date(struct xlsx *xlsx, date_day day);

/* Ends the row; the first one has been the headings. */
void xlsx_end_row(struct xlsx *xlsx);

/*
 * Ends the workbook and hands its bytes to `write`, piece by piece, until that returns false. False when it did, or when the disk
 * is full (logged).
 */
bool xlsx_finish(struct xlsx *xlsx, bool (*write)(void *context, const void *data, size_t size), void *context);

#endif
