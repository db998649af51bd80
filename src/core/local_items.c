/* local_items.c - see local_items.h. */
#include "core/local_items.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "core/audit.h"

static const struct {
    const char *name, *label;
    enum item_type type;
} kinds[LOCAL_KIND_COUNT] = {
    [LOCAL_text] = {"text", "文字", TYPE_text},
    [LOCAL_number] = {"number", "数（整数）", TYPE_int},
    [LOCAL_date] = {"date", "日付", TYPE_date},
    [LOCAL_choice] = {"choice", "選択", TYPE_choice},
};

const char *
local_kind_name(enum local_kind kind)
{
    return kinds[kind].name;
}

const char *
local_kind_label(enum local_kind kind)
{
    return kinds[kind].label;
}

enum item_type
local_kind_type(enum local_kind kind)
{
    return kinds[kind].type;
}

enum local_kind
local_kind_of(const struct local_item *item)
{
    enum local_kind kind = LOCAL_text;

    while (kinds[kind].type != item->as.type)
        kind++;
    return kind;
}

enum local_kind
local_kind_find(const char *name)
{
    enum local_kind kind = LOCAL_text;

    while (kind < LOCAL_KIND_COUNT && strcmp(kinds[kind].name, name) != 0)
        kind++;
    return kind;
}

/* ---- rows in ------------------------------------------------------------------------------------------------------- */

static void
read_choices(struct arena *arena, struct local_item *item, const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    size_t count = json_array_size(json);
    struct local_choice *choices = ARENA_ARRAY(arena, count, struct local_choice);

    for (size_t i = 0; i < count; i++) {
        const json_t *choice = json_array_get(json, i);
        choices[i] = (struct local_choice){
            text_copy(arena, json_string_value(json_object_get(choice, "code"))),
            text_copy(arena, json_string_value(json_object_get(choice, "label"))),
            json_is_true(json_object_get(choice, "offered"))};
    }
    json_decref(json);
    item->choice_count = count;
    item->choices = choices;
}

struct local_items
local_items_from(struct arena *arena, const struct rows *rows)
{
    struct local_items items = {rows_count(rows), ARENA_ARRAY(arena, rows_count(rows), struct local_item)};

    for (size_t i = 0; i < items.count; i++) {
        const struct record_tab *tab = dictionary_record_tab(rows_text(rows, i, "tab"));
        enum item_type type = kinds[local_kind_find(rows_text(rows, i, "kind"))].type;
        int64_t id = rows_int(rows, i, "item_id");
        items.list[i] = (struct local_item){
            .id = id,
            .owner_id = rows_int(rows, i, "owner_id"),
            .owner = rows_text(rows, i, "owner"),
            .tab = tab->tab,
            .as = {.name = fields_local_name(arena, id),
                   .label = rows_text(rows, i, "label"),
                   .type = type,
                   .table = TABLE_entry,
                   .tab = tab->tab,
                   .class = tab->class,
                   .list = -1,
                   .min = (int)rows_int(rows, i, "least"),
                   .max = type == TYPE_int ? (int)rows_int(rows, i, "most") : LOCAL_MAX_TEXT,
                   .municipality = -1,
                   .unit = rows_text(rows, i, "unit"),
                   .hint = rows_text(rows, i, "hint")},
            .place = (int)rows_int(rows, i, "place"),
            .version = (int)rows_int(rows, i, "version"),
            .retired = rows_bool(rows, i, "retired"),
            .of_area = rows_bool(rows, i, "of_area"),
            .saved = rows_text(rows, i, "saved"),
            .saver = rows_text(rows, i, "saver"),
        };
        read_choices(arena, &items.list[i], rows_text(rows, i, "choices"));
    }
    return items;
}

const struct local_item *
local_items_find(const struct local_items *items, int64_t id)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->list[i].id == id)
            return &items->list[i];
    return NULL;
}

