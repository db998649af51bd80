/* small.c - small answers: keeping the session alive, the switch for past information. */
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
past_post(struct context *c)
{
    const char *back = request_value(c->request, "back");
    bool on = text_same(request_value(c->request, "past"), "1");

    response_cookie(c->response, "past", on ? "1" : "0", PAST_COOKIE_SECONDS);
    response_redirect(c->response, text_same(back, "/patients") || text_same(back, "/search") ? back
                                                                                              : "/");
}
