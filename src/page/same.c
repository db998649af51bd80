/* same.c - the same person (同一人物): the queue of pairs that look alike and what is decided there; see also same.h. */
#include "page/same.h"

#include <string.h>

#include "base/crypt.h"
#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/same.h"
#include "core/same_merge.h"
#include "page/handlers.h"
#include "page/patient_head.h"

enum { PAIRS = 20, MAX_TOLD = 20 };

/* ---- candidates while a form is written ---------------------------------------------------------------------------- */

static bool
is_told_different(struct context *c, int64_t patient_id)
{
    const struct form *form = &c->request->body;

    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, "different") == 0 &&
            publicid_parse(form->fields[i].value) == patient_id)
            return true;
    return false;
}

const char *
same_told_different(struct context *c)
{
    const struct form *form = &c->request->body;
    struct buf out = buf_new(c->arena);
    int n = 0;

    buf_add_char(&out, '{');
    for (size_t i = 0; i < form->count && n < MAX_TOLD; i++) {
        if (strcmp(form->fields[i].name, "different") != 0)
            continue;
        buf_printf(&out, "%s%lld", n++ == 0 ? "" : ",",
                   (long long)publicid_parse(form->fields[i].value));
    }
    buf_add_char(&out, '}');
    return n == 0 ? NULL : buf_text(&out);
}

static const char *
shown(const char *text)
{
    return text_empty(text) ? "（未入力）" : text;
}

/* One who may be the person of a form. */
struct candidate {
    const char *number, *id, *name, *kana, *birth, *reported, *words, *path;
    const char *further_path; /* to 追加登録; NULL when this office may not */
    bool told_different;
};

static struct candidate
candidate_of(struct context *c, const struct rows *rows, size_t i)
{
    struct arena *arena = c->arena;
    int64_t id = rows_int(rows, i, "patient_id");
    const char *number = publicid_hersys_plain(arena, id), *kana = rows_text(rows, i, "kana");
    struct rights rights = rights_of(c->session.kind, (unsigned)rows_int(rows, i, "relations"));

    return (struct candidate){
        .number = number,
        .id = publicid_hersys(arena, id),
        .name = shown(rows_text(rows, i, "name")),
        .kana = kana == NULL ? "" : kana,
        .birth = date_slashed(arena, date_from_iso(rows_text(rows, i, "birth_date"))),
        .reported = text_format(arena, "%s %s", rows_text(rows, i, "reported"),
                                rows_text(rows, i, "reporter")),
        .words = text_format(arena, "%s（%s点）",
                             same_words(arena, (unsigned)rows_int(rows, i, "reasons")),
                             rows_text(rows, i, "score")),
        .path = text_format(arena, "/patient/%s", number),
        .further_path = rights_may_edit(rights, CLASS_clinical)
                            ? text_format(arena, "/patient/%s/notification/%s/add", number,
                                          rows_text(rows, i, "notification_no"))
                            : NULL,
        .told_different = is_told_different(c, id)};
}

void
same_fill_found(struct context *c, struct view *view, const struct rows *rows)
{
    size_t count = rows == NULL ? 0 : rows_count(rows);

    view_text(view, "same_count", count == 0 ? "" : db_int(c->arena, (int64_t)count));
    view_list(view, "same_found");
    for (size_t i = 0; i < count; i++) {
        struct view *row = view_row(view, "same_found");
        struct candidate one = candidate_of(c, rows, i);
        view_text(row, "candidate_number", one.number);
        view_text(row, "candidate_id", one.id);
        view_text(row, "candidate_name", one.name);
        view_text(row, "candidate_kana", one.kana);
        view_text(row, "candidate_birth", one.birth);
        view_text(row, "candidate_reported", one.reported);
        view_text(row, "candidate_words", one.words);
        view_text(row, "candidate_path", one.path);
        view_text(row, "further_path", one.further_path);
        view_flag(row, "told_different", one.told_different);
    }
}

unsigned
same_add_look(struct db_batch *batch, struct context *c, const struct entry *entry)
{
    struct desk desk = entry_desk(c);

    return entry->kind == ENTRY_new && same_is_askable(&entry->doc)
               ? same_look(batch, &desk, &entry->doc)
               : 0;
}

