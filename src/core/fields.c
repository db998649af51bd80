/* fields.c - see fields.h. */
#include "core/fields.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

enum { TABLES = 3, MAX_COLUMNS = 128, UNKNOWN = -1 };

/* ---- rows in ------------------------------------------------------------------------------------------------------- */

/* Which item a column is, found once for each table: the order of a statement's columns does not change. */
static int
item_of_column(enum item_table table, size_t column, const char *name)
{
    static struct {
        const char *name;
        int item;
    } known[TABLES][MAX_COLUMNS];

    if (column >= MAX_COLUMNS)
        return UNKNOWN;
    if (known[table][column].name != NULL && strcmp(known[table][column].name, name) == 0)
        return known[table][column].item;
    int item = 0;
    while (item < ITEM_COUNT && (dictionary_items[item].table != table ||
                                 strcmp(dictionary_items[item].column, name) != 0))
        item++;
    item = item == ITEM_COUNT ? UNKNOWN : item;
    known[table][column].item = item;
    known[table][column].name = item == UNKNOWN ? NULL : dictionary_items[item].column;
    return item;
}

/* {a,b} becomes "a b"; codes need no quoting. */
static const char *
from_array(struct arena *arena, const char *array)
{
    char *words = text_copy_n(arena, array + 1, strlen(array) - 2);

    for (char *p = words; *p != '\0'; p++)
        if (*p == ',')
            *p = ' ';
    return words;
}

/* The other way. */
static const char *
to_array(struct arena *arena, const char *words)
{
    char *array = text_format(arena, "{%s}", words);

    for (char *p = array; *p != '\0'; p++)
        if (*p == ' ')
            *p = ',';
    return array;
}

static const char *
sealed_place(struct fields f, int item)
{
    return text_format(f.arena, "patient|%s|%lld", dictionary_items[item].column,
                       (long long)f.patient_id);
}

const char *
fields_opened(struct fields f, int item, const char *stored)
{
    if (dictionary_items[item].type != TYPE_passport || text_empty(stored))
        return stored;
    return crypt_open(f.arena, f.keys, sealed_place(f, item), stored);
}

void
fields_from_row(struct fields f, struct document *doc, const struct rows *rows, size_t row,
                enum item_table table, int repeat)
{
    for (size_t column = 0; column < rows_columns(rows); column++) {
        int item = item_of_column(table, column, rows_column_name(rows, column));
        if (item == UNKNOWN)
            continue;
        if (repeat > 1) { /* the columns of a test are the items of its number */
            const struct item *first = &dictionary_items[item];
            for (item++; item < ITEM_COUNT; item++)
                if (dictionary_items[item].repeat == repeat &&
                    dictionary_items[item].table == table &&
                    strcmp(dictionary_items[item].column, first->column) == 0)
                    break;
            if (item == ITEM_COUNT)
                continue;
        }
        const char *value = rows_at(rows, row, column);
        if (value != NULL && dictionary_items[item].type == TYPE_choices)
            value = from_array(f.arena, value);
        doc->value[item] = fields_opened(f, item, value);
    }
}

/* ---- columns out --------------------------------------------------------------------------------------------------- */

const char *
fields_column(struct fields f, const struct document *doc, int item)
{
    const char *value = doc->value[item];

    if (text_empty(value))
        return NULL;
    switch (dictionary_items[item].type) {
    case TYPE_choices:
        return to_array(f.arena, value);
    case TYPE_passport:
        return crypt_seal(f.arena, f.keys, sealed_place(f, item), value);
    default:
        return value;
    }
}

/* ---- items that head offices have added ---------------------------------------------------------------------------- */

static const char local_prefix[] = "local_";

const char *
fields_local_name(struct arena *arena, int64_t item)
{
    return text_format(arena, "%s%lld", local_prefix, (long long)item);
}

int64_t
fields_local_item(const char *name)
{
    int64_t item;

    if (!text_starts(name, local_prefix) ||
        text_to_int(name + strlen(local_prefix), 1, INT64_MAX, &item) != 0)
        return 0;
    return item;
}

/* ---- JSON out ------------------------------------------------------------------------------------------------------ */

static void
add_value(struct fields f, struct buf *out, int item, const char *value)
{
    const struct item *i = &dictionary_items[item];

    if (text_empty(value)) {
        buf_add_text(out, "null");
    } else if (i->type == TYPE_choices) {
        size_t count;
        char **words = text_split(f.arena, value, ' ', &count);
        for (size_t n = 0; n < count; n++) {
            buf_add_char(out, n == 0 ? '[' : ',');
            buf_add_json(out, words[n]);
        }
        buf_add_char(out, ']');
    } else if (i->type == TYPE_passport) {
        buf_add_json(out, crypt_seal(f.arena, f.keys, sealed_place(f, item), value));
    } else {
        buf_add_json(out, value);
    }
}

