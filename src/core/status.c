/* status.c - see status.h. */
#include "core/status.h"

#include "base/date.h"
#include "base/text.h"
#include "core/audit.h"

const char *
status_problem(const struct status_entry *entry)
{
    date_day since = date_from_iso(entry->since), death = date_from_iso(entry->death_date);

    if (text_empty(entry->status))
        return "ステータスを選んでください。";
    if (since == DATE_NONE)
        return "いつからかを、日付で入力してください。";
    if (since > date_today())
        return "今日より後の日付は入力できません。";
    if (!text_same(entry->status, "dead"))
        return NULL;
    if (death == DATE_NONE)
        return "死亡の場合は、死亡年月日を入力してください。";
    if (death > date_today())
        return "死亡年月日が今日より後の日付です。";
    if (text_empty(entry->death_place))
        return "死亡の場合は、死亡場所を選んでください。分からないときは「不明」を選びます。";
    return NULL;
}

static const char *
or_null(const char *text)
{
    return text_empty(text) ? NULL : text;
}

/* One entry as JSON for the revision. */
static const char *
as_json(struct arena *arena, const struct status_entry *entry)
{
    const char *const members[][2] = {
        {"status", entry->status},           {"since", entry->since},
        {"death_date", entry->death_date},   {"death_place", entry->death_place},
        {"death_cause", entry->death_cause}, {"note", entry->note}};
    struct buf out = buf_new(arena);

    buf_add_char(&out, '{');
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (text_empty(members[i][1]))
            continue;
        buf_printf(&out, "%s\"%s\":", out.size > 1 ? "," : "", members[i][0]);
        buf_add_json(&out, members[i][1]);
    }
    buf_add_char(&out, '}');
    return buf_text(&out);
}

/* The current status as it will be when this entry is there: the latest date, then the latest entry. */
static struct current_status
current_with(const struct record *record, const struct status_entry *entry)
{
    struct current_status now = record_current_status(record);

    if (now.since != NULL && date_from_iso(entry->since) < date_from_iso(now.since))
        return now;
    return (struct current_status){entry->status, entry->since, or_null(entry->death_date),
                                   or_null(entry->death_place), or_null(entry->death_cause)};
}

/* Brings the lists of all offices into step with the current status. */
static void
publish(struct db_batch *batch, const char *patient, struct current_status status)
{
    bool complete = !text_empty(status.death_date) && !text_empty(status.death_place);

    DB_ADD(batch, SQL_patient_publish_status, patient, status.status, status.since,
           db_bool(complete));
}

static int
next_number(const struct record *record)
{
    int highest = 0;

    for (size_t i = 0; i < rows_count(record->statuses); i++) {
        int number = (int)rows_int(record->statuses, i, "status_no");
        highest = number > highest ? number : highest;
    }
    return highest + 1;
}

enum notify_result
status_add(const struct desk *desk, const struct record *record, const struct status_entry *entry)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, record->patient_id);
    const char *number = db_int(arena, next_number(record));
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    DB_ADD(batch, SQL_patient_bump, id, db_int(arena, record->version));
    DB_ADD(batch, SQL_status_insert, id, number, entry->status, entry->since,
           or_null(entry->death_date), or_null(entry->death_place), or_null(entry->death_cause),
           entry->note == NULL ? "" : entry->note);
    DB_ADD(batch, SQL_revision_add, id, db_int(arena, record->version + 1), "status", NULL, "{}",
           as_json(arena, entry), "");
    publish(batch, id, current_with(record, entry));
    audit_patient(batch, arena, "status_add", record->patient_id, number);
    return notify_result_of(desk->db, db_run(batch));
}

/* The current status once entry `number` is taken back. */
static struct current_status
current_without(const struct record *record, int number)
{
    const struct rows *rows = record->statuses;

    for (size_t i = 0; i < rows_count(rows); i++)
        if (!rows_bool(rows, i, "withdrawn") && rows_int(rows, i, "status_no") != number)
            return (struct current_status){
                rows_text(rows, i, "status"), rows_text(rows, i, "since"),
                rows_text(rows, i, "death_date"), rows_text(rows, i, "death_place"),
                rows_text(rows, i, "death_cause")};
    return (struct current_status){0};
}

enum notify_result
status_withdraw(const struct desk *desk, const struct record *record, int number)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, record->patient_id), *no = db_int(arena, number);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    DB_ADD(batch, SQL_patient_bump, id, db_int(arena, record->version));
    DB_ADD(batch, SQL_status_withdraw, id, no);
    DB_ADD(batch, SQL_revision_add, id, db_int(arena, record->version + 1), "status", NULL,
           text_format(arena, "{\"status_no\":\"%d\"}", number), "{}", "登録の取消し");
    publish(batch, id, current_without(record, number));
    audit_patient(batch, arena, "status_withdraw", record->patient_id, no);
    return notify_result_of(desk->db, db_run(batch));
}
