/*
 * notice_view.h - what is said to whoever saves 通知設定, or wishes 「URL通知 する」 in a report, when nothing will go out: nobody shall
 * believe that a message is on its way to a number that SMS does not reach.
 */
#ifndef HERSYS_PAGE_NOTICE_VIEW_H
#define HERSYS_PAGE_NOTICE_VIEW_H

#include "db/db.h"
#include "dictionary/document.h"
#include "web/template.h"

/* Fills the list `remarks` for templates/patient_tab.html out of SQL_notice_obstacles (`rows`: NULL or empty for none). */
void notice_view_remarks(struct view *view, const struct rows *rows);

/* Why the link cannot be sent to the person of a report that is being written, as one sentence; "" when it can. */
const char *notice_view_report(struct arena *arena, const struct document *doc);

#endif
