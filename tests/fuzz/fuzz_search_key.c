/* fuzz_search_key.c - folding of names and numbers: stable under repetition, and valid UTF-8 always. */
#include "fuzz.h"

#include "base/jtext.h"
#include "base/publicid.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[PUBLICID_KEY_SIZE] = {1};
    struct arena *arena = arena_new();
    const char *text = fuzz_text(arena, data, size);

    publicid_set_key(key);
    if (text != NULL) {
        const char *once = jtext_search_key(arena, text);
        assert(text_is_utf8(once, strlen(once)));
        const char *narrow = jtext_narrow(arena, text);
        assert(text_is_utf8(narrow, strlen(narrow)));
        const char *digits = jtext_phone_digits(arena, text);
        assert(digits == NULL || digits[0] == '\0' || text_is_digits(digits));
        jtext_katakana(arena, text);
        jtext_postal_digits(arena, text);
        int64_t id = publicid_parse(text);
        assert(id >= 0 && id <= PUBLICID_MAX);
    }
    arena_free(arena);
    return 0;
}
