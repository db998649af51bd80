/* papers_view.h - what the screens of the documents (文書) share: the document as it will be printed, what is typed, the PDF. */
#ifndef HERSYS_PAGE_PAPERS_VIEW_H
#define HERSYS_PAGE_PAPERS_VIEW_H

#include "core/papers.h"
#include "page/page.h"

/* What somebody typed for the places, by place. */
struct papers_typed {
    const char *shown[PAPERS_PLACE_COUNT]; /* as it was typed */
    const char *value[PAPERS_PLACE_COUNT]; /* as it is printed; "" for nothing */
    const char *problem;                   /* the first that cannot be read, as a sentence; NULL: none */
};

/* Reads the fields v_<key> of the posted form. */
struct papers_typed papers_view_typed(struct context *c);

/*
 * The fields for what may be typed and the text names: list "places". `recorded` is what stands in the record, or NULL; where something
 * else was typed, both are shown.
 */
void papers_view_fields(struct view *view, struct arena *arena,
                        const struct papers_source_text *text, const struct papers_typed *typed,
                        const struct papers_values *recorded);

/* The filled text for templates/papers_sheet.html, with what is missing marked. */
void papers_view_sheet(struct view *view, struct arena *arena, const char *addressee,
                       const struct papers_source_text *text, const struct papers_values *values);

/* The kinds as a list "kinds" with label, path and which is chosen; `whom`: only those for these. */
void papers_view_kinds(struct view *view, struct arena *arena, unsigned whom, const char *path,
                       const struct papers_kind *chosen);

/* Answers with the PDF. Neither its name nor its address says whose it is. */
void papers_view_send(struct context *c, const struct papers_kind *kind, size_t count,
                      const struct papers_sheet *sheets);

#endif
