/*
 * patient_grants.c - access that is granted by name: agencies linked with a patient, on the tab 担当・関係保健所, and the page of
 * 緊急閲覧, by which an office opens a patient for itself.
 */
#include <string.h>

#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/grant.h"
#include "page/handlers.h"
#include "page/patient_assignment.h"
#include "page/patient_head.h"

/* ---- 結び付けた機関 ------------------------------------------------------------------------------------------------ */

static const char *
label_of(const struct rows *rows, size_t i)
{
    if (rows_bool(rows, i, "emergency"))
        return "緊急閲覧";
    for (size_t k = 0; k < grant_kind_count; k++)
        if (rows_int(rows, i, "relation") == grant_kinds[k].relation)
            return grant_kinds[k].label;
    return "";
}

void
patient_grants_fill(struct context *c, struct view *view, const struct record *record,
                    const struct rows *rows, const char *problem)
{
    static const char *const columns[][2] = {
        {"grant_name", "name"},    {"granted", "granted"},   {"granted_by_name", "granted_by_name"},
        {"grant_reason", "reason"}, {"grant_until", "until"}, {"reviewed", "reviewed"},
        {"reviewed_by_name", "reviewed_by_name"}};
    bool may_change = rights_may_edit(record->rights, CLASS_assignment) && !record->sealed;

    view_list(view, "grants");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "grants");
        const char *no = rows_text(rows, i, "grant_no");
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            view_text(row, columns[k][0], rows_text(rows, i, columns[k][1]));
        view_text(row, "grant_label", label_of(rows, i));
        view_flag(row, "emergency", rows_bool(rows, i, "emergency"));
        view_flag(row, "stands", rows_bool(rows, i, "stands"));
        view_flag(row, "unreviewed", rows_bool(rows, i, "unreviewed"));
        view_flag(row, "may_change",
                  may_change && (rows_bool(rows, i, "stands") || rows_bool(rows, i, "unreviewed")));
        view_text(row, "end_path", patient_path(c, record, text_format(c->arena, "grant/%s/end", no)));
        view_text(row, "review_path", patient_path(c, record, text_format(c->arena, "grant/%s/review", no)));
    }
    view_list(view, "grant_kinds");
    for (size_t k = 0; k < grant_kind_count; k++) {
        struct view *row = view_row(view, "grant_kinds");
        view_text(row, "kind_name", grant_kinds[k].name);
        view_text(row, "kind_label", grant_kinds[k].label);
        view_flag(row, "chosen", problem != NULL && text_same(request_value(c->request, "kind"), grant_kinds[k].name));
    }
    view_text(view, "grant_path", patient_path(c, record, "grant"));
    view_text(view, "link_problem", problem);
    view_text(view, "code_value", problem == NULL ? "" : request_value(c->request, "code"));
    view_text(view, "until_value", problem == NULL ? "" : request_value(c->request, "until"));
}

/* Reads the form; what is wrong with it, or NULL. */
static const char *
read_link(struct context *c, struct grant_link *link)
{
    date_day until;

    link->code = text_trim(c->arena, request_value(c->request, "code"));
    for (size_t k = 0; k < grant_kind_count; k++)
        if (text_same(request_value(c->request, "kind"), grant_kinds[k].name))
            link->relation = grant_kinds[k].relation;
    if (link->relation == 0)
        return "どの機関として結び付けるかを選んでください。";
    if (link->code[0] == '\0')
        return "機関コードを入力してください。";
    switch (date_parse(request_value(c->request, "until"), &until)) {
    case DATE_EMPTY:
        return NULL;
    case DATE_OK:
        link->until = date_iso(c->arena, until);
        return until < date_today() ? "期限には、今日からあとの日を入力してください。" : NULL;
    default:
        return "期限を読み取れません。例：2022/9/26";
    }
}

