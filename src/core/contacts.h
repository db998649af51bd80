/*
 * contacts.h - 接触者 beyond one entry: until when they are observed, the list that a centre works from, and a contact who
 * became a case. The contacts themselves are entries of the tab contact (core/entries.h).
 */
#ifndef HERSYS_CORE_CONTACTS_H
#define HERSYS_CORE_CONTACTS_H

#include "base/date.h"
#include "core/entries.h"

/* ---- the end of the observation (健康観察の終了日) ---- */

/* How long a close contact is observed, by the day of the last contact (table app.observation_rule). */
struct observation_rule {
    date_day from; /* the first day of contact for which it holds */
    int days;      /* after the last contact; that day itself is day 0 */
    const char *notice;
};

struct observation_rules {
    size_t count;
    const struct observation_rule *list; /* the newest first */
};

/* Out of the rows of SQL_observation_rules. */
struct observation_rules contacts_rules(struct arena *arena, const struct rows *rows);

/* The rule of a last day of contact; NULL without that day. */
const struct observation_rule *contacts_rule(struct observation_rules rules, date_day last);

/*
 * The last day of observation of a contact, with its reason as a sentence for people: what the centre entered, or what the
 * rule says. DATE_NONE and "" when neither says anything, or when the contact is not close (非該当).
 */
date_day contacts_observed_until(struct arena *arena, struct observation_rules rules,
                                 const struct document *contact, const char **reason);

/* ---- the contacts of a case ---- */

enum { CONTACTS_PAGE = 50 }; /* of one page of the grid; one more is read to know of a next page */

/* What the grid reads together with the record (record_load_with). */
enum { CONTACTS_ROWS, CONTACTS_RULES, CONTACTS_MORE };

/* The contacts of a case that stand, those behind number `after`, in the order in which they were entered; and the rules. */
void contacts_ask(struct arena *arena, int64_t patient_id, int after,
                  struct record_more more[CONTACTS_MORE]);

/* Those whose numbers are in the array `numbers` ("{1,2}"), withdrawn or not; and the rules. */
void contacts_ask_some(struct arena *arena, int64_t patient_id, const char *numbers,
                       struct record_more more[CONTACTS_MORE]);

/* ---- the list of a centre ---- */

/* One press in the list: item `item` of a contact becomes `code`, if its version is still `version`. */
enum notify_result contacts_mark(const struct desk *desk, int64_t patient_id, int no, int version,
                                 int item, const char *code);

/* ---- a contact who became a case (陽性化) ---- */

/* "12345678901-3", as it stands in addresses and hidden fields; {0, 0} when it is none. And back; "" for none. */
struct contact_key contacts_key(struct arena *arena, const char *text);
const char *contacts_key_text(struct arena *arena, struct contact_key key);

/*
 * Reads a contact who is about to be reported, with the entry in the trail; RECORD_NOT_FOUND when this office may not write
 * it, or when it is withdrawn or a case already.
 */
enum record_result contacts_open(const struct desk *desk, struct contact_key key,
                                 struct document *contact);

/* What a notification takes over from a contact: name and reading, sex, birth date, telephone, address, occupation. */
void contacts_fill_notification(struct arena *arena, const struct document *contact,
                                struct document *notification);

/* Adds to the batch of a report, behind app.patient_open: the contact and the new patient name each other. */
void contacts_add_promotion(struct db_batch *batch, struct arena *arena, struct contact_key key,
                            int64_t patient_id);

#endif
