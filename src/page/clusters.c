/* clusters.c - 集団感染: the list, a cluster with its members, the form, and adding a patient from either side. */
#include <string.h>

#include "base/crypt.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/cluster.h"
#include "page/area.h"
#include "page/form_view.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_head.h"
#include "page/simple_form.h"

enum { LIST_ROWS = 50, MEMBER_ROWS = 100, MOST_MEMBERS = 1000000 };

static const char *
cluster_path(struct context *c, int64_t cluster_id, const char *below)
{
    return text_format(c->arena, "/clusters/%lld%s", (long long)cluster_id, below);
}

static const char *
slashed(struct context *c, const struct rows *rows, size_t i, const char *column)
{
    return date_slashed(c->arena, date_from_iso(rows_text(rows, i, column)));
}

static bool
may_lead(const struct context *c)
{
    return rights_may_edit(rights_of(c->session.kind, 1u << RELATION_responsible), CLASS_link);
}

/* ---- the list ------------------------------------------------------------------------------------------------------ */

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
    view_list(view, "clusters");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_ROWS; i++) {
        struct view *row = view_row(view, "clusters");
        view_text(row, "cluster_path", cluster_path(c, rows_int(rows, i, "cluster_id"), ""));
        view_text(row, "name", rows_text(rows, i, "name"));
        view_text(row, "kind", dictionary_label(LIST_cluster_kind, rows_text(rows, i, "kind")));
        view_text(row, "place", rows_text(rows, i, "place_name"));
        view_text(row, "municipality", rows_text(rows, i, "municipality"));
        view_text(row, "organisation", rows_text(rows, i, "organisation"));
        view_text(row, "members", rows_text(rows, i, "members"));
        view_text(row, "first_day", slashed(c, rows, i, "first_day"));
        view_text(row, "ended_on", slashed(c, rows, i, "ended_on"));
    }
    view_text(view, "next_path",
              rows_count(rows) <= LIST_ROWS
                  ? ""
                  : text_format(c->arena, "/clusters?after=%s",
                                rows_text(rows, LIST_ROWS - 1, "cluster_id")));
    page_send(c, TEMPLATE_clusters, view);
}

/* ---- one cluster --------------------------------------------------------------------------------------------------- */

struct opened {
    int64_t id;
    const struct rows *cluster;
    bool may_edit;
};

/* What the page of a cluster shows besides. */
struct shown {
    const struct rows *members, *count, *history;
};

/* Loads the cluster of the path, and what else is asked in the same round trip (NULL: nothing). */
static bool
open_cluster(struct context *c, struct record_more *more, struct opened *o)
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
    *o = (struct opened){.cluster = db_rows(batch, found)};
    if (rows_count(o->cluster) == 0) {
        area_refuse(c, "cluster_view", text_format(c->arena, "cluster %s", id));
        return false;
    }
    o->id = rows_int(o->cluster, 0, "cluster_id");
    o->may_edit =
        may_lead(c) && rows_int(o->cluster, 0, "organisation_id") == c->session.organisation_id;
    return true;
}

static bool
refuse_unless_editable(struct context *c, const struct opened *o)
{
    if (!o->may_edit)
        page_forbidden(c, "集団感染を変更できるのは、登録した保健所だけです。");
    return o->may_edit;
}

/* The end of a change of a cluster, in its words. */
static void
conclude(struct context *c, enum notify_result result, const char *path, const char *notice)
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
fill_members(struct context *c, struct view *view, const struct opened *o, const struct rows *rows)
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
        view_text(row, "diagnosed", slashed(c, rows, i, "diagnosis_date"));
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
load_shown(struct context *c, const struct opened *o, struct shown *shown)
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
show_cluster(struct context *c, const struct opened *o, const char *problem)
{
    struct shown shown;

    if (!load_shown(c, o, &shown))
        return;
    struct view *view = page_view(c, rows_text(o->cluster, 0, "name"));
    const char *first = slashed(c, shown.count, 0, "first"), *last = slashed(c, shown.count, 0, "last");
    view_text(view, "problem", problem);
    view_flag(view, "may_edit", o->may_edit);
    view_text(view, "kind", dictionary_label(LIST_cluster_kind, rows_text(o->cluster, 0, "kind")));
    view_text(view, "place", rows_text(o->cluster, 0, "place_name"));
    view_text(view, "municipality", rows_text(o->cluster, 0, "municipality"));
    view_text(view, "organisation", rows_text(o->cluster, 0, "organisation"));
    view_text(view, "first_day", slashed(c, o->cluster, 0, "first_day"));
    view_text(view, "ended_on", slashed(c, o->cluster, 0, "ended_on"));
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
    struct opened o;

    if (open_cluster(c, NULL, &o))
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
        conclude(c, cluster_add_member(&desk, cluster, patient, role), path, "cluster_member_added");
}

