/* test_core.c - src/core where no database is needed: passwords, codes, worklists, messages, fields. */
#include "unit.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/text.h"
#include "core/bounce.h"
#include "core/certificate.h"
#include "core/completeness.h"
#include "core/epidemic.h"
#include "core/fields.h"
#include "core/figures.h"
#include "core/local_items.h"
#include "core/message.h"
#include "core/my_account.h"
#include "core/password.h"
#include "core/publish.h"
#include "core/same.h"
#include "core/sign_in.h"
#include "core/status.h"
#include "core/totp.h"
#include "dictionary/words.h"

static char known_path[64];

static int
write_known(void **state)
{
    (void)state;
    snprintf(known_path, sizeof known_path, "%s/hersys-known-%d", P_tmpdir, (int)getpid());
    int fd = open(known_path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    return fd >= 0 && write(fd, "password\nqwertyuiop\nletmein\niloveyou\n", 37) > 0 ? close(fd) : -1;
}

static int
remove_known(void **state)
{
    (void)state;
    return unlink(known_path);
}

static bool
is_good(struct arena *arena, const char *password)
{
    return password_problem(arena, known_path, password, "sakura", "医師 坂本 さくら坂内科クリニック") ==
           NULL;
}

static void
passwords_are_long_and_unknown(void **state)
{
    assert_true(is_good(*state, "asagao-to-semi-no-koe"));
    assert_true(is_good(*state, "ひまわりの種をまいて水をやる"));
    assert_true(is_good(*state, "correct horse battery"));
    assert_false(is_good(*state, "short"));
    assert_false(is_good(*state, "aaaaaaaaaaaaaaaa"));
    assert_false(is_good(*state, "1234567890123456"));
    assert_false(is_good(*state, "P@ssw0rd!!!!!"));
    assert_false(is_good(*state, "passwordpassword"));
    assert_false(is_good(*state, "letmein1234567"));
    assert_false(is_good(*state, "qwertyuiop2026"));
    assert_false(is_good(*state, "sakurasakura26"));
    assert_false(is_good(*state, "hersys-hersys-1"));
    char *too_long = arena_alloc(*state, 300);
    memset(too_long, 'x', 299);
    assert_false(is_good(*state, too_long));
    assert_int_equal(strlen(password_initial(*state)), 19);
}

static void
totp_codes_are_good_once(void **state)
{
    char *secret = totp_secret(*state);
    int size;

    assert_int_equal(totp_check(secret, "abcdef", 0), -1);
    assert_int_equal(totp_check(secret, "12345", 0), -1);
    assert_int_equal(totp_check("not base32!", "123456", 0), -1);
    /* Exactly one of all codes fits this step; try until it does, then it must not be good again. */
    int64_t step = -1;
    char code[7];
    for (int i = 0; i < 1000000 && step < 0; i++) {
        snprintf(code, sizeof code, "%06d", i);
        step = totp_check(secret, code, 0);
    }
    assert_in_range(step, time(NULL) / 30 - 2, time(NULL) / 30 + 2);
    assert_int_equal(totp_check(secret, code, step), -1);
    const char *qr = totp_qr(*state, totp_address(*state, secret, "sakura"), &size);
    assert_in_range(size, 21, 177);
    assert_int_equal(qr[0], 'M');
}

static struct publication
publication(const struct document *doc, const char *status)
{
    return (struct publication){.doc = doc,
                                .notification_no = 1,
                                .form = FORM_2021_02,
                                .listed_at = "now",
                                .status = {.status = status}};
}

static void
likenesses_have_a_weight_and_words(void **state)
{
    const unsigned kana = 1u << SAME_kana, near = 1u << SAME_kana_near, given = 1u << SAME_given,
                   name = 1u << SAME_name, birth = 1u << SAME_birth,
                   swapped = 1u << SAME_birth_swapped, phone = 1u << SAME_phone,
                   address = 1u << SAME_address, municipality = 1u << SAME_municipality;
    const unsigned asked[] = {kana | birth, name | birth,    kana | swapped,  near | birth,
                              kana | phone, kana | name,     given | birth | phone,
                              name | swapped};
    const unsigned left[] = {kana, birth, kana | address, near | phone | address, given | birth,
                             name | phone | municipality, birth | address};

    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        assert_true(same_score(asked[i]) >= SAME_LEAST);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        assert_true(same_score(left[i]) < SAME_LEAST);
    assert_int_equal(same_score(0), 0);
    assert_int_equal(same_score((1u << SAME_REASON_COUNT) - 1), SAME_MOST);
    assert_string_equal(same_words(*state, kana | birth), "フリガナと生年月日が同じ");
    assert_string_equal(same_words(*state, near | phone),
                        "電話番号が同じ。フリガナ（1文字違い）が近い");
    assert_string_equal(same_words(*state, near), "フリガナ（1文字違い）が近い");
}

static void
a_person_is_asked_for_by_folded_keys(void **state)
{
    struct document doc = {0};

    assert_string_equal(same_probe(*state, &doc), "{\"given\":[],\"phones\":[]}");
    assert_false(same_is_askable(&doc));
    doc.value[ITEM_family_name] = "髙﨑";
    doc.value[ITEM_birth_date] = "1980-02-11";
    assert_false(same_is_askable(&doc));
    doc.value[ITEM_given_name] = "花子";
    doc.value[ITEM_given_kana] = "はなこ";
    doc.value[ITEM_phone] = "09012345678";
    assert_true(same_is_askable(&doc));
    assert_string_equal(same_probe(*state, &doc),
                        "{\"name\":\"n高崎花子\",\"birth\":\"b1980-02-11\",\"swapped\":\"b1980-11-02\","
                        "\"given\":[\"n花子\",\"kハナコ\"],\"phones\":[\"t09012345678\"]}");
    doc.value[ITEM_birth_date] = "1980-02-13"; /* there is no thirteenth month */
    assert_null(strstr(same_probe(*state, &doc), "swapped"));
    doc.value[ITEM_birth_date] = "1980-02-02"; /* the same either way */
    assert_null(strstr(same_probe(*state, &doc), "swapped"));
}

static void
what_is_missing_becomes_work(void **state)
{
    struct document doc = {0};
    struct publication p = publication(&doc, NULL);

    doc.value[ITEM_category] = "confirmed";
    doc.value[ITEM_diagnosis_date] = "2021-06-10";
    doc.value[ITEM_entry_date] = "2021-06-01";
    assert_string_equal(publish_centre_todo(*state, &p),
                        "unconfirmed status_missing passport_missing place_missing items_missing");
    assert_string_equal(publish_reporter_todo(*state, &p), "items_missing");
    p.confirmed = true;
    p.status.status = "dead";
    doc.value[ITEM_passport_number] = "TK1";
    doc.value[ITEM_place_kind] = "unknown";
    doc.value[ITEM_onset_date] = "2021-06-11";
    assert_string_equal(publish_centre_todo(*state, &p),
                        "death_incomplete items_missing values_doubtful");
    p.status.death_date = "2021-06-12";
    p.status.death_place = "home";
    doc.value[ITEM_onset_date] = "2021-06-09";
    assert_string_equal(publish_centre_todo(*state, &p), "items_missing");
}

static void
people_are_found_by_every_name(void **state)
{
    struct document doc = {0};

    doc.value[ITEM_family_name] = "髙橋";
    doc.value[ITEM_given_name] = "渡";
    doc.value[ITEM_family_kana] = "タカハシ";
    doc.value[ITEM_given_kana] = "ワタル";
    doc.value[ITEM_phone] = doc.value[ITEM_stay_phone] = "09012345678";
    doc.value[ITEM_birth_date] = "1980-01-02";
    assert_string_equal(publish_search_keys(*state, &doc),
                        "{\"n高橋渡\",\"n渡\",\"kタカハシワタル\",\"kワタル\",\"t09012345678\",\"b1980-01-02\"}");
    struct document nobody = {0};
    assert_string_equal(publish_search_keys(*state, &nobody), "{}");
}

static void
fields_travel_both_ways(void **state)
{
    struct crypt_keys keys = {.seal = {1}};
    struct fields f = {*state, &keys, 42};
    struct document doc = {0}, base = {0}, back = {0};

    doc.value[ITEM_family_name] = "山\"田";
    doc.value[ITEM_passport_number] = "TK1234567";
    doc.value[ITEM_symptoms] = "fever cough";
    doc.value[ITEM_test2_method] = "naat";
    const char *person = fields_json(f, &doc, NULL, TABLE_patient, NULL);
    assert_non_null(strstr(person, "\"family_name\":\"山\\\"田\""));
    assert_null(strstr(person, "TK1234567"));
    assert_string_equal(fields_json(f, &doc, NULL, TABLE_notification, ",\"deemed\":false"),
                        "{\"symptoms\":[\"fever\",\"cough\"],\"deemed\":false}");
    assert_string_equal(fields_json(f, &base, NULL, TABLE_notification, ",\"deemed\":false"),
                        "{\"deemed\":false}");
    assert_string_equal(fields_tests_json(f, &doc), "[{\"method\":\"naat\",\"test_no\":2}]");
    assert_int_equal(fields_apply_changes(f, &back, fields_changes(f, &doc, &base, true)), 0);
    assert_int_equal(fields_apply_changes(f, &back, fields_changes(f, &doc, &base, false)), 0);
    for (int i = 0; i < ITEM_COUNT; i++)
        assert_true(text_same(doc.value[i], back.value[i]));
    assert_string_equal(fields_changes(f, &base, &doc, true),
                        "{\"family_name\":null,\"passport_number\":null}");
    assert_int_equal(fields_apply_changes(f, &back, "[1]"), -1);
    assert_true(fields_differ(&doc, &base, true) && fields_differ(&doc, &base, false));
}

/* What a head office has added travels beside them, by its number. */
static void
added_items_travel_too(void **state)
{
    struct crypt_keys keys = {.seal = {1}};
    struct fields f = {*state, &keys, 42};
    struct document before = {0}, after = {0}, back = {0};

    document_set_local(*state, &before, (struct local_value){.item = 7, .value = "要\""});
    document_set_local(*state, &before, (struct local_value){.item = 8, .value = "同じ"});
    after = before;
    document_set_local(*state, &after, (struct local_value){.item = 7, .value = ""});
    document_set_local(*state, &after, (struct local_value){.item = 12, .value = "3"});
    assert_string_equal(document_local(&before, 7).value, "要\"");
    assert_string_equal(fields_changes(f, &before, &after, false), "{\"local_7\":\"要\\\"\"}");
    assert_string_equal(fields_changes(f, &after, &before, false), "{\"local_7\":null,\"local_12\":\"3\"}");
    assert_string_equal(fields_changes(f, &after, &before, true), "{}");
    assert_int_equal(fields_apply_changes(f, &back, "{\"local_7\":\"要\",\"local_x\":\"1\",\"local_0\":\"1\",\"family_name\":\"山\"}"), 0);
    assert_int_equal(back.local_count, 1);
    assert_string_equal(document_local(&back, 7).value, "要");
    assert_null(document_local(&back, 12).value);
    assert_string_equal(back.value[ITEM_family_name], "山");
}

static const struct local_choice answers[] = {{"1", "要", true}, {"2", "不要", false}};

static void
added_items_are_read_as_all_others(void **state)
{
    static const struct {
        enum item_type type;
        const char *typed, *value, *shown; /* value NULL: cannot be read */
    } cases[] = {
        {TYPE_text, "　夜間のみ ", "夜間のみ", "夜間のみ"},
        {TYPE_int, "１２", "12", "12人"},
        {TYPE_int, "13", NULL, ""},
        {TYPE_date, "R4.10.9", "2022-10-09", "2022年10月9日（令和4年）"},
        {TYPE_date, "R4.13.9", NULL, ""},
        {TYPE_choice, "2", "2", "不要"}, /* not offered any more, and still what somebody has chosen */
        {TYPE_choice, "3", NULL, ""},
        {TYPE_choice, "", "", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct document doc = {0};
        struct local_item item = {.id = 5,
                                  .as = {.type = cases[i].type, .list = -1, .max = cases[i].type == TYPE_int ? 12 : 40, .unit = "人"},
                                  .choice_count = 2,
                                  .choices = answers};
        local_item_type_in(*state, &item, &doc, cases[i].typed);
        struct local_value read = document_local(&doc, 5);
        assert_int_equal(local_items_unread(&doc), cases[i].value == NULL);
        assert_int_equal(read.message != NULL, cases[i].value == NULL);
        assert_true(text_same(read.typed, cases[i].value == NULL ? cases[i].typed : NULL));
        assert_true(text_same(read.value, cases[i].value));
        assert_string_equal(local_item_shown(*state, &item, read.value), cases[i].shown);
    }
}

static void
death_demands_date_and_place(void **state)
{
    struct status_entry entry = {"dead", "2021-06-10", "", "", "", ""};

    (void)state;
    assert_non_null(status_problem(&entry));
    entry.death_date = "2021-06-10";
    assert_non_null(status_problem(&entry));
    entry.death_place = "unknown";
    assert_null(status_problem(&entry));
    entry.since = "2999-01-01";
    assert_non_null(status_problem(&entry));
    entry = (struct status_entry){"home", "2021-06-10", "", "", "", ""};
    assert_null(status_problem(&entry));
    entry.status = "";
    assert_non_null(status_problem(&entry));
}

/* Every kind: a name of a screen (患者一覧) says nothing of anybody. */
static void
messages_name_nobody(void **state)
{
    static const char *const forbidden[] = {"コロナ", "陽性", "感染", "氏名", "$"};

    for (size_t i = 0; i < message_kind_count; i++) {
        const struct message_kind *kind = &message_kinds[i];
        const char *subject, *body;
        message_compose(*state, "https://localhost", kind->template, "ABCD-EFGH-J", "123456",
                        "{\"patients\": 12, \"status_missing\": 3}", &subject, &body);
        for (size_t j = 0; j < sizeof forbidden / sizeof *forbidden; j++) {
            assert_null(strstr(subject, forbidden[j]));
            assert_null(strstr(body, forbidden[j]));
        }
        assert_ptr_equal(strstr(body, "患者"), strstr(body, "患者一覧"));
        assert_string_equal(message_label(kind->template), kind->label);
        /* What holds a code or a link, or may end unseen, is good for a time, and what is urgent does not wait for a morning. */
        assert_int_equal(strstr(kind->body, "$CODE") != NULL, message_holds_code(kind));
        assert_true(kind->valid_minutes > 0 || (!message_holds_code(kind) && !kind->expires_quietly));
        assert_false(kind->urgent && kind->waits_at_night);
    }
}

/* Whoever chose another language than Japanese is told everything in it. */
static void
messages_to_patients_have_every_language(void **state)
{
    static const char *const bases[] = {"follow_ask", "follow_reply", "hersys_id", "reply_received", "reply_call", "reply_birth",
                                        "reply_confirmed", "reply_ring", "reply_several", "tell_release", "tell_entry", "tell_call"};

    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        const char *japanese = "", *subject, *body;
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            const char *template = text_format(*state, "%s_%s", bases[i], words_code((enum language)language));
            assert_string_not_equal(message_label(template), "連絡");
            message_compose(*state, "https://localhost", template, NULL, "CODE", "{\"phone\": \"0312345678\"}", &subject, &body);
            assert_string_equal(subject, "");
            assert_string_not_equal(body, japanese);
            japanese = language == LANGUAGE_ja ? body : japanese;
            assert_true((strstr(bases[i], "_ring") != NULL || strstr(bases[i], "_several") != NULL) == (strstr(body, "03-1234-5678") != NULL));
            bool asks = strcmp(bases[i], "reply_birth") == 0 || strcmp(bases[i], "reply_confirmed") == 0;
            assert_true(!text_starts(bases[i], "reply_") || asks || strstr(body, "119") != NULL);
        }
    }
}

