/* case_row.c - see case_row.h. One table says which column is read how; words have tables of their own. */
#include "exchange/case_row.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"

#define ABSENT SIZE_MAX /* in a layout */

enum { NO_ITEM = -1, SHOWN_CHARACTERS = 20, MAX_NUMBER = 60, OLDEST_BAND = 90 };

/* A row while it is read. */
struct reading {
    const struct case_reader *in;
    struct arena *arena;
    const struct csv_row *csv;
    struct case_row *row;
    const char *prefecture;               /* two digits; NULL until it is known */
    const char *publisher_code;           /* five digits; a prefecture's end in 000 */
    const struct municipality *publisher; /* NULL: a prefecture */
    struct buf remarks;
    bool bad;
};

/* ---- problems ------------------------------------------------------------------------------------------------------ */

/* A value as it may stand on a terminal: cut, on one line, without control characters. */
static const char *
shown(struct arena *arena, const char *value)
{
    struct buf out = buf_new(arena);
    size_t characters = 0;

    for (const char *p = value; *p != '\0'; p++) {
        unsigned char byte = (unsigned char)*p;
        if ((byte & 0xC0) != 0x80 && characters++ == SHOWN_CHARACTERS) {
            buf_add_text(&out, "…");
            break;
        }
        bool control = byte < 0x20 || byte == 0x7F;
        if (byte == 0xC2 && (unsigned char)p[1] < 0xA0) { /* U+0080 to U+009F */
            control = true;
            p++;
        }
        buf_add_char(&out, control ? ' ' : *p);
    }
    return buf_text(&out);
}

void
case_problem_add(struct case_problems *problems, const struct csv_row *row, const char *column,
                 const char *value, bool error, const char *reason)
{
    struct arena *arena = problems->arena;

    problems->list = arena_grown(arena, problems->list, problems->count, &problems->capacity, sizeof *problems->list);
    problems->list[problems->count++] = (struct case_problem){
        row->number, row->line, column, shown(arena, value), text_copy(arena, reason), error};
    problems->errors += error;
}

static const char *
cell_of(const struct reading *r, enum case_column column)
{
    size_t cell = r->in->layout.cell[column];

    return cell == ABSENT ? "" : text_trim(r->arena, r->csv->cells[cell]);
}

static const char *column_name(enum case_column column);

static void
complain(struct reading *r, enum case_column column, bool error, const char *reason)
{
    case_problem_add(r->in->problems, r->csv, column_name(column), cell_of(r, column), error,
                     reason);
    r->bad = r->bad || error;
}

/* ---- readers, one for each kind of column ---------------------------------------------------------------------------- */

/* `cell` is trimmed and not empty; empty ones are nobody's mistake unless the column says so. */
typedef void cell_reader(struct reading *r, enum case_column column, int item, const char *cell);

static void
read_number(struct reading *r, enum case_column column, int item, const char *cell)
{
    (void)item;
    if (text_length(cell) > MAX_NUMBER)
        complain(r, column, true, "番号が長すぎます。");
    r->row->external_no = cell;
}

static void
read_code(struct reading *r, enum case_column column, int item, const char *cell)
{
    const char *digits = jtext_narrow(r->arena, cell);
    size_t size = strlen(digits);

    (void)item;
    if (!text_is_digits(digits) || (size != 5 && size != 6) ||
        !places_is_prefecture(r->in->places, text_copy_n(r->arena, digits, 2))) {
        complain(r, column, true, "全国地方公共団体コードではありません。");
        return;
    }
    r->prefecture = text_copy_n(r->arena, digits, 2);
    r->publisher_code = text_copy_n(r->arena, digits, 5);
    r->publisher = places_municipality(r->in->places, r->publisher_code);
}

static void
read_prefecture(struct reading *r, enum case_column column, int item, const char *cell)
{
    const char *code = places_prefecture(r->in->places, r->arena, cell);

    (void)item;
    if (code == NULL)
        complain(r, column, true, "都道府県の名前ではありません。");
    else if (r->prefecture != NULL && !text_same(code, r->prefecture))
        complain(r, column, true, "全国地方公共団体コードの都道府県と違います。");
    else if (r->prefecture == NULL) {
        r->prefecture = code;
        r->publisher_code = text_format(r->arena, "%s000", code);
    }
}

