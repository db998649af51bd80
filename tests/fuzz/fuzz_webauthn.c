/* fuzz_webauthn.c - what a browser sends for a passkey: client data and attestation, cut at the first line break. */
#include "fuzz.h"

#include "base/crypt.h"
#include "core/webauthn.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *line = memchr(data, '\n', size);
    size_t head = line == NULL ? size : (size_t)(line - (const char *)data);
    const char *client = crypt_base64url(arena, data, head);
    const char *attestation =
        line == NULL ? "" : crypt_base64url(arena, line + 1, size - head - 1);
    struct passkey passkey = {0};

    crypt_init();
    webauthn_register(arena, "https://localhost", "c", client, attestation, &passkey);
    passkey.public_key = attestation;
    webauthn_verify(arena, "https://localhost", "c", client, attestation, attestation, &passkey);
    arena_free(arena);
    return 0;
}
