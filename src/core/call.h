/*
 * call.h - 自動架電 (we call) and 健康コール (they call): what the telephone says, and what the keys mean. The telephone service fetches each
 * sentence from us as TwiML and brings back the keys that were pressed; shared/comm.md 3.2 describes the interface, shared/domain.md 4.4
 * the use.
 */
#ifndef HERSYS_CORE_CALL_H
#define HERSYS_CORE_CALL_H

#include "base/buf.h"
#include "base/crypt.h"
#include "db/db.h"

enum { CALL_MISSES_MOST = 3 }; /* answers in a row that cannot be used; then the call ends politely */

/* Where a service may call us when people ring us: the secret of that address. */
const char *call_in_secret(struct arena *arena, const struct crypt_keys *keys);

/*
 * One turn of a call: `item` is what was asked ("" at the beginning, "phone", "birth", or the name of an item), `digits` what was pressed (NULL
 * or "": nothing). Appends the TwiML that comes next; its addresses are relative to the host. *known: false when there is no such call, or it is
 * over.
 */
enum db_status call_turn(struct db *db, struct arena *arena, const char *token, const char *item, const char *digits,
                         struct buf *twiml, bool *known);

/* The service says that the call is over. */
enum db_status call_ended(struct db *db, struct arena *arena, const char *token, bool *known);

/* Somebody rings us from the number `from` (090...; "" when it is withheld): a call begins, to be gone on with as above. */
enum db_status call_in(struct db *db, struct arena *arena, const char *from, struct buf *twiml);

#endif
