/* totp.h - one-time codes of an authenticator app (RFC 6238: SHA-1, 30 seconds, six digits). */
#ifndef HERSYS_CORE_TOTP_H
#define HERSYS_CORE_TOTP_H

#include <stdint.h>

#include "base/arena.h"

/* A fresh 160-bit secret in base 32. */
char *totp_secret(struct arena *arena);

/* What the QR code says: otpauth://totp/... */
char *totp_address(struct arena *arena, const char *secret, const char *account);

/*
 * The time step that `code` belongs to, one step early or late allowed; -1 when it fits none or is not newer than
 * `last_step` (a code is good once).
 */
int64_t totp_check(const char *secret, const char *code, int64_t last_step);

/* The dark squares of a QR code as the "d" of an SVG path, one unit each; *size is its width in units. */
char *totp_qr(struct arena *arena, const char *text, int *size);

#endif
