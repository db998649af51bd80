/* telephone.c - where the telephone service calls: what to say next, and that a call is over. */
#include "core/call.h"

#include "base/jtext.h"
#include "base/log.h"
#include "base/text.h"
#include "page/handlers.h"

static void
answer(struct context *c, enum db_status status, bool known)
{
    c->response->content_type = "text/xml; charset=utf-8";
    c->response->status = status != DB_OK ? 503 : known ? 200 : 403;
    if (status == DB_OK && !known)
        log_error("gateway_refused", "kind", path_part(c, 1), NULL);
}

/* /gateway/call/:token[/:item] */
void
telephone_turn(struct context *c)
{
    const char *item = path_part(c, 3);
    bool known;
    enum db_status status = call_turn(c->db, c->arena, path_part(c, 2), item == NULL ? "" : item,
                                      request_value(c->request, "Digits"), &c->response->body, &known);

    answer(c, status, known);
}

/* /gateway/call-ended/:token, with the last CallStatus; which one it was decides nothing: what was answered does. */
void
telephone_ended(struct context *c)
{
    bool known;
    enum db_status status = call_ended(c->db, c->arena, path_part(c, 2), &known);

    answer(c, status, known);
}

/* /gateway/call-in/:secret, with the number of who rings as From */
void
telephone_in(struct context *c)
{
    const char *from = jtext_phone_digits(c->arena, request_value(c->request, "From"));
    bool known = crypt_equal(path_part(c, 2), call_in_secret(c->arena, &c->app->keys));
    enum db_status status = known ? call_in(c->db, c->arena, from == NULL ? "" : from, &c->response->body) : DB_OK;

    answer(c, status, known);
}
