/* fuzz_contact_sheet.c - anything pasted as contacts: few rows at most, and each value is canonical or kept as it was typed. */
#include "fuzz.h"

#include "exchange/contact_sheet.h"

static void
check(struct arena *arena, const struct contact_sheet *sheet)
{
    assert(sheet->count <= CONTACT_SHEET_ROWS && sheet->column_count <= CONTACT_SHEET_COLUMNS);
    assert(sheet->left_out == 0 || sheet->count == CONTACT_SHEET_ROWS);
    for (size_t row = 0; row < sheet->count; row++)
        for (int item = 0; item < ITEM_COUNT; item++) {
            const struct document *doc = &sheet->rows[row];
            struct document again = {0};
            const char *message = NULL;
            assert((doc->typed[item] != NULL) == (problems_of(&sheet->problems[row], item) != NULL));
            if (!document_has(doc, item))
                continue;
            assert(doc->typed[item] == NULL);
            assert(document_type_in(arena, &again, item, doc->value[item], &message));
            assert(text_same(again.value[item], doc->value[item]));
        }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();

    if (text_is_utf8((const char *)data, size)) {
        const char *text = text_copy_n(arena, (const char *)data, size);
        struct contact_sheet *sheet = ARENA_NEW(arena, struct contact_sheet);
        contact_sheet_read(arena, text, sheet);
        check(arena, sheet);
        contact_sheet_names(arena, text, sheet);
        check(arena, sheet);
    }
    arena_free(arena);
    return 0;
}
