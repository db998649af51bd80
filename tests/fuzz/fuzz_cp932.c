/* fuzz_cp932.c - any bytes: what is read as CP932 is UTF-8 without NUL, of as many lines; what is refused names a line of the file. */
#include "fuzz.h"

#include "exchange/csv.h"

static size_t
lines_in(const char *data, size_t size)
{
    size_t lines = 1;

    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    return lines;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *bytes = (const char *)data;
    enum csv_encoding encoding;
    size_t line;
    const char *text = csv_decode(arena, bytes, size, &encoding, &line);

    if (text == NULL) {
        assert(encoding == CSV_CP932 && line >= 1 && line <= lines_in(bytes, size));
    } else {
        assert(text_is_utf8(text, strlen(text)));
        /* No byte of a character in CP932 is a line end, so none is lost and none appears. */
        assert(lines_in(text, strlen(text)) == lines_in(bytes, size));
    }
    arena_free(arena);
    return 0;
}