static void
a_dollar_that_is_no_value_stands_for_itself(void **state)
{
    struct message_values values = {.address = "https://localhost", .code = "$CODE"};

    assert_string_equal(message_filled(*state, "$URL/my/$CODE: $5 for $IDLE, $", &values), "https://localhost/my/$CODE: $5 for LE, $");
}

static void
the_digest_has_figures(void **state)
{
    const char *subject, *body;

    message_compose(*state, "https://localhost", "completeness", NULL, NULL,
                    "{\"patients\": 12, \"status_missing\": 3}", &subject, &body);
    assert_non_null(strstr(body, "担当している方：12人\n"));
    assert_non_null(strstr(body, "ステータス未入力：3人\n"));
    assert_non_null(strstr(body, "場所区分未入力：0人\n"));
}

static void
rates_are_rounded(void **state)
{
    assert_string_equal(completeness_rate(*state, 1, 3), "33.3%");
    assert_string_equal(completeness_rate(*state, 2, 3), "66.7%");
    assert_string_equal(completeness_rate(*state, 0, 7), "0.0%");
    assert_string_equal(completeness_rate(*state, 7, 7), "100.0%");
    assert_string_equal(completeness_rate(*state, 0, 0), "");
}

static void
the_trend_begins_on_a_monday(void **state)
{
    (void)state;
    /* 2022-10-10 is a Monday, the day before a Sunday */
    assert_int_equal(completeness_first_week(date_from_iso("2022-10-10")), date_from_iso("2022-04-18"));
    assert_int_equal(completeness_first_week(date_from_iso("2022-10-16")), date_from_iso("2022-04-18"));
    assert_int_equal(completeness_first_week(date_from_iso("2022-10-09")), date_from_iso("2022-04-11"));
}

