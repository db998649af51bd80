/* status.h - 現在のステータス as a dated history (記録タブ; seed 0 Q14-3, seed 2). */
#ifndef HERSYS_CORE_STATUS_H
#define HERSYS_CORE_STATUS_H

#include "core/notification.h"

struct status_entry {
    const char *status; /* a code of the list status */
    const char *since;  /* ISO date */
    const char *death_date, *death_place, *death_cause, *note;
};

/*
 * What is wrong with an entry, in Japanese, or NULL. 死亡 demands date and place (seed 0 Q14-3): they were what was
 * missing in the real HER-SYS.
 */
const char *status_problem(const struct status_entry *entry);

enum notify_result status_add(const struct desk *desk, const struct record *record,
                              const struct status_entry *entry);

/* Takes an entry back; it stays in the history, struck through. */
enum notify_result status_withdraw(const struct desk *desk, const struct record *record, int number);

#endif
