/* test_dictionary.c - the form: what it asks, when, what it finds wrong; and the rights. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/text.h"
#include "dictionary/document.h"
#include "dictionary/rights.h"

static void
type_in(struct arena *arena, struct document *doc, int item, const char *text)
{
    const char *message = NULL;

    assert_true(document_type_in(arena, doc, item, text, &message));
}

static bool
refuses(struct arena *arena, int item, const char *text)
{
    struct document doc = {0};
    const char *message = NULL;
    bool read = document_type_in(arena, &doc, item, text, &message);

    assert_true(read == (message == NULL));
    if (!read)
        assert_string_equal(doc.typed[item], text); /* nothing typed is lost */
    return !read;
}

static void
values_are_read_kindly(void **state)
{
    struct arena *arena = *state;
    struct document doc = {0};

    type_in(arena, &doc, ITEM_birth_date, "Ｓ５５．１．２");
    assert_string_equal(doc.value[ITEM_birth_date], "1980-01-02");
    type_in(arena, &doc, ITEM_family_kana, "ﾔﾏﾀﾞ");
    assert_string_equal(doc.value[ITEM_family_kana], "ヤマダ");
    type_in(arena, &doc, ITEM_phone, "０９０－１２３４－５６７８");
    assert_string_equal(doc.value[ITEM_phone], "09012345678");
    type_in(arena, &doc, ITEM_passport_number, " ｔｋ-1234567 ");
    assert_string_equal(doc.value[ITEM_passport_number], "TK1234567");
    type_in(arena, &doc, ITEM_spo2, "９６");
    assert_string_equal(doc.value[ITEM_spo2], "96");
    for (const char *const *t = (const char *const[]){"36.8", "３６．８", "368", " 36.8 ", NULL}; *t != NULL; t++) {
        type_in(arena, &doc, ITEM_observation_temperature, *t);
        assert_string_equal(doc.value[ITEM_observation_temperature], "36.8");
    }
    type_in(arena, &doc, ITEM_observation_temperature, "37");
    assert_string_equal(doc.value[ITEM_observation_temperature], "37.0");
    type_in(arena, &doc, ITEM_observation_temperature, "45.0");
    assert_string_equal(doc.value[ITEM_observation_temperature], "45.0");
    type_in(arena, &doc, ITEM_symptoms, "cough fever");
    assert_string_equal(doc.value[ITEM_symptoms], "fever cough");
    type_in(arena, &doc, ITEM_symptoms, "none fever");
    assert_string_equal(doc.value[ITEM_symptoms], "fever");
    type_in(arena, &doc, ITEM_symptoms, "none");
    assert_string_equal(doc.value[ITEM_symptoms], "none");
    type_in(arena, &doc, ITEM_family_name, " 神 ");
    assert_string_equal(doc.value[ITEM_family_name], "神");
    type_in(arena, &doc, ITEM_phone, "");
    assert_string_equal(doc.value[ITEM_phone], "");
    /* absent is not empty */
    type_in(arena, &doc, ITEM_family_name, NULL);
    assert_string_equal(doc.value[ITEM_family_name], "神");
}

static void
unreadable_values_are_kept_as_typed(void **state)
{
    struct buf long_text = buf_new(*state);

    for (int i = 0; i < 41; i++)
        buf_add_text(&long_text, "山");
    assert_true(refuses(*state, ITEM_birth_date, "2021/2/30"));
    assert_true(refuses(*state, ITEM_birth_date, "きのう"));
    assert_true(refuses(*state, ITEM_spo2, "130"));
    assert_true(refuses(*state, ITEM_spo2, "九十六"));
    for (const char *const *t = (const char *const[]){"29.9", "45.1", "36.85", "36.", ".8", "36,8", "3.68", "9999", "-36.8", NULL}; *t != NULL; t++)
        assert_true(refuses(*state, ITEM_observation_temperature, *t));
    assert_true(refuses(*state, ITEM_phone, "内線3"));
    assert_true(refuses(*state, ITEM_stay_postal_code, "12345"));
    assert_true(refuses(*state, ITEM_sex, "hacker"));
    assert_true(refuses(*state, ITEM_symptoms, "fever <script>"));
    assert_true(refuses(*state, ITEM_passport_number, "ＴＫ山"));
    assert_true(refuses(*state, ITEM_family_name, buf_text(&long_text)));
}

