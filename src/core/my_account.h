/*
 * my_account.h - My HER-SYS by mail and password, for those who want it: an account holds the people of a family (sql/0025-my-accounts.sql).
 * It is made within a session that a link and a birth date have opened, after a code that came by mail; in a browser that has not entered
 * one yet, signing in asks for a code too. The address is not kept, only its peppered hash.
 */
#ifndef HERSYS_CORE_MY_ACCOUNT_H
#define HERSYS_CORE_MY_ACCOUNT_H

#include "core/my.h"

#define MY_CODE_COOKIE   "my-code"   /* somebody who is to enter a code; ten minutes */
#define MY_DEVICE_COOKIE "my-device" /* a browser in which codes were entered */

/* What everything here works with. `device`: the token of the browser's cookie, or a fresh one. */
struct my_door {
    struct db *db;
    struct arena *arena;
    const struct crypt_keys *keys;
    const char *device;
};

enum my_account_result {
    MY_ACCOUNT_open,   /* signed in */
    MY_ACCOUNT_added,  /* the account is made, or has its new password */
    MY_ACCOUNT_code,   /* a code went out by mail */
    MY_ACCOUNT_wrong,  /* address, password or code; what is no account is answered like this too */
    MY_ACCOUNT_locked, /* too many of those: three are free, then the wait doubles from 30 seconds to an hour */
    MY_ACCOUNT_limit,  /* three mails in a quarter of an hour */
    MY_ACCOUNT_over,   /* no code is to be entered any more */
    MY_ACCOUNT_taken,  /* the address belongs to an account of other people */
    MY_ACCOUNT_none,   /* no such session */
    MY_ACCOUNT_failed  /* the database did */
};

/* An address as it is meant: narrow, lower case, without blanks around it; NULL when it cannot be one. */
const char *my_mail_address(struct arena *arena, const char *typed);

/* A code to the address, which may open the people of the session from then on; *pending becomes the token of MY_CODE_COOKIE. */
enum my_account_result my_account_ask(const struct my_door *door, const struct my_session *session, const char *address,
                                      const char *password, const char **pending);

/*
 * Signs in. MY_ACCOUNT_open: `session` is a new one, whatever it was: who has opened a link in this browser is not to come into the account.
 * MY_ACCOUNT_code: *pending as above. An address without an account takes the same work and time.
 */
enum my_account_result my_account_enter(const struct my_door *door, struct my_session *session, const char *address,
                                        const char *password, const char **pending);

/* The code as it was typed. MY_ACCOUNT_open as above, or MY_ACCOUNT_added; the browser is known from then on. */
enum my_account_result my_account_code(const struct my_door *door, struct my_session *session, const char *pending,
                                       const char *code);

/* Ends the account of the session, which itself goes on. */
enum db_status my_account_end(const struct my_door *door, const struct my_session *session);

#endif
