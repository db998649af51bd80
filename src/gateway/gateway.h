/* gateway.h - the ways out: mail by SMTP, SMS by Kannel's HTTP interface. One message, one verdict. */
#ifndef HERSYS_GATEWAY_GATEWAY_H
#define HERSYS_GATEWAY_GATEWAY_H

#include "base/conf.h"

enum gateway_verdict {
    GATEWAY_SENT,    /* acknowledged by the other side */
    GATEWAY_RETRY,   /* not now: connection, 4xx, busy */
    GATEWAY_REFUSED  /* never: no such address, malformed number */
};

struct message {
    const char *id;      /* of the outbox row: becomes the Message-ID, so that a second copy can be told */
    const char *to;      /* address or number */
    const char *subject; /* mail only */
    const char *body;
};

enum gateway_verdict gateway_mail(const struct conf *conf, const struct message *message);
enum gateway_verdict gateway_sms(const struct conf *conf, const struct message *message);

#endif
