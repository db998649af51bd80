/*
 * patient_assignment.c - 担当・関係保健所 of a patient: who follows, who else may look, and the hand-over (引継ぎ) from one
 * responsible centre to another, asked and answered; and the list of what moved in and out of a centre.
 */
#include <string.h>

#include "base/date.h"
#include "base/jtext.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/assignment.h"
#include "core/audit.h"
#include "core/handover.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_assignment.h"
#include "page/patient_head.h"

/* ---- the page ------------------------------------------------------------------------------------------------------ */

static const char no_centre[] = "保健所を選んでください。";


/* The municipality that proposes a centre: where the patient is, else where they are registered. */
static const char *
municipality(const struct record *record)
{
    if (document_has(&record->doc, ITEM_stay_municipality))
        return record->doc.value[ITEM_stay_municipality];
    return document_has(&record->doc, ITEM_home_municipality)
               ? record->doc.value[ITEM_home_municipality]
               : "";
}

static void
fill_centres(struct view *view, const struct record *record, const struct rows *rows, const char *asked)
{
    view_list(view, "centres");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "centres");
        view_text(row, "centre_id", rows_text(rows, i, "organisation_id"));
        view_format(row, "centre_label", "%s　%s", rows_text(rows, i, "prefecture"),
                    rows_text(rows, i, "name"));
        view_flag(row, "is_responsible",
                  rows_int(rows, i, "organisation_id") == record->responsible_id);
        view_flag(row, "is_asked", text_same(rows_text(rows, i, "organisation_id"), asked));
    }
}

static void
fill_related(struct context *c, struct view *view, const struct rows *related)
{
    view_list(view, "related");
    for (size_t i = 0; i < rows_count(related); i++) {
        struct view *row = view_row(view, "related");
        view_text(row, "related_id", rows_text(related, i, "organisation_id"));
        view_text(row, "related_name", rows_text(related, i, "name"));
        view_text(row, "related_until",
                  date_slashed(c->arena, date_from_iso(rows_text(related, i, "until"))));
    }
}

/* Of all hand-overs of a patient, the newest first: whether it still waits for an answer. */
static bool
is_asked(const struct rows *handovers)
{
    return rows_count(handovers) > 0 && text_same(rows_text(handovers, 0, "state"), "requested");
}

static const char *
state_label(const char *state)
{
    static const char *const labels[][2] = {
        {"requested", "依頼中"}, {"accepted", "受入れ"}, {"refused", "お断り"}, {"withdrawn", "取下げ"}};

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (text_same(state, labels[i][0]))
            return labels[i][1];
    return "";
}

/* The open request, in the words of whoever looks at it; and what has been asked before. */
static void
fill_handovers(struct context *c, struct view *view, const struct record *record, const struct rows *rows)
{
    bool asked = is_asked(rows);
    int64_t own = c->session.organisation_id;
    const char *no = rows_count(rows) > 0 ? rows_text(rows, 0, "handover_no") : NULL;

    view_flag(view, "asked", asked);
    view_flag(view, "asked_us", asked && rows_int(rows, 0, "to_id") == own);
    view_flag(view, "asked_by_us", asked && rows_int(rows, 0, "from_id") == own);
    view_flag(view, "refusal_unread", rows_count(rows) > 0 && rows_bool(rows, 0, "unread"));
    view_text(view, "seen_path", patient_path(c, record, "handover/seen"));
    static const char *const steps[] = {"accept", "refuse", "withdraw"};
    for (size_t i = 0; i < 3 && no != NULL; i++)
        view_text(view, text_format(c->arena, "%s_path", steps[i]),
                  patient_path(c, record, text_format(c->arena, "handover/%s/%s", no, steps[i])));
    view_list(view, "handovers");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "handovers");
        static const char *const columns[] = {"from_name", "to_name", "reason", "answer", "requested",
                                              "requested_by_name", "decided", "decided_by_name"};
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            view_text(row, columns[k], rows_text(rows, i, columns[k]));
        view_text(row, "state_label", state_label(rows_text(rows, i, "state")));
    }
}

