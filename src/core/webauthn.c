/* webauthn.c - see webauthn.h: libfido2 for the cryptography, libcbor and jansson for the wrappers around it. */
#include "core/webauthn.h"

#include <cbor.h>
#include <fido.h>
#include <fido/es256.h>
#include <jansson.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"

enum { CHALLENGE_BYTES = 32, FLAG_PRESENT = 1, FLAG_VERIFIED = 4, MAX_ENCODED = 64 * 1024 };

struct bytes {
    unsigned char *data;
    size_t size;
};

/* The attestation object cut into what libfido2 wants apart. */
struct attestation {
    char format[32];
    struct bytes authenticator_data, statement;
};

char *
webauthn_challenge(struct arena *arena)
{
    unsigned char challenge[CHALLENGE_BYTES];

    crypt_random(challenge, sizeof challenge);
    return crypt_base64url(arena, challenge, sizeof challenge);
}

char *
webauthn_host(struct arena *arena, const char *address)
{
    const char *start = strstr(address, "://");

    start = start == NULL ? address : start + 3;
    return text_copy_n(arena, start, strcspn(start, ":/"));
}

static int
decode(struct arena *arena, const char *text, struct bytes *out)
{
    if (strlen(text) > MAX_ENCODED)
        return -1;
    out->data = crypt_base64url_decode(arena, text, &out->size);
    return out->data == NULL || out->size == 0 ? -1 : 0;
}

static void
release_json(void *json)
{
    json_decref(json);
}

/* Checks type, challenge and origin of the client's data and hashes it. 0 or -1. */
static int
check_client_data(struct arena *arena, const char *address, const char *type, const char *challenge,
                  const char *encoded, unsigned char hash[crypto_hash_sha256_BYTES])
{
    struct bytes raw;

    if (decode(arena, encoded, &raw) != 0)
        return -1;
    json_t *json = json_loadb((const char *)raw.data, raw.size, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL)
        return -1;
    arena_defer(arena, release_json, json);
    const char *got_type = json_string_value(json_object_get(json, "type"));
    const char *got_challenge = json_string_value(json_object_get(json, "challenge"));
    const char *origin = json_string_value(json_object_get(json, "origin"));
    if (!text_same(got_type, type) || got_challenge == NULL ||
        !crypt_equal(got_challenge, challenge) || !text_same(origin, address) ||
        json_is_true(json_object_get(json, "crossOrigin")))
        return -1;
    crypto_hash_sha256(hash, raw.data, raw.size);
    return 0;
}

static bool
key_is(const cbor_item_t *key, const char *name)
{
    size_t size = strlen(name);

    return cbor_isa_string(key) && cbor_string_length(key) == size &&
           memcmp(cbor_string_handle(key), name, size) == 0;
}

static int
cut_attestation(struct arena *arena, const struct bytes *object, struct attestation *out)
{
    struct cbor_load_result result;
    cbor_item_t *item = cbor_load(object->data, object->size, &result);

    memset(out, 0, sizeof *out);
    if (item == NULL || !cbor_isa_map(item)) {
        if (item != NULL)
            cbor_decref(&item);
        return -1;
    }
    struct cbor_pair *pairs = cbor_map_handle(item);
    for (size_t i = 0; i < cbor_map_size(item); i++) {
        cbor_item_t *value = pairs[i].value;
        if (key_is(pairs[i].key, "fmt") && cbor_isa_string(value) &&
            cbor_string_length(value) < sizeof out->format) {
            memcpy(out->format, cbor_string_handle(value), cbor_string_length(value));
        } else if (key_is(pairs[i].key, "authData") && cbor_isa_bytestring(value)) {
            out->authenticator_data.size = cbor_bytestring_length(value);
            out->authenticator_data.data = (unsigned char *)text_copy_n(
                arena, (const char *)cbor_bytestring_handle(value), out->authenticator_data.size);
        } else if (key_is(pairs[i].key, "attStmt")) {
            out->statement.data = arena_alloc(arena, object->size);
            out->statement.size = cbor_serialize(value, out->statement.data, object->size);
        }
    }
    cbor_decref(&item);
    return out->authenticator_data.data == NULL || out->format[0] == '\0' ? -1 : 0;
}

/* What libfido2 checks only for signed attestations: our host, a person present and verified. */
static bool
is_for_us(const struct bytes *authenticator_data, const char *host, int flags)
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *)host, strlen(host));
    return authenticator_data->size >= sizeof hash &&
           memcmp(authenticator_data->data, hash, sizeof hash) == 0 &&
           (flags & FLAG_PRESENT) != 0 && (flags & FLAG_VERIFIED) != 0;
}

