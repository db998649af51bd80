/*
 * cocoa.h - 処理番号 of the contact-confirming app (COCOA): eight digits that a patient types into the app so that it warns
 * those who were near (seed 0 Q2). Issued at the patient's wish, by SMS, valid for an hour, once.
 */
#ifndef HERSYS_CORE_COCOA_H
#define HERSYS_CORE_COCOA_H

#include "core/notification.h"

enum { COCOA_DIGITS = 8 };

/*
 * Sends a fresh number to `phone` (digits of a mobile one); an earlier one that was not used yet is void. NOTIFY_REFUSED: then
 * db_last_sqlstate says why: HS403 without the right, HS422 when SMS cannot reach it, HS429 after too many on one day (setting cocoa_most).
 */
enum notify_result cocoa_issue(const struct desk *desk, const struct record *record, const char *phone);

/* Uses up the number that was typed; *valid when it was good. */
enum db_status cocoa_redeem(struct db *db, struct arena *arena, const struct crypt_keys *keys,
                            const char *number, bool *valid);

#endif
