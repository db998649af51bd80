/* fuzz_bounce.c - any bytes as a mail that came back: what is kept of it is a status code or nothing, and belongs to what it means. */
#include "fuzz.h"

#include "core/bounce.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char status[BOUNCE_STATUS_SIZE];
    enum bounce bounce = bounce_read((const char *)data, size, status);
    size_t length = strlen(status);

    assert(length < BOUNCE_STATUS_SIZE && strspn(status, "0123456789.") == length);
    assert((bounce == BOUNCE_NONE) == (length == 0));
    assert(bounce != BOUNCE_REFUSED || status[0] == '5');
    return 0;
}
