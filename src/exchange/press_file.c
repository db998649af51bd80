/*
 * press_file.c - see press_file.h. The table is one list of rows of cells, each row of a kind; a sheet writes the cells, the PDF draws
 * them with the widths of their kind.
 */
#include "exchange/press_file.h"

#include "base/text.h"
#include "exchange/pdf.h"

enum { MOST_CELLS = 16 };

enum row_kind { ROW_TITLE, ROW_WORDS, ROW_HEADING, ROW_COLUMNS, ROW_CELLS };

struct row {
    enum row_kind kind;
    bool counts; /* the last of three cells is a number of people */
    size_t count;
    const char *cells[MOST_CELLS];
};

/* Takes the rows one after the other. */
struct taker {
    void (*take)(struct taker *taker, const struct row *row);
};

const char *
press_file_number(struct arena *arena, const struct press *press, int64_t case_no)
{
    return text_format(arena, "%s%lld例目", press->prefix, (long long)case_no);
}

/* ---- the rows ------------------------------------------------------------------------------------------------------ */

static void
put(struct taker *to, enum row_kind kind, const char *first, const char *second, const char *third)
{
    struct row row = {kind, false, third != NULL ? 3 : second != NULL ? 2 : 1, {first, second, third}};

    to->take(to, &row);
}

static void
put_count(struct taker *to, enum row_kind kind, const char *first, const char *second, const char *people)
{
    to->take(to, &(struct row){kind, true, 3, {first, second, people}});
}

static void
put_totals(struct arena *arena, const struct press *press, struct taker *to)
{
    const struct {
        const char *label;
        int64_t count;
    } totals[] = {
        {"新規陽性者数", press->cases},
        {"陽性者数（累計）", press->last_no},
        {"入院治療等を要する者", press->care},
        {"うち重症者", press->severe},
        {"死亡者数（累計）", press->death},
    };
    size_t count;
    const struct press_line *lines = press_lines(arena, press, &count);

    put(to, ROW_HEADING, "概要", NULL, NULL);
    put_count(to, ROW_COLUMNS, "項目", "内訳", "人数");
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
        put_count(to, ROW_CELLS, totals[i].label, "", db_int(arena, totals[i].count));
    put(to, ROW_HEADING, "新規陽性者の内訳", NULL, NULL);
    put_count(to, ROW_COLUMNS, "項目", "内訳", "人数");
    for (size_t i = 0; i < count; i++)
        put_count(to, ROW_CELLS, lines[i].part, lines[i].label, db_int(arena, lines[i].count));
}

static void
put_corrections(struct arena *arena, const struct press *press, struct taker *to)
{
    put(to, ROW_HEADING, "これまでの発表の修正", NULL, NULL);
    if (press->corrected == 0) {
        put(to, ROW_WORDS, "ありません。", NULL, NULL);
        return;
    }
    put(to, ROW_COLUMNS, "番号", "発表日", "修正の内容");
    for (const struct press_correction *one = press->corrections; one < press->corrections + press->corrected; one++)
        put(to, ROW_CELLS, press_file_number(arena, press, one->case_no), date_slashed(arena, one->day), press_correction(arena, one));
}

static void
put_cases(struct arena *arena, const struct press *press, struct taker *to)
{
    struct row row = {.kind = ROW_COLUMNS, .count = 1, .cells = {"番号"}};
    const struct press_item *items[MOST_CELLS];

    for (size_t k = 0; k < PRESS_ITEMS && row.count < MOST_CELLS; k++)
        if (press_items[k].attribute && text_has_word(press->attributes, press_items[k].name)) {
            items[row.count] = &press_items[k];
            row.cells[row.count++] = press_items[k].label;
        }
    if (row.count == 1)
        return; /* the office announces no single cases */
    put(to, ROW_HEADING, "公表用の症例一覧", NULL, NULL);
    to->take(to, &row);
    row.kind = ROW_CELLS;
    for (const struct press_case *one = press->list; one < press->list + press->listed; one++) {
        row.cells[0] = press_file_number(arena, press, one->case_no);
        for (size_t k = 1; k < row.count; k++)
            row.cells[k] = press_case_value(arena, one, items[k]);
        to->take(to, &row);
    }
}

static void
put_all(struct arena *arena, const struct press *press, const char *office, struct taker *to)
{
    put(to, ROW_TITLE, press->title, NULL, NULL);
    put(to, ROW_WORDS, text_format(arena, "%s　%s", date_japanese(arena, press->day), office), NULL, NULL);
    put(to, ROW_WORDS, text_format(arena, "集計の期間：%s から %s まで", press->from, press->until), NULL, NULL);
    put_totals(arena, press, to);
    put_corrections(arena, press, to);
    put_cases(arena, press, to);
}

