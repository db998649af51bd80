/*
 * same_merge.h - what an office decides about two IDs: 同一人物 (a link; both keep their IDs, seed 0 Q7), 別の方, or 統合: what
 * stands under one ID goes to the other. Each is one transaction with its revisions and the trail.
 *
 * A merge can be undone for 30 days (setting merge_days) by the centre that is responsible: what came over goes back as it
 * is by then, what was entered since stays where it was entered.
 */
#ifndef HERSYS_CORE_SAME_MERGE_H
#define HERSYS_CORE_SAME_MERGE_H

#include "core/notification.h"

enum same_decision { SAME_LINK, SAME_UNLINK, SAME_DIFFERENT };

/* Two records, each by a notification (0: the newest), with what a decision about them needs besides. */
struct same_two {
    struct record record[2];
    const struct rows *frozen[2]; /* the persons in their frozen reports */
    const struct rows *merges;    /* the IDs that were merged into the first */
    bool waits;                   /* one of them for the answer of another centre (引継ぎ), as far as this office sees that */
};
struct same_wanted {
    int64_t patient_id;
    int no;
};

/* Loads both in one round trip, with their entries in the trail. RECORD_OK when both are there. */
enum record_result same_load(const struct desk *desk, const struct same_wanted wanted[2],
                             struct same_two *two);

/* May this office decide about the two: it sees both persons and may change one (CLASS_identity). */
bool same_may_decide(const struct record *a, const struct record *b);

/* May it merge them: it is responsible for both. */
bool same_may_merge(const struct session *session, const struct record *a, const struct record *b);

/* Links, unlinks, or enters that they are different people. */
enum notify_result same_decide(const struct desk *desk, enum same_decision decision,
                               const struct record *a, const struct record *b);

/* The person after a merge: what `gone` says, and where that is empty, what `into` says. */
void same_merged_person(struct document *doc, const struct document *into,
                        const struct document *gone);

/* Of two records: whether the first stays when they are merged, by when their newest reports came (ISO). */
bool same_first_stays(const char *first_reported, int64_t first_id, const char *second_reported, int64_t second_id);

/*
 * Merges two records that were loaded by their newest reports; not while one is being handed over (`waits`). The one whose
 * newest report is older stays, as if the other were its 追加登録.
 */
enum notify_result same_merge(const struct desk *desk, const struct same_two *two);

/* A merge that may be undone. */
struct same_merged {
    int64_t gone_id;
    int first_no, last_no;         /* the notifications that came over: first < number <= last */
    int first_status, last_status; /* the statuses likewise */
    const char *persons;           /* both as they were, as JSON */
};

/* Reads row `i` of statement same_merges. */
struct same_merged same_merged_from(const struct rows *rows, size_t i);

/* The reports of a merged record that will be the newest of each side when it is undone; 0 for none. */
struct same_sides {
    int stays, returns;
};
struct same_sides same_sides_of(const struct record *record, const struct same_merged *merged);

/* Undoes a merge. `stays` and `returns` are the record loaded with each of those reports; NOTIFY_CONFLICT when not. */
enum notify_result same_undo(const struct desk *desk, const struct same_merged *merged,
                             const struct record *stays, const struct record *returns);

#endif
