/* paper.c - see paper.h. */
#include "exchange/paper.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define TITLE          "新型コロナウイルス感染症発生届"
#define SEE_OTHER_PAGE "別紙のとおり"

#define MM_PER_POINT (25.4 / 72)
#define PITCH        1.45 /* from line to line, as a multiple of the type's size: leaves room for rings \
                           */
#define SIDE        1.2 /* from a box's edge to its text, mm */
#define LINE        0.2
#define LARGER      1.0 /* what is filled in is that much larger than the form's words, at most */
#define SMALLEST    6.5
#define SHRINK_STEP 0.25

enum { TESTS = 4 };

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* test1_… of a row stands for the first test by the row's method; without such a test there is none
 * (-1). */
static int
item_in_row(const struct paper *paper, const struct paper_box *box, int item)
{
    if (box->method[0] == '\0' || dictionary_items[item].table != TABLE_test_record)
        return item;
    for (int i = 0; i < TESTS; i++)
        if (text_same(paper->doc->value[ITEM_test1_method + i], box->method))
            return item + i;
    return -1;
}

/* As the paper says it: dates in the Japanese era, numbers without the unit that is printed
 * already. */
static const char *
on_paper(struct arena *arena, const struct document *doc, int item)
{
    if (!document_has(doc, item))
        return "";
    if (dictionary_items[item].type == TYPE_int)
        return doc->value[item];
    if (dictionary_items[item].type == TYPE_date)
        return date_japanese(arena, date_from_iso(doc->value[item]));
    return document_shown(arena, doc, item);
}

/* The value as it is stored; "" when there is none, or the reader may not see it. */
static const char *
value_of(const struct paper *paper, const struct paper_box *box, int item)
{
    int mine = item_in_row(paper, box, item);

    if (mine < 0 || !document_has(paper->doc, mine) ||
        !rights_may_view(paper->rights, dictionary_items[mine].class))
        return "";
    return paper->doc->value[mine];
}

static const char *
shown(struct arena *arena, const struct paper *paper, const struct paper_box *box, int item)
{
    return value_of(paper, box, item)[0] == '\0'
               ? ""
               : on_paper(arena, paper->doc, item_in_row(paper, box, item));
}

/* What is printed for filling in by hand. */
static const char *
blank_of(enum item_type type)
{
    switch (type) {
    case TYPE_date:
        return "　　　　年　　月　　日";
    case TYPE_phone:
        return "（　　　）　　　－";
    case TYPE_int:
        return "　　　";
    default:
        return "";
    }
}

/* ---- facts ------------------------------------------------------------------------------------------------------- */

static bool
has_row(const struct paper *paper, const char *method)
{
    for (int i = 0; i < PAPER_BOX_COUNT; i++)
        if ((paper_boxes[i].forms & 1u << paper->form) != 0 &&
            strcmp(paper_boxes[i].method, method) == 0)
            return true;
    return false;
}

static bool
is_first(const struct paper *paper, int test)
{
    for (int i = 0; i < test; i++)
        if (text_same(paper->doc->value[ITEM_test1_method + i],
                      paper->doc->value[ITEM_test1_method + test]))
            return false;
    return true;
}

/* Tests by another method, and further tests by a method whose row is taken. */
static const char *
other_tests(struct arena *arena, const struct paper *paper)
{
    const struct document *doc = paper->doc;
    const int items[] = {ITEM_test1_method, ITEM_test1_specimen, ITEM_test1_specimen_other,
                         ITEM_test1_sampled_on, ITEM_test1_result};
    struct buf out = buf_new(arena);

    for (int test = 0; test < TESTS; test++) {
        if (!document_has(doc, ITEM_test1_method + test) ||
            (has_row(paper, doc->value[ITEM_test1_method + test]) && is_first(paper, test)))
            continue;
        for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
            const char *value = on_paper(arena, doc, items[i] + test);
            if (value[0] != '\0')
                buf_printf(&out, "%s%s", out.size == 0 ? "" : i == 0 ? "\n" : "　", value);
        }
    }
    return buf_text(&out);
}

/* An item that the paper has room for and the reader may not see. */
static bool
withholds(const struct paper *paper)
{
    for (int i = 0; i < PAPER_BOX_COUNT; i++) {
        const struct paper_part *part = paper_boxes[i].parts;
        for (; (paper_boxes[i].forms & 1u << paper->form) != 0 && part->kind != PAPER_end; part++)
            if (part->kind != PAPER_text && part->kind != PAPER_fact &&
                !rights_may_view(paper->rights, dictionary_items[part->item].class))
                return true;
    }
    return false;
}

static const char *
fact(struct arena *arena, const struct paper *paper, int which)
{
    switch ((enum paper_fact)which) {
    case PAPER_FACT_reported:
        return date_japanese(arena, paper->reported);
    case PAPER_FACT_other_tests:
        return rights_may_view(paper->rights, CLASS_clinical) ? other_tests(arena, paper) : "";
    case PAPER_FACT_number:
        return paper->number;
    case PAPER_FACT_printed:
        return paper->printed;
    case PAPER_FACT_withheld:
        return withholds(paper) ? "閲覧権限のない項目は空欄になっています。" : "";
    case PAPER_FACT_COUNT:
        break;
    }
    return "";
}

