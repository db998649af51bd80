/* rules.h - what the screens of dated rules (健康観察の決まり, 療養期間の決まり) share. */
#ifndef HERSYS_PAGE_RULES_H
#define HERSYS_PAGE_RULES_H

#include "page/page.h"

/*
 * What a version would change, as the database tried it on at most `most` people: each figure of the row under the name of its column,
 * one of them `looked`, and whether there were more people.
 */
void rules_fill_preview(struct view *view, const struct rows *rows, int most);

#endif
