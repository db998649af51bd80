/* pdf.c - see pdf.h. */
#include "exchange/pdf.h"

#include <assert.h>
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include "base/text.h"

#define POINTS_PER_MM (72.0 / 25.4)
#define SMALLEST_TYPE 5.0 /* points; below that nobody reads it */
#define SHRINK_STEP   0.25

struct pdf {
    struct arena *arena;
    struct buf out;
    cairo_surface_t *surface;
    cairo_t *cairo;
    PangoLayout *layout; /* one for all texts */
    bool page_open;
};

/* ---- the document -------------------------------------------------------------------------------------------------- */

static cairo_status_t
take_bytes(void *closure, const unsigned char *data, unsigned size)
{
    buf_add(closure, data, size);
    return CAIRO_STATUS_SUCCESS;
}

static void
release(void *object)
{
    struct pdf *pdf = object;

    g_object_unref(pdf->layout);
    cairo_destroy(pdf->cairo);
    cairo_surface_destroy(pdf->surface);
}

/* Type that is set alike on every machine: no hinting, one unit of pango is one point. */
static PangoLayout *
layout_new(cairo_t *cairo)
{
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    PangoContext *context = pango_layout_get_context(layout);
    cairo_font_options_t *options = cairo_font_options_create();

    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(context, 72);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_language(context, pango_language_from_string("ja"));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    return layout;
}

struct pdf *
pdf_new(struct arena *arena, const char *title, const char *created)
{
    struct pdf *pdf = ARENA_NEW(arena, struct pdf);

    pdf->arena = arena;
    pdf->out = buf_new(arena);
    pdf->surface = cairo_pdf_surface_create_for_stream(take_bytes, &pdf->out, PDF_WIDTH * POINTS_PER_MM,
                                                       PDF_HEIGHT * POINTS_PER_MM);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATE_DATE, created);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATOR, "HER-SYS");
    pdf->cairo = cairo_create(pdf->surface);
    pdf->layout = layout_new(pdf->cairo);
    arena_defer(arena, release, pdf);
    return pdf;
}

void
pdf_page(struct pdf *pdf)
{
    if (pdf->page_open)
        cairo_show_page(pdf->cairo);
    pdf->page_open = true;
    /* From here on a millimetre is a unit. */
    cairo_identity_matrix(pdf->cairo);
    cairo_scale(pdf->cairo, POINTS_PER_MM, POINTS_PER_MM);
    cairo_set_source_rgb(pdf->cairo, 0, 0, 0);
}

struct buf
pdf_finish(struct pdf *pdf)
{
    assert(pdf->page_open);
    cairo_show_page(pdf->cairo);
    cairo_surface_finish(pdf->surface);
    assert(cairo_surface_status(pdf->surface) == CAIRO_STATUS_SUCCESS);
    return pdf->out;
}

/* ---- text ---------------------------------------------------------------------------------------------------------- */

static void
set_font(struct pdf *pdf, struct pdf_style style, double size)
{
    PangoFontDescription *font = pango_font_description_new();

    pango_font_description_set_family_static(font, style.serif ? "Noto Serif CJK JP"
                                                               : "Noto Sans CJK JP");
    pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_size(font, (int)(size * PANGO_SCALE));
    pango_layout_set_font_description(pdf->layout, font);
    pango_font_description_free(font);
    pango_layout_set_line_spacing(pdf->layout, style.leading == 0 ? 1.0F : (float)style.leading);
}

/* What the layout takes, in mm. */
static void
measure(struct pdf *pdf, double *width, double *height)
{
    int w, h;

    pango_layout_get_size(pdf->layout, &w, &h);
    *width = w / (double)PANGO_SCALE / POINTS_PER_MM;
    *height = h / (double)PANGO_SCALE / POINTS_PER_MM;
}

