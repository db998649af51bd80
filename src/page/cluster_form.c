/*
 * cluster_form.c - the form of 集団感染. It carries what it was made from: of two people, what one alone changed is merged, and
 * what both changed is told at its field with the other's value.
 */
#include <string.h>

#include "base/crypt.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"
#include "core/cluster.h"
#include "page/area.h"
#include "page/cluster_page.h"
#include "page/handlers.h"
#include "page/patient_head.h"
#include "page/simple_form.h"

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
                                           ? cluster_day(c, cluster, 0, columns[i])
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
    struct cluster_opened o;
    struct answer answers[CLUSTER_FIELD_COUNT] = {[CLUSTER_kind] = {.options = kind_options(c)}};

    if (!cluster_open(c, NULL, &o) || !cluster_may_edit(c, &o))
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
    cluster_conclude(c, result, result == NOTIFY_OK ? cluster_path(c, id, "") : "/clusters", "cluster_saved");
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
    struct cluster_opened o;
    struct answer before[CLUSTER_FIELD_COUNT] = {0};
    struct answer answers[CLUSTER_FIELD_COUNT] = {[CLUSTER_kind] = {.options = kind_options(c)}};
    struct desk desk = patient_desk(c);
    struct cluster cluster;
    struct record_more place = ask_municipality(c);

    if (!cluster_open(c, &place, &o) || !cluster_may_edit(c, &o) ||
        !read_form(c, o.cluster, place.rows, answers, &cluster))
        return;
    start_answers(c, o.cluster, before);
    enum notify_result result =
        cluster_save(&desk, &cluster, change_words(c, before, answers), &o.id);
    if (result == NOTIFY_CONFLICT)
        show_form(c, o.cluster, answers, changed_meanwhile);
    else
        cluster_conclude(c, result, cluster_path(c, o.id, ""), "cluster_saved");
}
