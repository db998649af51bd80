/*
 * letter.h - the letter that brings a person their account: two sheets for two envelopes, the ID apart from the
 * initial password (seed 0 Q18-2: the address of the system comes with it).
 */
#ifndef HERSYS_EXCHANGE_LETTER_H
#define HERSYS_EXCHANGE_LETTER_H

#include <stdint.h>

#include "base/buf.h"

/* None of them NULL; texts may be "". */
struct letter {
    int64_t number;      /* of the account: tells which two sheets belong together */
    const char *printed; /* ISO 8601 with time, for the file */
    const char *date, *valid_until; /* in Japanese */
    const char *postal_code, *address, *organisation, *holder; /* of the receiver */
    const char *role;    /* 医師 or 職員, and whether an issuer */
    const char *login, *password;
    const char *url;     /* what to type into the browser */
    const char *issuer_name, *issuer_phone;
};

/* The whole PDF. */
struct buf letter_write(struct arena *arena, const struct letter *letter);

#endif
