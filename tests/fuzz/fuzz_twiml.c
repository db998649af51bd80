/* fuzz_twiml.c - what an application answers, or whoever stands in its place: whatever comes, the document that is read keeps its limits. */
#include "fuzz.h"
#include "voice/twiml.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const struct twiml *document = twiml_read(arena, data, size);

    assert(document == NULL || document->count <= TWIML_VERBS_MOST);
    for (size_t i = 0; document != NULL && i < document->count; i++) {
        const struct twiml_verb *verb = &document->verbs[i];
        assert(verb->kind >= TWIML_SAY && verb->kind <= TWIML_HANGUP);
        assert(strlen(verb->text) <= TWIML_TEXT_MOST && text_is_utf8(verb->text, strlen(verb->text)));
        assert(verb->seconds >= 0 && verb->seconds <= TWIML_SECONDS_MOST && verb->keys >= 0 && verb->keys <= TWIML_KEYS_MOST);
        assert(i + verb->inside < document->count);
        for (size_t inside = 1; inside <= verb->inside; inside++)
            assert(document->verbs[i + inside].kind <= TWIML_PAUSE);
    }
    arena_free(arena);
    return 0;
}
