/* extract.c - see extract.h. */
#include "core/extract.h"

#include "base/date.h"
#include "base/map.h"
#include "base/text.h"

#define ANY_RELATION (~0u)

/* ---- coarser, step by step ----------------------------------------------------------------------------------------- */

static const char *
as_it_is(struct arena *arena, int list, int step, const char *value)
{
    (void)arena;
    (void)step;
    return list < 0 ? value : dictionary_label(list, value);
}

/* By 10 years, by 20. */
static const char *
age_band(struct arena *arena, int list, int step, const char *value)
{
    enum { STEP = 20, OLDEST = 80 };
    int64_t years;

    if (step == 1 || text_to_int(value, 0, 200, &years) != 0)
        return dictionary_label(list, value);
    int64_t from = years / STEP * STEP;
    return from == 0        ? text_format(arena, "%d歳未満", STEP)
           : from >= OLDEST ? text_format(arena, "%d歳以上", OLDEST)
                            : text_format(arena, "%lld〜%lld歳", (long long)from, (long long)from + STEP - 1);
}

/* By week from Monday, by month, by year. */
static const char *
day_span(struct arena *arena, int list, int step, const char *value)
{
    date_day day = date_from_iso(value);

    (void)list;
    if (day == DATE_NONE)
        return "";
    if (step == 1)
        return text_format(arena, "%sの週", date_slashed(arena, day - (date_weekday(day) + 6) % 7));
    struct date_parts parts = date_parts(day);
    return step == 2 ? text_format(arena, "%d年%d月", parts.year, parts.month) : text_format(arena, "%d年", parts.year);
}

/* ---- columns ------------------------------------------------------------------------------------------------------- */

#define DAY_STEPS {"週ごと", "月ごと", "年ごと"}

/* In the file in this order. `open`: every list shows it, whatever the class. */
static const struct {
    struct extract_column column;
    enum item_class class;
    bool open;
} table[] = {
    {{"age", "年齢", true, {"10歳ごと", "20歳ごと"}, {"age"}, age_band, LIST_age_band}, 0, true},
    {{"sex", "性別", true, {"そのまま"}, {"sex"}, as_it_is, LIST_sex}, 0, true},
    {{"area", "地域", true, {"担当保健所", "都道府県"}, {"centre", "prefecture"}, as_it_is, -1}, 0, true},
    {{"reported", "届出日", true, DAY_STEPS, {"reported"}, day_span, -1}, 0, true},
    {{"onset", "発症日", true, DAY_STEPS, {"onset"}, day_span, -1}, CLASS_clinical, false},
    {{"diagnosis", "診断日", true, DAY_STEPS, {"diagnosis"}, day_span, -1}, CLASS_clinical, false},
    {{"place_kind", "感染した場所の区分", true, {"そのまま"}, {"place_kind"}, as_it_is, LIST_place_kind}, CLASS_route, false},
    {{"route", "感染経路", false, {"そのまま"}, {"route"}, as_it_is, LIST_route}, CLASS_route, false},
    {{"category", "診断分類", false, {"そのまま"}, {"category"}, as_it_is, LIST_category}, CLASS_clinical, false},
    {{"severity", "届出時の重症度", false, {"そのまま"}, {"severity"}, as_it_is, LIST_severity}, CLASS_clinical, false},
    {{"status", "現在のステータス", false, {"そのまま"}, {"status"}, as_it_is, LIST_status}, CLASS_status, false},
};

struct extract_columns
extract_columns(struct arena *arena, enum organisation_kind kind)
{
    struct rights rights = rights_of(kind, ANY_RELATION);
    size_t all = sizeof table / sizeof *table, count = 0;
    const struct extract_column **list = ARENA_ARRAY(arena, all, const struct extract_column *);

    for (size_t i = 0; i < all; i++)
        if (table[i].open || rights_may_view(rights, table[i].class))
            list[count++] = &table[i].column;
    return (struct extract_columns){count, list};
}

int
extract_steps(const struct extract_column *column)
{
    int steps = 0;

    while (column->steps[steps] != NULL)
        steps++;
    return steps;
}

struct extract_choices
extract_choices(struct arena *arena, const struct extract_columns *all, const char *words)
{
    struct extract_choices choices = {0, ARENA_ARRAY(arena, all->count, struct extract_choice)};

    for (size_t i = 0; i < all->count; i++)
        for (int step = extract_steps(all->list[i]); step > 0; step--)
            if (text_has_word(words, text_format(arena, "%s:%d", all->list[i]->name, step))) {
                choices.list[choices.count++] = (struct extract_choice){all->list[i], step};
                break;
            }
    return choices;
}

const char *
extract_choices_words(struct arena *arena, const struct extract_choices *choices)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < choices->count; i++)
        buf_printf(&out, "%s%s:%d", i == 0 ? "" : " ", choices->list[i].column->name, choices->list[i].step);
    return buf_text(&out);
}

