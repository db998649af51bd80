/* audit.c - see audit.h. */
#include "core/audit.h"

#include "base/buf.h"

static void
append(struct db_batch *batch, struct arena *arena, const char *action, const char *outcome,
       int64_t patient_id, const char *patients, const char *detail)
{
    DB_ADD(batch, SQL_audit_append, action, outcome,
           patient_id == 0 ? NULL : db_int(arena, patient_id), patients, detail);
}

void
audit_patient(struct db_batch *batch, struct arena *arena, const char *action, int64_t patient_id,
              const char *detail)
{
    append(batch, arena, action, "allowed", patient_id, NULL, detail);
}

void
audit_list(struct db_batch *batch, struct arena *arena, const char *action, const struct rows *rows,
           const char *detail)
{
    struct buf ids = buf_new(arena);

    if (rows_count(rows) == 0)
        return;
    for (size_t i = 0; i < rows_count(rows); i++)
        buf_printf(&ids, "%c%s", i == 0 ? '{' : ',', rows_text(rows, i, "patient_id"));
    buf_add_char(&ids, '}');
    append(batch, arena, action, "allowed", 0, buf_text(&ids), detail);
}

void
audit_denied(struct db_batch *batch, struct arena *arena, const char *action, int64_t patient_id,
             const char *detail)
{
    append(batch, arena, action, "denied", patient_id, NULL, detail);
}
