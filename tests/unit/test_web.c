/* test_web.c - src/web: what nginx and browsers send, and templates. */
#include "unit.h"

#include <string.h>

#include "base/text.h"
#include "template_table.h"
#include "web/form.h"
#include "web/request.h"
#include "web/scgi.h"

/* A whole SCGI request from "NAME=value" pairs and a body. */
static char *
scgi_text(struct arena *arena, const char *const pairs[], const char *body, size_t *size)
{
    struct buf head = buf_new(arena), all = buf_new(arena);

    buf_printf(&head, "CONTENT_LENGTH");
    buf_add_char(&head, '\0');
    buf_printf(&head, "%zu", strlen(body));
    buf_add_char(&head, '\0');
    for (int i = 0; pairs[i] != NULL; i++) {
        const char *equals = strchr(pairs[i], '=');
        buf_add(&head, pairs[i], (size_t)(equals - pairs[i]));
        buf_add_char(&head, '\0');
        buf_add(&head, equals + 1, strlen(equals + 1) + 1);
    }
    buf_printf(&all, "%zu:", head.size);
    buf_add(&all, head.data, head.size);
    buf_printf(&all, ",%s", body);
    *size = all.size;
    return all.data;
}

static void
scgi_is_read_whole_or_not_at_all(void **state)
{
    const char *const pairs[] = {"REQUEST_METHOD=POST", "DOCUMENT_URI=/x", NULL};
    struct scgi scgi;
    size_t size, wanted;
    char *text = scgi_text(*state, pairs, "a=1", &size);

    for (size_t n = 0; n < size; n++)
        assert_int_equal(scgi_parse(*state, text, n, &scgi, &wanted), SCGI_INCOMPLETE);
    assert_int_equal(scgi_parse(*state, text, size, &scgi, &wanted), SCGI_OK);
    assert_int_equal(scgi.body_size, 3);
    assert_string_equal(scgi_header(&scgi, "DOCUMENT_URI"), "/x");
    assert_string_equal(scgi_header(&scgi, "NOTHING"), "");
    assert_int_equal(scgi_parse(*state, "012345", 6, &scgi, &wanted), SCGI_INCOMPLETE); /* found by fuzzing */
    assert_int_equal(scgi_parse(*state, "0123456", 7, &scgi, &wanted), SCGI_MALFORMED);
}

static void
malformed_scgi_is_refused(void **state)
{
    static const char *const bad[] = {"x", "999999999:", "5:abcde;", "14:CONTENT_LENGTH,",
                                      "18:CONTENT_LENGTH\0-1\0,", "0:,"};
    struct scgi scgi;
    size_t wanted;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(scgi_parse(*state, bad[i], strlen(bad[i]) + (i == 4 ? 5 : 0), &scgi, &wanted),
                         SCGI_MALFORMED);
}

static void
urlencoded_forms(void **state)
{
    struct form form;
    const char *text = "name=%E5%B1%B1%E7%94%B0+%E5%A4%AA%E9%83%8E&a=1&a=2&empty=&novalue&crlf=x%0D%0Ay";

    assert_int_equal(form_parse_urlencoded(*state, text, strlen(text), &form), 0);
    assert_string_equal(form_value(&form, "name"), "山田 太郎");
    assert_string_equal(form_value(&form, "a"), "1");
    assert_string_equal(form_value(&form, "empty"), "");
    assert_string_equal(form_value(&form, "novalue"), "");
    assert_string_equal(form_value(&form, "crlf"), "x\ny");
    assert_null(form_value(&form, "nothing"));
    struct form again;
    const char *encoded = form_encode(*state, &form);
    assert_int_equal(form_parse_urlencoded(*state, encoded, strlen(encoded), &again), 0);
    assert_int_equal(again.count, form.count);
    for (size_t i = 0; i < form.count; i++)
        assert_string_equal(again.fields[i].value, form.fields[i].value);
}