enum db_status
same_for_form(struct context *c, const struct entry *entry, const struct rows **rows)
{
    struct desk desk = entry_desk(c);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    *rows = NULL;
    if (entry->kind != ENTRY_new || !same_is_askable(&entry->doc))
        return DB_OK;
    unsigned found = same_look(batch, &desk, &entry->doc);
    enum db_status status = db_run(batch);
    *rows = status == DB_OK ? db_rows(batch, found) : NULL;
    return status;
}

void
same_add_json(struct context *c, struct buf *out, const struct rows *rows)
{
    size_t count = rows == NULL ? 0 : rows_count(rows);

    buf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        struct candidate one = candidate_of(c, rows, i);
        const char *const members[][2] = {
            {"number", one.number},     {"id", one.id},         {"name", one.name},
            {"kana", one.kana},         {"birth", one.birth},   {"reported", one.reported},
            {"words", one.words},       {"path", one.path},     {"further", one.further_path}};
        for (size_t k = 0; k < sizeof members / sizeof *members; k++) {
            buf_printf(out, "%s\"%s\":", k > 0 ? "," : i > 0 ? ",{" : "{", members[k][0]);
            buf_add_json(out, members[k][1]);
        }
        buf_printf(out, ",\"different\":%s}", one.told_different ? "true" : "false");
    }
    buf_add_char(out, ']');
}

/* ---- on a patient's page ------------------------------------------------------------------------------------------- */

static void
fill_links(struct context *c, struct view *view, const struct record *record,
           const struct rows *rows)
{
    view_list(view, "links");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "links");
        int64_t id = rows_int(rows, i, "other_id");
        struct record other = {
            .patient_id = id,
            .rights = rights_of(c->session.kind, (unsigned)rows_int(rows, i, "relations"))};
        view_text(row, "link_id", publicid_hersys(c->arena, id));
        view_text(row, "link_number", publicid_hersys_plain(c->arena, id));
        view_text(row, "link_path",
                  text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, id)));
        view_text(row, "link_diagnosis",
                  date_slashed(c->arena, date_from_iso(rows_text(rows, i, "diagnosis_date"))));
        view_text(row, "link_reporter", rows_text(rows, i, "reporter"));
        view_text(row, "linked", rows_text(rows, i, "linked"));
        view_flag(row, "may_unlink", same_may_decide(record, &other));
    }
}

static void
fill_merges(struct context *c, struct view *view, const struct record *record,
            const struct rows *rows)
{
    bool mine = rights_may_edit(record->rights, CLASS_identity) &&
                record->responsible_id == c->session.organisation_id;

    view_list(view, "merges");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "merges");
        int64_t id = rows_int(rows, i, "patient_id");
        struct same_merged merged = same_merged_from(rows, i);
        struct same_sides sides = same_sides_of(record, &merged);
        view_text(row, "gone_id", publicid_hersys(c->arena, id));
        view_text(row, "gone_number", publicid_hersys_plain(c->arena, id));
        view_text(row, "merged", rows_text(rows, i, "merged"));
        view_text(row, "merged_by", rows_text(rows, i, "holder"));
        view_text(row, "undo_until", rows_text(rows, i, "until"));
        view_int(row, "stays", sides.stays);
        view_int(row, "returns", sides.returns);
        view_flag(row, "may_undo", mine && rows_bool(rows, i, "undoable") && sides.stays != 0 &&
                                       sides.returns != 0);
    }
}

enum db_status
same_fill_patient(struct context *c, struct view *view, const struct record *record)
{
    const char *id = db_int(c->arena, record->patient_id);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    unsigned links = DB_ADD(batch, SQL_same_links, db_int(c->arena, c->session.organisation_id), id);
    unsigned merges = DB_ADD(batch, SQL_same_merges, id);
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        return status;
    view_text(view, "unlink_path", patient_path(c, record, "same/unlink"));
    view_text(view, "undo_path", patient_path(c, record, "same/undo"));
    view_text(view, "patient_number", publicid_hersys_plain(c->arena, record->patient_id));
    fill_links(c, view, record, db_rows(batch, links));
    fill_merges(c, view, record, db_rows(batch, merges));
    return DB_OK;
}

bool
same_lead_on(struct context *c, int64_t patient_id)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_same_survivor,
                                     db_int(c->arena, patient_id));

    if (rows == NULL || rows_text(rows, 0, "patient_id") == NULL)
        return false;
    page_redirect_with(
        c,
        text_format(c->arena, "/patient/%s",
                    publicid_hersys_plain(c->arena, rows_int(rows, 0, "patient_id"))),
        "same_led_on");
    return true;
}

