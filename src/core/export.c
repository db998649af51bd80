/* export.c - see export.h. */
#include "core/export.h"

#include <stdlib.h>
#include <string.h>

#include "base/jtext.h"
#include "base/map.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"

#define ANY_RELATION (~0u)

/* ---- columns ------------------------------------------------------------------------------------------------------- */

const char *
export_part_label(enum export_part part)
{
    static const char *const labels[EXPORT_PARTS] = {"一覧の項目", "本人", "発生届（本人の欄）", "発生届", "検査"};

    return labels[part];
}

/* The labels of the list, by the names of their columns. What an office may not see of a patient is empty there already. */
enum label { HERSYS_ID, REPORTED, REPORTER, RESPONSIBLE, SEX, AGE, STATUS, STATUS_SINCE, CONFIRMED, DEEMED, LABELS };
#define LABEL(label) (-1 - (int)(label)) /* in the place of an item; back again by the same */
static const struct export_column of_list[LABELS] = {
    [HERSYS_ID] = {"hersys_id", "HER-SYS ID", EXPORT_LIST, 0, true, EXPORT_TEXT, LABEL(HERSYS_ID)},
    [REPORTED] = {"reported", "届出日時", EXPORT_LIST, 0, true, EXPORT_TEXT, LABEL(REPORTED)},
    [REPORTER] = {"reporter", "届出元", EXPORT_LIST, 0, true, EXPORT_TEXT, LABEL(REPORTER)},
    [RESPONSIBLE] = {"responsible", "担当保健所", EXPORT_LIST, 0, true, EXPORT_TEXT, LABEL(RESPONSIBLE)},
    [SEX] = {"sex", "性別", EXPORT_LIST, 0, true, EXPORT_TEXT, LABEL(SEX)},
    [AGE] = {"age", "年齢", EXPORT_LIST, 0, true, EXPORT_TEXT, LABEL(AGE)},
    [STATUS] = {"status", "現在のステータス", EXPORT_LIST, CLASS_status, false, EXPORT_TEXT, LABEL(STATUS)},
    [STATUS_SINCE] = {"status_since", "ステータスの日付", EXPORT_LIST, CLASS_status, false, EXPORT_DATE, LABEL(STATUS_SINCE)},
    [CONFIRMED] = {"confirmed", "保健所の確認", EXPORT_LIST, CLASS_confirmation, false, EXPORT_TEXT, LABEL(CONFIRMED)},
    [DEEMED] = {"deemed", "みなし陽性", EXPORT_LIST, CLASS_clinical, false, EXPORT_TEXT, LABEL(DEEMED)},
};

static enum export_part
part_of(const struct item *item)
{
    bool personal = item->class == CLASS_identity || item->class == CLASS_contact;

    return item->table == TABLE_patient       ? EXPORT_PERSON
           : item->table == TABLE_test_record ? EXPORT_TESTS
           : personal                         ? EXPORT_REPORT_PERSON
                                              : EXPORT_REPORT;
}

static const enum export_type type_of[] = {
    [TYPE_date] = EXPORT_DATE, [TYPE_int] = EXPORT_NUMBER, [TYPE_derived] = EXPORT_TEXT};

static struct export_column
column_of_item(struct arena *arena, int i)
{
    const struct item *item = &dictionary_items[i];

    return (struct export_column){
        .name = item->name,
        .label = item->repeat == 0 ? item->label : text_format(arena, "%s（%d）", item->label, item->repeat),
        .part = part_of(item),
        .class = item->class,
        .type = type_of[item->type],
        .item = i,
    };
}

struct export_columns
export_columns(struct arena *arena, enum organisation_kind kind)
{
    struct rights rights = rights_of(kind, ANY_RELATION);
    size_t count = 0;
    struct export_column *list = ARENA_ARRAY(arena, LABELS + ITEM_COUNT, struct export_column);

    for (size_t i = 0; i < LABELS; i++)
        if (of_list[i].open || rights_may_view(rights, of_list[i].class))
            list[count++] = of_list[i];
    for (enum export_part part = EXPORT_PERSON; part < EXPORT_PARTS; part++)
        for (int i = 0; i < ITEM_COUNT; i++)
            if (dictionary_items[i].table != TABLE_entry && part_of(&dictionary_items[i]) == part &&
                i != ITEM_sex && /* a label of the list */
                rights_may_view(rights, dictionary_items[i].class))
                list[count++] = column_of_item(arena, i);
    return (struct export_columns){count, list};
}