/* ---- sheets -------------------------------------------------------------------------------------------------------- */

struct to_sheet {
    struct taker taker;
    struct sheet *sheet;
};

static void
take_into_sheet(struct taker *taker, const struct row *row)
{
    struct sheet *sheet = ((struct to_sheet *)taker)->sheet;

    if (row->kind == ROW_HEADING)
        sheet_end_row(sheet); /* a blank row in front */
    for (size_t i = 0; i < row->count; i++)
        sheet_number(sheet, row->cells[i]);
    sheet_end_row(sheet);
}

void
press_file_sheet(struct arena *arena, const struct press *press, const char *office, struct sheet *sheet)
{
    struct to_sheet to = {{take_into_sheet}, sheet};

    put_all(arena, press, office, &to.taker);
}

/* ---- PDF ----------------------------------------------------------------------------------------------------------- */

enum { LEFT = 20, WIDTH = 170, TOP = 20, BOTTOM = 277, PADDING = 1 }; /* mm */

static const struct pdf_style styles[] = {
    [ROW_TITLE] = {.size = 15, .bold = true, .across = PDF_CENTRE, .shrink = true},
    [ROW_WORDS] = {.size = 10},
    [ROW_HEADING] = {.size = 11.5, .bold = true},
    [ROW_COLUMNS] = {.size = 9, .bold = true},
    [ROW_CELLS] = {.size = 9},
};

struct to_pdf {
    struct taker taker;
    struct pdf *pdf;
    double y;
    struct row columns; /* of the table at hand, to be repeated on the next page */
};

/* Where cell `i` of the row begins, as a part of the width; of three the last is narrow for a number and wide for words. */
static double
edge(const struct row *row, size_t i)
{
    static const double of_counts[] = {0, 0.35, 0.85, 1}, of_three[] = {0, 0.25, 0.45, 1};

    return row->counts ? of_counts[i] : row->count == 3 ? of_three[i] : (double)i / (double)row->count;
}

static struct pdf_style
style_of(const struct row *row, size_t i)
{
    struct pdf_style style = styles[row->kind];

    style.across = row->counts && i == 2 ? PDF_RIGHT : style.across;
    return style;
}

static double
height_of(struct pdf *pdf, const struct row *row)
{
    double highest = 0;

    for (size_t i = 0; i < row->count; i++) {
        double width = WIDTH * (edge(row, i + 1) - edge(row, i)) - 2 * PADDING;
        double height = pdf_text_height(pdf, width, style_of(row, i), row->cells[i]);
        highest = height > highest ? height : highest;
    }
    return highest + 2 * PADDING;
}

static void
draw(struct to_pdf *to, const struct row *row, double height)
{
    bool ruled = row->kind == ROW_COLUMNS || row->kind == ROW_CELLS;

    for (size_t i = 0; i < row->count; i++) {
        double x = LEFT + WIDTH * edge(row, i), width = WIDTH * (edge(row, i + 1) - edge(row, i));
        if (ruled)
            pdf_rectangle(to->pdf, (struct pdf_box){x, to->y, width, height}, 0.15);
        pdf_text(to->pdf, (struct pdf_box){x + PADDING, to->y + PADDING, width - 2 * PADDING, 0}, style_of(row, i), row->cells[i]);
    }
    to->y += height;
}

static void
take_into_pdf(struct taker *taker, const struct row *row)
{
    enum { WITH_ROWS = 24 }; /* mm that a heading wants below itself, so that it does not stand alone */
    struct to_pdf *to = (struct to_pdf *)taker;
    double height = height_of(to->pdf, row), wanted = row->kind == ROW_HEADING ? WITH_ROWS : height;

    to->y += row->kind == ROW_HEADING ? 4 : 0;
    if (to->y + wanted > BOTTOM) {
        pdf_page(to->pdf);
        to->y = TOP;
        if (row->kind == ROW_CELLS)
            draw(to, &to->columns, height_of(to->pdf, &to->columns));
    }
    if (row->kind == ROW_COLUMNS)
        to->columns = *row;
    draw(to, row, height);
}

struct buf
press_file_pdf(struct arena *arena, const struct press *press, const char *office)
{
    struct to_pdf to = {{take_into_pdf}, pdf_new(arena, press->title, press->fixed_iso), TOP, {.count = 0}};

    pdf_page(to.pdf);
    put_all(arena, press, office, &to.taker);
    return pdf_finish(to.pdf);
}
