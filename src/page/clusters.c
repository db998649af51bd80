/* clusters.c - 集団感染: the list, a cluster with its members, and adding a patient from either side. */
#include "base/crypt.h"
#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/cluster.h"
#include "page/area.h"
#include "page/cluster_page.h"
#include "page/form_view.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_head.h"

enum { LIST_ROWS = 50, MEMBER_ROWS = 100, MOST_MEMBERS = 1000000 };

const char *
cluster_path(struct context *c, int64_t cluster_id, const char *below)
{
    return text_format(c->arena, "/clusters/%lld%s", (long long)cluster_id, below);
}

const char *
cluster_day(struct context *c, const struct rows *rows, size_t i, const char *column)
{
    return date_slashed(c->arena, date_from_iso(rows_text(rows, i, column)));
}

static bool
may_lead(const struct context *c)
{
    return rights_may_edit(rights_of(c->session.kind, 1u << RELATION_responsible), CLASS_link);
}

/* ---- the list ------------------------------------------------------------------------------------------------------ */

static void
fill_row(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    view_text(row, "cluster_path", cluster_path(c, rows_int(rows, i, "cluster_id"), ""));
    view_text(row, "name", rows_text(rows, i, "name"));
    view_text(row, "kind", dictionary_label(LIST_cluster_kind, rows_text(rows, i, "kind")));
    view_text(row, "place", rows_text(rows, i, "place_name"));
    view_text(row, "municipality", rows_text(rows, i, "municipality"));
    view_text(row, "organisation", rows_text(rows, i, "organisation"));
    view_text(row, "members", rows_text(rows, i, "members"));
    view_text(row, "first_day", cluster_day(c, rows, i, "first_day"));
    view_text(row, "ended_on", cluster_day(c, rows, i, "ended_on"));
}

void
cluster_fill_list(struct context *c, struct view *view, const struct rows *rows, const char *path)
{
    view_list(view, "clusters");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_ROWS; i++)
        fill_row(c, view_row(view, "clusters"), rows, i);
    view_text(view, "next_path",
              rows_count(rows) <= LIST_ROWS ? "" : text_format(c->arena, "%safter=%s", path, rows_text(rows, LIST_ROWS - 1, "cluster_id")));
}

void
clusters_show(struct context *c)
{
    enum db_status status;
    const char *after = request_query(c->request, "after");

    if (!area_kind(c, AREA_OFFICES, "cluster_list"))
        return;
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_cluster_list, area_mine(c),
               after[0] == '\0' ? NULL : area_id(c, after));
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "集団感染");
    view_flag(view, "may_add", may_lead(c));
    cluster_fill_list(c, view, rows, "/clusters?");
    page_send(c, TEMPLATE_clusters, view);
}

/* ---- one cluster --------------------------------------------------------------------------------------------------- */

/* What the page of a cluster shows besides. */
struct shown {
    const struct rows *members, *count, *history;
};

bool
cluster_open(struct context *c, struct record_more *more, struct cluster_opened *o)
{
    const char *id = area_path_id(c, 1);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned asked = 0;

    if (!area_kind(c, AREA_OFFICES, "cluster_view"))
        return false;
    unsigned found = DB_ADD(batch, SQL_cluster_find, id);
    if (more != NULL)
        asked = db_add_array(batch, more->statement, more->count, more->parameters);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return false;
    }
    if (more != NULL)
        more->rows = db_rows(batch, asked);
    *o = (struct cluster_opened){.cluster = db_rows(batch, found)};
    if (rows_count(o->cluster) == 0) {
        area_refuse(c, "cluster_view", text_format(c->arena, "cluster %s", id));
        return false;
    }
    o->id = rows_int(o->cluster, 0, "cluster_id");
    o->may_edit =
        may_lead(c) && rows_int(o->cluster, 0, "organisation_id") == c->session.organisation_id;
    return true;
}

bool
cluster_may_edit(struct context *c, const struct cluster_opened *o)
{
    if (!o->may_edit)
        page_forbidden(c, "集団感染を変更できるのは、登録した保健所だけです。");
    return o->may_edit;
}

void
cluster_conclude(struct context *c, enum notify_result result, const char *path, const char *notice)
{
    if (result == NOTIFY_CONFLICT || result == NOTIFY_REFUSED)
        page_conflict(c, "この操作はできませんでした",
                      "この集団感染か、入っている方が、画面を開いたあとで変わりました。集団感染の画面を開き直して確かめてください。");
    else
        patient_conclude(c, result, path, notice);
}