struct export_columns
export_chosen(struct arena *arena, const struct export_columns *all, const char *names)
{
    struct export_column *list = ARENA_ARRAY(arena, all->count, struct export_column);
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++)
        if (text_has_word(names, all->list[i].name))
            list[count++] = all->list[i];
    return (struct export_columns){count, list};
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* What stands in the lines as a number or a code, and its names: read once for each of them, not joined to every line. */
enum naming { ORGANISATIONS, MUNICIPALITIES, NAMINGS };
static const struct {
    enum sql statement; /* gives code and name */
    const char *columns[2];
} namings[NAMINGS] = {
    [ORGANISATIONS] = {SQL_export_organisations, {"reporter", "responsible"}},
    [MUNICIPALITIES] = {SQL_export_municipalities, {"home_municipality", "stay_municipality"}},
};

struct names {
    const struct rows *rows;
    struct map *at; /* the row of a code */
};

struct export_rows {
    const struct desk *desk;
    struct arena *arena;
    struct db_batch *behind;  /* what the database works on meanwhile, or NULL */
    const struct rows *lines; /* a row for each patient */
    struct names names[NAMINGS];
    const struct rows *tests; /* by patient; NULL: none was chosen */
    size_t test;              /* the first of the patient at hand, or of whoever comes next */
    int places[ITEM_COUNT];   /* the column of an item, + 1; 0: not yet looked for */
    int label_places[LABELS]; /* the same of a label of the list */
    size_t row;               /* at hand */
    int64_t patient;
    struct rights rights;
};

/* One arena for the lines of the patients being written, one for their tests and the lines behind them, one for what is read meanwhile. */
enum { ARENAS = 3 };

struct export_reader {
    const struct desk *desk;
    const struct export_order *order;
    struct arena *arenas[ARENAS];
    size_t step;              /* how many were begun */
    struct arena *arena;      /* of the step on its way */
    const struct rows *lines; /* whom it enters in the trail */
    struct db_batch *batch;   /* NULL: none is on its way */
    unsigned names[NAMINGS];  /* in them */
    unsigned tests;           /* of them; only when some were chosen */
    unsigned next;            /* the lines behind; only when these are a whole step */
};

static bool
has_tests(const struct export_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        if (columns->list[i].part == EXPORT_TESTS)
            return true;
    return false;
}

/* The place of a column that is called `name`: where it was found before (+ 1), or where it is found now. */
static size_t
found_place(int *place, const struct rows *rows, const char *name)
{
    for (size_t i = 0; *place == 0; i++)
        if (strcmp(rows_column_name(rows, i), name) == 0)
            *place = (int)i + 1;
    return (size_t)*place - 1;
}

/* What stands in a column of numbers or codes, each once, as an array of PostgreSQL. */
static const char *
column_array(struct arena *arena, const struct rows *rows, const char *column)
{
    struct buf out = buf_new(arena);
    struct map *known = map_new(arena);
    int64_t row;
    int place = 0;
    size_t at = found_place(&place, rows, column);

    buf_add_char(&out, '{');
    for (size_t i = 0; i < rows_count(rows); i++) {
        const char *value = rows_at(rows, i, at);
        if (value == NULL || map_find(known, value, &row))
            continue;
        map_put(known, value, (int64_t)i);
        if (out.size > 1)
            buf_add_char(&out, ',');
        buf_add_text(&out, value);
    }
    buf_add_char(&out, '}');
    return buf_text(&out);
}

static struct names
names_in(struct arena *arena, const struct rows *rows)
{
    struct names names = {rows, map_new(arena)};

    for (size_t i = 0; i < rows_count(rows); i++)
        map_put(names.at, rows_at(rows, i, 0), (int64_t)i);
    return names;
}

/* NULL when there is none. */
static const char *
name_of(const struct names *names, const char *code)
{
    int64_t row;

    return code != NULL && map_find(names->at, code, &row) ? rows_at(names->rows, (size_t)row, 1) : NULL;
}

