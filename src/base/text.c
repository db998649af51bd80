/* text.c - see text.h. */
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define IDEOGRAPHIC_SPACE "\xe3\x80\x80"

char *
text_copy_n(struct arena *arena, const char *data, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);

    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *
text_copy(struct arena *arena, const char *text)
{
    return text == NULL ? NULL : text_copy_n(arena, text, strlen(text));
}

char *
text_format(struct arena *arena, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(size >= 0);
    char *text = arena_alloc(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

bool
text_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

bool
text_same(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

bool
text_starts(const char *text, const char *prefix)
{
    return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
text_ends(const char *text, const char *suffix)
{
    if (text == NULL)
        return false;
    size_t size = strlen(text), wanted = strlen(suffix);
    return size >= wanted && strcmp(text + size - wanted, suffix) == 0;
}

bool
text_is_digits(const char *text)
{
    if (text_empty(text))
        return false;
    return text[strspn(text, "0123456789")] == '\0';
}

/* Length of the blank at `p`, 0 when there is none. */
static size_t
blank_at(const char *p)
{
    if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')
        return 1;
    return strncmp(p, IDEOGRAPHIC_SPACE, 3) == 0 ? 3 : 0;
}

char *
text_trim(struct arena *arena, const char *text)
{
    if (text == NULL)
        return NULL;
    for (size_t n; (n = blank_at(text)) > 0;)
        text += n;
    const char *end = text;
    for (const char *p = text; *p != '\0';) {
        size_t n = blank_at(p);
        p += n > 0 ? n : 1;
        if (n == 0)
            end = p;
    }
    return text_copy_n(arena, text, (size_t)(end - text));
}

char **
text_split(struct arena *arena, const char *text, char separator, size_t *count)
{
    *count = 0;
    if (text_empty(text))
        return NULL;
    size_t parts = 1;
    for (const char *p = text; *p != '\0'; p++)
        parts += *p == separator;
    char **result = ARENA_ARRAY(arena, parts, char *);
    for (const char *start = text;; start++) {
        const char *end = strchr(start, separator);
        size_t size = end == NULL ? strlen(start) : (size_t)(end - start);
        result[(*count)++] = text_copy_n(arena, start, size);
        if (end == NULL)
            return result;
        start = end;
    }
}

bool
text_has_word(const char *list, const char *word)
{
    size_t size = strlen(word);

    for (const char *p = list; !text_empty(p);) {
        size_t n = strcspn(p, " ");
        if (n == size && memcmp(p, word, n) == 0)
            return true;
        p += n;
        p += strspn(p, " ");
    }
    return false;
}

int
text_to_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
    if (text_empty(text))
        return -1;
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (!text_is_digits(digits))
        return -1;
    errno = 0;
    long long value = strtoll(text, NULL, 10);
    if (errno != 0 || value < min || value > max)
        return -1;
    *out = value;
    return 0;
}

char *
text_without_commas(struct arena *arena, const char *number)
{
    char *out = text_copy(arena, number), *end = out;

    for (; *number != '\0'; number++)
        if (*number != ',' || strcspn(number + 1, ",") != 3)
            *end++ = *number;
    *end = '\0';
    return out;
}

size_t
text_length(const char *text)
{
    size_t length = 0;

    for (const char *p = text; !text_empty(p) && *p != '\0'; p++)
        length += ((unsigned char)*p & 0xC0) != 0x80;
    return length;
}

/* The character at `data` of `left` bytes; *taken is how many are its own. */
static utf8proc_int32_t
utf16_character(const unsigned char *data, size_t left, size_t *taken)
{
    enum { REPLACEMENT = 0xFFFD };

    *taken = left < 2 ? left : 2;
    if (left < 2)
        return REPLACEMENT;
    utf8proc_int32_t high = data[0] << 8 | data[1];
    if ((high & 0xF800) != 0xD800)
        return (high >= 0x20 && high != 0x7F) || (high >= '\t' && high <= '\r') ? high : REPLACEMENT;
    utf8proc_int32_t low = left < 4 ? 0 : data[2] << 8 | data[3];
    if ((high & 0x0400) != 0 || (low & 0xFC00) != 0xDC00)
        return REPLACEMENT;
    *taken = 4;
    return 0x10000 + ((high & 0x3FF) << 10 | (low & 0x3FF));
}

char *
text_from_utf16(struct arena *arena, const char *data, size_t size)
{
    const unsigned char *p = (const unsigned char *)data;
    char *out = arena_alloc(arena, size / 2 * 3 + 4); /* two bytes make three at most, four make four */
    size_t n = 0;

    for (size_t at = 0, taken; at < size; at += taken)
        n += (size_t)utf8proc_encode_char(utf16_character(p + at, size - at, &taken),
                                          (utf8proc_uint8_t *)out + n);
    out[n] = '\0';
    return out;
}

bool
text_is_utf8(const char *data, size_t size)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)data;

    while (size > 0) {
        utf8proc_int32_t code;
        utf8proc_ssize_t n = utf8proc_iterate(p, (utf8proc_ssize_t)size, &code);
        if (n <= 0 || code == 0)
            return false;
        p += n;
        size -= (size_t)n;
    }
    return true;
}
