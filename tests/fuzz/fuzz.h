/* fuzz.h - what every fuzz target includes: the entry of libFuzzer and an arena that is emptied after each input. */
#ifndef HERSYS_TESTS_FUZZ_H
#define HERSYS_TESTS_FUZZ_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as a C string if it is UTF-8 without NUL, else NULL. */
static inline const char *
fuzz_text(struct arena *arena, const uint8_t *data, size_t size)
{
    return text_is_utf8((const char *)data, size) ? text_copy_n(arena, (const char *)data, size) : NULL;
}

#endif
