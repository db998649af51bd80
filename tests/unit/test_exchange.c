/* test_exchange.c - src/exchange where no database is needed: comma-separated files, what offices have published; and the map beneath. */
#include "unit.h"

#include <string.h>

#include "base/jtext.h"
#include "base/map.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "exchange/published_csv.h"

/* What csv_read gave, as one text: "1@2:a|b;" is row 1 on line 2. */
static bool
write_down(const struct csv_row *row, void *context)
{
    struct buf *out = context;

    buf_printf(out, "%zu@%zu:", row->number, row->line);
    for (size_t i = 0; i < row->count; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : "|", row->cells[i]);
    buf_add_char(out, ';');
    return strcmp(row->cells[0], "stop") != 0;
}

static const char *
read_back(struct arena *arena, const char *text, size_t *wrong)
{
    struct buf out = buf_new(arena);

    *wrong = csv_read(text, write_down, &out);
    return buf_text(&out);
}

static void
rows_are_read_with_their_lines(void **state)
{
    static const struct {
        const char *text, *rows;
    } cases[] = {
        {"a,b\nc,d\n", "0@1:a|b;1@2:c|d;"},
        {"a,b\r\nc,d", "0@1:a|b;1@2:c|d;"},
        {"a,b\r\n\r\n \r\nc,\r\n", "0@1:a|b;1@4:c|;"},
        {"a,b\n,\n,\nc,d\n", "0@1:a|b;1@4:c|d;"},
        {"a\n\"x\ny\"\nz\n", "0@1:a;1@2:x\ny;2@4:z;"},
        {"\"a \"\"b\"\"\",\"c,d\"\n", "0@1:a \"b\"|c,d;"},
        {"a\nstop\nb\n", "0@1:a;1@2:stop;"},
        {"'=1+1,'a,' ＝1\n", "0@1:=1+1|'a| ＝1;"},
        {"", ""},
    };
    size_t wrong;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(read_back(*state, cases[i].text, &wrong), cases[i].rows);
        assert_int_equal(wrong, 0);
    }
}

static void
what_is_no_csv_is_found(void **state)
{
    size_t wrong;

    assert_string_equal(read_back(*state, "a\nb\nc\"d\ne\n", &wrong), "0@1:a;1@2:b;");
    assert_int_equal(wrong, 3);
    read_back(*state, "a\nb\n\"c\nd\n", &wrong);
    assert_int_equal(wrong, 3);
}

static void
encodings_are_found_out(void **state)
{
    static const char cp932[] = "\x96\xbc\x8c\xc3\x89\xae,\xb1\x87\x40\n"; /* 名古屋,ｱ① */
    static const char broken[] = "a\nb\x81\n", wide[] = "\xff\xfe" "a\0\n\0";
    enum csv_encoding encoding;
    size_t line;

    assert_string_equal(csv_decode(*state, "\xef\xbb\xbf名\n", 7, &encoding, &line), "名\n");
    assert_int_equal(encoding, CSV_UTF8);
    assert_string_equal(csv_decode(*state, cp932, strlen(cp932), &encoding, &line), "名古屋,ｱ①\n");
    assert_int_equal(encoding, CSV_CP932);
    assert_null(csv_decode(*state, broken, strlen(broken), &encoding, &line));
    assert_int_equal(line, 2);
    assert_null(csv_decode(*state, wide, sizeof wide - 1, &encoding, &line));
    assert_int_equal(line, 1);
    assert_null(csv_decode(*state, "a\nb\0\n\n", 6, &encoding, &line));
    assert_int_equal(line, 2);
    assert_string_equal(csv_decode(*state, "", 0, &encoding, &line), "");
}

static void
no_cell_is_a_formula_for_a_spreadsheet(void **state)
{
    static const char *const cells[][2] = {
        {"a", "a"},
        {"", ""},
        {"a,b", "\"a,b\""},
        {"a\"b", "\"a\"\"b\""},
        {"=1+1", "\"'=1+1\""},
        {"-", "\"'-\""},
        {"+81", "\"'+81\""},
        {"@SUM(1)", "\"'@SUM(1)\""},
        {"＝1", "\"'＝1\""},
        {" =1", "\"' =1\""},
        {"\xe2\x80\x8b=1", "\"'\xe2\x80\x8b=1\""},
        {"1-2", "1-2"},
        {" a", "\" a\""},
        {"a\t", "\"a\t\""},
    };

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        struct buf out = buf_new(*state);
        size_t wrong;
        csv_add_cell(&out, cells[i][0], true);
        assert_string_equal(buf_text(&out), cells[i][1]);
        csv_add_cell(&out, "end", false);
        csv_end_row(&out);
        assert_string_equal(read_back(*state, buf_text(&out), &wrong),
                            text_format(*state, "0@1:%s|end;", cells[i][0]));
    }
}

