/* test_pdf.c - a page with everything that pdf.h draws: its Japanese text can be read back, and it comes out alike. */
#include "unit.h"

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
    pdf_text(pdf, (struct pdf_box){20, 40, 30, 6}, choice, "患者（確定例）");
    pdf_ring(pdf, (struct pdf_box){19, 39, 32, 7}, 0.3);
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
    char text[4096];
    struct buf document = draw(*state);

    read_back(&document, text, sizeof text);
    assert_non_null(strstr(text, "当該者氏名"));
    assert_non_null(strstr(text, "髙﨑健（ﾀｶｻｷ）"));
    assert_non_null(strstr(text, "患者（確定例）"));
    assert_non_null(strstr(strchr(text, '\f'), "2枚目"));
}

static void
the_same_calls_give_the_same_bytes(void **state)
{
    struct buf first = draw(*state), second = draw(*state);

    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
}

static void
long_text_wraps_or_shrinks(void **state)
{
    static const char address[] = "愛知県名古屋市中区三の丸三丁目一番二号　名古屋市役所本庁舎　健康福祉局　感染症対策室";
    struct pdf *pdf = pdf_new(*state, "幅", "2021-05-13T10:00:00+09:00");
    struct pdf_style wrapping = {.size = 10}, shrinking = {.size = 10, .shrink = true};

    pdf_page(pdf);
    double line = pdf_text(pdf, (struct pdf_box){15, 20, 180, 0}, wrapping, "一行");
    double wrapped = pdf_text(pdf, (struct pdf_box){15, 30, 60, 5}, wrapping, address);
    double shrunk = pdf_text(pdf, (struct pdf_box){15, 60, 60, 8}, shrinking, address);
    assert_true(wrapped > 2.5 * line);
    assert_true(shrunk <= 8);
    pdf_finish(pdf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(japanese_text_is_read_back),
        UNIT(the_same_calls_give_the_same_bytes),
        UNIT(long_text_wraps_or_shrinks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
