/* synthetic.c - see synthetic.h. */
#include "exchange/synthetic.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"
#include "base/map.h"
#include "base/text.h"
#include "exchange/place.h"
#include "exchange/synthetic_table.h"

enum {
    JAPAN_SECONDS_EAST = 9 * 3600,
    DAY_SECONDS = 86400,
    NAME_OFFSET = 5,      /* Zipf's law from here on: the first name is not half of all */
    HASTY_PERCENT = 12,   /* of the reports leave out ... */
    SKIPPED_PERCENT = 15, /* ... so many of the items that they should have */
    HOME_TRIES = 5000,    /* draws of a town until one lies under the clinic's centre */
    GENERATION = 30       /* years between a child and whoever speaks for it */
};

/* The towns of a prefecture, or the clinics of a centre: rows first to first + count - 1. */
struct range {
    size_t first, count;
};

struct synthetic {
    struct synthetic_plan plan;
    const struct places *places;
    const struct rows *towns, *clinics;
    struct range prefectures[SYNTHETIC_PREFECTURES];
    struct map *centres; /* index into ranges */
    struct range *ranges;
    int population, cases; /* the sums of the tables */
    int64_t now;           /* seconds, for recent ones */
};

/* ---- chance -------------------------------------------------------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood 2014): every number of a plan begins its own sequence. */
struct dice {
    uint64_t state;
};

