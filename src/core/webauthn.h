/*
 * webauthn.h - passkeys: checks what a browser sends when one is made or used (W3C WebAuthn Level 2, ES256).
 *
 * Everything binary travels as base64url. The relying party is the host of our address; user verification is asked
 * for and demanded.
 */
#ifndef HERSYS_CORE_WEBAUTHN_H
#define HERSYS_CORE_WEBAUTHN_H

#include <stdint.h>

#include "base/arena.h"

struct passkey {
    const char *credential_id, *public_key; /* base64url */
    int64_t sign_count;
};

/* A fresh challenge. */
char *webauthn_challenge(struct arena *arena);

/* The relying party's name in `address`: its host without scheme and port. */
char *webauthn_host(struct arena *arena, const char *address);

/* 0 with *passkey filled, or -1 when anything about the new key is not as it must be. */
int webauthn_register(struct arena *arena, const char *address, const char *challenge,
                      const char *client_data, const char *attestation, struct passkey *passkey);

/* 0 with passkey->sign_count moved on, or -1. passkey holds what was stored. */
int webauthn_verify(struct arena *arena, const char *address, const char *challenge,
                    const char *client_data, const char *authenticator_data, const char *signature,
                    struct passkey *passkey);

#endif
