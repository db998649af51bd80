/* test_base.c - src/base: memory, text, Japanese text, dates, public numbers, secrets. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/nightly.h"
#include "base/publicid.h"
#include "base/text.h"

static int released;

static void
a_list_grows_and_keeps_what_it_holds(void **state)
{
    int *list = NULL;
    size_t count = 0, capacity = 0;

    for (int i = 0; i < 1000; i++) {
        list = arena_grown(*state, list, count, &capacity, sizeof *list);
        list[count++] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(list[i], i);
    assert_true(capacity >= count && capacity < 2 * count);
}

static void
text_of_telephones_becomes_utf8(void **state)
{
    static const struct {
        const char *data;
        size_t size;
        const char *text;
    } cases[] = {
        {"", 0, ""},
        {"\x4f\x53\x6e\x29\0" "3\0" "6", 8, "体温36"},
        {"\xd8\x3d\xde\x37\xd8\x42\xdf\xb7", 8, "😷𠮷"},        /* pairs */
        {"\xd8\x3d\0" "a", 4, "\xEF\xBF\xBD" "a"},             /* the first half alone */
        {"\xde\x37\0" "a", 4, "\xEF\xBF\xBD" "a"},             /* the second half alone */
        {"\0" "a\xd8", 3, "a\xEF\xBF\xBD"},                    /* an odd byte */
        {"\0\0\0\x07\0\n\0\x7f", 8, "\xEF\xBF\xBD\xEF\xBF\xBD\n\xEF\xBF\xBD"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(text_from_utf16(*state, cases[i].data, cases[i].size), cases[i].text);
}

static void
count_release(void *object)
{
    (void)object;
    released++;
}

static void
arena_releases_newest_first_and_starts_anew(void **state)
{
    struct arena *arena = *state;

    released = 0;
    arena_defer(arena, count_release, NULL);
    char *large = arena_alloc(arena, 200 * 1024);
    large[200 * 1024 - 1] = 'x';
    char *small = arena_alloc(arena, 0);
    assert_non_null(small);
    assert_true(arena_used(arena) >= 200 * 1024);
    arena_reset(arena);
    assert_int_equal(released, 1);
    assert_int_equal(arena_used(arena), 0);
    char *again = arena_alloc(arena, 64);
    for (int i = 0; i < 64; i++)
        assert_int_equal(again[i], 0);
}

