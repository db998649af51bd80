/*
 * population.c - `hersys population`: the people (人口) of prefectures, cities and centres, by which ② is reckoned.
 *
 *     hersys population load FILE.csv   takes a table: code, since when, people, source; all of its rows or none
 *     hersys population show            prints what is there as such a table
 *
 * A row says how many people an area has from a day on, until a later row of the same area. Every problem is printed with line and column.
 */
#include "main/main.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/map.h"
#include "base/text.h"
#include "db/db.h"
#include "exchange/csv.h"

enum { MAX_FILE = 1 << 24, MOST_PEOPLE = 200000000, MOST_SOURCE = 200, PROBLEMS_TOLD = 20 };
enum { AREA, SINCE, PEOPLE, SOURCE, COLUMNS };

struct record {
    const char *values[COLUMNS]; /* as the database takes them */
};

struct loading {
    struct arena *arena;
    const struct rows *places; /* of population_places */
    struct map *codes;         /* a code: its row there */
    struct map *lines;         /* "area since": the line that has it */
    struct record *records;
    size_t count, capacity, problems;
};

/* ---- a row ------------------------------------------------------------------------------------------------------------ */

/* Each reads a cell without blanks around it: what is wrong with it, or NULL with *value set. */

static const char *
read_code(struct loading *l, const char *cell, const char **value)
{
    int64_t place;
    /* A spreadsheet makes 1 of 01. */
    const char *code = strlen(cell) == 1 && text_is_digits(cell) ? text_format(l->arena, "0%s", cell) : cell;

    if (!map_find(l->codes, code, &place))
        return "都道府県（01～47）、保健所設置市、保健所のコードではありません。全国は都道府県の合計なので、入力しません。";
    *value = rows_text(l->places, (size_t)place, "area");
    return NULL;
}

static const char *
read_since(struct loading *l, const char *cell, const char **value)
{
    date_day day;

    if (date_parse(cell, &day) != DATE_OK)
        return "日付として読み取れません。";
    *value = date_iso(l->arena, day);
    return NULL;
}

static const char *
read_people(struct loading *l, const char *cell, const char **value)
{
    const char *number = text_without_commas(l->arena, jtext_narrow(l->arena, cell));
    int64_t people;

    if (text_to_int(number, 1, MOST_PEOPLE, &people) != 0)
        return "1から2億までの整数で、人数を入力してください。";
    *value = number;
    return NULL;
}

static const char *
read_source(struct loading *l, const char *cell, const char **value)
{
    (void)l;
    if (cell[0] == '\0' || text_length(cell) > MOST_SOURCE)
        return "どの統計の人口かを、200文字までで入力してください。";
    *value = cell;
    return NULL;
}

static const struct {
    const char *heading, *english;
    const char *(*read)(struct loading *l, const char *cell, const char **value);
} columns[COLUMNS] = {
    [AREA] = {"コード", "code", read_code},
    [SINCE] = {"基準日", "since", read_since},
    [PEOPLE] = {"人口", "people", read_people},
    [SOURCE] = {"出典", "source", read_source},
};

static void
complain(struct loading *l, size_t line, const char *column, const char *cell, const char *wrong)
{
    if (l->problems++ < PROBLEMS_TOLD)
        printf("%zu行目 %s「%s」：%s\n", line, column, cell, wrong);
}

static const char *
cell_of(const struct loading *l, const struct csv_row *row, size_t column)
{
    return column < row->count ? text_trim(l->arena, row->cells[column]) : "";
}

/* The heading names the four columns, in their order. */
static bool
take_heading(struct loading *l, const struct csv_row *row)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        const char *cell = cell_of(l, row, i);
        if (strcmp(cell, columns[i].heading) == 0 || strcmp(cell, columns[i].english) == 0)
            continue;
        complain(l, row->line, "見出し", cell, "1行目は「コード,基準日,人口,出典」としてください。");
        return false;
    }
    return true;
}

