/* fuzz_papers.c - any text as that of a document: it is refused with a sentence, or its places are filled and nothing else changes. */
#include "fuzz.h"

#include "dictionary/papers.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = fuzz_text(arena, data, size);
    struct papers_values values;

    for (int i = 0; i < PAPERS_PLACE_COUNT; i++)
        values.value[i] = i % 2 == 0 ? "山" : "";
    for (int i = 0; text != NULL && i < PAPERS_KIND_COUNT; i++) {
        if (papers_problem(arena, &papers_kinds[i], text) != NULL)
            continue;
        struct papers_lines once = papers_fill(arena, text, &values);
        const char *joined = papers_join(arena, once);
        struct papers_lines again = papers_fill(arena, joined, NULL);
        assert(strstr(joined, "{{") == NULL && strstr(joined, "}}") == NULL);
        assert(once.count == again.count);
        assert(text_same(papers_join(arena, again), joined));
        for (int j = 0; j < PAPERS_PLACE_COUNT; j++)
            assert(!papers_names(joined, &papers_places[j]));
    }
    arena_free(arena);
    return 0;
}
