/* follow_rows.h - a row of the lists of 健康観察: who it is, why somebody should ring, and what may be pressed. */
#ifndef HERSYS_PAGE_FOLLOW_ROWS_H
#define HERSYS_PAGE_FOLLOW_ROWS_H

#include "page/page.h"

/* Somebody who is observed: a patient (contact_no 0) or one of the contacts. patient_id 0: nobody. */
struct follow_key {
    int64_t patient_id;
    int contact_no;
};

/* "12345678901-0", as the forms carry it; a key of nobody when the text is none. */
const char *follow_key_text(struct arena *arena, struct follow_key key);
struct follow_key follow_key_read(struct arena *arena, const char *text);

/* What an urgency is called: 注意, 急ぎ, 至急; "" for 0. */
const char *follow_rank_word(int64_t urgency);

/* Why the person of row `i` of SQL_follow_list or SQL_follow_people is not asked though they should be; "" when they are. */
const char *follow_unasked_words(const struct rows *rows, size_t i);

/* Fills `row` for templates/follow_row.html out of row `i` of SQL_follow_list. */
void follow_row_fill(struct context *c, struct view *row, const struct rows *rows, size_t i);

#endif
