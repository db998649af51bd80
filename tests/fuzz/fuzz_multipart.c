/* fuzz_multipart.c - uploads; the first line of the input is the content type. */
#include "fuzz.h"

#include "web/form.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct form *form = ARENA_NEW(arena, struct form);
    const char *line = memchr(data, '\n', size);
    size_t head = line == NULL ? 0 : (size_t)(line - (const char *)data);
    const char *type = text_format(arena, "multipart/form-data; boundary=%s",
                                   text_copy_n(arena, (const char *)data, head));
    const char *boundary = form_boundary(arena, type);

    if (boundary != NULL &&
        form_parse_multipart(arena, boundary, (const char *)data + head, size - head, form) == 0)
        for (size_t i = 0; i < form->count; i++) {
            assert(form->fields[i].name != NULL && form->fields[i].value != NULL);
            assert(form->fields[i].size <= size);
        }
    arena_free(arena);
    return 0;
}
