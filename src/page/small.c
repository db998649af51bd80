/* small.c - small answers: keeping the session alive, a postal code's address, the switch for past information. */
#include "base/jtext.h"
#include "base/text.h"
#include "page/handlers.h"

enum { PAST_COOKIE_SECONDS = 30 * 24 * 3600 };

/* That the request came in is enough: session_enter has moved the end on. */
void
session_keep_post(struct context *c)
{
    buf_add_text(&c->response->body, "{\"kept\":true}");
    response_json(c->response, 200);
}

void
postal_show(struct context *c)
{
    enum db_status status;
    const char *digits = jtext_postal_digits(c->arena, path_part(c, 1));
    const struct rows *rows =
        DB_ONE(c->db, c->arena, NULL, &status, SQL_postal_towns, digits == NULL ? "" : digits);

    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    buf_add_text(&c->response->body, "{\"addresses\":[");
    for (size_t i = 0; i < rows_count(rows); i++) {
        buf_add_text(&c->response->body, i == 0 ? "" : ",");
        buf_add_json(&c->response->body, rows_text(rows, i, "address"));
    }
    buf_add_text(&c->response->body, "]}");
    response_json(c->response, 200);
}

void
past_post(struct context *c)
{
    const char *back = request_value(c->request, "back");
    bool on = text_same(request_value(c->request, "past"), "1");

    response_cookie(c->response, "past", on ? "1" : "0", PAST_COOKIE_SECONDS);
    response_redirect(c->response, text_same(back, "/patients") || text_same(back, "/search") ? back
                                                                                              : "/");
}