/* 市区町村名 and 公表主体: the municipality that announced the case, where it was not the prefecture. */
static void
read_publisher(struct reading *r, enum case_column column, int item, const char *cell)
{
    (void)item;
    (void)column;
    if (r->publisher == NULL && r->prefecture != NULL)
        r->publisher = places_find(r->in->places, r->arena, r->prefecture, cell);
}

static void
read_item(struct reading *r, enum case_column column, int item, const char *cell)
{
    const char *message;

    if (!document_type_in(r->arena, &r->row->doc, item, cell, &message))
        complain(r, column, true, message);
}

/* "40代", "10歳未満", "90歳以上", "100歳以上", "35歳": the code of the band, NULL for other words. */
static const char *
age_band(struct arena *arena, const char *text)
{
    static const struct {
        const char *ending;
        long least, most;
        bool youngest;
    } shapes[] = {{"代", 10, 120, false},
                  {"歳代", 10, 120, false},
                  {"歳", 0, 130, false},
                  {"歳以上", 90, 130, false},
                  {"歳未満", 1, 10, true}};
    char *rest;
    long number = strtol(text, &rest, 10);

    for (size_t i = 0; rest != text && i < sizeof shapes / sizeof *shapes; i++) {
        if (strcmp(rest, shapes[i].ending) != 0 || number < shapes[i].least ||
            number > shapes[i].most)
            continue;
        long band = shapes[i].youngest ? 0 : number / 10 * 10;
        return text_format(arena, "%ld", band < OLDEST_BAND ? band : (long)OLDEST_BAND);
    }
    return NULL;
}

/* Words by which publishers say that they do not know, or do not tell. */
static bool
is_unknown(const char *text)
{
    static const char *const words[] = {"不明", "調査中", "確認中", "非公表", "非公開",
                                        "-",    "―",      "－",     "ー"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_same(text, words[i]))
            return true;
    return false;
}

static void
read_age(struct reading *r, enum case_column column, int item, const char *cell)
{
    const char *code = age_band(r->arena, jtext_narrow(r->arena, cell));

    if (code == NULL && !is_unknown(cell))
        complain(r, column, false, "年代として読み取れないため、「不明」とします。");
    r->row->doc.value[item] = code == NULL ? "unknown" : code;
}

static void
read_sex(struct reading *r, enum case_column column, int item, const char *cell)
{
    static const char *const words[][2] = {{"男性", "male"},   {"男", "male"},   {"男児", "male"},
                                           {"女性", "female"}, {"女", "female"}, {"女児", "female"},
                                           {"その他", "other"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_same(cell, words[i][0]))
            r->row->doc.value[item] = words[i][1];
    if (text_empty(r->row->doc.value[item])) {
        r->row->doc.value[item] = "unknown";
        if (!is_unknown(cell))
            complain(r, column, true,
                     "性別として読み取れません。男性・女性・その他・不明のどれかにしてください。");
    }
}

static void
add_remark(struct reading *r, const char *label, const char *text)
{
    buf_printf(&r->remarks, "%s%s%s", r->remarks.size == 0 ? "" : "／", label, text);
}

static void
read_state(struct reading *r, enum case_column column, int item, const char *cell)
{
    static const struct {
        const char *word;
        int item;
        const char *value, *status;
    } states[] = {
        {"無症状", ITEM_category, "asymptomatic", NULL}, {"軽症", ITEM_severity, "mild", NULL},
        {"重症", ITEM_severity, "severe", NULL},         {"入院", NO_ITEM, NULL, "hospital"},
        {"入院中", NO_ITEM, NULL, "hospital"},           {"宿泊療養", NO_ITEM, NULL, "hotel"},
        {"宿泊療養中", NO_ITEM, NULL, "hotel"},          {"自宅療養", NO_ITEM, NULL, "home"},
        {"自宅療養中", NO_ITEM, NULL, "home"},           {"退院", NO_ITEM, NULL, "discharged"},
        {"療養解除", NO_ITEM, NULL, "released"},         {"死亡", NO_ITEM, NULL, "dead"},
    };

    (void)item;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (!text_same(cell, states[i].word))
            continue;
        if (states[i].item != NO_ITEM)
            r->row->doc.value[states[i].item] = states[i].value;
        r->row->status.status = states[i].status;
        return;
    }
    if (is_unknown(cell))
        return;
    complain(r, column, false, "状態として読み取れないため、備考に書き写します。");
    add_remark(r, "患者の状態: ", cell);
}

