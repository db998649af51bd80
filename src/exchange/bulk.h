/*
 * bulk.h - many patients at once: each as a normal report would have written it, at the speed of COPY.
 *
 * What follows from a record (labels, search keys, things to do) is computed by core/publish.c, row by row; rows go by
 * COPY into temporary tables, because COPY cannot write where row-level security stands, and from there in a dozen
 * statements into the real ones. No mail is sent and nobody is asked to confirm a receipt.
 */
#ifndef HERSYS_EXCHANGE_BULK_H
#define HERSYS_EXCHANGE_BULK_H

#include "core/publish.h"

/* Organisation and account that stand for the system where no person typed (sql/0001-tables.sql). */
enum { BULK_SYSTEM = 0 };

/* One new patient with the first notification. */
struct bulk_case {
    struct publication publication; /* the record; listed_at is when it was reported */
    int64_t reporter_id, responsible_id;
    int64_t account_id, organisation_id; /* who entered it */
    const char *entered_at;              /* timestamptz; "now" */
    const char *confirmed_at;            /* timestamptz; NULL when it is not confirmed */
    int64_t confirmed_by;
    const char *status_note;          /* of publication.status; NULL for none */
    const char *reason;               /* in history and trail; no value of a patient */
    const char *source, *external_no; /* of table import_key; NULL: none is kept */
};

struct bulk;

/* A writer on `db`, which must be role jobs. It belongs to `arena`; `keys` seal passports. */
struct bulk *bulk_new(struct arena *arena, struct db *db, const struct crypt_keys *keys);

/* Before everything else in a transaction, and again when that is tried again: nothing is added or staged yet. */
void bulk_begin(struct bulk *bulk);

/*
 * Adds one; nothing of *c is kept. Sends a chunk now and then, so everything from bulk_begin to bulk_audit stands inside
 * one db_transaction. Anything but DB_OK undoes it all.
 */
enum db_status bulk_add(struct bulk *bulk, const struct bulk_case *c);

/* Sends what is left. */
enum db_status bulk_flush(struct bulk *bulk);

/*
 * Enters every patient of the transaction into the trail, as its last act after bulk_flush: it holds a chain until the
 * commit. At least one patient was sent.
 */
enum db_status bulk_audit(struct bulk *bulk);

#endif
