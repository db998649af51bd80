/* fuzz_published_csv.c - any file as what an office has published: few rows, each day once and none to come, and it reads back the same. */
#include "fuzz.h"

#include "exchange/csv.h"
#include "exchange/published_csv.h"

static void
check(const struct published_table *table, date_day today)
{
    assert(table->count <= PUBLISHED_ROWS && (table->count > 0 || table->problem_count > 0));
    for (size_t i = 0; i < table->problem_count && i < PUBLISHED_PROBLEMS; i++) {
        const struct published_problem *problem = &table->problems[i];
        assert(problem->line > 0 && text_is_utf8(problem->word, strlen(problem->word)) && problem->text[0] != '\0');
    }
    for (size_t i = 0; i < table->count; i++) {
        assert(table->rows[i].day != DATE_NONE && table->rows[i].day <= today);
        for (int s = 0; s < PUBLISHED_SERIES; s++)
            assert(table->rows[i].counts[s] >= -1);
        for (size_t k = 0; k < i; k++)
            assert(table->rows[k].day != table->rows[i].day);
    }
}

/* The rows as a table of their own. */
static const char *
written(struct arena *arena, const struct published_table *table)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < table->count; i++) {
        buf_add_text(&out, date_iso(arena, table->rows[i].day));
        for (int s = 0; s < PUBLISHED_SERIES; s++)
            if (table->rows[i].counts[s] < 0)
                buf_add_char(&out, ',');
            else
                buf_printf(&out, ",%lld", (long long)table->rows[i].counts[s]);
        csv_end_row(&out);
    }
    return buf_text(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    enum csv_encoding encoding;
    size_t line;
    const char *text = csv_decode(arena, (const char *)data, size, &encoding, &line);

    if (text != NULL) {
        date_day today = date_from_iso("2022-03-31");
        const struct published_table *table = published_csv_read(arena, text, today);
        check(table, today);
        if (table->count > 0) {
            const struct published_table *again = published_csv_read(arena, written(arena, table), today);
            assert(again->problem_count == 0 && again->count == table->count);
            assert(memcmp(again->rows, table->rows, table->count * sizeof *table->rows) == 0);
        }
    }
    arena_free(arena);
    return 0;
}