/* The choice whose label a publisher's word is, or begins with it: 嗅覚 for 嗅覚・味覚障害. NULL when there is none. */
static const char *
symptom_code(const char *word)
{
    static const char *const words[][2] = {
        {"倦怠感", "malaise"},       {"味覚障害", "smell_taste"}, {"嗅覚障害", "smell_taste"},
        {"味覚異常", "smell_taste"}, {"嗅覚異常", "smell_taste"}, {"嘔気", "nausea"},
        {"嘔吐", "nausea"},          {"吐き気", "nausea"},        {"肺炎", "pneumonia_image"},
        {"せき", "cough"},           {"無症状", "none"}};
    const struct choice_list *list = &dictionary_lists[LIST_symptom];

    for (int i = 0; i < list->count; i++)
        if (text_same(word, list->choices[i].label))
            return list->choices[i].code;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_same(word, words[i][0]))
            return words[i][1];
    return NULL;
}

/* Splits "発熱、咳・頭痛"; what is none of the form's words goes to その他. */
static void
read_symptoms(struct reading *r, enum case_column column, int item, const char *cell)
{
    static const char *const separators[] = {"、", "，", "・", "／", "　", ",", "/", ";"};
    struct buf words = buf_new(r->arena), codes = buf_new(r->arena), other = buf_new(r->arena);
    size_t count;

    for (const char *p = cell; *p != '\0';) {
        size_t size = 0;
        for (size_t i = 0; i < sizeof separators / sizeof *separators && size == 0; i++)
            size = text_starts(p, separators[i]) ? strlen(separators[i]) : 0;
        buf_add_char(&words, size == 0 ? *p : ' ');
        p += size == 0 ? 1 : size;
    }
    char **list = text_split(r->arena, buf_text(&words), ' ', &count);
    for (size_t i = 0; i < count; i++) {
        const char *code = symptom_code(list[i]);
        if (code != NULL)
            buf_printf(&codes, "%s%s", codes.size == 0 ? "" : " ", code);
        else if (list[i][0] != '\0' && !is_unknown(list[i]))
            buf_printf(&other, "%s%s", other.size == 0 ? "" : "、", list[i]);
    }
    if (other.size > 0)
        buf_printf(&codes, "%sother", codes.size == 0 ? "" : " ");
    read_item(r, column, item, buf_text(&codes));
    if (other.size > 0)
        read_item(r, column, ITEM_symptom_other, buf_text(&other));
}

/* 1, 0 or empty. */
static bool
is_set(struct reading *r, enum case_column column, const char *cell)
{
    const char *flag = jtext_narrow(r->arena, cell);

    if (!text_same(flag, "1") && !text_same(flag, "0"))
        complain(r, column, true, "1か0を入れるか、空欄にしてください。");
    return text_same(flag, "1");
}

static void
read_travelled(struct reading *r, enum case_column column, int item, const char *cell)
{
    (void)item;
    if (is_set(r, column, cell))
        add_remark(r, "渡航歴あり", "");
}

static void
read_discharged(struct reading *r, enum case_column column, int item, const char *cell)
{
    (void)item;
    if (is_set(r, column, cell) && !text_same(r->row->status.status, "dead"))
        r->row->status.status = "discharged";
}

static void
read_remark(struct reading *r, enum case_column column, int item, const char *cell)
{
    (void)item;
    add_remark(r, column == CASE_contact ? "接触先No: " : "", cell);
}

static void
read_nothing(struct reading *r, enum case_column column, int item, const char *cell)
{
    (void)r;
    (void)column;
    (void)item;
    (void)cell;
}

