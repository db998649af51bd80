/* test_papers.c - the texts of documents (文書): what cannot stand, how places are filled, and that the built-in ones are sound. */
#include "unit.h"

#include <string.h>

#include "base/text.h"
#include "dictionary/papers.h"

static const struct papers_kind *
kind(const char *name)
{
    const struct papers_kind *found = papers_kind_find(name);

    assert_non_null(found);
    return found;
}

static struct papers_values
examples(void)
{
    struct papers_values values;

    for (int i = 0; i < PAPERS_PLACE_COUNT; i++)
        values.value[i] = papers_places[i].example;
    return values;
}

static void
a_wrong_text_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *kind, *text, *problem; /* how the sentence begins; NULL: none */
    } cases[] = {
        {"release", "", NULL},
        {"release", "{ひとつ} だけなら、ことば", NULL},
        {"release", "{{氏名}}と{{住所}}", NULL},
        {"release", "あ\n\n{{血液型}}", "3行目：「{{血液型}}」という項目はありません"},
        {"release", "{{ 氏名 }}", "1行目：「{{ 氏名 }}」という項目はありません"},
        {"release", "{{}}", "1行目：「{{}}」という項目はありません"},
        {"release", "{{氏名", "1行目：「{{」を閉じる"},
        {"release", "{{氏名\n}}", "1行目：「{{」を閉じる"},
        {"release", "氏名}}", "1行目：「}}」の前に"},
        {"release", "}}{{氏名", "1行目：「}}」の前に"},
        {"release", "見出し｜{{氏{{名}}", "1行目：「{{氏{{名}}」という項目はありません"},
        {"release", "{{最終接触年月日}}", "1行目：「{{最終接触年月日}}」は「解除通知」では使えません"},
        {"contact_notice", "{{最終接触年月日}}{{宛名}}", NULL},
        {"contact_notice", "お元気ですか\n{{氏名}}さん", "2行目：「{{氏名}}」は「接触者へのお知らせ」では使えません"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *problem = papers_problem(*state, kind(cases[i].kind), cases[i].text);
        if (cases[i].problem == NULL)
            assert_null(problem);
        else
            assert_true(problem != NULL && text_starts(problem, cases[i].problem));
    }
}

static void
lines_are_filled_and_kept(void **state)
{
    struct papers_values values = examples();
    const char *text = "{{氏名}}様\n\n　記　\n氏名 ｜ {{氏名}}\n住所｜{{住所}}\n以上";

    for (int i = 0; i < PAPERS_PLACE_COUNT; i++)
        if (strcmp(papers_places[i].name, "住所") == 0)
            values.value[i] = "";
    struct papers_lines lines = papers_fill(*state, text, &values);
    assert_int_equal(lines.count, 6);
    static const enum papers_line_kind kinds[] = {PAPERS_LINE_words, PAPERS_LINE_words, PAPERS_LINE_centre,
                                                  PAPERS_LINE_row,   PAPERS_LINE_row,   PAPERS_LINE_right};
    for (size_t i = 0; i < lines.count; i++) {
        assert_int_equal(lines.list[i].kind, kinds[i]);
        assert_int_equal(lines.list[i].missing, i == 4);
    }
    assert_string_equal(lines.list[0].text, "見本　花子様");
    assert_string_equal(lines.list[3].label, "氏名");
    assert_string_equal(lines.list[3].text, "見本　花子");
    assert_string_equal(lines.list[4].text, "〔住所：未入力〕");
    const char *kept = papers_join(*state, lines);
    assert_string_equal(papers_join(*state, papers_fill(*state, kept, NULL)), kept);
}

/* What a patient's name holds is never taken for a place. */
static void
a_value_is_not_read_again(void **state)
{
    struct papers_values values = examples();

    for (int i = 0; i < PAPERS_PLACE_COUNT; i++)
        values.value[i] = "{{住所}}";
    assert_string_equal(papers_join(*state, papers_fill(*state, "{{氏名}}", &values)), "{{住所}}");
}

/* Nor does it change the layout: what is kept is cut into its lines once more, and they must be the same. */
static void
a_value_makes_no_rows_and_no_lines(void **state)
{
    struct papers_values values = examples();

    for (int i = 0; i < PAPERS_PLACE_COUNT; i++)
        values.value[i] = "見本｜花子\r\n様\n以上";
    const char *kept = papers_join(*state, papers_fill(*state, "{{氏名}}さん\n氏名｜{{氏名}}", &values));
    assert_string_equal(kept, "見本|花子  様 以上さん\n氏名｜見本|花子  様 以上");
    struct papers_lines again = papers_fill(*state, kept, NULL);
    assert_int_equal(again.count, 2);
    assert_int_equal(again.list[0].kind, PAPERS_LINE_words);
    assert_int_equal(again.list[1].kind, PAPERS_LINE_row);
}

static void
the_built_in_texts_are_sound(void **state)
{
    struct papers_values values = examples();

    for (int i = 0; i < PAPERS_KIND_COUNT; i++) {
        const struct papers_kind *k = &papers_kinds[i];
        assert_null(papers_problem(*state, k, k->title));
        assert_null(papers_problem(*state, k, k->body));
        assert_true(text_length(k->title) <= PAPERS_MAX_TITLE && text_length(k->body) <= PAPERS_MAX_BODY);
        struct papers_lines lines = papers_fill(*state, k->body, &values);
        for (size_t j = 0; j < lines.count; j++)
            assert_false(lines.list[j].missing);
    }
    assert_null(papers_kind_find("passport"));
}

/* domain.md 4.6: exactly these stand in the 療養証明書. */
static void
the_certificate_names_six_things(void **state)
{
    static const char *const named[] = {"氏名", "生年月日", "HER-SYS ID", "傷病名", "診断年月日", "担当保健所名"};
    const struct papers_kind *certificate = kind("certificate");
    size_t count = 0;

    (void)state;
    for (int i = 0; i < PAPERS_PLACE_COUNT; i++) {
        bool wanted = false;
        for (size_t j = 0; j < sizeof named / sizeof *named; j++)
            wanted = wanted || strcmp(named[j], papers_places[i].name) == 0;
        assert_int_equal(papers_names(certificate->body, &papers_places[i]), wanted);
        count += wanted;
    }
    assert_int_equal(count, sizeof named / sizeof *named);
    assert_true(certificate->accepted && !certificate->addressed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(a_wrong_text_is_refused_with_its_place), UNIT(lines_are_filled_and_kept),
        UNIT(a_value_is_not_read_again),              UNIT(a_value_makes_no_rows_and_no_lines),
        UNIT(the_built_in_texts_are_sound),           UNIT(the_certificate_names_six_things),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