static void
devices_are_named(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(
        sign_in_device_label(arena, "Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/120.0 Safari/537.36 Edg/120"),
        "WindowsのEdge");
    assert_string_equal(sign_in_device_label(arena, "Mozilla/5.0 (iPhone; CPU iPhone OS 16) Version/16 Safari/604"),
                        "iPhoneのSafari");
    assert_string_equal(sign_in_device_label(arena, ""), "不明な端末のブラウザ");
}

/* A report with one group of fields for each recipient. */
#define REPORT(groups)                                                                                                           \
    "Subject: x\r\nContent-Type: multipart/report;\r\n boundary=b; report-type=delivery-status\r\n\r\n"                            \
    "Status: 5.9.9\r\nAction: failed\r\n--b\r\nContent-Type: text/plain\r\n\r\nAction: failed\r\nStatus: 5.9.9\r\n--b\r\n"          \
    "content-type: Message/Delivery-Status\r\n\r\nReporting-MTA: dns; x\r\n\r\n" groups                                           \
    "--b\r\nContent-Type: message/rfc822\r\n\r\nAction: failed\r\nStatus: 5.9.9\r\n--b--\r\n"

static void
mails_that_come_back_are_understood(void **state)
{
    static const struct {
        const char *mail;
        enum bounce bounce;
        const char *status;
    } cases[] = {
        {REPORT("Action: failed\r\nStatus: 5.1.1\r\n\r\n"), BOUNCE_REFUSED, "5.1.1"},
        {REPORT("Status: 5.1.1 (unknown user)\r\nACTION:\r\n  Failed\r\n"), BOUNCE_REFUSED, "5.1.1"},
        {REPORT("Action: delayed\r\nStatus: 4.4.1\r\n\r\n"), BOUNCE_NONE, ""},
        {REPORT("Action: delivered\r\nStatus: 2.0.0\r\n\r\n"), BOUNCE_NONE, ""},
        {REPORT("Action: delayed\r\nStatus: 5.1.1\r\n\r\n"), BOUNCE_NONE, ""},
        {REPORT("Action: failed\r\nStatus: 4.4.7\r\n\r\n"), BOUNCE_GIVEN_UP, "4.4.7"},
        {REPORT("Action: failed\r\nStatus: 5.2.2\r\n\r\n"), BOUNCE_GIVEN_UP, "5.2.2"},
        {REPORT("Action: failed\r\nStatus: 4.4.7\r\n\r\nAction: failed\r\nStatus: 5.7.1\r\n\r\n"), BOUNCE_REFUSED, "5.7.1"},
        {REPORT("Action: failed\r\n\r\nStatus: 5.1.1\r\n\r\n"), BOUNCE_NONE, ""},
        {REPORT("Action: failed\r\nStatus: 5.1\r\n\r\n"), BOUNCE_NONE, ""},
        {REPORT("Action: failed\r\nStatus: 5.1.1111\r\n\r\n"), BOUNCE_NONE, ""},
        {REPORT("Action: failed\r\nStatus: 5..1.1\r\n\r\n"), BOUNCE_NONE, ""},
        {"Content-Type: text/plain\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n", BOUNCE_NONE, ""},
        {"Content-Type: multipart/report\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n", BOUNCE_NONE, ""},
        {"", BOUNCE_NONE, ""},
    };
    char status[BOUNCE_STATUS_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(bounce_read(cases[i].mail, strlen(cases[i].mail), status), cases[i].bounce);
        assert_string_equal(status, cases[i].status);
    }
}

