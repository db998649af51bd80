/* test_contacts.c - contacts (接触者) where no database is needed: pasted sheets, the end of observation, what a report takes over. */
#include "unit.h"

#include <string.h>

#include "base/publicid.h"
#include "base/text.h"
#include "core/contacts.h"
#include "exchange/contact_sheet.h"

/* A sheet as one text: "name|relation|…;" for each row, in the order of its columns, ! before what was not understood. */
static const char *
written(struct arena *arena, const struct contact_sheet *sheet)
{
    struct buf out = buf_new(arena);

    for (size_t row = 0; row < sheet->count; row++) {
        for (size_t i = 0; i < sheet->column_count; i++) {
            const struct document *doc = &sheet->rows[row];
            int item = sheet->columns[i];
            bool wrong = doc->typed[item] != NULL;
            const char *value = wrong ? doc->typed[item] : doc->value[item];
            buf_printf(&out, "%s%s%s", i == 0 ? "" : "|", wrong ? "!" : "", value == NULL ? "" : value);
        }
        buf_add_char(&out, ';');
    }
    return buf_text(&out);
}

static void
sheets_are_read(void **state)
{
    static const struct {
        const char *text, *rows, *unknown;
    } cases[] = {
        {"", "", ""},
        {" \n\t\t\n", "", ""}, /* blanks and separators alone are no rows */
        {"山田 花", "山田 花||||||||;", ""},
        {"山田,ﾔﾏﾀﾞ,同居家族,０９０-1,R4.9.30,該当,連絡済み,,\"一,二\n三\"\n", "山田|ヤマダ|household|0901|2022-09-30|yes|reached||一,二\n三;", ""},
        {"a\tb\r\n\r\nc\td\r\n", "a|b|||||||;c|d|||||||;", ""},
        {"電話\t氏名\n03-1\t山", "031|山;", ""},
        {"氏名,血液型,電話番号\n山,A,x1\n", "山|!x1;", "血液型"},
        {"氏名,氏名\n山,川\n", "山;", "氏名"},
        {"氏名,なまえ,そのた\n山,川,海\n", "氏名|ナマエ|!そのた||||||;山|川|!海||||||;", ""},
        {"氏名\t濃厚接触\n\"一\t\"\"二\"\"\"\tたぶん\n\"閉じない\n行", "一\t\"二\"|!たぶん;閉じない\n行|;", ""},
        {"山,,,,,,,,,十,,十二\n川,,,,,,,,,,,x\n", "山||||||||;川||||||||;", "10列目、12列目"},
        {"氏名,血液型,,電話\n山,A,三,03-1,五\n", "山|031;", "血液型、3列目、5列目"},
        {"氏名,性別,年齢,濃厚接触の理由\n山,女性,３,近い\n", "山|female|3;", "濃厚接触の理由"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct contact_sheet *sheet = ARENA_NEW(*state, struct contact_sheet);
        contact_sheet_read(*state, cases[i].text, sheet);
        assert_string_equal(written(*state, sheet), cases[i].rows);
        assert_string_equal(sheet->unknown, cases[i].unknown);
    }
}

static void
a_sheet_has_its_limits(void **state)
{
    struct contact_sheet *sheet = ARENA_NEW(*state, struct contact_sheet);
    struct buf text = buf_new(*state);

    for (int i = 0; i < CONTACT_SHEET_ROWS + 3; i++)
        buf_printf(&text, "人%d%s\n", i, i == 0 ? ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,x" : "");
    contact_sheet_read(*state, buf_text(&text), sheet);
    assert_int_equal(sheet->count, CONTACT_SHEET_ROWS);
    assert_int_equal(sheet->left_out, 3);
    assert_string_equal(sheet->unknown, "29列目から後");
    assert_string_equal(sheet->rows[CONTACT_SHEET_ROWS - 1].value[ITEM_contact_name], "人49");
}

static void
names_have_a_reading_or_none(void **state)
{
    struct contact_sheet *sheet = ARENA_NEW(*state, struct contact_sheet);

    contact_sheet_names(*state, "氏名\n山田 花,やまだ はな\n\n山田 次郎\n", sheet);
    assert_string_equal(written(*state, sheet), "氏名|;山田 花|ヤマダ ハナ;山田 次郎|;");
}

static void
the_rule_of_the_day_of_contact_holds(void **state)
{
    static const struct observation_rule list[] = {{19195, 5, "新"}, {19006, 10, "中"}, {18262, 14, "旧"}};
    struct observation_rules rules = {3, list};
    static const struct {
        const char *last, *entered, *close, *until, *reason;
    } cases[] = {
        {"2022-07-22", NULL, "yes", "2022-07-27", "最終接触日から5日（新）"},
        {"2022-07-21", NULL, NULL, "2022-07-31", "最終接触日から10日（中）"},
        {"2020-01-01", NULL, "checking", "2020-01-15", "最終接触日から14日（旧）"},
        {"2019-12-31", NULL, "yes", "", ""},
        {NULL, NULL, "yes", "", ""},
        {NULL, "2022-08-01", "yes", "2022-08-01", "保健所が決めた日"},
        {"2022-07-22", "2022-08-01", "yes", "2022-08-01", "保健所が決めた日"},
        {"2022-07-22", "2022-08-01", "no", "", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct document *contact = ARENA_NEW(*state, struct document);
        const char *reason;
        contact->value[ITEM_contact_last_on] = cases[i].last;
        contact->value[ITEM_contact_observed_until] = cases[i].entered;
        contact->value[ITEM_contact_close] = cases[i].close;
        date_day until = contacts_observed_until(*state, rules, contact, &reason);
        assert_string_equal(date_iso(*state, until), cases[i].until);
        assert_string_equal(reason, cases[i].reason);
    }
}

static void
a_report_takes_over_who_it_is(void **state)
{
    static const char *const names[][3] = {{"山田　花", "山田", "花"}, {"山田 花 子", "山田", "花 子"}, {"山田", "山田", ""}};
    struct document *contact = ARENA_NEW(*state, struct document), *doc = ARENA_NEW(*state, struct document);

    contact->value[ITEM_contact_phone] = "09011112222";
    contact->value[ITEM_contact_address] = "名古屋市";
    contact->value[ITEM_contact_occupation] = "会社員";
    contact->value[ITEM_contact_birth_date] = "1990-01-02";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        contact->value[ITEM_contact_name] = names[i][0];
        contacts_fill_notification(*state, contact, doc);
        assert_string_equal(doc->value[ITEM_family_name], names[i][1]);
        assert_string_equal(doc->value[ITEM_given_name], names[i][2]);
    }
    assert_string_equal(doc->value[ITEM_phone], "09011112222");
    assert_string_equal(doc->value[ITEM_stay_address], "名古屋市");
    assert_string_equal(doc->value[ITEM_occupation], "会社員");
    assert_string_equal(doc->value[ITEM_birth_date], "1990-01-02");
    assert_false(document_has(doc, ITEM_family_kana));
}

static void
a_key_goes_there_and_back(void **state)
{
    struct contact_key key = contacts_key(*state, contacts_key_text(*state, (struct contact_key){77, 3}));

    assert_int_equal(key.patient_id, 77);
    assert_int_equal(key.no, 3);
    static const char *const none[] = {"", "-", "3", "x-3", "12345678901-3", "-3", "1-2-3"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(contacts_key(*state, none[i]).patient_id, 0);
    assert_int_equal(contacts_key(*state, text_format(*state, "%s-0", publicid_hersys_plain(*state, 77))).patient_id, 0);
    assert_string_equal(contacts_key_text(*state, (struct contact_key){0, 0}), "");
}

int
main(void)
{
    static const unsigned char key[PUBLICID_KEY_SIZE] = {3};
    const struct CMUnitTest tests[] = {
        UNIT(sheets_are_read),
        UNIT(a_sheet_has_its_limits),
        UNIT(names_have_a_reading_or_none),
        UNIT(the_rule_of_the_day_of_contact_holds),
        UNIT(a_report_takes_over_who_it_is),
        UNIT(a_key_goes_there_and_back),
    };

    publicid_set_key(key);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