void
cluster_member_post(struct context *c)
{
    struct opened o;
    int64_t patient = publicid_parse(request_value(c->request, "patient"));
    const char *role = posted_role(c);
    struct record_more access = {SQL_cluster_access, 3, {area_mine(c), area_path_id(c, 1), db_int(c->arena, patient)}, NULL};

    if (!open_cluster(c, &access, &o) || !refuse_unless_editable(c, &o))
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
    struct opened o;
    struct desk desk = patient_desk(c);
    int64_t member = 0;

    text_to_int(path_part(c, 3), 1, MOST_MEMBERS, &member);
    struct record_more who = {SQL_cluster_member_find, 2, {area_path_id(c, 1), db_int(c->arena, member)}, NULL};
    if (!open_cluster(c, &who, &o) || !refuse_unless_editable(c, &o))
        return;
    int64_t patient = rows_count(who.rows) == 0 ? 0 : rows_int(who.rows, 0, "patient_id");
    conclude(c, cluster_remove_member(&desk, o.id, (int)member, patient), cluster_path(c, o.id, ""),
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

/* ---- the form ------------------------------------------------------------------------------------------------------ */

enum cluster_field {
    CLUSTER_name,
    CLUSTER_kind,
    CLUSTER_place,
    CLUSTER_municipality,
    CLUSTER_first_day,
    CLUSTER_ended_on,
    CLUSTER_note,
    CLUSTER_FIELD_COUNT
};

static const char *
read_date(struct arena *arena, const char *typed)
{
    date_day day;

    return date_parse(typed, &day) == DATE_OK ? date_iso(arena, day) : NULL;
}

static const struct field fields[CLUSTER_FIELD_COUNT] = {
    [CLUSTER_name] = {.name = "name", .label = "名称", .required = true, .max = 120,
                      .hint = "ほかの人が見て分かる名前。例：10月 ○○病院 3階病棟"},
    [CLUSTER_kind] = {.name = "kind", .label = "施設区分", .kind = FIELD_RADIO, .required = true},
    [CLUSTER_place] = {.name = "place_name", .label = "場所の名称", .max = 120},
    [CLUSTER_municipality] = {.name = "municipality", .label = "市区町村", .max = 60,
                              .hint = "例：愛知県名古屋市中区"},
    [CLUSTER_first_day] = {.name = "first_day", .label = "はじめの日", .css = "date-input", .max = 20,
                           .hint = "はじめの方の発症日または診断日。例：2022/10/1、R4.10.1", .read = read_date,
                           .unreadable = "はじめの日を読み取れません。例：2022/10/1"},
    [CLUSTER_ended_on] = {.name = "ended_on", .label = "終息した日", .css = "date-input", .max = 20,
                          .hint = "続いているあいだは空けておきます", .read = read_date,
                          .unreadable = "終息した日を読み取れません。例：2022/10/31"},
    [CLUSTER_note] = {.name = "note", .label = "メモ", .max = 500, .hint = "個人の名前は書かないでください"},
};

static const struct field_option *
kind_options(struct context *c)
{
    const struct choice_list *kinds = &dictionary_lists[LIST_cluster_kind];
    struct field_option *options =
        ARENA_ARRAY(c->arena, (size_t)kinds->count + 1, struct field_option);

    for (int i = 0; i < kinds->count; i++)
        options[i] = (struct field_option){kinds->choices[i].code, kinds->choices[i].label};
    return options;
}

static const char changed_meanwhile[] =
    "この画面を開いたあとで、ほかの方がこの集団感染を変更しました。内容を確かめて、もう一度押してください。";

/* The columns of the cluster in the order of the fields, as they are shown in the form. */
static void
start_answers(struct context *c, const struct rows *cluster, struct answer answers[])
{
    static const char *const columns[CLUSTER_FIELD_COUNT] = {
        "name", "kind", "place_name", "municipality", "first_day", "ended_on", "note"};

    for (int i = 0; i < CLUSTER_FIELD_COUNT; i++)
        simple_form_start(&answers[i], fields[i].read == read_date
                                           ? slashed(c, cluster, 0, columns[i])
                                           : rows_text(cluster, 0, columns[i]));
}

/* "was_name": the hidden field with what a field was when the form was made. */
static const char *
was_name(struct context *c, int field)
{
    return text_format(c->arena, "was_%s", fields[field].name);
}

/* Shows the form; `cluster` is the row from which it is made, NULL for a new one. */
static void
show_form(struct context *c, const struct rows *cluster, const struct answer answers[], const char *problem)
{
    int64_t id = cluster == NULL ? 0 : rows_int(cluster, 0, "cluster_id");
    struct answer was[CLUSTER_FIELD_COUNT] = {0};
    struct view *view = page_view(c, id == 0 ? "集団感染を登録する" : "集団感染を変更する");

    view_text(view, "problem", problem);
    view_text(view, "version", id == 0 ? "0" : rows_text(cluster, 0, "version"));
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_text(view, "save_path", id == 0 ? "/clusters/new" : cluster_path(c, id, "/edit"));
    view_text(view, "back_path", id == 0 ? "/clusters" : cluster_path(c, id, ""));
    simple_form_fill(view, CLUSTER_FIELD_COUNT, fields, answers);
    if (id != 0)
        start_answers(c, cluster, was);
    view_list(view, "was");
    for (int i = 0; i < CLUSTER_FIELD_COUNT && id != 0; i++) {
        struct view *row = view_row(view, "was");
        view_text(row, "was_name", was_name(c, i));
        view_text(row, "was_value", was[i].value);
    }
    page_send(c, TEMPLATE_cluster_form, view);
}

void
cluster_new_show(struct context *c)
{
    struct answer answers[CLUSTER_FIELD_COUNT] = {[CLUSTER_kind] = {.options = kind_options(c)}};

    if (!area_kind(c, AREA_KIND(centre), "cluster_new"))
        return;
    show_form(c, NULL, answers, "");
}

void
cluster_edit_show(struct context *c)
{
    struct opened o;
    struct answer answers[CLUSTER_FIELD_COUNT] = {[CLUSTER_kind] = {.options = kind_options(c)}};

    if (!open_cluster(c, NULL, &o) || !refuse_unless_editable(c, &o))
        return;
    start_answers(c, o.cluster, answers);
    show_form(c, o.cluster, answers, "");
}

/* The municipality that was typed, to be asked for together with the cluster. */
static struct record_more
ask_municipality(struct context *c)
{
    const char *typed = text_trim(c->arena, request_value(c->request, fields[CLUSTER_municipality].name));

    return (struct record_more){SQL_municipality_of_address,
                                3,
                                {jtext_narrow(c->arena, typed), "", c->session.prefecture_code},
                                NULL};
}

/* A value as a person writes it, as it is stored. */
static const char *
stored_form(struct context *c, int field, const char *shown)
{
    const char *read = fields[field].read == NULL || shown[0] == '\0'
                           ? shown
                           : fields[field].read(c->arena, shown);

    return read == NULL ? "" : read;
}

static const char *
value_words(int field, const char *shown)
{
    return shown[0] == '\0'          ? "空欄"
           : field == CLUSTER_kind ? dictionary_label(LIST_cluster_kind, shown)
                                   : shown;
}

/*
 * Brings together what was typed and what somebody else made of the cluster since: fields that one side alone changed are
 * taken over, those that both changed get a problem that names the other value. Returns how many clash.
 */
static size_t
merge(struct context *c, const struct rows *cluster, struct answer answers[])
{
    struct answer theirs[CLUSTER_FIELD_COUNT] = {0};
    size_t clashes = 0;

    start_answers(c, cluster, theirs);
    for (int i = 0; i < CLUSTER_FIELD_COUNT; i++) {
        const char *was = form_value(&c->request->body, was_name(c, i)), *now = theirs[i].value;
        bool typed = was == NULL || strcmp(text_trim(c->arena, answers[i].typed), was) != 0;
        if (was != NULL && strcmp(now, was) == 0)
            continue;
        if (!typed) {
            answers[i].typed = now;
            answers[i].value = stored_form(c, i, now);
            answers[i].problem = NULL;
        } else if (strcmp(answers[i].value, stored_form(c, i, now)) != 0) {
            answers[i].problem = text_format(
                c->arena, "%sは、ほかの方が変更しました。いま保存されている値：%s", fields[i].label,
                value_words(i, now));
            clashes++;
        }
    }
    return clashes;
}

/* What stands against the fields together. Returns how many problems it adds. */
static size_t
check(struct answer answers[], const char *municipality)
{
    struct answer *place = &answers[CLUSTER_municipality], *end = &answers[CLUSTER_ended_on];
    size_t problems = 0;

    if (place->value[0] != '\0' && municipality[0] == '\0' && place->problem == NULL) {
        place->problem = "市区町村を読み取れません。都道府県から入力してください。例：愛知県名古屋市中区";
        problems++;
    }
    if (end->value[0] != '\0' && end->problem == NULL &&
        strcmp(end->value, answers[CLUSTER_first_day].value) < 0) {
        end->problem = "終息した日が、はじめの日より前です。";
        problems++;
    }
    return problems;
}

/*
 * Reads the posted form, of a cluster (NULL: a new one), with the municipality that was found. False when it has been answered
 * with what to mend.
 */
static bool
read_form(struct context *c, const struct rows *old, const struct rows *found, struct answer answers[],
          struct cluster *cluster)
{
    int64_t version = 0;
    size_t problems = simple_form_read(c, CLUSTER_FIELD_COUNT, fields, answers), clashes = 0;

    text_to_int(request_value(c->request, "version"), 0, INT32_MAX, &version);
    if (old != NULL && version != rows_int(old, 0, "version"))
        clashes = merge(c, old, answers);
    bool kept = old != NULL && text_same(answers[CLUSTER_municipality].value,
                                         rows_text(old, 0, "municipality"));
    const char *municipality = kept                     ? rows_text(old, 0, "municipality_code")
                               : rows_count(found) == 0 ? ""
                                                        : rows_text(found, 0, "code");
    if (municipality == NULL)
        municipality = "";
    problems += check(answers, municipality);
    *cluster = (struct cluster){
        .cluster_id = old == NULL ? 0 : rows_int(old, 0, "cluster_id"),
        .version = old == NULL ? 0 : (int)rows_int(old, 0, "version"),
        .name = answers[CLUSTER_name].value,
        .kind = answers[CLUSTER_kind].value, .place_name = answers[CLUSTER_place].value,
        .municipality_code = municipality,
        .first_day = answers[CLUSTER_first_day].value,
        .ended_on = answers[CLUSTER_ended_on].value, .note = answers[CLUSTER_note].value};
    if (problems + clashes > 0)
        show_form(c, old, answers, clashes > 0 ? changed_meanwhile : "");
    return problems + clashes == 0;
}

void
cluster_new_post(struct context *c)
{
    struct answer answers[CLUSTER_FIELD_COUNT] = {[CLUSTER_kind] = {.options = kind_options(c)}};
    struct desk desk = patient_desk(c);
    struct cluster cluster;
    struct record_more place = ask_municipality(c);
    enum db_status status;
    int64_t id;

    if (!area_kind(c, AREA_KIND(centre), "cluster_new"))
        return;
    place.rows = db_one_array(c->db, c->arena, c->session.token, &status, place.statement, place.count,
                              place.parameters);
    if (place.rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    if (!read_form(c, NULL, place.rows, answers, &cluster))
        return;
    enum notify_result result = cluster_save(&desk, &cluster, "", &id);
    conclude(c, result, result == NOTIFY_OK ? cluster_path(c, id, "") : "/clusters", "cluster_saved");
}

/* What changed, as words for the history: each field with what it was and what it is. */
static const char *
change_words(struct context *c, const struct answer before[], const struct answer after[])
{
    struct buf out = buf_new(c->arena);

    for (int i = 0; i < CLUSTER_FIELD_COUNT; i++) {
        bool dated = fields[i].read == read_date, chosen = i == CLUSTER_kind;
        const char *was = before[i].value;
        const char *is = dated ? date_slashed(c->arena, date_from_iso(after[i].value)) : after[i].value;
        if (!text_same(was, is))
            buf_printf(&out, "%s%s：「%s」から「%s」", out.size == 0 ? "" : "、", fields[i].label,
                       chosen ? dictionary_label(LIST_cluster_kind, was) : was,
                       chosen ? dictionary_label(LIST_cluster_kind, is) : is);
    }
    return out.size == 0 ? "変更なし" : buf_text(&out);
}

void
cluster_edit_post(struct context *c)
{
    struct opened o;
    struct answer before[CLUSTER_FIELD_COUNT] = {0};
    struct answer answers[CLUSTER_FIELD_COUNT] = {[CLUSTER_kind] = {.options = kind_options(c)}};
    struct desk desk = patient_desk(c);
    struct cluster cluster;
    struct record_more place = ask_municipality(c);

    if (!open_cluster(c, &place, &o) || !refuse_unless_editable(c, &o) ||
        !read_form(c, o.cluster, place.rows, answers, &cluster))
        return;
    start_answers(c, o.cluster, before);
    enum notify_result result =
        cluster_save(&desk, &cluster, change_words(c, before, answers), &o.id);
    if (result == NOTIFY_CONFLICT)
        show_form(c, o.cluster, answers, changed_meanwhile);
    else
        conclude(c, result, cluster_path(c, o.id, ""), "cluster_saved");
}
