/* press.c - see press.h. */
#include "core/press.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "dictionary/dictionary.h"

const struct press_item press_items[PRESS_ITEMS] = {
    {"age", "年代", LIST_age_band, false, true, true, true},
    {"sex", "性別", LIST_sex, false, true, true, true},
    {"municipality", "居住地", -1, false, true, true, false},
    {"occupation", "職業", -1, false, false, true, false},
    {"category", "診断分類", LIST_category, false, true, true, false},
    {"onset_date", "発症日", -1, true, false, true, false},
    {"diagnosis_date", "診断日", -1, true, false, true, false},
    {"severity", "届出時点の重症度", LIST_severity, false, true, true, false},
    {"route", "推定される感染経路", LIST_route, false, false, true, false},
    {"place_kind", "推定される感染場所", LIST_place_kind, false, false, true, false},
    {"status", "現在のステータス", LIST_status, false, true, true, false},
    {"centre", "担当保健所", -1, false, true, false, false},
};

const char *
press_chosen(struct arena *arena, const char *words, bool parts)
{
    const char **names = ARENA_ARRAY(arena, PRESS_ITEMS, const char *);
    size_t count = 0;

    for (size_t i = 0; i < PRESS_ITEMS; i++)
        if ((parts ? press_items[i].part : press_items[i].attribute) && text_has_word(words, press_items[i].name))
            names[count++] = press_items[i].name;
    return db_array(arena, count, names);
}

const struct press_item *
press_part_find(const char *name)
{
    for (size_t i = 0; i < PRESS_ITEMS; i++)
        if (press_items[i].part && text_same(press_items[i].name, name))
            return &press_items[i];
    return NULL;
}

