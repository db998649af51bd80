/*
 * bounce.h - mails of ours that come back, after the mail server had taken them, as delivery reports (DSN, RFC 3464).
 *
 * Each mail has an envelope sender of its own (VERP): bounce+NUMBER-TOKEN@example.jp, NUMBER being that of app.outbox. What comes
 * back arrives there, so that the mark NUMBER-TOKEN says which message it was, and nobody can say so who has not got that message.
 * Of the mail itself nothing is believed or kept but the status code (RFC 3463).
 */
#ifndef HERSYS_CORE_BOUNCE_H
#define HERSYS_CORE_BOUNCE_H

#include "base/crypt.h"
#include "db/db.h"

enum bounce {
    BOUNCE_NONE,     /* no report, or of a delay, or of a delivery */
    BOUNCE_GIVEN_UP, /* will not arrive, which the address is not blamed for: 4.x.x in the end, or a full mailbox (5.2.2) */
    BOUNCE_REFUSED   /* will never arrive: 5.x.x */
};

enum { BOUNCE_STATUS_SIZE = 10 }; /* "5.111.222" and a NUL */

/* The token of a message: 128 bits in hex, because all before the @ has 64 characters (RFC 5321). */
const char *bounce_token(struct arena *arena, const struct crypt_keys *keys, const char *outbox_id);

/* The envelope sender of a message. `returns` is the setting mail_returns; NULL when that is empty. */
const char *bounce_sender(struct arena *arena, const struct crypt_keys *keys, const char *returns, const char *outbox_id);

/*
 * Reads a mail: any bytes, cut off anywhere. `status` is the code of the worst that it reports, "" for BOUNCE_NONE. A report on
 * several recipients (behind a mailing list) is as bad as its worst.
 */
enum bounce bounce_read(const char *mail, size_t size, char status[BOUNCE_STATUS_SIZE]);

/*
 * Stores what came back for the mark NUMBER-TOKEN; the same again changes nothing. *known: false, and counted, when the mark is
 * not one of ours.
 */
enum db_status bounce_store(struct db *db, struct arena *arena, const struct crypt_keys *keys, const char *mark,
                            enum bounce bounce, bool *known);

#endif
