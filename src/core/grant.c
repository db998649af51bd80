/* grant.c - see grant.h. */
#include "core/grant.h"

#include "base/text.h"
#include "core/audit.h"

const struct grant_kind grant_kinds[] = {
    {"admitting", "入院先の医療機関", 64},
    {"followup", "健康フォローアップ機関", 128},
    {"accommodation", "宿泊療養施設", 256},
};
const size_t grant_kind_count = sizeof grant_kinds / sizeof *grant_kinds;

enum notify_result
grant_link(const struct desk *desk, const struct record *record, const struct grant_link *link)
{
    struct arena *arena = desk->arena;
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    DB_ADD(batch, SQL_grant_link, db_int(arena, record->patient_id), link->code,
           db_int(arena, link->relation), link->until);
    audit_patient(batch, arena, "grant_link", record->patient_id, link->code);
    return notify_result_of(desk->db, db_run(batch));
}

static enum notify_result
change(const struct desk *desk, const struct record *record, int no, enum sql statement, const char *action)
{
    struct arena *arena = desk->arena;
    const char *values[] = {db_int(arena, record->patient_id), db_int(arena, no)};
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    db_add_array(batch, statement, 2, values);
    audit_patient(batch, arena, action, record->patient_id, values[1]);
    return notify_result_of(desk->db, db_run(batch));
}

enum notify_result
grant_end(const struct desk *desk, const struct record *record, int no)
{
    return change(desk, record, no, SQL_grant_end, "grant_end");
}

enum notify_result
grant_review(const struct desk *desk, const struct record *record, int no)
{
    return change(desk, record, no, SQL_emergency_review, "emergency_review");
}

enum emergency_result
grant_emergency(const struct desk *desk, int64_t patient_id, const char *reason)
{
    static const struct {
        const char *sqlstate;
        enum emergency_result result;
    } refusals[] = {{"HS404", EMERGENCY_NO_PATIENT}, {"HS409", EMERGENCY_SEEN_ANYWAY}, {"HS429", EMERGENCY_TOO_MANY}};
    struct arena *arena = desk->arena;
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    DB_ADD(batch, SQL_emergency_open, db_int(arena, patient_id), reason);
    enum db_status status = db_run(batch);
    if (status == DB_OK)
        return EMERGENCY_OPENED;
    if (status != DB_REFUSED)
        return EMERGENCY_FAILED;
    const char *sqlstate = text_copy(arena, db_last_sqlstate(desk->db)); /* the next batch forgets it */
    struct db_batch *trail = db_batch(desk->db, arena, desk->session->token);
    audit_denied(trail, arena, "emergency_open", patient_id, sqlstate);
    if (db_run(trail) != DB_OK)
        return EMERGENCY_FAILED;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (text_same(sqlstate, refusals[i].sqlstate))
            return refusals[i].result;
    return EMERGENCY_REFUSED;
}
