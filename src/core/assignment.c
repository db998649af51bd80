/* assignment.c - see assignment.h. */
#include "core/assignment.h"

#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/publish.h"

static bool
was_related(const struct record *record, int64_t centre)
{
    for (size_t i = 0; i < rows_count(record->related); i++)
        if (rows_int(record->related, i, "organisation_id") == centre)
            return true;
    return false;
}

static const char *
id_array(struct arena *arena, const struct assignment *a)
{
    struct buf out = buf_new(arena);

    buf_add_char(&out, '{');
    for (size_t i = 0; i < a->related_count; i++)
        buf_printf(&out, "%s%lld", i == 0 ? "" : ",", (long long)a->related[i]);
    buf_add_char(&out, '}');
    return buf_text(&out);
}

static void
tell(struct db_batch *batch, const struct desk *desk, const struct record *record, int64_t centre,
     const char *template)
{
    const char *id = db_int(desk->arena, centre);
    const char *phone_id = publicid_phone(desk->arena, record->patient_id);

    DB_ADD(batch, SQL_mail_to_centre, id, template, phone_id);
    DB_ADD(batch, SQL_mail_above_city, id, phone_id);
}

enum notify_result
assignment_save(const struct desk *desk, const struct record *record, const struct assignment *a)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, record->patient_id);
    struct publication publication = publication_of(record, &record->doc);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    DB_ADD(batch, SQL_patient_bump, id, db_int(arena, record->version));
    DB_ADD(batch, SQL_patient_assign, id, db_int(arena, a->responsible_id), id_array(arena, a));
    if (a->chosen != 0)
        DB_ADD(batch, SQL_related_lasts, id, db_int(arena, a->chosen));
    DB_ADD(batch, SQL_revision_assignment, id, db_int(arena, record->version + 1),
           db_int(arena, record->responsible_id), record_related_ids(arena, record),
           db_int(arena, a->responsible_id));
    if (a->responsible_id != record->responsible_id)
        tell(batch, desk, record, a->responsible_id, "assigned_responsible");
    for (size_t i = 0; i < a->related_count; i++)
        if (!was_related(record, a->related[i]) && a->related[i] != a->responsible_id)
            tell(batch, desk, record, a->related[i], "assigned_related");
    publish_add(batch, desk, record->patient_id, &publication);
    audit_patient(batch, arena, "assign", record->patient_id, db_int(arena, a->responsible_id));
    return notify_result_of(desk->db, db_run(batch));
}
