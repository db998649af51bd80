/* test_sheet.c - tables to take away: CSV in both encodings, and workbooks, read back by unzip. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "exchange/csv.h"
#include "exchange/sheet.h"
#include "exchange/xlsx.h"

/* The file that some rows make. */
static struct buf
written(struct arena *arena, enum sheet_format format, size_t count, const char *const rows[][3])
{
    struct buf out = buf_new(arena);
    struct sheet *sheet = sheet_new(arena, format, "試験", sheet_keep, &out);

    for (size_t i = 0; i < count; i++) {
        sheet_text(sheet, rows[i][0]);
        sheet_date(sheet, rows[i][1]);
        sheet_number(sheet, rows[i][2]);
        sheet_end_row(sheet);
    }
    assert_true(sheet_finish(sheet));
    return out;
}

/* A member of a workbook, as unzip prints it. It reads the workbook from a file without a name. */
static const char *
unzipped(struct arena *arena, const struct buf *file, const char *member)
{
    char piece[4096];
    struct buf out = buf_new(arena);
    FILE *workbook = tmpfile();
    int channel[2];

    assert_true(workbook != NULL && fwrite(file->data, 1, file->size, workbook) == file->size && fflush(workbook) == 0 && pipe(channel) == 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(channel[1], STDOUT_FILENO);
        execlp("unzip", "unzip", "-p", text_format(arena, "/dev/fd/%d", fileno(workbook)), member, (char *)NULL);
        _exit(127);
    }
    close(channel[1]);
    for (ssize_t n; (n = read(channel[0], piece, sizeof piece)) > 0;)
        buf_add(&out, piece, (size_t)n);
    close(channel[0]);
    fclose(workbook);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 0);
    return buf_text(&out);
}

static const char *const few[][3] = {
    {"氏名", "日", "数"},
    {"=1+1", "2022-09-26", "12"},
    {"𠮷野家 髙﨑", "1899-12-31", "x"},
    {"辻\xf3\xa0\x84\x80子,\"☃\"", NULL, ""},
};

static void
csv_in_utf8(void **state)
{
    struct buf file = written(*state, SHEET_CSV, 4, few);

    assert_string_equal(buf_text(&file), CSV_BYTE_ORDER_MARK "氏名,日,数\r\n\"'=1+1\",2022/9/26,12\r\n𠮷野家 髙﨑,1899/12/31,x\r\n"
                                                             "\"辻\xf3\xa0\x84\x80子,\"\"☃\"\"\",,\r\n");
}

/* What CP932 does not have is 〓; 髙 and 﨑 it has. */
static void
csv_in_cp932(void **state)
{
    struct buf file = written(*state, SHEET_CP932, 4, few);
    enum csv_encoding encoding;
    size_t line;

    assert_false(text_is_utf8(file.data, file.size));
    assert_string_equal(csv_decode(*state, file.data, file.size, &encoding, &line),
                        "氏名,日,数\r\n\"'=1+1\",2022/9/26,12\r\n〓野家 髙﨑,1899/12/31,x\r\n\"辻子,\"\"〓\"\"\",,\r\n");
    assert_int_equal(encoding, CSV_CP932);
}

static void
cp932_counts_what_it_lacks(void **state)
{
    static const struct {
        const char *text, *back;
        size_t replaced;
    } cases[] = {
        {"", "", 0},
        {"①〜－髙ｱ", "①～－髙ｱ", 0}, /* the wave dash is the full-width tilde there */
        {"☃𠮷", "〓〓", 2},
        {"葛\xef\xb8\x80飾", "葛飾", 1},
        {"葛\xf3\xa0\x87\xaf飾", "葛飾", 1},
        {"한글é", "〓〓〓", 3},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = buf_new(*state);
        enum csv_encoding encoding;
        size_t line;
        assert_int_equal(csv_add_cp932(&out, cases[i].text), cases[i].replaced);
        buf_add_text(&out, "\x88\x9f"); /* 亜: no text is UTF-8 with it */
        assert_string_equal(csv_decode(*state, out.data, out.size, &encoding, &line), text_format(*state, "%s亜", cases[i].back));
    }
}