void
patient_assignment_page(struct context *c, const struct record *record, struct assignment_again again)
{
    struct view *view = patient_view(c, record, "assignment");
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    unsigned handovers = DB_ADD(batch, SQL_handover_list_of, db_int(c->arena, record->patient_id));
    unsigned grants = DB_ADD(batch, SQL_grant_list, db_int(c->arena, record->patient_id));
    unsigned centres = DB_ADD(batch, SQL_centres_find, c->session.prefecture_code);
    unsigned proposal = DB_ADD(batch, SQL_centre_of, municipality(record));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *proposed = db_rows(batch, proposal);
    bool differs = municipality(record)[0] != '\0' && rows_count(proposed) > 0 &&
                   rows_int(proposed, 0, "organisation_id") != record->responsible_id;
    bool asked = is_asked(db_rows(batch, handovers));
    bool may_edit = rights_may_edit(record->rights, CLASS_assignment) && !record->sealed;
    bool directly = record->responsible_id == record->received_by_id;
    view_text(view, "title", "患者の記録：担当・関係保健所");
    view_text(view, "problem", again.problem);
    view_text(view, "answer_problem", again.answer_problem);
    view_text(view, "reason_value", again.reason);
    view_text(view, "answer_value", again.answer);
    view_text(view, "received_by", record->received_by_name);
    view_text(view, "responsible", record->responsible_name);
    view_text(view, "responsible_id", db_int(c->arena, record->responsible_id));
    view_text(view, "responsible_phone", jtext_phone_shown(c->arena, record->responsible_phone));
    fill_related(c, view, record->related);
    fill_handovers(c, view, record, db_rows(batch, handovers));
    patient_grants_fill(c, view, record, db_rows(batch, grants), again.link);
    view_flag(view, "may_edit", may_edit);
    view_flag(view, "may_set", may_edit && directly && !asked);
    view_flag(view, "may_ask", may_edit && !asked);
    view_text(view, "proposed", differs ? rows_text(proposed, 0, "name") : "");
    view_text(view, "proposed_id", differs ? rows_text(proposed, 0, "organisation_id") : "");
    view_text(view, "assignment_path", patient_path(c, record, "assignment"));
    view_text(view, "handover_path", patient_path(c, record, "handover"));
    fill_centres(view, record, db_rows(batch, centres),
                 again.to != NULL ? again.to : differs ? rows_text(proposed, 0, "organisation_id") : "");
    page_send(c, TEMPLATE_patient_assignment, view);
}

void
patient_assignment_show(struct context *c)
{
    struct record record;

    if (patient_open(c, 0, CLASS_assignment, "assignment_view", &record))
        patient_assignment_page(c, &record, (struct assignment_again){0});
}

/* ---- setting ------------------------------------------------------------------------------------------------------- */

/* Every value posted as `related`, and `related_new`, the pull-down; "" adds none. -1 when one is no number. */
static int
read_related(struct context *c, struct assignment *assignment)
{
    const struct form *form = &c->request->body;

    for (size_t i = 0; i < form->count; i++) {
        bool chosen = strcmp(form->fields[i].name, "related_new") == 0;
        int64_t id;
        if ((!chosen && strcmp(form->fields[i].name, "related") != 0) || form->fields[i].value[0] == '\0')
            continue;
        if (assignment->related_count == ASSIGNMENT_MAX_RELATED ||
            text_to_int(form->fields[i].value, 1, INT64_MAX, &id) != 0)
            return -1;
        assignment->related[assignment->related_count++] = id;
        if (chosen)
            assignment->chosen = id;
    }
    return 0;
}

/* Setting another centre takes the patient out of one's own hands, so the new centre is named once more before it happens. */
static void
confirm_setting(struct context *c, const struct record *record, const struct assignment *assignment)
{
    enum db_status status;
    const struct rows *centre = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_organisation_find,
                                       db_int(c->arena, assignment->responsible_id));

    if (centre == NULL) {
        page_database_failed(c, status);
        return;
    }
    if (rows_count(centre) == 0 || !text_same(rows_text(centre, 0, "kind"), "centre")) {
        patient_assignment_page(c, record, (struct assignment_again){.problem = no_centre});
        return;
    }
    struct view *view = patient_view(c, record, "assignment");
    view_text(view, "title", "担当保健所を変更しますか");
    view_text(view, "responsible", record->responsible_name);
    view_text(view, "new_id", rows_text(centre, 0, "organisation_id"));
    view_text(view, "new_name", rows_text(centre, 0, "name"));
    view_text(view, "new_phone", jtext_phone_shown(c->arena, rows_text(centre, 0, "phone")));
    view_list(view, "related");
    for (size_t i = 0; i < assignment->related_count; i++)
        if (assignment->related[i] != assignment->chosen)
            view_text(view_row(view, "related"), "related_id", db_int(c->arena, assignment->related[i]));
    view_text(view, "chosen_id", assignment->chosen == 0 ? "" : db_int(c->arena, assignment->chosen));
    view_text(view, "assignment_path", patient_path(c, record, "assignment"));
    page_send(c, TEMPLATE_patient_handover, view);
}

