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

#endif