/* ---- the queue ----------------------------------------------------------------------------------------------------- */

static const char *
two(struct arena *arena, const struct rows *rows, size_t i, const char *a, const char *b)
{
    const char *first = rows_text(rows, i, a), *second = rows_text(rows, i, b);

    return text_trim(arena, text_format(arena, "%s　%s", first == NULL ? "" : first,
                                        second == NULL ? "" : second));
}

static const char *
item_shown(struct context *c, int item, const char *value)
{
    struct document doc = {0};

    doc.value[item] = value;
    return document_shown(c->arena, &doc, item);
}

/* What is set side by side: the first of them decide whether it is one person. */
struct fact {
    const char *label;
    bool compared;
    const char *value[2];
};

static void
fill_sides(struct context *c, struct view *pair, const struct fact *facts, size_t count,
           const struct rows *rows, size_t first)
{
    for (size_t side = 0; side < 2; side++) {
        struct view *row = view_row(pair, "sides");
        int64_t id = rows_int(rows, first + side, "patient_id");
        view_text(row, "side_id", publicid_hersys(c->arena, id));
        view_text(row, "side_path",
                  text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, id)));
        for (size_t i = 0; i < count; i++) {
            struct view *fact = view_row(row, "facts");
            view_text(fact, "label", facts[i].label);
            view_text(fact, "value", facts[i].value[side]);
            view_flag(fact, "differs",
                      facts[i].compared && !text_empty(facts[i].value[0]) &&
                          !text_empty(facts[i].value[1]) &&
                          !text_same(facts[i].value[0], facts[i].value[1]));
        }
    }
}

static void
fill_facts(struct context *c, struct view *pair, const struct rows *rows, size_t first)
{
    struct fact facts[] = {{"氏名", true, {0}},     {"フリガナ", true, {0}},   {"生年月日", true, {0}},
                           {"性別", true, {0}},     {"電話番号", true, {0}},   {"住所", true, {0}},
                           {"診断年月日", false, {0}}, {"診断分類", false, {0}}, {"届出", false, {0}},
                           {"担当保健所", false, {0}}, {"ステータス", false, {0}}};

    for (size_t side = 0; side < 2; side++) {
        size_t i = first + side;
        const char *const values[] = {
            two(c->arena, rows, i, "family_name", "given_name"),
            two(c->arena, rows, i, "family_kana", "given_kana"),
            item_shown(c, ITEM_birth_date, rows_text(rows, i, "birth_date")),
            item_shown(c, ITEM_sex, rows_text(rows, i, "sex")),
            item_shown(c, ITEM_phone, rows_text(rows, i, "phone")),
            rows_text(rows, i, "home_address"),
            item_shown(c, ITEM_diagnosis_date, rows_text(rows, i, "diagnosis_date")),
            dictionary_label(LIST_category, rows_text(rows, i, "category")),
            two(c->arena, rows, i, "reported", "reporter"),
            rows_text(rows, i, "responsible"),
            dictionary_label(LIST_status, rows_text(rows, i, "status"))};
        for (size_t k = 0; k < sizeof facts / sizeof *facts; k++)
            facts[k].value[side] = values[k];
    }
    fill_sides(c, pair, facts, sizeof facts / sizeof *facts, rows, first);
}

/* Whose ID stays when the pair in rows `first` and the next is merged. */
static int64_t
staying(const struct rows *rows, size_t first)
{
    int64_t a = rows_int(rows, first, "patient_id"), b = rows_int(rows, first + 1, "patient_id");

    return same_first_stays(rows_text(rows, first, "reported_iso"), a, rows_text(rows, first + 1, "reported_iso"), b) ? a : b;
}

