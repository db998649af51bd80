/* csv.c - see csv.h. The grammar is libcsv's; the lines are counted here, because it does not say where it is. */
#include "exchange/csv.h"

#include <csv.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"

/* ---- encodings ----------------------------------------------------------------------------------------------------- */

const char *
csv_encoding_label(enum csv_encoding encoding)
{
    static const char *const labels[] = {[CSV_UTF8] = "UTF-8", [CSV_CP932] = "Shift_JIS（CP932）"};

    return labels[encoding];
}

static size_t
line_of(const char *data, const char *at)
{
    size_t line = 1;

    for (const char *p = data; p < at; p++)
        line += *p == '\n';
    return line;
}

/* The text converted, or NULL with *bad at the first byte that is none of CP932. */
static const char *
from_cp932(struct arena *arena, const char *data, size_t size, const char **bad)
{
    size_t room = size * 3 + 1; /* a half-width kana of one byte becomes three */
    char *text = arena_alloc(arena, room), *out = text;
    char *in = (char *)(uintptr_t)data;
    size_t left = size;

    *bad = memchr(data, '\0', size); /* UTF-16, or no text at all */
    if (*bad != NULL)
        return NULL;
    iconv_t converter = iconv_open("UTF-8", "CP932");

    if (converter == (iconv_t)-1)
        abort(); /* glibc without its converters: a broken installation */
    size_t failed = iconv(converter, &in, &left, &out, &room);
    iconv_close(converter);
    *bad = in;
    return failed == (size_t)-1 ? NULL : text;
}

const char *
csv_decode(struct arena *arena, const char *data, size_t size, enum csv_encoding *encoding,
           size_t *line)
{
    size_t mark = size >= 3 && memcmp(data, CSV_BYTE_ORDER_MARK, 3) == 0 ? 3 : 0;
    const char *bad;

    *encoding = CSV_UTF8;
    if (text_is_utf8(data + mark, size - mark))
        return text_copy_n(arena, data + mark, size - mark);
    *encoding = CSV_CP932;
    const char *text = from_cp932(arena, data, size, &bad);
    *line = text == NULL ? line_of(data, bad) : 0;
    return text;
}

/* ---- formulas ------------------------------------------------------------------------------------------------------ */

/* Length of a character that nobody sees at `p` (blank, zero-width, byte order mark), 0 when there is none. */
static size_t
unseen_at(const char *p)
{
    static const char *const unseen[] = {" ",
                                         "\xe3\x80\x80",
                                         "\xe2\x80\x8b",
                                         "\xe2\x80\x8c",
                                         "\xe2\x80\x8d",
                                         "\xe2\x81\xa0",
                                         CSV_BYTE_ORDER_MARK};

    if (p[0] == '\0' || strchr(" \xe2\xe3\xef", p[0]) == NULL) /* with one of these each begins */
        return 0;
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (text_starts(p, unseen[i]))
            return strlen(unseen[i]);
    return 0;
}

/*
 * Would a spreadsheet take the cell for a formula? Full-width signs count as their narrow forms, because some programs
 * narrow them first.
 */
static bool
is_formula(struct arena *arena, const char *cell)
{
    for (size_t n; (n = unseen_at(cell)) > 0;)
        cell += n;
    bool is_ascii = (cell[0] & 0x80) == 0;
    if (cell[0] == '\0' || (!is_ascii && strchr("\xcb\xe2\xef", cell[0]) == NULL)) /* with one of these each begins that is a sign when narrow */
        return false;
    size_t first = 1; /* bytes of the first character, which alone decides */
    while ((cell[first] & 0xC0) == 0x80)
        first++;
    const char *narrow = is_ascii ? cell : jtext_narrow(arena, text_copy_n(arena, cell, first));
    return strchr("=+-@\t\r", narrow[0]) != NULL;
}

/* The cell as it was before csv_add_cell guarded it. */
static const char *
unguarded(struct arena *arena, const char *cell)
{
    return cell[0] == '\'' && is_formula(arena, cell + 1) ? cell + 1 : cell;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

struct reader {
    bool (*visit)(const struct csv_row *row, void *context);
    void *context;
    struct arena *arena; /* of one row */
    size_t lines;        /* read so far */
    size_t line;         /* on which the row began */
    size_t number, count, capacity;
    const char **cells;
    bool inside; /* of a row that is not over */
    bool stopped;
};

static void
on_cell(void *cell, size_t size, void *context)
{
    struct reader *r = context;

    r->cells = arena_grown(r->arena, r->cells, r->count, &r->capacity, sizeof *r->cells);
    r->cells[r->count++] = unguarded(r->arena, text_copy_n(r->arena, cell, size));
}

static bool
is_empty_row(const struct reader *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->cells[i][0] != '\0')
            return false;
    return true;
}

