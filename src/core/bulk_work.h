/*
 * bulk_work.h - 一括操作: one change for many patients in one transaction, with its undoing (sql/0011-bulk.sql). What may be
 * done to many is what the same person may do to one, by the same class of items; wall one gives the relations that count,
 * and the database asks its own for every patient. A batch has the number of the form that made it.
 */
#ifndef HERSYS_CORE_BULK_WORK_H
#define HERSYS_CORE_BULK_WORK_H

#include "core/notification.h"

enum { BULK_MOST = 20000 }; /* patients of one batch */

/* An operation: its name in table bulk_action, what it is called, and the tab whose right it needs. */
struct bulk_action {
    const char *name, *label;
    enum tab tab;
};

extern const struct bulk_action bulk_actions[];
extern const size_t bulk_action_count;

/* NULL when there is none of this name. */
const struct bulk_action *bulk_action_find(const char *name);

/* The text that an action sends by SMS (core/message.h) in Japanese, for the code of the list bulk_message that was chosen; NULL for one
 * that sends none. Everybody gets it in their own language. What is sent waits for some minutes (setting bulk_sms_minutes), and can be taken back until then. */
const char *bulk_template(const struct bulk_action *action, const char *message);

/* Whether this kind of organisation may do it to any patient at all. NULL: any of the actions. */
bool bulk_may(enum organisation_kind kind, const struct bulk_action *action);

/*
 * What is to be done to whom. Both are JSON objects of texts; an empty filter finds everybody.
 *   choice  status: status, since, note · related: centre · handover: centre, reason · release: the items of that tab
 *           · message: a code of the list bulk_message
 *   filter  ids (an array of patients' numbers), todo, status ("none": not entered), confirmed, category, listed_from,
 *           listed_to, diagnosed_from, diagnosed_to, municipality (a code; a city with its wards), past
 */
struct bulk_order {
    const struct bulk_action *action;
    const char *choice, *filter;
};

/*
 * Adds what a preview needs: how many are chosen and how many left out (columns left_same, left_right, left_sealed,
 * left_phone, left_unknown of every row; digest stands for the chosen as they stand), beside the labels of the first `show` chosen. With
 * nobody chosen there is one row without a patient. Returns the index for db_rows.
 */
unsigned bulk_add_preview(struct db_batch *batch, const struct desk *desk,
                          const struct bulk_order *order, int show);

/*
 * Does it to those whom the filter finds, as batch desk->form_id (not NULL). NOTIFY_CONFLICT when these are others than
 * `digest` stands for, NOTIFY_REFUSED when they are none or more than BULK_MOST, or the choice is not possible.
 */
enum notify_result bulk_apply(const struct desk *desk, const struct bulk_order *order,
                              const char *digest);

/*
 * Puts back whoever stands as the batch left them; the others stay as they are. NOTIFY_CONFLICT when it was undone before,
 * or its days are over.
 */
enum notify_result bulk_undo(const struct desk *desk, const char *bulk_id,
                             const struct bulk_action *action);

#endif
