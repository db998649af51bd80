/* cocoa.c - see cocoa.h. */
#include "core/cocoa.h"

#include "base/crypt.h"
#include "base/text.h"
#include "core/audit.h"

enum { ATTEMPTS = 3 }; /* to find a number that nobody has at the time */

/* With a word of its own, so that no other code of eight digits has the same hash. */
static const char *
hash_of(struct arena *arena, const struct crypt_keys *keys, const char *number)
{
    return crypt_peppered(arena, keys, text_format(arena, "cocoa %s", number));
}

enum notify_result
cocoa_issue(const struct desk *desk, const struct record *record, const char *phone)
{
    struct arena *arena = desk->arena;
    enum db_status status = DB_DUPLICATE;

    for (int i = 0; i < ATTEMPTS && status == DB_DUPLICATE; i++) {
        const char *number = crypt_digits(arena, COCOA_DIGITS);
        struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
        record_add_receipt(batch, desk, record);
        DB_ADD(batch, SQL_cocoa_issue, db_int(arena, record->patient_id),
               hash_of(arena, desk->keys, number), number, phone);
        audit_patient(batch, arena, "cocoa_issue", record->patient_id, "");
        status = db_run(batch);
        if (db_last_statement(desk->db) != SQL_cocoa_issue) /* the form was pressed before */
            break;
    }
    return notify_result_of(desk->db, status);
}

enum db_status
cocoa_redeem(struct db *db, struct arena *arena, const struct crypt_keys *keys, const char *number,
             bool *valid)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_cocoa_redeem, hash_of(arena, keys, number));

    *valid = rows != NULL && rows_bool(rows, 0, "valid");
    return status;
}