/* More than one piece, and a character that lies across the pieces of the converter. */
static void
long_tables_come_in_pieces(void **state)
{
    struct buf out = buf_new(*state);
    struct sheet *sheet = sheet_new(*state, SHEET_CP932, "", sheet_keep, &out);
    enum csv_encoding encoding;
    size_t line, rows = 0;

    for (int i = 0; i < 10000; i++) {
        sheet_text(sheet, "漢字の列☃");
        sheet_number(sheet, text_format(*state, "%d", i));
        sheet_end_row(sheet);
    }
    assert_int_equal(sheet_replaced(sheet), 10000);
    assert_true(sheet_finish(sheet));
    for (const char *p = csv_decode(*state, out.data, out.size, &encoding, &line); *p != '\0'; p = strchr(p, '\n') + 1, rows++)
        assert_memory_equal(p, text_format(*state, "漢字の列〓,%zu\r\n", rows), strlen("漢字の列〓,0"));
    assert_int_equal(rows, 10000);
}

static bool
refuse(void *context, const void *data, size_t size)
{
    (void)data;
    *(size_t *)context += size;
    return false;
}

static void
who_went_away_gets_no_more(void **state)
{
    for (enum sheet_format format = 0; format < SHEET_FORMATS; format++) {
        size_t given = 0;
        struct sheet *sheet = sheet_new(*state, format, "", refuse, &given);
        for (int i = 0; i < 30000; i++) {
            sheet_text(sheet, "行");
            sheet_end_row(sheet);
        }
        assert_false(sheet_finish(sheet));
        assert_true(given > 0 && given <= 70000);
    }
}

static void
a_workbook_is_read_back(void **state)
{
    struct buf file = written(*state, SHEET_XLSX, 4, few);
    const char *xml = unzipped(*state, &file, "xl/worksheets/sheet1.xml");

    assert_non_null(strstr(xml, "<c r=\"A2\" t=\"inlineStr\"><is><t>=1+1</t></is></c>")); /* a text, no formula */
    assert_null(strstr(xml, "<f>"));
    assert_non_null(strstr(xml, "<v>44830</v>")); /* 2022-09-26 */
    assert_non_null(strstr(xml, "<c r=\"C2\"><v>12</v></c>"));
    assert_non_null(strstr(xml, "𠮷野家 髙﨑"));
    assert_non_null(strstr(xml, "1899/12/31"));
    assert_non_null(strstr(xml, "<t>x</t>"));
    assert_non_null(strstr(xml, "子,\"☃\""));
    assert_non_null(strstr(unzipped(*state, &file, "docProps/core.xml"), "<dc:title>試験</dc:title>"));
}

/* What XML cannot hold, and what Excel cannot. */
static void
a_workbook_takes_any_text(void **state)
{
    size_t size = 40000 * strlen("😀");
    char *faces = arena_alloc(*state, size + 1);
    for (size_t i = 0; i < size; i += strlen("😀"))
        memcpy(faces + i, "😀", strlen("😀"));
    const char *const rows[][3] = {{"見出し", NULL, NULL}, {"a\x01<&>\"\xef\xbf\xbf_x0041_", NULL, NULL}, {faces, NULL, NULL}};
    struct buf file = written(*state, SHEET_XLSX, 3, rows);
    const char *xml = unzipped(*state, &file, "xl/worksheets/sheet1.xml");

    assert_non_null(strstr(xml, "a_x0001_&lt;&amp;&gt;\"\xef\xbf\xbd_x005F_x0041_"));
    size_t count = 0;
    for (const char *p = xml; (p = strstr(p, "😀")) != NULL; p++)
        count++;
    assert_int_equal(count, XLSX_TEXT / 2); /* it counts a surrogate pair as two */
}

/* A sheet ends where Excel's ends, and the next begins with the headings. */
static void
a_million_rows_make_a_second_sheet(void **state)
{
    struct buf out = buf_new(*state);
    struct sheet *sheet = sheet_new(*state, SHEET_XLSX, "", sheet_keep, &out);

    sheet_text(sheet, "見出し");
    sheet_end_row(sheet);
    for (int i = 0; i < XLSX_ROWS + 1; i++) {
        sheet_number(sheet, "7");
        sheet_end_row(sheet);
    }
    assert_true(sheet_finish(sheet));
    const char *xml = unzipped(*state, &out, "xl/worksheets/sheet2.xml");
    assert_non_null(strstr(xml, "<t>見出し</t>"));
    assert_non_null(strstr(xml, "<c r=\"A3\"><v>7</v></c>"));
    assert_null(strstr(xml, "<c r=\"A4\">"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(csv_in_utf8),
        UNIT(csv_in_cp932),
        UNIT(cp932_counts_what_it_lacks),
        UNIT(long_tables_come_in_pieces),
        UNIT(who_went_away_gets_no_more),
        UNIT(a_workbook_is_read_back),
        UNIT(a_workbook_takes_any_text),
        UNIT(a_million_rows_make_a_second_sheet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
