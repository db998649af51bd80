/*
 * words.h - the words of My HER-SYS in the language of who reads them (dictionary/words.rec). What staff see stays Japanese: codes are
 * stored, never words.
 */
#ifndef HERSYS_DICTIONARY_WORDS_H
#define HERSYS_DICTIONARY_WORDS_H

#include "base/arena.h"
#include "dictionary/dictionary.h"

/* The language with this code ("zh_hans"), or -1. */
int words_language(const char *code);

/* Its code, and its own name for itself. */
const char *words_code(enum language language);
const char *words_language_name(enum language language);

/* The first language of an Accept-Language header that is one of ours; -1 when none is. Weights are not read: browsers put the
 * best first. */
int words_accepted(const char *header);

/* The word by its number, and by its name (an item's, or a list's with "_" and a code); the latter NULL when there is none. */
const char *words_text(enum language language, enum word_name word);
const char *words_named(enum language language, const char *name);

/* The label of a choice; the Japanese one of the list when the catalogue has none. */
const char *words_choice(struct arena *arena, enum language language, int list, const char *code);

/* A text with its numbers: $MIN, $MAX and $N. */
const char *words_fill(struct arena *arena, const char *text, const char *min, const char *max, int n);

#endif
