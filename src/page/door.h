/* door.h - what the screens of the sign-in pool share. */
#ifndef HERSYS_PAGE_DOOR_H
#define HERSYS_PAGE_DOOR_H

#include "core/sign_in.h"
#include "page/page.h"

/* The core's view of this request; gives the browser a device cookie if it has none. */
struct door door_of(struct context *c);

/* What to tell the person after a result that is not SIGN_IN_OK. */
const char *door_problem(struct context *c, enum sign_in_result result, int seconds);

/* What is wrong with the new password of the form's fields `password` and `again`; NULL when it can be taken. */
const char *door_new_password_problem(struct context *c, const char *login, const char *holder,
                                      const char *organisation);

/* 090-****-5678: enough to know one's own number. */
char *door_masked_phone(struct arena *arena, const char *phone);

/* Puts a fresh authenticator secret into the view (QR and text) and remembers it sealed for `token`. 0 or -1. */
int door_offer_totp(struct context *c, const char *token, const char *login, struct view *view);

/* Takes the secret offered to `token` if `code` proves it, and saves it for the account. */
enum sign_in_result door_accept_totp(struct context *c, const char *token, int64_t account_id,
                                     const char *code);

#endif
