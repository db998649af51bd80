/* document.c - reading, deriving, checking and showing values; see document.h. */
#include "dictionary/document.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"

bool
document_has(const struct document *doc, int item)
{
    return !text_empty(doc->value[item]);
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* Each reader returns the canonical value, or NULL with the reason in *message. */
typedef const char *reader(struct arena *arena, const struct item *item, const char *typed,
                           const char **message);

static const char *
read_text(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    const char *text = text_trim(arena, typed);

    if (item->max == 0 || text_length(text) <= (size_t)item->max)
        return text;
    *message = text_format(arena, "%d文字以内で入力してください（いまは%zu文字です）。", item->max,
                           text_length(text));
    return NULL;
}

static const char *
read_kana(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    return read_text(arena, item, jtext_katakana(arena, typed), message);
}

static const char *
read_date(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    date_day day;

    (void)item;
    switch (date_parse(typed, &day)) {
    case DATE_OK:
        return date_iso(arena, day);
    case DATE_EMPTY:
        return "";
    case DATE_IMPOSSIBLE:
        *message = "カレンダーにない日付です。年・月・日を確かめてください。";
        return NULL;
    case DATE_UNREADABLE:
        break;
    }
    *message = "日付として読み取れません。例：2022/9/26、R4.9.26、令和4年9月26日";
    return NULL;
}

static const char *
read_int(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    const char *text = text_trim(arena, jtext_narrow(arena, typed));
    int64_t number;

    if (text[0] == '\0')
        return "";
    if (text_to_int(text, item->min, item->max, &number) == 0)
        return text_format(arena, "%d", (int)number);
    *message = text_format(arena, "%dから%dまでの数字で入力してください。", item->min, item->max);
    return NULL;
}

/* 36.8, 36, ３６．８ and 368 (as people key it on a telephone) are read; the limits are whole numbers. */
static const char *
read_decimal(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    const char *text = text_trim(arena, jtext_narrow(arena, typed));
    const char *point = strchr(text, '.');
    int64_t least = (int64_t)item->min * 10, most = (int64_t)item->max * 10, whole, tenths = -1;

    if (text[0] == '\0')
        return "";
    if (point == NULL) {
        if (text_to_int(text, item->min, item->max, &whole) == 0)
            tenths = whole * 10;
        else if (text_to_int(text, least, most, &whole) == 0)
            tenths = whole;
    } else if (point[1] != '\0' && point[2] == '\0' && isdigit((unsigned char)point[1]) &&
               text_to_int(text_copy_n(arena, text, (size_t)(point - text)), item->min, item->max, &whole) == 0)
        tenths = whole * 10 + point[1] - '0';
    if (tenths >= least && tenths <= most)
        return text_format(arena, "%d.%d", (int)(tenths / 10), (int)(tenths % 10));
    *message = text_format(arena, "%d.0から%d.0までの数字で入力してください（例：%d.8）。", item->min,
                           item->max, (item->min + item->max) / 2);
    return NULL;
}

static const char *
read_choice(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    (void)arena;
    if (typed[0] == '\0' || dictionary_choice(item->list, typed) != NULL)
        return typed;
    *message = "選択肢から選んでください。";
    return NULL;
}

/* Codes in the order of their list; なし gives way to anything else. */
static const char *
read_choices(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    const struct choice_list *list = &dictionary_lists[item->list];
    struct buf out = buf_new(arena);
    const char *none = "";
    size_t given = 0, known = 0;

    char **words = text_split(arena, typed, ' ', &given);
    for (size_t i = 0; i < given; i++)
        known += words[i][0] == '\0' || dictionary_choice(item->list, words[i]) != NULL;
    if (known != given) {
        *message = "選択肢から選んでください。";
        return NULL;
    }
    for (int i = 0; i < list->count; i++) {
        const struct choice *choice = &list->choices[i];
        if (!text_has_word(typed, choice->code))
            continue;
        if (choice->none)
            none = choice->code;
        else
            buf_printf(&out, "%s%s", out.size == 0 ? "" : " ", choice->code);
    }
    return out.size == 0 ? none : buf_text(&out);
}

static const char *
read_phone(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    const char *digits = jtext_phone_digits(arena, typed);

    (void)item;
    if (digits == NULL || strlen(digits) > 15)
        *message = "電話番号は数字で入力してください（ハイフンや全角もそのまま使えます）。";
    return digits != NULL && strlen(digits) <= 15 ? digits : NULL;
}

static const char *
read_postal(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    const char *digits = jtext_postal_digits(arena, typed);

    (void)item;
    if (text_trim(arena, typed)[0] == '\0')
        return "";
    if (digits == NULL)
        *message = "郵便番号は7桁の数字で入力してください。";
    return digits;
}

static const char *
read_passport(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    char *text = jtext_narrow(arena, typed), *out = text;

    for (const char *p = text; *p != '\0'; p++) {
        if (isalnum((unsigned char)*p))
            *out++ = (char)toupper((unsigned char)*p);
        else if (*p != ' ' && *p != '-') {
            *message = "パスポート番号は英字と数字で入力してください。";
            return NULL;
        }
    }
    *out = '\0';
    return read_text(arena, item, text, message);
}

static reader *const readers[] = {
    [TYPE_text] = read_text,         [TYPE_long_text] = read_text, [TYPE_kana] = read_kana,
    [TYPE_date] = read_date,         [TYPE_int] = read_int,        [TYPE_choice] = read_choice,
    [TYPE_decimal] = read_decimal,
    [TYPE_choices] = read_choices,   [TYPE_phone] = read_phone,    [TYPE_postal] = read_postal,
    [TYPE_address] = read_text,      [TYPE_passport] = read_passport,
};

const char *
document_read(struct arena *arena, const struct item *item, const char *typed, const char **message)
{
    return readers[item->type](arena, item, typed, message);
}

bool
document_type_in(struct arena *arena, struct document *doc, int item, const char *typed,
                 const char **message)
{
    const struct item *i = &dictionary_items[item];

    if (typed == NULL || i->type == TYPE_derived)
        return true;
    doc->value[item] = document_read(arena, i, typed, message);
    doc->typed[item] = doc->value[item] == NULL ? typed : NULL;
    return doc->value[item] != NULL;
}

/* ---- items that head offices have added ---------------------------------------------------------------------------- */

struct local_value
document_local(const struct document *doc, int64_t item)
{
    for (size_t i = 0; i < doc->local_count; i++)
        if (doc->locals[i].item == item)
            return doc->locals[i];
    return (struct local_value){.item = item};
}

void
document_set_local(struct arena *arena, struct document *doc, struct local_value value)
{
    struct local_value *locals = ARENA_ARRAY(arena, doc->local_count + 1, struct local_value);
    size_t count = 0;

    for (size_t i = 0; i < doc->local_count; i++)
        if (doc->locals[i].item != value.item)
            locals[count++] = doc->locals[i];
    locals[count++] = value;
    doc->locals = locals;
    doc->local_count = count;
}

/* ---- problems ------------------------------------------------------------------------------------------------------ */

void
problems_add(struct arena *arena, struct problems *problems, int item, enum problem_kind kind,
             const char *message)
{
    problems->list = arena_grown(arena, problems->list, problems->count, &problems->capacity, sizeof *problems->list);
    problems->list[problems->count++] = (struct problem){item, kind, message};
}

size_t
problems_count(const struct problems *problems, enum problem_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < problems->count; i++)
        count += problems->list[i].kind == kind;
    return count;
}

