/*
 * entries.h - what is entered in the tabs of dictionary/tabs.rec: tests, stays, admissions, contacts and the like. Any number
 * for each tab, each with a version of its own, so that two people in two tabs never meet. Nothing is deleted: a mistake is
 * withdrawn, and the history says what it was (seed 1, 管理可能項目一覧).
 */
#ifndef HERSYS_CORE_ENTRIES_H
#define HERSYS_CORE_ENTRIES_H

#include "core/notification.h"

/* One entry. no 0: a new one. */
struct tab_entry {
    int no, version;
    struct document doc;
    bool withdrawn;
    const char *entered, *entered_by, *organisation; /* for people */
    const char *link_mark; /* of the link that it states (core/link.h); NULL for none */
};

enum {
    ENTRIES_PAGE = 200,    /* of one page of a tab; one more is read to know of a next page */
    ENTRIES_OF_ALL = 500,  /* of all tabs, for the time line; one more likewise */
    MOST_ENTRIES = 100000  /* of a tab: the highest number */
};

/*
 * What to read together with a record (record_load_with): the entries of a tab that the office may see, the latest first, those
 * behind entry `after` (0: from the first); or those whose numbers are in the array `numbers` ("{1,2}"), withdrawn or not.
 */
struct record_more entries_ask(struct arena *arena, int64_t patient_id, const struct record_tab *tab, int after);
struct record_more entries_ask_some(struct arena *arena, int64_t patient_id,
                                    const struct record_tab *tab, const char *numbers);

/* The entries of all tabs that the office may see and that are not withdrawn, the latest first (column tab); NULL when
 * the database failed. */
const struct rows *entries_load_all(const struct desk *desk, int64_t patient_id);

/* Row `i` as an entry. */
void entries_from_row(const struct desk *desk, int64_t patient_id, const struct rows *rows, size_t i,
                      struct tab_entry *entry);

/*
 * Enters a new entry (entry->no 0), or changes one whose version is still entry->version. `old` is what was there. A second
 * entry in a tab that has one alone is NOTIFY_CONFLICT.
 */
enum notify_result entries_save(const struct desk *desk, const struct record *record,
                                const struct record_tab *tab, const struct tab_entry *entry,
                                const struct document *old);

/* Several of them in one transaction: all, or nothing; for tabs whose entries state no link (core/link.h). A version that moved on since is NOTIFY_CONFLICT. */
struct entry_change {
    const struct tab_entry *entry;
    const struct document *old; /* what was there */
};
enum notify_result entries_save_all(const struct desk *desk, const struct record *record,
                                    const struct record_tab *tab, const struct entry_change *changes,
                                    size_t count);

enum notify_result entries_withdraw(const struct desk *desk, const struct record *record,
                                    const struct record_tab *tab, const struct tab_entry *entry);

/* Why an entry cannot be saved, as one sentence: it is empty, or has no date where its tab asks for one. NULL when it can. */
const char *entries_problem(struct arena *arena, const struct record_tab *tab,
                            const struct document *doc);

#endif
