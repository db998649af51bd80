/* xlsx.c - see xlsx.h. */
#include "exchange/xlsx.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"

enum { COLUMN_WIDTH = 16, PIECE = 64 * 1024 };

struct xlsx {
    struct arena *arena;
    FILE *file; /* without a name; goes when it is closed */
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *heading, *date;
    lxw_row_t row;
    lxw_col_t column;
    const char **headings;
    size_t heading_count, heading_room;
    bool past_headings;
};

static void
release(void *object)
{
    struct xlsx *xlsx = object;

    if (xlsx->book != NULL)
        workbook_close(xlsx->book); /* was never finished: into the nameless file, which goes */
    fclose(xlsx->file);
}

static void
begin_sheet(struct xlsx *xlsx)
{
    xlsx->sheet = workbook_add_worksheet(xlsx->book, NULL);
    xlsx->row = 0;
    xlsx->column = 0;
    worksheet_freeze_panes(xlsx->sheet, 1, 0);
}

static void
widen(struct xlsx *xlsx)
{
    if (xlsx->heading_count > 0)
        worksheet_set_column(xlsx->sheet, 0, (lxw_col_t)(xlsx->heading_count - 1), COLUMN_WIDTH, NULL);
}

struct xlsx *
xlsx_new(struct arena *arena, const char *title)
{
    struct xlsx *xlsx = ARENA_NEW(arena, struct xlsx);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    lxw_doc_properties properties = {.title = (char *)(uintptr_t)title};

    xlsx->arena = arena;
    xlsx->file = tmpfile();
    if (xlsx->file == NULL) {
        log_error("workbook_not_made", "reason", "no temporary file", NULL);
        return NULL;
    }
    /* The library opens its file by name: this is the name of one that has none. */
    xlsx->book = workbook_new_opt(text_format(arena, "/proc/self/fd/%d", fileno(xlsx->file)), &options);
    arena_defer(arena, release, xlsx);
    workbook_set_properties(xlsx->book, &properties);
    xlsx->heading = workbook_add_format(xlsx->book);
    format_set_bold(xlsx->heading);
    xlsx->date = workbook_add_format(xlsx->book);
    format_set_num_format(xlsx->date, "yyyy/m/d");
    begin_sheet(xlsx);
    return xlsx;
}

/* ---- cells --------------------------------------------------------------------------------------------------------- */

/* May a text not go into a cell as it is? */
static bool
is_awkward(const char *text)
{
    return strlen(text) > XLSX_TEXT || strstr(text, "\xef\xbf") != NULL || strstr(text, "_x") != NULL;
}

/* XML has no U+FFFE and U+FFFF, Excel takes _x0041_ for the character of that number, and a cell has no more than XLSX_TEXT. */
static const char *
fitting(struct arena *arena, const char *text)
{
    struct buf out = buf_new(arena);
    size_t characters = 0;

    for (size_t n = 1; *text != '\0'; text += n, n = 1) {
        while ((text[n] & 0xC0) == 0x80)
            n++;
        characters += n == 4 ? 2 : 1; /* Excel counts in UTF-16 */
        if (characters > XLSX_TEXT)
            break;
        if (text_starts(text, "_x") && strspn(text + 2, "0123456789ABCDEFabcdef") >= 4 && text[6] == '_')
            buf_add_text(&out, "_x005F_");
        else if (text_starts(text, "\xef\xbf") && (unsigned char)text[2] >= 0xBE)
            buf_add_text(&out, "\xef\xbf\xbd");
        else
            buf_add(&out, text, n);
    }
    return buf_text(&out);
}

void
xlsx_text(struct xlsx *xlsx, const char *text)
{
    if (!xlsx->past_headings) {
        xlsx->headings = arena_grown(xlsx->arena, xlsx->headings, xlsx->heading_count, &xlsx->heading_room, sizeof *xlsx->headings);
        xlsx->headings[xlsx->heading_count++] = text_copy(xlsx->arena, text);
    }
    if (!text_empty(text)) {
        struct arena *brief = is_awkward(text) ? arena_new() : NULL;
        worksheet_write_string(xlsx->sheet, xlsx->row, xlsx->column, brief == NULL ? text : fitting(brief, text),
                               xlsx->past_headings ? NULL : xlsx->heading);
        arena_free(brief);
    }
    xlsx->column++;
}

void
xlsx_number(struct xlsx *xlsx, double number)
{
    worksheet_write_number(xlsx->sheet, xlsx->row, xlsx->column++, number, NULL);
}

void
xlsx_date(struct xlsx *xlsx, date_day day)
{
    struct date_parts parts = date_parts(day);
    lxw_datetime moment = {.year = parts.year, .month = parts.month, .day = parts.day};

    worksheet_write_datetime(xlsx->sheet, xlsx->row, xlsx->column++, &moment, xlsx->date);
}

void
xlsx_end_row(struct xlsx *xlsx)
{
    if (!xlsx->past_headings)
        widen(xlsx);
    xlsx->past_headings = true;
    xlsx->column = 0;
    if (++xlsx->row < XLSX_ROWS)
        return;
    begin_sheet(xlsx);
    widen(xlsx);
    for (size_t i = 0; i < xlsx->heading_count; i++)
        if (!text_empty(xlsx->headings[i]))
            worksheet_write_string(xlsx->sheet, 0, (lxw_col_t)i, xlsx->headings[i], xlsx->heading);
    xlsx->row = 1;
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

bool
xlsx_finish(struct xlsx *xlsx, bool (*write)(void *context, const void *data, size_t size), void *context)
{
    char piece[PIECE];
    lxw_error error = workbook_close(xlsx->book);
    ssize_t size;

    xlsx->book = NULL;
    if (error != LXW_NO_ERROR) {
        log_error("workbook_not_made", "reason", lxw_strerror(error), NULL);
        return false;
    }
    for (off_t at = 0; (size = pread(fileno(xlsx->file), piece, sizeof piece, at)) > 0; at += size)
        if (!write(context, piece, (size_t)size))
            return false;
    return size == 0;
}
