/* same.c - see same.h. */
#include "core/same.h"

#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"

const struct same_weight same_weights[SAME_REASON_COUNT] = {
    [SAME_kana] = {40, "フリガナ"},
    [SAME_kana_near] = {20, "フリガナ（1文字違い）"},
    [SAME_given] = {15, "名（姓は違う）"},
    [SAME_name] = {30, "氏名"},
    [SAME_birth] = {40, "生年月日"},
    [SAME_birth_swapped] = {30, "生年月日（月と日が逆）"},
    [SAME_phone] = {20, "電話番号"},
    [SAME_address] = {15, "住所"},
    [SAME_municipality] = {5, "市区町村"},
};

/* Likenesses that are not the same but nearly so. */
enum { NEARLY = 1u << SAME_kana_near | 1u << SAME_birth_swapped | 1u << SAME_given };

int
same_score(unsigned reasons)
{
    int sum = 0;

    for (int i = 0; i < SAME_REASON_COUNT; i++)
        sum += (reasons & 1u << i) != 0 ? same_weights[i].weight : 0;
    return sum < SAME_MOST ? sum : SAME_MOST;
}

static void
add_labels(struct buf *out, unsigned reasons, const char *end)
{
    int n = 0;

    for (int i = 0; i < SAME_REASON_COUNT; i++)
        if ((reasons & 1u << i) != 0)
            buf_printf(out, "%s%s", n++ > 0 ? "と" : out->size > 0 ? "。" : "", same_weights[i].label);
    if (n > 0)
        buf_add_text(out, end);
}

const char *
same_words(struct arena *arena, unsigned reasons)
{
    struct buf out = buf_new(arena);

    add_labels(&out, reasons & ~NEARLY, "が同じ");
    add_labels(&out, reasons & NEARLY, "が近い");
    return buf_text(&out);
}

/* ---- what is compared ---------------------------------------------------------------------------------------------- */

static void
add_text(struct buf *out, const char *name, const char *text)
{
    if (text_empty(text))
        return;
    buf_printf(out, "%s\"%s\":", out->size > 1 ? "," : "", name);
    buf_add_json(out, text);
}

/* Up to two keys of a kind, as an array; there may be none. */
static void
add_keys(struct buf *out, const char *name, const char *const kinds, const char *const values[2])
{
    int n = 0;

    buf_printf(out, "%s\"%s\":[", out->size > 1 ? "," : "", name);
    for (int i = 0; i < 2; i++) {
        if (text_empty(values[i]))
            continue;
        buf_add_text(out, n++ > 0 ? "," : "");
        buf_add_json(out, text_format(out->arena, "%c%s", kinds[i], values[i]));
    }
    buf_add_char(out, ']');
}

/* The key of a whole name; NULL when a half is missing: a family's name alone says nothing. */
static const char *
whole(struct arena *arena, const struct document *doc, char kind, int family, int given)
{
    if (!document_has(doc, family) || !document_has(doc, given))
        return NULL;
    const char *name = text_format(arena, "%s%s", doc->value[family], doc->value[given]);
    return text_format(arena, "%c%s", kind, jtext_search_key(arena, name));
}

/* The key of the birth date with day and month the other way round; NULL when there is no such day or it is the same. */
static const char *
swapped(struct arena *arena, const struct document *doc)
{
    date_day birth = date_from_iso(doc->value[ITEM_birth_date]);
    struct date_parts parts;

    if (birth == DATE_NONE)
        return NULL;
    parts = date_parts(birth);
    date_day other = date_from_parts((struct date_parts){parts.year, parts.day, parts.month});
    return other == DATE_NONE || other == birth ? NULL
                                                : text_format(arena, "b%s", date_iso(arena, other));
}

static const char *
folded(struct arena *arena, const struct document *doc, int item)
{
    return document_has(doc, item) ? jtext_search_key(arena, doc->value[item]) : NULL;
}

const char *
same_probe(struct arena *arena, const struct document *doc)
{
    struct buf out = buf_new(arena);
    const char *const given[2] = {folded(arena, doc, ITEM_given_name),
                                  folded(arena, doc, ITEM_given_kana)};
    const char *const phones[2] = {doc->value[ITEM_phone], doc->value[ITEM_stay_phone]};

    buf_add_char(&out, '{');
    add_text(&out, "kana", whole(arena, doc, 'k', ITEM_family_kana, ITEM_given_kana));
    add_text(&out, "name", whole(arena, doc, 'n', ITEM_family_name, ITEM_given_name));
    if (document_has(doc, ITEM_birth_date))
        add_text(&out, "birth", text_format(arena, "b%s", doc->value[ITEM_birth_date]));
    add_text(&out, "swapped", swapped(arena, doc));
    add_text(&out, "address", doc->value[ITEM_home_address]);
    add_text(&out, "municipality", doc->value[ITEM_home_municipality]);
    add_keys(&out, "given", "nk", given);
    add_keys(&out, "phones", "tt", phones);
    buf_add_char(&out, '}');
    return buf_text(&out);
}

bool
same_is_askable(const struct document *doc)
{
    bool named = document_has(doc, ITEM_given_name) || document_has(doc, ITEM_given_kana);

    return named && (document_has(doc, ITEM_birth_date) || document_has(doc, ITEM_phone) ||
                     document_has(doc, ITEM_stay_phone) || document_has(doc, ITEM_home_address));
}

/* ---- asking -------------------------------------------------------------------------------------------------------- */

/* The table of weights as an array for the database. */
static const char *
weights(struct arena *arena)
{
    struct buf out = buf_new(arena);

    for (int i = 0; i < SAME_REASON_COUNT; i++)
        buf_printf(&out, "%c%d", i == 0 ? '{' : ',', same_weights[i].weight);
    buf_add_char(&out, '}');
    return buf_text(&out);
}

void
same_add(struct db_batch *batch, struct arena *arena, int64_t patient_id, const struct document *doc)
{
    DB_ADD(batch, SQL_same_find, db_int(arena, patient_id), same_probe(arena, doc), weights(arena),
           db_int(arena, SAME_LEAST));
}

void
same_add_written(struct db_batch *batch, struct arena *arena, const char *source,
                 const char *external_no, const struct document *doc)
{
    DB_ADD(batch, SQL_same_refresh, source, external_no, same_probe(arena, doc), weights(arena),
           db_int(arena, SAME_LEAST));
}

unsigned
same_look(struct db_batch *batch, const struct desk *desk, const struct document *doc)
{
    return DB_ADD(batch, SQL_same_look, db_int(desk->arena, desk->session->organisation_id),
                  same_probe(desk->arena, doc), weights(desk->arena),
                  db_int(desk->arena, SAME_LEAST));
}