struct record_more
local_items_ask(struct arena *arena, int64_t patient_id, const struct record_tab *tab)
{
    return (struct record_more){.statement = SQL_local_items_of, .count = 2,
                                .parameters = {db_int(arena, patient_id), dictionary_tab_name(tab->tab)}};
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

bool
local_item_asked(const struct local_item *item)
{
    return item->of_area && !item->retired;
}

const struct local_choice *
local_item_choice(const struct local_item *item, const char *code)
{
    for (size_t i = 0; i < item->choice_count; i++)
        if (text_same(item->choices[i].code, code))
            return &item->choices[i];
    return NULL;
}

void
local_item_type_in(struct arena *arena, const struct local_item *item, struct document *doc,
                   const char *typed)
{
    struct local_value value = {.item = item->id};

    if (item->as.type != TYPE_choice)
        value.value = document_read(arena, &item->as, typed, &value.message);
    else if (typed[0] == '\0' || local_item_choice(item, typed) != NULL)
        value.value = typed;
    else
        value.message = "選択肢から選んでください。";
    value.typed = value.value == NULL ? typed : NULL;
    document_set_local(arena, doc, value);
}

size_t
local_items_unread(const struct document *doc)
{
    size_t count = 0;

    for (size_t i = 0; i < doc->local_count; i++)
        count += doc->locals[i].typed != NULL;
    return count;
}

const char *
local_item_shown(struct arena *arena, const struct local_item *item, const char *value)
{
    if (item->as.type != TYPE_choice)
        return document_value_shown(arena, &item->as, value);
    const struct local_choice *choice = text_empty(value) ? NULL : local_item_choice(item, value);
    return choice != NULL ? choice->label : value == NULL ? "" : value;
}

/* ---- keeping items ------------------------------------------------------------------------------------------------- */

static const char *
item_json(struct arena *arena, const struct local_item *item)
{
    const struct {
        const char *name, *value;
    } texts[] = {{"tab", dictionary_tab_name(item->tab)},
                 {"kind", local_kind_name(local_kind_of(item))},
                 {"label", item->as.label},
                 {"hint", item->as.hint},
                 {"unit", item->as.unit}};
    struct buf out = buf_new(arena);

    buf_printf(&out, "{\"least\":%d,\"most\":%d,\"place\":%d,\"choices\":[", item->as.min,
               item->as.type == TYPE_int ? item->as.max : item->as.min, item->place);
    for (size_t i = 0; i < item->choice_count; i++) {
        buf_printf(&out, "%s{\"code\":", i == 0 ? "" : ",");
        buf_add_json(&out, item->choices[i].code);
        buf_add_text(&out, ",\"label\":");
        buf_add_json(&out, item->choices[i].label);
        buf_printf(&out, ",\"offered\":%s}", item->choices[i].offered ? "true" : "false");
    }
    buf_add_char(&out, ']');
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buf_printf(&out, ",\"%s\":", texts[i].name);
        buf_add_json(&out, texts[i].value);
    }
    buf_add_char(&out, '}');
    return buf_text(&out);
}

/* Adds the entry of the trail, runs the batch, and says what became of it. */
static enum local_saved
finish(const struct desk *desk, struct db_batch *batch, const char *action, int64_t id, int version)
{
    static const struct {
        const char *state;
        enum local_saved result;
    } refusals[] = {{"HS409", LOCAL_CHANGED_MEANWHILE}, {"HS422", LOCAL_TOO_MANY}};

    audit_patient(batch, desk->arena, action, 0,
                  text_format(desk->arena, "%lld %d", (long long)id, version));
    switch (db_run(batch)) {
    case DB_OK:
    case DB_DUPLICATE:
        return LOCAL_SAVED;
    case DB_REFUSED:
        for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
            if (text_same(db_last_sqlstate(desk->db), refusals[i].state))
                return refusals[i].result;
        return LOCAL_REFUSED;
    default:
        return LOCAL_FAILED;
    }
}

/* A batch that begins with the receipt of the form. */
static struct db_batch *
begin(const struct desk *desk)
{
    struct db_batch *batch = db_batch(desk->db, desk->arena, desk->session->token);

    DB_ADD(batch, SQL_receipt_add, desk->form_id, "0", "0");
    return batch;
}

enum local_saved
local_item_save(const struct desk *desk, const struct local_item *item)
{
    struct db_batch *batch = begin(desk);

    DB_ADD(batch, SQL_local_item_save, db_int(desk->arena, item->id), db_int(desk->arena, item->version),
           item_json(desk->arena, item), db_int(desk->arena, LOCAL_MOST_ITEMS));
    return finish(desk, batch, "local_item_save", item->id, item->version + 1);
}

enum local_saved
local_item_retire(const struct desk *desk, int64_t id, int version, bool retired)
{
    struct db_batch *batch = begin(desk);

    DB_ADD(batch, SQL_local_item_retire, db_int(desk->arena, id), db_int(desk->arena, version),
           db_bool(retired), db_int(desk->arena, LOCAL_MOST_ITEMS));
    return finish(desk, batch, retired ? "local_item_retire" : "local_item_return", id, version + 1);
}