const char *
press_value(struct arena *arena, const struct press_item *item, const char *value)
{
    if (item->date)
        return date_slashed(arena, date_from_iso(value));
    return item->list < 0 ? value : dictionary_label(item->list, value);
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* A member that is a text; "" for none. */
static const char *
text_member(struct arena *arena, const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value == NULL ? "" : text_copy(arena, value);
}

/* The members of an object by item. False when it is no object: then it is no case. */
static bool
read_items(struct arena *arena, const json_t *object, const char *items[PRESS_ITEMS])
{
    for (size_t i = 0; i < PRESS_ITEMS; i++)
        items[i] = text_member(arena, object, press_items[i].name);
    return json_is_object(object);
}

static void
read_counts(struct arena *arena, const json_t *array, struct press *press)
{
    struct press_count *counts = ARENA_ARRAY(arena, json_array_size(array), struct press_count);
    const json_t *one;
    size_t i;

    json_array_foreach (array, i, one)
        counts[i] = (struct press_count){text_member(arena, one, "part"), text_member(arena, one, "value"),
                                         text_member(arena, one, "key"), json_integer_value(json_object_get(one, "count"))};
    press->counts = counts;
    press->counted = json_array_size(array);
}

static void
read_corrections(struct arena *arena, const json_t *array, struct press *press)
{
    struct press_correction *corrections = ARENA_ARRAY(arena, json_array_size(array), struct press_correction);
    const json_t *one;
    size_t i;

    json_array_foreach (array, i, one) {
        corrections[i].case_no = json_integer_value(json_object_get(one, "case_no"));
        corrections[i].patient_id = json_integer_value(json_object_get(one, "patient_id"));
        corrections[i].day = date_from_iso(text_member(arena, one, "day"));
        corrections[i].was = read_items(arena, json_object_get(one, "before"), corrections[i].before);
        corrections[i].is = read_items(arena, json_object_get(one, "after"), corrections[i].after);
    }
    press->corrections = corrections;
    press->corrected = json_array_size(array);
}

static void
read_list(struct arena *arena, const json_t *array, struct press *press)
{
    struct press_case *list = ARENA_ARRAY(arena, json_array_size(array), struct press_case);
    const json_t *one;
    size_t i;

    json_array_foreach (array, i, one) {
        list[i].case_no = json_integer_value(json_object_get(one, "case_no"));
        list[i].patient_id = json_integer_value(json_object_get(one, "patient_id"));
        list[i].late = json_is_true(json_object_get(one, "late"));
        read_items(arena, json_object_get(one, "items"), list[i].items);
    }
    press->list = list;
    press->listed = json_array_size(array);
}

static void
read_levels(struct arena *arena, const json_t *levels, struct press *press)
{
    (void)arena;
    press->care = json_integer_value(json_object_get(levels, "care"));
    press->severe = json_integer_value(json_object_get(levels, "severe"));
    press->death = json_integer_value(json_object_get(levels, "death"));
}

/* What a table that is due and one that is fixed have in common. */
static struct press
read_press(struct arena *arena, const struct rows *rows)
{
    static const struct {
        const char *column;
        void (*read)(struct arena *arena, const json_t *json, struct press *press);
    } lists[] = {{"levels", read_levels}, {"counts", read_counts}, {"corrections", read_corrections}, {"list", read_list}};
    struct press press = {
        .day = date_from_iso(rows_text(rows, 0, "day")),
        .last_day = DATE_NONE,
        .title = rows_text(rows, 0, "title"),
        .prefix = rows_text(rows, 0, "prefix"),
        .from = rows_text(rows, 0, "from_at"),
        .until = rows_text(rows, 0, "until_at"),
        .parts = rows_text(rows, 0, "parts"),
        .attributes = rows_text(rows, 0, "attributes"),
        .last_no = rows_int(rows, 0, "last_no"),
        .cases = rows_int(rows, 0, "cases"),
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const char *text = rows_text(rows, 0, lists[i].column);
        json_t *json = text == NULL ? NULL : json_loads(text, 0, NULL);
        lists[i].read(arena, json, &press);
        json_decref(json);
    }
    return press;
}

bool
press_read_due(struct arena *arena, const struct rows *rows, struct press *press)
{
    if (rows_count(rows) == 0 || rows_text(rows, 0, "day") == NULL)
        return false;
    *press = read_press(arena, rows);
    press->last_day = date_from_iso(rows_text(rows, 0, "last_day"));
    press->digest = rows_text(rows, 0, "digest");
    press->levels = rows_text(rows, 0, "levels");
    press->patients = rows_text(rows, 0, "patients");
    return true;
}

bool
press_read_fixed(struct arena *arena, const struct rows *rows, struct press *press)
{
    if (rows_count(rows) == 0)
        return false;
    *press = read_press(arena, rows);
    press->fixed = true;
    press->fixed_at = rows_text(rows, 0, "fixed");
    press->fixed_iso = rows_text(rows, 0, "fixed_iso");
    press->fixed_by = rows_text(rows, 0, "holder");
    return true;
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

struct lines {
    size_t count, capacity;
    struct press_line *list;
};

static void
add_line(struct arena *arena, struct lines *lines, const struct press_item *item, const char *label, const char *key, int64_t count)
{
    lines->list = arena_grown(arena, lines->list, lines->count, &lines->capacity, sizeof *lines->list);
    lines->list[lines->count++] = (struct press_line){"", label, count, item, key};
}

static int64_t
count_of(const struct press *press, const struct press_item *item, const char *value)
{
    for (size_t i = 0; i < press->counted; i++)
        if (strcmp(press->counts[i].part, item->name) == 0 && strcmp(press->counts[i].value, value) == 0)
            return press->counts[i].count;
    return 0;
}

static bool
is_rest(const char *code)
{
    return strcmp(code, "other") == 0 || strcmp(code, "unknown") == 0;
}

static void
add_list(struct arena *arena, struct lines *lines, const struct press *press, const struct press_item *item)
{
    const struct choice_list *list = &dictionary_lists[item->list];

    for (int i = 0; i < list->count; i++) {
        int64_t count = count_of(press, item, list->choices[i].code);
        if (count > 0 || (item->every && !is_rest(list->choices[i].code)))
            add_line(arena, lines, item, list->choices[i].label, list->choices[i].code, count);
    }
}

/* The largest first; equal ones by name. */
static int
by_count(const void *a, const void *b)
{
    const struct press_line *left = a, *right = b;

    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return strcmp(left->label, right->label);
}

static void
add_texts(struct arena *arena, struct lines *lines, const struct press *press, const struct press_item *item)
{
    size_t first = lines->count;

    for (size_t i = 0; i < press->counted; i++)
        if (strcmp(press->counts[i].part, item->name) == 0 && press->counts[i].value[0] != '\0')
            add_line(arena, lines, item, press->counts[i].value, press->counts[i].key, press->counts[i].count);
    if (lines->count > first)
        qsort(lines->list + first, lines->count - first, sizeof *lines->list, by_count);
}

const struct press_line *
press_lines(struct arena *arena, const struct press *press, size_t *count)
{
    struct lines lines = {0};

    for (size_t i = 0; i < PRESS_ITEMS; i++) {
        const struct press_item *item = &press_items[i];
        size_t first = lines.count;
        if (!text_has_word(press->parts, item->name))
            continue;
        if (item->list >= 0)
            add_list(arena, &lines, press, item);
        else
            add_texts(arena, &lines, press, item);
        if (count_of(press, item, "") > 0)
            add_line(arena, &lines, item, "未入力", "", count_of(press, item, ""));
        if (lines.count > first)
            lines.list[first].part = item->label;
    }
    *count = lines.count;
    return lines.list;
}

/* ---- cases --------------------------------------------------------------------------------------------------------- */

const char *
press_case_value(struct arena *arena, const struct press_case *one, const struct press_item *item)
{
    return press_value(arena, item, one->items[item - press_items]);
}

const char *
press_correction(struct arena *arena, const struct press_correction *correction)
{
    struct buf out = buf_new(arena);

    if (!correction->is)
        return "取下げ（欠番）";
    if (!correction->was)
        return "取下げを取消し";
    for (size_t i = 0; i < PRESS_ITEMS; i++) {
        const struct press_item *item = &press_items[i];
        const char *old = correction->before[i], *now = correction->after[i];
        if (strcmp(old, now) != 0 && strcmp(item->name, "status") != 0)
            buf_printf(&out, "%s%s：%s → %s", out.size == 0 ? "" : "、", item->label, old[0] == '\0' ? "未入力" : press_value(arena, item, old),
                       now[0] == '\0' ? "未入力" : press_value(arena, item, now));
    }
    return buf_text(&out);
}
