/*
 * link.h - 感染リンク: who infected whom. Every statement is kept; the newest that was not withdrawn holds, so that a later
 * finding replaces an earlier one and the earlier comes back when the later was a mistake (shared/domain.md 2.8).
 */
#ifndef HERSYS_CORE_LINK_H
#define HERSYS_CORE_LINK_H

#include "core/notification.h"

/* The most people that a chain is shown with; there are longer ones only where somebody links whole waves. */
enum { CHAIN_MOST = 30000 };

enum { LINK_OF_NEWEST_ENTRY = 0 };

/* What an entry of the tab 感染経路 says; what a contact (接触者) says who became a case is stated by app.contact_promote. */
struct link_statement {
    int64_t patient_id; /* who was infected; the office may edit the class link of this patient */
    int entry_no;       /* of tab link; LINK_OF_NEWEST_ENTRY for one that the same batch adds before */
    const char *source; /* a HER-SYS ID or スマホ入力ID as it was typed, or any words; "" withdraws what the entry said */
    const char *certainty; /* code of list link_certainty; "" is 不明 */
};

/*
 * Holds the two patients of a statement, in an order that all keep; before anything else of the batch that touches either, or
 * two people who state links between the same patients could wait for each other.
 */
void link_add_lock(struct db_batch *batch, struct arena *arena, const struct link_statement *statement);

/*
 * Adds a statement to a batch that changes the record, in place of what the same entry said before. Nothing
 * in it is ever refused for its source: a number that does not exist, or that this office may not see, is kept as words;
 * the patient itself, and a source reported later than the patient, are marked. The chains of all offices follow in the same
 * transaction. A new patient must have been opened earlier in the batch (app.patient_open).
 */
void link_add(struct db_batch *batch, struct arena *arena, const struct link_statement *statement);

/*
 * Withdraws statement `link_no` of a patient, which a contact or an import made; what an entry says goes with the entry.
 * NOTIFY_CONFLICT when it does not stand any more.
 */
enum notify_result link_withdraw(const struct desk *desk, const struct record *record, int link_no);

/* What a mark of app.patient_link means, as a sentence for people; "" when there is nothing to say. */
const char *link_mark_words(const char *mark);

#endif
