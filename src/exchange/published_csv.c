/* published_csv.c - see published_csv.h. */
#include "exchange/published_csv.h"

#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "exchange/csv.h"

const char *const published_series[PUBLISHED_SERIES] = {"new", "severe", "death"};
const char *const published_labels[PUBLISHED_SERIES] = {"新規陽性者", "重症者", "死亡者"};

int
published_find(const char *series)
{
    for (int s = 0; s < PUBLISHED_SERIES; s++)
        if (text_same(published_series[s], series))
            return s;
    return -1;
}

enum { COLUMNS = PUBLISHED_SERIES + 1, MOST_PUBLISHED = 10000000, WORD_MOST = 20, NO_COLUMN = -1 };

/* Words by which a heading names a column: the day first, then the series; of two columns that of the word that stands first here. */
enum { HEADING_WORDS = 5 };
static const char *const heading_words[COLUMNS][HEADING_WORDS] = {
    {"日付", "年月日", "公表日", "date", "Date"},
    {"新規", "陽性", "new", "New", "onfirmed"},
    {"重症", "severe", "Severe"},
    {"死亡", "death", "Death"},
};

/* What a column of sums is called; none of ours is one. */
static const char *const sum_words[] = {"累", "cumulative", "Cumulative", "total", "Total"};

struct reading {
    struct arena *arena;
    struct published_table *table;
    date_day today;
    int place[COLUMNS]; /* of each column in the rows; NO_COLUMN: it is not there */
};

/* The beginning of a word, to find it in the file. */
static const char *
beginning(struct arena *arena, const char *word)
{
    size_t bytes = 0;

    for (size_t characters = 0; word[bytes] != '\0' && characters < WORD_MOST; characters++)
        do
            bytes++;
        while (((unsigned char)word[bytes] & 0xC0) == 0x80); /* the rest of a character in UTF-8 */
    return text_copy_n(arena, word, bytes);
}

static void
complain(struct reading *r, size_t line, const char *word, const char *text)
{
    struct published_table *table = r->table;

    if (table->problem_count < PUBLISHED_PROBLEMS)
        table->problems[table->problem_count] = (struct published_problem){line, beginning(r->arena, word), text};
    table->problem_count++;
}

/* A cell without its spaces; "" where the row ends before it. */
static const char *
cell_of(const struct reading *r, const struct csv_row *row, int column)
{
    int place = r->place[column];

    return place == NO_COLUMN || (size_t)place >= row->count ? "" : text_trim(r->arena, row->cells[place]);
}

/* ---- the heading ------------------------------------------------------------------------------------------------------- */

static bool
names_sums(const char *cell)
{
    for (size_t w = 0; w < sizeof sum_words / sizeof *sum_words; w++)
        if (strstr(cell, sum_words[w]) != NULL)
            return true;
    return false;
}

/* Where a heading names a column. */
static int
place_of(const struct csv_row *row, int column)
{
    for (size_t w = 0; w < HEADING_WORDS && heading_words[column][w] != NULL; w++)
        for (size_t i = 0; i < row->count; i++)
            if (strstr(row->cells[i], heading_words[column][w]) != NULL && !names_sums(row->cells[i]))
                return (int)i;
    return NO_COLUMN;
}

/* Takes the first row as a heading, unless it begins with a day; then the columns stand in our order. */
static bool
take_heading(struct reading *r, const struct csv_row *row)
{
    date_day day;

    if (row->count > 0 && date_parse(row->cells[0], &day) == DATE_OK)
        return false;
    for (int column = 0; column < COLUMNS; column++)
        r->place[column] = place_of(row, column);
    if (r->place[0] == NO_COLUMN)
        complain(r, row->line, row->count > 0 ? row->cells[0] : "", "日付で始まる行でも、「日付」を含む見出しでもありません。");
    return true;
}

/* ---- rows -------------------------------------------------------------------------------------------------------------- */

static bool
read_day(struct reading *r, const struct csv_row *row, date_day *day)
{
    const char *cell = cell_of(r, row, 0), *wrong = NULL;

    if (date_parse(cell, day) != DATE_OK)
        wrong = "日付として読み取れません。";
    else if (*day > r->today)
        wrong = "今日より後の日付です。";
    for (size_t i = 0; i < r->table->count && wrong == NULL; i++)
        if (r->table->rows[i].day == *day)
            wrong = "同じ日付の行が、前にもあります。";
    if (wrong != NULL)
        complain(r, row->line, cell, wrong);
    return wrong == NULL;
}

static bool
take_row(const struct csv_row *row, void *context)
{
    struct reading *r = context;
    struct published_row read = {0};

    if (row->number == 0 && take_heading(r, row))
        return r->place[0] != NO_COLUMN;
    if (r->table->count == PUBLISHED_ROWS) {
        complain(r, row->line, "", "一度に入力できるのは1200日分までです。");
        return false;
    }
    bool good = read_day(r, row, &read.day);
    for (int s = 0; s < PUBLISHED_SERIES; s++) {
        const char *cell = text_without_commas(r->arena, jtext_narrow(r->arena, cell_of(r, row, s + 1)));
        read.counts[s] = -1;
        if (cell[0] == '\0' || text_to_int(cell, 0, MOST_PUBLISHED, &read.counts[s]) == 0)
            continue;
        complain(r, row->line, cell, text_format(r->arena, "%sの人数を、0から1000万までの整数で入力してください。", published_labels[s]));
        good = false;
    }
    if (good)
        r->table->rows[r->table->count++] = read;
    return true;
}

struct published_table *
published_csv_read(struct arena *arena, const char *text, date_day today)
{
    struct reading r = {.arena = arena, .table = arena_alloc(arena, sizeof(struct published_table)), .today = today, .place = {0, 1, 2, 3}};
    r.table->count = r.table->problem_count = 0;
    size_t broken = csv_read(text, take_row, &r);

    if (broken > 0)
        complain(&r, broken, "\"", "引用符が閉じていません。");
    if (r.table->count == 0 && r.table->problem_count == 0)
        complain(&r, 1, "", "行がありません。");
    return r.table;
}
