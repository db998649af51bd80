/* application.c - see application.h. */
#include "voice/application.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "web/form.h"

enum { SHA1_SIZE = 20 };

const char *
application_url(struct arena *arena, const struct voice *voice, const char *address)
{
    const char *root = text_format(arena, "%s/", voice->settings.application);
    const char *url = address[0] == '/' ? text_format(arena, "%s%s", voice->settings.application, address) : address;

    if (!text_starts(url, root) || strlen(url) > CALL_URL_MOST)
        return NULL;
    for (const char *c = url; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7F)
            return NULL;
    return url;
}

/* HMAC-SHA1 over the address and the sorted names and values. */
static const char *
signature(struct arena *arena, const char *password, const char *url, const struct form *form)
{
    struct buf text = buf_new(arena);
    uint8_t code[SHA1_SIZE];
    char out[(SHA1_SIZE + 2) / 3 * 4 + 1] = "";
    size_t size = sizeof out - 1;

    buf_add_text(&text, url);
    for (size_t i = 0; i < form->count; i++) {
        buf_add_text(&text, form->fields[i].name);
        buf_add_text(&text, form->fields[i].value);
    }
    hmac_sha1((const uint8_t *)password, strlen(password), (const uint8_t *)text.data, text.size, code, sizeof code);
    base64_encode(code, sizeof code, out, &size);
    return text_copy(arena, out);
}

struct pair {
    const char *name, *value; /* value NULL: left out */
};

/* The names are sorted, as the signature wants them. */
static int
post(struct call *call, struct http_req **request, const char *url, const struct pair *pairs, size_t count, http_resp_h *handler)
{
    struct arena *arena = arena_new();
    struct form *form = ARENA_NEW(arena, struct form);

    for (size_t i = 0; i < count; i++)
        if (pairs[i].value != NULL)
            form_add(form, pairs[i].name, pairs[i].value);
    const char *body = form_encode(arena, form);
    int fault = http_request(request, call->voice->client, "POST", url, handler, NULL, call,
                             "Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: %s\r\nConnection: close\r\n"
                             "Content-Length: %zu\r\n\r\n%s",
                             signature(arena, call->voice->settings.password, url, form), strlen(body), body);
    arena_free(arena);
    return fault;
}

int
application_ask(struct call *call, const char *url, const char *keys, http_resp_h *handler)
{
    const struct pair pairs[] = {
        {"AccountSid", call->voice->settings.account}, {"CallSid", call->sid},
        {"CallStatus", "in-progress"},                 {"Digits", keys},
        {"Direction", call->outgoing ? "outbound-api" : "inbound"}, {"From", call->from}, {"To", call->to},
    };

    return post(call, &call->talk.request, url, pairs, sizeof pairs / sizeof *pairs, handler);
}

int
application_fetch(struct call *call, const char *url, http_resp_h *handler)
{
    return http_request(&call->talk.request, call->voice->client, "GET", url, handler, NULL, call, "Connection: close\r\n\r\n");
}

int
application_tell(struct call *call, http_resp_h *handler)
{
    char seconds[16], code[16];

    re_snprintf(seconds, sizeof seconds, "%u", call->seconds);
    re_snprintf(code, sizeof code, "%d", call->sip_code);
    const struct pair pairs[] = {
        {"AccountSid", call->voice->settings.account}, {"CallDuration", seconds}, {"CallSid", call->sid}, {"CallStatus", call->status},
        {"From", call->from}, {"SipResponseCode", call->sip_code == 0 ? NULL : code}, {"To", call->to},
    };

    return post(call, &call->told, call->ended_url, pairs, sizeof pairs / sizeof *pairs, handler);
}
