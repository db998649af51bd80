/* sms.c - one SMS by Kannel's sendsms (HTTP, headers instead of an address with values in it). */
#include "gateway/session.h"

#include <string.h>

#include "base/text.h"

enum { ALL_REPORTS = 31 /* 1 delivered, 2 undelivered, 4 buffered, 8 taken and 16 refused by the carrier */ };

static const struct gateway_reply replies[] = {
    {202, 202, GATEWAY_SENT}, {400, 400, GATEWAY_REFUSED}, {0, 999, GATEWAY_RETRY}};

static struct curl_slist *
headers(struct arena *arena, const struct conf *conf, const struct message *message)
{
    struct curl_slist *list = NULL;

    list = curl_slist_append(list, text_format(arena, "X-Kannel-Username: %s", conf->sms_user));
    list = curl_slist_append(list, text_format(arena, "X-Kannel-Password: %s", conf->sms_password));
    list = curl_slist_append(list, text_format(arena, "X-Kannel-From: %s", conf->sms_from));
    /* Japanese numbers in international form: 090... becomes +8190... */
    list = curl_slist_append(list, text_format(arena, "X-Kannel-To: +81%s", message->to + 1));
    list = curl_slist_append(list, "X-Kannel-Coding: 2");
    list = curl_slist_append(list, "X-Kannel-Charset: UTF-8");
    list = curl_slist_append(list, "Content-Type: text/plain; charset=UTF-8");
    if (message->report_url != NULL) {
        list = curl_slist_append(list, text_format(arena, "X-Kannel-DLR-Mask: %d", ALL_REPORTS));
        list = curl_slist_append(list, text_format(arena, "X-Kannel-DLR-Url: %s", message->report_url));
    }
    return list;
}

enum gateway_verdict
gateway_sms(struct gateway *gateway, const struct message *message)
{
    const struct conf *conf = gateway->conf;
    CURL *curl = gateway->sms;

    if (!text_is_digits(message->to) || message->to[0] != '0')
        return GATEWAY_REFUSED;
    struct arena *arena = arena_new();
    struct curl_slist *list = headers(arena, conf, message);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, text_format(arena, "%s/cgi-bin/sendsms", conf->sms_url));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, message->body);
    enum gateway_verdict verdict = gateway_ask(curl, "sms_not_sent", replies);
    curl_slist_free_all(list);
    arena_free(arena);
    return verdict;
}
