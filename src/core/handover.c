/* handover.c - see handover.h. */
#include "core/handover.h"

#include "base/publicid.h"
#include "core/audit.h"
#include "core/publish.h"

enum notify_result
handover_request(const struct desk *desk, const struct record *record, int64_t centre_id,
                 const char *reason)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, record->patient_id), *to = db_int(arena, centre_id);
    struct publication publication = publication_of(record, &record->doc);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    DB_ADD(batch, SQL_patient_bump, id, db_int(arena, record->version));
    DB_ADD(batch, SQL_handover_request, id, to, reason);
    publish_add(batch, desk, record->patient_id, &publication); /* the asked centre may read */
    DB_ADD(batch, SQL_mail_to_centre, to, "handover_asked", publicid_phone(arena, record->patient_id));
    audit_patient(batch, arena, "handover_request", record->patient_id, to);
    return notify_result_of(desk->db, db_run(batch));
}

/* The asked centre becomes the responsible one: a change of the record, with its revision and everybody's lists. */
static void
take_over(struct db_batch *batch, const struct desk *desk, const struct record *record)
{
    struct arena *arena = desk->arena;
    struct publication publication = publication_of(record, &record->doc);
    const char *id = db_int(arena, record->patient_id);
    const char *own = db_int(arena, desk->session->organisation_id);

    DB_ADD(batch, SQL_patient_bump, id, db_int(arena, record->version));
    DB_ADD(batch, SQL_revision_assignment, id, db_int(arena, record->version + 1),
           db_int(arena, record->responsible_id), record_related_ids(arena, record), own);
    DB_ADD(batch, SQL_mail_above_city, own, publicid_phone(arena, record->patient_id));
    publish_add(batch, desk, record->patient_id, &publication);
}

enum notify_result
handover_end(const struct desk *desk, const struct record *record, int no, enum handover_step step,
             const char *answer)
{
    static const struct {
        const char *state, *mail, *action;
    } steps[] = {
        [HANDOVER_ACCEPT] = {"accepted", "handover_accepted", "handover_accept"},
        [HANDOVER_REFUSE] = {"refused", "handover_refused", "handover_refuse"},
        [HANDOVER_WITHDRAW] = {"withdrawn", "handover_withdrawn", "handover_withdraw"},
    };
    struct arena *arena = desk->arena;
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
    const char *id = db_int(arena, record->patient_id), *number = db_int(arena, no);

    record_add_receipt(batch, desk, record);
    /* First the mail: who refuses sees nothing of it afterwards. */
    DB_ADD(batch, SQL_mail_to_other_side, id, number, steps[step].mail,
           publicid_phone(arena, record->patient_id));
    DB_ADD(batch, SQL_handover_decide, id, number, steps[step].state, answer);
    if (step == HANDOVER_ACCEPT)
        take_over(batch, desk, record);
    audit_patient(batch, arena, steps[step].action, record->patient_id, number);
    return notify_result_of(desk->db, db_run(batch));
}

enum notify_result
handover_seen(const struct desk *desk, const struct record *record)
{
    struct db_batch *batch = db_batch(desk->db, desk->arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    DB_ADD(batch, SQL_handover_seen, db_int(desk->arena, record->patient_id));
    return notify_result_of(desk->db, db_run(batch));
}