/* Of row `i`; every statement has it as its first column. */
static int64_t
patient_of(const struct rows *rows, size_t i)
{
    return strtoll(rows_at(rows, i, 0), NULL, 10);
}

/* Puts patient `i` to hand. */
static void
take(struct export_rows *rows, size_t i)
{
    enum { OFTEN = 64 };

    if (i % OFTEN == 0 && rows->behind != NULL)
        db_take_in(rows->behind);
    rows->row = i;
    rows->patient = patient_of(rows->lines, i);
    rows->rights = rights_of(rows->desk->session->kind, (unsigned)rows_int(rows->lines, i, "relations"));
    while (rows->tests != NULL && rows->test < rows_count(rows->tests) && patient_of(rows->tests, rows->test) < rows->patient)
        rows->test++;
}

static void
release(void *object)
{
    struct export_reader *reader = object;

    for (size_t i = 0; i < ARENAS; i++)
        arena_free(reader->arenas[i]);
}

struct export_reader *
export_reader_new(struct arena *arena, const struct desk *desk, const struct export_order *order)
{
    struct export_reader *reader = ARENA_NEW(arena, struct export_reader);

    *reader = (struct export_reader){.desk = desk, .order = order};
    for (size_t i = 0; i < ARENAS; i++)
        reader->arenas[i] = arena_new();
    arena_defer(arena, release, reader);
    return reader;
}

static unsigned
ask_lines(struct export_reader *reader, struct db_batch *batch, struct arena *arena, const char *after)
{
    return DB_ADD(batch, SQL_export_next, db_int(arena, reader->desk->session->organisation_id), reader->order->filter, after,
                  db_int(arena, EXPORT_STEP));
}

/* Sends for the entry of `lines` in the trail, for their tests and the names in them, and for the lines behind them. */
static void
begin(struct export_reader *reader, const struct rows *lines)
{
    const struct desk *desk = reader->desk;
    struct arena *arena = reader->arenas[reader->step++ % ARENAS];

    arena_reset(arena);
    reader->arena = arena;
    reader->lines = lines;
    reader->batch = db_batch(desk->db, arena, desk->session->token);
    audit_list(reader->batch, arena, "export", lines, reader->order->export_id);
    if (has_tests(&reader->order->columns))
        reader->tests = DB_ADD(reader->batch, SQL_export_test, column_array(arena, lines, "patient_id"));
    for (enum naming n = 0; n < NAMINGS; n++)
        reader->names[n] = DB_ADD(reader->batch, namings[n].statement, column_array(arena, lines, namings[n].columns[0]),
                                  column_array(arena, lines, namings[n].columns[1]));
    if (rows_count(lines) == EXPORT_STEP)
        reader->next = ask_lines(reader, reader->batch, arena, rows_at(lines, EXPORT_STEP - 1, 0));
    db_start(reader->batch);
}

/* The first lines, from which everything follows. False when there is nobody, or the database failed. */
static bool
begin_first(struct export_reader *reader, enum db_status *status)
{
    struct arena *arena = reader->arenas[ARENAS - 1];
    struct db_batch *batch = db_batch(reader->desk->db, arena, reader->desk->session->token);
    unsigned lines = ask_lines(reader, batch, arena, "0");

    *status = db_run(batch);
    if (*status != DB_OK || rows_count(db_rows(batch, lines)) == 0)
        return false;
    begin(reader, db_rows(batch, lines));
    return true;
}

struct export_rows *
export_next(struct export_reader *reader, enum db_status *status)
{
    *status = DB_OK;
    if (reader->batch == NULL && (reader->step > 0 || !begin_first(reader, status)))
        return NULL;
    struct db_batch *batch = reader->batch;
    struct export_rows *rows = ARENA_NEW(reader->arena, struct export_rows);
    reader->batch = NULL;
    *status = db_wait(batch);
    if (*status != DB_OK)
        return NULL;
    *rows = (struct export_rows){.desk = reader->desk, .arena = reader->arena, .lines = reader->lines};
    if (has_tests(&reader->order->columns))
        rows->tests = db_rows(batch, reader->tests);
    for (enum naming n = 0; n < NAMINGS; n++)
        rows->names[n] = names_in(reader->arena, db_rows(batch, reader->names[n]));
    if (rows_count(reader->lines) == EXPORT_STEP && rows_count(db_rows(batch, reader->next)) > 0)
        begin(reader, db_rows(batch, reader->next));
    rows->behind = reader->batch;
    take(rows, 0);
    return rows;
}