static void
mails_come_back_to_an_address_of_their_own(void **state)
{
    static const struct crypt_keys keys = {.pepper = {1}}, others = {.pepper = {2}};
    struct arena *arena = *state;
    const char *sender = bounce_sender(arena, &keys, "bounce@example.jp", "9223372036854775807");

    assert_string_equal(sender, text_format(arena, "bounce+9223372036854775807-%s@example.jp",
                                            bounce_token(arena, &keys, "9223372036854775807")));
    assert_true(strcspn(sender, "@") <= 64);
    assert_string_not_equal(bounce_token(arena, &keys, "1"), bounce_token(arena, &keys, "2"));
    assert_string_not_equal(bounce_token(arena, &keys, "1"), bounce_token(arena, &others, "1"));
    assert_null(bounce_sender(arena, &keys, "", "1"));
}

/* Within a hundredth of what another program computed: the serial interval integrated in small steps. */
static bool
near(double value, double known)
{
    return fabs(value - known) < 0.01;
}

static void
growth_has_a_number(void **state)
{
    int64_t even[40], doubling[40], tenth[40], few[40] = {0};

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        even[i] = 100;
        doubling[i] = (int64_t)(100 * exp2((double)i / 7) + 0.5);
        tenth[i] = (int64_t)(100 * pow(1.1, (double)i) + 0.5);
    }
    struct epidemic_rt rt = epidemic_rt(even, 39);
    assert_true(rt.known && near(rt.mean, 1.00) && rt.low < rt.mean && rt.mean < rt.high && rt.high - rt.low < 0.16);
    assert_true(near(epidemic_doubling(even, 39), 0));
    assert_true(near(epidemic_doubling(doubling, 39), 7));
    rt = epidemic_rt(doubling, 39);
    assert_true(rt.known && near(rt.mean, 1.535));
    rt = epidemic_rt(tenth, 39);
    assert_true(rt.known && near(rt.mean, 1.513));
    few[39] = EPIDEMIC_FEWEST - 1;
    assert_false(epidemic_rt(few, 39).known);
    assert_false(epidemic_rt(even, EPIDEMIC_WINDOW + EPIDEMIC_SERIAL_DAYS - 2).known);
    assert_true(near(epidemic_doubling(even, 12), 0));
    assert_true(near(epidemic_doubling(few, 39), 0));
}

