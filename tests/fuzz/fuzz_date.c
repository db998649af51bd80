/* fuzz_date.c - dates: whatever is read is a day of the calendar and survives its own spellings. */
#include "fuzz.h"

#include "base/date.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *text = fuzz_text(arena, data, size);
    date_day day, again;

    if (text != NULL) {
        enum date_verdict verdict = date_parse(text, &day);
        assert((verdict == DATE_OK) == (day != DATE_NONE));
        if (verdict == DATE_OK) {
            assert(date_from_iso(date_iso(arena, day)) == day);
            assert(date_parse(date_slashed(arena, day), &again) == DATE_OK && again == day);
            assert(date_parse(date_japanese(arena, day), &again) == DATE_OK && again == day);
        }
    }
    arena_free(arena);
    return 0;
}