void
export_stop(struct export_reader *reader)
{
    if (reader->batch != NULL)
        db_wait(reader->batch); /* nobody wants to know */
    reader->batch = NULL;
}

size_t
export_count(const struct export_rows *rows)
{
    return rows_count(rows->lines);
}

/* ---- cells --------------------------------------------------------------------------------------------------------- */

static const char *
age_of(struct arena *arena, const struct rows *lines, size_t i)
{
    const char *years = rows_text(lines, i, "listed_years");

    return years != NULL ? text_format(arena, "%s歳", years) : dictionary_label(LIST_age_band, rows_text(lines, i, "listed_band"));
}

static const char *
label_cell(struct export_rows *rows, size_t i, const struct export_column *column)
{
    enum label label = LABEL(column->item);

    if (label == HERSYS_ID)
        return publicid_hersys(rows->arena, rows->patient);
    if (label == AGE)
        return age_of(rows->arena, rows->lines, i);
    const char *value = rows_at(rows->lines, i, found_place(&rows->label_places[label], rows->lines, column->name));
    switch (label) {
    case REPORTER:
    case RESPONSIBLE:
        return name_of(&rows->names[ORGANISATIONS], value);
    case SEX:
        return dictionary_label(LIST_sex, value);
    case STATUS:
        return dictionary_label(LIST_status, value);
    case CONFIRMED:
        return value == NULL ? "" : value[0] == 't' ? "確認済" : "未確認";
    case DEEMED:
        return text_same(value, "t") ? "みなし陽性" : "";
    default:
        return value;
    }
}

/* {a,b} as labels. */
static const char *
labels_of(struct arena *arena, int list, const char *array)
{
    struct buf out = buf_new(arena);

    for (const char *p = array + 1; *p != '\0' && *p != '}';) {
        size_t n = strcspn(p, ",}");
        buf_printf(&out, "%s%s", out.size == 0 ? "" : "、", dictionary_label(list, text_copy_n(arena, p, n)));
        p += n + (p[n] == ',');
    }
    return buf_text(&out);
}

static const char *
shown(struct export_rows *rows, int item, const char *value)
{
    struct fields fields = {rows->arena, rows->desk->keys, rows->patient};
    const char *name;

    switch (dictionary_items[item].type) {
    case TYPE_choice:
        return dictionary_label(dictionary_items[item].list, value);
    case TYPE_choices:
        return labels_of(rows->arena, dictionary_items[item].list, value);
    case TYPE_phone:
        return jtext_phone_shown(rows->arena, value);
    case TYPE_postal:
        return strlen(value) != 7 ? value : text_format(rows->arena, "%.3s-%s", value, value + 3);
    case TYPE_passport:
        return fields_opened(fields, item, value);
    case TYPE_derived: /* a municipality */
        name = name_of(&rows->names[MUNICIPALITIES], value);
        return name != NULL ? name : value;
    default:
        return value;
    }
}

/* The test of that number of the patient at hand; -1 when there is none. */
static int64_t
test_of(const struct export_rows *rows, int number)
{
    for (size_t i = rows->test; i < rows_count(rows->tests) && patient_of(rows->tests, i) == rows->patient; i++)
        if (rows_int(rows->tests, i, "test_no") == number)
            return (int64_t)i;
    return -1;
}

const char *
export_cell(struct export_rows *rows, size_t i, const struct export_column *column)
{
    if (rows->row != i)
        take(rows, i);
    if (!column->open && !rights_may_view(rows->rights, column->class))
        return "";
    if (column->part == EXPORT_LIST)
        return label_cell(rows, i, column);
    bool test = column->part == EXPORT_TESTS;
    int64_t row = test ? test_of(rows, dictionary_items[column->item].repeat) : (int64_t)i;
    if (row < 0)
        return "";
    const struct rows *of = test ? rows->tests : rows->lines;
    const char *value = rows_at(of, (size_t)row, found_place(&rows->places[column->item], of, dictionary_items[column->item].column));
    return text_empty(value) ? "" : shown(rows, column->item, value);
}
