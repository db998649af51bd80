/*
 * compile_dictionary.h - what the parts of the dictionary's compiler share: the records as they
 * were read, and how rows of tables are written. A mistake in a record ends the compiler, with file
 * and line.
 */
#ifndef HERSYS_TOOLS_COMPILE_DICTIONARY_H
#define HERSYS_TOOLS_COMPILE_DICTIONARY_H

#include <rec.h>
#include <stdbool.h>
#include <stdio.h>

struct source {
    const char *file;
    rec_record_t record;
};

_Noreturn void fail(struct source source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The value of a key: "" when it is not there, or fatal. */
const char *field(struct source source, const char *name);
const char *needed(struct source source, const char *name);

/* Every key must be one of the blank-separated names. */
void only_keys(struct source source, const char *names);

/* Calls visit for every record of `type` in all files, in their order. */
void each(const char *type, void (*visit)(struct source source, FILE *out), FILE *out);

/* "all" or blank-separated form versions as a bit mask. */
unsigned form_mask(struct source source, const char *names);

/* The declared item's name, and its list ("" for none); fatal when there is no such item. */
const char *item_declared(struct source source, const char *name, const char **list);

/* A C string literal. */
void write_literal(FILE *out, const char *text);

/* ---- compile_paper.c ---- */

/* The table of the printed form (dictionary/paper.rec); the result is the number of its boxes. */
int paper_write(FILE *out);

/* ---- compile_words.c ---- */

/* The words of My HER-SYS (dictionary/words.rec), and then the enums of languages and words. */
void words_write(FILE *out);
void words_declare(FILE *out);

/* ---- compile_papers.c ---- */

/* The tables of the documents (dictionary/papers.rec), and then their declarations. */
void papers_write(FILE *out);
void papers_declare(FILE *out);

#endif