/* Of all characters, those that are a sign when they are narrow, and no others. */
static void
every_character_is_guarded_by_what_it_is_when_narrow(void **state)
{
    (void)state;
    for (unsigned code = ' '; code < 0x10000; code++) {
        struct arena *arena = arena_new();
        char text[] = {(char)(0xE0 | code >> 12), (char)(0x80 | (code >> 6 & 0x3F)), (char)(0x80 | (code & 0x3F)), '1', '\0'};
        if (code < 0x800) {
            text[0] = '1'; /* something in front that ends before the character */
            text[1] = (char)(code < 0x80 ? '1' : 0xC0 | code >> 6);
            text[2] = (char)(code < 0x80 ? code : 0x80 | (code & 0x3F));
        }
        const char *cell = code >= 0x800 ? text : code < 0x80 ? text + 2 : text + 1;
        struct buf out = buf_new(arena);
        csv_add_cell(&out, cell, true);
        bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
        if (!is_surrogate)
            assert_int_equal(text_starts(buf_text(&out), "\"'"), strchr("=+-@\t\r", jtext_narrow(arena, cell)[0]) != NULL);
        arena_free(arena);
    }
}

static void
a_map_keeps_what_was_put(void **state)
{
    struct map *map = map_new(*state);
    int64_t value;

    assert_false(map_find(map, "k1", &value));
    for (int64_t i = 0; i < 10000; i++)
        map_put(map, text_format(*state, "k%lld", (long long)i), i);
    map_put(map, "k7", 70);
    for (int64_t i = 0; i < 10000; i++) {
        assert_true(map_find(map, text_format(*state, "k%lld", (long long)i), &value));
        assert_int_equal(value, i == 7 ? 70 : i);
    }
    assert_false(map_find(map, "k10000", &value));
    assert_false(map_find(map, "", &value));
}

/* What published_csv_read took, as one text: "2022-03-01 5/-1/0;", then the problems: "!2:word". */
static const char *
published_of(struct arena *arena, const char *text)
{
    const struct published_table *table = published_csv_read(arena, text, date_from_iso("2022-03-31"));
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < table->count; i++)
        buf_printf(&out, "%s %lld/%lld/%lld;", date_iso(arena, table->rows[i].day), (long long)table->rows[i].counts[0],
                   (long long)table->rows[i].counts[1], (long long)table->rows[i].counts[2]);
    for (size_t i = 0; i < table->problem_count && i < PUBLISHED_PROBLEMS; i++)
        buf_printf(&out, "!%zu:%s", table->problems[i].line, table->problems[i].word);
    return buf_text(&out);
}

static void
published_figures_are_read_by_their_heading_or_by_place(void **state)
{
    static const struct {
        const char *text, *read;
    } cases[] = {
        {"日付,新規陽性者,重症者,死亡者\n2022/3/1,5,2,0\n", "2022-03-01 5/2/0;"},
        {"死亡,備考,date,new\n1,雨,R4.3.1,12\n", "2022-03-01 12/-1/1;"},
        {"2022年3月1日, 5 ,,0\n2022-02-28,7\n", "2022-03-01 5/-1/0;2022-02-28 7/-1/-1;"},
        {"", "!1:"},
        {"日付,新規\n", "!1:"},
        {"県,数\n2022/3/1,5\n", "!1:県"},
        {"日付,新規\nきのう,5\n2022/4/1,5\n2022/2/30,1\n", "!2:きのう!3:2022/4/1!4:2022/2/30"},
        {"日付,新規\nあいうえおかきくけこさしすせそたちつてとなにぬねの,5\n", "!2:あいうえおかきくけこさしすせそたちつてと"},
        {"日付,新規\n2022/3/1,5\n20220301,6\n", "2022-03-01 5/-1/-1;!3:20220301"},
        {"日付,新規,重症\n2022/3/1,-1,2\n2022/3/2,5人,10000001\n2022/3/3,10000000,0\n", "2022-03-03 10000000/0/-1;!2:-1!3:5人!3:10000001"},
        {"日付,新規\n2022/3/1,5\n\"2022/3/2,6\n", "2022-03-01 5/-1/-1;!3:\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(published_of(*state, cases[i].text), cases[i].read);
}

/* More days than a table holds, and more problems than are told: the rest is refused or counted. */
static void
published_figures_have_an_end(void **state)
{
    struct buf days = buf_new(*state), wrong = buf_new(*state);

    for (date_day i = 0; i < PUBLISHED_ROWS + 5; i++)
        buf_printf(&days, "%s,1\n", date_iso(*state, date_from_iso("2022-03-31") - i));
    const struct published_table *table = published_csv_read(*state, buf_text(&days), date_from_iso("2022-03-31"));
    assert_int_equal(table->count, PUBLISHED_ROWS);
    assert_int_equal(table->problem_count, 1);
    assert_int_equal(table->problems[0].line, PUBLISHED_ROWS + 1);
    for (size_t i = 0; i < PUBLISHED_PROBLEMS + 5; i++)
        buf_add_text(&wrong, "2022/3/1,x,x,x\n");
    table = published_csv_read(*state, buf_text(&wrong), date_from_iso("2022-03-31"));
    assert_int_equal(table->count, 0);
    assert_int_equal(table->problem_count, 3 * (PUBLISHED_PROBLEMS + 5));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(rows_are_read_with_their_lines),
        UNIT(what_is_no_csv_is_found),
        UNIT(encodings_are_found_out),
        UNIT(no_cell_is_a_formula_for_a_spreadsheet), UNIT(every_character_is_guarded_by_what_it_is_when_narrow),
        UNIT(a_map_keeps_what_was_put),
        UNIT(published_figures_are_read_by_their_heading_or_by_place),
        UNIT(published_figures_have_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