/* Sets a value in canonical form. */
static struct document
with(struct document doc, int item, const char *value)
{
    doc.value[item] = value;
    return doc;
}

static bool
asks(const struct document *doc, int item, int form)
{
    const struct place *place = document_place(item, (struct form_view){form, false});

    return place != NULL && document_applies(doc, place);
}

static void
passport_is_asked_for_28_days_counted_from_the_entry(void **state)
{
    struct document doc = with((struct document){0}, ITEM_entry_date, "2021-06-01");

    (void)state;
    for (int form = 0; form < FORM_COUNT; form++) {
        doc.value[ITEM_diagnosis_date] = "2021-06-01";
        assert_true(asks(&doc, ITEM_passport_number, form));
        doc.value[ITEM_diagnosis_date] = "2021-06-28"; /* the 28th day */
        assert_true(asks(&doc, ITEM_passport_number, form));
        doc.value[ITEM_diagnosis_date] = "2021-06-29";
        assert_false(asks(&doc, ITEM_passport_number, form));
        doc.value[ITEM_diagnosis_date] = "2021-05-31"; /* before the entry */
        assert_false(asks(&doc, ITEM_passport_number, form));
        doc.value[ITEM_diagnosis_date] = NULL;
        assert_false(asks(&doc, ITEM_passport_number, form));
    }
}

static void
guardian_is_for_minors_only(void **state)
{
    struct document doc = with((struct document){0}, ITEM_diagnosis_date, "2021-06-01");

    (void)state;
    assert_false(asks(&doc, ITEM_guardian_name, FORM_2021_02)); /* unknown age */
    doc.value[ITEM_birth_date] = "2001-06-02";
    assert_true(asks(&doc, ITEM_guardian_name, FORM_2021_02)); /* 19 */
    doc.value[ITEM_birth_date] = "2001-06-01";
    assert_false(asks(&doc, ITEM_guardian_name, FORM_2021_02)); /* 20 */
    doc.value[ITEM_diagnosis_date] = "2022-10-01";
    doc.value[ITEM_birth_date] = "2004-10-02";
    assert_true(asks(&doc, ITEM_guardian_name, FORM_2022_09)); /* 17 */
    doc.value[ITEM_birth_date] = "2004-10-01";
    assert_false(asks(&doc, ITEM_guardian_name, FORM_2022_09)); /* 18 */
}

static void
category_steers_what_is_shown(void **state)
{
    struct document doc = with((struct document){0}, ITEM_category, "body");

    (void)state;
    assert_true(asks(&doc, ITEM_death_date, FORM_2021_02));
    assert_false(asks(&doc, ITEM_target_reasons, FORM_2022_09));
    doc.value[ITEM_category] = "asymptomatic";
    assert_false(asks(&doc, ITEM_death_date, FORM_2021_02));
    assert_false(asks(&doc, ITEM_onset_date, FORM_2021_02));
    assert_false(asks(&doc, ITEM_symptoms, FORM_2021_02));
    doc.value[ITEM_category] = "confirmed";
    assert_true(asks(&doc, ITEM_symptoms, FORM_2021_02));
    assert_true(asks(&doc, ITEM_onset_date, FORM_2022_09));
    assert_true(asks(&doc, ITEM_target_reasons, FORM_2022_09));
}

