/* fuzz_utf16.c - what telephones send: whatever comes becomes text, and good text survives. */
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = text_from_utf16(arena, (const char *)data, size);

    assert(text_is_utf8(text, strlen(text)));
    assert(text_length(text) <= (size + 1) / 2);
    arena_free(arena);
    return 0;
}
