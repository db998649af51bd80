/* history.h - revisions that are not items, in words: status entries and assignments. */
#ifndef HERSYS_CORE_HISTORY_H
#define HERSYS_CORE_HISTORY_H

#include "base/arena.h"

/* "自宅療養中（2021/5/13から）" out of the JSON of a status revision; "" when it holds none. */
const char *history_status_line(struct arena *arena, const char *json);

/* "担当：名古屋市保健所　関係：春日井保健所". */
const char *history_assignment_line(struct arena *arena, const char *json);

#endif