/* Who it is where the office may see that patient; otherwise why not. */
static const char *
person(const char *name, const char *number, bool sealed)
{
    if (number[0] == '\0')
        return sealed ? "削除された方" : "他の保健所の方";
    return text_empty(name) ? number : name;
}

static void
fill_members(struct context *c, struct view *view, const struct cluster_opened *o, const struct rows *rows)
{
    view_list(view, "members");
    for (size_t i = 0; i < rows_count(rows) && i < MEMBER_ROWS; i++) {
        struct view *row = view_row(view, "members");
        int64_t patient = rows_int(rows, i, "patient_id");
        const char *name = rows_text(rows, i, "name");
        const char *number = patient == 0 ? "" : publicid_hersys(c->arena, patient);
        view_flag(row, "known", patient != 0);
        view_text(row, "person", person(name, number, rows_bool(rows, i, "sealed")));
        view_text(row, "person_id", text_empty(name) ? "" : number);
        view_text(row, "person_path",
                  patient == 0 ? "/" : text_format(c->arena, "/patient/%s",
                                                   publicid_hersys_plain(c->arena, patient)));
        view_text(row, "person_sex", dictionary_label(LIST_sex, rows_text(rows, i, "sex")));
        view_text(row, "person_age", list_view_age(c->arena, rows, i));
        view_text(row, "diagnosed", cluster_day(c, rows, i, "diagnosis_date"));
        view_text(row, "state", dictionary_label(LIST_status, rows_text(rows, i, "status")));
        view_text(row, "role", dictionary_label(LIST_cluster_role, rows_text(rows, i, "role")));
        view_text(row, "added", rows_text(rows, i, "added"));
        view_text(row, "form_id", crypt_uuid(c->arena)); /* a form for each member */
        view_text(row, "remove_path",
                  cluster_path(c, o->id, text_format(c->arena, "/member/%s/remove",
                                                     rows_text(rows, i, "member_no"))));
    }
    view_text(view, "next_path",
              rows_count(rows) <= MEMBER_ROWS
                  ? ""
                  : text_format(c->arena, "%s?after=%s", cluster_path(c, o->id, ""),
                                rows_text(rows, MEMBER_ROWS - 1, "member_no")));
}

/* Words about a member begin behind the member's number. */
static void
fill_history(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "changes");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "changes");
        view_text(row, "at", rows_text(rows, i, "at"));
        view_text(row, "change_by", rows_text(rows, i, "holder"));
        int64_t patient = rows_int(rows, i, "patient_id");
        const char *number = patient == 0 ? "" : publicid_hersys(c->arena, patient);
        view_format(row, "change", "%s%s",
                    rows_bool(rows, i, "about_member") ? person("", number, false) : "",
                    rows_text(rows, i, "change"));
    }
}

/* Members (a page of them, who go into the trail), their number and days, and the history; answers and returns false on failure. */
static bool
load_shown(struct context *c, const struct cluster_opened *o, struct shown *shown)
{
    const char *mine = area_mine(c), *id = db_int(c->arena, o->id);
    const char *after = request_query(c->request, "after");
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    unsigned members = DB_ADD(batch, SQL_cluster_members, mine, id,
                              after[0] == '\0' ? "0" : area_id(c, after));
    DB_ADD(batch, SQL_cluster_count, mine, id);
    DB_ADD(batch, SQL_cluster_history, mine, id);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return false;
    }
    *shown = (struct shown){db_rows(batch, members), db_rows(batch, members + 1),
                            db_rows(batch, members + 2)};
    return true;
}

static void
show_cluster(struct context *c, const struct cluster_opened *o, const char *problem)
{
    struct shown shown;

    if (!load_shown(c, o, &shown))
        return;
    struct view *view = page_view(c, rows_text(o->cluster, 0, "name"));
    const char *first = cluster_day(c, shown.count, 0, "first"), *last = cluster_day(c, shown.count, 0, "last");
    view_text(view, "problem", problem);
    view_flag(view, "may_edit", o->may_edit);
    view_text(view, "kind", dictionary_label(LIST_cluster_kind, rows_text(o->cluster, 0, "kind")));
    view_text(view, "place", rows_text(o->cluster, 0, "place_name"));
    view_text(view, "municipality", rows_text(o->cluster, 0, "municipality"));
    view_text(view, "organisation", rows_text(o->cluster, 0, "organisation"));
    view_text(view, "first_day", cluster_day(c, o->cluster, 0, "first_day"));
    view_text(view, "ended_on", cluster_day(c, o->cluster, 0, "ended_on"));
    view_text(view, "note", rows_text(o->cluster, 0, "note"));
    view_text(view, "entered", rows_text(o->cluster, 0, "entered"));
    view_text(view, "entered_by", rows_text(o->cluster, 0, "entered_by_name"));
    view_text(view, "count", rows_text(shown.count, 0, "members"));
    view_text(view, "between",
              first[0] == '\0' ? "" : text_format(c->arena, "%sから%sまで", first, last));
    view_text(view, "edit_path", cluster_path(c, o->id, "/edit"));
    view_text(view, "add_path", cluster_path(c, o->id, "/member"));
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_text(view, "typed", problem[0] == '\0' ? "" : request_value(c->request, "patient"));
    form_view_choices(view, "roles", LIST_cluster_role, request_value(c->request, "role"));
    fill_members(c, view, o, shown.members);
    fill_history(c, view, shown.history);
    page_send(c, TEMPLATE_cluster, view);
}

