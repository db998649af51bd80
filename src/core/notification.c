/* notification.c - see notification.h. */
#include "core/notification.h"

#include <string.h>

#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/contacts.h"
#include "core/publish.h"

enum { NUMBERS_KEPT = 16 };

static const struct document nothing;

char *
notification_number(struct arena *arena, int64_t patient_id, int no)
{
    return text_format(arena, "%s-%02d", publicid_hersys(arena, patient_id), no);
}

enum notify_result
notify_result_of(const struct db *db, enum db_status status)
{
    if (status == DB_OK)
        return NOTIFY_OK;
    if (status == DB_DUPLICATE) /* of the receipt: that answer stands; of anything else: somebody was there before */
        return db_last_statement(db) == SQL_receipt_add ? NOTIFY_REPEATED : NOTIFY_CONFLICT;
    if (status == DB_REFUSED)
        return text_same(db_last_sqlstate(db), "HS409") ? NOTIFY_CONFLICT : NOTIFY_REFUSED;
    return NOTIFY_FAILED;
}

/*
 * A fresh patient number. A worker keeps a few, so that the whole report is one round trip; numbers of a worker that
 * ends are lost, which harms nobody. 0 when the database failed.
 */
static int64_t
fresh_number(const struct desk *desk)
{
    static int64_t kept[NUMBERS_KEPT];
    static size_t left;
    enum db_status status;

    if (left == 0) {
        const struct rows *rows = DB_ONE(desk->db, desk->arena, NULL, &status, SQL_patient_numbers);
        for (size_t i = 0; rows != NULL && i < rows_count(rows); i++)
            kept[left++] = rows_int(rows, i, "number");
    }
    return left == 0 ? 0 : kept[--left];
}

/* Form version and kind of form, as they stand in the notification's own columns. */
static const char *
form_columns(struct arena *arena, const struct notify *notify)
{
    return text_format(arena, ",\"form_version\":\"%s\",\"short_form\":%s,\"deemed\":%s",
                       dictionary_forms[notify->form].version,
                       notify->short_form ? "true" : "false", notify->deemed ? "true" : "false");
}

/* The notification itself, its tests, 提出日, the mail to the centre and the receipt: the same for new and further ones. */
static void
add_notification(struct db_batch *batch, const struct desk *desk, struct fields f,
                 const struct notify *notify, const char *number)
{
    const char *id = db_int(desk->arena, f.patient_id);
    const char *category = notify->doc->value[ITEM_category];

    DB_ADD(batch, SQL_notification_insert, id, number,
           fields_json(f, notify->doc, NULL, TABLE_notification, form_columns(desk->arena, notify)));
    DB_ADD(batch, SQL_tests_insert, id, number, fields_tests_json(f, notify->doc));
    if (!text_empty(category))
        DB_ADD(batch, SQL_submission_fix, id, category);
    DB_ADD(batch, SQL_mail_to_centre, db_int(desk->arena, notify->centre_id),
           "notification_received", publicid_phone(desk->arena, f.patient_id));
    DB_ADD(batch, SQL_draft_delete, notify->draft_id);
}

enum notify_result
notification_report(const struct desk *desk, const struct notify *notify, int64_t *patient_id,
                    int *no)
{
    struct arena *arena = desk->arena;

    *patient_id = fresh_number(desk);
    *no = 1;
    if (*patient_id == 0)
        return NOTIFY_FAILED;
    struct fields f = {arena, desk->keys, *patient_id};
    struct publication publication = {.doc = notify->doc,
                                      .notification_no = 1,
                                      .form = notify->form,
                                      .short_form = notify->short_form,
                                      .deemed = notify->deemed,
                                      .listed_at = "now"};
    const char *id = db_int(arena, *patient_id);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
    DB_ADD(batch, SQL_receipt_add, notify->draft_id, id, "1");
    DB_ADD(batch, SQL_patient_open, id, db_int(arena, notify->centre_id),
           fields_json(f, notify->doc, NULL, TABLE_patient, NULL));
    add_notification(batch, desk, f, notify, "1");
    /* What was reported is the row itself; later revisions hold what it was before. */
    DB_ADD(batch, SQL_revision_add, id, "1", "notification", "1", "{}", "{}", "報告");
    publish_add(batch, desk, *patient_id, &publication);
    contacts_add_promotion(batch, arena, notify->contact, *patient_id);
    if (notify->different != NULL)
        DB_ADD(batch, SQL_same_declare, id, notify->different);
    audit_patient(batch, arena, "notification_report", *patient_id, "1");
    enum notify_result result = notify_result_of(desk->db, db_run(batch));
    return result == NOTIFY_REPEATED ? notification_receipt(desk, notify->draft_id, patient_id, no) ==
                                               NOTIFY_OK
                                           ? NOTIFY_REPEATED
                                           : NOTIFY_FAILED
                                     : result;
}