static void
fill_pair(struct context *c, struct view *view, const struct rows *rows, size_t first)
{
    struct view *pair = view_row(view, "pairs");
    bool mine = true;

    for (size_t i = first; i < first + 2; i++)
        mine = mine && rows_int(rows, i, "responsible_id") == c->session.organisation_id;
    view_text(pair, "place", rows_text(rows, first, "place"));
    view_text(pair, "score", rows_text(rows, first, "score"));
    view_text(pair, "words", same_words(c->arena, (unsigned)rows_int(rows, first, "reasons")));
    view_text(pair, "a", publicid_hersys_plain(c->arena, rows_int(rows, first, "patient_id")));
    view_text(pair, "b", publicid_hersys_plain(c->arena, rows_int(rows, first + 1, "patient_id")));
    view_text(pair, "version_a", rows_text(rows, first, "version"));
    view_text(pair, "version_b", rows_text(rows, first + 1, "version"));
    view_text(pair, "form_id", crypt_uuid(c->arena));
    view_flag(pair, "may_merge", mine);
    view_text(pair, "stays_id", mine ? publicid_hersys(c->arena, staying(rows, first)) : "");
    fill_facts(c, pair, rows, first);
}

/* Both of a pair are there: an office that has just lost sight of one sees no half of a pair. */
static bool
is_pair(const struct rows *rows, size_t i)
{
    return i + 1 < rows_count(rows) &&
           rows_int(rows, i, "place") == rows_int(rows, i + 1, "place");
}

static void
fill_queue(struct context *c, struct view *view, const struct rows *rows)
{
    size_t count = 0;

    view_list(view, "pairs");
    view_text(view, "next_path", "");
    for (size_t i = 0; i < rows_count(rows) && count < PAIRS; i++) {
        if (!is_pair(rows, i))
            continue;
        fill_pair(c, view, rows, i);
        count++;
        if (count == PAIRS && i + 2 < rows_count(rows))
            view_text(view, "next_path",
                      text_format(c->arena, "/same?score=%s&a=%s&b=%s", rows_text(rows, i, "score"),
                                  publicid_hersys_plain(c->arena, rows_int(rows, i, "first_id")),
                                  publicid_hersys_plain(c->arena, rows_int(rows, i, "second_id"))));
        i++;
    }
}

void
same_show(struct context *c)
{
    int64_t score = SAME_MOST + 1, first = publicid_parse(request_query(c->request, "a"));

    if (c->session.kind != KIND_centre && c->session.kind != KIND_clinic) {
        page_forbidden(c, "同一人物かどうかを確かめるのは、担当保健所と届け出た医療機関です。");
        return;
    }
    if (first != 0)
        text_to_int(request_query(c->request, "score"), 0, SAME_MOST, &score);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_same_queue, db_int(c->arena, c->session.organisation_id),
           db_int(c->arena, score), db_int(c->arena, first),
           db_int(c->arena, publicid_parse(request_query(c->request, "b"))),
           db_int(c->arena, PAIRS + 1));
    unsigned days = DB_ADD(batch, SQL_same_merge_days);
    enum db_status status = db_run(batch);
    if (status == DB_OK && rows_count(db_rows(batch, 0)) > 0) {
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_list(trail, c->arena, "list", db_rows(batch, 0), "same");
        status = db_run(trail);
    }
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "似た方");
    view_text(view, "merge_days", rows_at(db_rows(batch, days), 0, 0));
    fill_queue(c, view, db_rows(batch, 0));
    page_send(c, TEMPLATE_same, view);
}

/* ---- deciding ------------------------------------------------------------------------------------------------------ */

/* A merge takes one of its two away: pressed again, the form is known by its receipt. */
static bool
answered_before(const struct desk *desk)
{
    int64_t patient_id;
    int no;

    return desk->form_id != NULL &&
           notification_receipt(desk, desk->form_id, &patient_id, &no) == NOTIFY_OK;
}

/* The two patients that the form is about; answers and returns false when this office may not decide about them. */
static bool
open_pair(struct context *c, const struct desk *desk, struct same_two *pair)
{
    const struct same_wanted wanted[2] = {{publicid_parse(request_value(c->request, "a")), 0},
                                          {publicid_parse(request_value(c->request, "b")), 0}};
    enum record_result result = same_load(desk, wanted, pair);

    if (result == RECORD_FAILED)
        page_database_failed(c, DB_LOST);
    else if (result == RECORD_NOT_FOUND && answered_before(desk))
        page_redirect_with(c, "/same", "same_merged");
    else if (result == RECORD_NOT_FOUND)
        page_not_found(c);
    else if (!same_may_decide(&pair->record[0], &pair->record[1]))
        page_forbidden(c, rights_because(c->session.kind, pair->record[0].relations));
    else
        return true;
    return false;
}