static void
addresses_are_taken_as_they_are_meant(void **state)
{
    static const char *const wrong[] = {"", "a", "a@b", "@example.jp", "a@", "a@.jp", "a@example.jp.", "a@@example.jp", "a b@example.jp",
                                        "a@example.jp\r\nBcc: b@example.jp", "<a@example.jp>", "あ@example.jp", "a@example.jp,b@example.jp"};

    assert_string_equal(my_mail_address(*state, "　Hanako.Mihon+her@Example.JP "), "hanako.mihon+her@example.jp");
    assert_string_equal(my_mail_address(*state, "ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ"), "hana@example.jp");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(my_mail_address(*state, wrong[i]));
    char *long_one = text_format(*state, "%0250d@example.jp", 0);
    assert_null(my_mail_address(*state, long_one));
    assert_non_null(my_mail_address(*state, long_one + 8));
}

static void
numbers_of_certificates_are_read_as_people_type_them(void **state)
{
    const char *code = "5TRFZ512E45RQS4RNE60";

    assert_string_equal(certificate_code_shown(*state, code), "5TRFZ-512E4-5RQS4-RNE60");
    assert_string_equal(certificate_code(*state, "5trfz-5l2e4-5rqs4-rne6o"), code);
    assert_string_equal(certificate_code(*state, " ５ＴＲＦＺ　512E4 5RQS4 RNE60 "), code);
    assert_null(certificate_code(*state, "5TRFZ-512E4-5RQS4-RNE6"));
    assert_null(certificate_code(*state, "5TRFZ-512E4-5RQS4-RNE600"));
    assert_null(certificate_code(*state, ""));
}

