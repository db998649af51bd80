/*
 * patient_tab.c - the tabs of a patient that are made of entries (dictionary/tabs.rec): the list, the form, withdrawing; and
 * the time line (経過) of them all. One set of handlers for every tab; what a tab has is data.
 */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/entries.h"
#include "core/link.h"
#include "page/form_view.h"
#include "page/handlers.h"
#include "page/patient_head.h"

enum { MOST_ENTRIES = 100000 };

/* ---- a patient and one of its tabs --------------------------------------------------------------------------------- */

struct opened {
    struct record record;
    const struct record_tab *tab;
    const struct rows *rows; /* its entries */
    const struct rows *clusters, *own_clusters; /* of the tab 感染経路; NULL elsewhere */
    bool may_edit;
};

/* The entries of the tab, and with those of 感染経路 the clusters (集団感染); answers and returns false on failure. */
static bool
load_rows(struct context *c, struct opened *o)
{
    const char *id = db_int(c->arena, o->record.patient_id);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    bool is_link = o->tab->tab == TAB_link;

    unsigned entries = entries_add_load(batch, c->arena, o->record.patient_id, o->tab);
    if (is_link) {
        DB_ADD(batch, SQL_cluster_of_patient, id);
        DB_ADD(batch, SQL_cluster_open, db_int(c->arena, c->session.organisation_id));
    }
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return false;
    }
    o->rows = db_rows(batch, entries);
    o->clusters = is_link ? db_rows(batch, entries + 1) : NULL;
    o->own_clusters = is_link ? db_rows(batch, entries + 2) : NULL;
    return true;
}

/* The notice of somebody reported without a test (みなし陽性) is the centre's, not the clinic's (seed 3 Q18). */
static bool
is_the_centres(const struct context *c, const struct opened *o)
{
    return o->tab->tab == TAB_notice && c->session.kind == KIND_clinic && o->record.notification.deemed;
}

/* Loads the patient and the tab of the path; answers and returns false when they may not be shown. */
static bool
open_tab(struct context *c, struct opened *o)
{
    memset(o, 0, sizeof *o);
    o->tab = dictionary_record_tab(path_part(c, 3));
    if (o->tab == NULL) {
        page_not_found(c);
        return false;
    }
    const char *action = text_format(c->arena, "%s_view", dictionary_tab_name(o->tab->tab));
    if (!patient_open(c, 0, o->tab->class, action, &o->record))
        return false;
    if (!load_rows(c, o))
        return false;
    o->may_edit = rights_may_edit(o->record.rights, o->tab->class) && !o->record.sealed && !is_the_centres(c, o);
    return true;
}

static const char *
tab_path(struct context *c, const struct opened *o, const char *below)
{
    const char *tab = text_format(c->arena, "tab/%s%s%s", dictionary_tab_name(o->tab->tab),
                                  below[0] == '\0' ? "" : "/", below);

    return patient_path(c, &o->record, tab);
}

/* The entry with this number, which must stand; false when there is none. */
static bool
find_entry(struct context *c, const struct opened *o, const char *number, struct tab_entry *entry)
{
    struct desk desk = patient_desk(c);
    int64_t no;

    if (text_to_int(number, 1, MOST_ENTRIES, &no) != 0)
        return false;
    for (size_t i = 0; i < rows_count(o->rows); i++) {
        entries_from_row(&desk, o->record.patient_id, o->rows, i, entry);
        if (entry->no == no && !entry->withdrawn)
            return true;
    }
    return false;
}

static bool
refuse_unless_editable(struct context *c, const struct opened *o)
{
    if (o->may_edit)
        return true;
    page_forbidden(c, o->record.sealed       ? "この方の発生届は削除されています。先に削除を取り消してください。"
                      : is_the_centres(c, o) ? "みなし陽性の方への通知は、保健所が設定します。管轄の保健所に依頼してください。"
                                             : rights_because(c->session.kind, o->record.relations));
    return false;
}

/* ---- the list ------------------------------------------------------------------------------------------------------ */

/* The number of another patient, wherever a tab names one, leads there. */
static void
fill_case(struct context *c, struct view *field, int item, const char *value)
{
    bool names_case = item == ITEM_contact_case_id || item == ITEM_profile_source_case;
    int64_t patient = names_case ? publicid_parse(value) : 0;

    view_flag(field, "is_case", patient != 0);
    view_text(field, "case_path",
              patient == 0 ? "/"
                           : text_format(c->arena, "/patient/%s",
                                         publicid_hersys_plain(c->arena, patient)));
}