const struct problem *
problems_of(const struct problems *problems, int item)
{
    for (size_t i = 0; i < problems->count; i++)
        if (problems->list[i].item == item)
            return &problems->list[i];
    return NULL;
}

/* ---- conditions ---------------------------------------------------------------------------------------------------- */

int
document_age(const struct document *doc)
{
    date_day birth = date_from_iso(doc->value[ITEM_birth_date]);
    date_day on = date_from_iso(doc->value[ITEM_diagnosis_date]);
    int64_t typed = -1;

    if (birth == DATE_NONE && document_has(doc, ITEM_age_years))
        text_to_int(doc->value[ITEM_age_years], 0, INT16_MAX, &typed);
    if (birth == DATE_NONE)
        return (int)typed;
    return date_age_years(birth, on == DATE_NONE ? date_today() : on);
}

static bool
term_holds(const struct document *doc, const struct term *term)
{
    const char *value = term->item < 0 ? NULL : doc->value[term->item];
    date_day entry, diagnosis;

    switch (term->op) {
    case TERM_END:
        break;
    case TERM_EQUALS:
        return !text_empty(value) && text_has_word(term->values, value);
    case TERM_DIFFERS:
        return !text_same(value, term->values);
    case TERM_HAS:
        return text_has_word(value, term->values);
    case TERM_GIVEN:
        return !text_empty(value);
    case TERM_AGE_BELOW:
        return document_age(doc) >= 0 && document_age(doc) < term->number;
    case TERM_ENTRY_DAYS_BELOW:
        entry = date_from_iso(doc->value[ITEM_entry_date]);
        diagnosis = date_from_iso(doc->value[ITEM_diagnosis_date]);
        return entry != DATE_NONE && diagnosis != DATE_NONE && diagnosis >= entry &&
               diagnosis - entry < term->number;
    }
    return true;
}

