/* test_pdf.c - a page with everything that pdf.h draws: its Japanese text can be read back, and it comes out alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exchange/pdf.h"

static struct buf
draw(struct arena *arena)
{
    const struct pdf_style plain = {.size = 10}, choice = {.size = 9, .serif = true, .bold = true};
    struct pdf *pdf = pdf_new(arena, "発生届", "2021-05-13T10:00:00+09:00");

    pdf_page(pdf);
    pdf_rectangle(pdf, (struct pdf_box){15, 20, 180, 12}, 0.3);
    pdf_line(pdf, 60, 20, 60, 32, 0.15);
    pdf_text(pdf, (struct pdf_box){16, 20, 43, 12}, plain, "当該者氏名");
    pdf_text(pdf, (struct pdf_box){61, 20, 130, 12}, plain, "髙﨑健（ﾀｶｻｷ）");
    double width = pdf_text_width(pdf, choice, "患者（確定例）");
    pdf_text(pdf, (struct pdf_box){20, 40, width, 6}, choice, "患者（確定例）");
    pdf_circle(pdf, (struct pdf_box){19, 39, width + 2, 7}, 0.3);
    pdf_check(pdf, (struct pdf_box){80, 40, 4, 4}, 0.4);
    pdf_page(pdf);
    pdf_text(pdf, (struct pdf_box){15, 20, 180, 0}, plain, "2枚目");
    return pdf_finish(pdf);
}

/* What pdftotext reads out of the document. */
static void
read_back(const struct buf *document, char *text, size_t size)
{
    FILE *in = tmpfile(), *out = tmpfile();
    int status;

    assert_non_null(in);
    assert_non_null(out);
    assert_int_equal(fwrite(document->data, 1, document->size, in), document->size);
    rewind(in);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fileno(in), 0);
        dup2(fileno(out), 1);
        execlp("pdftotext", "pdftotext", "-", "-", (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    rewind(out);
    text[fread(text, 1, size - 1, out)] = '\0';
    fclose(in);
    fclose(out);
}

static void
japanese_text_is_read_back(void **state)
{
    struct arena *arena = arena_new();
    char text[4096];
    (void)state;

    struct buf document = draw(arena);
    read_back(&document, text, sizeof text);
    assert_non_null(strstr(text, "当該者氏名"));
    assert_non_null(strstr(text, "髙﨑健（ﾀｶｻｷ）"));
    assert_non_null(strstr(text, "患者（確定例）"));
    assert_non_null(strstr(strchr(text, '\f'), "2枚目"));
    arena_free(arena);
}

static void
the_same_calls_give_the_same_bytes(void **state)
{
    struct arena *arena = arena_new();
    (void)state;

    struct buf first = draw(arena), second = draw(arena);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    arena_free(arena);
}

static void
long_text_wraps_or_shrinks(void **state)
{
    static const char address[] = "愛知県名古屋市中区三の丸三丁目一番二号　名古屋市役所本庁舎　健康福祉局　感染症対策室";
    struct arena *arena = arena_new();
    struct pdf *pdf = pdf_new(arena, "幅", "2021-05-13T10:00:00+09:00");
    struct pdf_style wrapping = {.size = 10}, shrinking = {.size = 10, .shrink = true};
    (void)state;

    pdf_page(pdf);
    double line = pdf_text(pdf, (struct pdf_box){15, 20, 180, 0}, wrapping, "一行");
    double wrapped = pdf_text(pdf, (struct pdf_box){15, 30, 60, 5}, wrapping, address);
    double shrunk = pdf_text(pdf, (struct pdf_box){15, 60, 60, 8}, shrinking, address);
    assert_true(wrapped > 2.5 * line);
    assert_true(shrunk <= 8);
    pdf_finish(pdf);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(japanese_text_is_read_back),
        cmocka_unit_test(the_same_calls_give_the_same_bytes),
        cmocka_unit_test(long_text_wraps_or_shrinks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
