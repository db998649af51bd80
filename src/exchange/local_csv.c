/* local_csv.c - see local_csv.h. */
#include "exchange/local_csv.h"

#include <jansson.h>
#include <string.h>

#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "exchange/csv.h"

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static struct local_csv_values
values_of(struct arena *arena, const char *text)
{
    json_t *json = json_loads(text, 0, NULL), *value;
    struct local_value *list = ARENA_ARRAY(arena, json_object_size(json), struct local_value);
    size_t count = 0;
    const char *name;

    json_object_foreach(json, name, value)
    {
        int64_t item = fields_local_item(name);
        if (item != 0)
            list[count++] = (struct local_value){
                .item = item, .value = text_copy(arena, json_string_value(value))};
    }
    json_decref(json);
    return (struct local_csv_values){count, list};
}

struct local_csv
local_csv_read(struct arena *arena, const struct rows *rows)
{
    struct local_csv_values *values = ARENA_ARRAY(arena, rows_count(rows), struct local_csv_values);

    for (size_t i = 0; i < rows_count(rows); i++)
        values[i] = values_of(arena, rows_text(rows, i, "items"));
    return (struct local_csv){rows, values};
}

static bool
is_listed(const int64_t *list, size_t count, int64_t item)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == item)
            return true;
    return false;
}

const char *
local_csv_items(struct arena *arena, const struct local_csv *csv)
{
    struct buf out = buf_new(arena);
    int64_t *known = NULL;
    size_t count = 0, capacity = 0;

    buf_add_char(&out, '{');
    for (size_t i = 0; i < rows_count(csv->rows); i++) {
        for (size_t k = 0; k < csv->values[i].count; k++) {
            int64_t item = csv->values[i].list[k].item;
            if (is_listed(known, count, item))
                continue;
            known = arena_grown(arena, known, count, &capacity, sizeof *known);
            buf_printf(&out, "%s%lld", count == 0 ? "" : ",", (long long)item);
            known[count++] = item;
        }
    }
    buf_add_char(&out, '}');
    return buf_text(&out);
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

/* "同居の高齢者の人数（人）（名古屋市）". */
static const char *
heading(struct arena *arena, const struct local_item *item, int64_t office_id)
{
    bool has_unit = item->as.unit[0] != '\0', own = item->owner_id == office_id;

    return text_format(arena, "%s%s%s%s%s%s%s", item->as.label, has_unit ? "（" : "", item->as.unit,
                       has_unit ? "）" : "", own ? "" : "（", own ? "" : item->owner, own ? "" : "）");
}

/* A value as a spreadsheet takes it: a number alone, a date with slashes, the label of a choice. */
static const char *
cell(struct arena *arena, const struct local_item *item, const struct local_csv_values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        const char *value = values->list[i].value;
        if (values->list[i].item != item->id || text_empty(value))
            continue;
        switch (item->as.type) {
        case TYPE_date:
            return date_slashed(arena, date_from_iso(value));
        case TYPE_choice:
            return local_item_shown(arena, item, value);
        default:
            return value;
        }
    }
    return "";
}

struct buf
local_csv_write(struct arena *arena, const struct local_csv *csv, const struct local_items *columns,
                int64_t office_id)
{
    struct buf out = buf_new(arena);

    buf_add_text(&out, CSV_BYTE_ORDER_MARK);
    csv_add_cell(&out, "HER-SYS ID", true);
    csv_add_cell(&out, "担当保健所", false);
    for (size_t k = 0; k < columns->count; k++)
        csv_add_cell(&out, heading(arena, &columns->list[k], office_id), false);
    csv_end_row(&out);
    for (size_t i = 0; i < rows_count(csv->rows); i++) {
        csv_add_cell(&out, publicid_hersys(arena, rows_int(csv->rows, i, "patient_id")), true);
        csv_add_cell(&out, rows_text(csv->rows, i, "centre"), false);
        for (size_t k = 0; k < columns->count; k++)
            csv_add_cell(&out, cell(arena, &columns->list[k], &csv->values[i]), false);
        csv_end_row(&out);
    }
    return out;
}