static void
the_people_are_those_of_the_day(void **state)
{
    const char *people = "2021-10-01 900 2020-10-01 1000 2019-10-01 1100";

    (void)state;
    assert_int_equal(figure_people_on(people, date_from_iso("2019-10-01")), 1100);
    assert_int_equal(figure_people_on(people, date_from_iso("2021-09-30")), 1000);
    assert_int_equal(figure_people_on(people, date_from_iso("2022-12-31")), 900);
    assert_int_equal(figure_people_on(people, date_from_iso("2019-09-30")), 0);
    assert_int_equal(figure_people_on(NULL, date_from_iso("2019-10-01")), 0);
    assert_int_equal(figure_people_on("", date_from_iso("2019-10-01")), 0);
}

/* Days of the ministry's file newly_confirmed_cases_per_100_thousand_population_daily.csv, with their new cases and the people in thousands. */
static void
per_100000_is_written_as_the_ministry_writes_it(void **state)
{
    static const struct {
        int64_t count, people;
        const char *text;
    } rates[] = {
        {0, 1246000, "0"},           {2, 5250000, "0"},           {141, 13921000, "1"},      {5637, 5225000, "107.9"},
        {149868, 126146000, "118.8"}, {1162, 1211000, "96"},       {-3, 1000000, "-0.3"},     {-4, 100000000, "0"},
        {5, 10000000, "0.1"},        {4, 10000000, "0"},          {9995, 100000000, "10"},   {33000000, 126146000, "26160.2"},
        {12, 0, ""},                 {0, 0, ""},
    };

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        assert_string_equal(figure_rate(*state, rates[i].count, rates[i].people), rates[i].text);
        assert_string_equal(figure_text(*state, figure_find(2), rates[i].count, rates[i].people), rates[i].text);
    }
    assert_string_equal(figure_text(*state, figure_find(1), 143, 13921000), "143");
    assert_string_equal(figure_text(*state, figure_find(1), -3, 0), "-3");
}