enum notify_result
notification_receipt(const struct desk *desk, const char *draft_id, int64_t *patient_id, int *no)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(desk->db, desk->arena, desk->session->token, &status,
                                     SQL_receipt_find, draft_id);

    if (rows == NULL)
        return NOTIFY_FAILED;
    if (rows_count(rows) == 0)
        return NOTIFY_REFUSED;
    *patient_id = rows_int(rows, 0, "patient_id");
    *no = (int)rows_int(rows, 0, "notification_no");
    return NOTIFY_OK;
}

enum notify_result
notify_ready(const struct desk *desk, const struct record *record, int version)
{
    int64_t patient_id;
    int no;

    if (version == record->version)
        return NOTIFY_OK;
    if (desk->form_id == NULL)
        return NOTIFY_CONFLICT;
    enum notify_result result = notification_receipt(desk, desk->form_id, &patient_id, &no);
    return result == NOTIFY_OK        ? NOTIFY_REPEATED
           : result == NOTIFY_REFUSED ? NOTIFY_CONFLICT
                                      : result;
}

/* The person's items that changed, with their revision. */
static void
add_person_changes(struct db_batch *batch, const struct desk *desk, const struct record *record,
                   const struct document *doc)
{
    struct fields f = record_fields(desk, record);
    const char *id = db_int(desk->arena, record->patient_id);

    if (!fields_differ(doc, &record->doc, true))
        return;
    DB_ADD(batch, SQL_patient_update, id, fields_json(f, doc, &record->doc, TABLE_patient, NULL));
    DB_ADD(batch, SQL_revision_add, id, db_int(desk->arena, record->version + 1), "patient", NULL,
           fields_changes(f, &record->doc, doc, true), fields_changes(f, doc, &record->doc, true),
           "");
}

/* The person as it stands in the older notifications, which a new one freezes. */
static const char *
person_now(struct fields f, const struct record *record)
{
    return fields_changes(f, &record->doc, &nothing, true);
}

enum notify_result
notification_add(const struct desk *desk, const struct record *record, const struct notify *notify,
                 int *no)
{
    struct arena *arena = desk->arena;
    struct fields f = record_fields(desk, record);
    const char *id = db_int(arena, record->patient_id);
    int64_t patient_id = record->patient_id;

    *no = record->next_no;
    const char *number = db_int(arena, *no);
    struct publication publication = publication_of(record, notify->doc);
    publication.notification_no = *no;
    publication.form = notify->form;
    publication.short_form = notify->short_form;
    publication.deemed = notify->deemed;
    publication.confirmed = false;
    publication.listed_at = "now";
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
    DB_ADD(batch, SQL_receipt_add, notify->draft_id, id, number);
    DB_ADD(batch, SQL_patient_bump, id, db_int(arena, record->version));
    DB_ADD(batch, SQL_notification_freeze, id, person_now(f, record));
    add_person_changes(batch, desk, record, notify->doc);
    add_notification(batch, desk, f, notify, number);
    DB_ADD(batch, SQL_revision_add, id, db_int(arena, record->version + 1), "notification", number,
           "{}", "{}", "追加登録");
    publish_add(batch, desk, record->patient_id, &publication);
    audit_patient(batch, arena, "notification_add", record->patient_id, number);
    enum notify_result result = notify_result_of(desk->db, db_run(batch));
    if (result == NOTIFY_REPEATED &&
        notification_receipt(desk, notify->draft_id, &patient_id, no) != NOTIFY_OK)
        return NOTIFY_FAILED;
    return result;
}

enum notify_result
notification_edit(const struct desk *desk, const struct record *record, const struct notify *notify)
{
    struct arena *arena = desk->arena;
    struct fields f = record_fields(desk, record);
    const char *id = db_int(arena, record->patient_id);
    const char *number = db_int(arena, record->notification.no);
    const struct document *old = &record->doc, *doc = notify->doc;
    struct publication publication = publication_of(record, doc);

    publication.form = notify->form;
    publication.short_form = notify->short_form;
    publication.confirmed = false;
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
    DB_ADD(batch, SQL_receipt_add, notify->draft_id, id, number);
    DB_ADD(batch, SQL_patient_bump, id, db_int(arena, record->version));
    add_person_changes(batch, desk, record, doc);
    DB_ADD(batch, SQL_notification_update, id, number,
           fields_json(f, doc, old, TABLE_notification, form_columns(arena, notify)));
    DB_ADD(batch, SQL_tests_delete, id, number);
    DB_ADD(batch, SQL_tests_insert, id, number, fields_tests_json(f, doc));
    if (document_has(doc, ITEM_category))
        DB_ADD(batch, SQL_submission_fix, id, doc->value[ITEM_category]);
    if (fields_differ(doc, old, false))
        DB_ADD(batch, SQL_revision_add, id, db_int(arena, record->version + 1), "notification",
               number, fields_changes(f, old, doc, false), fields_changes(f, doc, old, false), "");
    publish_add(batch, desk, record->patient_id, &publication);
    DB_ADD(batch, SQL_draft_delete, notify->draft_id);
    audit_patient(batch, arena, "notification_edit", record->patient_id, number);
    return notify_result_of(desk->db, db_run(batch));
}

