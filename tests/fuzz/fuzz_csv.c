/* fuzz_csv.c - files of any encoding: rows are read, and what is written of them reads back the same. */
#include "fuzz.h"

#include "exchange/csv.h"

static bool
write_again(const struct csv_row *row, void *context)
{
    struct buf *out = context;

    for (size_t i = 0; i < row->count; i++)
        csv_add_cell(out, row->cells[i], i == 0);
    csv_end_row(out);
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    enum csv_encoding encoding;
    size_t line;
    const char *text = csv_decode(arena, (const char *)data, size, &encoding, &line);

    if (text != NULL) {
        struct buf once = buf_new(arena), twice = buf_new(arena);
        assert(text_is_utf8(text, strlen(text)));
        csv_read(text, write_again, &once);
        assert(csv_read(buf_text(&once), write_again, &twice) == 0);
        assert(text_same(buf_text(&once), buf_text(&twice)));
    }
    arena_free(arena);
    return 0;
}
