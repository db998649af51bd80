/*
 * cluster.h - 集団感染: a place and a time where many were infected, with its members. It belongs to the centre that leads
 * its investigation, which alone changes it; head office, prefecture and ministry above that centre read it. Each change is
 * one transaction: version, row, history, trail.
 */
#ifndef HERSYS_CORE_CLUSTER_H
#define HERSYS_CORE_CLUSTER_H

#include "core/notification.h"

/* What can be said about a cluster; texts, "" where there is nothing. Dates are ISO. */
struct cluster {
    int64_t cluster_id; /* 0: a new one */
    int version;
    const char *name, *kind, *place_name, *municipality_code, *first_day, *ended_on, *note;
};

/* Saves a new cluster (its number in *cluster_id; 0 when this form was answered before) or a changed one. */
enum notify_result cluster_save(const struct desk *desk, const struct cluster *cluster,
                                const char *change, int64_t *cluster_id);

/*
 * Adds a patient, whom the office must be allowed to see the links of, with a code of list cluster_role; NOTIFY_REPEATED
 * when the patient is in it already.
 */
enum notify_result cluster_add_member(const struct desk *desk, int64_t cluster_id,
                                      int64_t patient_id, const char *role);

/*
 * Takes one out; the row stays as history. `patient_id` is who member `member_no` is; NOTIFY_CONFLICT when it is none any more.
 */
enum notify_result cluster_remove_member(const struct desk *desk, int64_t cluster_id, int member_no,
                                         int64_t patient_id);

#endif
