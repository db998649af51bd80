/* call.c - orders one telephone call, in the form that telephone services have in common (shared/comm.md 3.2). */
#include "gateway/session.h"

#include "base/text.h"

enum { RING_SECONDS = 40 };

/* Only 400 and 422 speak of the number. 429 is a full house. Other refusals are about us (password, address); a 5xx may come after the order was taken. */
static const struct gateway_reply replies[] = {{200, 299, GATEWAY_SENT},
                                               {400, 400, GATEWAY_REFUSED},
                                               {422, 422, GATEWAY_REFUSED},
                                               {429, 429, GATEWAY_BUSY},
                                               {503, 503, GATEWAY_RETRY},
                                               {500, 599, GATEWAY_UNCERTAIN},
                                               {0, 999, GATEWAY_RETRY}};

static const char *
order(struct arena *arena, CURL *curl, const struct conf *conf, const char *to, const char *answer_url,
      const char *ended_url)
{
    const char *values[] = {text_format(arena, "+81%s", to + 1), conf->call_from, answer_url, ended_url};
    char *escaped[4];

    for (size_t i = 0; i < 4; i++)
        escaped[i] = curl_easy_escape(curl, values[i], 0);
    const char *body = text_format(arena, "To=%s&From=%s&Url=%s&StatusCallback=%s&Timeout=%d", escaped[0], escaped[1],
                                   escaped[2], escaped[3], RING_SECONDS);
    for (size_t i = 0; i < 4; i++)
        curl_free(escaped[i]);
    return body;
}

enum gateway_verdict
gateway_call(struct gateway *gateway, const char *to, const char *answer_url, const char *ended_url)
{
    const struct conf *conf = gateway->conf;
    CURL *curl = gateway->call;

    if (!text_is_digits(to) || to[0] != '0')
        return GATEWAY_REFUSED;
    struct arena *arena = arena_new();
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, conf->call_url);
    curl_easy_setopt(curl, CURLOPT_USERNAME, conf->call_user);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, conf->call_password);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, order(arena, curl, conf, to, answer_url, ended_url));
    enum gateway_verdict verdict = gateway_ask(curl, "call_not_ordered", replies);
    arena_free(arena);
    return verdict;
}
