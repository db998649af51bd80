/* test_paper.c - the printed notification: what is chosen is ringed, nothing is lost, and
 * everything fits in every version. */
#include "unit.h"

#include <string.h>

#include "base/text.h"
#include "exchange/paper.h"

static struct paper
paper_of(int form, const struct document *doc)
{
    return (struct paper){.form = form,
                          .doc = doc,
                          .rights = {~0u, ~0u},
                          .number = "12345-67890-1-02",
                          .reported = date_from_iso("2021-05-13"),
                          .printed = "2021/5/14 10:00　さくら内科クリニックが印刷",
                          .printed_iso = "2021-05-14T10:00:00+09:00"};
}

/* The texts of all boxes of the version that carry the mark, each in brackets. */
static const char *
marked(struct arena *arena, const struct paper *paper, unsigned mark)
{
    struct buf all = buf_new(arena);

    for (int i = 0; i < PAPER_BOX_COUNT; i++) {
        if ((paper_boxes[i].forms & 1u << paper->form) == 0)
            continue;
        struct paper_text text = paper_compose(arena, paper, &paper_boxes[i], 0);
        for (size_t j = 0; j < text.count; j++) {
            struct pdf_stretch s = text.stretches[j];
            if ((s.marks & mark) != 0)
                buf_printf(&all, "[%.*s]", (int)(s.to - s.from), buf_text(&text.text) + s.from);
        }
    }
    return buf_text(&all);
}

static size_t
page_count(const struct buf *pdf)
{
    static const char mark[] = "/Type /Page ";
    size_t count = 0;

    for (size_t i = 0; i + sizeof mark <= pdf->size; i++)
        count += memcmp(pdf->data + i, mark, sizeof mark - 1) == 0;
    return count;
}

static bool
on_paper(int form, int item)
{
    for (int i = 0; i < PAPER_BOX_COUNT; i++)
        for (const struct paper_part *p = paper_boxes[i].parts;
             (paper_boxes[i].forms & 1u << form) != 0 && p->kind != PAPER_end; p++)
            if (p->kind != PAPER_text && p->kind != PAPER_fact && p->kind != PAPER_number &&
                p->item == item)
                return true;
    return false;
}

/* Not on the paper: kept for the offices, sealed, or said by another item. */
static bool
off_paper(int form, int item)
{
    static const int always[] = {ITEM_doctor_checked, ITEM_nationality, ITEM_passport_number};
    const struct item *i = &dictionary_items[item];

    for (size_t k = 0; k < sizeof always / sizeof *always; k++)
        if (item == always[k])
            return true;
    if (form == FORM_2020_05 && (item == ITEM_family_kana || item == ITEM_given_kana))
        return true;
    return (i->table == TABLE_test_record && (i->repeat > 1 || item == ITEM_test1_method)) ||
           (form >= FORM_2022_06 && item == ITEM_entry_date);
}

static void
every_item_of_a_version_is_on_its_paper(void **state)
{
    (void)state;
    for (int form = 0; form < FORM_COUNT; form++)
        for (int item = 0; item < ITEM_COUNT; item++) {
            bool asked = document_place(item, (struct form_view){form, false}) != NULL;
            if (asked && !on_paper(form, item) && !off_paper(form, item))
                fail_msg("%s has no place on the paper of %s", dictionary_items[item].name,
                         dictionary_forms[form].version);
        }
}

static void
every_number_is_known(void **state)
{
    (void)state;
    for (int form = 0; form < FORM_COUNT; form++)
        for (int i = 0; i < PAPER_BOX_COUNT; i++)
            for (const struct paper_part *p = paper_boxes[i].parts;
                 (paper_boxes[i].forms & 1u << form) != 0 && p->kind != PAPER_end; p++) {
                if (p->kind != PAPER_number)
                    continue;
                const struct place *place =
                    document_place(p->item, (struct form_view){form, false});
                assert_non_null(place);
                assert_true(place->number[0] != '\0');
            }
}

static void
every_choice_is_ringed_or_printed(void **state)
{
    for (int form = 0; form < FORM_COUNT; form++)
        for (int item = 0; item < ITEM_COUNT; item++) {
            int list = dictionary_items[item].list;
            if (list < 0 || !on_paper(form, item) ||
                dictionary_items[item].table == TABLE_test_record)
                continue;
            for (int i = 0; i < dictionary_lists[list].count; i++) {
                const struct choice *choice = &dictionary_lists[list].choices[i];
                struct document doc = {0};
                if ((choice->forms & 1u << form) == 0)
                    continue;
                doc.value[item] = choice->code;
                struct paper paper = paper_of(form, &doc);
                const char *wanted = text_format(*state, "[%s]", choice->label);
                if (strstr(marked(*state, &paper, PDF_RINGED | PDF_FILLED), wanted) == NULL)
                    fail_msg("%s=%s vanishes from %s", dictionary_items[item].name, choice->code,
                             dictionary_forms[form].version);
            }
        }
}

