/* press_file.h - a press table (core/press.h) as a file: PDF to hand out, or a table for spreadsheets. Nobody's name or number is in it. */
#ifndef HERSYS_EXCHANGE_PRESS_FILE_H
#define HERSYS_EXCHANGE_PRESS_FILE_H

#include "base/buf.h"
#include "core/press.h"
#include "exchange/sheet.h"

/* "県内12例目": the number under which a case is announced. */
const char *press_file_number(struct arena *arena, const struct press *press, int64_t case_no);

/* The whole table, part below part. `office` publishes it. */
struct buf press_file_pdf(struct arena *arena, const struct press *press, const char *office);

/* The same rows into a sheet, which is not finished. */
void press_file_sheet(struct arena *arena, const struct press *press, const char *office, struct sheet *sheet);

#endif