static void
a_published_number_is_named_by_its_cell(void **state)
{
    static const struct {
        int64_t indicator;
        const char *cell, *words;
    } cells[] = {{1, "", ""},       {3, "m10", "男 10代"},  {9, "f90", "女 90歳以上"}, {10, "care", "入院治療等を要する者"},
                 {11, "0", "合計"}, {11, "1", "医療機関"}, {11, "11", ""},            {11, "x", ""}};

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        assert_string_equal(figure_cell_words(*state, figure_find(cells[i].indicator), cells[i].cell), cells[i].words);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(passwords_are_long_and_unknown), UNIT(totp_codes_are_good_once),
        UNIT(what_is_missing_becomes_work),   UNIT(people_are_found_by_every_name),
        UNIT(fields_travel_both_ways),        UNIT(added_items_travel_too),
        UNIT(added_items_are_read_as_all_others),
        UNIT(death_demands_date_and_place),
        UNIT(mails_that_come_back_are_understood), UNIT(mails_come_back_to_an_address_of_their_own),
        UNIT(messages_name_nobody),           UNIT(devices_are_named),
        UNIT(messages_to_patients_have_every_language),
        UNIT(a_dollar_that_is_no_value_stands_for_itself),
        UNIT(the_digest_has_figures),         UNIT(rates_are_rounded),
        UNIT(the_trend_begins_on_a_monday),
        UNIT(likenesses_have_a_weight_and_words), UNIT(a_person_is_asked_for_by_folded_keys),
        UNIT(growth_has_a_number),
        UNIT(addresses_are_taken_as_they_are_meant),
        UNIT(numbers_of_certificates_are_read_as_people_type_them),
        UNIT(the_people_are_those_of_the_day), UNIT(per_100000_is_written_as_the_ministry_writes_it),
        UNIT(a_published_number_is_named_by_its_cell),
    };

    crypt_init();
    return cmocka_run_group_tests_name("core", tests, write_known, remove_known);
}
