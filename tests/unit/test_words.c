/* test_words.c - the words of My HER-SYS: none is left in Japanese, none lacks its numbers, every question and answer has them. */
#include "unit.h"

#include <string.h>

#include "base/text.h"
#include "dictionary/words.h"

/* Of a text in UTF-8: hiragana and katakana (U+3041 to U+30FE), Chinese characters (U+4E00 to U+9FFF). */
static bool
has_kana(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if (p[0] == 0xE3 && (p[1] == 0x81 || p[1] == 0x82 || p[1] == 0x83))
            return true;
    return false;
}

static bool
has_chinese(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if (p[0] >= 0xE4 && p[0] <= 0xE9)
            return true;
    return false;
}

static void
no_text_is_left_in_japanese(void **state)
{
    (void)state;
    for (int word = 0; word < WORD_COUNT; word++) {
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            const char *text = words_text((enum language)language, (enum word_name)word);
            bool chinese = language == LANGUAGE_zh_hans || language == LANGUAGE_zh_hant;
            assert_true(text[0] != '\0');
            if (language == LANGUAGE_ja || language == LANGUAGE_ja_easy)
                continue;
            if (has_kana(text) || (!chinese && has_chinese(text)))
                fail_msg("%s is Japanese in %s", dictionary_words[word].name, words_code((enum language)language));
        }
    }
}

/* In plain Japanese every Chinese character has its reading behind it. */
static void
plain_japanese_says_how_to_read(void **state)
{
    (void)state;
    for (int word = 0; word < WORD_COUNT; word++) {
        const char *text = words_text(LANGUAGE_ja_easy, (enum word_name)word);
        for (const char *p = text; *p != '\0'; p++) {
            if ((unsigned char)p[0] < 0xE4 || (unsigned char)p[0] > 0xE9)
                continue;
            while ((unsigned char)p[0] >= 0xE3 && (unsigned char)p[0] <= 0xE9 && !text_starts(p, "（") && !text_starts(p, "　"))
                p += 3;
            if (!text_starts(p, "（"))
                fail_msg("%s has a word without its reading: %s", dictionary_words[word].name, text);
        }
    }
}

static void
every_language_has_the_same_numbers(void **state)
{
    static const char *const marks[] = {"$MIN", "$MAX", "$N"};

    (void)state;
    for (int word = 0; word < WORD_COUNT; word++)
        for (int language = 0; language < LANGUAGE_COUNT; language++)
            for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
                assert_int_equal(strstr(words_text((enum language)language, (enum word_name)word), marks[i]) != NULL,
                                 strstr(words_text(LANGUAGE_ja, (enum word_name)word), marks[i]) != NULL);
    assert_string_equal(words_fill(*state, words_text(LANGUAGE_en, WORD_wrong_number), "30", "45", 0),
                        "Please enter a number from 30 to 45.");
    assert_string_equal(words_fill(*state, words_text(LANGUAGE_ja, WORD_person), "", "", 2), "2人目の方");
    assert_string_equal(words_fill(*state, "5 $ $NN", "", "", 7), "5 $ 7N");
}

/* What people are asked: all of the survey, and of the observation what is about how they are. */
static bool
is_asked(int item)
{
    const struct item *i = &dictionary_items[item];

    return i->tab == TAB_survey ||
           (i->tab == TAB_observation && item != ITEM_observation_on && item != ITEM_observation_time &&
            item != ITEM_observation_of && item != ITEM_observation_source);
}

static void
every_question_and_answer_has_its_words(void **state)
{
    for (int item = 0; item < ITEM_COUNT; item++) {
        const struct item *i = &dictionary_items[item];
        if (!is_asked(item))
            continue;
        if (words_named(LANGUAGE_en, i->name) == NULL)
            fail_msg("no words for %s", i->name);
        for (int c = 0; i->list >= 0 && c < dictionary_lists[i->list].count; c++) {
            const char *code = dictionary_lists[i->list].choices[c].code;
            if (has_chinese(words_choice(*state, LANGUAGE_en, i->list, code)))
                fail_msg("no words for %s of %s", code, i->name);
        }
    }
    assert_null(words_named(LANGUAGE_ja, "observation_source"));
    assert_null(words_named(LANGUAGE_ja, "observation_of"));
}

static void
the_browser_is_understood(void **state)
{
    static const struct {
        const char *header;
        int language;
    } cases[] = {
        {"", -1},
        {"fr, de;q=0.5", -1},
        {"ja", LANGUAGE_ja},
        {"en-US,en;q=0.9", LANGUAGE_en},
        {"fr-FR, pt-BR;q=0.8, en", LANGUAGE_pt},
        {"zh-CN", LANGUAGE_zh_hans},
        {"zh", LANGUAGE_zh_hans},
        {"ZH-tw", LANGUAGE_zh_hant},
        {"zh-Hant-HK", LANGUAGE_zh_hant},
        {"fil-PH", LANGUAGE_tl},
        {"nepali", -1},
        {"ne", LANGUAGE_ne},
        {", ,;q=1,vi", LANGUAGE_vi},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(words_accepted(cases[i].header), cases[i].language);
    assert_int_equal(words_language("zh_hant"), LANGUAGE_zh_hant);
    assert_int_equal(words_language("xx"), -1);
    assert_string_equal(words_code(LANGUAGE_ne), "ne");
    assert_string_equal(words_language_name(LANGUAGE_ko), "한국어");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(no_text_is_left_in_japanese),
        UNIT(plain_japanese_says_how_to_read),
        UNIT(every_language_has_the_same_numbers),
        UNIT(every_question_and_answer_has_its_words),
        UNIT(the_browser_is_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
