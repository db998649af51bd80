/* publicid.c - see publicid.h. A Feistel network over SipHash, walked until it falls into the domain. */
#include "base/publicid.h"

#include <assert.h>
#include <ctype.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"

_Static_assert(PUBLICID_KEY_SIZE == crypto_shorthash_KEYBYTES, "the key is a SipHash key");

enum { ROUNDS = 8, HERSYS_HALF_BITS = 17, PHONE_HALF_BITS = 20, PHONE_CHARACTERS = 8 };

#define HERSYS_DOMAIN (PUBLICID_MAX + 1)
#define HERSYS_FIRST  INT64_C(1000000000) /* so that the number has ten digits and no leading zero */

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static unsigned char siphash_key[PUBLICID_KEY_SIZE];
static bool key_is_set;

void
publicid_set_key(const unsigned char key[PUBLICID_KEY_SIZE])
{
    memcpy(siphash_key, key, sizeof siphash_key);
    key_is_set = true;
}

static uint64_t
siphash(const char *purpose, int round, uint64_t value)
{
    unsigned char in[8 + 1 + 7], out[crypto_shorthash_BYTES];
    uint64_t hash = 0;

    assert(key_is_set);
    memset(in, 0, sizeof in);
    for (int i = 0; i < 8; i++)
        in[i] = (unsigned char)(value >> (8 * i));
    in[8] = (unsigned char)round;
    memcpy(in + 9, purpose, strnlen(purpose, 7));
    crypto_shorthash(out, in, sizeof in, siphash_key);
    for (int i = 0; i < 8; i++)
        hash |= (uint64_t)out[i] << (8 * i);
    return hash;
}

static uint64_t
feistel(const char *purpose, int half_bits, bool forward, uint64_t value)
{
    uint64_t mask = (UINT64_C(1) << half_bits) - 1;
    uint64_t left = value >> half_bits, right = value & mask;

    for (int i = 0; i < ROUNDS; i++) {
        if (forward) {
            uint64_t next = left ^ (siphash(purpose, i, right) & mask);
            left = right;
            right = next;
        } else {
            uint64_t previous = right ^ (siphash(purpose, ROUNDS - 1 - i, left) & mask);
            right = left;
            left = previous;
        }
    }
    return left << half_bits | right;
}

/* Damm, "Total anti-symmetrische Quasigruppen" (2004), the table of order 10. */
static int
damm(const char *digits, size_t size)
{
    static const unsigned char table[10][10] = {
        {0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
        {4, 2, 0, 6, 8, 7, 1, 3, 5, 9}, {1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
        {6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
        {5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
        {9, 4, 3, 8, 6, 1, 7, 2, 0, 5}, {2, 5, 8, 1, 4, 3, 6, 7, 9, 0}};
    int interim = 0;

    for (size_t i = 0; i < size; i++)
        interim = table[interim][digits[i] - '0'];
    return interim;
}

static bool
in_range(int64_t patient_id)
{
    return patient_id >= 1 && patient_id <= PUBLICID_MAX;
}

char *
publicid_hersys_plain(struct arena *arena, int64_t patient_id)
{
    assert(in_range(patient_id));
    uint64_t value = (uint64_t)patient_id;
    do
        value = feistel("hersys", HERSYS_HALF_BITS, true, value);
    while (value >= HERSYS_DOMAIN);
    const char *ten = text_format(arena, "%lld", (long long)value + (long long)HERSYS_FIRST);
    return text_format(arena, "%s%d", ten, damm(ten, 10));
}

char *
publicid_hersys(struct arena *arena, int64_t patient_id)
{
    const char *plain = publicid_hersys_plain(arena, patient_id);

    return text_format(arena, "%.5s-%.5s-%s", plain, plain + 5, plain + 10);
}

char *
publicid_phone(struct arena *arena, int64_t patient_id)
{
    char c[PHONE_CHARACTERS + 1];

    assert(in_range(patient_id));
    uint64_t value = feistel("phone", PHONE_HALF_BITS, true, (uint64_t)patient_id);
    for (int i = 0; i < PHONE_CHARACTERS; i++)
        c[i] = alphabet[value >> (5 * (PHONE_CHARACTERS - 1 - i)) & 31];
    c[PHONE_CHARACTERS] = alphabet[siphash("check", 0, value) & 31];
    return text_format(arena, "%.4s-%.4s-%c", c, c + 4, c[PHONE_CHARACTERS]);
}

static int64_t
parse_hersys(const char *digits)
{
    if (digits[0] == '0' || damm(digits, 11) != 0)
        return 0;
    uint64_t value = 0;
    for (int i = 0; i < 10; i++)
        value = value * 10 + (uint64_t)(digits[i] - '0');
    value -= (uint64_t)HERSYS_FIRST;
    do
        value = feistel("hersys", HERSYS_HALF_BITS, false, value);
    while (value >= HERSYS_DOMAIN);
    return in_range((int64_t)value) ? (int64_t)value : 0;
}

static int64_t
parse_phone(const char *characters)
{
    uint64_t value = 0;
    int last = 0;

    for (int i = 0; i <= PHONE_CHARACTERS; i++) {
        const char *at = strchr(alphabet, characters[i]);
        if (at == NULL)
            return 0;
        last = (int)(at - alphabet);
        if (i < PHONE_CHARACTERS)
            value = value << 5 | (uint64_t)last;
    }
    if ((siphash("check", 0, value) & 31) != (uint64_t)last)
        return 0;
    int64_t patient_id = (int64_t)feistel("phone", PHONE_HALF_BITS, false, value);
    return in_range(patient_id) ? patient_id : 0;
}

int64_t
publicid_parse(const char *text)
{
    struct arena *arena = arena_new();
    char plain[12] = "";
    size_t size = 0;
    bool fits = true;

    for (const char *p = jtext_narrow(arena, text); *p != '\0' && fits; p++) {
        if (*p == '-' || *p == ' ')
            continue;
        char c = (char)toupper((unsigned char)*p);
        c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
        fits = isalnum((unsigned char)c) && size < sizeof plain - 1;
        if (fits)
            plain[size++] = c;
    }
    arena_free(arena);
    if (fits && size == 11 && text_is_digits(plain))
        return parse_hersys(plain);
    return fits && size == PHONE_CHARACTERS + 1 ? parse_phone(plain) : 0;
}