void
patient_assignment_post(struct context *c)
{
    struct record record;
    struct assignment assignment = {0};
    struct desk desk = patient_desk(c);

    if (!patient_open(c, 0, CLASS_assignment, "assignment_view", &record) ||
        !patient_may_edit(c, &record, CLASS_assignment))
        return;
    if (text_to_int(request_value(c->request, "responsible"), 1, INT64_MAX,
                    &assignment.responsible_id) != 0 ||
        read_related(c, &assignment) != 0) {
        patient_assignment_page(c, &record, (struct assignment_again){.problem = no_centre});
        return;
    }
    bool agreed = request_value(c->request, "agreed")[0] != '\0';
    enum notify_result result = patient_ready(c, &record);
    if (result == NOTIFY_OK && assignment.responsible_id != record.responsible_id && !agreed) {
        confirm_setting(c, &record, &assignment);
        return;
    }
    if (result == NOTIFY_OK)
        result = assignment_save(&desk, &record, &assignment);
    if (result == NOTIFY_CONFLICT)
        patient_assignment_page(c, &record, (struct assignment_again){.problem = patient_changed_meanwhile});
    else
        patient_conclude(c, result, patient_path(c, &record, "assignment"), "assigned");
}


/* ---- the hand-over ------------------------------------------------------------------------------------------------- */

/* What is wrong with a reason; NULL when nothing is. */
static const char *
text_problem(const char *text, const char *missing)
{
    if (text[0] == '\0')
        return missing;
    return text_length(text) > HANDOVER_MAX_TEXT ? "500文字以内で入力してください。" : NULL;
}

void
patient_handover_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);
    int64_t centre = 0;

    if (!patient_open(c, 0, CLASS_assignment, "assignment_view", &record) ||
        !patient_may_edit(c, &record, CLASS_assignment))
        return;
    struct assignment_again again = {.to = request_value(c->request, "to"),
                          .reason = text_trim(c->arena, request_value(c->request, "reason"))};
    again.problem = text_problem(again.reason, "引き継ぐ理由を入力してください。相手の保健所が読みます。");
    if (text_to_int(again.to, 1, INT64_MAX, &centre) != 0 || centre == record.responsible_id)
        again.problem = "引き継ぐ先の保健所を選んでください。";
    enum notify_result result = NOTIFY_REFUSED;
    if (again.problem == NULL)
        result = patient_ready(c, &record);
    if (again.problem == NULL && result == NOTIFY_OK)
        result = handover_request(&desk, &record, centre, again.reason);
    if (result == NOTIFY_CONFLICT)
        again.problem = patient_changed_meanwhile;
    if (again.problem != NULL)
        patient_assignment_page(c, &record, again);
    else
        patient_conclude(c, result, patient_path(c, &record, "assignment"), "handover_asked");
}

/* The centre whose step it is: column of statement handover_list_of. Answers and returns false when it is not this one. */
static bool
may_end(struct context *c, const struct record *record, const struct rows *rows, int64_t no, const char *whose)
{
    enum db_status status;

    for (size_t i = 0; i < rows_count(rows); i++) {
        if (rows_int(rows, i, "handover_no") != no)
            continue;
        if (rows_int(rows, i, whose) == c->session.organisation_id)
            return true;
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_denied(trail, c->arena, "handover_end", record->patient_id, whose);
        status = db_run(trail);
        if (status != DB_OK)
            page_database_failed(c, status);
        else
            page_forbidden(c, "受け入れるか断るのは依頼された保健所、取り下げるのは依頼した保健所です。");
        return false;
    }
    page_not_found(c);
    return false;
}

