/* gateway.h - the ways out: mail by SMTP, SMS by Kannel's HTTP interface, calls by the one that telephone services offer. One message, one
 * verdict. */
#ifndef HERSYS_GATEWAY_GATEWAY_H
#define HERSYS_GATEWAY_GATEWAY_H

#include "base/conf.h"

enum gateway_verdict {
    GATEWAY_SENT,      /* acknowledged by the other side */
    GATEWAY_RETRY,     /* not now, and it does not have it: no connection, 4xx, our own password refused */
    GATEWAY_BUSY,      /* calls only: not now, because all its lines are in use; no trouble, and it does not have it */
    GATEWAY_REFUSED,   /* never: no such address, malformed number */
    GATEWAY_UNCERTAIN  /* it was asked and did not answer: it may have it. SMS only: a second mail has the same Message-ID */
};

struct message {
    const char *id;      /* of the outbox row: becomes the Message-ID, so that a second copy can be told */
    const char *to;      /* address or number */
    const char *subject; /* mail only */
    const char *sender;  /* mail only: where it comes back when it cannot be delivered; NULL: to whom it is from */
    const char *body;
    const char *report_url; /* SMS: where delivery reports go, %d is their type; NULL: nowhere */
};

/* Keeps its connections open from message to message: a session for each mail would be most of the work. */
struct gateway;

/* `conf` must live as long; end with gateway_close. libcurl must be initialised. */
struct gateway *gateway_open(const struct conf *conf);
void gateway_close(struct gateway *gateway);

enum gateway_verdict gateway_mail(struct gateway *gateway, const struct message *message);
enum gateway_verdict gateway_sms(struct gateway *gateway, const struct message *message);

/* Orders a call to `to` (090...): the service fetches what it says from `answer_url`, and says at `ended_url` that it is over. */
enum gateway_verdict gateway_call(struct gateway *gateway, const char *to, const char *answer_url,
                                  const char *ended_url);

#endif
