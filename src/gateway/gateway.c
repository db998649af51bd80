/* gateway.c - the connections that all ways out share. */
#include "gateway/session.h"

#include "base/arena.h"
#include "base/log.h"

enum { TIMEOUT_SECONDS = 15 };

struct gateway *
gateway_open(const struct conf *conf)
{
    struct arena *arena = arena_new();
    struct gateway *gateway = ARENA_NEW(arena, struct gateway);

    *gateway = (struct gateway){arena, conf, curl_easy_init(), curl_easy_init(), curl_easy_init()};
    return gateway;
}

void
gateway_close(struct gateway *gateway)
{
    curl_easy_cleanup(gateway->mail);
    curl_easy_cleanup(gateway->sms);
    curl_easy_cleanup(gateway->call);
    arena_free(gateway->arena);
}

static size_t
ignore(char *data, size_t size, size_t count, void *user)
{
    (void)data;
    (void)user;
    return size * count;
}

enum gateway_verdict
gateway_ask(CURL *curl, const char *event, const struct gateway_reply replies[])
{
    long status = 0, request_size = 0;

    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    /* On a kept connection that turns out to be closed, libcurl would send the request a second time by itself. */
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &request_size);
    if (code != CURLE_OK) {
        log_error(event, "reason", curl_easy_strerror(code), NULL);
        return request_size > 0 ? GATEWAY_UNCERTAIN : GATEWAY_RETRY;
    }
    while (status < replies->first || status > replies->last)
        replies++;
    if (replies->verdict != GATEWAY_SENT)
        log_error(event, "reason", "refused", NULL);
    return replies->verdict;
}
