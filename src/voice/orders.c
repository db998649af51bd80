/* orders.c - see orders.h. */
#include "voice/orders.h"

#include <string.h>

#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"
#include "voice/application.h"
#include "web/form.h"

enum { RING_SECONDS_LEAST = 5, RING_SECONDS_MOST = 120, ORDER_SIZE_MOST = 8 * 1024 };

/* An answer, in the numbers of telephone services. */
static const struct reply {
    uint16_t status;
    const char *reason, *body;
} unauthorised = {401, "Unauthorized", "{\"code\":20003,\"status\":401}\n"}, unknown = {404, "Not Found", "{\"code\":20404,\"status\":404}\n"},
  bad = {400, "Bad Request", "{\"code\":21201,\"status\":400}\n"}, too_many = {429, "Too Many Requests", "{\"code\":20429,\"status\":429}\n"};

static void
answer(struct http_conn *connection, const struct reply *reply)
{
    http_creply(connection, reply->status, reply->reason, "application/json", "%s", reply->body);
}

static bool
is_allowed(struct arena *arena, const struct voice *voice, const struct http_msg *message)
{
    const struct http_hdr *given = http_msg_hdr(message, HTTP_HDR_AUTHORIZATION);
    const char *pair = text_format(arena, "%s:%s", voice->settings.account, voice->settings.password);
    size_t size = (strlen(pair) + 2) / 3 * 4;
    char *encoded = arena_alloc(arena, size + 1);

    base64_encode((const uint8_t *)pair, strlen(pair), encoded, &size);
    return given != NULL && crypt_equal(text_copy_n(arena, given->val.p, given->val.l), text_format(arena, "Basic %s", encoded));
}

/* A number as SIP and people's telephones know it: at most 15 digits. */
static bool
is_number(const char *text)
{
    return text != NULL && strlen(text) < CALL_NUMBER_MOST + 1 && text_is_digits(text[0] == '+' ? text + 1 : text);
}

/* False when the order can not be carried out as it is. */
static bool
read_order(struct arena *arena, const struct voice *voice, const struct http_msg *message, struct call_order *order)
{
    struct form *form = ARENA_NEW(arena, struct form);
    int64_t seconds;

    if (message->mb == NULL || mbuf_get_left(message->mb) > ORDER_SIZE_MOST ||
        form_parse_urlencoded(arena, (const char *)mbuf_buf(message->mb), mbuf_get_left(message->mb), form) != 0)
        return false;
    const char *url = form_value(form, "Url"), *ended = form_value(form, "StatusCallback"), *ring = form_value(form, "Timeout");
    order->to = form_value(form, "To");
    order->from = form_value(form, "From");
    order->answer_url = url == NULL ? NULL : application_url(arena, voice, url);
    order->ended_url = ended == NULL ? "" : application_url(arena, voice, ended);
    if (!is_number(order->to) || !is_number(order->from) || order->answer_url == NULL || order->ended_url == NULL ||
        text_to_int(ring == NULL ? "60" : ring, RING_SECONDS_LEAST, RING_SECONDS_MOST, &seconds) != 0)
        return false;
    order->ring_seconds = (int)seconds;
    return true;
}

static void
asked(struct http_conn *connection, const struct http_msg *message, void *user)
{
    struct voice *voice = user;
    struct arena *arena = arena_new();
    const char *path = text_format(arena, "/2010-04-01/Accounts/%s/Calls.json", voice->settings.account);
    struct call_order order;
    struct call *call;

    if (!is_allowed(arena, voice, message)) {
        if (http_msg_hdr(message, HTTP_HDR_AUTHORIZATION) != NULL)
            log_error("order_refused", "reason", "wrong account or password", NULL);
        answer(connection, &unauthorised);
    } else if (pl_strcmp(&message->met, "POST") != 0 || pl_strcmp(&message->path, path) != 0) {
        answer(connection, &unknown);
    } else if (!read_order(arena, voice, message, &order)) {
        log_error("order_refused", "reason", "a number or an address that is none of ours", NULL);
        answer(connection, &bad);
    } else if ((call = call_order(voice, &order)) == NULL) {
        answer(connection, &too_many);
    } else {
        http_creply(connection, 201, "Created", "application/json", "{\"sid\":\"%s\",\"status\":\"queued\"}\n", call->sid);
    }
    arena_free(arena);
}

int
orders_open(struct voice *voice)
{
    struct sa address;
    int fault = sa_decode(&address, voice->settings.orders, strlen(voice->settings.orders));

    return fault != 0 ? fault : http_listen(&voice->orders, &address, asked, voice);
}