/* ---- the text of a box ------------------------------------------------------------------------------------------- */

static void
add(struct paper_text *out, int part, const char *text, unsigned marks)
{
    size_t from = out->text.size;

    buf_add_text(&out->text, text);
    if (marks == 0 || text[0] == '\0')
        return;
    assert(out->count < PAPER_STRETCHES);
    out->part[out->count] = part;
    out->stretches[out->count++] = (struct pdf_stretch){from, out->text.size, marks};
}

static void
add_filled(struct paper_text *out, int part, const char *text, const char *blank, uint64_t outside)
{
    bool elsewhere = (outside & UINT64_C(1) << part) != 0;

    add(out, part,
        elsewhere         ? SEE_OTHER_PAGE
        : text[0] == '\0' ? blank
                          : text,
        text[0] == '\0' ? 0 : PDF_FILLED);
}

static void
add_choice(struct paper_text *out, int part, const struct choice *choice, const char *chosen)
{
    add(out, part, choice->label,
        PDF_WHOLE | (text_has_word(chosen, choice->code) ? PDF_RINGED : 0));
}

static void
add_list(struct paper_text *out, int number, const struct paper_part *part, unsigned form,
         const char *chosen)
{
    const struct choice_list *list = &dictionary_lists[dictionary_items[part->item].list];
    bool first = true;

    for (int i = 0; i < list->count; i++) {
        if ((list->choices[i].forms & form) == 0)
            continue;
        add(out, number, first ? "" : part->text, 0);
        add_choice(out, number, &list->choices[i], chosen);
        first = false;
    }
}

/* "18-1" is 18 on the paper; the rest is a heading of its own. */
static void
add_number(struct arena *arena, struct paper_text *out, int number, int item, int form)
{
    const struct place *place = document_place(item, (struct form_view){form, false});

    if (place != NULL)
        add(out, number, text_copy_n(arena, place->number, strcspn(place->number, "-")), 0);
}

struct paper_text
paper_compose(struct arena *arena, const struct paper *paper, const struct paper_box *box,
              uint64_t outside)
{
    struct paper_text out = {.text = buf_new(arena)};

    for (int i = 0; box->parts[i].kind != PAPER_end; i++) {
        const struct paper_part *part = &box->parts[i];
        const char *value = part->kind == PAPER_text || part->kind == PAPER_fact
                                ? ""
                                : value_of(paper, box, part->item);
        switch (part->kind) {
        case PAPER_value:
            add_filled(&out, i, shown(arena, paper, box, part->item),
                       blank_of(dictionary_items[part->item].type), outside);
            break;
        case PAPER_value_where:
            if (text_same(value_of(paper, box, part->other), part->text))
                add_filled(&out, i, shown(arena, paper, box, part->item), "", outside);
            break;
        case PAPER_fact:
            add_filled(&out, i, fact(arena, paper, part->item), "", outside);
            break;
        case PAPER_ring:
            add_choice(&out, i, dictionary_choice(dictionary_items[part->item].list, part->text),
                       value);
            break;
        case PAPER_only:
            if (text_same(value, part->text))
                add_filled(&out, i, dictionary_label(dictionary_items[part->item].list, value), "",
                           0);
            break;
        case PAPER_list:
            add_list(&out, i, part, 1u << paper->form, value);
            break;
        case PAPER_number:
            add_number(arena, &out, i, part->item, paper->form);
            break;
        default:
            add(&out, i, part->text, 0);
        }
    }
    return out;
}

/* ---- the pages --------------------------------------------------------------------------------------------------- */

/* What did not fit into its box: at most every item, and the other tests. */
struct further {
    size_t count;
    struct {
        const char *heading, *text;
    } list[ITEM_COUNT + 1];
};

bool
paper_set(struct pdf *pdf, const struct paper_box *box, const struct paper_text *text)
{
    static const enum pdf_across across[] = {
        [PAPER_left] = PDF_LEFT, [PAPER_centre] = PDF_CENTRE, [PAPER_right] = PDF_RIGHT};
    struct pdf_type type = {.size = box->size,
                            .filled = box->size + LARGER,
                            .smallest = box->size < SMALLEST ? box->size : SMALLEST,
                            .pitch = box->size * MM_PER_POINT * PITCH,
                            .across = across[box->across],
                            .down = box->down == PAPER_middle ? PDF_MIDDLE : PDF_TOP,
                            .bold = box->bold};
    struct pdf_marked marked = {buf_text(&text->text), text->count, text->stretches};

    return pdf_marked_text(
        pdf, (struct pdf_box){box->x + SIDE, box->y, box->width - 2 * SIDE, box->height}, type,
        &marked);
}

