/* same_merge.c - see same_merge.h. */
#include "core/same_merge.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/publish.h"

static const struct document nothing;

enum record_result
same_load(const struct desk *desk, const struct same_wanted wanted[2], struct same_two *two)
{
    struct db_batch *batch = db_batch(desk->db, desk->arena, desk->session->token);
    unsigned first[2], frozen[2];
    enum record_result result = RECORD_OK;

    if (wanted[0].patient_id == 0 || wanted[1].patient_id == 0)
        return RECORD_NOT_FOUND;
    for (int i = 0; i < 2; i++) {
        first[i] = record_ask(batch, desk, wanted[i].patient_id, wanted[i].no, "same_open");
        frozen[i] = DB_ADD(batch, SQL_same_frozen, db_int(desk->arena, wanted[i].patient_id));
    }
    unsigned merges = DB_ADD(batch, SQL_same_merges, db_int(desk->arena, wanted[0].patient_id));
    unsigned waits = DB_ADD(batch, SQL_same_waits, db_int(desk->arena, wanted[0].patient_id),
                            db_int(desk->arena, wanted[1].patient_id));
    if (db_run(batch) != DB_OK)
        return RECORD_FAILED;
    for (int i = 0; i < 2 && result == RECORD_OK; i++) {
        result = record_answer(batch, first[i], desk, wanted[i].patient_id, &two->record[i]);
        two->frozen[i] = db_rows(batch, frozen[i]);
    }
    two->merges = db_rows(batch, merges);
    two->waits = rows_bool(db_rows(batch, waits), 0, "waits");
    return result;
}

/* ---- rights -------------------------------------------------------------------------------------------------------- */

bool
same_may_decide(const struct record *a, const struct record *b)
{
    return a->patient_id != b->patient_id && rights_may_view(a->rights, CLASS_identity) &&
           rights_may_view(b->rights, CLASS_identity) &&
           (rights_may_edit(a->rights, CLASS_identity) || rights_may_edit(b->rights, CLASS_identity));
}

bool
same_may_merge(const struct session *session, const struct record *a, const struct record *b)
{
    return same_may_decide(a, b) && a->responsible_id == session->organisation_id &&
           b->responsible_id == session->organisation_id && a->notification.no != 0 &&
           b->notification.no != 0;
}

/* ---- links --------------------------------------------------------------------------------------------------------- */

enum notify_result
same_decide(const struct desk *desk, enum same_decision decision, const struct record *a,
            const struct record *b)
{
    static const char *const decisions[] = {
        [SAME_LINK] = "same_link", [SAME_UNLINK] = "same_unlink", [SAME_DIFFERENT] = "same_different"};
    struct arena *arena = desk->arena;
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, a);
    DB_ADD(batch, SQL_same_decide, db_int(arena, a->patient_id), db_int(arena, b->patient_id), decisions[decision]);
    audit_patient(batch, arena, decisions[decision], a->patient_id, "");
    audit_patient(batch, arena, decisions[decision], b->patient_id, "");
    return notify_result_of(desk->db, db_run(batch));
}

/* ---- merging ------------------------------------------------------------------------------------------------------- */

bool
same_first_stays(const char *first_reported, int64_t first_id, const char *second_reported, int64_t second_id)
{
    int order = strcmp(first_reported, second_reported);

    return order < 0 || (order == 0 && first_id < second_id);
}

/* Which of the two stays: 0 or 1. */
static int
survivor(const struct same_two *two)
{
    const struct record *a = &two->record[0], *b = &two->record[1];

    return same_first_stays(a->notification.reported_iso, a->patient_id, b->notification.reported_iso, b->patient_id) ? 0 : 1;
}

static bool
is_of_person(int item)
{
    return dictionary_items[item].table == TABLE_patient;
}

void
same_merged_person(struct document *doc, const struct document *into, const struct document *gone)
{
    for (int item = 0; item < ITEM_COUNT; item++)
        if (is_of_person(item))
            doc->value[item] = document_has(gone, item) ? gone->value[item] : into->value[item];
}

