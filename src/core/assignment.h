/*
 * assignment.h - 担当保健所 and 関係保健所 (seed 0 Q4): who follows the patient, and who else is told and may look.
 * Newly set centres get a mail; for a centre of a city, so does the prefecture above it.
 */
#ifndef HERSYS_CORE_ASSIGNMENT_H
#define HERSYS_CORE_ASSIGNMENT_H

#include "core/notification.h"

enum { ASSIGNMENT_MAX_RELATED = 20 };

struct assignment {
    int64_t responsible_id;
    size_t related_count;
    int64_t related[ASSIGNMENT_MAX_RELATED]; /* all that are related afterwards, each until when it is now */
    int64_t chosen;                          /* that of them which is chosen anew, for good; 0 for none */
};

enum notify_result assignment_save(const struct desk *desk, const struct record *record,
                                   const struct assignment *assignment);

#endif