static int
fill_credential(fido_cred_t *credential, const struct attestation *a, const char *host,
                const unsigned char *hash)
{
    bool unsigned_key = strcmp(a->format, "none") == 0;

    if (fido_cred_set_type(credential, COSE_ES256) != FIDO_OK ||
        fido_cred_set_clientdata_hash(credential, hash, crypto_hash_sha256_BYTES) != FIDO_OK ||
        fido_cred_set_rp(credential, host, NULL) != FIDO_OK ||
        fido_cred_set_authdata_raw(credential, a->authenticator_data.data,
                                   a->authenticator_data.size) != FIDO_OK ||
        fido_cred_set_fmt(credential, unsigned_key ? "packed" : a->format) != FIDO_OK)
        return -1;
    if (unsigned_key)
        return 0;
    if (fido_cred_set_attstmt(credential, a->statement.data, a->statement.size) != FIDO_OK)
        return -1;
    int verdict = fido_cred_x5c_ptr(credential) != NULL ? fido_cred_verify(credential)
                                                        : fido_cred_verify_self(credential);
    return verdict == FIDO_OK ? 0 : -1;
}

int
webauthn_register(struct arena *arena, const char *address, const char *challenge,
                  const char *client_data, const char *attestation, struct passkey *passkey)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    struct bytes object;
    struct attestation cut;
    const char *host = webauthn_host(arena, address);

    if (check_client_data(arena, address, "webauthn.create", challenge, client_data, hash) != 0 ||
        decode(arena, attestation, &object) != 0 || cut_attestation(arena, &object, &cut) != 0)
        return -1;
    fido_init(0);
    fido_cred_t *credential = fido_cred_new();
    int status = fill_credential(credential, &cut, host, hash);
    if (status == 0 &&
        !is_for_us(&cut.authenticator_data, host, fido_cred_flags(credential)))
        status = -1;
    if (status == 0) {
        passkey->credential_id =
            crypt_base64url(arena, fido_cred_id_ptr(credential), fido_cred_id_len(credential));
        passkey->public_key = crypt_base64url(arena, fido_cred_pubkey_ptr(credential),
                                              fido_cred_pubkey_len(credential));
        passkey->sign_count = fido_cred_sigcount(credential);
    }
    fido_cred_free(&credential);
    return status;
}

static int
fill_assertion(fido_assert_t *assertion, const char *host, const unsigned char *hash,
               const struct bytes *data, const struct bytes *signature)
{
    return fido_assert_set_count(assertion, 1) == FIDO_OK &&
                   fido_assert_set_rp(assertion, host) == FIDO_OK &&
                   fido_assert_set_clientdata_hash(assertion, hash, crypto_hash_sha256_BYTES) ==
                       FIDO_OK &&
                   fido_assert_set_authdata_raw(assertion, 0, data->data, data->size) == FIDO_OK &&
                   fido_assert_set_sig(assertion, 0, signature->data, signature->size) ==
                       FIDO_OK &&
                   fido_assert_set_up(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
                   fido_assert_set_uv(assertion, FIDO_OPT_TRUE) == FIDO_OK
               ? 0
               : -1;
}

int
webauthn_verify(struct arena *arena, const char *address, const char *challenge,
                const char *client_data, const char *authenticator_data, const char *signature,
                struct passkey *passkey)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    struct bytes data, sig, key;

    if (check_client_data(arena, address, "webauthn.get", challenge, client_data, hash) != 0 ||
        decode(arena, authenticator_data, &data) != 0 || decode(arena, signature, &sig) != 0 ||
        decode(arena, passkey->public_key, &key) != 0)
        return -1;
    fido_init(0);
    fido_assert_t *assertion = fido_assert_new();
    es256_pk_t *public_key = es256_pk_new();
    int status = es256_pk_from_ptr(public_key, key.data, key.size) == FIDO_OK
                     ? fill_assertion(assertion, webauthn_host(arena, address), hash, &data, &sig)
                     : -1;
    if (status == 0 && fido_assert_verify(assertion, 0, COSE_ES256, public_key) != FIDO_OK)
        status = -1;
    /* A counter that does not grow means a copied key; zero means that the authenticator keeps none. */
    int64_t count = status == 0 ? (int64_t)fido_assert_sigcount(assertion, 0) : 0;
    if (status == 0 && count != 0 && count <= passkey->sign_count)
        status = -1;
    if (status == 0)
        passkey->sign_count = count;
    es256_pk_free(&public_key);
    fido_assert_free(&assertion);
    return status;
}