bool
document_applies(const struct document *doc, const struct place *place)
{
    for (const struct term *term = place->when; term->op != TERM_END; term++)
        if (!term_holds(doc, term))
            return false;
    return true;
}

const struct place *
document_place(int item, struct form_view view)
{
    for (int i = 0; i < PLACE_COUNT; i++)
        if (dictionary_places[i].item == item &&
            (dictionary_places[i].forms & 1u << view.form) != 0 &&
            (!view.short_form || dictionary_places[i].short_form))
            return &dictionary_places[i];
    return NULL;
}

void
document_derive(struct arena *arena, struct document *doc)
{
    date_day birth = date_from_iso(doc->value[ITEM_birth_date]);
    date_day on = date_from_iso(doc->value[ITEM_diagnosis_date]);

    if (birth == DATE_NONE || on == DATE_NONE || on < birth)
        return;
    int years = date_age_years(birth, on);
    doc->value[ITEM_age_years] = text_format(arena, "%d", years);
    doc->value[ITEM_age_months] =
        years == 0 ? text_format(arena, "%d", date_age_months(birth, on)) : "";
    doc->typed[ITEM_age_years] = doc->typed[ITEM_age_months] = NULL;
}

/* ---- checks -------------------------------------------------------------------------------------------------------- */

/* A number to compare: a date's day, an age, a typed whole number. False when it is not there. */
static bool
operand(const struct document *doc, int which, int64_t *out)
{
    if (which == OPERAND_TODAY) {
        *out = date_today();
        return true;
    }
    if (which == OPERAND_AGE) {
        *out = document_age(doc);
        return *out >= 0;
    }
    if (which < 0 || !document_has(doc, which))
        return false;
    if (dictionary_items[which].type == TYPE_date) {
        *out = date_from_iso(doc->value[which]);
        return true;
    }
    return text_to_int(doc->value[which], INT32_MIN, INT32_MAX, out) == 0;
}

static bool
check_holds(struct arena *arena, const struct document *doc, const struct check *check)
{
    int64_t left, right;

    switch (check->op) {
    case CHECK_DIGITS:
        return !document_has(doc, check->left) ||
               text_has_word(check->value,
                             text_format(arena, "%zu", strlen(doc->value[check->left])));
    case CHECK_READ:
        return document_has(doc, check->left) || !document_has(doc, check->right);
    case CHECK_AT_MOST:
        return !operand(doc, check->left, &left) ||
               text_to_int(check->value, 0, INT32_MAX, &right) != 0 || left <= right;
    default:
        break;
    }
    if (!operand(doc, check->left, &left) || !operand(doc, check->right, &right))
        return true;
    return check->op == CHECK_NOT_AFTER ? left <= right
           : check->op == CHECK_SAME    ? left == right
                                        : left >= right;
}

/* The item at which a check's message is shown: derived ones are not on the form. */
static int
shown_at(const struct check *check)
{
    if (check->left == OPERAND_AGE)
        return ITEM_birth_date;
    return check->op == CHECK_READ ? check->right : check->left;
}

