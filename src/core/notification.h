/*
 * notification.h - 発生届: reporting, changing, confirming, deleting. Each is one transaction in one round trip:
 * row, revision, access, worklists, trail and mail, all or nothing (design.md 5).
 */
#ifndef HERSYS_CORE_NOTIFICATION_H
#define HERSYS_CORE_NOTIFICATION_H

#include "core/record.h"

enum notify_result {
    NOTIFY_OK,
    NOTIFY_REPEATED, /* this form has been answered before, and that answer stands */
    NOTIFY_CONFLICT, /* somebody else changed the record meanwhile */
    NOTIFY_REFUSED,  /* no right, frozen or deleted */
    NOTIFY_FAILED    /* database */
};

/* A contact (接触者) of a case by its number there; patient_id 0: none. */
struct contact_key {
    int64_t patient_id;
    int no;
};

/* What is reported: a filled form. */
struct notify {
    const char *draft_id; /* UUID: pressing twice makes one report */
    const struct document *doc;
    int form;
    bool short_form, deemed;
    int64_t centre_id; /* that receives it */
    struct contact_key contact; /* who is reported, when it was a contact of another case */
    const char *different; /* similar patients who are other people, as a PostgreSQL array; NULL for none */
};

/* A new patient with the first notification. */
enum notify_result notification_report(const struct desk *desk, const struct notify *notify,
                                       int64_t *patient_id, int *no);

/* 追加登録: a further notification of the same patient; the older ones freeze (seed 0 Q3). `record` is its newest. */
enum notify_result notification_add(const struct desk *desk, const struct record *record,
                                    const struct notify *notify, int *no);

/*
 * Whether a posted form may go on: NOTIFY_OK when nobody has changed the record since `version`, from which the form was
 * made; otherwise NOTIFY_REPEATED when this very form (desk->form_id) has been answered already, or NOTIFY_CONFLICT.
 */
enum notify_result notify_ready(const struct desk *desk, const struct record *record, int version);

/* Saves a changed notification. `base_version` is the version that the form was made from. */
enum notify_result notification_edit(const struct desk *desk, const struct record *record,
                                     const struct notify *notify);

/*
 * Brings together a form made from an older version and what others changed since (fields_merge). Returns the number of
 * clashes, -1 when the database failed.
 */
int notification_merge(const struct desk *desk, const struct record *record, int base_version,
                       struct document *doc, bool clash[ITEM_COUNT]);

/* 保健所確認済. */
enum notify_result notification_confirm(const struct desk *desk, const struct record *record);

/* 削除 with a reason, and its undoing by the centre. */
enum notify_result notification_seal(const struct desk *desk, const struct record *record,
                                     const char *reason);
enum notify_result notification_restore(const struct desk *desk, const struct record *record);

/* The first answer to a form or draft; NOTIFY_OK with both set, or NOTIFY_REFUSED when there was none. */
enum notify_result notification_receipt(const struct desk *desk, const char *draft_id,
                                        int64_t *patient_id, int *no);

/*
 * What the status of a batch that was just run means for a change of a record. Only the key of the receipt says that the form
 * was answered before; any other key that is there already is a conflict, since then nothing of the batch holds.
 */
enum notify_result notify_result_of(const struct db *db, enum db_status status);

/* "12345-67890-1-02": what a clinic quotes. */
char *notification_number(struct arena *arena, int64_t patient_id, int no);

#endif