static void
on_row(int end, void *context)
{
    struct reader *r = context;
    struct csv_row row = {r->number, r->line, r->count, r->cells};

    (void)end;
    if (!r->stopped && !is_empty_row(r)) { /* spreadsheets leave rows of commas behind */
        r->stopped = !r->visit(&row, r->context);
        r->number++;
    }
    arena_reset(r->arena);
    r->cells = NULL;
    r->count = r->capacity = 0;
    r->inside = false;
}

/* Reads one line of `size` bytes. False when it is no CSV. */
static bool
read_line(struct reader *r, struct csv_parser *parser, const char *line, size_t size)
{
    r->lines++;
    if (!r->inside) {
        r->line = r->lines;
        r->inside = strchr("\r\n", line[strspn(line, " \t")]) == NULL;
    }
    return csv_parse(parser, line, size, on_cell, on_row, r) == size;
}

size_t
csv_read(const char *text, bool (*visit)(const struct csv_row *row, void *context), void *context)
{
    struct reader reader = {.visit = visit, .context = context, .arena = arena_new()};
    struct csv_parser parser;
    bool good = true;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        abort();
    while (*text != '\0' && good && !reader.stopped) {
        const char *end = strchr(text, '\n');
        size_t size = end == NULL ? strlen(text) : (size_t)(end + 1 - text);
        good = read_line(&reader, &parser, text, size);
        text += size;
    }
    if (good && !reader.stopped)
        good = csv_fini(&parser, on_cell, on_row, &reader) == 0;
    csv_free(&parser);
    arena_free(reader.arena);
    return good ? 0 : reader.line;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

/* Readers drop blanks around what is not quoted. */
static bool
needs_quotes(const char *cell)
{
    size_t size = strlen(cell);

    return strpbrk(cell, ",\"\r\n") != NULL ||
           (size > 0 && (strchr(" \t", cell[0]) != NULL || strchr(" \t", cell[size - 1]) != NULL));
}

void
csv_add_cell(struct buf *out, const char *cell, bool first)
{
    if (!first)
        buf_add_char(out, ',');
    if (cell[0] == '\0') /* most cells of a file of patients */
        return;
    bool guard = is_formula(out->arena, cell);
    if (!guard && !needs_quotes(cell)) {
        buf_add_text(out, cell);
        return;
    }
    buf_add_text(out, guard ? "\"'" : "\"");
    for (const char *p = cell; *p != '\0'; p++) {
        if (*p == '"')
            buf_add_char(out, '"');
        buf_add_char(out, *p);
    }
    buf_add_char(out, '"');
}

void
csv_end_row(struct buf *out)
{
    buf_add_text(out, "\r\n");
}

/* ---- writing CP932 ------------------------------------------------------------------------------------------------- */

#define GETA "\x81\xac" /* 〓, which Japanese printers put where a type is missing */

/* Length of a variation selector at `p`, which only chooses a glyph of the character before it; 0 when there is none. */
static size_t
selector_at(const char *p)
{
    return strncmp(p, "\xef\xb8", 2) == 0 && (unsigned char)p[2] >= 0x80 && (unsigned char)p[2] <= 0x8f ? 3
           : strncmp(p, "\xf3\xa0\x84", 3) == 0 || strncmp(p, "\xf3\xa0\x85", 3) == 0 ||
                   strncmp(p, "\xf3\xa0\x86", 3) == 0 || strncmp(p, "\xf3\xa0\x87", 3) == 0
               ? 4
               : 0;
}

/* What stands at `p` and CP932 does not have: passes over it. */
static char *
replace(struct buf *out, char *p)
{
    size_t selector = selector_at(p);

    if (selector > 0)
        return p + selector;
    buf_add_text(out, GETA);
    for (p++; (*p & 0xC0) == 0x80;)
        p++;
    return p;
}

size_t
csv_add_cp932(struct buf *out, const char *text)
{
    iconv_t converter = iconv_open("CP932", "UTF-8");
    char *in = (char *)(uintptr_t)text;
    size_t replaced = 0;

    if (converter == (iconv_t)-1)
        abort(); /* glibc without its converters: a broken installation */
    for (size_t left = strlen(text); left > 0; left = strlen(in)) {
        char piece[4096], *to = piece;
        size_t room = sizeof piece;
        size_t result = iconv(converter, &in, &left, &to, &room);
        buf_add(out, piece, sizeof piece - room);
        if (result == (size_t)-1 && errno != E2BIG) {
            in = replace(out, in);
            replaced++;
        }
    }
    iconv_close(converter);
    return replaced;
}
