/*
 * certificate.h - 療養証明書 on the telephone (shared/domain.md 4.6). Whoever opens it wants it, the jobs make it, because they know the
 * key of the HER-SYS ID, and seal it: the database hands out nothing that can be read there. It carries a code of 100 random bits, of which
 * the hash alone is kept, by which a third party has confirmed what it says.
 */
#ifndef HERSYS_CORE_CERTIFICATE_H
#define HERSYS_CORE_CERTIFICATE_H

#include "base/date.h"
#include "core/my.h"

/* What it says; all of it stands on the page too that a third party is shown. */
struct certificate {
    const char *name, *number, *centre; /* number: the HER-SYS ID */
    date_day birth, diagnosed;
    const char *code; /* 20 characters of Crockford's base 32 */
};

enum certificate_state {
    CERTIFICATE_ready,
    CERTIFICATE_making, /* in a moment */
    CERTIFICATE_wait,   /* the centre has not accepted the report yet */
    CERTIFICATE_never,  /* 疑似症, みなし陽性 */
    CERTIFICATE_none,   /* no such session or person, or a contact */
    CERTIFICATE_failed
};

/* The certificate of a person of the session. */
enum certificate_state certificate_of(struct db *db, struct arena *arena, const struct crypt_keys *keys,
                                      const struct my_session *session, int no, struct certificate *certificate);

/* The code as it was typed or stands in an address: 20 characters, O for 0, I and L for 1; NULL when it is none. */
const char *certificate_code(struct arena *arena, const char *typed);

/* "ABCDE-FGHJK-..." */
const char *certificate_code_shown(struct arena *arena, const char *code);

/* What the certificate with this code says; false when there is none that holds. *status tells whether the database failed. */
bool certificate_check(struct db *db, struct arena *arena, const struct crypt_keys *keys, const char *code,
                       struct certificate *certificate, enum db_status *status);

/* Makes those that are waited for, for `hersys jobs`; the key of the public numbers must be set (installation.h). */
enum db_status certificate_make(struct db *db, struct arena *arena, const struct crypt_keys *keys);

#endif
