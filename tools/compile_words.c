/* compile_words.c - the words of My HER-SYS out of dictionary/words.rec: one row for each word, one text for each language. */
#include "compile_dictionary.h"

#include <string.h>

enum { MAX_LANGUAGES = 16 };

static const char *codes[MAX_LANGUAGES]; /* of the list `language`, in its order */
static int language_count, words_written;
static char keys[512];

static void
read_language(struct source source, FILE *out)
{
    (void)out;
    if (strcmp(field(source, "List"), "language") != 0)
        return;
    if (language_count == MAX_LANGUAGES || strlen(keys) + strlen(needed(source, "Code")) + 2 > sizeof keys)
        fail(source, "too many languages");
    codes[language_count++] = field(source, "Code");
    strcat(strcat(keys, " "), field(source, "Code"));
}

static void
write_word(struct source source, FILE *out)
{
    only_keys(source, keys);
    fputs("    {", out);
    write_literal(out, needed(source, "Name"));
    fputs(", {", out);
    for (int i = 0; i < language_count; i++) {
        write_literal(out, needed(source, codes[i]));
        fputs(", ", out);
    }
    fputs("}},\n", out);
    words_written++;
}

void
words_write(FILE *out)
{
    strcpy(keys, "Name");
    each("Choice", read_language, NULL);
    fputs("\nconst struct word dictionary_words[WORD_COUNT] = {\n", out);
    each("Word", write_word, out);
    fputs("};\n", out);
}

static void
declare_word(struct source source, FILE *out)
{
    fprintf(out, "    WORD_%s,\n", field(source, "Name"));
}

void
words_declare(FILE *out)
{
    fputs("\nenum language {\n", out);
    for (int i = 0; i < language_count; i++)
        fprintf(out, "    LANGUAGE_%s,\n", codes[i]);
    fputs("    LANGUAGE_COUNT\n};\n\nenum word_name {\n", out);
    each("Word", declare_word, out);
    fputs("    WORD_COUNT\n};\n", out);
}