static void
hostile_forms_are_refused(void **state)
{
    static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "a=%00", "a=%ff%fe", "a=%01", "%c0%af=1"};
    struct form form;
    struct buf many = buf_new(*state);

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(form_parse_urlencoded(*state, bad[i], strlen(bad[i]), &form), -1);
    for (int i = 0; i <= FORM_MAX_FIELDS; i++)
        buf_add_text(&many, "a=1&");
    assert_int_equal(form_parse_urlencoded(*state, many.data, many.size, &form), -1);
}

static void
multipart_forms(void **state)
{
    struct form form;
    const char *text = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\ny\r\n"
                       "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"表.csv\"\r\n"
                       "Content-Type: text/csv\r\n\r\n1,2\r\n\r\n--B--\r\n";

    assert_string_equal(form_boundary(*state, "multipart/form-data; boundary=B"), "B");
    assert_string_equal(form_boundary(*state, "multipart/form-data; boundary=\"B c\""), "B c");
    assert_null(form_boundary(*state, "text/plain; boundary=B"));
    assert_int_equal(form_parse_multipart(*state, "B", text, strlen(text), &form), 0);
    assert_string_equal(form_value(&form, "a"), "x\ny");
    const struct form_field *file = form_file(&form, "f");
    assert_non_null(file);
    assert_string_equal(file->filename, "表.csv");
    assert_int_equal(file->size, 5);
    for (size_t n = 0; n + 4 < strlen(text); n++)
        assert_int_equal(form_parse_multipart(*state, "B", text, n, &form), -1);
}

static void
requests_are_cut_and_cookies_found(void **state)
{
    const char *const pairs[] = {"REQUEST_METHOD=GET", "DOCUMENT_URI=/patient/123/edit", "QUERY_STRING=a=b",
                                 "HTTP_COOKIE=__Host-sid=abc; x=y", "HTTP_SEC_FETCH_SITE=same-origin",
                                 NULL};
    const char *const dotted[] = {"REQUEST_METHOD=GET", "DOCUMENT_URI=/a/../b", "QUERY_STRING=", NULL};
    struct scgi scgi;
    struct request request;
    size_t size, wanted;
    char *text = scgi_text(*state, pairs, "", &size);

    assert_int_equal(scgi_parse(*state, text, size, &scgi, &wanted), SCGI_OK);
    assert_int_equal(request_init(&request, *state, &scgi), 0);
    assert_int_equal(request.part_count, 3);
    assert_string_equal(request.parts[1], "123");
    assert_string_equal(request_query(&request, "a"), "b");
    assert_string_equal(request_cookie(&request, "__Host-sid"), "abc");
    assert_string_equal(request_cookie(&request, "x"), "y");
    assert_null(request_cookie(&request, "sid"));
    assert_true(request_is_same_origin(&request, "https://localhost"));
    text = scgi_text(*state, dotted, "", &size);
    assert_int_equal(scgi_parse(*state, text, size, &scgi, &wanted), SCGI_OK);
    assert_int_equal(request_init(&request, *state, &scgi), -1);
}

static void
templates_escape_and_repeat(void **state)
{
    struct buf out = buf_new(*state);
    struct view *view = view_new(*state);

    view_text(view, "title", "<確認>");
    view_text(view, "text", "\"A\" & 'B'");
    view_list(view, "navigation");
    template_render(&out, &template_table[TEMPLATE_message], view);
    assert_non_null(strstr(out.data, "<h1>&lt;確認&gt;</h1>"));
    assert_non_null(strstr(out.data, "&quot;A&quot; &amp; &#39;B&#39;"));
    assert_null(strstr(out.data, "<確認>"));
    assert_null(strstr(out.data, "{{"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(scgi_is_read_whole_or_not_at_all), UNIT(malformed_scgi_is_refused),
        UNIT(urlencoded_forms),                 UNIT(hostile_forms_are_refused),
        UNIT(multipart_forms),                  UNIT(requests_are_cut_and_cookies_found),
        UNIT(templates_escape_and_repeat),
    };

    return cmocka_run_group_tests_name("web", tests, NULL, NULL);
}
