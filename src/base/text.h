/*
 * text.h - small helpers for NUL-terminated UTF-8 strings in an arena. No knowledge of Japanese (see jtext.h).
 */
#ifndef HERSYS_BASE_TEXT_H
#define HERSYS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Copies. text_copy(NULL) is NULL. */
char *text_copy(struct arena *arena, const char *text);
char *text_copy_n(struct arena *arena, const char *data, size_t size);

/* printf into the arena. */
char *text_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));

/* True for NULL and "". */
bool text_empty(const char *text);

/* Equal strings; NULL equals "" (a value that is not there). */
bool text_same(const char *a, const char *b);

bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);

/* True when not empty and all ASCII digits. */
bool text_is_digits(const char *text);

/* Without ASCII and ideographic blanks at both ends. */
char *text_trim(struct arena *arena, const char *text);

/* Splits at every `separator`; returns the parts, their number in *count. An empty text has no parts. */
char **text_split(struct arena *arena, const char *text, char separator, size_t *count);

/* True when `word` is one of the blank-separated words of `list` (the canonical form of several choices). */
bool text_has_word(const char *list, const char *word);

/* Decimal to integer: 0 and *out set, or -1 when it is not a whole number in [min, max]. */
int text_to_int(const char *text, int64_t min, int64_t max, int64_t *out);

/* A number as people write it, "1,234,567", without the commas between thousands; all others stay. */
char *text_without_commas(struct arena *arena, const char *number);

/* Characters (code points), not bytes; the text must be valid UTF-8. */
size_t text_length(const char *text);

/*
 * UTF-8 out of big-endian UTF-16, as telephones send it. What is no character there (half a pair, an odd byte at the end, NUL and
 * other controls than blanks and line ends) becomes U+FFFD, so that no message is lost for it.
 */
char *text_from_utf16(struct arena *arena, const char *data, size_t size);

/* True when the bytes are well-formed UTF-8 (RFC 3629) without NUL. */
bool text_is_utf8(const char *data, size_t size);

#endif