/* What is filled in, in the order of the form, without the date that heads the entry. */
static void
fill_values(struct context *c, struct view *row, const struct record_tab *tab,
            const struct document *doc)
{
    view_list(row, "fields");
    for (int i = 0; i < PLACE_COUNT; i++) {
        int item = dictionary_places[i].item;
        if ((dictionary_places[i].forms & 1u << tab->form) == 0 || !document_has(doc, item) ||
            item == tab->since || item == tab->until)
            continue;
        struct view *field = view_row(row, "fields");
        view_text(field, "label", dictionary_items[item].label);
        view_text(field, "value", document_shown(c->arena, doc, item));
        fill_case(c, field, item, doc->value[item]);
    }
}

/* "2022/9/1" or "2022/9/1から2022/9/5まで"; the tab's own name where entries have no date. */
static const char *
heading(struct context *c, const struct record_tab *tab, const struct document *doc)
{
    date_day since = tab->since < 0 ? DATE_NONE : date_from_iso(doc->value[tab->since]);
    date_day until = tab->until < 0 ? DATE_NONE : date_from_iso(doc->value[tab->until]);

    if (since == DATE_NONE)
        return tab->since < 0 ? tab->label : "日付なし";
    if (tab->until < 0)
        return date_slashed(c->arena, since);
    return text_format(c->arena, "%sから%s%s", date_slashed(c->arena, since),
                       until == DATE_NONE ? "" : date_slashed(c->arena, until),
                       until == DATE_NONE ? "" : "まで");
}

static void
fill_entry(struct context *c, struct view *view, const struct opened *o,
           const struct tab_entry *entry)
{
    struct view *row = view_row(view, "entries");

    view_text(row, "heading", heading(c, o->tab, &entry->doc));
    view_text(row, "entered", entry->entered);
    view_text(row, "entered_by", entry->entered_by);
    view_text(row, "organisation", entry->organisation);
    view_text(row, "link_words", link_mark_words(entry->link_mark));
    view_text(row, "entry_version", db_int(c->arena, entry->version));
    view_flag(row, "withdrawn", entry->withdrawn);
    view_flag(row, "may_change", o->may_edit && !entry->withdrawn);
    view_text(row, "change_path", tab_path(c, o, db_int(c->arena, entry->no)));
    view_text(row, "withdraw_path",
              tab_path(c, o, text_format(c->arena, "%d/withdraw", entry->no)));
    fill_values(c, row, o->tab, &entry->doc);
}

/* What the tab 感染経路 has besides its entries: the way to the chain, and the clusters. */
static void
fill_link(struct context *c, struct view *view, const struct opened *o)
{
    bool leads = rights_may_edit(rights_of(c->session.kind, 1u << RELATION_responsible), CLASS_link);
    const struct choice_list *roles = &dictionary_lists[LIST_cluster_role];

    view_flag(view, "is_link", true);
    view_text(view, "chain_path", patient_path(c, &o->record, "chain"));
    view_text(view, "join_path", patient_path(c, &o->record, "cluster"));
    view_flag(view, "may_join", leads && !o->record.sealed && rows_count(o->own_clusters) > 0);
    view_list(view, "clusters");
    for (size_t i = 0; i < rows_count(o->clusters); i++) {
        struct view *row = view_row(view, "clusters");
        view_format(row, "cluster_path", "/clusters/%s", rows_text(o->clusters, i, "cluster_id"));
        view_text(row, "cluster_name", rows_text(o->clusters, i, "name"));
        view_text(row, "cluster_role",
                  dictionary_label(LIST_cluster_role, rows_text(o->clusters, i, "role")));
        view_text(row, "cluster_office", rows_text(o->clusters, i, "organisation"));
    }
    view_list(view, "own_clusters");
    for (size_t i = 0; i < rows_count(o->own_clusters); i++) {
        struct view *row = view_row(view, "own_clusters");
        view_text(row, "cluster_id", rows_text(o->own_clusters, i, "cluster_id"));
        view_text(row, "cluster_name", rows_text(o->own_clusters, i, "name"));
    }
    view_list(view, "roles");
    for (int i = 0; i < roles->count; i++) {
        struct view *row = view_row(view, "roles");
        view_text(row, "role_code", roles->choices[i].code);
        view_text(row, "role_label", roles->choices[i].label);
    }
}

void
patient_tab_show(struct context *c)
{
    struct desk desk = patient_desk(c);
    struct opened o;
    struct tab_entry entry;
    size_t standing = 0;

    if (!open_tab(c, &o))
        return;
    struct view *view =
        patient_view(c, &o.record, text_format(c->arena, "tab/%s", dictionary_tab_name(o.tab->tab)));
    view_list(view, "entries");
    for (size_t i = 0; i < rows_count(o.rows); i++) {
        entries_from_row(&desk, o.record.patient_id, o.rows, i, &entry);
        fill_entry(c, view, &o, &entry);
        standing += !entry.withdrawn;
    }
    view_text(view, "tab_label", o.tab->label);
    view_text(view, "tab_lead", o.tab->lead);
    view_flag(view, "may_add", o.may_edit && (o.tab->many || standing == 0));
    view_text(view, "new_path", tab_path(c, &o, "new"));
    view_flag(view, "is_contact", o.tab->tab == TAB_contact);
    view_text(view, "grid_path", patient_path(c, &o.record, "contacts"));
    if (o.clusters != NULL)
        fill_link(c, view, &o);
    page_send(c, TEMPLATE_patient_tab, view);
}

