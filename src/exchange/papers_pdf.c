/* papers_pdf.c - see papers_pdf.h. The addressee stands where the window of an envelope (長形3号) shows it. */
#include "exchange/papers_pdf.h"

#include "base/text.h"
#include "exchange/pdf.h"

enum { LEFT = 22, WIDTH = 166, BOTTOM = 262, TOP = 24, MOST_ROWS = 40 }; /* mm, but the last */

static const struct pdf_style prose_style = {.size = 11, .serif = true, .leading = 1.3};
static const struct pdf_style addressee_style = {.size = 13, .serif = true, .shrink = true};
static const struct pdf_style sender_style = {
    .size = 10.5, .serif = true, .leading = 1.15, .shrink = true, .across = PDF_RIGHT};
static const struct pdf_style heading_style = {.size = 17, .serif = true, .bold = true, .across = PDF_CENTRE};
static const struct pdf_style centre_style = {.size = 11, .serif = true, .across = PDF_CENTRE};
static const struct pdf_style right_style = {.size = 11, .serif = true, .across = PDF_RIGHT};
static const struct pdf_style mark_style = {.size = 11, .bold = true};
static const struct pdf_style foot_style = {.size = 9, .serif = true, .leading = 1.15, .across = PDF_CENTRE};

static const struct pdf_style *const line_styles[] = {
    [PAPERS_LINE_words] = &prose_style,
    [PAPERS_LINE_centre] = &centre_style,
    [PAPERS_LINE_right] = &right_style,
};

/* Number, day and sender on the right, the addressee and the mark of a reprint on the left, the heading. */
static void
draw_head(struct pdf *pdf, struct arena *arena, const struct papers_sheet *sheet)
{
    pdf_text(pdf, (struct pdf_box){LEFT, 14, 80, 6}, mark_style, sheet->reprinted);
    pdf_text(pdf, (struct pdf_box){110, 18, LEFT + WIDTH - 110, 14}, sender_style,
             text_format(arena, "第%s号\n%s", sheet->number, sheet->issued_on));
    if (sheet->addressee[0] != '\0')
        pdf_text(pdf, (struct pdf_box){LEFT, 34, 100, 16}, addressee_style,
                 text_format(arena, "%s　様", sheet->addressee));
    pdf_text(pdf, (struct pdf_box){110, 46, LEFT + WIDTH - 110, 10}, sender_style, sheet->office);
    pdf_text(pdf, (struct pdf_box){LEFT, 66, WIDTH, 10}, heading_style, sheet->title);
}

/* Who issued it, and how to reach it: below a rule. */
static void
draw_foot(struct pdf *pdf, struct arena *arena, const struct papers_sheet *sheet)
{
    pdf_line(pdf, LEFT, BOTTOM + 6, LEFT + WIDTH, BOTTOM + 6, 0.2);
    pdf_text(pdf, (struct pdf_box){LEFT, BOTTOM + 8, WIDTH, 14}, foot_style,
             text_format(arena, "%s%s%s%s%s\n第%s号　%s", sheet->office,
                         sheet->office_address[0] == '\0' ? "" : "　", sheet->office_address,
                         sheet->office_phone[0] == '\0' ? "" : "　電話 ", sheet->office_phone,
                         sheet->number, sheet->issued_on));
}

/* A further page when the next stretch does not fit on this one; returns where it begins. */
static double
make_room(struct pdf *pdf, struct arena *arena, const struct papers_sheet *sheet, double y,
          double height)
{
    if (y + height <= BOTTOM)
        return y;
    pdf_page(pdf);
    draw_foot(pdf, arena, sheet);
    return TOP;
}

/* The rows of a table that stand one below the other; how many there are in *taken. */
static double
draw_rows(struct pdf *pdf, struct arena *arena, const struct papers_sheet *sheet, double y,
          const struct papers_line *lines, size_t count, size_t *taken)
{
    enum { ROW_HEIGHT = 9 }; /* of one line; for deciding on a page */
    struct pdf_row rows[MOST_ROWS];
    size_t n = 0;

    while (n < count && n < MOST_ROWS && lines[n].kind == PAPERS_LINE_row) {
        rows[n] = (struct pdf_row){lines[n].label, lines[n].text};
        n++;
    }
    *taken = n;
    y = make_room(pdf, arena, sheet, y, (double)(n * ROW_HEIGHT < BOTTOM - TOP ? n * ROW_HEIGHT : 0));
    return pdf_rows(pdf, LEFT, y + 1, WIDTH, n, rows) + 3;
}

static void
draw_sheet(struct pdf *pdf, struct arena *arena, const struct papers_sheet *sheet)
{
    struct papers_lines lines = papers_fill(arena, sheet->body, NULL);
    double y = 86;

    pdf_page(pdf);
    draw_head(pdf, arena, sheet);
    draw_foot(pdf, arena, sheet);
    for (size_t i = 0; i < lines.count;) {
        const struct papers_line *line = &lines.list[i];
        size_t taken = 1;
        if (line->kind == PAPERS_LINE_row) {
            y = draw_rows(pdf, arena, sheet, y, line, lines.count - i, &taken);
        } else {
            const char *text = line->text[0] == '\0' ? " " : line->text;
            const struct pdf_style *style = line_styles[line->kind];
            y = make_room(pdf, arena, sheet, y, pdf_text_height(pdf, WIDTH, *style, text));
            y += pdf_text(pdf, (struct pdf_box){LEFT, y, WIDTH, 0}, *style, text) + 1;
        }
        i += taken;
    }
}

struct buf
papers_pdf_write(struct arena *arena, const struct papers_kind *kind, const char *created,
                 size_t count, const struct papers_sheet *sheets)
{
    struct pdf *pdf = pdf_new(arena, kind->label, created);

    for (size_t i = 0; i < count; i++)
        draw_sheet(pdf, arena, &sheets[i]);
    return pdf_finish(pdf);
}
