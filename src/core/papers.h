/*
 * papers.h - 文書: what a health centre gives to a patient or a contact. The text comes from the head office (or is the built-in
 * one), its places are filled from the record, and what was given out is kept as it was, sealed, before the PDF exists.
 */
#ifndef HERSYS_CORE_PAPERS_H
#define HERSYS_CORE_PAPERS_H

#include "base/date.h"
#include "core/contacts.h"
#include "dictionary/papers.h"

enum { PAPERS_MOST = 200 }; /* documents of one press */

/* ---- what is read -------------------------------------------------------------------------------------------------- */

/* The rows from which documents are made: all in one round trip, with a record (record_load_with) or alone. */
enum { PAPERS_ASK_OFFICE, PAPERS_ASK_PEOPLE, PAPERS_ASK_CONTACT, PAPERS_ASK_RULES, PAPERS_MORE };

/* `patients` and `contacts` are arrays side by side ("{1,2}"): patients, and the number of a contact of each; "{}": of no contacts. */
void papers_ask(struct arena *arena, int64_t organisation_id, const struct papers_kind *kind,
                const char *patients, const char *contacts, struct record_more more[PAPERS_MORE]);

/* Who issues, and the text that holds there today. */
struct papers_source_text {
    const char *office, *office_address, *office_phone; /* "" where the office has none */
    int64_t template_office; /* 0: the built-in text */
    int template_version;
    const char *title, *body;
};
struct papers_source_text papers_source_text(struct arena *arena, const struct papers_kind *kind,
                                             const struct rows *office);

/* One patient, as far as documents go. */
struct papers_person {
    int64_t patient_id;
    int version;
    bool may_issue, sealed, deemed, confirmed;
    const char *responsible;
    struct document doc; /* the person, the newest notification, the latest entries of the tabs */
};
struct papers_person papers_person(const struct desk *desk, const struct rows *people, size_t i);

/* Why this patient gets no paper of this kind, as one sentence; NULL when it may. */
const char *papers_unfit(const struct papers_kind *kind, const struct papers_person *person);

/* ---- what is made -------------------------------------------------------------------------------------------------- */

enum papers_recipient { PAPERS_TO_person, PAPERS_TO_guardian, PAPERS_TO_contact, PAPERS_TO_COUNT };

/* As the database spells it, and for people: 本人, 保護者, 接触者. */
const char *papers_recipient_name(enum papers_recipient recipient);
const char *papers_recipient_label(const char *name);

/* A document as it is printed. All of it is text for people. */
struct papers_sheet {
    const char *title, *body; /* body: lines for papers_fill without values */
    const char *addressee;    /* "" when none stands at its head */
    const char *office, *office_address, *office_phone;
    const char *number, *issued_on; /* "2026-00012" and 令和4年8月1日 */
    const char *reprinted;          /* 再発行 with its day; "" for a first one */
};

/* Everything that a document is made from. */
struct papers_order {
    const struct papers_kind *kind;
    const struct papers_source_text *text;
    const struct papers_person *person;
    const struct document *contact; /* NULL without one */
    struct observation_rules rules;
    enum papers_recipient recipient;
    const char *const *typed; /* by place, as people read it: for what the record does not have; NULL: nothing */
};

/* The value of each place. */
struct papers_values papers_values(struct arena *arena, const struct papers_order *order);

/* The places that the text names and that have no value, as "氏名、住所"; "" when nothing is missing. */
const char *papers_missing(struct arena *arena, const struct papers_source_text *text,
                           const struct papers_values *values);

/* The document, without number and day. */
struct papers_sheet papers_sheet(struct arena *arena, const struct papers_order *order,
                                 const struct papers_values *values);

/*
 * A digest of what record, text and office make of the document, to whomever it goes and whatever is typed: a form holds it, and what
 * is issued is what was shown. The version of the record does not say that: entries of the tabs do not move it.
 */
const char *papers_digest(struct arena *arena, const struct papers_order *order);

/* ---- what is given out --------------------------------------------------------------------------------------------- */

struct papers_copy {
    const struct papers_person *person;
    enum papers_recipient recipient;
    int contact_no; /* 0: to no contact */
    struct papers_sheet sheet;
};

/*
 * Enters the documents as given out, all or none, and writes number and day into their sheets. NOTIFY_CONFLICT when a record
 * is not what its sheet was made from, NOTIFY_REFUSED without the right, NOTIFY_REPEATED for a form that was pressed before.
 */
enum notify_result papers_issue(const struct desk *desk, const struct papers_kind *kind,
                                const struct papers_source_text *text, struct papers_copy *copies,
                                size_t count);

/* A document that was given out, as it is printed again. */
struct papers_kept {
    const char *paper_id; /* UUID */
    const struct papers_kind *kind;
    struct papers_sheet sheet;
};

/* Opens row 0 of SQL_paper_kept; false when its text does not open. */
bool papers_keep(const struct desk *desk, const char *paper_id, const struct rows *row,
                 struct papers_kept *kept);

/* Enters a reprint (再発行) of a document that has been opened. */
enum notify_result papers_reprint(const struct desk *desk, int64_t patient_id,
                                  const struct papers_kept *kept);

/* A kept text as a sheet without number and day; false when it does not open. */
bool papers_open(const struct desk *desk, const char *paper_id, const char *sealed,
                 struct papers_sheet *sheet);

#endif
