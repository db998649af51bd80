/*
 * jtext.h - Japanese text: widths, kana, search keys, and the digits in telephone numbers and postal codes.
 *
 * Two rules (design.md section 5): what a person typed is stored as typed, never normalised, because normalising
 * changes names (神 U+FA19 becomes 神 U+795E); and a second value, the search key, is made here from it.
 * All input must be valid UTF-8.
 */
#ifndef HERSYS_BASE_JTEXT_H
#define HERSYS_BASE_JTEXT_H

#include <stdbool.h>

#include "base/arena.h"

/*
 * The search key (検索キー) of a name or of what is typed into the search box. Equal keys mean "the same to a person who
 * searches": widths, hiragana and katakana, small kana, long-vowel marks and hyphens, blanks, middle dots, variation
 * selectors and old glyphs (髙 高, 﨑 崎, 齋 斉) make no difference. ﾔﾏﾀﾞ ﾀﾛｳ = やまだ　たろう = ヤマダ・タロウ.
 */
char *jtext_search_key(struct arena *arena, const char *text);

/* Full-width ASCII, digits and the usual dashes become ASCII; half-width kana become full-width; the rest stays. */
char *jtext_narrow(struct arena *arena, const char *text);

/* Hiragana becomes katakana, half-width katakana becomes full-width; the rest stays. For furigana fields. */
char *jtext_katakana(struct arena *arena, const char *text);

/* True when the text holds only katakana, the long-vowel mark, middle dots and blanks. */
bool jtext_is_katakana(const char *text);

/*
 * Digits of a number that people write with hyphens, brackets, blanks or in full width ("０９０－１２３４－５６７８").
 * Returns NULL when anything else is in it. "+81" becomes the leading 0. An empty text gives "".
 */
char *jtext_phone_digits(struct arena *arena, const char *text);

/* The digits of a mobile number, which SMS can reach (11 digits, from 060, 070, 080 or 090); NULL otherwise. */
char *jtext_mobile_digits(struct arena *arena, const char *text);

/* Seven digits of a postal code ("〒１２３－４５６７"), or NULL when it is not one. */
char *jtext_postal_digits(struct arena *arena, const char *text);

/* A time of the day as "07:30", out of 7:30 or ７：３０; NULL when it is none. */
const char *jtext_clock(struct arena *arena, const char *text);

/* 0312345678 as 03-1234-5678 as far as the numbering plan is plain (mobile, IP, 0120, 2-digit area codes). */
char *jtext_phone_shown(struct arena *arena, const char *digits);

#endif
