/*
 * paper.h - the printed notification (発生届, 別記様式6-1) in the version that it was reported in.
 *
 * Where each box stands and what is in it is data: dictionary/paper.rec. Here a small interpreter
 * fills the boxes: what is chosen is ringed, other values are set in sans. One A4 page; a value
 * that is too long for its box is printed whole on a further page (別紙), and the box says so.
 */
#ifndef HERSYS_EXCHANGE_PAPER_H
#define HERSYS_EXCHANGE_PAPER_H

#include "base/date.h"
#include "dictionary/document.h"
#include "dictionary/rights.h"
#include "exchange/pdf.h"

struct paper {
    int form; /* enum form_name */
    const struct document *doc;
    struct rights
        rights; /* of the reader: items that they may not see stay empty, and the page says so */
    const char *number;      /* 受付番号 */
    date_day reported;       /* 報告年月日 */
    const char *printed;     /* when and by whom, for the foot */
    const char *printed_iso; /* ISO 8601 with time, for the file */
};

/* The whole PDF. */
struct buf paper_write(struct arena *arena, const struct paper *paper);

/* ---- the text of one box; for paper_write and its tests ---- */

enum { PAPER_STRETCHES = 96 };

struct paper_text {
    struct buf text;
    size_t count;
    struct pdf_stretch stretches[PAPER_STRETCHES];
    int part[PAPER_STRETCHES]; /* the part of the box that made the stretch */
};

/* What stands in the box. `outside` has one bit for each part whose value goes to the further page.
 */
struct paper_text paper_compose(struct arena *arena, const struct paper *paper,
                                const struct paper_box *box, uint64_t outside);

/* Sets the text into its box; false, and nothing is drawn, when it does not fit. */
bool paper_set(struct pdf *pdf, const struct paper_box *box, const struct paper_text *text);

#endif
