/* fuzz_urlencoded.c - posted forms: what is read can be written and read again to the same. */
#include "fuzz.h"

#include "web/form.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct form *form = ARENA_NEW(arena, struct form), *again = ARENA_NEW(arena, struct form);

    if (form_parse_urlencoded(arena, (const char *)data, size, form) == 0) {
        const char *encoded = form_encode(arena, form);
        assert(form_parse_urlencoded(arena, encoded, strlen(encoded), again) == 0);
        assert(again->count == form->count);
        for (size_t i = 0; i < form->count; i++) {
            assert(strcmp(again->fields[i].name, form->fields[i].name) == 0);
            assert(strcmp(again->fields[i].value, form->fields[i].value) == 0);
            assert(text_is_utf8(form->fields[i].value, strlen(form->fields[i].value)));
        }
    }
    arena_free(arena);
    return 0;
}
