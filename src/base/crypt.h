/*
 * crypt.h - random tokens, hashes, passwords and sealed values. Everything here is libsodium with our parameters.
 *
 * Keys live in files of the installation, never in the environment or on a command line (security.md 5.2).
 */
#ifndef HERSYS_BASE_CRYPT_H
#define HERSYS_BASE_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { CRYPT_KEY_SIZE = 32, CRYPT_HASH_SIZE = 32, CRYPT_TOKEN_SIZE = 32 };

/* The secrets of an installation, each 32 random bytes. */
struct crypt_keys {
    unsigned char pepper[CRYPT_KEY_SIZE]; /* mixed into passwords and short codes, so that a stolen table is useless */
    unsigned char seal[CRYPT_KEY_SIZE];   /* encrypts sealed columns */
};

/* Must be called once before anything else here; ends the process when libsodium cannot start. */
void crypt_init(void);

/* Reads the keys from `directory`, making missing ones (mode 0400). 0, or -1 with the reason logged. */
int crypt_load_keys(struct crypt_keys *keys, const char *directory);

void crypt_random(void *out, size_t size);

/* A fresh 256-bit token in hex (64 characters). */
char *crypt_token(struct arena *arena);

/* A fresh random UUID (version 4) in its usual text form. */
char *crypt_uuid(struct arena *arena);

/* True when `text` is a UUID in its usual text form, lower case. */
bool crypt_is_uuid(const char *text);

/* `digits` random decimal digits, each value equally likely. */
char *crypt_digits(struct arena *arena, int digits);

/* `count` random characters out of Crockford's base 32 (no I, L, O, U): for codes and first passwords. */
char *crypt_base32(struct arena *arena, int count);

/* SHA-256 of a text in hex: how tokens are kept in the database (PostgreSQL computes the same). */
char *crypt_sha256(struct arena *arena, const char *text);

/* Keyed BLAKE2b-256 in hex; key and text are both texts. For CSRF tokens. */
char *crypt_keyed(struct arena *arena, const char *key, const char *text);

/* Peppered BLAKE2b-256 in hex: for short codes, whose plain hash could be searched through. */
char *crypt_peppered(struct arena *arena, const struct crypt_keys *keys, const char *text);

/* Equal in constant time. Both must be given; different lengths are unequal. */
bool crypt_equal(const char *a, const char *b);

/* Argon2id over the peppered password (46 MiB, 1 pass; security.md 5.14). The text form holds salt and parameters. */
char *crypt_password_hash(struct arena *arena, const struct crypt_keys *keys, const char *password);

/* True when the password fits. hash NULL: does the same work in vain, so that time tells nothing. */
bool crypt_password_verify(const struct crypt_keys *keys, const char *hash, const char *password);

/*
 * The same work with a salt that is given (any text), as 64 hexadecimal digits: for a caller who may ask for the salt of an account, but not
 * for its hash.
 */
char *crypt_password_derive(struct arena *arena, const struct crypt_keys *keys, const char *salt, const char *password);

/*
 * XChaCha20-Poly1305. The result is "v1:" and base64 of nonce and ciphertext. `place` (table|column|row) is bound to
 * the value: moved to another row it does not open.
 */
char *crypt_seal(struct arena *arena, const struct crypt_keys *keys, const char *place,
                 const char *plain);

/* NULL when the value was not sealed here, for this place, with this key. */
char *crypt_open(struct arena *arena, const struct crypt_keys *keys, const char *place,
                 const char *sealed);

/* base64url without padding, both ways (WebAuthn). decode: NULL when malformed, *size set otherwise. */
char *crypt_base64url(struct arena *arena, const void *data, size_t size);
unsigned char *crypt_base64url_decode(struct arena *arena, const char *text, size_t *size);

char *crypt_hex(struct arena *arena, const void *data, size_t size);

#endif
