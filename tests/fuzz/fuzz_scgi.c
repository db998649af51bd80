/* fuzz_scgi.c - requests from the socket: parsing in pieces and at once must agree. */
#include "fuzz.h"

#include "web/request.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct scgi scgi, part;
    struct request request;
    size_t wanted;
    enum scgi_status whole = scgi_parse(arena, (const char *)data, size, &scgi, &wanted);

    if (size > 0 && whole == SCGI_OK)
        assert(wanted <= size);
    if (size > 0) {
        /* A prefix is never more than the whole: malformed stays malformed, complete stays complete. */
        enum scgi_status half = scgi_parse(arena, (const char *)data, size / 2, &part, &wanted);
        assert(half == SCGI_INCOMPLETE || half == whole);
    }
    if (whole == SCGI_OK)
        request_init(&request, arena, &scgi);
    arena_free(arena);
    return 0;
}
