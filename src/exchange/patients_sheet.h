/* patients_sheet.h - the rows of a file of patients (core/export.h), read some thousand at a time and written as they come. */
#ifndef HERSYS_EXCHANGE_PATIENTS_SHEET_H
#define HERSYS_EXCHANGE_PATIENTS_SHEET_H

#include "core/export.h"
#include "exchange/sheet.h"

/*
 * Writes the headings and a row for each patient of the order, and counts them in *people. Ends early when nobody takes the file
 * any more, or when the database fails: then the result is not DB_OK.
 */
enum db_status patients_sheet_write(struct arena *arena, const struct desk *desk, const struct export_order *order,
                                    struct sheet *sheet, int64_t *people);

#endif
