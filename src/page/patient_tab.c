/*
 * patient_tab.c - the tabs of a patient that are made of entries (dictionary/tabs.rec): the list, the form, withdrawing; and
 * the time line (経過) of them all. One set of handlers for every tab; what a tab has is data.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/entries.h"
#include "core/link.h"
#include "page/form_view.h"
#include "page/further_tests.h"
#include "page/handlers.h"
#include "page/local_view.h"
#include "page/notice_view.h"
#include "page/patient_head.h"

/* ---- a patient and one of its tabs --------------------------------------------------------------------------------- */

struct opened {
    struct record record;
    const struct record_tab *tab;
    const struct rows *rows; /* entries of it */
    const struct rows *clusters, *own_clusters, *links; /* with the list of the tab 感染経路; NULL elsewhere */
    const struct rows *obstacles; /* with that of 通知設定; NULL elsewhere */
    struct local_items items; /* that head offices have added; of a tab that has such */
    bool may_edit;
};

/* What is read together with the record: the entries, with the lists of 感染経路 and 通知設定 what else they show, and the items added to a tab. */
enum { ROWS, CLUSTERS, OWN_CLUSTERS, LINKS, LINK_MORE, ITEMS = CLUSTERS, ITEMS_MORE, OBSTACLES = CLUSTERS, OBSTACLES_MORE };

/* The tab of the path; answers and returns false when there is none. */
static bool
find_tab(struct context *c, struct opened *o)
{
    memset(o, 0, sizeof *o);
    o->tab = dictionary_record_tab(path_part(c, 3));
    if (o->tab == NULL)
        page_not_found(c);
    return o->tab != NULL;
}

/* The notice of somebody reported without a test (みなし陽性) is the centre's, not the clinic's (seed 3 Q18). */
static bool
is_the_centres(const struct context *c, const struct opened *o)
{
    return o->tab->tab == TAB_notice && c->session.kind == KIND_clinic && o->record.notification.deemed;
}

/* Loads the patient of the path and entries of the tab; answers and returns false when they may not be shown. */
static bool
open_tab(struct context *c, struct record_more entries, bool as_list, struct opened *o)
{
    const char *id = db_int(c->arena, path_patient(c, 1));
    const char *action = text_format(c->arena, "%s_view", dictionary_tab_name(o->tab->tab));
    bool is_link = as_list && o->tab->tab == TAB_link, is_notice = as_list && o->tab->tab == TAB_notice;
    struct record_more more[LINK_MORE] = {
        [ROWS] = entries,
        [CLUSTERS] = {SQL_cluster_of_patient, 1, {id}, NULL},
        [OWN_CLUSTERS] = {SQL_cluster_open, 1, {db_int(c->arena, c->session.organisation_id)}, NULL},
        [LINKS] = {SQL_link_list, 1, {id}, NULL}};

    if (o->tab->added)
        more[ITEMS] = local_items_ask(c->arena, path_patient(c, 1), o->tab);
    if (is_notice)
        more[OBSTACLES] = (struct record_more){SQL_notice_obstacles, 1, {id}, NULL};
    if (!patient_open_with(c, o->tab->class, action, &o->record, more,
                           is_link ? LINK_MORE : is_notice ? OBSTACLES_MORE : o->tab->added ? ITEMS_MORE : 1))
        return false;
    o->rows = more[ROWS].rows;
    o->obstacles = is_notice ? more[OBSTACLES].rows : NULL;
    if (o->tab->added)
        o->items = local_items_from(c->arena, more[ITEMS].rows);
    if (is_link) {
        o->clusters = more[CLUSTERS].rows;
        o->own_clusters = more[OWN_CLUSTERS].rows;
        o->links = more[LINKS].rows;
    }
    o->may_edit = rights_may_edit(o->record.rights, o->tab->class) && !o->record.sealed && !is_the_centres(c, o);
    return true;
}

static const char *
tab_path(struct context *c, const struct opened *o, const char *below)
{
    const char *tab = text_format(c->arena, "tab/%s%s%s", dictionary_tab_name(o->tab->tab), below[0] == '\0' ? "" : "/", below);

    return patient_path(c, &o->record, tab);
}

/* The first entry that stands among those read; false when there is none. */
static bool
find_standing(struct context *c, const struct opened *o, struct tab_entry *entry)
{
    struct desk desk = patient_desk(c);

    for (size_t i = 0; i < rows_count(o->rows); i++) {
        entries_from_row(&desk, o->record.patient_id, o->rows, i, entry);
        if (!entry->withdrawn)
            return true;
    }
    memset(entry, 0, sizeof *entry);
    return false;
}

/* ---- the list ------------------------------------------------------------------------------------------------------ */

