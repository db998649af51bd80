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

static PangoFontDescription *
font_new(bool serif, bool bold, double size)
{
    PangoFontDescription *font = pango_font_description_new();

    pango_font_description_set_family_static(font, serif ? "Noto Serif CJK JP" : "Noto Sans CJK JP");
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_size(font, (int)(size * PANGO_SCALE));
    return font;
}

static void
set_font(struct pdf *pdf, struct pdf_style style, double size)
{
    PangoFontDescription *font = font_new(style.serif, style.bold, size);

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

static const PangoAlignment alignments[] = {
    [PDF_LEFT] = PANGO_ALIGN_LEFT, [PDF_CENTRE] = PANGO_ALIGN_CENTER, [PDF_RIGHT] = PANGO_ALIGN_RIGHT};

static void
lay_out(struct pdf *pdf, struct pdf_box box, struct pdf_style style, const char *text)
{
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

/* Where a text of this height begins in the box. */
static double
top_of(struct pdf_box box, enum pdf_down down, double height)
{
    double spare = box.height - height;

    return box.y + (down == PDF_MIDDLE ? spare / 2 : down == PDF_BOTTOM ? spare : 0);
}

static void
show(struct pdf *pdf, double x, double y)
{
    assert(pdf->page_open);
    cairo_save(pdf->cairo);
    cairo_translate(pdf->cairo, x, y);
    cairo_scale(pdf->cairo, 1 / POINTS_PER_MM, 1 / POINTS_PER_MM);
    pango_cairo_show_layout(pdf->cairo, pdf->layout);
    cairo_restore(pdf->cairo);
}

double
pdf_text(struct pdf *pdf, struct pdf_box box, struct pdf_style style, const char *text)
{
    double width, height;

    lay_out(pdf, box, style, text);
    measure(pdf, &width, &height);
    show(pdf, box.x, top_of(box, style.down, height));
    return height;
}

double
pdf_text_height(struct pdf *pdf, double width, struct pdf_style style, const char *text)
{
    double taken, height;

    lay_out(pdf, (struct pdf_box){.width = width}, style, text);
    measure(pdf, &taken, &height);
    return height;
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
pdf_ring(struct pdf *pdf, struct pdf_box box, double thickness)
{
    double radius = MIN(box.width, box.height) / 2;
    double left = box.x + radius, right = box.x + box.width - radius;
    double top = box.y + radius, bottom = box.y + box.height - radius;

    cairo_new_path(pdf->cairo);
    cairo_arc(pdf->cairo, left, top, radius, G_PI, 1.5 * G_PI);
    cairo_arc(pdf->cairo, right, top, radius, 1.5 * G_PI, 2 * G_PI);
    cairo_arc(pdf->cairo, right, bottom, radius, 0, 0.5 * G_PI);
    cairo_arc(pdf->cairo, left, bottom, radius, 0.5 * G_PI, G_PI);
    cairo_close_path(pdf->cairo);
    stroke(pdf, thickness);
}

/* ---- a table ------------------------------------------------------------------------------------------------------- */

double
pdf_rows(struct pdf *pdf, double x, double y, double width, size_t count, const struct pdf_row rows[])
{
    enum { HEIGHT = 11, LABELS = 46, SIDE = 3 };
    const struct pdf_style label = {.size = 10, .down = PDF_MIDDLE, .shrink = true};
    const struct pdf_style value = {.size = 12.5, .bold = true, .down = PDF_MIDDLE, .shrink = true};
    double bottom = y + (double)count * HEIGHT;

    for (size_t i = 0; i < count; i++) {
        double top = y + (double)i * HEIGHT;
        if (i > 0)
            pdf_line(pdf, x, top, x + width, top, 0.15);
        pdf_text(pdf, (struct pdf_box){x + SIDE, top, LABELS - SIDE - 1, HEIGHT}, label, rows[i].label);
        pdf_text(pdf, (struct pdf_box){x + LABELS + SIDE, top, width - LABELS - 2 * SIDE, HEIGHT}, value,
                 rows[i].value);
    }
    pdf_line(pdf, x + LABELS, y, x + LABELS, bottom, 0.15);
    pdf_rectangle(pdf, (struct pdf_box){x, y, width, bottom - y}, 0.35);
    return bottom;
}

/* ---- text of a printed form ---------------------------------------------------------------------------------------- */

#define RING_THICKNESS 0.25

/* A character's square around its baseline, in em, and how far a ring stays away from it. */
#define EM_ABOVE 0.88
#define EM_BELOW 0.12
#define RING_BESIDE 0.16
#define RING_ABOVE  0.13

static void
add_attribute(PangoAttrList *list, PangoAttribute *attribute, struct pdf_stretch stretch)
{
    attribute->start_index = (guint)stretch.from;
    attribute->end_index = (guint)stretch.to;
    pango_attr_list_change(list, attribute);
}

/* Fonts, heights of lines and unbroken words of a text whose filled-in parts have this size. */
static PangoAttrList *
attributes_new(struct pdf_type type, const struct pdf_marked *marked, double size)
{
    PangoAttrList *list = pango_attr_list_new();
    PangoFontDescription *form = font_new(true, type.bold, type.size);
    PangoFontDescription *filled = font_new(false, false, size);
    double pitch = type.pitch * POINTS_PER_MM * PANGO_SCALE;

    pango_attr_list_insert(list, pango_attr_font_desc_new(form));
    pango_attr_list_insert(list, pango_attr_line_height_new_absolute((int)pitch));
    for (size_t i = 0; i < marked->count; i++) {
        struct pdf_stretch stretch = marked->stretches[i];
        if ((stretch.marks & PDF_FILLED) != 0) {
            int height = (int)(pitch * size / type.filled);
            add_attribute(list, pango_attr_font_desc_new(filled), stretch);
            add_attribute(list, pango_attr_line_height_new_absolute(height), stretch);
        }
        if ((stretch.marks & PDF_WHOLE) != 0)
            add_attribute(list, pango_attr_allow_breaks_new(FALSE), stretch);
    }
    pango_font_description_free(form);
    pango_font_description_free(filled);
    return list;
}

/* Lays the text out as large as it fits; false when it does not even at the smallest size. */
static bool
lay_out_marked(struct pdf *pdf, struct pdf_box box, struct pdf_type type,
               const struct pdf_marked *marked)
{
    double width, height;

    pango_layout_set_alignment(pdf->layout, alignments[type.across]);
    pango_layout_set_width(pdf->layout, (int)(box.width * POINTS_PER_MM * PANGO_SCALE));
    pango_layout_set_line_spacing(pdf->layout, 0);
    pango_layout_set_text(pdf->layout, marked->text, -1);
    for (double size = type.filled; size >= type.smallest; size -= SHRINK_STEP) {
        PangoAttrList *list = attributes_new(type, marked, size);
        pango_layout_set_attributes(pdf->layout, list);
        pango_attr_list_unref(list);
        measure(pdf, &width, &height);
        if (width <= box.width && height <= box.height)
            return true;
    }
    return false;
}

/* The baseline of line `number`, in mm below the top of the layout. */
static double
baseline_of(struct pdf *pdf, int number)
{
    PangoLayoutIter *at = pango_layout_get_iter(pdf->layout);

    while (number-- > 0)
        pango_layout_iter_next_line(at);
    int baseline = pango_layout_iter_get_baseline(at);
    pango_layout_iter_free(at);
    return baseline / (double)PANGO_SCALE / POINTS_PER_MM;
}

/* The characters of an unbroken stretch from side to side, one em high, in mm from the top left of the layout. */
static struct pdf_box
place_of(struct pdf *pdf, struct pdf_type type, const char *text, struct pdf_stretch stretch)
{
    const double em = type.size / POINTS_PER_MM, unit = PANGO_SCALE * POINTS_PER_MM;
    PangoRectangle first, last;
    int line, x;

    size_t end = (size_t)(g_utf8_prev_char(text + stretch.to) - text);
    pango_layout_index_to_pos(pdf->layout, (int)stretch.from, &first);
    pango_layout_index_to_pos(pdf->layout, (int)end, &last);
    pango_layout_index_to_line_x(pdf->layout, (int)stretch.from, FALSE, &line, &x);
    return (struct pdf_box){first.x / unit, baseline_of(pdf, line) - EM_ABOVE * em,
                            (last.x + last.width - first.x) / unit, (EM_ABOVE + EM_BELOW) * em};
}

static void
draw_ring(struct pdf *pdf, struct pdf_box word)
{
    double beside = RING_BESIDE * word.height, above = RING_ABOVE * word.height;

    pdf_ring(pdf,
             (struct pdf_box){word.x - beside, word.y - above, word.width + 2 * beside,
                              word.height + 2 * above},
             RING_THICKNESS);
}

bool
pdf_marked_text(struct pdf *pdf, struct pdf_box box, struct pdf_type type,
                const struct pdf_marked *marked)
{
    double width, height;
    bool fits = lay_out_marked(pdf, box, type, marked);

    measure(pdf, &width, &height);
    double top = top_of(box, type.down, height);
    if (fits)
        show(pdf, box.x, top);
    for (size_t i = 0; fits && i < marked->count; i++) {
        if ((marked->stretches[i].marks & PDF_RINGED) == 0)
            continue;
        struct pdf_box word = place_of(pdf, type, marked->text, marked->stretches[i]);
        word.x += box.x;
        word.y += top;
        draw_ring(pdf, word);
    }
    pango_layout_set_attributes(pdf->layout, NULL);
    return fits;
}
