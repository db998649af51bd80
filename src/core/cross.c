/* cross.c - see cross.h. */
#include "core/cross.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "dictionary/rights.h"

#define ANY_RELATION (~0u)

/* ---- what may be counted by ---------------------------------------------------------------------------------------- */

/* What stands in the lists and the figures themselves. */
static const struct {
    struct cross_axis axis;
    enum item_class class;
    bool open; /* whatever the class: every list shows it */
} own[] = {
    {{"age", "年代", LIST_age_band}, 0, true},
    {{"sex", "性別", LIST_sex}, 0, true},
    {{"week", "届出の週（月曜日から）", -1}, 0, true},
    {{"centre", "担当保健所", -1}, 0, true},
    {{"status", "現在のステータス", LIST_status}, CLASS_status, false},
    {{"category", "診断分類", LIST_category}, CLASS_clinical, false},
};

struct cross_axes
cross_axes(struct arena *arena, enum organisation_kind kind)
{
    struct rights rights = rights_of(kind, ANY_RELATION);
    size_t owned = sizeof own / sizeof *own, count = 0;
    struct cross_axis *list = ARENA_ARRAY(arena, owned + ITEM_COUNT, struct cross_axis);

    for (size_t i = 0; i < owned; i++)
        if (own[i].open || rights_may_view(rights, own[i].class))
            list[count++] = own[i].axis;
    for (int i = 0; i < ITEM_COUNT; i++) {
        const struct item *item = &dictionary_items[i];
        if (item->table == TABLE_notification && item->type == TYPE_choice && i != ITEM_category && rights_may_view(rights, item->class))
            list[count++] = (struct cross_axis){
                item->column, item->repeat == 0 ? item->label : text_format(arena, "%s（%d）", item->label, item->repeat), item->list};
    }
    return (struct cross_axes){count, list};
}

