/* patients_sheet.c - see patients_sheet.h. */
#include "exchange/patients_sheet.h"

static void (*const writers[])(struct sheet *sheet, const char *text) = {
    [EXPORT_TEXT] = sheet_text, [EXPORT_NUMBER] = sheet_number, [EXPORT_DATE] = sheet_date};

enum db_status
patients_sheet_write(const struct desk *desk, const struct export_order *order, struct sheet *sheet, int64_t *people)
{
    struct arena *brief = arena_new(); /* of one reading */
    enum db_status status = DB_OK;
    struct export_rows *rows;
    int64_t after = 0;
    size_t count = EXPORT_STEP;

    for (size_t k = 0; k < order->columns.count; k++)
        sheet_text(sheet, order->columns.list[k].label);
    sheet_end_row(sheet);
    *people = 0;
    while (count == EXPORT_STEP && !sheet_refused(sheet)) {
        arena_reset(brief);
        rows = export_read(desk, brief, order, after, &status);
        count = rows == NULL ? 0 : export_count(rows);
        for (size_t i = 0; i < count; i++) {
            for (size_t k = 0; k < order->columns.count; k++) {
                const struct export_column *column = &order->columns.list[k];
                writers[column->type](sheet, export_cell(rows, i, column));
            }
            sheet_end_row(sheet);
        }
        *people += (int64_t)count;
        after = count == 0 ? after : export_last(rows);
    }
    arena_free(brief);
    return status;
}
