/*
 * outbox.h - sends what stands in app.outbox (sql/0020-channels.sql says in which states a row is).
 *
 * A message is marked as being tried, and that is committed, before the gateway is asked. Whoever dies in between leaves a mark:
 * the message is left alone until a delivery report has settled it, or until the channel's time for that (settle_seconds) is over.
 */
#ifndef HERSYS_MAIN_OUTBOX_H
#define HERSYS_MAIN_OUTBOX_H

#include <signal.h>

#include "base/conf.h"
#include "base/crypt.h"
#include "db/db.h"
#include "gateway/gateway.h"

struct outbox;

/* All of it must live as long; `stopping` ends a round between two messages. End with outbox_close. */
struct outbox *outbox_open(struct db *db, const struct conf *conf, const struct crypt_keys *keys,
                           struct gateway *gateway, const volatile sig_atomic_t *stopping);
void outbox_close(struct outbox *outbox);

/* One round of what is due; how many rows there were, -1 when the database failed. */
int outbox_send(struct outbox *outbox, struct arena *arena);

#endif