void
cluster_show(struct context *c)
{
    struct cluster_opened o;

    if (cluster_open(c, NULL, &o))
        show_cluster(c, &o, "");
}

/* ---- members ------------------------------------------------------------------------------------------------------- */

/* The code posted, or NULL when none was chosen. */
static const char *
posted_role(struct context *c)
{
    const struct choice *role = dictionary_choice(LIST_cluster_role, request_value(c->request, "role"));

    return role == NULL ? NULL : role->code;
}

/* Adds a patient whom the office may see to a cluster of its own, unless it is there already; `found`: SQL_cluster_access. */
static void
add_member(struct context *c, int64_t cluster, int64_t patient, const struct rows *found, const char *role,
           const char *path)
{
    struct desk desk = patient_desk(c);

    if (rows_bool(found, 0, "is_member"))
        page_redirect_with(c, path, "cluster_member_there");
    else
        cluster_conclude(c, cluster_add_member(&desk, cluster, patient, role), path, "cluster_member_added");
}

void
cluster_member_post(struct context *c)
{
    struct cluster_opened o;
    int64_t patient = publicid_parse(request_value(c->request, "patient"));
    const char *role = posted_role(c);
    struct record_more access = {SQL_cluster_access, 3, {area_mine(c), area_path_id(c, 1), db_int(c->arena, patient)}, NULL};

    if (!cluster_open(c, &access, &o) || !cluster_may_edit(c, &o))
        return;
    if (rows_count(access.rows) == 0)
        show_cluster(c, &o, "このHER-SYS IDの方は見つからないか、表示する権限がありません。番号を確かめてください。");
    else if (role == NULL)
        show_cluster(c, &o, "立場を選んでください。");
    else
        add_member(c, o.id, patient, access.rows, role, cluster_path(c, o.id, ""));
}

void
cluster_member_remove_post(struct context *c)
{
    struct cluster_opened o;
    struct desk desk = patient_desk(c);
    int64_t member = 0;

    text_to_int(path_part(c, 3), 1, MOST_MEMBERS, &member);
    struct record_more who = {SQL_cluster_member_find, 2, {area_path_id(c, 1), db_int(c->arena, member)}, NULL};
    if (!cluster_open(c, &who, &o) || !cluster_may_edit(c, &o))
        return;
    int64_t patient = rows_count(who.rows) == 0 ? 0 : rows_int(who.rows, 0, "patient_id");
    cluster_conclude(c, cluster_remove_member(&desk, o.id, (int)member, patient), cluster_path(c, o.id, ""),
             "cluster_member_removed");
}

/* From the patient's tab 感染経路, into one of the office's own clusters. */
void
patient_cluster_post(struct context *c)
{
    struct record record;
    const char *role = posted_role(c), *chosen = area_id(c, request_value(c->request, "cluster"));
    struct record_more access = {
        SQL_cluster_access, 3, {area_mine(c), chosen, db_int(c->arena, path_patient(c, 1))}, NULL};
    int64_t cluster = 0;

    if (!patient_open_with(c, CLASS_link, "link_view", &record, &access, 1))
        return;
    if (!may_lead(c) || record.sealed) {
        page_forbidden(c, record.sealed ? "この方の発生届は削除されています。先に削除を取り消してください。"
                                        : "集団感染に加えられるのは、保健所だけです。");
        return;
    }
    text_to_int(chosen, 0, INT64_MAX, &cluster);
    if (role == NULL || cluster == 0)
        page_bad_request(c, "前の画面に戻り、集団感染と立場を選んでから、もう一度押してください。");
    else
        add_member(c, cluster, record.patient_id, access.rows, role, patient_path(c, &record, "tab/link"));
}
