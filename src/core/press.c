/* press.c - see press.h. */
#include "core/press.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "dictionary/dictionary.h"

const struct press_item press_items[] = {
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
const size_t press_item_count = sizeof press_items / sizeof *press_items;

const char *
press_chosen(struct arena *arena, const char *words, bool parts)
{
    const char **names = ARENA_ARRAY(arena, press_item_count, const char *);
    size_t count = 0;

    for (size_t i = 0; i < press_item_count; i++)
        if ((parts ? press_items[i].part : press_items[i].attribute) && text_has_word(words, press_items[i].name))
            names[count++] = press_items[i].name;
    return db_array(arena, count, names);
}

/* A value as people read it. */
static const char *
shown(struct arena *arena, const struct press_item *item, const char *value)
{
    if (item->date)
        return date_slashed(arena, date_from_iso(value));
    return item->list < 0 ? value : dictionary_label(item->list, value);
}

/* A member of an object of texts; "" when it has none. */
static const char *
member(struct arena *arena, const char *object, const char *name)
{
    json_t *json = json_loads(object, 0, NULL);
    const char *value = json_string_value(json_object_get(json, name));
    const char *copy = value == NULL ? "" : text_copy(arena, value);

    json_decref(json);
    return copy;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static void
read_levels(struct press *press, const char *levels)
{
    json_t *json = json_loads(levels, 0, NULL);

    press->care = json_integer_value(json_object_get(json, "care"));
    press->severe = json_integer_value(json_object_get(json, "severe"));
    press->death = json_integer_value(json_object_get(json, "death"));
    json_decref(json);
}

unsigned
press_ask_due(struct db_batch *batch, struct arena *arena, int64_t organisation_id)
{
    unsigned first = DB_ADD(batch, SQL_press_template_find, db_int(arena, organisation_id));

    DB_ADD(batch, SQL_press_due);
    DB_ADD(batch, SQL_press_counts);
    DB_ADD(batch, SQL_press_corrections);
    DB_ADD(batch, SQL_press_new);
    return first;
}

/* What a table that is due and one that is fixed have in common; its lists are the statements from `lists` on. */
static struct press
read_press(const struct db_batch *batch, const struct rows *template, const struct rows *day, unsigned lists)
{
    struct press press = {
        .day = date_from_iso(rows_text(day, 0, "day")),
        .title = rows_text(template, 0, "title"),
        .prefix = rows_text(template, 0, "prefix"),
        .from = rows_text(day, 0, "from_at"),
        .until = rows_text(day, 0, "until_at"),
        .parts = rows_text(template, 0, "parts"),
        .attributes = rows_text(template, 0, "attributes"),
        .last_no = rows_int(day, 0, "last_no"),
        .cases = rows_int(day, 0, "cases"),
        .counts = db_rows(batch, lists),
        .corrections = db_rows(batch, lists + 1),
        .list = db_rows(batch, lists + 2),
    };

    read_levels(&press, rows_text(day, 0, "levels"));
    return press;
}

bool
press_answer_due(const struct db_batch *batch, unsigned first, struct press *press)
{
    const struct rows *template = db_rows(batch, first), *due = db_rows(batch, first + 1);

    if (rows_count(template) == 0 || rows_count(due) == 0)
        return false;
    *press = read_press(batch, template, due, first + 2);
    press->digest = rows_text(due, 0, "digest");
    press->last_no += press->cases;
    return true;
}

unsigned
press_ask_day(struct db_batch *batch, struct arena *arena, int64_t organisation_id, const char *day, int most)
{
    const char *mine = db_int(arena, organisation_id);
    unsigned first = DB_ADD(batch, SQL_press_find, mine, day);

    DB_ADD(batch, SQL_press_find_counts, mine, day);
    DB_ADD(batch, SQL_press_find_corrections, mine, day);
    DB_ADD(batch, SQL_press_find_cases, mine, day, db_int(arena, most));
    return first;
}

bool
press_answer_day(const struct db_batch *batch, unsigned first, struct press *press)
{
    const struct rows *found = db_rows(batch, first);

    if (rows_count(found) == 0)
        return false;
    *press = read_press(batch, found, found, first + 1);
    press->fixed = true;
    press->fixed_at = rows_text(found, 0, "fixed");
    press->fixed_iso = rows_text(found, 0, "fixed_iso");
    press->fixed_by = rows_text(found, 0, "holder");
    return true;
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

struct lines {
    size_t count, capacity;
    struct press_line *list;
};

static void
add_line(struct arena *arena, struct lines *lines, const char *label, int64_t count)
{
    lines->list = arena_grown(arena, lines->list, lines->count, &lines->capacity, sizeof *lines->list);
    lines->list[lines->count++] = (struct press_line){"", label, count};
}

static int64_t
count_of(const struct press *press, const struct press_item *item, const char *value)
{
    for (size_t i = 0; i < rows_count(press->counts); i++)
        if (text_same(rows_text(press->counts, i, "part"), item->name) && text_same(rows_text(press->counts, i, "value"), value))
            return rows_int(press->counts, i, "count");
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
            add_line(arena, lines, list->choices[i].label, count);
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

    for (size_t i = 0; i < rows_count(press->counts); i++)
        if (text_same(rows_text(press->counts, i, "part"), item->name) && !text_empty(rows_text(press->counts, i, "value")))
            add_line(arena, lines, rows_text(press->counts, i, "value"), rows_int(press->counts, i, "count"));
    if (lines->count > first)
        qsort(lines->list + first, lines->count - first, sizeof *lines->list, by_count);
}

const struct press_line *
press_lines(struct arena *arena, const struct press *press, size_t *count)
{
    struct lines lines = {0};

    for (size_t i = 0; i < press_item_count; i++) {
        const struct press_item *item = &press_items[i];
        size_t first = lines.count;
        if (!text_has_word(press->parts, item->name))
            continue;
        if (item->list >= 0)
            add_list(arena, &lines, press, item);
        else
            add_texts(arena, &lines, press, item);
        if (count_of(press, item, "") > 0)
            add_line(arena, &lines, "未入力", count_of(press, item, ""));
        if (lines.count > first)
            lines.list[first].part = item->label;
    }
    *count = lines.count;
    return lines.list;
}

/* ---- cases --------------------------------------------------------------------------------------------------------- */

const char *
press_case_value(struct arena *arena, const struct rows *cases, size_t row, const struct press_item *item)
{
    return shown(arena, item, member(arena, rows_text(cases, row, "items"), item->name));
}

const char *
press_correction(struct arena *arena, const struct rows *corrections, size_t row)
{
    struct buf out = buf_new(arena);
    const char *before = rows_text(corrections, row, "before"), *after = rows_text(corrections, row, "after");

    if (after == NULL)
        return "取下げ（欠番）";
    if (before == NULL)
        return "取下げを取消し";
    for (size_t i = 0; i < press_item_count; i++) {
        const struct press_item *item = &press_items[i];
        const char *old = member(arena, before, item->name), *now = member(arena, after, item->name);
        if (strcmp(old, now) != 0 && strcmp(item->name, "status") != 0)
            buf_printf(&out, "%s%s：%s → %s", out.size == 0 ? "" : "、", item->label, old[0] == '\0' ? "未入力" : shown(arena, item, old),
                       now[0] == '\0' ? "未入力" : shown(arena, item, now));
    }
    return buf_text(&out);
}
