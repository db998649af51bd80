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

/*
 * Makes a request whose address, headers and body are set, once and no second time. True when *verdict is final: `accepted` is the status that
 * takes it; without an answer it depends on whether anything of the request has left. False: another status, in *reply, for the
 * caller to judge. What was not taken goes into the log as `event`.
 */
bool gateway_ask(CURL *curl, const char *event, long accepted, long *reply, enum gateway_verdict *verdict);

#endif
