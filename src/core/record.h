/*
 * record.h - one patient as an office may see it: read in one round trip, with the entry in the trail.
 */
#ifndef HERSYS_CORE_RECORD_H
#define HERSYS_CORE_RECORD_H

#include "core/fields.h"
#include "core/session.h"
#include "dictionary/rights.h"

/* Everything that core functions about a patient need of the request. */
struct desk {
    struct db *db;
    struct arena *arena;
    const struct crypt_keys *keys;
    const struct session *session;
    const char *form_id; /* UUID of the form that was posted: a second press changes nothing. NULL when none was */
};

/* The notification that was asked for. no 0: the office may see none. */
struct notification {
    int no;
    int form; /* enum form_name */
    bool short_form, deemed;
    int64_t reporter_id, entered_by, edited_by;
    const char *reporter_name, *entered_by_name, *edited_by_name;
    const char *reported;     /* 2021/05/13 14:05 */
    const char *reported_iso; /* for the database */
    const char *confirmed, *confirmed_by_name; /* "" when it is not */
    bool frozen;
    const char *deleted, *deleted_by_name, *delete_reason, *purge; /* deleted is "" when it is not */
};

struct record {
    int64_t patient_id;
    unsigned relations;
    struct rights rights;
    bool sealed;
    int version;
    int next_no; /* that a further notification gets */
    int64_t responsible_id, received_by_id;
    const char *responsible_name, *responsible_phone, *received_by_name;
    struct notification notification;
    struct document doc;
    const struct rows *notifications; /* all that the office may see, the newest first */
    const struct rows *submissions, *statuses, *related;
    const struct rows *presence; /* other people who have it open: holder, organisation, at (22:07) */
    const struct rows *local_tabs; /* of the tabs of added items, those with something to ask or to show (column tab) */
    const char *label_sex, *label_age; /* what the list shows where the person may not be seen */
};

enum record_result { RECORD_OK, RECORD_NOT_FOUND, RECORD_FAILED };

/*
 * Reads a patient and notification `no` (0: the newest that is not deleted) and enters `action` in the trail, as allowed or
 * denied (audit_look). Without any relation to the patient: RECORD_NOT_FOUND.
 */
enum record_result record_load(const struct desk *desk, int64_t patient_id, int no,
                               const char *action, struct record *record);

/*
 * The two halves of record_load, for reading more in the same round trip: adds the statements (returns the first's index),
 * and takes their answers after DB_OK.
 */
unsigned record_ask(struct db_batch *batch, const struct desk *desk, int64_t patient_id, int no,
                    const char *action);
enum record_result record_answer(const struct db_batch *batch, unsigned first,
                                 const struct desk *desk, int64_t patient_id, struct record *record);

/* What a page needs besides the record, read in the same round trip; under the same row-level security. */
struct record_more {
    enum sql statement;
    size_t count;
    const char *parameters[5];
    const struct rows *rows; /* the answer, after RECORD_OK */
};

/* record_load, with more statements in its batch. */
enum record_result record_load_with(const struct desk *desk, int64_t patient_id, int no,
                                    const char *action, struct record *record,
                                    struct record_more *more, size_t count);

/* Enters the form of the desk as answered, as the first statement of its batch; a second one is DB_DUPLICATE. */
void record_add_receipt(struct db_batch *batch, const struct desk *desk,
                        const struct record *record);

/* The current status: the newest entry that was not withdrawn. NULL row when there is none. */
struct current_status {
    const char *status, *since, *death_date, *death_place, *death_cause;
};
struct current_status record_current_status(const struct record *record);

/* 関係保健所 as a PostgreSQL array of numbers. */
const char *record_related_ids(struct arena *arena, const struct record *record);

struct fields record_fields(const struct desk *desk, const struct record *record);

#endif