/* ---- the form ------------------------------------------------------------------------------------------------------ */

static void
show_form(struct context *c, const struct opened *o, const struct tab_entry *entry,
          const struct problems *problems, const char *problem)
{
    struct view *view =
        patient_view(c, &o->record, text_format(c->arena, "tab/%s", dictionary_tab_name(o->tab->tab)));
    struct form_show show = {.form = {o->tab->form, false},
                             .rights = o->record.rights,
                             .doc = &entry->doc,
                             .problems = problems,
                             .whole = true};
    struct problems none = {0};

    form_view_fields(c->arena, view, &show);
    form_view_problems(view, problems == NULL ? &none : problems);
    view_text(view, "problem", problem);
    view_text(view, "tab_label", o->tab->label);
    view_text(view, "entry_version", db_int(c->arena, entry->version));
    view_flag(view, "is_new", entry->no == 0);
    view_text(view, "save_path",
              tab_path(c, o, entry->no == 0 ? "new" : db_int(c->arena, entry->no)));
    view_text(view, "back_path", tab_path(c, o, ""));
    page_send(c, TEMPLATE_patient_tab_form, view);
}

/* Loads the tab and, unless the path says new, the entry that it names; answers and returns false otherwise. */
static bool
open_entry(struct context *c, struct opened *o, struct tab_entry *entry)
{
    memset(entry, 0, sizeof *entry);
    if (!open_tab(c, o) || !refuse_unless_editable(c, o))
        return false;
    if (strcmp(path_part(c, 4), "new") == 0 || find_entry(c, o, path_part(c, 4), entry))
        return true;
    page_not_found(c);
    return false;
}

void
patient_entry_show(struct context *c)
{
    struct opened o;
    struct tab_entry entry;

    if (!open_entry(c, &o, &entry))
        return;
    if (entry.no == 0 && o.tab->since >= 0)
        entry.doc.value[o.tab->since] = date_iso(c->arena, date_today());
    show_form(c, &o, &entry, NULL, "");
}

/* Saves what was posted; a repeated press finds its receipt, a changed entry is shown again with what was typed. */
static void
save(struct context *c, const struct opened *o, struct tab_entry *entry, const struct document *old,
     const struct problems *problems)
{
    struct desk desk = patient_desk(c);
    int64_t version = 0;

    text_to_int(request_value(c->request, "entry_version"), 0, INT32_MAX, &version);
    bool stale = entry->no != 0 && version != entry->version;
    entry->version = stale ? (int)version : entry->version;
    enum notify_result result = entries_save(&desk, &o->record, o->tab, entry, old);
    if (result != NOTIFY_CONFLICT) {
        patient_conclude(c, result, tab_path(c, o, ""), "entry");
        return;
    }
    struct tab_entry now;
    if (find_entry(c, o, db_int(c->arena, entry->no), &now))
        entry->version = now.version;
    show_form(c, o, entry, problems, patient_changed_meanwhile);
}

void
patient_entry_post(struct context *c)
{
    struct opened o;
    struct tab_entry entry;
    struct problems problems = {0};

    if (!open_entry(c, &o, &entry))
        return;
    struct document old = entry.doc;
    form_view_read(c->arena, &c->request->body, &entry.doc, &problems);
    document_check(c->arena, &entry.doc, (struct form_view){o.tab->form, false}, &problems);
    document_prune(&entry.doc, o.tab->form);
    const char *problem = form_view_may_report(&problems)
                              ? entries_problem(c->arena, o.tab, &entry.doc)
                              : "赤い枠の項目を直してください。";
    if (problem != NULL)
        show_form(c, &o, &entry, &problems, problem);
    else
        save(c, &o, &entry, &old, &problems);
}

void
patient_entry_withdraw_post(struct context *c)
{
    struct opened o;
    struct tab_entry entry;
    struct desk desk = patient_desk(c);
    int64_t version = 0;

    if (!open_tab(c, &o) || !refuse_unless_editable(c, &o))
        return;
    if (!find_entry(c, &o, path_part(c, 4), &entry)) {
        page_not_found(c);
        return;
    }
    text_to_int(request_value(c->request, "entry_version"), 0, INT32_MAX, &version);
    entry.version = (int)version;
    patient_conclude(c, entries_withdraw(&desk, &o.record, o.tab, &entry), tab_path(c, &o, ""),
                     "entry_withdrawn");
}