/* Both persons as they are, each sealed for its own ID. */
static const char *
persons(const struct desk *desk, const struct record *into, const struct record *gone)
{
    return text_format(
        desk->arena, "{\"into\":%s,\"gone\":%s}",
        fields_changes(record_fields(desk, into), &into->doc, &nothing, true),
        fields_changes(record_fields(desk, gone), &gone->doc, &nothing, true));
}

/* The persons of frozen reports, by number, sealed anew for the ID that they go to. */
static const char *
sealed_anew(const struct desk *desk, const struct rows *rows, const struct record *gone,
            const struct record *into)
{
    struct buf out = buf_new(desk->arena);

    buf_add_char(&out, '{');
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct document person = {0};
        fields_apply_changes(record_fields(desk, gone), &person, rows_text(rows, i, "frozen_items"));
        buf_printf(&out, "%s\"%s\":%s", i == 0 ? "" : ",", rows_text(rows, i, "notification_no"),
                   fields_changes(record_fields(desk, into), &person, &nothing, true));
    }
    buf_add_char(&out, '}');
    return buf_text(&out);
}

/* Current of two: the later; of the same day, the second's, whose numbers come behind. */
static struct current_status
later(struct current_status first, struct current_status second)
{
    if (first.since == NULL || second.since == NULL)
        return first.since == NULL ? second : first;
    return strcmp(first.since, second.since) > 0 ? first : second;
}

enum notify_result
same_merge(const struct desk *desk, const struct same_two *two)
{
    struct arena *arena = desk->arena;
    int stays = survivor(two);
    const struct record *into = &two->record[stays], *gone = &two->record[1 - stays];
    const char *gone_id = db_int(arena, gone->patient_id), *id = db_int(arena, into->patient_id);
    struct fields f = record_fields(desk, into);
    struct document doc = gone->doc, person = into->doc;

    same_merged_person(&doc, &into->doc, &gone->doc);
    same_merged_person(&person, &into->doc, &gone->doc);
    struct publication publication = publication_of(gone, &doc);
    publication.old = &into->doc;
    publication.notification_no = into->next_no - 1 + gone->notification.no;
    publication.status = later(record_current_status(into), record_current_status(gone));
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
    record_add_receipt(batch, desk, into);
    DB_ADD(batch, SQL_same_merge_do, gone_id, db_int(arena, gone->version), id,
           db_int(arena, into->version), persons(desk, into, gone),
           fields_json(f, &person, &into->doc, TABLE_patient, NULL),
           sealed_anew(desk, two->frozen[1 - stays], gone, into),
           fields_changes(f, &into->doc, &nothing, true),
           text_format(arena, "%s を統合", publicid_hersys(arena, gone->patient_id)));
    publish_add(batch, desk, into->patient_id, &publication);
    audit_patient(batch, arena, "same_merge", into->patient_id, gone_id);
    audit_patient(batch, arena, "same_merge", gone->patient_id, id);
    return notify_result_of(desk->db, db_run(batch));
}

/* ---- undoing ------------------------------------------------------------------------------------------------------- */

struct same_merged
same_merged_from(const struct rows *rows, size_t i)
{
    return (struct same_merged){.gone_id = rows_int(rows, i, "patient_id"),
                                .first_no = (int)rows_int(rows, i, "first_no"),
                                .last_no = (int)rows_int(rows, i, "last_no"),
                                .first_status = (int)rows_int(rows, i, "first_status"),
                                .last_status = (int)rows_int(rows, i, "last_status"),
                                .persons = rows_text(rows, i, "persons")};
}

static bool
came(int number, int first, int last)
{
    return number > first && number <= last;
}

struct same_sides
same_sides_of(const struct record *record, const struct same_merged *merged)
{
    const struct rows *rows = record->notifications;
    struct same_sides sides = {0};

    for (size_t i = rows_count(rows); i-- > 0;) { /* the newest stand first */
        int no = (int)rows_int(rows, i, "notification_no");
        if (rows_bool(rows, i, "deleted"))
            continue;
        *(came(no, merged->first_no, merged->last_no) ? &sides.returns : &sides.stays) = no;
    }
    return sides;
}

