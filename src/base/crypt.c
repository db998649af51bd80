/* crypt.c - see crypt.h. */
#include "base/crypt.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

/* Measured in shared/security.md 5.14: 34.7 ms on one core. */
enum { ARGON2_PASSES = 1 };
#define ARGON2_MEMORY ((size_t)46 * 1024 * 1024)

static const char base32_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char seal_prefix[] = "v1:";

void
crypt_init(void)
{
    if (sodium_init() < 0) {
        log_fatal("libsodium_failed", NULL);
        abort();
    }
}

/* Makes the key file when it is not there. 0 or -1. */
static int
key_create(const char *path)
{
    unsigned char key[CRYPT_KEY_SIZE];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);

    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    randombytes_buf(key, sizeof key);
    int failed = write(fd, key, sizeof key) != (ssize_t)sizeof key || fsync(fd) != 0;
    sodium_memzero(key, sizeof key);
    return close(fd) != 0 || failed ? -1 : 0;
}

static int
key_load(unsigned char key[CRYPT_KEY_SIZE], const char *directory, const char *name)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s.key", directory, name);
    if (key_create(path) != 0) {
        log_error("key_not_made", "file", path, "reason", strerror(errno), NULL);
        return -1;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, key, CRYPT_KEY_SIZE);
    if (fd >= 0)
        close(fd);
    if (n != CRYPT_KEY_SIZE) {
        log_error("key_not_read", "file", path, NULL);
        return -1;
    }
    return 0;
}

int
crypt_load_keys(struct crypt_keys *keys, const char *directory)
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        log_error("key_directory_not_made", "file", directory, "reason", strerror(errno), NULL);
        return -1;
    }
    return key_load(keys->pepper, directory, "pepper") != 0 ||
                   key_load(keys->seal, directory, "seal") != 0
               ? -1
               : 0;
}

void
crypt_random(void *out, size_t size)
{
    randombytes_buf(out, size);
}

char *
crypt_hex(struct arena *arena, const void *data, size_t size)
{
    char *hex = arena_alloc(arena, size * 2 + 1);

    return sodium_bin2hex(hex, size * 2 + 1, data, size);
}

char *
crypt_token(struct arena *arena)
{
    unsigned char token[CRYPT_TOKEN_SIZE];

    randombytes_buf(token, sizeof token);
    return crypt_hex(arena, token, sizeof token);
}

char *
crypt_uuid(struct arena *arena)
{
    unsigned char b[16];

    randombytes_buf(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    const char *h = crypt_hex(arena, b, sizeof b);
    return text_format(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", h, h + 8, h + 12, h + 16, h + 20);
}

bool
crypt_is_uuid(const char *text)
{
    if (text == NULL || strlen(text) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
            return false;
    }
    return true;
}

char *
crypt_digits(struct arena *arena, int digits)
{
    char *text = arena_alloc_secret(arena, (size_t)digits + 1);

    for (int i = 0; i < digits; i++)
        text[i] = (char)('0' + randombytes_uniform(10));
    return text;
}

char *
crypt_base32(struct arena *arena, int count)
{
    char *text = arena_alloc_secret(arena, (size_t)count + 1);

    for (int i = 0; i < count; i++)
        text[i] = base32_alphabet[randombytes_uniform(32)];
    return text;
}

char *
crypt_sha256(struct arena *arena, const char *text)
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *)text, strlen(text));
    return crypt_hex(arena, hash, sizeof hash);
}

char *
crypt_keyed(struct arena *arena, const char *key, const char *text)
{
    unsigned char hash[CRYPT_HASH_SIZE];

    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text),
                       (const unsigned char *)key, strnlen(key, crypto_generichash_KEYBYTES_MAX));
    return crypt_hex(arena, hash, sizeof hash);
}

static void
peppered(unsigned char hash[CRYPT_HASH_SIZE], const struct crypt_keys *keys, const char *text)
{
    crypto_generichash(hash, CRYPT_HASH_SIZE, (const unsigned char *)text, strlen(text),
                       keys->pepper, sizeof keys->pepper);
}

