/*
 * grant.h - access granted by name: agencies that the responsible centre links with a patient (入院先, 健康フォローアップ機関,
 * 宿泊療養施設), and 緊急閲覧, which an office opens for itself, with a reason and for a set time. One transaction each.
 */
#ifndef HERSYS_CORE_GRANT_H
#define HERSYS_CORE_GRANT_H

#include "core/notification.h"

enum { GRANT_MAX_TEXT = 500 }; /* characters of a reason */

/* What may be linked: the relation bit of table access, and its name for people. */
struct grant_kind {
    const char *name, *label;
    int relation;
};
extern const struct grant_kind grant_kinds[];
extern const size_t grant_kind_count;

struct grant_link {
    const char *code; /* of the organisation: 機関コード */
    int relation;
    const char *until; /* ISO, the last day; NULL: until it is ended */
};

/* Links an agency; NOTIFY_CONFLICT when it is linked already, NOTIFY_REFUSED when no such organisation fits. */
enum notify_result grant_link(const struct desk *desk, const struct record *record, const struct grant_link *link);

/* Ends a link; an emergency view is ended and reviewed. */
enum notify_result grant_end(const struct desk *desk, const struct record *record, int no);

/* An emergency view is reviewed and goes on until its time is over. */
enum notify_result grant_review(const struct desk *desk, const struct record *record, int no);

enum emergency_result {
    EMERGENCY_OPENED,
    EMERGENCY_NO_PATIENT, /* no such number, or deleted */
    EMERGENCY_SEEN_ANYWAY,
    EMERGENCY_TOO_MANY, /* on one day (setting emergency_most) */
    EMERGENCY_REFUSED,  /* not for this kind of office or account */
    EMERGENCY_FAILED
};

/*
 * Opens a patient for the desk's own office; an emptied ID opens the record that it leads to. The database enters it in the
 * trail; what was refused stands there too.
 */
enum emergency_result grant_emergency(const struct desk *desk, int64_t patient_id, const char *reason);

#endif
