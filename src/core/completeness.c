/* completeness.c - see completeness.h. */
#include "core/completeness.h"

#include <string.h>

#include "base/text.h"
#include "core/audit.h"

const struct completeness_kind completeness_kinds[COMPLETENESS_KINDS] = {
    {"unconfirmed", CLASS_confirmation}, {"status_missing", CLASS_status},
    {"place_missing", CLASS_route},      {"passport_missing", CLASS_travel},
    {"death_incomplete", CLASS_status},  {"items_missing", CLASS_clinical},
};

int
completeness_find(const char *name)
{
    for (int kind = 0; kind < COMPLETENESS_KINDS; kind++)
        if (strcmp(completeness_kinds[kind].name, name) == 0)
            return kind;
    return -1;
}

struct completeness
completeness_from_row(const struct rows *rows, size_t i)
{
    struct completeness here = {.patients = rows_int(rows, i, "patients")};

    for (int kind = 0; kind < COMPLETENESS_KINDS; kind++)
        here.missing[kind] = rows_int(rows, i, completeness_kinds[kind].name);
    return here;
}

const char *
completeness_rate(struct arena *arena, int64_t missing, int64_t patients)
{
    if (patients <= 0)
        return "";
    int64_t tenths = (missing * 1000 + patients / 2) / patients;
    return text_format(arena, "%lld.%lld%%", (long long)(tenths / 10), (long long)(tenths % 10));
}

size_t
completeness_weeks(const struct rows *rows, struct completeness_week weeks[COMPLETENESS_WEEKS])
{
    size_t count = 0;

    for (size_t i = 0; i < rows_count(rows); i++) {
        date_day monday = date_from_iso(rows_text(rows, i, "week"));
        int kind = completeness_find(rows_text(rows, i, "kind"));
        if (count == 0 || weeks[count - 1].monday != monday) {
            if (count == COMPLETENESS_WEEKS)
                break;
            weeks[count++] = (struct completeness_week){.monday = monday};
        }
        if (kind >= 0)
            weeks[count - 1].missing[kind] = rows_int(rows, i, "count");
    }
    return count;
}

date_day
completeness_first_week(date_day today)
{
    date_day monday = today - (date_weekday(today) + 6) % 7;

    return monday - 7 * (COMPLETENESS_WEEKS - 1);
}

enum notify_result
completeness_set_digest(const struct desk *desk, int weekday)
{
    struct arena *arena = desk->arena;
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    if (desk->form_id != NULL)
        DB_ADD(batch, SQL_receipt_add, desk->form_id, "0", "0");
    DB_ADD(batch, SQL_digest_save, db_int(arena, desk->session->organisation_id),
           db_int(arena, weekday));
    audit_patient(batch, arena, "digest_save", 0, text_format(arena, "weekday %d", weekday));
    return notify_result_of(desk->db, db_run(batch));
}
