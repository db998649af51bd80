/* fuzz_document.c - a whole form typed in, derived, checked, pruned and shown: the first byte chooses the version. */
#include "fuzz.h"

#include "dictionary/document.h"
#include "web/form.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct form *form = ARENA_NEW(arena, struct form);
    struct document doc = {0};
    struct problems problems = {0};

    if (size > 0 &&
        form_parse_urlencoded(arena, (const char *)data + 1, size - 1, form) == 0) {
        struct form_view view = {data[0] % FORM_COUNT, data[0] >= 128};
        for (size_t i = 0; i < form->count; i++) {
            int item = dictionary_item(form->fields[i].name);
            const char *message = NULL;
            if (item >= 0)
                assert(document_type_in(arena, &doc, item, form->fields[i].value, &message) ==
                       (message == NULL));
        }
        document_derive(arena, &doc);
        document_check(arena, &doc, view, &problems);
        document_prune(&doc, view.form);
        for (int i = 0; i < ITEM_COUNT; i++)
            assert(document_shown(arena, &doc, i) != NULL);
    }
    arena_free(arena);
    return 0;
}