/* The current status of one side. */
static struct current_status
status_of_side(const struct record *record, const struct same_merged *merged, bool returned)
{
    const struct rows *rows = record->statuses;

    for (size_t i = 0; i < rows_count(rows); i++)
        if (!rows_bool(rows, i, "withdrawn") &&
            came((int)rows_int(rows, i, "status_no"), merged->first_status, merged->last_status) ==
                returned)
            return (struct current_status){
                rows_text(rows, i, "status"), rows_text(rows, i, "since"),
                rows_text(rows, i, "death_date"), rows_text(rows, i, "death_place"),
                rows_text(rows, i, "death_cause")};
    return (struct current_status){0};
}

/* One of the persons that a merge has kept. */
static int
kept_person(struct fields f, const char *json, const char *which, struct document *doc)
{
    json_t *both = json_loads(json, 0, NULL);
    char *one = json_dumps(json_object_get(both, which), 0);
    int result = one == NULL ? -1 : fields_apply_changes(f, doc, one);

    free(one);
    json_decref(both);
    return result;
}

/* Puts back what the merge had changed of the person, unless somebody has changed it since. */
static void
restore_person(struct document *doc, const struct document *into, const struct document *gone)
{
    struct document merged = {0};

    same_merged_person(&merged, into, gone);
    for (int item = 0; item < ITEM_COUNT; item++)
        if (is_of_person(item) && text_same(doc->value[item], merged.value[item]))
            doc->value[item] = into->value[item];
}

enum notify_result
same_undo(const struct desk *desk, const struct same_merged *merged, const struct record *stays,
          const struct record *returns)
{
    struct arena *arena = desk->arena;
    struct fields f = record_fields(desk, stays), gone = {arena, desk->keys, merged->gone_id};
    /* The person as it is by now stands with the open report; a frozen one has its own. */
    const struct document *now = stays->notification.frozen ? &returns->doc : &stays->doc;
    struct document into_person = {0}, gone_person = {0}, person = *now;
    struct document stays_doc = stays->doc, returns_doc = returns->doc;
    const char *id = db_int(arena, stays->patient_id), *gone_id = db_int(arena, merged->gone_id);
    struct same_sides sides = same_sides_of(stays, merged);

    if (sides.stays == 0 || sides.stays != stays->notification.no || sides.returns == 0 ||
        sides.returns != returns->notification.no)
        return NOTIFY_CONFLICT;
    if (kept_person(f, merged->persons, "into", &into_person) != 0 ||
        kept_person(gone, merged->persons, "gone", &gone_person) != 0)
        return NOTIFY_FAILED;
    restore_person(&person, &into_person, &gone_person);
    same_merged_person(&stays_doc, &nothing, &person);
    same_merged_person(&returns_doc, &nothing, &gone_person);
    struct publication one = publication_of(stays, &stays_doc);
    struct publication other = publication_of(returns, &returns_doc);
    one.old = now;
    one.status = status_of_side(stays, merged, false);
    other.old = NULL;
    other.notification_no = returns->notification.no - merged->first_no;
    other.status = status_of_side(stays, merged, true);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
    record_add_receipt(batch, desk, stays);
    DB_ADD(batch, SQL_same_merge_undo, gone_id, id, db_int(arena, stays->version),
           db_int(arena, stays->notification.no), db_int(arena, returns->notification.no),
           fields_json(f, &person, now, TABLE_patient, NULL),
           text_format(arena, "%s の統合を取消し", publicid_hersys(arena, merged->gone_id)));
    publish_add(batch, desk, stays->patient_id, &one);
    publish_add(batch, desk, merged->gone_id, &other);
    audit_patient(batch, arena, "same_undo", stays->patient_id, gone_id);
    audit_patient(batch, arena, "same_undo", merged->gone_id, id);
    return notify_result_of(desk->db, db_run(batch));
}
