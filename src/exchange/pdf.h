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
#include <stddef.h>

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

/* The height that the text takes when it is wrapped at this width, both in mm; nothing is drawn. */
double pdf_text_height(struct pdf *pdf, double width, struct pdf_style style, const char *text);

struct pdf_row {
    const char *label, *value;
};

/* A ruled table: a label and its value in each row. Returns where it ends. */
double pdf_rows(struct pdf *pdf, double x, double y, double width, size_t count,
                const struct pdf_row rows[]);

/* ---- text of a printed form, with what was written into it ---- */

/* The type of a form: its own words are set in serif, what is filled in stands out in sans. */
struct pdf_type {
    double size;             /* of the form's own words, points: always the same */
    double filled, smallest; /* of what is filled in: as large as it may be, and as small */
    double pitch;            /* from line to line, mm; lines of filled-in text alone shrink with it */
    enum pdf_across across;
    enum pdf_down down;
    bool bold;
};

/* What a stretch of a text is; several may come together. */
enum pdf_mark {
    PDF_FILLED = 1, /* was filled in */
    PDF_WHOLE = 2,  /* not broken across lines */
    PDF_RINGED = 4  /* chosen: a ring around it */
};

struct pdf_stretch {
    size_t from, to; /* bytes of the text */
    unsigned marks;
};

struct pdf_marked {
    const char *text;
    size_t count;
    const struct pdf_stretch *stretches; /* in their order, apart from each other */
};

/*
 * Sets the text into the box with its rings. What is filled in shrinks from type.filled to type.smallest
 * until everything fits; when it does not fit even so, nothing is drawn and the result is false.
 */
bool pdf_marked_text(struct pdf *pdf, struct pdf_box box, struct pdf_type type,
                     const struct pdf_marked *marked);

/* ---- shapes ---- */

/* Black lines, `thickness` in mm. */
void pdf_line(struct pdf *pdf, double x1, double y1, double x2, double y2, double thickness);
void pdf_rectangle(struct pdf *pdf, struct pdf_box box, double thickness);

/* The ring that touches the four sides of the box: a circle when it is square, otherwise with round ends. */
void pdf_ring(struct pdf *pdf, struct pdf_box box, double thickness);

/* Ends the document and returns its bytes. Nothing may be drawn afterwards. */
struct buf pdf_finish(struct pdf *pdf);

#endif