/* ---- the columns ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool must;         /* the file must have it */
    bool given;        /* and no cell may be empty */
    cell_reader *read; /* in the order of the enum */
    int item;
} columns[CASE_COLUMN_COUNT] = {
    [CASE_no] = {"No", true, true, read_number, NO_ITEM},
    [CASE_code] = {"全国地方公共団体コード", false, false, read_code, NO_ITEM},
    [CASE_prefecture] = {"都道府県名", false, false, read_prefecture, NO_ITEM},
    [CASE_city] = {"市区町村名", false, false, read_publisher, NO_ITEM},
    [CASE_published] = {"公表_年月日", true, true, read_item, ITEM_diagnosis_date},
    [CASE_onset] = {"発症_年月日", false, false, read_item, ITEM_onset_date},
    [CASE_residence] = {"患者_居住地", true, false, read_item, ITEM_home_address},
    [CASE_age] = {"患者_年代", true, false, read_age, ITEM_age_band},
    [CASE_sex] = {"患者_性別", true, false, read_sex, ITEM_sex},
    [CASE_occupation] = {"患者_職業", false, false, read_item, ITEM_occupation},
    [CASE_state] = {"患者_状態", false, false, read_state, ITEM_severity},
    [CASE_symptoms] = {"患者_症状", false, false, read_symptoms, ITEM_symptoms},
    [CASE_travelled] = {"患者_渡航歴の有無フラグ", false, false, read_travelled, NO_ITEM},
    [CASE_discharged] = {"患者_退院済フラグ", false, false, read_discharged, NO_ITEM},
    [CASE_remarks] = {"備考", false, false, read_remark, ITEM_remarks},
    [CASE_publisher] = {"公表主体", false, false, read_publisher, NO_ITEM},
    [CASE_contact] = {"接触先No", false, false, read_remark, NO_ITEM},
    [CASE_centre] = {"管轄保健所", false, false, read_nothing, NO_ITEM},
};

static const char *
column_name(enum case_column column)
{
    return columns[column].name;
}

/* The column that fills an item; CASE_COLUMN_COUNT when none does. */
static enum case_column
column_of(int item)
{
    enum case_column column = 0;

    while (column < CASE_COLUMN_COUNT && columns[column].item != item)
        column++;
    return column;
}

const char *
case_layout_read(struct arena *arena, const struct csv_row *header, struct case_layout *layout)
{
    layout->count = header->count;
    for (int column = 0; column < CASE_COLUMN_COUNT; column++) {
        layout->cell[column] = ABSENT;
        for (size_t i = 0; i < header->count; i++) {
            const char *name = text_trim(arena, jtext_narrow(arena, header->cells[i]));
            if (!text_same(name, columns[column].name))
                continue;
            if (layout->cell[column] != ABSENT)
                return text_format(arena, "列「%s」が2つあります。", name);
            layout->cell[column] = i;
        }
        if (columns[column].must && layout->cell[column] == ABSENT)
            return text_format(arena,
                               "列「%s」がありません。陽性患者属性の様式か確かめてください。",
                               columns[column].name);
    }
    if (layout->cell[CASE_code] == ABSENT && layout->cell[CASE_prefecture] == ABSENT)
        return "列「全国地方公共団体コード」と「都道府県名」のどちらもありません。";
    return NULL;
}

/* ---- what follows from several columns ------------------------------------------------------------------------------ */

/* The municipality of the residence, in the publisher's prefecture or, where its name is the only one, in another. */
static const struct municipality *
municipality_of(struct reading *r)
{
    const char *residence = cell_of(r, CASE_residence);
    const struct municipality *found =
        places_find(r->in->places, r->arena, r->prefecture, residence);

    if (found == NULL)
        found = places_find(r->in->places, r->arena, NULL, residence);
    if (found != NULL)
        r->row->doc.value[ITEM_home_municipality] = found->code;
    return found;
}

/*
 * The centre in charge: the one that is named; the one that is competent for the residence, as long as it lies in the
 * prefecture; the one of the municipality that announced the case; the one that stands in for the prefecture.
 */
static int64_t
centre_of(struct reading *r, const struct municipality *home)
{
    const struct places *places = r->in->places;
    const char *named = cell_of(r, CASE_centre);
    int64_t centre = text_empty(named) ? 0 : places_centre(places, r->arena, r->prefecture, named);

    if (centre == 0 && !text_empty(named))
        complain(r, CASE_centre, false, "この名前の保健所が見つからないため、居住地から決めます。");
    if (centre == 0 && home != NULL && text_same(home->prefecture_code, r->prefecture))
        centre = home->centre_id;
    if (centre == 0 && text_ends(cell_of(r, CASE_residence), "管内"))
        centre = places_centre(places, r->arena, r->prefecture, cell_of(r, CASE_residence));
    if (centre == 0 && r->publisher != NULL)
        centre = r->publisher->centre_id;
    return centre != 0 ? centre : places_fallback(places, r->prefecture);
}