static const char *
missing_message(struct arena *arena, const struct item *item)
{
    const char *verb = item->type == TYPE_choice || item->type == TYPE_choices ? "選ばれていません"
                                                                               : "入力されていません";
    const char *which = item->repeat == 0 ? ""
                        : item->table == TABLE_test_record
                            ? text_format(arena, "検査%dの", item->repeat)
                            : text_format(arena, "ワクチン%d回目の", item->repeat);

    return text_format(arena, "%s%sが%s。", which, item->label, verb);
}

void
document_check(struct arena *arena, const struct document *doc, struct form_view view,
               struct problems *problems)
{
    for (int i = 0; i < CHECK_COUNT; i++) {
        const struct check *check = &dictionary_checks[i];
        int item = shown_at(check);
        if (document_place(item, view) != NULL && !check_holds(arena, doc, check))
            problems_add(arena, problems, item, check->error ? PROBLEM_ERROR : PROBLEM_WARNING,
                         check->message);
    }
    for (int i = 0; i < PLACE_COUNT; i++) {
        const struct place *place = &dictionary_places[i];
        const struct item *item = &dictionary_items[place->item];
        if ((place->forms & 1u << view.form) == 0 || (view.short_form && !place->short_form))
            continue;
        bool applies = document_applies(doc, place), given = document_has(doc, place->item);
        if (applies && !given && place->must && doc->typed[place->item] == NULL)
            problems_add(arena, problems, place->item, PROBLEM_MISSING,
                         missing_message(arena, item));
        if (!applies && given)
            problems_add(arena, problems, place->item, PROBLEM_UNUSED,
                         text_format(arena, "「%s」は、ほかの項目の内容により届出の対象外です。", item->label));
        if (item->type == TYPE_kana && given && !jtext_is_katakana(doc->value[place->item]))
            problems_add(arena, problems, place->item, PROBLEM_WARNING,
                         text_format(arena, "フリガナ（%s）にカタカナ以外の文字があります。", item->label));
    }
}

void
document_prune(struct document *doc, int form)
{
    struct form_view whole = {form, false};

    for (int item = 0; item < ITEM_COUNT; item++) {
        const struct place *place = document_place(item, whole);
        if (dictionary_items[item].table == TABLE_patient ||
            dictionary_items[item].type == TYPE_derived)
            continue;
        if (place == NULL || !document_applies(doc, place))
            doc->value[item] = NULL;
    }
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static const char *
shown_date(struct arena *arena, const char *iso)
{
    date_day day = date_from_iso(iso);

    if (day == DATE_NONE)
        return "";
    struct date_parts p = date_parts(day);
    const char *japanese = date_japanese(arena, day);
    return text_format(arena, "%d年%d月%d日（%.*s年）", p.year, p.month, p.day,
                       (int)(strstr(japanese, "年") - japanese), japanese);
}

static const char *
shown_choices(struct arena *arena, int list, const char *codes)
{
    struct buf out = buf_new(arena);
    size_t count;
    char **words = text_split(arena, codes, ' ', &count);

    for (size_t i = 0; i < count; i++)
        buf_printf(&out, "%s%s", i == 0 ? "" : "、", dictionary_label(list, words[i]));
    return buf_text(&out);
}

const char *
document_shown(struct arena *arena, const struct document *doc, int item)
{
    return document_value_shown(arena, &dictionary_items[item], doc->value[item]);
}

const char *
document_value_shown(struct arena *arena, const struct item *item, const char *value)
{
    if (text_empty(value))
        return "";
    switch (item->type) {
    case TYPE_date:
        return shown_date(arena, value);
    case TYPE_int:
    case TYPE_decimal:
        return text_format(arena, "%s%s", value, item->unit);
    case TYPE_choice:
        return dictionary_label(item->list, value);
    case TYPE_choices:
        return shown_choices(arena, item->list, value);
    case TYPE_phone:
        return jtext_phone_shown(arena, value);
    case TYPE_postal:
        return text_format(arena, "〒%.3s-%s", value, value + 3);
    default:
        return value;
    }
}