void
patient_handover_end_post(struct context *c)
{
    static const struct {
        const char *word, *notice, *whose;
        enum handover_step step;
    } steps[] = {{"accept", "handover_accepted", "to_id", HANDOVER_ACCEPT},
                 {"refuse", "handover_refused", "to_id", HANDOVER_REFUSE},
                 {"withdraw", "handover_withdrawn", "from_id", HANDOVER_WITHDRAW}};
    struct record record;
    struct desk desk = patient_desk(c);
    struct record_more handovers = {SQL_handover_list_of, 1, {db_int(c->arena, path_patient(c, 1))}, NULL};
    int64_t no;
    size_t i = 0;

    while (i < 3 && strcmp(steps[i].word, path_part(c, 4)) != 0)
        i++;
    if (i == 3 || text_to_int(path_part(c, 3), 1, INT32_MAX, &no) != 0) {
        page_not_found(c);
        return;
    }
    if (!patient_open_with(c, CLASS_assignment, "assignment_view", &record, &handovers, 1) ||
        !may_end(c, &record, handovers.rows, no, steps[i].whose))
        return;
    struct assignment_again again = {.answer = text_trim(c->arena, request_value(c->request, "answer"))};
    if (steps[i].step == HANDOVER_REFUSE)
        again.answer_problem = text_problem(again.answer, "お断りする理由を入力してください。");
    if (again.answer_problem != NULL) {
        patient_assignment_page(c, &record, again);
        return;
    }
    enum notify_result result = patient_ready(c, &record);
    if (result == NOTIFY_OK)
        result = handover_end(&desk, &record, (int)no, steps[i].step, again.answer);
    if (result == NOTIFY_CONFLICT)
        patient_assignment_page(c, &record, (struct assignment_again){.problem = patient_changed_meanwhile, .answer = again.answer});
    else /* who has refused may not see the patient any more */
        patient_conclude(c, result,
                         steps[i].step == HANDOVER_REFUSE ? "/handovers" : patient_path(c, &record, "assignment"),
                         steps[i].notice);
}

void
patient_handover_seen_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);

    if (patient_open(c, 0, CLASS_assignment, "assignment_view", &record) &&
        patient_may_edit(c, &record, CLASS_assignment))
        patient_conclude(c, handover_seen(&desk, &record), patient_path(c, &record, "assignment"), "saved");
}

/* ---- what moved in and out ----------------------------------------------------------------------------------------- */

/* A patient whom this centre may not see any more stands there without a name. */
static void
fill_moves(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "moves");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_PAGE; i++) {
        struct view *row = view_row(view, "moves");
        bool visible = rows_bool(rows, i, "visible");
        const char *name = rows_text(rows, i, "name");
        view_flag(row, "visible", visible);
        view_text(row, "patient_name", text_empty(name) ? "（氏名未入力）" : name);
        view_text(row, "kana", rows_text(rows, i, "kana"));
        view_text(row, "patient_path",
                  text_format(c->arena, "/patient/%s/assignment",
                              publicid_hersys_plain(c->arena, rows_int(rows, i, "patient_id"))));
        view_text(row, "other", rows_text(rows, i, "other"));
        view_text(row, "state_label", state_label(rows_text(rows, i, "state")));
        view_text(row, "requested", rows_text(rows, i, "requested"));
        view_text(row, "decided", rows_text(rows, i, "decided"));
    }
}

void
handovers_show(struct context *c)
{
    bool outward = text_same(request_query(c->request, "way"), "out");
    const char *time, *patient;

    if (c->session.kind != KIND_centre) {
        page_forbidden(c, "引継ぎは保健所の画面です。");
        return;
    }
    list_view_cursor(c, LIST_LAST, &time, &patient);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned at = DB_ADD(batch, SQL_handover_moves, db_int(c->arena, c->session.organisation_id),
                         db_bool(outward), time, patient);
    enum db_status status = db_run(batch);
    const struct rows *rows = status == DB_OK ? db_rows(batch, at) : NULL;
    if (status == DB_OK && rows_count(rows) > 0) {
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_list(trail, c->arena, "list", rows, "handovers");
        status = db_run(trail);
    }
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "引継ぎ（転入・転出）");
    view_flag(view, "outward", outward);
    view_text(view, "next_path", "");
    fill_moves(c, view, rows);
    list_view_next(c, view, rows, outward ? "/handovers?way=out" : "/handovers");
    page_send(c, TEMPLATE_handovers, view);
}