const char *
extract_choices_labels(struct arena *arena, const struct extract_choices *choices)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < choices->count; i++)
        buf_printf(&out, "%s%s（%s）", i == 0 ? "" : "、", choices->list[i].column->label,
                   choices->list[i].column->steps[choices->list[i].step - 1]);
    return buf_text(&out);
}

const char *
extract_value(struct arena *arena, const struct extract_choice *choice, const char *raw)
{
    return text_empty(raw) ? "" : choice->column->coarser(arena, choice->column->list, choice->step, raw);
}

/* ---- the report ---------------------------------------------------------------------------------------------------- */

static const char *
field_of(const struct extract_choice *choice)
{
    int i = choice->step - 1;

    while (choice->column->fields[i] == NULL)
        i--;
    return choice->column->fields[i];
}

/* The value of every row; equal ones are one text, made once. */
static const char **
values_of(struct arena *arena, const struct rows *rows, const struct extract_choice *choice)
{
    const char **values = ARENA_ARRAY(arena, rows_count(rows), const char *), *field = field_of(choice);
    struct map *rows_of = map_new(arena); /* what the database has: a row that has it */

    for (size_t i = 0; i < rows_count(rows); i++) {
        const char *raw = rows_text(rows, i, field);
        int64_t known;
        bool is_known = map_find(rows_of, raw == NULL ? "" : raw, &known);
        values[i] = is_known ? values[known] : extract_value(arena, choice, raw);
        if (!is_known)
            map_put(rows_of, raw == NULL ? "" : raw, (int64_t)i);
    }
    return values;
}

static const uint32_t *
codes_of(struct arena *arena, size_t count, const char *const values[])
{
    uint32_t *codes = ARENA_ARRAY(arena, count, uint32_t);
    struct map *known = map_new(arena);
    int64_t code, next = 0;

    for (size_t i = 0; i < count; i++) {
        if (!map_find(known, values[i], &code))
            map_put(known, values[i], code = next++);
        codes[i] = (uint32_t)code;
    }
    return codes;
}

/* One quasi-identifier after the other, a step coarser; behind the last step it is no column any more. */
static void
try_steps(struct arena *arena, struct extract *x, size_t quasi, const size_t choice_of[], const uint32_t *cells[], size_t k)
{
    size_t people = rows_count(x->rows);

    x->steps = ARENA_ARRAY(arena, quasi, struct extract_step);
    for (size_t q = 0; q < quasi; q++) {
        const uint32_t *fine = cells[q], *last = cells[quasi - 1];
        struct extract_choice coarser = x->choices.list[choice_of[q]];
        bool gone = ++coarser.step > extract_steps(coarser.column);
        cells[q] = gone ? last : codes_of(arena, people, values_of(arena, x->rows, &coarser));
        x->steps[x->step_count++] =
            (struct extract_step){coarser, anonymity_count(arena, people, quasi - gone, (const uint32_t *const *)cells, k, NULL)};
        cells[q] = fine;
    }
}

struct extract
extract_make(struct arena *arena, const struct rows *rows, const struct extract_choices *choices, size_t k, bool with_steps)
{
    struct extract x = {rows, *choices, ARENA_ARRAY(arena, choices->count, const char **), ARENA_ARRAY(arena, rows_count(rows), bool), {0}, 0, NULL};
    const uint32_t **cells = ARENA_ARRAY(arena, choices->count, const uint32_t *);
    size_t *choice_of = ARENA_ARRAY(arena, choices->count, size_t), quasi = 0;

    for (size_t i = 0; i < choices->count; i++) {
        x.values[i] = values_of(arena, rows, &choices->list[i]);
        if (choices->list[i].column->quasi) {
            choice_of[quasi] = i;
            cells[quasi++] = codes_of(arena, rows_count(rows), x.values[i]);
        }
    }
    x.now = anonymity_count(arena, rows_count(rows), quasi, (const uint32_t *const *)cells, k, x.small);
    if (with_steps)
        try_steps(arena, &x, quasi, choice_of, cells, k);
    return x;
}

/* ---- pseudonyms ---------------------------------------------------------------------------------------------------- */

static const char *
place_of_key(struct arena *arena, const char *extract_id)
{
    return text_format(arena, "extract|sealed_key|%s", extract_id);
}

const char *
extract_key_new(struct arena *arena, const struct crypt_keys *keys, const char *extract_id)
{
    return crypt_seal(arena, keys, place_of_key(arena, extract_id), crypt_token(arena));
}

const char *
extract_key_open(struct arena *arena, const struct crypt_keys *keys, const char *extract_id, const char *sealed)
{
    return crypt_open(arena, keys, place_of_key(arena, extract_id), sealed);
}

const char *
extract_pseudonym(struct arena *arena, const char *key, const char *patient_id)
{
    enum { DIGITS = 20 }; /* 80 bits: among 100,000 people two alike once in 10^14 files */

    return text_copy_n(arena, crypt_keyed(arena, key, patient_id), DIGITS);
}
