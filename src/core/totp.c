/* totp.c - see totp.h: liboath and libqrencode do the work. */
#include "core/totp.h"

#include <assert.h>
#include <liboath/oath.h>
#include <qrencode.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/text.h"

enum { SECRET_BYTES = 20, WINDOW_STEPS = 1 };

char *
totp_secret(struct arena *arena)
{
    unsigned char secret[SECRET_BYTES];
    char *encoded = NULL;

    crypt_random(secret, sizeof secret);
    int status = oath_base32_encode((const char *)secret, sizeof secret, &encoded, NULL);
    assert(status == OATH_OK);
    size_t size = strlen(encoded) + 1;
    char *copy = memcpy(arena_alloc_secret(arena, size), encoded, size);
    sodium_memzero(secret, sizeof secret);
    free(encoded);
    return copy;
}

char *
totp_address(struct arena *arena, const char *secret, const char *account)
{
    return text_format(arena,
                       "otpauth://totp/HER-SYS:%s?secret=%s&issuer=HER-SYS&algorithm=SHA1&digits=6"
                       "&period=30",
                       account, secret);
}

int64_t
totp_check(const char *secret, const char *code, int64_t last_step)
{
    char *key = NULL;
    size_t size;
    uint64_t step = 0;
    int offset;

    if (strlen(code) != 6 || !text_is_digits(code))
        return -1;
    if (oath_base32_decode(secret, strlen(secret), &key, &size) != OATH_OK)
        return -1;
    int status = oath_totp_validate4(key, size, time(NULL), OATH_TOTP_DEFAULT_TIME_STEP_SIZE, 0,
                                     WINDOW_STEPS, &offset, &step, 0, code);
    sodium_memzero(key, size);
    free(key);
    return status < 0 || (int64_t)step <= last_step ? -1 : (int64_t)step;
}

char *
totp_qr(struct arena *arena, const char *text, int *size)
{
    struct buf path = buf_new(arena);
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

    assert(code != NULL);
    *size = code->width;
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if (code->data[y * code->width + x] & 1)
                buf_printf(&path, "M%d %dh1v1h-1z", x, y);
    QRcode_free(code);
    return path.data;
}
