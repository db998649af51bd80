/*
 * pdf.h - A4 pages drawn with cairo and pango, for letters and for the paper forms.
 *
 * Positions are in millimetres from the top left corner of the page, sizes of type in points. The fonts are Noto Sans
 * CJK JP and Noto Serif CJK JP. The same calls give the same bytes: the only date in the file is the caller's.
 * Everything belongs to the arena.
 */
#ifndef HERSYS_EXCHANGE_PDF_H
#define HERSYS_EXCHANGE_PDF_H

#include <stdbool.h>

#include "base/buf.h"

#define PDF_WIDTH  210.0 /* A4, mm */
#define PDF_HEIGHT 297.0

struct pdf;

struct pdf_box {
    double x, y, width, height; /* height 0: as high as it comes */
};

enum pdf_across { PDF_LEFT, PDF_CENTRE, PDF_RIGHT };
enum pdf_down { PDF_TOP, PDF_MIDDLE, PDF_BOTTOM };

struct pdf_style {
    double size; /* points */
    enum pdf_across across;
    enum pdf_down down;
    bool serif, bold;
    bool shrink; /* smaller type, down to 5 points, until the text fits into the box */
    double leading; /* distance of lines as a multiple of the font's own; 0 is 1 */
};

/* An empty document. `created` is its date in ISO 8601 ("2021-05-13T10:00:00+09:00"). */
struct pdf *pdf_new(struct arena *arena, const char *title, const char *created);

/* Ends the page, if there is one, and begins the next: needed before anything is drawn. */
void pdf_page(struct pdf *pdf);

/*
 * Sets `text` (NULL is ""; "\n" breaks a line) into the box, wrapped at its width by the Japanese rules. Returns the
 * height that it takes, in mm. What does not fit stands out of the box at its bottom, unless the style shrinks it.
 */
double pdf_text(struct pdf *pdf, struct pdf_box box, struct pdf_style style, const char *text);

/* The width of `text` on one line, in mm: for choices that stand side by side. */
double pdf_text_width(struct pdf *pdf, struct pdf_style style, const char *text);

/* Black lines, `thickness` in mm. */
void pdf_line(struct pdf *pdf, double x1, double y1, double x2, double y2, double thickness);
void pdf_rectangle(struct pdf *pdf, struct pdf_box box, double thickness);

/* The circle, or ellipse, that touches the four sides of the box: a circled choice. */
void pdf_circle(struct pdf *pdf, struct pdf_box box, double thickness);

/* A check mark within the box. */
void pdf_check(struct pdf *pdf, struct pdf_box box, double thickness);

/* Ends the document and returns its bytes. Nothing may be drawn afterwards. */
struct buf pdf_finish(struct pdf *pdf);

#endif
