/*
 * papers.h - the text of a document (文書): words with places, such as {{氏名}}, that are filled in when it is issued. Which
 * places there are, and what each means, is dictionary/papers.rec. A line is words, or one of these:
 *
 *     見出し｜内容     a row of a table
 *     記             in the middle
 *     以上           on the right
 */
#ifndef HERSYS_DICTIONARY_PAPERS_H
#define HERSYS_DICTIONARY_PAPERS_H

#include "base/arena.h"
#include "dictionary/dictionary.h"

enum { PAPERS_MAX_TITLE = 60, PAPERS_MAX_BODY = 2000 }; /* characters */

/* Of a value for each place; "" or NULL: there is none. */
struct papers_values {
    const char *value[PAPERS_PLACE_COUNT];
};

enum papers_line_kind { PAPERS_LINE_words, PAPERS_LINE_row, PAPERS_LINE_centre, PAPERS_LINE_right };

struct papers_line {
    enum papers_line_kind kind;
    const char *label; /* of a row */
    const char *text;  /* "" for an empty line */
    bool missing;      /* a place in it has no value: it says which, in 〔 〕 */
};

struct papers_lines {
    size_t count;
    const struct papers_line *list;
};

/* The kind with this name, or NULL. */
const struct papers_kind *papers_kind_find(const char *name);

/*
 * Why a text cannot stand for papers of this kind, as one sentence that says where: a place that is not known, not closed, or
 * not for who receives it. NULL when it can.
 */
const char *papers_problem(struct arena *arena, const struct papers_kind *kind, const char *text);

/*
 * The lines of a text with its places filled in. With values NULL nothing is looked for: what was filled in once is only cut
 * into its lines. The text must have no problem. Of a value, ends of lines become blanks and 「｜」 becomes "|".
 */
struct papers_lines papers_fill(struct arena *arena, const char *text,
                                const struct papers_values *values);

/* The lines as one text again, to be kept. */
const char *papers_join(struct arena *arena, struct papers_lines lines);

/* Whether the text names the place. */
bool papers_names(const char *text, const struct papers_place *place);

#endif