const struct cross_axis *
cross_axis_find(const struct cross_axes *axes, const char *name)
{
    for (size_t i = 0; i < axes->count; i++)
        if (text_same(axes->list[i].name, name))
            return &axes->list[i];
    return NULL;
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

struct values {
    size_t count, capacity;
    const char **list;
};

static size_t
place_of(const struct values *values, const char *value)
{
    size_t i = 0;

    while (i < values->count && strcmp(values->list[i], value) != 0)
        i++;
    return i;
}

static void
add_value(struct arena *arena, struct values *values, const char *value)
{
    if (place_of(values, value) < values->count)
        return;
    values->list = arena_grown(arena, values->list, values->count, &values->capacity, sizeof *values->list);
    values->list[values->count++] = value;
}

/* What is read of a value: of "o12 名古屋市保健所" the name. */
static const char *
readable(const char *value)
{
    const char *blank = strchr(value, ' ');

    return blank == NULL ? value : blank + 1;
}

/* Nothing entered comes last; of the same name the key decides. */
static int
by_text(const void *a, const void *b)
{
    const char *left = *(const char *const *)a, *right = *(const char *const *)b;
    int order = strcmp(readable(left), readable(right));

    if (left[0] == '\0' || right[0] == '\0')
        return (left[0] == '\0') - (right[0] == '\0');
    return order != 0 ? order : strcmp(left, right);
}

/* The values of an axis that occur, in the order of its list. */
static struct values
values_of(struct arena *arena, const struct rows *counts, const char *name, const struct cross_axis *axis)
{
    struct values found = {0}, sorted = {0};

    for (size_t i = 0; i < rows_count(counts); i++)
        add_value(arena, &found, rows_text(counts, i, name));
    if (found.count > 0)
        qsort(found.list, found.count, sizeof *found.list, by_text);
    for (int i = 0; axis->list >= 0 && i < dictionary_lists[axis->list].count; i++)
        if (place_of(&found, dictionary_lists[axis->list].choices[i].code) < found.count)
            add_value(arena, &sorted, dictionary_lists[axis->list].choices[i].code);
    for (size_t i = 0; i < found.count; i++)
        add_value(arena, &sorted, found.list[i]);
    return sorted;
}

const char *
cross_label(struct arena *arena, const struct cross_axis *axis, const char *value)
{
    date_day day = date_from_iso(value);

    if (value[0] == '\0')
        return "未入力";
    if (axis->list >= 0)
        return dictionary_label(axis->list, value);
    return day != DATE_NONE ? date_slashed(arena, day) : readable(value);
}

static const char **
labels_of(struct arena *arena, const struct values *values, const struct cross_axis *axis)
{
    const char **labels = ARENA_ARRAY(arena, values->count + 1, const char *);

    for (size_t i = 0; i < values->count; i++)
        labels[i] = cross_label(arena, axis, values->list[i]);
    labels[values->count] = "計";
    return labels;
}

/* The values without what stands behind a blank. */
static const char **
keys_of(struct arena *arena, const struct values *values)
{
    const char **keys = ARENA_ARRAY(arena, values->count + 1, const char *);

    for (size_t i = 0; i < values->count; i++)
        keys[i] = text_format(arena, "%.*s", (int)strcspn(values->list[i], " "), values->list[i]);
    keys[values->count] = NULL;
    return keys;
}

struct cross_cell *
cross_at(const struct cross *cross, size_t row, size_t column)
{
    return &cross->cells[row * (cross->columns + 1) + column];
}

bool
cross_above(const struct rows *counts)
{
    return rows_count(counts) == 1 && rows_text(counts, 0, "row_value") == NULL;
}

struct cross
cross_table(struct arena *arena, const struct rows *counts, const struct cross_axis *row, const struct cross_axis *column)
{
    struct values rows = values_of(arena, counts, "row_value", row), columns = values_of(arena, counts, "column_value", column);
    struct cross cross = {rows.count, columns.count, keys_of(arena, &rows), keys_of(arena, &columns), labels_of(arena, &rows, row), labels_of(arena, &columns, column),
                          ARENA_ARRAY(arena, (rows.count + 1) * (columns.count + 1), struct cross_cell)};

    for (size_t i = 0; i < rows_count(counts); i++) {
        size_t r = place_of(&rows, rows_text(counts, i, "row_value")), c = place_of(&columns, rows_text(counts, i, "column_value"));
        int64_t count = rows_int(counts, i, "count");
        cross_at(&cross, r, c)->count += count;
        cross_at(&cross, r, cross.columns)->count += count;
        cross_at(&cross, cross.rows, c)->count += count;
        cross_at(&cross, cross.rows, cross.columns)->count += count;
    }
    return cross;
}

/* ---- hiding -------------------------------------------------------------------------------------------------------- */

/* Cell `i` of a line: of row `line`, or of column `line`. */
static struct cross_cell *
along(const struct cross *cross, bool row, size_t line, size_t i)
{
    return row ? cross_at(cross, line, i) : cross_at(cross, i, line);
}

/* Hides one more of a line that needs it. False when the line is well. */
static bool
protect(const struct cross *cross, bool row, size_t line)
{
    size_t length = row ? cross->columns : cross->rows, hidden = 0;
    struct cross_cell *next = NULL;
    bool shelter = false; /* a hidden one above CROSS_FEW */

    for (size_t i = 0; i < length; i++) {
        struct cross_cell *cell = along(cross, row, line, i);
        hidden += cell->hidden;
        shelter = shelter || (cell->hidden && cell->count > CROSS_FEW);
        if (!cell->hidden && (next == NULL || (cell->count > CROSS_FEW) > (next->count > CROSS_FEW) ||
                              ((cell->count > CROSS_FEW) == (next->count > CROSS_FEW) && cell->count < next->count)))
            next = cell;
    }
    if (hidden == 0 || next == NULL || (hidden > 1 && shelter))
        return false;
    next->hidden = true;
    return true;
}

static void
hide_totals(struct cross *cross, bool row)
{
    size_t lines = row ? cross->rows : cross->columns, length = row ? cross->columns : cross->rows;

    for (size_t line = 0; line < lines; line++)
        for (size_t i = 0; i < length; i++)
            if (along(cross, row, line, i)->hidden)
                along(cross, row, line, length)->hidden = cross_at(cross, cross->rows, cross->columns)->hidden = true;
}

void
cross_hide(struct cross *cross)
{
    bool changed = true;

    for (size_t r = 0; r < cross->rows; r++)
        for (size_t c = 0; c < cross->columns; c++)
            cross_at(cross, r, c)->hidden = cross_at(cross, r, c)->count >= 1 && cross_at(cross, r, c)->count <= CROSS_FEW;
    while (changed) {
        changed = false;
        for (size_t r = 0; r < cross->rows; r++)
            changed = protect(cross, true, r) || changed;
        for (size_t c = 0; c < cross->columns; c++)
            changed = protect(cross, false, c) || changed;
    }
    hide_totals(cross, true);
    hide_totals(cross, false);
}