static void
each_version_has_its_items(void **state)
{
    static const struct {
        int item, form;
        bool there;
    } cases[] = {
        {ITEM_spo2, FORM_2020_05, false},          {ITEM_spo2, FORM_2021_02, true},
        {ITEM_dose1_given, FORM_2020_05, false},   {ITEM_dose3_given, FORM_2021_02, true},
        {ITEM_dose_count, FORM_2021_02, false},    {ITEM_dose_count, FORM_2022_06, true},
        {ITEM_occupation, FORM_2021_02, true},     {ITEM_occupation, FORM_2022_06, false},
        {ITEM_symptoms, FORM_2021_02, true},       {ITEM_symptoms, FORM_2022_06, false},
        {ITEM_place_kind, FORM_2021_02, true},     {ITEM_place_kind, FORM_2022_09, false},
        {ITEM_risk_factors, FORM_2020_05, false},  {ITEM_risk_factors, FORM_2022_09, true},
        {ITEM_drug_needed, FORM_2022_08, false},   {ITEM_drug_needed, FORM_2022_09, true},
        {ITEM_test4_result, FORM_2021_02, true},   {ITEM_test1_method, FORM_2022_06, false},
        {ITEM_remarks, FORM_2020_05, true},        {ITEM_remote_visit, FORM_2022_06, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true((document_place(cases[i].item, (struct form_view){cases[i].form, false}) !=
                     NULL) == cases[i].there);
}

/* Seed 0 Q5: 類型, 氏名, 性別, 生年月日, 発症日, 所在地, 診断方法 suffice in a surge. */
static void
the_short_form_asks_for_the_seven(void **state)
{
    struct document doc = with((struct document){0}, ITEM_category, "confirmed");
    struct problems problems = {0};
    static const int expected[] = {ITEM_family_name,    ITEM_given_name,     ITEM_sex,
                                   ITEM_birth_date,     ITEM_onset_date,     ITEM_stay_address,
                                   ITEM_test1_method,   ITEM_test1_specimen, ITEM_test1_sampled_on,
                                   ITEM_test1_result};

    doc.value[ITEM_diagnosis_date] = "2021-06-01";
    doc.value[ITEM_institution_name] = "A";
    document_check(*state, &doc, (struct form_view){FORM_2021_02, true}, &problems);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_non_null(problems_of(&problems, expected[i]));
    for (size_t i = 0; i < problems.count; i++) {
        const char *phone = dictionary_items[problems.list[i].item].name;
        assert_int_equal(problems.list[i].kind, PROBLEM_MISSING);
        assert_string_not_equal(phone, "occupation");
    }
    assert_in_range(problems.count, 10, 11);
}

static enum problem_kind
kind_at(struct arena *arena, const struct document *doc, int item)
{
    struct problems problems = {0};

    document_check(arena, doc, (struct form_view){FORM_2021_02, false}, &problems);
    for (size_t i = 0; i < problems.count; i++)
        if (problems.list[i].item == item && problems.list[i].kind != PROBLEM_MISSING)
            return problems.list[i].kind;
    return PROBLEM_MISSING; /* nothing but perhaps missing */
}

static void
impossible_and_doubtful_dates(void **state)
{
    struct document doc = with((struct document){0}, ITEM_diagnosis_date, "2021-06-10");

    date_fix_today(date_from_iso("2021-06-15"));
    doc.value[ITEM_category] = "confirmed";
    doc.value[ITEM_onset_date] = "2021-06-11";
    assert_int_equal(kind_at(*state, &doc, ITEM_onset_date), PROBLEM_WARNING);
    doc.value[ITEM_onset_date] = "2021-06-16";
    assert_int_equal(kind_at(*state, &doc, ITEM_onset_date), PROBLEM_ERROR);
    doc.value[ITEM_onset_date] = "2021-06-10";
    assert_int_equal(kind_at(*state, &doc, ITEM_onset_date), PROBLEM_MISSING);
    doc.value[ITEM_birth_date] = "2021-06-11";
    assert_int_equal(kind_at(*state, &doc, ITEM_onset_date), PROBLEM_ERROR);
    doc.value[ITEM_birth_date] = "1890-01-01";
    assert_int_equal(kind_at(*state, &doc, ITEM_birth_date), PROBLEM_WARNING);
    doc.value[ITEM_birth_date] = "1980-06-10";
    doc.value[ITEM_age_years] = "40";
    assert_int_equal(kind_at(*state, &doc, ITEM_age_years), PROBLEM_WARNING);
    document_derive(*state, &doc);
    assert_string_equal(doc.value[ITEM_age_years], "41");
    assert_int_equal(kind_at(*state, &doc, ITEM_age_years), PROBLEM_MISSING);
    doc.value[ITEM_phone] = "0901234567890";
    assert_int_equal(kind_at(*state, &doc, ITEM_phone), PROBLEM_WARNING);
    doc.value[ITEM_family_kana] = "Smith";
    assert_int_equal(kind_at(*state, &doc, ITEM_family_kana), PROBLEM_WARNING);
    doc.value[ITEM_hospitalised] = "no";
    doc.value[ITEM_hospitalised_date] = "2021-06-10";
    assert_int_equal(kind_at(*state, &doc, ITEM_hospitalised_date), PROBLEM_UNUSED);
    document_prune(&doc, FORM_2021_02);
    assert_null(doc.value[ITEM_hospitalised_date]);
    assert_string_equal(doc.value[ITEM_family_kana], "Smith");
    date_fix_today(DATE_NONE);
}

static void
infants_have_months(void **state)
{
    struct document doc = with((struct document){0}, ITEM_diagnosis_date, "2021-06-10");

    doc.value[ITEM_birth_date] = "2021-01-11";
    document_derive(*state, &doc);
    assert_string_equal(doc.value[ITEM_age_years], "0");
    assert_string_equal(doc.value[ITEM_age_months], "4");
    assert_true(asks(&doc, ITEM_age_months, FORM_2021_02));
}

static void
values_are_shown_in_words(void **state)
{
    struct document doc = with((struct document){0}, ITEM_birth_date, "1980-01-02");

    assert_string_equal(document_shown(*state, &doc, ITEM_birth_date), "1980年1月2日（昭和55年）");
    doc.value[ITEM_symptoms] = "fever cough";
    assert_string_equal(document_shown(*state, &doc, ITEM_symptoms), "発熱、咳");
    doc.value[ITEM_spo2] = "96";
    assert_string_equal(document_shown(*state, &doc, ITEM_spo2), "96％");
    doc.value[ITEM_stay_postal_code] = "4600001";
    assert_string_equal(document_shown(*state, &doc, ITEM_stay_postal_code), "〒460-0001");
    assert_string_equal(document_shown(*state, &doc, ITEM_sex), "");
}

/* Seed 1, last page, by hand: who may do what. The generated table must say the same. */
static void
rights_are_those_of_the_seed(void **state)
{
    struct rights clinic = rights_of(KIND_clinic, 1u << RELATION_reporter);
    struct rights centre = rights_of(KIND_centre, 1u << RELATION_responsible);
    struct rights prefecture = rights_of(KIND_prefecture, 1u << RELATION_prefecture);
    struct rights nation = rights_of(KIND_ministry, 1u << RELATION_nation);
    struct rights follow = rights_of(KIND_followup, 1u << RELATION_followup);

    (void)state;
    assert_true(rights_may_edit(clinic, CLASS_clinical) && rights_may_edit(clinic, CLASS_deletion));
    assert_false(rights_may_view(clinic, CLASS_status) || rights_may_view(clinic, CLASS_history));
    assert_false(rights_may_edit(clinic, CLASS_confirmation));
    for (int class = 0; class < CLASS_COUNT; class ++) {
        assert_true(rights_may_view(centre, (enum item_class)class));
        /* 居所 is what a prefecture enters (seed 1, last page), and what it asks for itself (独自項目, which no seed knows). */
        assert_int_equal(rights_may_edit(prefecture, (enum item_class)class),
                         class == CLASS_residence || class == CLASS_local || class == CLASS_local_shared);
        assert_false(rights_may_edit(nation, (enum item_class)class));
    }
    assert_true(rights_may_view(prefecture, CLASS_identity));
    assert_false(rights_may_view(nation, CLASS_identity) || rights_may_view(nation, CLASS_contact));
    assert_true(rights_may_view(follow, CLASS_identity));
    assert_false(rights_may_view(follow, CLASS_route) || rights_may_view(follow, CLASS_clinical));
    /* A relation of another kind of organisation gives nothing. */
    assert_int_equal(rights_of(KIND_clinic, 1u << RELATION_responsible).view, 0);
    assert_int_equal(rights_of(KIND_centre, 0).view, 0);
    /* The second wall opens a tab exactly for these relations. */
    assert_int_equal(rights_tab_mask(KIND_clinic, TAB_notification, true), 1u << RELATION_reporter);
    assert_int_equal(rights_tab_mask(KIND_ministry, TAB_basic, false), 0);
    assert_int_equal(rights_tab_mask(KIND_centre, TAB_restoration, true),
                     1u << RELATION_responsible);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(values_are_read_kindly),
        UNIT(unreadable_values_are_kept_as_typed),
        UNIT(passport_is_asked_for_28_days_counted_from_the_entry),
        UNIT(guardian_is_for_minors_only),
        UNIT(category_steers_what_is_shown),
        UNIT(each_version_has_its_items),
        UNIT(the_short_form_asks_for_the_seven),
        UNIT(impossible_and_doubtful_dates),
        UNIT(infants_have_months),
        UNIT(values_are_shown_in_words),
        UNIT(rights_are_those_of_the_seed),
    };

    return cmocka_run_group_tests_name("dictionary", tests, NULL, NULL);
}
