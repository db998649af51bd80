/* words.c - see words.h. */
#include "dictionary/words.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"

int
words_language(const char *code)
{
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        if (strcmp(dictionary_lists[LIST_language].choices[i].code, code) == 0)
            return i;
    return -1;
}

const char *
words_code(enum language language)
{
    return dictionary_lists[LIST_language].choices[language].code;
}

const char *
words_language_name(enum language language)
{
    return dictionary_lists[LIST_language].choices[language].label;
}

/* What browsers call the languages, the longer names first. */
static const struct {
    const char *tag;
    enum language language;
} tags[] = {
    {"zh-hant", LANGUAGE_zh_hant}, {"zh-tw", LANGUAGE_zh_hant}, {"zh-hk", LANGUAGE_zh_hant}, {"zh-mo", LANGUAGE_zh_hant},
    {"zh", LANGUAGE_zh_hans},      {"fil", LANGUAGE_tl},        {"tl", LANGUAGE_tl},         {"ja", LANGUAGE_ja},
    {"en", LANGUAGE_en},           {"ko", LANGUAGE_ko},         {"vi", LANGUAGE_vi},         {"pt", LANGUAGE_pt},
    {"es", LANGUAGE_es},           {"ne", LANGUAGE_ne},
};

/* The language of one tag ("pt-BR"), which ends at its size. */
static int
language_of_tag(const char *tag, size_t size)
{
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t n = strlen(tags[i].tag);
        if (n <= size && strncasecmp(tags[i].tag, tag, n) == 0 && (n == size || tag[n] == '-'))
            return (int)tags[i].language;
    }
    return -1;
}

int
words_accepted(const char *header)
{
    for (const char *p = header; *p != '\0';) {
        p += strspn(p, " ,");
        int language = language_of_tag(p, strcspn(p, " ,;"));
        if (language >= 0)
            return language;
        p += strcspn(p, ",");
    }
    return -1;
}

const char *
words_text(enum language language, enum word_name word)
{
    return dictionary_words[word].text[language];
}

const char *
words_named(enum language language, const char *name)
{
    for (int i = 0; i < WORD_COUNT; i++)
        if (strcmp(dictionary_words[i].name, name) == 0)
            return dictionary_words[i].text[language];
    return NULL;
}

const char *
words_choice(struct arena *arena, enum language language, int list, const char *code)
{
    const char *word = words_named(language, text_format(arena, "%s_%s", dictionary_lists[list].name, code));

    return word != NULL ? word : dictionary_label(list, code);
}

const char *
words_fill(struct arena *arena, const char *text, const char *min, const char *max, int n)
{
    struct buf out = buf_new(arena);

    for (const char *p = text; *p != '\0';) {
        size_t plain = strcspn(p, "$");
        buf_add(&out, p, plain);
        p += plain;
        if (text_starts(p, "$MIN")) {
            buf_add_text(&out, min);
            p += 4;
        } else if (text_starts(p, "$MAX")) {
            buf_add_text(&out, max);
            p += 4;
        } else if (text_starts(p, "$N")) {
            buf_printf(&out, "%d", n);
            p += 2;
        } else if (*p != '\0') {
            buf_add_char(&out, *p++);
        }
    }
    return buf_text(&out);
}