void
patient_grant_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);
    struct grant_link link = {0};

    if (!patient_open(c, 0, CLASS_assignment, "assignment_view", &record) ||
        !patient_may_edit(c, &record, CLASS_assignment))
        return;
    const char *problem = read_link(c, &link);
    enum notify_result result = problem == NULL ? grant_link(&desk, &record, &link) : NOTIFY_REFUSED;
    if (problem == NULL && result == NOTIFY_CONFLICT)
        problem = "この機関は、すでに結び付けられています。";
    else if (problem == NULL && result == NOTIFY_REFUSED)
        problem = "この機関コードの機関がないか、種類が合いません。";
    if (problem != NULL)
        patient_assignment_page(c, &record, (struct assignment_again){.link = problem});
    else
        patient_conclude(c, result, patient_path(c, &record, "assignment"), "linked");
}

void
patient_grant_change_post(struct context *c)
{
    static const struct {
        const char *word, *notice;
        enum notify_result (*change)(const struct desk *, const struct record *, int);
    } steps[] = {{"end", "grant_ended", grant_end}, {"review", "emergency_reviewed", grant_review}};
    struct record record;
    struct desk desk = patient_desk(c);
    int64_t no;
    size_t i = 0;

    while (i < 2 && strcmp(steps[i].word, path_part(c, 4)) != 0)
        i++;
    if (i == 2 || text_to_int(path_part(c, 3), 1, INT32_MAX, &no) != 0) {
        page_not_found(c);
        return;
    }
    if (patient_open(c, 0, CLASS_assignment, "assignment_view", &record) &&
        patient_may_edit(c, &record, CLASS_assignment))
        patient_conclude(c, steps[i].change(&desk, &record, (int)no), patient_path(c, &record, "assignment"),
                         steps[i].notice);
}

/* ---- 緊急閲覧 ------------------------------------------------------------------------------------------------------ */

static bool
may_open(struct context *c)
{
    if (c->session.kind == KIND_centre || (c->session.kind == KIND_clinic && c->session.doctor))
        return true;
    page_forbidden(c, "緊急閲覧は、保健所の職員と、医療機関の医師だけが行えます。");
    return false;
}

static void
show(struct context *c, const char *problem)
{
    enum db_status status;
    const struct rows *hours = DB_ONE(c->db, c->arena, NULL, &status, SQL_emergency_hours);

    if (hours == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "緊急閲覧");
    view_text(view, "problem", problem);
    view_text(view, "hours", rows_at(hours, 0, 0));
    view_text(view, "id_value", request_value(c->request, "id"));
    view_text(view, "reason_value", request_value(c->request, "reason"));
    page_send(c, TEMPLATE_emergency, view);
}

void
emergency_show(struct context *c)
{
    if (may_open(c))
        show(c, NULL);
}

void
emergency_post(struct context *c)
{
    static const char *const words[] = {
        [EMERGENCY_NO_PATIENT] = "このIDの方は見つかりません。IDを確かめてください。",
        [EMERGENCY_TOO_MANY] = "このアカウントで1日に行える回数を超えました。担当保健所に電話で問い合わせてください。",
        [EMERGENCY_REFUSED] = "この機関では緊急閲覧を行えません。",
    };
    struct desk desk = patient_desk(c);
    int64_t id = publicid_parse(request_value(c->request, "id"));
    const char *reason = text_trim(c->arena, request_value(c->request, "reason"));

    if (!may_open(c))
        return;
    if (id == 0 || reason[0] == '\0' || text_length(reason) > GRANT_MAX_TEXT) {
        show(c, id == 0           ? "HER-SYS ID またはスマホ入力IDを、数字や文字を確かめて入力してください。"
                : reason[0] == '\0' ? "緊急閲覧が必要な理由を入力してください。"
                                    : "理由は500文字以内で入力してください。");
        return;
    }
    const char *path = text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, id));
    enum emergency_result result = grant_emergency(&desk, id, reason);
    if (result == EMERGENCY_OPENED)
        page_redirect_with(c, path, "emergency");
    else if (result == EMERGENCY_SEEN_ANYWAY)
        page_redirect_with(c, path, "seen_anyway");
    else if (result == EMERGENCY_FAILED)
        page_database_failed(c, DB_LOST);
    else
        show(c, words[result]);
}
