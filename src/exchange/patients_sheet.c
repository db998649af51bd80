/* patients_sheet.c - see patients_sheet.h. */
#include "exchange/patients_sheet.h"

static void (*const writers[])(struct sheet *sheet, const char *text) = {
    [EXPORT_TEXT] = sheet_text, [EXPORT_NUMBER] = sheet_number, [EXPORT_DATE] = sheet_date};

enum db_status
patients_sheet_write(struct arena *arena, const struct desk *desk, const struct export_order *order, struct sheet *sheet, int64_t *people)
{
    struct export_reader *reader = export_reader_new(arena, desk, order);
    enum db_status status = DB_OK;
    struct export_rows *rows;

    for (size_t k = 0; k < order->columns.count; k++)
        sheet_text(sheet, order->columns.list[k].label);
    sheet_end_row(sheet);
    *people = 0;
    while (!sheet_refused(sheet) && (rows = export_next(reader, &status)) != NULL) {
        for (size_t i = 0; i < export_count(rows); i++) {
            for (size_t k = 0; k < order->columns.count; k++) {
                const struct export_column *column = &order->columns.list[k];
                writers[column->type](sheet, export_cell(rows, i, column));
            }
            sheet_end_row(sheet);
        }
        *people += (int64_t)export_count(rows);
    }
    export_stop(reader);
    return status;
}
