/* sheet.c - see sheet.h. */
#include "exchange/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "exchange/xlsx.h"

enum { PIECE = 64 * 1024 };

const struct sheet_kind sheet_kinds[SHEET_FORMATS] = {
    [SHEET_CSV] = {"csv", "CSV（UTF-8）", "csv", "text/csv; charset=utf-8"},
    [SHEET_CP932] = {"cp932", "CSV（Shift_JIS）", "csv", "text/csv; charset=Shift_JIS"},
    [SHEET_XLSX] = {"xlsx", "Excel（xlsx）", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
};

int
sheet_format_find(const char *code)
{
    for (int i = 0; i < SHEET_FORMATS; i++)
        if (text_same(sheet_kinds[i].code, code))
            return i;
    return -1;
}

struct sheet {
    enum sheet_format format;
    sheet_write write;
    void *context;
    struct xlsx *xlsx;
    struct arena *brief; /* of what has not been handed over */
    struct buf rows;
    bool in_row, refused;
    size_t replaced;
};

static void
release(void *object)
{
    arena_free(((struct sheet *)object)->brief);
}

bool
sheet_keep(void *context, const void *data, size_t size)
{
    buf_add(context, data, size);
    return true;
}

struct sheet *
sheet_new(struct arena *arena, enum sheet_format format, const char *title, sheet_write write, void *context)
{
    struct sheet *sheet = ARENA_NEW(arena, struct sheet);

    *sheet = (struct sheet){.format = format, .write = write, .context = context, .brief = arena_new()};
    arena_defer(arena, release, sheet);
    sheet->rows = buf_new(sheet->brief);
    if (format == SHEET_XLSX)
        sheet->xlsx = xlsx_new(arena, title);
    else if (format == SHEET_CSV)
        buf_add_text(&sheet->rows, CSV_BYTE_ORDER_MARK);
    return format == SHEET_XLSX && sheet->xlsx == NULL ? NULL : sheet;
}

/* Hands over what is ready. */
static void
hand_over(struct sheet *sheet)
{
    struct buf cp932 = buf_new(sheet->brief), *ready = &sheet->rows;

    if (sheet->format == SHEET_CP932) {
        sheet->replaced += csv_add_cp932(&cp932, buf_text(ready));
        ready = &cp932;
    }
    if (!sheet->refused && ready->size > 0)
        sheet->refused = !sheet->write(sheet->context, ready->data, ready->size);
    arena_reset(sheet->brief);
    sheet->rows = buf_new(sheet->brief);
}

void
sheet_text(struct sheet *sheet, const char *text)
{
    if (sheet->xlsx != NULL)
        xlsx_text(sheet->xlsx, text);
    else
        csv_add_cell(&sheet->rows, text == NULL ? "" : text, !sheet->in_row);
    sheet->in_row = true;
}

void
sheet_number(struct sheet *sheet, const char *digits)
{
    int64_t number;

    if (sheet->xlsx != NULL && text_to_int(digits == NULL ? "" : digits, -(INT64_C(1) << 53), INT64_C(1) << 53, &number) == 0)
        xlsx_number(sheet->xlsx, (double)number);
    else
        sheet_text(sheet, digits);
}

void
sheet_date(struct sheet *sheet, const char *iso)
{
    date_day day = date_from_iso(iso);

    if (day == DATE_NONE)
        sheet_text(sheet, iso);
    else if (sheet->xlsx != NULL && date_parts(day).year > 1900) /* where the days of a workbook begin */
        xlsx_date(sheet->xlsx, day);
    else
        sheet_text(sheet, date_slashed(sheet->brief, day));
}

void
sheet_end_row(struct sheet *sheet)
{
    sheet->in_row = false;
    if (sheet->xlsx != NULL)
        xlsx_end_row(sheet->xlsx);
    else
        csv_end_row(&sheet->rows);
    if (sheet->rows.size > PIECE || arena_used(sheet->brief) > 8 * PIECE)
        hand_over(sheet);
}

size_t
sheet_replaced(const struct sheet *sheet)
{
    if (sheet->format != SHEET_CP932)
        return 0;
    struct buf rest = buf_new(sheet->brief);
    return sheet->replaced + csv_add_cp932(&rest, buf_text(&sheet->rows));
}

bool
sheet_refused(const struct sheet *sheet)
{
    return sheet->refused;
}

bool
sheet_finish(struct sheet *sheet)
{
    hand_over(sheet);
    return sheet->xlsx != NULL && !sheet->refused ? xlsx_finish(sheet->xlsx, sheet->write, sheet->context) : !sheet->refused;
}