/* The number of another patient, wherever a tab names one, leads there; 0: nobody is named. */
static void
fill_case(struct context *c, struct view *field, int64_t patient)
{
    view_flag(field, "is_case", patient != 0);
    view_text(field, "case_path",
              patient == 0 ? "/"
                           : text_format(c->arena, "/patient/%s",
                                         publicid_hersys_plain(c->arena, patient)));
}

static bool
names_case(int item)
{
    return item == ITEM_contact_case_id || item == ITEM_profile_source_case;
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
        fill_case(c, field, names_case(item) ? publicid_parse(doc->value[item]) : 0);
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

/* Whether the form of the tab has a field: one of added items may have none. */
static bool
asks(const struct opened *o)
{
    for (size_t i = 0; i < o->items.count; i++)
        if (local_item_asked(&o->items.list[i]))
            return true;
    return !o->tab->added;
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
    view_text(row, "form_id", crypt_uuid(c->arena)); /* a form for each entry */
    view_flag(row, "withdrawn", entry->withdrawn);
    view_flag(row, "may_change", o->may_edit && !entry->withdrawn && asks(o));
    view_flag(row, "may_withdraw", o->may_edit && !entry->withdrawn);
    view_text(row, "change_path", tab_path(c, o, db_int(c->arena, entry->no)));
    view_text(row, "withdraw_path",
              tab_path(c, o, text_format(c->arena, "%d/withdraw", entry->no)));
    fill_values(c, row, o->tab, &entry->doc);
    local_view_values(c->arena, row, &o->items, &entry->doc);
}

/* What a contact or an import says about the source: as an entry is shown, and withdrawn by itself. */
static void
fill_statements(struct context *c, struct view *view, const struct opened *o)
{
    const struct rows *rows = o->links;

    view_list(view, "links");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "links");
        const char *source = rows_text(rows, i, "source_text");
        bool withdrawn = rows_bool(rows, i, "withdrawn");
        bool found = !text_same(rows_text(rows, i, "mark"), "unfound");
        view_text(row, "link_origin",
                  text_same(rows_text(rows, i, "origin"), "contact") ? "接触者からの陽性化" : "取り込み");
        view_text(row, "link_source", text_empty(source) ? "（番号の記録なし）" : source);
        fill_case(c, row, found ? publicid_parse(source) : 0);
        view_text(row, "link_certainty",
                  dictionary_label(LIST_link_certainty, rows_text(rows, i, "certainty")));
        view_text(row, "link_words", withdrawn ? "" : link_mark_words(rows_text(rows, i, "mark")));
        view_text(row, "entered", rows_text(rows, i, "entered"));
        view_text(row, "entered_by", rows_text(rows, i, "entered_by_name"));
        view_text(row, "organisation", rows_text(rows, i, "organisation"));
        view_text(row, "withdrawn_by", rows_text(rows, i, "withdrawn_by_name"));
        view_text(row, "form_id", crypt_uuid(c->arena));
        view_flag(row, "withdrawn", withdrawn);
        view_flag(row, "may_change", o->may_edit && !withdrawn);
        view_text(row, "withdraw_path",
                  patient_path(c, &o->record,
                               text_format(c->arena, "link/%s/withdraw", rows_text(rows, i, "link_no"))));
    }
}

/* What the tab 感染経路 has besides its entries: other statements, the way to the chain, and the clusters. */
static void
fill_link(struct context *c, struct view *view, const struct opened *o)
{
    bool leads = rights_may_edit(rights_of(c->session.kind, 1u << RELATION_responsible), CLASS_link);

    view_flag(view, "is_link", true);
    fill_statements(c, view, o);
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
    form_view_choices(view, "roles", LIST_cluster_role, "");
}

void
patient_tab_show(struct context *c)
{
    struct desk desk = patient_desk(c);
    struct opened o;
    struct tab_entry entry;
    size_t standing = 0;
    int64_t after = 0;

    text_to_int(request_query(c->request, "after"), 0, MOST_ENTRIES, &after);
    if (!find_tab(c, &o) ||
        !open_tab(c, entries_ask(c->arena, path_patient(c, 1), o.tab, (int)after), true, &o))
        return;
    struct view *view = patient_view(c, &o.record, text_format(c->arena, "tab/%s", dictionary_tab_name(o.tab->tab)));
    notice_view_remarks(view, o.obstacles);
    view_list(view, "entries");
    for (size_t i = 0; i < rows_count(o.rows) && i < ENTRIES_PAGE; i++) {
        entries_from_row(&desk, o.record.patient_id, o.rows, i, &entry);
        fill_entry(c, view, &o, &entry);
        standing += !entry.withdrawn;
    }
    view_text(view, "next_path",
              rows_count(o.rows) <= ENTRIES_PAGE ? "" : text_format(c->arena, "%s?after=%d", tab_path(c, &o, ""), entry.no));
    view_text(view, "tab_label", o.tab->label);
    view_text(view, "tab_lead", o.tab->lead);
    view_flag(view, "may_add", o.may_edit && (o.tab->many || standing == 0) && asks(&o));
    view_flag(view, "asks_nothing", !asks(&o));
    view_text(view, "new_path", tab_path(c, &o, "new"));
    view_flag(view, "is_contact", o.tab->tab == TAB_contact);
    view_text(view, "grid_path", patient_path(c, &o.record, "contacts"));
    if (o.clusters != NULL)
        fill_link(c, view, &o);
    page_send(c, TEMPLATE_patient_tab, view);
}