int
notification_merge(const struct desk *desk, const struct record *record, int base_version,
                   struct document *doc, bool clash[ITEM_COUNT])
{
    enum db_status status;
    struct document base = record->doc;

    memset(clash, 0, sizeof *clash * ITEM_COUNT);
    if (base_version == record->version)
        return 0;
    const struct rows *rows =
        DB_ONE(desk->db, desk->arena, desk->session->token, &status, SQL_record_base_values,
               db_int(desk->arena, record->patient_id), db_int(desk->arena, record->notification.no),
               db_int(desk->arena, base_version));
    if (rows == NULL ||
        fields_apply_changes(record_fields(desk, record), &base, rows_at(rows, 0, 0)) != 0)
        return -1;
    return fields_merge(&base, &record->doc, doc, clash);
}

/* Confirm, seal and restore: one statement on the notification, and what follows from it. */
static enum notify_result
change_state(const struct desk *desk, const struct record *record, enum sql statement,
             const char *reason, const char *action, const struct publication *publication)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, record->patient_id);
    const char *number = db_int(arena, record->notification.no);
    /* The person's items freeze with the reports that a restored one supersedes. */
    const char *third = statement == SQL_notification_restore
                            ? person_now(record_fields(desk, record), record)
                            : reason;
    const char *const parameters[] = {id, number, third};
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    DB_ADD(batch, SQL_patient_bump, id, db_int(arena, record->version));
    db_add_array(batch, statement, (size_t)sql_table[statement].parameters, parameters);
    DB_ADD(batch, SQL_revision_add, id, db_int(arena, record->version + 1), action, number, "{}",
           "{}", reason);
    publish_add(batch, desk, record->patient_id, publication);
    if (statement == SQL_notification_seal &&
        desk->session->organisation_id != record->responsible_id)
        DB_ADD(batch, SQL_mail_to_centre, db_int(arena, record->responsible_id),
               "notification_deleted", publicid_phone(arena, record->patient_id));
    audit_patient(batch, arena, action, record->patient_id, number);
    return notify_result_of(desk->db, db_run(batch));
}

enum notify_result
notification_confirm(const struct desk *desk, const struct record *record)
{
    struct publication publication = publication_of(record, &record->doc);

    publication.confirmed = true;
    return change_state(desk, record, SQL_notification_confirm, "", "confirm", &publication);
}

/* The newest notification that stays when this one goes; 0 when none does. */
static int
newest_other(const struct record *record)
{
    for (size_t i = 0; i < rows_count(record->notifications); i++) {
        int no = (int)rows_int(record->notifications, i, "notification_no");
        if (no != record->notification.no && !rows_bool(record->notifications, i, "deleted"))
            return no;
    }
    return 0;
}

enum notify_result
notification_seal(const struct desk *desk, const struct record *record, const char *reason)
{
    struct record other;
    int stays = newest_other(record);

    if (stays == 0) {
        struct publication publication = publication_of(record, &record->doc);
        return change_state(desk, record, SQL_notification_seal, reason, "delete", &publication);
    }
    if (record_load(desk, record->patient_id, stays, "notification_view", &other) != RECORD_OK)
        return NOTIFY_FAILED;
    struct publication publication = publication_of(&other, &other.doc);
    publication.old = &record->doc;
    return change_state(desk, record, SQL_notification_seal, reason, "delete", &publication);
}

enum notify_result
notification_restore(const struct desk *desk, const struct record *record)
{
    struct record other;
    int newest = newest_other(record);
    struct publication publication = publication_of(record, &record->doc);

    if (newest > record->notification.no) {
        /* It comes back as an older report: the lists go on showing the newest. */
        if (record_load(desk, record->patient_id, newest, "notification_view", &other) != RECORD_OK)
            return NOTIFY_FAILED;
        publication = publication_of(&other, &other.doc);
    }
    /* The keys went when it was sealed, so there are none to take away. */
    publication.old = NULL;
    return change_state(desk, record, SQL_notification_restore, "", "restore", &publication);
}
