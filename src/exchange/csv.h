/*
 * csv.h - comma-separated files as Japanese offices write them: UTF-8 or CP932 in, rows out; and cells back.
 *
 * Reading follows RFC 4180 with CRLF or LF. What leaves here may be opened by a spreadsheet, so a cell that would be
 * taken for a formula is written with a ' in front (security.md 5.16), and read back without it.
 */
#ifndef HERSYS_EXCHANGE_CSV_H
#define HERSYS_EXCHANGE_CSV_H

#include <stdbool.h>

#include "base/buf.h"

/* In front of a file, it tells spreadsheets that it is UTF-8. */
#define CSV_BYTE_ORDER_MARK "\xef\xbb\xbf"

enum csv_encoding { CSV_UTF8, CSV_CP932 };

/* The label of an encoding for people. */
const char *csv_encoding_label(enum csv_encoding encoding);

/*
 * The text in UTF-8 without a byte order mark, its encoding found out: UTF-8 when it is well-formed, else CP932 (what
 * Windows calls Shift_JIS). NULL when it is neither, with *line the first line that cannot be read.
 */
const char *csv_decode(struct arena *arena, const char *data, size_t size,
                       enum csv_encoding *encoding, size_t *line);

struct csv_row {
    size_t number; /* 0: the header; 1: the first row of data; empty lines do not count */
    size_t line;   /* of the file, where the row begins; from 1 */
    size_t count;
    const char *const *cells;
};

/*
 * Calls visit for every row; a row's cells live until visit returns. Stops when visit returns false. Returns 0, or the
 * line at which the text is no CSV: a quotation mark in the middle of a cell, or one that is never closed.
 */
size_t csv_read(const char *text, bool (*visit)(const struct csv_row *row, void *context),
                void *context);

/* Appends a cell, quoted where it must be and safe for a spreadsheet; `first` leaves out the comma in front. */
void csv_add_cell(struct buf *out, const char *cell, bool first);

/* Ends a row. */
void csv_end_row(struct buf *out);

/*
 * Appends `text` in CP932, and returns how many characters CP932 does not have: each becomes 〓, but a variation selector, which only
 * chooses a glyph, goes.
 */
size_t csv_add_cp932(struct buf *out, const char *text);

#endif