/* ---- the form ------------------------------------------------------------------------------------------------------ */

/* A form as it is shown. */
struct showing {
    const struct tab_entry *entry; /* as typed; its version is that of `seen` */
    const struct document *seen;   /* what was stored when the form was made */
    const struct problems *problems;
    const char *problem;
    const bool *clash; /* by item: `seen` is what somebody else made of it meanwhile; NULL: nothing clashes */
    const struct further_tests *further; /* NULL: the form takes none */
};

static void
show_form(struct context *c, const struct opened *o, struct showing s)
{
    static const struct document nothing;
    static const struct problems none;
    struct view *view =
        patient_view(c, &o->record, text_format(c->arena, "tab/%s", dictionary_tab_name(o->tab->tab)));
    struct form_show show = {.form = {o->tab->form, false},
                             .rights = o->record.rights,
                             .doc = &s.entry->doc,
                             .problems = s.problems,
                             .whole = true};
    struct desk desk = patient_desk(c);

    form_view_fields(c->arena, view, &show);
    form_view_problems(view, s.problems == NULL ? &none : s.problems);
    if (o->tab->added) {
        local_view_fields(c->arena, view, &o->items, &s.entry->doc);
        local_view_problems(view, &o->items, &s.entry->doc);
    }
    form_view_clashes(c->arena, view, &s.entry->doc, s.seen, s.clash);
    further_tests_fill(c, view, s.further);
    view_text(view, "problem", s.problem);
    view_text(view, "tab_label", o->tab->label);
    view_text(view, "entry_version", db_int(c->arena, s.entry->version));
    view_text(view, "seen", fields_changes(record_fields(&desk, &o->record), s.seen, &nothing, false));
    view_flag(view, "is_new", s.entry->no == 0);
    view_text(view, "save_path",
              tab_path(c, o, s.entry->no == 0 ? "new" : db_int(c->arena, s.entry->no)));
    view_text(view, "back_path", tab_path(c, o, ""));
    page_send(c, TEMPLATE_patient_tab_form, view);
}

static bool
asks_for_new(const struct context *c)
{
    return strcmp(path_part(c, 4), "new") == 0;
}

/*
 * Loads the tab and the entry that the path names, withdrawn or not; "new" has none, but in a tab of one entry those of the tab.
 * Answers and returns false when it may not be edited, or is not there.
 */
static bool
open_entry(struct context *c, struct opened *o)
{
    int64_t patient = path_patient(c, 1), no = 0;

    if (!find_tab(c, o))
        return false;
    text_to_int(path_part(c, 4), 1, MOST_ENTRIES, &no);
    struct record_more entries =
        asks_for_new(c) && !o->tab->many
            ? entries_ask(c->arena, patient, o->tab, 0)
            : entries_ask_some(c->arena, patient, o->tab, text_format(c->arena, "{%d}", (int)no));
    if (!open_tab(c, entries, false, o) || !patient_may_edit(c, &o->record, o->tab->class))
        return false;
    if (is_the_centres(c, o)) {
        page_forbidden(c, "みなし陽性の方への通知は、保健所が設定します。管轄の保健所に依頼してください。");
        return false;
    }
    if (rows_count(o->rows) > 0 || asks_for_new(c))
        return true;
    page_not_found(c);
    return false;
}

void
patient_entry_show(struct context *c)
{
    struct opened o;
    struct tab_entry entry;

    if (!open_entry(c, &o))
        return;
    bool stands = find_standing(c, &o, &entry);
    if (stands == asks_for_new(c)) { /* withdrawn; or in a tab of one entry, which is there */
        if (stands)
            response_redirect(c->response, tab_path(c, &o, db_int(c->arena, entry.no)));
        else
            page_not_found(c);
        return;
    }
    static const struct further_tests none;
    struct document seen = entry.doc;
    if (entry.no == 0 && o.tab->since >= 0)
        entry.doc.value[o.tab->since] = date_iso(c->arena, date_today());
    show_form(c, &o,
              (struct showing){.entry = &entry, .seen = &seen,
                               .further = further_tests_asked(o.tab, entry.no) ? &none : NULL});
}

/* What the entry was when the posted form was made, by its hidden field. */
static struct document
posted_base(struct context *c, const struct opened *o)
{
    struct desk desk = patient_desk(c);
    struct document base = {0};

    fields_apply_changes(record_fields(&desk, &o->record), &base, request_value(c->request, "seen"));
    return base;
}

