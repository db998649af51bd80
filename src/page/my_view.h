/* my_view.h - what the screens of My HER-SYS share: session, language, frame, and the questions as fields in that language. */
#ifndef HERSYS_PAGE_MY_VIEW_H
#define HERSYS_PAGE_MY_VIEW_H

#include "core/my.h"
#include "dictionary/words.h"
#include "page/page.h"

/* A request to My HER-SYS. */
struct my {
    struct my_session session;
    const struct my_person *person; /* that the path names; NULL where it names none */
    enum language language;
    bool is_chosen; /* in this browser; otherwise the language is the person's or the browser's own */
};

/* Enters the session and finds the language; answers and returns false when the database failed. */
bool my_begin(struct context *c, struct my *my);

/*
 * The same, and the person whose number stands in part 2 of the path; answers and returns false when there is no session, or no such
 * person, or nobody awaits an answer of theirs any more.
 */
bool my_open(struct context *c, struct my *my);

/* The same, and also for somebody whose observation has ended some days ago: what there is may be opened still. */
bool my_open_still(struct context *c, struct my *my);

/* Whether a posted form carries the session's token; answers and returns false when it does not. */
bool my_is_ours(struct context *c, const struct my *my);

/* The frame in the reader's language; `title` is the heading. */
struct view *my_view(struct context *c, const struct my *my, enum word_name title);

/* A page that says one thing; the script of a page is told the same: refused, or kept when the session is not the one for it. */
void my_message(struct context *c, const struct my *my, int status, enum word_name text);

/* Whether the page's script has posted a form that the telephone had kept (web/js/my.js). */
bool my_is_by_script(const struct context *c);

/*
 * What the script is told instead of a page: `state` is stored, wrong (cannot be read), refused (is not taken) or kept (the link must be
 * opened again); `path` is where the person goes on, `text` what they are told in their language.
 */
void my_answer_script(struct context *c, int status, const char *state, const char *path, const char *text);

/* "/my/entry/2". */
const char *my_path(struct context *c, const char *page, int no);

/* The page and the browser speak this language from now on. */
void my_choose_language(struct context *c, struct my *my, enum language language);

/* And so do the messages to the person whose page it is, if the language was chosen: after what they have posted, never for a look. */
void my_keep_language(struct context *c, const struct my *my);

/* Gives the browser the session that was opened. */
void my_keep_session(struct context *c, const struct my *my);

/* ---- questions (my_form.c) ---- */

enum { MY_MOST_ITEMS = 40 };

struct my_items {
    size_t count;
    int item[MY_MOST_ITEMS];
};

/* The items that rules name, each once, and that the catalogue has words for; with the reason why SpO2 is blank behind it. */
struct my_items my_items_of(struct arena *arena, const char *questions);

/* The items of a tab of entries, in the order of its form. */
struct my_items my_items_of_tab(enum tab tab);

/* Reads what was posted, by the dictionary's own readers. */
void my_read(struct context *c, const struct my_items *items, struct document *doc, struct problems *problems);

/* The lists "fields" and "wrong" (what cannot be read, and why). */
void my_fill(struct context *c, struct view *view, const struct my *my, const struct my_items *items,
             const struct document *doc, const struct problems *problems);

/* What is filled in, as list "values" of `view`. */
void my_fill_values(struct context *c, struct view *view, const struct my *my, const struct my_items *items,
                    const struct document *doc);

#endif
