/* papers_pdf.h - documents (文書, core/papers.h) as PDF: A4, each beginning on a page of its own. */
#ifndef HERSYS_EXCHANGE_PAPERS_PDF_H
#define HERSYS_EXCHANGE_PAPERS_PDF_H

#include "base/buf.h"
#include "core/papers.h"

/* A document of `count` sheets, named after their kind; `created` is its date in ISO 8601. */
struct buf papers_pdf_write(struct arena *arena, const struct papers_kind *kind, const char *created,
                            size_t count, const struct papers_sheet *sheets);

#endif
