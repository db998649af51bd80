/* contact_sheet.c - see contact_sheet.h. */
#include "exchange/contact_sheet.h"

#include <string.h>

#include "base/buf.h"
#include "base/jtext.h"
#include "base/text.h"

const int contact_columns[] = {ITEM_contact_name,    ITEM_contact_kana,  ITEM_contact_relation,
                               ITEM_contact_phone,   ITEM_contact_last_on, ITEM_contact_close,
                               ITEM_contact_reached, ITEM_contact_observed_until,
                               ITEM_contact_note};
const size_t contact_column_count = sizeof contact_columns / sizeof *contact_columns;

static const int name_columns[] = {ITEM_contact_name, ITEM_contact_kana};

/* Usual words for a heading. */
static const struct {
    const char *word;
    int item;
} headings[] = {
    {"名前", ITEM_contact_name},
    {"カナ", ITEM_contact_kana},
    {"電話", ITEM_contact_phone},
    {"連絡先", ITEM_contact_phone},
    {"携帯電話", ITEM_contact_phone},
    {"続柄", ITEM_contact_relation},
    {"患者との関係", ITEM_contact_relation},
    {"最終接触", ITEM_contact_last_on},
    {"濃厚接触者", ITEM_contact_close},
    {"連絡状況", ITEM_contact_reached},
    {"連絡", ITEM_contact_reached},
    {"観察終了日", ITEM_contact_observed_until},
    {"メール", ITEM_contact_mail},
};

/* Usual words for a choice. */
static const struct {
    int list;
    const char *word, *code;
} words[] = {
    {LIST_contact_relation, "同居家族", "household"}, {LIST_contact_relation, "同居", "household"},
    {LIST_contact_relation, "別居家族", "family"},    {LIST_contact_relation, "会社", "work"},
    {LIST_contact_relation, "同僚", "work"},          {LIST_contact_relation, "友人", "friend"},
    {LIST_contact_relation, "知人", "friend"},        {LIST_contact_close, "濃厚", "yes"},
    {LIST_contact_close, "○", "yes"},                 {LIST_contact_close, "×", "no"},
    {LIST_contact_reached, "連絡済み", "reached"},    {LIST_contact_reached, "済", "reached"},
    {LIST_contact_reached, "未", "not_yet"},          {LIST_sex, "男性", "male"},
    {LIST_sex, "女性", "female"},
};

/* ---- cells --------------------------------------------------------------------------------------------------------- */

enum { MOST_CELLS = CONTACT_SHEET_COLUMNS * 2 };

struct cells {
    size_t count;
    const char *list[MOST_CELLS]; /* what is beyond is not taken */
    bool beyond; /* something stands there */
};

/* A cell that begins with a quotation mark: up to the one that closes it, "" inside being one; or to the end of the text. */
static const char *
quoted_cell(struct buf *out, const char *at)
{
    for (at++; *at != '\0'; at++) {
        if (*at == '"' && at[1] != '"')
            return at + 1;
        if (*at == '"')
            at++;
        buf_add_char(out, *at);
    }
    return at;
}

/* Reads one row from `at`; returns where the next one begins. */
static const char *
read_cells(struct arena *arena, const char *at, char separator, struct cells *cells)
{
    cells->count = 0;
    cells->beyond = false;
    for (;;) {
        struct buf cell = buf_new(arena);
        if (*at == '"')
            at = quoted_cell(&cell, at);
        size_t rest = strcspn(at, separator == '\t' ? "\t\r\n" : ",\r\n");
        buf_add(&cell, at, rest);
        at += rest;
        const char *text = text_trim(arena, buf_text(&cell));
        if (cells->count < MOST_CELLS)
            cells->list[cells->count++] = text;
        else
            cells->beyond = cells->beyond || text[0] != '\0';
        if (*at != separator)
            break;
        at++;
    }
    at += *at == '\r';
    return at + (*at == '\n');
}

static bool
is_blank(const struct cells *cells)
{
    for (size_t i = 0; i < cells->count; i++)
        if (cells->list[i][0] != '\0')
            return false;
    return true;
}

/* ---- headings ------------------------------------------------------------------------------------------------------ */

static bool
same_word(struct arena *arena, const char *a, const char *b)
{
    return strcmp(jtext_search_key(arena, a), jtext_search_key(arena, b)) == 0;
}

/* The item that a heading names; -1. Several choices of one cell are for the form of a single contact. */
static int
item_of_heading(struct arena *arena, const char *word)
{
    for (int i = 0; i < ITEM_COUNT; i++)
        if (dictionary_items[i].table == TABLE_entry && dictionary_items[i].tab == TAB_contact &&
            dictionary_items[i].type != TYPE_choices &&
            same_word(arena, word, dictionary_items[i].label))
            return i;
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        if (same_word(arena, word, headings[i].word))
            return headings[i].item;
    return -1;
}

static bool
has_column(const struct contact_sheet *sheet, int item)
{
    for (size_t i = 0; i < sheet->column_count; i++)
        if (sheet->columns[i] == item)
            return true;
    return false;
}

/* Where each cell of a row goes: an item, or -1. */
struct layout {
    int items[MOST_CELLS];
    bool named[MOST_CELLS];    /* columns with a heading, or an item of the grid */
    bool lost[MOST_CELLS + 1]; /* others in which something stood; the last: all that are beyond */
};