static int
posted_version(struct context *c)
{
    int64_t version = 0;

    text_to_int(request_value(c->request, "entry_version"), 0, INT32_MAX, &version);
    return (int)version;
}

/* The entry, with further ones where such were given. */
static enum notify_result
save_entries(const struct desk *desk, const struct opened *o, struct showing s, const struct document *now)
{
    if (s.further != NULL && s.further->count > 0)
        return further_tests_save(desk, &o->record, o->tab, s.entry, s.further);
    return entries_save(desk, &o->record, o->tab, s.entry, now);
}

/*
 * Saves what was typed over what is stored (`now`). A repeated press finds its receipt; what somebody else changed meanwhile
 * is kept where it does not clash, and shown beside what was typed where it does.
 */
static void
save(struct context *c, const struct opened *o, struct showing s, const struct document *now)
{
    struct desk desk = patient_desk(c);
    int64_t patient;
    int no;
    bool answered = s.clash != NULL && desk.form_id != NULL &&
                    notification_receipt(&desk, desk.form_id, &patient, &no) == NOTIFY_OK;
    enum notify_result result = answered           ? NOTIFY_REPEATED
                                : s.clash != NULL ? NOTIFY_CONFLICT
                                                  : save_entries(&desk, o, s, now);

    if (result != NOTIFY_CONFLICT) {
        patient_conclude(c, result, tab_path(c, o, ""), "entry");
        return;
    }
    s.problem = patient_changed_meanwhile;
    show_form(c, o, s);
}

void
patient_entry_post(struct context *c)
{
    struct opened o;
    struct tab_entry entry;
    struct problems problems = {0};
    struct further_tests further = {0};
    bool clash[ITEM_COUNT];

    if (!open_entry(c, &o))
        return;
    bool gone = !find_standing(c, &o, &entry) && !asks_for_new(c);
    bool stale = entry.no != 0 && posted_version(c) != entry.version;
    const struct document now = entry.doc;
    const struct document base = stale || gone ? posted_base(c, &o) : now;
    entry.doc = base;
    form_view_read(c->arena, &c->request->body, &entry.doc, &problems);
    local_view_read(c->arena, &c->request->body, &o.items, &entry.doc);
    int clashes = stale ? fields_merge(&base, &now, &entry.doc, clash) +
                              local_view_merge(c->arena, &o.items, &base, &now, &entry.doc)
                        : 0;
    document_check(c->arena, &entry.doc, (struct form_view){o.tab->form, false}, &problems);
    document_prune(&entry.doc, o.tab->form);
    bool several = further_tests_asked(o.tab, entry.no);
    bool good = !several || further_tests_read(c, o.tab, &entry.doc, &further);
    good = good && local_items_unread(&entry.doc) == 0;
    const char *problem = !form_view_may_report(&problems) || !good ? "赤い枠の項目を直してください。"
                          : gone ? "この記録は、ほかの人が取り消しました。登録すると、新しい記録になります。"
                                 : entries_problem(c->arena, o.tab, &entry.doc);
    struct showing showing = {&entry, &now, &problems, problem, clashes > 0 ? clash : NULL,
                              several ? &further : NULL};
    if (problem != NULL)
        show_form(c, &o, showing);
    else
        save(c, &o, showing, &now);
}

void
patient_entry_withdraw_post(struct context *c)
{
    struct opened o;
    struct tab_entry entry;
    struct desk desk = patient_desk(c);

    if (!open_entry(c, &o))
        return;
    if (asks_for_new(c)) {
        page_not_found(c);
        return;
    }
    entries_from_row(&desk, o.record.patient_id, o.rows, 0, &entry);
    entry.version = posted_version(c);
    patient_conclude(c, entries_withdraw(&desk, &o.record, o.tab, &entry), tab_path(c, &o, ""),
                     "entry_withdrawn");
}

/* ---- 感染リンク that no entry states ------------------------------------------------------------------------------- */

void
patient_link_withdraw_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);
    int64_t number;

    if (!patient_open(c, 0, CLASS_link, "link_view", &record) ||
        !patient_may_edit(c, &record, CLASS_link))
        return;
    if (text_to_int(path_part(c, 3), 1, MOST_ENTRIES, &number) != 0) {
        page_not_found(c);
        return;
    }
    patient_conclude(c, link_withdraw(&desk, &record, (int)number),
                     patient_path(c, &record, "tab/link"), "entry_withdrawn");
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

    for (size_t i = 0; i < rows_count(rows) && i < ENTRIES_OF_ALL; i++) {
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
    view_int(view, "most", ENTRIES_OF_ALL);
    view_flag(view, "is_cut", rows_count(rows) > ENTRIES_OF_ALL);
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