/* ---- 経過 ---------------------------------------------------------------------------------------------------------- */

struct moment {
    const char *date; /* ISO; "" sorts last */
    const char *what, *text, *path;
};

/* The latest first. */
static int
by_date(const void *a, const void *b)
{
    return strcmp(((const struct moment *)b)->date, ((const struct moment *)a)->date);
}

/* Dates of the notification that tell its course. */
static size_t
add_dates(struct context *c, const struct record *record, struct moment *moments)
{
    static const int items[] = {ITEM_infected_date, ITEM_onset_date, ITEM_first_visit_date,
                                ITEM_diagnosis_date, ITEM_hospitalised_date, ITEM_death_date,
                                ITEM_entry_date};
    size_t count = 0;

    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (document_has(&record->doc, items[i]) &&
            rights_may_view(record->rights, dictionary_items[items[i]].class))
            moments[count++] = (struct moment){record->doc.value[items[i]], "発生届",
                                               dictionary_items[items[i]].label,
                                               patient_path(c, record, "")};
    return count;
}

static size_t
add_statuses(struct context *c, const struct record *record, struct moment *moments)
{
    const struct rows *rows = record->statuses;
    size_t count = 0;

    for (size_t i = 0; i < rows_count(rows); i++)
        if (!rows_bool(rows, i, "withdrawn") && rights_may_view(record->rights, CLASS_status))
            moments[count++] = (struct moment){
                rows_text(rows, i, "since"), "ステータス",
                dictionary_label(LIST_status, rows_text(rows, i, "status")),
                patient_path(c, record, "status")};
    return count;
}

/* The first values of an entry in one line. */
static const char *
summary(struct context *c, const struct record_tab *tab, const struct document *doc)
{
    enum { SHOWN = 4 };
    struct buf out = buf_new(c->arena);
    int shown = 0;

    for (int i = 0; i < PLACE_COUNT && shown < SHOWN; i++) {
        int item = dictionary_places[i].item;
        if ((dictionary_places[i].forms & 1u << tab->form) == 0 || !document_has(doc, item) ||
            item == tab->since)
            continue;
        buf_printf(&out, "%s%s", shown++ == 0 ? "" : "　", document_shown(c->arena, doc, item));
    }
    return buf_text(&out);
}

static size_t
add_entries(struct context *c, const struct record *record, const struct rows *rows,
            struct moment *moments)
{
    struct desk desk = patient_desk(c);
    struct tab_entry entry;
    size_t count = 0;

    for (size_t i = 0; i < rows_count(rows); i++) {
        const struct record_tab *tab = dictionary_record_tab(rows_text(rows, i, "tab"));
        const char *since = rows_text(rows, i, "since");
        if (tab == NULL || since == NULL || !rights_may_view(record->rights, tab->class))
            continue;
        entries_from_row(&desk, record->patient_id, rows, i, &entry);
        moments[count++] =
            (struct moment){since, tab->label, summary(c, tab, &entry.doc),
                            patient_path(c, record,
                                         text_format(c->arena, "tab/%s", dictionary_tab_name(tab->tab)))};
    }
    return count;
}

void
patient_timeline_show(struct context *c)
{
    enum { MOST_DATES = 8 };
    struct desk desk = patient_desk(c);
    struct record record;

    if (!patient_open(c, 0, CLASS_clinical, "timeline_view", &record))
        return;
    const struct rows *rows = entries_load_all(&desk, record.patient_id);
    if (rows == NULL) {
        page_database_failed(c, DB_LOST);
        return;
    }
    struct moment *moments = ARENA_ARRAY(
        c->arena, MOST_DATES + rows_count(record.statuses) + rows_count(rows), struct moment);
    size_t count = add_dates(c, &record, moments);
    count += add_statuses(c, &record, moments + count);
    count += add_entries(c, &record, rows, moments + count);
    qsort(moments, count, sizeof *moments, by_date);
    struct view *view = patient_view(c, &record, "timeline");
    view_list(view, "moments");
    for (size_t i = 0; i < count; i++) {
        struct view *row = view_row(view, "moments");
        bool same = i > 0 && strcmp(moments[i].date, moments[i - 1].date) == 0;
        view_text(row, "date",
                  same ? "" : date_slashed(c->arena, date_from_iso(moments[i].date)));
        view_text(row, "what", moments[i].what);
        view_text(row, "text", moments[i].text);
        view_text(row, "moment_path", moments[i].path);
    }
    page_send(c, TEMPLATE_patient_timeline, view);
}
