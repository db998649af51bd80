/* session.h - what a gateway consists of; for the files of this directory alone. */
#ifndef HERSYS_GATEWAY_SESSION_H
#define HERSYS_GATEWAY_SESSION_H

#include <curl/curl.h>

#include "gateway/gateway.h"

struct gateway {
    struct arena *arena;
    const struct conf *conf;
    CURL *mail, *sms, *call; /* one each: curl_easy_reset keeps the connection (of the mail) and forgets the message */
};

/* What statuses of HTTP, first to last, say of a request. */
struct gateway_reply {
    long first, last;
    enum gateway_verdict verdict;
};

/*
 * Makes a request whose address, headers and body are set, once and no second time. The first row that holds the status decides; the last
 * row must hold all. Without an answer it depends on whether anything of the request has left. What was not taken goes into the log as
 * `event`.
 */
enum gateway_verdict gateway_ask(CURL *curl, const char *event, const struct gateway_reply replies[]);

#endif