static void
lay_out(struct pdf *pdf, struct pdf_box box, struct pdf_style style, const char *text)
{
    static const PangoAlignment alignments[] = {
        [PDF_LEFT] = PANGO_ALIGN_LEFT, [PDF_CENTRE] = PANGO_ALIGN_CENTER, [PDF_RIGHT] = PANGO_ALIGN_RIGHT};
    double size = style.size, width, height;

    pango_layout_set_alignment(pdf->layout, alignments[style.across]);
    pango_layout_set_width(pdf->layout, (int)(box.width * POINTS_PER_MM * PANGO_SCALE));
    pango_layout_set_text(pdf->layout, text == NULL ? "" : text, -1);
    for (;; size -= SHRINK_STEP) {
        set_font(pdf, style, size);
        measure(pdf, &width, &height);
        bool fits = width <= box.width && (box.height == 0 || height <= box.height);
        if (!style.shrink || fits || size - SHRINK_STEP < SMALLEST_TYPE)
            return;
    }
}

double
pdf_text(struct pdf *pdf, struct pdf_box box, struct pdf_style style, const char *text)
{
    double width, height;

    assert(pdf->page_open);
    lay_out(pdf, box, style, text);
    measure(pdf, &width, &height);
    double spare = box.height - height;
    double down = style.down == PDF_MIDDLE ? spare / 2 : style.down == PDF_BOTTOM ? spare : 0;
    cairo_save(pdf->cairo);
    cairo_translate(pdf->cairo, box.x, box.y + down);
    cairo_scale(pdf->cairo, 1 / POINTS_PER_MM, 1 / POINTS_PER_MM);
    pango_cairo_show_layout(pdf->cairo, pdf->layout);
    cairo_restore(pdf->cairo);
    return height;
}

double
pdf_text_width(struct pdf *pdf, struct pdf_style style, const char *text)
{
    double width, height;

    set_font(pdf, style, style.size);
    pango_layout_set_width(pdf->layout, -1);
    pango_layout_set_text(pdf->layout, text == NULL ? "" : text, -1);
    measure(pdf, &width, &height);
    return width;
}

/* ---- shapes -------------------------------------------------------------------------------------------------------- */

static void
stroke(struct pdf *pdf, double thickness)
{
    assert(pdf->page_open);
    cairo_set_line_width(pdf->cairo, thickness);
    cairo_stroke(pdf->cairo);
}

void
pdf_line(struct pdf *pdf, double x1, double y1, double x2, double y2, double thickness)
{
    cairo_move_to(pdf->cairo, x1, y1);
    cairo_line_to(pdf->cairo, x2, y2);
    stroke(pdf, thickness);
}

void
pdf_rectangle(struct pdf *pdf, struct pdf_box box, double thickness)
{
    cairo_rectangle(pdf->cairo, box.x, box.y, box.width, box.height);
    stroke(pdf, thickness);
}

void
pdf_circle(struct pdf *pdf, struct pdf_box box, double thickness)
{
    cairo_save(pdf->cairo);
    cairo_translate(pdf->cairo, box.x + box.width / 2, box.y + box.height / 2);
    cairo_scale(pdf->cairo, box.width / 2, box.height / 2);
    cairo_new_path(pdf->cairo);
    cairo_arc(pdf->cairo, 0, 0, 1, 0, 2 * G_PI);
    cairo_close_path(pdf->cairo);
    cairo_restore(pdf->cairo); /* the pen itself must not be stretched */
    stroke(pdf, thickness);
}

void
pdf_check(struct pdf *pdf, struct pdf_box box, double thickness)
{
    cairo_move_to(pdf->cairo, box.x + 0.10 * box.width, box.y + 0.55 * box.height);
    cairo_line_to(pdf->cairo, box.x + 0.40 * box.width, box.y + 0.88 * box.height);
    cairo_line_to(pdf->cairo, box.x + 0.95 * box.width, box.y + 0.10 * box.height);
    stroke(pdf, thickness);
}
