/*
 * sms.h - what the SMS gateway (Kannel) tells us: delivery reports, and what people send.
 *
 * It calls two addresses of the public pool, on loopback (deploy/nginx). Each holds a secret made from the installation's key: a
 * report the token of its message, a message the gateway's own. A wrong one is refused and counted.
 */
#ifndef HERSYS_CORE_SMS_H
#define HERSYS_CORE_SMS_H

#include "base/crypt.h"
#include "db/db.h"

enum { SMS_GATEWAY_ID_MAX = 64 }; /* bytes of the gateway's number of a message */

/* The token in the address for the reports of a message of app.outbox. */
const char *sms_report_token(struct arena *arena, const struct crypt_keys *keys, const char *outbox_id);

/* That address, %d being the type that Kannel fills in; `gateway_address` is the setting. */
const char *sms_report_url(struct arena *arena, const struct crypt_keys *keys,
                           const char *gateway_address, const char *outbox_id);

/* The address for what people send, %I being Kannel's number of it: for `hersys kannel`. */
const char *sms_received_url(struct arena *arena, const struct crypt_keys *keys,
                             const char *gateway_address);

/* True when `secret` is that of the address for what people send. */
bool sms_received_secret(struct arena *arena, const struct crypt_keys *keys, const char *secret);

/*
 * A delivery report: outbox number, token and type as they stand in the address. *known: false when the token is not that of the
 * message, or the type is none.
 */
enum db_status sms_report(struct db *db, struct arena *arena, const struct crypt_keys *keys,
                          const char *outbox_id, const char *token, const char *type, bool *known);

/* What somebody sent; the same gateway id again stores nothing. `number` is in the form 090... where it is Japanese. */
enum db_status sms_receive(struct db *db, struct arena *arena, const char *gateway_id, const char *number,
                           const char *text);

/* Counts a call with a wrong secret. */
enum db_status sms_refused(struct db *db, struct arena *arena);

#endif