static void
nothing_is_ringed_that_was_not_chosen(void **state)
{
    struct document doc = {0};

    for (int form = 0; form < FORM_COUNT; form++) {
        struct paper paper = paper_of(form, &doc);
        assert_string_equal(marked(*state, &paper, PDF_RINGED), "");
        struct buf pdf = paper_write(*state, &paper);
        assert_int_equal(page_count(&pdf), 1);
    }
    doc.value[ITEM_category] = "suspected";
    doc.value[ITEM_symptoms] = "fever smell_taste";
    struct paper paper = paper_of(FORM_2021_02, &doc);
    assert_string_equal(marked(*state, &paper, PDF_RINGED), "[疑似症患者][発熱][嗅覚・味覚障害]");
}

/* In the type that the layout asks for; only what is filled in may be set smaller. */
static void
the_empty_form_fits(void **state)
{
    struct document doc = {0};
    struct pdf *pdf = pdf_new(*state, "空欄", "2021-05-13T10:00:00+09:00");

    pdf_page(pdf);
    for (int form = 0; form < FORM_COUNT; form++) {
        struct paper paper = paper_of(form, &doc);
        for (int i = 0; i < PAPER_BOX_COUNT; i++) {
            struct paper_text text = paper_compose(*state, &paper, &paper_boxes[i], 0);
            if ((paper_boxes[i].forms & 1u << form) != 0 && !paper_set(pdf, &paper_boxes[i], &text))
                fail_msg("%s: no room for: %s", dictionary_forms[form].version,
                         buf_text(&text.text));
        }
    }
    pdf_finish(pdf);
}

static void
each_test_stands_in_the_row_of_its_method(void **state)
{
    struct document doc = {0};
    const char *const tests[][4] = {{"antigen_quantitative", "saliva", "2021-05-11", "negative"},
                                    {"naat", "sputum", "2021-05-12", "positive"},
                                    {"naat", "stool", "2021-05-13", "unknown"},
                                    {"other", "other", "2021-05-14", "other"}};
    const int items[] = {ITEM_test1_method, ITEM_test1_specimen, ITEM_test1_sampled_on,
                         ITEM_test1_result};

    for (int test = 0; test < 4; test++)
        for (int i = 0; i < 4; i++)
            doc.value[items[i] + test] = tests[test][i];
    struct paper paper = paper_of(FORM_2021_02, &doc);
    assert_string_equal(marked(*state, &paper, PDF_RINGED), "[喀痰][陽性][唾液][陰性]");
    const char *filled = marked(*state, &paper, PDF_FILLED);
    assert_non_null(strstr(filled, "[令和3年5月12日][令和3年5月11日]"));
    assert_non_null(strstr(
        filled, "便　令和3年5月13日　不明（判定保留）\nその他　その他　令和3年5月14日　その他]"));
}

static void
what_may_not_be_seen_is_not_printed(void **state)
{
    struct document doc = {0};

    doc.value[ITEM_route_certainty] = "presumed";
    doc.value[ITEM_route] = "contact";
    doc.value[ITEM_route_detail] = "会食";
    doc.value[ITEM_category] = "confirmed";
    struct paper paper = paper_of(FORM_2020_05, &doc);
    assert_non_null(strstr(marked(*state, &paper, PDF_FILLED), "[会食]"));
    assert_null(strstr(marked(*state, &paper, PDF_FILLED), "閲覧権限"));
    paper.rights.view &= ~(1u << CLASS_route);
    assert_string_equal(marked(*state, &paper, PDF_RINGED), "[患者（確定例）]");
    assert_null(strstr(marked(*state, &paper, PDF_FILLED), "会食"));
    assert_non_null(strstr(marked(*state, &paper, PDF_FILLED), "閲覧権限のない項目は空欄"));
}

/* The longest that each item can hold, all at once: the form stays one page, and what is too long
 * follows on others. */
static void
the_longest_values_fit(void **state)
{
    struct document doc = {0};
    struct buf wide = buf_new(*state);

    for (int i = 0; i < 1000; i++)
        buf_add_text(&wide, "鬱");
    for (int item = 0; item < ITEM_COUNT; item++) {
        const struct item *i = &dictionary_items[item];
        if (i->list >= 0)
            doc.value[item] = dictionary_lists[i->list].choices[0].code;
        else if (i->type == TYPE_date)
            doc.value[item] = "2022-12-31";
        else if (i->type == TYPE_int || i->type == TYPE_decimal)
            doc.value[item] = "100";
        else if (i->type == TYPE_phone)
            doc.value[item] = "090123456789012";
        else if (i->type == TYPE_postal)
            doc.value[item] = "4600001";
        else
            doc.value[item] = text_copy_n(*state, buf_text(&wide), strlen("鬱") * (size_t)i->max);
    }
    for (int form = 0; form < FORM_COUNT; form++) {
        struct paper paper = paper_of(form, &doc);
        struct buf pdf = paper_write(*state, &paper);
        assert_in_range(page_count(&pdf), 2, 4);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(every_item_of_a_version_is_on_its_paper),
        UNIT(every_number_is_known),
        UNIT(every_choice_is_ringed_or_printed),
        UNIT(nothing_is_ringed_that_was_not_chosen),
        UNIT(the_empty_form_fits),
        UNIT(each_test_stands_in_the_row_of_its_method),
        UNIT(what_may_not_be_seen_is_not_printed),
        UNIT(the_longest_values_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