static void
buf_escapes_for_its_context(void **state)
{
    struct buf buf = buf_new(*state);

    buf_add_html(&buf, "<a href='x'>\"&");
    assert_string_equal(buf_text(&buf), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
    buf = buf_new(*state);
    buf_add_json(&buf, "\"\\\n</script>山");
    assert_string_equal(buf_text(&buf), "\"\\\"\\\\\\u000a\\u003c/script>山\"");
    buf = buf_new(*state);
    for (int i = 0; i < 1000; i++)
        buf_printf(&buf, "%d,", i);
    assert_int_equal(buf.size, strlen(buf_text(&buf)));
}

static void
text_helpers(void **state)
{
    struct arena *arena = *state;
    size_t count;
    int64_t number;

    assert_string_equal(text_trim(arena, " 　あ い　 "), "あ い");
    assert_string_equal(text_trim(arena, "　"), "");
    char **parts = text_split(arena, "a,,b", ',', &count);
    assert_int_equal(count, 3);
    assert_string_equal(parts[1], "");
    assert_null(text_split(arena, "", ',', &count));
    assert_true(text_has_word("fever cough", "cough"));
    assert_false(text_has_word("fever coughing", "cough"));
    assert_false(text_has_word(NULL, "cough"));
    assert_string_equal(text_without_commas(*state, "1,234,567"), "1234567");
    assert_string_equal(text_without_commas(*state, "1,23"), "1,23");
    assert_string_equal(text_without_commas(*state, ""), "");
    assert_int_equal(text_to_int("-5", -10, 10, &number), 0);
    assert_int_equal(number, -5);
    assert_int_equal(text_to_int("11", -10, 10, &number), -1);
    assert_int_equal(text_to_int("9223372036854775808", 0, INT64_MAX, &number), -1);
    assert_int_equal(text_to_int("1 ", 0, 10, &number), -1);
    assert_int_equal(text_length("渡邉𠮷"), 3);
    assert_true(text_same(NULL, ""));
    assert_false(text_is_utf8("\xc0\xaf", 2));
    assert_false(text_is_utf8("\xed\xa0\x80", 3));
    assert_false(text_is_utf8("a\0b", 3));
    assert_true(text_is_utf8("神", 3));
}

static void
search_keys_mean_the_same_to_a_person(void **state)
{
    static const char *const same[][2] = {
        {"ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ・タロウ"}, {"やまだ　たろう", "ヤマダタロウ"}, {"髙橋", "高橋"},
        {"渡邉 一", "渡辺一"},          {"渡邊", "渡辺"},                 {"齋藤", "斉藤"},
        {"濵﨑", "浜崎"},               {"𠮷野", "吉野"},                 {"ﾊﾞｰﾊﾞﾗ", "バーバラ"},
        {"ジョーンズ", "ｼﾞｮ－ﾝｽﾞ"},     {"Smith", "ＳＭＩＴＨ"},          {"葛󠄀城", "葛城"},
        {"ァィゥ", "アイウ"},           {"ッ", "ツ"},
    };

    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(jtext_search_key(*state, same[i][0]),
                            jtext_search_key(*state, same[i][1]));
    assert_string_not_equal(jtext_search_key(*state, "山田"), jtext_search_key(*state, "山口"));
    assert_string_equal(jtext_search_key(*state, NULL), "");
}

static void
numbers_are_read_as_people_write_them(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(jtext_phone_digits(arena, "０９０－１２３４－５６７８"), "09012345678");
    assert_string_equal(jtext_phone_digits(arena, "(052) 955.1234"), "0529551234");
    assert_string_equal(jtext_phone_digits(arena, "+81 90-1234-5678"), "09012345678");
    assert_string_equal(jtext_phone_digits(arena, "09012345678"), "09012345678");
    assert_null(jtext_phone_digits(arena, "090-1234-567a"));
    assert_string_equal(jtext_clock(arena, "７：３０"), "07:30");
    assert_string_equal(jtext_clock(arena, "23:59"), "23:59");
    static const char *const no_times[] = {"", "7", "24:00", "7:60", "7:5", "7:30:00", "7.30", "朝"};
    for (size_t i = 0; i < sizeof no_times / sizeof *no_times; i++)
        assert_null(jtext_clock(arena, no_times[i]));
    assert_string_equal(jtext_phone_digits(arena, ""), "");
    assert_string_equal(jtext_mobile_digits(arena, "０７０－１２３４－５６７８"), "07012345678");
    assert_string_equal(jtext_mobile_digits(arena, "+81 60-1234-5678"), "06012345678");
    static const char *const not_mobile[] = {"0529551234", "05012345678", "09112345678", "0901234567", "0901234567x", ""};
    for (size_t i = 0; i < sizeof not_mobile / sizeof *not_mobile; i++)
        assert_null(jtext_mobile_digits(arena, not_mobile[i]));
    assert_string_equal(jtext_postal_digits(arena, "〒４６０ー０００１"), "4600001");
    assert_null(jtext_postal_digits(arena, "460-001"));
    assert_string_equal(jtext_phone_shown(arena, "0312345678"), "03-1234-5678");
    assert_string_equal(jtext_phone_shown(arena, "09012345678"), "090-1234-5678");
    assert_string_equal(jtext_phone_shown(arena, "0612345678"), "06-1234-5678");
    assert_string_equal(jtext_phone_shown(arena, "05012345678"), "050-1234-5678");
    assert_string_equal(jtext_phone_shown(arena, "0120123456"), "0120-123-456");
    assert_string_equal(jtext_phone_shown(arena, "08001234567"), "0800-123-4567");
    assert_string_equal(jtext_phone_shown(arena, "0568550103"), "0568550103"); /* 0568-55-0103, not 056-855-0103 */
    assert_string_equal(jtext_phone_shown(arena, "0525550101"), "0525550101");
    assert_string_equal(jtext_phone_shown(arena, "110"), "110");
    assert_string_equal(jtext_katakana(arena, "やまﾀﾞ"), "ヤマダ");
    assert_true(jtext_is_katakana("グエン・ヴァン ー"));
    assert_false(jtext_is_katakana("Nguyen"));
}

static void
dates_in_every_shape(void **state)
{
    static const struct {
        const char *text;
        enum date_verdict verdict;
        const char *iso;
    } cases[] = {
        {"2021-05-13", DATE_OK, "2021-05-13"},      {"2021/5/3", DATE_OK, "2021-05-03"},
        {"２０２１．５．１３", DATE_OK, "2021-05-13"}, {"20210513", DATE_OK, "2021-05-13"},
        {"2021年5月13日", DATE_OK, "2021-05-13"},   {"R3.5.13", DATE_OK, "2021-05-13"},
        {"r3-5-13", DATE_OK, "2021-05-13"},         {"令和3年5月13日", DATE_OK, "2021-05-13"},
        {"令和元年5月1日", DATE_OK, "2019-05-01"},  {"H31.4.30", DATE_OK, "2019-04-30"},
        {"S55/1/2", DATE_OK, "1980-01-02"},         {"昭和64年1月7日", DATE_OK, "1989-01-07"},
        {"T1.7.30", DATE_OK, "1912-07-30"},         {"M45.7.29", DATE_OK, "1912-07-29"},
        {"2020-02-29", DATE_OK, "2020-02-29"},      {"2021-02-29", DATE_IMPOSSIBLE, ""},
        {"2021/13/1", DATE_IMPOSSIBLE, ""},         {"昭和65年1月1日", DATE_IMPOSSIBLE, ""},
        {"H31.5.1", DATE_IMPOSSIBLE, ""},           {"R1.4.30", DATE_IMPOSSIBLE, ""},
        {"平成0年1月1日", DATE_IMPOSSIBLE, ""},     {"1867/1/1", DATE_IMPOSSIBLE, ""},
        {"", DATE_EMPTY, ""},                       {" 　", DATE_EMPTY, ""},
        {"昨日", DATE_UNREADABLE, ""},              {"2021/5", DATE_UNREADABLE, ""},
        {"21/5/13", DATE_UNREADABLE, ""},           {"2021/5/13a", DATE_UNREADABLE, ""},
        {"R", DATE_UNREADABLE, ""},                 {"2021513", DATE_UNREADABLE, ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        date_day day;
        assert_int_equal(date_parse(cases[i].text, &day), cases[i].verdict);
        assert_string_equal(date_iso(*state, day), cases[i].iso);
    }
}

static void
dates_round_trip_and_count(void **state)
{
    for (date_day day = date_from_iso("1868-01-25"); day <= date_from_iso("2199-12-31"); day++)
        assert_int_equal(date_from_parts(date_parts(day)), day);
    assert_int_equal(date_from_iso("1970-01-01"), 0);
    assert_int_equal(date_from_iso("2021-02-30"), DATE_NONE);
    static const char *const none[] = {"", "2021-1-1", "2021-01-1", "2021-01-011", "2021/01/01", "2021-01-0x", " 021-01-01", "+021-01-01", "2021--1-01"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(date_from_iso(none[i]), DATE_NONE);
    assert_int_equal(date_from_iso(NULL), DATE_NONE);
    assert_string_equal(date_slashed(*state, date_from_iso("2199-12-31")), "2199/12/31");
    assert_string_equal(date_slashed(*state, date_from_iso("2020-01-09")), "2020/1/9");
    assert_int_equal(date_weekday(date_from_iso("2021-05-13")), 4);
    assert_string_equal(date_japanese(*state, date_from_iso("2019-05-01")), "令和元年5月1日");
    assert_string_equal(date_japanese(*state, date_from_iso("1989-01-07")), "昭和64年1月7日");
    date_day birth = date_from_iso("2020-02-29");
    assert_int_equal(date_age_years(birth, date_from_iso("2021-02-28")), 0);
    assert_int_equal(date_age_years(birth, date_from_iso("2021-03-01")), 1);
    assert_int_equal(date_age_months(birth, date_from_iso("2020-12-28")), 9);
    assert_int_equal(date_age_years(birth, date_from_iso("2020-02-28")), -1);
    date_fix_today(date_from_iso("2022-01-01"));
    assert_string_equal(date_iso(*state, date_today()), "2022-01-01");
    date_fix_today(DATE_NONE);
}

static void
public_numbers_are_unique_and_notice_slips(void **state)
{
    struct arena *arena = *state;
    unsigned char key[PUBLICID_KEY_SIZE] = {7};

    publicid_set_key(key);
    for (int64_t id = 1; id < 3000; id++) {
        const char *hersys = publicid_hersys(arena, id), *phone = publicid_phone(arena, id);
        assert_int_equal(publicid_parse(hersys), id);
        assert_int_equal(publicid_parse(phone), id);
        assert_int_equal(strlen(hersys), 13);
        assert_int_not_equal(hersys[0], '0');
    }
    assert_int_equal(publicid_parse(publicid_hersys(arena, PUBLICID_MAX)), PUBLICID_MAX);
    assert_int_equal(publicid_parse(publicid_phone(arena, PUBLICID_MAX)), PUBLICID_MAX);
    /* One wrong digit, and two neighbours swapped, are always noticed. */
    char *plain = publicid_hersys_plain(arena, 123456);
    for (int i = 0; i < 11; i++) {
        for (char c = '0'; c <= '9'; c++) {
            char *slip = text_copy(arena, plain);
            slip[i] = c;
            assert_int_equal(publicid_parse(slip), c == plain[i] ? 123456 : 0);
        }
        if (i < 10 && plain[i] != plain[i + 1]) {
            char *swapped = text_copy(arena, plain);
            swapped[i] = plain[i + 1];
            swapped[i + 1] = plain[i];
            assert_int_equal(publicid_parse(swapped), 0);
        }
    }
    assert_int_equal(publicid_parse(""), 0);
    assert_int_equal(publicid_parse("12345678901234567890"), 0);
    assert_int_equal(publicid_parse("山田"), 0);
}

static void
phone_id_forgives_look_alikes(void **state)
{
    unsigned char key[PUBLICID_KEY_SIZE] = {7};

    publicid_set_key(key);
    for (int64_t id = 1; id < 200; id++) {
        char *typed = publicid_phone(*state, id);
        for (char *p = typed; *p != '\0'; p++)
            *p = *p == '0' ? 'o' : *p == '1' ? 'l' : (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
        assert_int_equal(publicid_parse(typed), id);
    }
}

static void
secrets_open_only_in_their_place(void **state)
{
    struct arena *arena = *state;
    struct crypt_keys keys = {.pepper = {1}, .seal = {2}}, other = {.pepper = {1}, .seal = {3}};

    const char *sealed = crypt_seal(arena, &keys, "patient|passport_number|1", "TK1234567");
    assert_string_equal(crypt_open(arena, &keys, "patient|passport_number|1", sealed), "TK1234567");
    assert_null(crypt_open(arena, &keys, "patient|passport_number|2", sealed));
    assert_null(crypt_open(arena, &other, "patient|passport_number|1", sealed));
    assert_null(crypt_open(arena, &keys, "patient|passport_number|1", "v1:AAAA"));
    assert_null(crypt_open(arena, &keys, "patient|passport_number|1", "plain"));
    assert_string_not_equal(sealed, crypt_seal(arena, &keys, "patient|passport_number|1", "TK1234567"));
    assert_string_equal(crypt_sha256(arena, "abc"),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
passwords_are_verified(void **state)
{
    struct arena *arena = *state;
    struct crypt_keys keys = {.pepper = {1}}, other = {.pepper = {9}};
    const char *hash = crypt_password_hash(arena, &keys, "ひまわりの種をまく");

    assert_true(crypt_password_verify(&keys, hash, "ひまわりの種をまく"));
    assert_false(crypt_password_verify(&keys, hash, "ひまわりの種をまく "));
    assert_false(crypt_password_verify(&other, hash, "ひまわりの種をまく"));
    assert_false(crypt_password_verify(&keys, NULL, "ひまわりの種をまく"));
    const char *derived = crypt_password_derive(arena, &keys, "塩", "ひまわりの種をまく");
    assert_int_equal(strlen(derived), 2 * CRYPT_HASH_SIZE);
    assert_string_equal(derived, crypt_password_derive(arena, &keys, "塩", "ひまわりの種をまく"));
    assert_string_not_equal(derived, crypt_password_derive(arena, &keys, "砂糖", "ひまわりの種をまく"));
    assert_string_not_equal(derived, crypt_password_derive(arena, &keys, "塩", "ひまわりの種をまく "));
    assert_string_not_equal(derived, crypt_password_derive(arena, &other, "塩", "ひまわりの種をまく"));
}

static void
keys_are_made_once_and_closed_to_others(void **state)
{
    struct crypt_keys first, second;
    struct stat info;
    const char *directory = text_format(*state, "%s/hersys-keys-%d", P_tmpdir, (int)getpid());

    assert_int_equal(mkdir(directory, 0700), 0);
    assert_int_equal(crypt_load_keys(&first, directory), 0);
    assert_int_equal(crypt_load_keys(&second, directory), 0);
    assert_memory_equal(&first, &second, sizeof first);
    const char *path = text_format(*state, "%s/pepper.key", directory);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0400);
    unlink(path);
    unlink(text_format(*state, "%s/seal.key", directory));
    rmdir(directory);
}

static void
tokens_and_uuids(void **state)
{
    struct arena *arena = *state;
    size_t size;

    assert_true(crypt_is_uuid(crypt_uuid(arena)));
    assert_false(crypt_is_uuid("00000000-0000-0000-0000-00000000000G"));
    assert_false(crypt_is_uuid(NULL));
    assert_int_equal(strlen(crypt_token(arena)), 64);
    assert_true(text_is_digits(crypt_digits(arena, 6)));
    assert_int_equal(strlen(crypt_base32(arena, 16)), 16);
    const char *encoded = crypt_base64url(arena, "\x00\xff\x10", 3);
    assert_memory_equal(crypt_base64url_decode(arena, encoded, &size), "\x00\xff\x10", 3);
    assert_int_equal(size, 3);
    assert_null(crypt_base64url_decode(arena, "a b", &size));
    assert_true(crypt_equal("abc", "abc"));
    assert_false(crypt_equal("abc", "abcd"));
}

static void
work_of_the_night_is_due_once_a_day_and_after_a_failure(void **state)
{
    const time_t three = 1616522400; /* 2021-03-24 03:00 in Japan */
    struct nightly nightly = NIGHTLY_START;

    (void)state;
    assert_true(nightly_is_due(&nightly, three - 7200));
    nightly_started(&nightly, three - 7200);
    assert_false(nightly_is_due(&nightly, three - 7200));
    assert_false(nightly_is_due(&nightly, three - 1));
    assert_true(nightly_is_due(&nightly, three));
    nightly_started(&nightly, three);
    nightly_failed(&nightly, three + 1000);
    assert_false(nightly_is_due(&nightly, three + 1599));
    assert_true(nightly_is_due(&nightly, three + 1600));
    nightly_started(&nightly, three + 1600);
    assert_false(nightly_is_due(&nightly, three + 24 * 3600 - 1));
    assert_true(nightly_is_due(&nightly, three + 24 * 3600));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(a_list_grows_and_keeps_what_it_holds),
        UNIT(arena_releases_newest_first_and_starts_anew),
        UNIT(buf_escapes_for_its_context),
        UNIT(text_helpers),
        UNIT(text_of_telephones_becomes_utf8),
        UNIT(search_keys_mean_the_same_to_a_person),
        UNIT(numbers_are_read_as_people_write_them),
        UNIT(dates_in_every_shape),
        UNIT(dates_round_trip_and_count),
        UNIT(public_numbers_are_unique_and_notice_slips),
        UNIT(phone_id_forgives_look_alikes),
        UNIT(secrets_open_only_in_their_place),
        UNIT(passwords_are_verified),
        UNIT(keys_are_made_once_and_closed_to_others),
        UNIT(tokens_and_uuids),
        UNIT(work_of_the_night_is_due_once_a_day_and_after_a_failure),
    };

    crypt_init();
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