char *
crypt_peppered(struct arena *arena, const struct crypt_keys *keys, const char *text)
{
    unsigned char hash[CRYPT_HASH_SIZE];

    peppered(hash, keys, text);
    return crypt_hex(arena, hash, sizeof hash);
}

bool
crypt_equal(const char *a, const char *b)
{
    size_t size = strlen(a);

    return size == strlen(b) && sodium_memcmp(a, b, size) == 0;
}

char *
crypt_password_hash(struct arena *arena, const struct crypt_keys *keys, const char *password)
{
    unsigned char key[CRYPT_HASH_SIZE];
    char *hash = arena_alloc(arena, crypto_pwhash_STRBYTES);

    peppered(key, keys, password);
    if (crypto_pwhash_str_alg(hash, (const char *)key, sizeof key, ARGON2_PASSES, ARGON2_MEMORY,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        log_fatal("argon2_out_of_memory", NULL);
        abort();
    }
    sodium_memzero(key, sizeof key);
    return hash;
}

bool
crypt_password_verify(const struct crypt_keys *keys, const char *hash, const char *password)
{
    /* A well-formed hash that no password has: the work is the same as for a real one. */
    static const char nobody[] = "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    unsigned char key[CRYPT_HASH_SIZE];

    peppered(key, keys, password);
    int verdict =
        crypto_pwhash_str_verify(hash == NULL ? nobody : hash, (const char *)key, sizeof key);
    sodium_memzero(key, sizeof key);
    return hash != NULL && verdict == 0;
}

char *
crypt_password_derive(struct arena *arena, const struct crypt_keys *keys, const char *salt, const char *password)
{
    unsigned char key[CRYPT_HASH_SIZE], salt_bytes[crypto_pwhash_SALTBYTES], out[CRYPT_HASH_SIZE];

    peppered(key, keys, password);
    crypto_generichash(salt_bytes, sizeof salt_bytes, (const unsigned char *)salt, strlen(salt), NULL, 0);
    if (crypto_pwhash(out, sizeof out, (const char *)key, sizeof key, salt_bytes, ARGON2_PASSES, ARGON2_MEMORY,
                      crypto_pwhash_ALG_ARGON2ID13) != 0) {
        log_fatal("argon2_out_of_memory", NULL);
        abort();
    }
    sodium_memzero(key, sizeof key);
    return crypt_hex(arena, out, sizeof out);
}

char *
crypt_seal(struct arena *arena, const struct crypt_keys *keys, const char *place, const char *plain)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    size_t size = strlen(plain);
    size_t sealed_size = NONCE + size + crypto_aead_xchacha20poly1305_ietf_ABYTES;
    unsigned char *sealed = arena_alloc(arena, sealed_size);

    randombytes_buf(sealed, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + NONCE, NULL, (const unsigned char *)plain, size, (const unsigned char *)place,
        strlen(place), NULL, sealed, keys->seal);
    return text_format(arena, "%s%s", seal_prefix, crypt_base64url(arena, sealed, sealed_size));
}

char *
crypt_open(struct arena *arena, const struct crypt_keys *keys, const char *place,
           const char *sealed)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    size_t size;

    if (!text_starts(sealed, seal_prefix))
        return NULL;
    unsigned char *bytes = crypt_base64url_decode(arena, sealed + strlen(seal_prefix), &size);
    if (bytes == NULL || size < NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES)
        return NULL;
    char *plain = arena_alloc_secret(arena, size);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            (unsigned char *)plain, NULL, NULL, bytes + NONCE, size - NONCE,
            (const unsigned char *)place, strlen(place), bytes, keys->seal) != 0)
        return NULL;
    return plain;
}

char *
crypt_base64url(struct arena *arena, const void *data, size_t size)
{
    size_t length =
        sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_alloc(arena, length);

    return sodium_bin2base64(text, length, data, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

unsigned char *
crypt_base64url_decode(struct arena *arena, const char *text, size_t *size)
{
    size_t length = strlen(text);
    unsigned char *data = arena_alloc(arena, length + 1);

    if (sodium_base642bin(data, length, text, length, NULL, size, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return NULL;
    return data;
}