/* The longest value that still stands in the box, and is longer than the words that would replace it; -1: none. */
static int
longest(const struct paper_text *text, uint64_t outside)
{
    size_t most = sizeof SEE_OTHER_PAGE - 1;
    int found = -1;

    for (size_t i = 0; i < text->count; i++) {
        size_t size = text->stretches[i].to - text->stretches[i].from;
        if ((text->stretches[i].marks & PDF_FILLED) == 0 || size <= most ||
            (outside & UINT64_C(1) << text->part[i]) != 0)
            continue;
        most = size;
        found = (int)i;
    }
    return found;
}

/* Under which heading a value goes to the further page: the item's number and label. */
static const char *
heading_of(struct arena *arena, const struct paper *paper, const struct paper_part *part)
{
    if (part->kind == PAPER_fact)
        return "検査（つづき）";
    const struct place *place = document_place(part->item, (struct form_view){paper->form, false});
    return text_format(arena, "%s%s%s", place == NULL ? "" : place->number,
                       place == NULL || place->number[0] == '\0' ? "" : "　",
                       dictionary_items[part->item].label);
}

static void
move_out(struct arena *arena, const struct paper *paper, const struct paper_box *box,
         const struct paper_text *text, int stretch, uint64_t *outside, struct further *further)
{
    const struct pdf_stretch *s = &text->stretches[stretch];
    int part = text->part[stretch];

    *outside |= UINT64_C(1) << part;
    further->list[further->count].heading = heading_of(arena, paper, &box->parts[part]);
    further->list[further->count++].text =
        text_copy_n(arena, buf_text(&text->text) + s->from, s->to - s->from);
}

static void
draw_box(struct pdf *pdf, struct arena *arena, const struct paper *paper,
         const struct paper_box *box, struct further *further)
{
    struct paper_box fitting = *box;
    uint64_t outside = 0;
    double bottom = box->y + box->height;

    if (box->line == PAPER_LINE_around)
        pdf_rectangle(pdf, (struct pdf_box){box->x, box->y, box->width, box->height}, LINE);
    if (box->line == PAPER_LINE_below)
        pdf_line(pdf, box->x, bottom, box->x + box->width, bottom, LINE / 2);
    for (;;) {
        struct paper_text text = paper_compose(arena, paper, &fitting, outside);
        int out = longest(&text, outside);
        if (paper_set(pdf, &fitting, &text))
            return;
        if (out >= 0)
            move_out(arena, paper, box, &text, out, &outside, further);
        else
            fitting.size -=
                SHRINK_STEP; /* many short values at once: legible still, and nothing is lost */
    }
}

/* ---- the further page ---- */

enum { LEFT = 20, TOP = 20, WIDTH = 170, BOTTOM = 280 }; /* mm */

static double
further_head(struct pdf *pdf, struct arena *arena, const struct paper *paper)
{
    const struct pdf_style title = {.size = 13, .serif = true, .bold = true, .across = PDF_CENTRE};
    const struct pdf_style number = {.size = 9, .serif = true, .across = PDF_RIGHT};

    pdf_page(pdf);
    pdf_text(pdf, (struct pdf_box){LEFT, TOP, WIDTH, 0}, title, "別紙　" TITLE);
    pdf_text(pdf, (struct pdf_box){LEFT, TOP + 9, WIDTH, 0}, number,
             text_format(arena, "受付番号 %s", paper->number));
    return TOP + 18;
}

/* A paragraph at y, or at the top of another page when this one has no room; returns where it ends.
 */
static double
further_line(struct pdf *pdf, struct arena *arena, const struct paper *paper, double y,
             struct pdf_style style, const char *text)
{
    double height = pdf_text_height(pdf, WIDTH, style, text);

    if (y + height > BOTTOM)
        y = further_head(pdf, arena, paper);
    return y + pdf_text(pdf, (struct pdf_box){LEFT, y, WIDTH, 0}, style, text);
}

static void
draw_further(struct pdf *pdf, struct arena *arena, const struct paper *paper,
             const struct further *further)
{
    const struct pdf_style heading = {.size = 10, .serif = true, .bold = true};
    const struct pdf_style filled = {.size = 10, .leading = 1.1};
    double y = further->count == 0 ? 0 : further_head(pdf, arena, paper);

    for (size_t i = 0; i < further->count; i++) {
        size_t count;
        char **lines = text_split(arena, further->list[i].text, '\n', &count);
        y = further_line(pdf, arena, paper, y, heading, further->list[i].heading) + 1.5;
        for (size_t j = 0; j < count; j++)
            y = further_line(pdf, arena, paper, y, filled, lines[j]);
        y += 5;
    }
}

struct buf
paper_write(struct arena *arena, const struct paper *paper)
{
    struct pdf *pdf = pdf_new(arena, TITLE, paper->printed_iso);
    struct further further = {0};

    pdf_page(pdf);
    for (int i = 0; i < PAPER_BOX_COUNT; i++)
        if ((paper_boxes[i].forms & 1u << paper->form) != 0)
            draw_box(pdf, arena, paper, &paper_boxes[i], &further);
    draw_further(pdf, arena, paper, &further);
    return pdf_finish(pdf);
}