/* The pair as the form showed it; a form that was answered already is REPEATED. */
static enum notify_result
pair_ready(struct context *c, const struct desk *desk, const struct same_two *pair)
{
    static const char *const names[2] = {"version_a", "version_b"};
    enum notify_result result = NOTIFY_OK;

    for (int i = 0; i < 2 && result == NOTIFY_OK; i++) {
        int64_t version = -1;
        text_to_int(request_value(c->request, names[i]), 0, INT32_MAX, &version);
        result = notify_ready(desk, &pair->record[i], (int)version);
    }
    return result;
}

void
same_post(struct context *c)
{
    static const struct {
        const char *name, *notice;
        bool merges;
        enum same_decision decision;
    } actions[] = {{"link", "same_linked", false, SAME_LINK},
                   {"different", "same_different", false, SAME_DIFFERENT},
                   {"merge", "same_merged", true, SAME_LINK}};
    const char *action = request_value(c->request, "action");
    struct desk desk = patient_desk(c);
    struct same_two pair;
    size_t i = 0, count = sizeof actions / sizeof *actions;

    while (i < count && strcmp(actions[i].name, action) != 0)
        i++;
    if (i == count) {
        page_bad_request(c, "ページを開き直して、もう一度選んでください。");
        return;
    }
    if (!open_pair(c, &desk, &pair))
        return;
    const struct record *a = &pair.record[0], *b = &pair.record[1];
    if (actions[i].merges && !same_may_merge(&c->session, a, b)) {
        page_forbidden(c, "統合できるのは、お二人とも担当している保健所だけです。「同一人物として結び付ける」をお使いください。");
        return;
    }
    if (actions[i].merges && pair.waits) {
        page_conflict(c, "いまは統合できません", "引継ぎの返事を待っています。返事があるか、依頼を取り下げてから統合してください。");
        return;
    }
    enum notify_result result = pair_ready(c, &desk, &pair);
    if (result == NOTIFY_OK)
        result = actions[i].merges ? same_merge(&desk, &pair)
                                   : same_decide(&desk, actions[i].decision, a, b);
    patient_conclude(c, result, "/same", actions[i].notice);
}

void
same_unlink_post(struct context *c)
{
    struct desk desk = patient_desk(c);
    struct same_two pair;

    if (open_pair(c, &desk, &pair))
        patient_conclude(c, same_decide(&desk, SAME_UNLINK, &pair.record[0], &pair.record[1]),
                         patient_path(c, &pair.record[0], ""), "same_unlinked");
}

/* The merge of the form, if it may still be undone. */
static bool
find_merge(const struct rows *rows, int64_t gone_id, struct same_merged *merged)
{
    for (size_t i = 0; i < rows_count(rows); i++) {
        *merged = same_merged_from(rows, i);
        if (merged->gone_id == gone_id)
            return rows_bool(rows, i, "undoable");
    }
    return false;
}

/* The number of a report that the form names; 0 when it is none. */
static int
posted_number(struct context *c, const char *name)
{
    int64_t no;

    return text_to_int(request_value(c->request, name), 1, 100000, &no) == 0 ? (int)no : 0;
}

/*
 * The form names the reports that will be the newest of each side, so that both are read at once; whether they still are
 * is judged by same_undo and again in the database.
 */
void
same_undo_post(struct context *c)
{
    struct desk desk = patient_desk(c);
    int64_t id = path_patient(c, 1);
    const struct same_wanted wanted[2] = {{id, posted_number(c, "stays")},
                                          {id, posted_number(c, "returns")}};
    struct same_two sides;
    struct same_merged merged;
    enum record_result loaded = same_load(&desk, wanted, &sides);
    const struct record *record = &sides.record[0];

    if (loaded != RECORD_OK) {
        if (loaded == RECORD_FAILED)
            page_database_failed(c, DB_LOST);
        else
            page_not_found(c);
        return;
    }
    if (!rights_may_edit(record->rights, CLASS_identity) ||
        record->responsible_id != c->session.organisation_id) {
        page_forbidden(c, "統合を取り消せるのは、担当保健所だけです。");
        return;
    }
    enum notify_result result = patient_ready(c, record);
    if (result == NOTIFY_OK)
        result = find_merge(sides.merges, publicid_parse(request_value(c->request, "gone")), &merged)
                     ? same_undo(&desk, &merged, record, &sides.record[1])
                     : NOTIFY_CONFLICT;
    patient_conclude(c, result, patient_path(c, record, ""), "same_undone");
}