static bool
take_row(const struct csv_row *row, void *context)
{
    struct loading *l = context;
    struct record record;
    size_t before = l->problems;
    int64_t line;

    if (row->number == 0)
        return take_heading(l, row);
    for (size_t i = 0; i < COLUMNS; i++) {
        const char *cell = cell_of(l, row, i), *wrong = columns[i].read(l, cell, &record.values[i]);
        if (wrong != NULL)
            complain(l, row->line, columns[i].heading, cell, wrong);
    }
    if (row->count > COLUMNS)
        complain(l, row->line, "5列目", cell_of(l, row, COLUMNS), "列は4つです。桁を区切るコンマを使うときは、引用符で囲んでください。");
    if (l->problems > before)
        return true;
    const char *key = text_format(l->arena, "%s %s", record.values[AREA], record.values[SINCE]);
    if (map_find(l->lines, key, &line))
        complain(l, row->line, columns[AREA].heading, cell_of(l, row, AREA),
                 text_format(l->arena, "同じ地域と基準日の行が、%lld行目にもあります。", (long long)line));
    map_put(l->lines, key, (int64_t)row->line);
    l->records = arena_grown(l->arena, l->records, l->count, &l->capacity, sizeof *l->records);
    l->records[l->count++] = record;
    return true;
}

/* ---- load ------------------------------------------------------------------------------------------------------------- */

/* A column of all rows, as an array of the database. */
static const char *
column_of(const struct loading *l, size_t column)
{
    const char **values = ARENA_ARRAY(l->arena, l->count, const char *);

    for (size_t i = 0; i < l->count; i++)
        values[i] = l->records[i].values[column];
    return db_array(l->arena, l->count, values);
}

/* Reads the rows of a file, and says what is wrong with them. */
static void
read_rows(struct loading *l, const char *data, size_t size)
{
    enum csv_encoding encoding;
    size_t bad_line;
    const char *text = csv_decode(l->arena, data, size, &encoding, &bad_line);

    if (text == NULL) {
        complain(l, bad_line, "文字", "", "読み取れません。UTF-8かShift_JIS（CP932）で保存してください。");
        return;
    }
    size_t broken = csv_read(text, take_row, l);
    if (broken > 0)
        complain(l, broken, "引用符", "\"", "閉じていないか、途中にあります。");
    if (l->count == 0 && l->problems == 0)
        complain(l, 1, "行", "", "人口の行がありません。");
}

static int
load(const struct command_line *line, struct db *db)
{
    struct loading l = {.arena = line->arena, .codes = map_new(line->arena), .lines = map_new(line->arena)};
    enum db_status status;
    size_t size;

    if (line->argc != 3)
        return 2;
    const char *data = command_file(line, line->argv[2], MAX_FILE, &size);
    if (data == NULL || (l.places = DB_ONE(db, line->arena, NULL, &status, SQL_population_places)) == NULL)
        return 1;
    for (size_t i = 0; i < rows_count(l.places); i++)
        map_put(l.codes, rows_text(l.places, i, "code"), (int64_t)i);
    read_rows(&l, data, size);
    if (l.problems > 0) {
        printf("%zu件の誤りがあるため、1行も取り込みません。\n", l.problems);
        return 1;
    }
    const struct rows *saved = DB_ONE(db, line->arena, NULL, &status, SQL_population_save, column_of(&l, AREA), column_of(&l, SINCE),
                                      column_of(&l, PEOPLE), column_of(&l, SOURCE));
    if (saved == NULL) {
        puts("データベースとの間で失敗しました。同じファイルをもう一度取り込んでください。");
        return 1;
    }
    printf("%zu行を取り込みました。うち、新しい行と変わった行は%zu行です。\n", l.count, rows_affected(saved));
    return 0;
}

static int
show(const struct command_line *line, struct db *db)
{
    enum db_status status;
    struct buf out = buf_new(line->arena);
    const struct rows *rows = DB_ONE(db, line->arena, NULL, &status, SQL_population_show);

    if (rows == NULL)
        return 1;
    for (size_t i = 0; i < COLUMNS; i++)
        csv_add_cell(&out, columns[i].heading, i == 0);
    csv_end_row(&out);
    for (size_t row = 0; row < rows_count(rows); row++) {
        for (size_t i = 0; i < COLUMNS; i++)
            csv_add_cell(&out, rows_at(rows, row, i), i == 0);
        csv_end_row(&out);
    }
    fputs(buf_text(&out), stdout);
    return 0;
}

int
command_population(const struct command_line *line)
{
    static const struct {
        const char *name;
        int (*run)(const struct command_line *line, struct db *db);
    } actions[] = {{"load", load}, {"show", show}};
    int result = 2;

    for (size_t i = 0; i < sizeof actions / sizeof *actions && line->argc > 1; i++) {
        if (strcmp(line->argv[1], actions[i].name) != 0)
            continue;
        struct db *db = db_open(line->conf.database, "owner");
        result = actions[i].run(line, db);
        db_close(db);
    }
    if (result == 2)
        fputs("usage: hersys population load FILE.csv | show\n", stderr);
    return result;
}