/* Takes the row for one of headings if it is; otherwise leaves the sheet as it was and returns false. */
static bool
read_headings(struct arena *arena, const struct cells *cells, struct contact_sheet *sheet,
              struct layout *layout)
{
    struct buf unknown = buf_new(arena);
    size_t given = 0, known = 0;

    for (size_t i = 0; i < cells->count; i++) {
        layout->items[i] = cells->list[i][0] == '\0' ? -1 : item_of_heading(arena, cells->list[i]);
        given += cells->list[i][0] != '\0';
        known += layout->items[i] >= 0;
    }
    if (known == 0 || known * 2 < given)
        return false;
    sheet->column_count = 0;
    for (size_t i = 0; i < cells->count; i++) {
        int item = layout->items[i];
        if (item >= 0 && !has_column(sheet, item) && sheet->column_count < CONTACT_SHEET_COLUMNS) {
            sheet->columns[sheet->column_count++] = item;
            continue;
        }
        layout->items[i] = -1;
        if (cells->list[i][0] != '\0')
            buf_printf(&unknown, "%s%s", unknown.size == 0 ? "" : "、", cells->list[i]);
    }
    for (size_t i = cells->count; i < MOST_CELLS; i++)
        layout->items[i] = -1;
    for (size_t i = 0; i < MOST_CELLS; i++)
        layout->named[i] = i < cells->count && cells->list[i][0] != '\0';
    sheet->unknown = buf_text(&unknown);
    return true;
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

/* The code that a cell means; the cell itself when it is none. */
static const char *
code_of(struct arena *arena, int list, const char *cell)
{
    for (int i = 0; i < dictionary_lists[list].count; i++)
        if (same_word(arena, cell, dictionary_lists[list].choices[i].label))
            return dictionary_lists[list].choices[i].code;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].list == list && strcmp(words[i].word, cell) == 0)
            return words[i].code;
    return cell;
}

static void
read_value(struct arena *arena, struct contact_sheet *sheet, int item, const char *cell)
{
    struct document *doc = &sheet->rows[sheet->count];
    bool choice = dictionary_items[item].type == TYPE_choice && cell[0] != '\0';
    const char *message = NULL;

    if (document_type_in(arena, doc, item,
                         choice ? code_of(arena, dictionary_items[item].list, cell) : cell, &message))
        return;
    if (choice)
        message = text_format(arena, "「%s」は選択肢にありません。選んでください。", cell);
    problems_add(arena, &sheet->problems[sheet->count], item, PROBLEM_UNREADABLE, message);
}

static void
read_row(struct arena *arena, struct contact_sheet *sheet, struct layout *layout,
         const struct cells *cells)
{
    if (sheet->count == CONTACT_SHEET_ROWS) {
        sheet->left_out++;
        return;
    }
    for (size_t i = 0; i < cells->count; i++)
        if (layout->items[i] >= 0)
            read_value(arena, sheet, layout->items[i], cells->list[i]);
        else
            layout->lost[i] = layout->lost[i] || (!layout->named[i] && cells->list[i][0] != '\0');
    layout->lost[MOST_CELLS] = layout->lost[MOST_CELLS] || cells->beyond;
    sheet->count++;
}

/* Columns without a heading, of which something was not taken, by their number. */
static void
add_lost(struct arena *arena, struct contact_sheet *sheet, const struct layout *layout)
{
    struct buf unknown = buf_new(arena);

    buf_add_text(&unknown, sheet->unknown);
    for (size_t i = 0; i <= MOST_CELLS; i++)
        if (layout->lost[i])
            buf_printf(&unknown, "%s%zu列目%s", unknown.size == 0 ? "" : "、", i + 1,
                       i == MOST_CELLS ? "から後" : "");
    sheet->unknown = buf_text(&unknown);
}

static void
read_rows(struct arena *arena, const char *text, char separator, bool may_have_headings,
          struct contact_sheet *sheet)
{
    struct layout layout = {0};
    struct cells cells;
    bool first = may_have_headings;

    for (size_t i = 0; i < MOST_CELLS; i++) {
        layout.named[i] = i < sheet->column_count;
        layout.items[i] = layout.named[i] ? sheet->columns[i] : -1;
    }
    struct layout plain = layout;
    while (*text != '\0') {
        text = read_cells(arena, text, separator, &cells);
        if (is_blank(&cells))
            continue;
        if (first && read_headings(arena, &cells, sheet, &layout)) {
            first = false;
            continue;
        }
        if (first)
            layout = plain;
        first = false;
        read_row(arena, sheet, &layout, &cells);
    }
    add_lost(arena, sheet, &layout);
}

static void
begin(struct contact_sheet *sheet, const int *columns, size_t count)
{
    memset(sheet, 0, sizeof *sheet);
    sheet->unknown = "";
    sheet->column_count = count;
    memcpy(sheet->columns, columns, count * sizeof *columns);
}

void
contact_sheet_read(struct arena *arena, const char *text, struct contact_sheet *sheet)
{
    begin(sheet, contact_columns, contact_column_count);
    read_rows(arena, text, strchr(text, '\t') != NULL ? '\t' : ',', true, sheet);
}

void
contact_sheet_names(struct arena *arena, const char *text, struct contact_sheet *sheet)
{
    begin(sheet, name_columns, sizeof name_columns / sizeof *name_columns);
    read_rows(arena, text, strchr(text, '\t') != NULL ? '\t' : ',', false, sheet);
}