static uint64_t
roll(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* 0 to n - 1; the bias of the remainder is far below anything that is seen here. */
static int
below(struct dice *dice, int n)
{
    return n <= 0 ? 0 : (int)(roll(dice) % (uint64_t)n);
}

static bool
percent(struct dice *dice, int chance)
{
    return below(dice, 100) < chance;
}

/* An index into weights, as often as its weight says; `sum` is theirs. */
static int
weighted(struct dice *dice, const int *weights, int sum)
{
    int left = below(dice, sum), i = 0;

    while (left >= weights[i])
        left -= weights[i++];
    return i;
}

/* One of "word:weight word:weight", as often as its weight says. */
static const char *
one_of(struct dice *dice, struct arena *arena, const char *words)
{
    int sum = 0;

    for (const char *p = words; (p = strchr(p, ':')) != NULL; p++)
        sum += (int)strtol(p + 1, NULL, 10);
    int left = below(dice, sum);
    for (const char *p = words;; p += strcspn(p, " ") + 1) {
        const char *colon = strchr(p, ':');
        left -= (int)strtol(colon + 1, NULL, 10);
        if (left < 0)
            return text_copy_n(arena, p, (size_t)(colon - p));
    }
}

/* Several of "word:percent": each with its own chance, the first when none came. */
static const char *
some_of(struct dice *dice, struct arena *arena, const char *words)
{
    struct buf out = buf_new(arena);

    for (const char *p = words; *p != '\0'; p += strspn(p, " ")) {
        const char *colon = strchr(p, ':');
        if (percent(dice, (int)strtol(colon + 1, NULL, 10)))
            buf_printf(&out, "%s%.*s", out.size == 0 ? "" : " ", (int)(colon - p), p);
        p += strcspn(p, " ");
    }
    return out.size > 0 ? buf_text(&out) : text_copy_n(arena, words, strcspn(words, ":"));
}

/* A name, the first ones more often. */
static const struct synthetic_name *
name_of(struct dice *dice, const struct synthetic_name *names, int count)
{
    double sum = 0, share = (double)(roll(dice) >> 11) / (double)(UINT64_C(1) << 53);
    int i = 0;

    for (int n = 0; n < count; n++)
        sum += 1.0 / (n + NAME_OFFSET);
    for (share *= sum; i < count - 1; i++) {
        share -= 1.0 / (i + NAME_OFFSET);
        if (share < 0)
            break;
    }
    return &names[i];
}

/* ---- what is read once --------------------------------------------------------------------------------------------- */

static int
sum_of(const int *weights, int count)
{
    int sum = 0;

    for (int i = 0; i < count; i++)
        sum += weights[i];
    return sum;
}

static void
find_prefectures(struct synthetic *s)
{
    for (size_t i = 0; i < rows_count(s->towns); i++) {
        int prefecture = (int)rows_int(s->towns, i, "prefecture_code") - 1;
        struct range *range = &s->prefectures[prefecture];
        if (range->count++ == 0)
            range->first = i;
    }
}

static void
find_centres(struct synthetic *s, struct arena *arena)
{
    int64_t count = 0, known;

    s->centres = map_new(arena);
    s->ranges = ARENA_ARRAY(arena, rows_count(s->clinics), struct range);
    for (size_t i = 0; i < rows_count(s->clinics); i++) {
        const char *centre = rows_text(s->clinics, i, "centre_id");
        if (!map_find(s->centres, centre, &known)) {
            known = count++;
            map_put(s->centres, centre, known);
            s->ranges[known].first = i;
        }
        if (s->plan.each == 0 || s->ranges[known].count < (size_t)s->plan.each)
            s->ranges[known].count++;
    }
}

struct synthetic *
synthetic_new(struct arena *arena, struct db *db, const struct synthetic_plan *plan)
{
    struct synthetic *s = ARENA_NEW(arena, struct synthetic);
    struct db_batch *batch = db_batch(db, arena, NULL);
    unsigned towns = DB_ADD(batch, SQL_synthetic_towns);
    unsigned clinics = DB_ADD(batch, SQL_synthetic_clinics, plan->clinics);

    s->plan = *plan;
    s->places = places_load(arena, db);
    if (s->places == NULL || db_run(batch) != DB_OK || rows_count(db_rows(batch, clinics)) == 0)
        return NULL;
    s->towns = db_rows(batch, towns);
    s->clinics = db_rows(batch, clinics);
    find_prefectures(s);
    find_centres(s, arena);
    s->population = sum_of(synthetic_population, SYNTHETIC_PREFECTURES);
    s->cases = sum_of(synthetic_months, SYNTHETIC_MONTHS);
    s->now = (int64_t)time(NULL);
    return s;
}

/* ---- one patient --------------------------------------------------------------------------------------------------- */

struct making {
    const struct synthetic *of;
    struct arena *arena;
    struct dice dice;
    struct document *doc;
    struct bulk_case *c;
    size_t town, clinic; /* rows */
    int age;
    date_day diagnosis;
    int64_t reported; /* seconds since 1970 */
};

static void
set(struct making *m, int item, const char *value)
{
    m->doc->value[item] = value;
}

static const char *
stamp(struct arena *arena, int64_t seconds)
{
    int64_t japan = seconds + JAPAN_SECONDS_EAST;
    int of_day = (int)(japan % DAY_SECONDS);

    return text_format(arena, "%s %02d:%02d:%02d+09",
                       date_iso(arena, (date_day)(japan / DAY_SECONDS)), of_day / 3600,
                       of_day / 60 % 60, of_day % 60);
}

/* When it was diagnosed and reported. */
static void
make_day(struct making *m)
{
    const struct synthetic *s = m->of;

    if (s->plan.recent_days > 0) {
        m->reported = s->now - below(&m->dice, s->plan.recent_days * DAY_SECONDS);
        m->diagnosis = (date_day)((m->reported + JAPAN_SECONDS_EAST) / DAY_SECONDS);
        return;
    }
    int month = weighted(&m->dice, synthetic_months, s->cases);
    struct date_parts first = {SYNTHETIC_FIRST_YEAR + month / 12, month % 12 + 1, 1};
    struct date_parts next = {first.year + (month % 12 == 11), (month + 1) % 12 + 1, 1};
    date_day begin = date_from_parts(first);
    m->diagnosis = begin + below(&m->dice, date_from_parts(next) - begin);
    /* between nine and nine, as clinics and centres worked */
    m->reported = (int64_t)m->diagnosis * DAY_SECONDS - JAPAN_SECONDS_EAST + 9 * 3600 +
                  below(&m->dice, 12 * 3600);
}

static int64_t
centre_of_town(const struct synthetic *s, size_t town)
{
    return places_municipality(s->places, rows_text(s->towns, town, "municipality_code"))
        ->centre_id;
}

/* A town anywhere in the country, then a clinic under its centre, if the centre has one. */
static void
make_place(struct making *m)
{
    const struct synthetic *s = m->of;
    int prefecture = weighted(&m->dice, synthetic_population, s->population);
    int64_t range;

    m->town = s->prefectures[prefecture].first +
              (size_t)below(&m->dice, (int)s->prefectures[prefecture].count);
    m->c->responsible_id = m->c->reporter_id = centre_of_town(s, m->town);
    if (map_find(s->centres, db_int(m->arena, m->c->responsible_id), &range)) {
        m->clinic = s->ranges[range].first + (size_t)below(&m->dice, (int)s->ranges[range].count);
        m->c->reporter_id = rows_int(s->clinics, m->clinic, "organisation_id");
    }
}

/* A clinic of the plan first, then a town under its centre. */
static void
make_place_near(struct making *m)
{
    const struct synthetic *s = m->of;

    m->clinic = (size_t)below(&m->dice, (int)rows_count(s->clinics));
    m->c->reporter_id = rows_int(s->clinics, m->clinic, "organisation_id");
    m->c->responsible_id = rows_int(s->clinics, m->clinic, "centre_id");
    const struct range *towns =
        &s->prefectures[rows_int(s->clinics, m->clinic, "prefecture_code") - 1];
    for (int tries = 0; tries < HOME_TRIES; tries++) {
        m->town = towns->first + (size_t)below(&m->dice, (int)towns->count);
        if (centre_of_town(s, m->town) == m->c->responsible_id)
            return;
    }
}

/* A given name as it was usual in the year of birth. */
static const struct synthetic_name *
given_name(struct dice *dice, bool woman, int born)
{
    int era = born < 1960 ? 0 : born < 1990 ? 1 : 2;

    return name_of(dice, woman ? synthetic_women[era] : synthetic_men[era], SYNTHETIC_GIVEN);
}

static void
make_person(struct making *m)
{
    /* of all cases, a plausible share for each */
    static const int decades[] = {11, 14, 18, 16, 15, 11, 6, 5, 3, 1};
    struct dice *dice = &m->dice;
    bool woman = percent(dice, 49);
    const struct synthetic_name *family = name_of(dice, synthetic_families, SYNTHETIC_FAMILIES);
    int about = weighted(dice, decades, 100) * 10 + below(dice, 10);
    date_day birth = m->diagnosis - (date_day)(about * 365.25) - below(dice, 365);
    int born = date_parts(birth).year;
    const struct synthetic_name *given = given_name(dice, woman, born);

    m->age = date_age_years(birth, m->diagnosis);
    set(m, ITEM_family_name, family->name);
    set(m, ITEM_family_kana, family->kana);
    set(m, ITEM_given_name, given->name);
    set(m, ITEM_given_kana, given->kana);
    set(m, ITEM_sex, woman ? "female" : "male");
    set(m, ITEM_birth_date, date_iso(m->arena, birth));
    set(m, ITEM_phone, text_format(m->arena, "0900%07d", below(dice, 10000000)));
    if (m->age < 20) {
        set(m, ITEM_guardian_name,
            text_format(m->arena, "%s　%s", family->name,
                        given_name(dice, true, born - GENERATION)->name));
        set(m, ITEM_guardian_phone, m->doc->value[ITEM_phone]);
    }
}

static void
make_address(struct making *m)
{
    const struct rows *towns = m->of->towns;
    const char *municipality = rows_text(towns, m->town, "municipality_code");
    const char *postal = rows_text(towns, m->town, "postal_code");
    /* number 0 stands at no house */
    const char *address = text_format(m->arena, "%s%d-0-%d", rows_text(towns, m->town, "address"),
                                      1 + below(&m->dice, 9), 1 + below(&m->dice, 30));

    set(m, ITEM_home_postal_code, postal);
    set(m, ITEM_home_address, address);
    set(m, ITEM_home_municipality, municipality);
    set(m, ITEM_stay_postal_code, postal);
    set(m, ITEM_stay_address, address);
    set(m, ITEM_stay_municipality, municipality);
    if (document_has(m->doc, ITEM_guardian_name))
        set(m, ITEM_guardian_address, address);
}

/* ---- what the report says ------------------------------------------------------------------------------------------ */

/*
 * Choices and short texts with their weights; for several choices, each one's own chance in per cent. Of the lines of an
 * item the last holds whose age has been reached.
 */
static const struct {
    int item, age;
    const char *words;
} answers[] = {
    {ITEM_occupation, 0, "未就学児:1"},
    {ITEM_occupation, 6, "児童・生徒:1"},
    {ITEM_occupation, 18, "学生:60 会社員:25 飲食業:8 無職:7"},
    {ITEM_occupation, 23, "会社員:62 公務員:8 自営業:9 飲食業:6 介護職:5 医療従事者:5 無職:5"},
    {ITEM_occupation, 65, "無職:75 自営業:13 会社員:12"},
    {ITEM_symptoms, 0,
     "fever:75 cough:55 malaise:45 headache:30 respiratory:20 smell_taste:14 nausea:5 diarrhoea:6"},
    {ITEM_test1_method, 0, "naat:70 antigen_qualitative:22 antigen_quantitative:8"},
    {ITEM_test1_specimen, 0, "nasopharyngeal_swab:45 saliva:30 nasal_swab:25"},
    {ITEM_test1_result, 0, "positive:1"},
    {ITEM_route_certainty, 0, "confirmed:12 presumed:38 unknown:50"},
    {ITEM_place_kind, 0, "home:60 nursery:20 unknown:20"},
    {ITEM_place_kind, 6, "home:55 primary_school:20 unknown:25"},
    {ITEM_place_kind, 13, "home:40 high_school:20 university:10 unknown:30"},
    {ITEM_place_kind, 23, "home:38 workplace:18 restaurant:8 medical:3 nightlife:2 unknown:31"},
    {ITEM_place_kind, 75, "home:35 elderly:30 medical:10 unknown:25"},
    {ITEM_dose1_given, 0, "no:1"},
    {ITEM_dose1_given, 12, "yes:60 no:32 unknown:8"},
    {ITEM_dose2_given, 0, "yes:90 no:10"},
    {ITEM_dose_count, 0, "0:95 unknown:5"},
    {ITEM_dose_count, 12, "0:18 1:1 2:26 3:38 4:8 unknown:9"},
    {ITEM_severity, 0, "mild:99 moderate_1:1"},
    {ITEM_severity, 40, "mild:96 moderate_1:3 moderate_2:1"},
    {ITEM_severity, 70, "mild:87 moderate_1:8 moderate_2:4 severe:1"},
    {ITEM_hospitalised, 0, "no:99 yes:1"},
    {ITEM_hospitalised, 70, "no:86 yes:14"},
    {ITEM_needs_hospital, 0, "no:98 yes:2"},
    {ITEM_needs_hospital, 70, "no:84 yes:16"},
    {ITEM_risk, 0, "no:93 yes:7"},
    {ITEM_risk, 50, "no:60 yes:40"},
    {ITEM_risk_factors, 0, "obesity:30 respiratory:20 smoking:20 other:10"},
    {ITEM_risk_factors, 50,
     "hypertension:45 diabetes:25 lipid:18 smoking:18 obesity:12 kidney:5 cancer:4"},
    {ITEM_immunosuppressed, 0, "no:98 yes:2"},
    {ITEM_pregnant, 0, "no:1"},
    {ITEM_pregnant, 20, "no:95 yes:5"},
    {ITEM_pregnant, 45, "no:1"},
    {ITEM_remote_visit, 0, "no:94 yes:6"},
    {ITEM_target_reasons, 0, "hospital:30 risk_drug:80"},
    {ITEM_target_reasons, 65, "age65:100 hospital:10 risk_drug:20"},
    {ITEM_drug_needed, 0, "no:60 yes:40"},
    {ITEM_oxygen_needed, 0, "no:93 yes:7"},
    {ITEM_doctor_checked, 0, "yes:1"},
};

/* Dates: days before the diagnosis. */
static const struct {
    int item, least, most;
} days[] = {
    {ITEM_onset_date, 0, 5},
    {ITEM_first_visit_date, 0, 1},
    {ITEM_test1_sampled_on, 0, 1},
    {ITEM_hospitalised_date, 0, 0},
};

static void
answer(struct making *m, int item)
{
    const char *words = NULL;

    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (answers[i].item == item && answers[i].age <= m->age)
            words = answers[i].words;
    if (words != NULL)
        set(m, item,
            dictionary_items[item].type == TYPE_choices ? some_of(&m->dice, m->arena, words)
                                                        : one_of(&m->dice, m->arena, words));
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (days[i].item == item)
            set(m, item,
                date_iso(m->arena, m->diagnosis - days[i].least -
                                       below(&m->dice, days[i].most - days[i].least + 1)));
}

/* Who reports: the clinic that was chosen, or the centre itself, which has no doctor to name. */
static void
make_institution(struct making *m)
{
    const struct rows *clinics = m->of->clinics;

    m->c->account_id = BULK_SYSTEM;
    m->c->organisation_id = m->c->reporter_id;
    if (m->c->reporter_id == m->c->responsible_id)
        return;
    m->c->account_id = rows_int(clinics, m->clinic, "account_id");
    m->c->confirmed_by = rows_int(clinics, m->clinic, "confirmer_id");
    set(m, ITEM_institution_name, rows_text(clinics, m->clinic, "name"));
    set(m, ITEM_institution_address, rows_text(clinics, m->clinic, "address"));
    set(m, ITEM_institution_phone, rows_text(clinics, m->clinic, "phone"));
    set(m, ITEM_doctor_name, name_of(&m->dice, synthetic_families, SYNTHETIC_FAMILIES)->name);
}

/* Fills what the form of that day asks for, in the order of the paper, so that conditions are decided before. */
static void
make_report(struct making *m)
{
    struct publication *p = &m->c->publication;

    set(m, ITEM_diagnosis_date, date_iso(m->arena, m->diagnosis));
    set(m, ITEM_category, percent(&m->dice, 93) ? "confirmed" : "asymptomatic");
    set(m, ITEM_remarks, "合成データです。実在の方ではありません。");
    p->form =
        places_form(m->of->places, text_copy_n(m->arena, m->doc->value[ITEM_home_municipality], 2),
                    m->doc->value[ITEM_diagnosis_date]);
    int skipped = percent(&m->dice, HASTY_PERCENT) ? SKIPPED_PERCENT : 0;
    for (int i = 0; i < PLACE_COUNT; i++) {
        const struct place *place = &dictionary_places[i];
        if ((place->forms & 1u << p->form) != 0 && place->must &&
            !document_has(m->doc, place->item) && document_applies(m->doc, place) &&
            !percent(&m->dice, skipped))
            answer(m, place->item);
    }
    document_derive(m->arena, m->doc);
    document_prune(m->doc, p->form);
}

/* ---- what became of it --------------------------------------------------------------------------------------------- */

static void
make_status(struct making *m)
{
    bool recent = m->of->plan.recent_days > 0;
    struct current_status *status = &m->c->publication.status;
    const char *word = one_of(&m->dice, m->arena,
                              recent         ? "home:60 hotel:12 hospital:6 arranging:10 none:12"
                              : m->age >= 70 ? "released:76 discharged:15 dead:4 none:4 unknown:1"
                                             : "released:90 discharged:5 none:3 unknown:2");

    if (text_same(word, "none"))
        return;
    int lasted = recent ? 0 : 8 + below(&m->dice, 5);
    status->status = word;
    status->since = date_iso(m->arena, m->diagnosis + lasted);
    if (text_same(word, "dead")) {
        status->death_date = status->since;
        status->death_place = one_of(&m->dice, m->arena, "medical:90 home:4 facility:6");
        status->death_cause = one_of(&m->dice, m->arena, "covid:80 other:12 checking:8");
    }
}

/* 保健所確認済: most of them, some hours later. */
static void
make_confirmation(struct making *m)
{
    int64_t at = m->reported + 3600 + below(&m->dice, 20 * 3600);

    if (!percent(&m->dice, m->of->plan.recent_days > 0 ? 75 : 97) || at > m->of->now)
        return;
    m->c->publication.confirmed = true;
    m->c->confirmed_at = stamp(m->arena, at);
}

void
synthetic_case(const struct synthetic *synthetic, struct arena *arena, int64_t number,
               struct document *doc, struct bulk_case *c)
{
    struct making m = {.of = synthetic, .arena = arena, .doc = doc, .c = c};

    m.dice.state = (uint64_t)synthetic->plan.seed * UINT64_C(0xD1342543DE82EF95) + (uint64_t)number;
    m.dice.state = roll(&m.dice); /* neighbours do not begin alike */
    memset(doc, 0, sizeof *doc);
    *c = (struct bulk_case){.publication = {.doc = doc, .notification_no = 1},
                            .reason = "合成データ"};
    make_day(&m);
    if (synthetic->plan.recent_days > 0)
        make_place_near(&m);
    else
        make_place(&m);
    make_person(&m);
    make_address(&m);
    make_institution(&m);
    make_report(&m);
    make_status(&m);
    make_confirmation(&m);
    c->publication.listed_at = c->entered_at = stamp(arena, m.reported);
}