static void
add_member(struct fields f, struct buf *out, const char *name, int item, const char *value)
{
    if (out->size > 1)
        buf_add_char(out, ',');
    buf_add_json(out, name);
    buf_add_char(out, ':');
    add_value(f, out, item, value);
}

const char *
fields_json(struct fields f, const struct document *doc, const struct document *base,
            enum item_table table, const char *extra)
{
    struct buf out = buf_new(f.arena);

    buf_add_char(&out, '{');
    for (int item = 0; item < ITEM_COUNT; item++)
        if (dictionary_items[item].table == table &&
            !text_same(doc->value[item], base == NULL ? NULL : base->value[item]))
            add_member(f, &out, dictionary_items[item].column, item, doc->value[item]);
    if (extra != NULL)
        buf_add_text(&out, out.size > 1 ? extra : extra + 1);
    buf_add_char(&out, '}');
    return buf_text(&out);
}

const char *
fields_tests_json(struct fields f, const struct document *doc)
{
    struct buf out = buf_new(f.arena);

    buf_add_char(&out, '[');
    for (int repeat = 1; repeat <= 4; repeat++) {
        struct buf row = buf_new(f.arena);
        buf_add_char(&row, '{');
        for (int item = 0; item < ITEM_COUNT; item++)
            if (dictionary_items[item].table == TABLE_test_record &&
                dictionary_items[item].repeat == repeat && document_has(doc, item))
                add_member(f, &row, dictionary_items[item].column, item, doc->value[item]);
        if (row.size > 1)
            buf_printf(&out, "%s%s,\"test_no\":%d}", out.size > 1 ? "," : "", row.data, repeat);
    }
    buf_add_char(&out, ']');
    return buf_text(&out);
}

static bool
is_of_person(int item)
{
    return dictionary_items[item].table == TABLE_patient;
}

/* The items that head offices have added: their name in an entry is local_ and their number. */
static void
add_locals(struct fields f, struct buf *out, const struct document *of, const struct document *other)
{
    for (size_t i = 0; i < of->local_count; i++) {
        const struct local_value *local = &of->locals[i];
        if (text_same(local->value, document_local(other, local->item).value))
            continue;
        buf_printf(out, "%s\"%s\":", out->size > 1 ? "," : "",
                   fields_local_name(f.arena, local->item));
        buf_add_json(out, text_empty(local->value) ? NULL : local->value);
    }
}

const char *
fields_changes(struct fields f, const struct document *of, const struct document *other,
               bool person)
{
    struct buf out = buf_new(f.arena);

    buf_add_char(&out, '{');
    for (int item = 0; item < ITEM_COUNT; item++)
        if (is_of_person(item) == person && !text_same(of->value[item], other->value[item]))
            add_member(f, &out, dictionary_items[item].name, item, of->value[item]);
    if (!person)
        add_locals(f, &out, of, other);
    buf_add_char(&out, '}');
    return buf_text(&out);
}

bool
fields_differ(const struct document *a, const struct document *b, bool person)
{
    for (int item = 0; item < ITEM_COUNT; item++)
        if (is_of_person(item) == person && !text_same(a->value[item], b->value[item]))
            return true;
    return false;
}

static const char *
value_of_json(struct fields f, int item, const json_t *json)
{
    struct buf out = buf_new(f.arena);

    if (!json_is_array(json))
        return json_is_string(json)
                   ? fields_opened(f, item, text_copy(f.arena, json_string_value(json)))
                   : "";
    for (size_t i = 0; i < json_array_size(json); i++)
        buf_printf(&out, "%s%s", i == 0 ? "" : " ", json_string_value(json_array_get(json, i)));
    return buf_text(&out);
}

int
fields_apply_changes(struct fields f, struct document *doc, const char *text)
{
    json_t *json = json_loads(text, 0, NULL), *value;
    const char *name;

    if (!json_is_object(json)) {
        json_decref(json);
        return -1;
    }
    json_object_foreach(json, name, value)
    {
        int item = dictionary_item(name);
        int64_t local = item >= 0 ? 0 : fields_local_item(name);
        if (item >= 0)
            doc->value[item] = value_of_json(f, item, value);
        else if (local != 0)
            document_set_local(f.arena, doc,
                               (struct local_value){
                                   .item = local,
                                   .value = text_copy(f.arena, json_string_value(value))});
    }
    json_decref(json);
    return 0;
}

int
fields_merge(const struct document *base, const struct document *theirs, struct document *mine,
             bool clash[ITEM_COUNT])
{
    int clashes = 0;

    for (int item = 0; item < ITEM_COUNT; item++) {
        bool typed = !text_same(mine->value[item], base->value[item]);
        bool changed = !text_same(theirs->value[item], base->value[item]);
        if (changed && !typed)
            mine->value[item] = theirs->value[item];
        clash[item] = changed && typed && !text_same(mine->value[item], theirs->value[item]);
        clashes += clash[item];
    }
    return clashes;
}