static void
find_place(struct reading *r)
{
    const struct municipality *home = municipality_of(r);

    r->row->centre_id = centre_of(r, home);
    const char *centre = places_centre_name(r->in->places, r->arena, r->row->centre_id);
    if (r->row->centre_id == 0)
        complain(r, CASE_residence, true,
                 "担当する保健所が決まっていません。管轄を登録してください。");
    else if (home == NULL)
        complain(r, CASE_residence, false,
                 text_format(r->arena, "市区町村として読み取れません。担当は%sとします。", centre));
    else if (!text_same(home->prefecture_code, r->prefecture))
        complain(r, CASE_residence, false,
                 text_format(r->arena, "ほかの都道府県の市区町村です。担当は%sとします。", centre));
}

/* Takes out what the form of that day does not have, and says so. */
static void
prune(struct reading *r)
{
    struct document whole = r->row->doc;

    document_prune(&r->row->doc, r->row->form);
    for (int item = 0; item < ITEM_COUNT; item++) {
        enum case_column column = column_of(item);
        if (column < CASE_COLUMN_COUNT && document_has(&whole, item) &&
            !document_has(&r->row->doc, item))
            complain(r, column, false,
                     text_format(r->arena,
                                 "この届出の様式では「%s」を入力しないため、取り込みません。",
                                 dictionary_items[item].label));
    }
}

/* The same checks as for a report that somebody types; what is missing is the centre's work, not a mistake. */
static void
check(struct reading *r)
{
    struct problems problems = {0};

    document_check(r->arena, &r->row->doc, (struct form_view){r->row->form, false}, &problems);
    for (size_t i = 0; i < problems.count; i++) {
        const struct problem *problem = &problems.list[i];
        enum case_column column = column_of(problem->item);
        bool error = problem->kind == PROBLEM_ERROR;
        if ((error || problem->kind == PROBLEM_WARNING) && column < CASE_COLUMN_COUNT &&
            column != CASE_residence) /* find_place has said it better */
            complain(r, column, error, problem->message);
    }
}

static void
read_columns(struct reading *r)
{
    for (int column = 0; column < CASE_COLUMN_COUNT; column++) {
        const char *cell = cell_of(r, column);
        if (cell[0] != '\0')
            columns[column].read(r, column, columns[column].item, cell);
        else if (columns[column].given)
            complain(r, column, true, "空欄です。");
    }
    if (r->prefecture == NULL && !r->bad)
        complain(r, CASE_prefecture, true, "どの都道府県の公表か分かりません。");
    if (r->remarks.size > 0)
        read_item(r, CASE_remarks, ITEM_remarks, buf_text(&r->remarks));
}

bool
case_row_read(const struct case_reader *reader, const struct csv_row *csv, struct case_row *row)
{
    struct reading r = {.in = reader,
                        .arena = reader->arena,
                        .csv = csv,
                        .row = row,
                        .remarks = buf_new(reader->arena)};

    memset(row, 0, sizeof *row);
    row->doc.value[ITEM_category] = "confirmed";
    if (csv->count != reader->layout.count) {
        case_problem_add(reader->problems, csv, "", "", true,
                         text_format(r.arena, "列の数が%zuです（見出しは%zu）。", csv->count,
                                     reader->layout.count));
        return false;
    }
    read_columns(&r);
    row->contact = cell_of(&r, CASE_contact);
    if (r.bad)
        return false;
    const char *day = row->doc.value[ITEM_diagnosis_date];
    row->source = text_format(r.arena, "cases/%s", r.publisher_code);
    row->form = places_form(reader->places, r.prefecture, day);
    if (row->status.status != NULL) {
        row->status.since = day;
        row->status_note =
            "公表資料から取り込み。いつからかは公表されていないため、公表日としています。";
    }
    find_place(&r);
    prune(&r);
    check(&r);
    return !r.bad;
}
