/* entries.c - see entries.h. */
#include "core/entries.h"

#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/link.h"

static const struct document nothing;

struct record_more
entries_ask(struct arena *arena, int64_t patient_id, const struct record_tab *tab, int after)
{
    return (struct record_more){
        SQL_entry_list, 3, {db_int(arena, patient_id), dictionary_tab_name(tab->tab), db_int(arena, after)}, NULL};
}

struct record_more
entries_ask_some(struct arena *arena, int64_t patient_id, const struct record_tab *tab,
                 const char *numbers)
{
    return (struct record_more){
        SQL_entry_some, 3, {db_int(arena, patient_id), dictionary_tab_name(tab->tab), numbers}, NULL};
}

const struct rows *
entries_load_all(const struct desk *desk, int64_t patient_id)
{
    enum db_status status;

    return DB_ONE(desk->db, desk->arena, desk->session->token, &status, SQL_entry_list_all,
                  db_int(desk->arena, patient_id));
}

void
entries_from_row(const struct desk *desk, int64_t patient_id, const struct rows *rows, size_t i,
                 struct tab_entry *entry)
{
    struct fields f = {desk->arena, desk->keys, patient_id};

    *entry = (struct tab_entry){.no = (int)rows_int(rows, i, "entry_no"),
                                .version = (int)rows_int(rows, i, "version"),
                                .withdrawn = rows_bool(rows, i, "withdrawn"),
                                .entered = rows_text(rows, i, "entered"),
                                .entered_by = rows_text(rows, i, "entered_by_name"),
                                .organisation = rows_text(rows, i, "organisation"),
                                .link_mark = rows_text(rows, i, "link_mark")};
    fields_apply_changes(f, &entry->doc, rows_text(rows, i, "items"));
}

/* A date for its column; NULL when the tab has none or it is empty. */
static const char *
date_of(const struct document *doc, int item)
{
    return item < 0 || !document_has(doc, item) ? NULL : doc->value[item];
}

static void
add_revision(struct db_batch *batch, const struct desk *desk, const struct record *record,
             const struct record_tab *tab, int version, const struct document *before,
             const struct document *after, const char *reason)
{
    struct fields f = record_fields(desk, record);

    DB_ADD(batch, SQL_revision_add, db_int(desk->arena, record->patient_id),
           db_int(desk->arena, version), dictionary_tab_name(tab->tab), NULL,
           fields_changes(f, before, after, false), fields_changes(f, after, before, false), reason);
}

/* Whether the entries of a tab say how long somebody is in care, or how they are observed. */
static bool
moves_the_course(enum tab tab)
{
    static const enum tab tabs[] = {TAB_care,   TAB_grade,  TAB_residence, TAB_contact,
                                    TAB_period, TAB_notice, TAB_observation};

    for (size_t i = 0; i < sizeof tabs / sizeof *tabs; i++)
        if (tabs[i] == tab)
            return true;
    return false;
}

/* What follows from the entries of a tab for the lists of offices. */
static void
add_consequences(struct db_batch *batch, const struct desk *desk, const struct record *record,
                 const struct record_tab *tab)
{
    if (tab->tab == TAB_contact)
        DB_ADD(batch, SQL_contact_publish, db_int(desk->arena, record->patient_id));
    if (moves_the_course(tab->tab))
        DB_ADD(batch, SQL_close_refresh, db_int(desk->arena, record->patient_id));
    if (tab->tab == TAB_grade)
        DB_ADD(batch, SQL_figure_follow, db_int(desk->arena, record->patient_id));
}

/* Whether a choice of 通知設定 says する now, and did not before, or for another number. */
static bool
turned_on(const struct document *doc, const struct document *old, int item)
{
    return text_same(doc->value[item], "yes") &&
           !(text_same(old->value[item], "yes") && text_same(old->value[ITEM_notice_phone], doc->value[ITEM_notice_phone]));
}

/* What 通知設定 sends at once: the link to My HER-SYS, and the HER-SYS ID. */
static void
add_notice(struct db_batch *batch, const struct desk *desk, const struct record *record, const struct record_tab *tab,
           const struct document *doc, const struct document *old)
{
    const char *id = db_int(desk->arena, record->patient_id);

    if (tab->tab != TAB_notice)
        return;
    if (turned_on(doc, old, ITEM_notice_url))
        DB_ADD(batch, SQL_notice_link, id);
    if (turned_on(doc, old, ITEM_notice_id))
        DB_ADD(batch, SQL_notice_number, id, publicid_hersys(desk->arena, record->patient_id));
}

void
entries_add_url_notice(struct db_batch *batch, struct arena *arena, int64_t patient_id)
{
    static const char items[] = "{\"notice_url\":\"yes\"}";
    const char *id = db_int(arena, patient_id), *name = dictionary_tab_name(TAB_notice);

    DB_ADD(batch, SQL_entry_add, id, name, NULL, NULL, items);
    DB_ADD(batch, SQL_revision_add, id, "1", name, NULL, "{}", items, "");
    DB_ADD(batch, SQL_close_refresh, id);
    DB_ADD(batch, SQL_notice_link, id);
    audit_patient(batch, arena, "entry_add", patient_id, name);
}

/* What an entry of the tab 感染経路 says about the source; nothing once it is withdrawn. */
static struct link_statement
link_of(const struct record *record, int entry_no, const struct document *doc)
{
    return (struct link_statement){record->patient_id, entry_no, doc->value[ITEM_link_source_case],
                                   doc->value[ITEM_link_certainty]};
}

/* Before the entry is touched: the patients of its link, in their order. */
static void
add_lock(struct db_batch *batch, const struct desk *desk, const struct record *record,
         const struct record_tab *tab, const struct document *doc)
{
    struct link_statement statement = link_of(record, 0, doc);

    if (tab->tab == TAB_link)
        link_add_lock(batch, desk->arena, &statement);
}

static void
add_link(struct db_batch *batch, const struct desk *desk, const struct record *record,
         const struct record_tab *tab, int entry_no, const struct document *doc)
{
    struct link_statement statement = link_of(record, entry_no, doc);

    if (tab->tab == TAB_link)
        link_add(batch, desk->arena, &statement);
}

enum notify_result
entries_save(const struct desk *desk, const struct record *record, const struct record_tab *tab,
             const struct tab_entry *entry, const struct document *old)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, record->patient_id), *name = dictionary_tab_name(tab->tab);
    const char *since = date_of(&entry->doc, tab->since), *until = date_of(&entry->doc, tab->until);
    const char *items = fields_changes(record_fields(desk, record), &entry->doc, &nothing, false);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
    bool fresh = entry->no == 0;

    record_add_receipt(batch, desk, record);
    add_lock(batch, desk, record, tab, &entry->doc);
    if (fresh)
        DB_ADD(batch, SQL_entry_add, id, name, since, until, items);
    else
        DB_ADD(batch, SQL_entry_change, id, name, db_int(arena, entry->no),
               db_int(arena, entry->version), since, until, items);
    if (fresh && !tab->many)
        DB_ADD(batch, SQL_entry_only, id, name);
    add_link(batch, desk, record, tab, fresh ? LINK_OF_NEWEST_ENTRY : entry->no, &entry->doc);
    add_revision(batch, desk, record, tab, fresh ? 1 : entry->version + 1, old, &entry->doc, "");
    add_consequences(batch, desk, record, tab);
    add_notice(batch, desk, record, tab, &entry->doc, old);
    audit_patient(batch, arena, fresh ? "entry_add" : "entry_change", record->patient_id, name);
    return notify_result_of(desk->db, db_run(batch));
}

/* The new entries (fresh), or the changed ones, as one JSON array for their statement; NULL when there are none. */
static const char *
changes_json(const struct desk *desk, const struct record *record, const struct record_tab *tab,
             const struct entry_change *changes, size_t count, bool fresh)
{
    struct fields f = record_fields(desk, record);
    struct buf out = buf_new(desk->arena);

    for (size_t i = 0; i < count; i++) {
        const struct tab_entry *entry = changes[i].entry;
        const struct document *doc = &entry->doc, *old = changes[i].old;
        if ((entry->no == 0) != fresh)
            continue;
        buf_printf(&out, "%c{\"entry_no\":%d,\"version\":%d,\"since\":", out.size == 0 ? '[' : ',',
                   entry->no, entry->version);
        buf_add_json(&out, date_of(doc, tab->since));
        buf_add_text(&out, ",\"until\":");
        buf_add_json(&out, date_of(doc, tab->until));
        buf_printf(&out, ",\"items\":%s,\"before\":%s,\"after\":%s}",
                   fields_changes(f, doc, &nothing, false), fields_changes(f, old, doc, false),
                   fields_changes(f, doc, old, false));
    }
    if (out.size == 0)
        return NULL;
    buf_add_char(&out, ']');
    return buf_text(&out);
}

enum notify_result
entries_save_all(const struct desk *desk, const struct record *record, const struct record_tab *tab,
                 const struct entry_change *changes, size_t count)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, record->patient_id), *name = dictionary_tab_name(tab->tab);
    const char *added = changes_json(desk, record, tab, changes, count, true);
    const char *changed = changes_json(desk, record, tab, changes, count, false);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    if (changed != NULL) {
        DB_ADD(batch, SQL_entry_change_all, id, name, changed);
        audit_patient(batch, arena, "entry_change", record->patient_id, name);
    }
    if (added != NULL) {
        DB_ADD(batch, SQL_entry_add_all, id, name, added);
        audit_patient(batch, arena, "entry_add", record->patient_id, name);
    }
    add_consequences(batch, desk, record, tab);
    return notify_result_of(desk->db, db_run(batch));
}

enum notify_result
entries_withdraw(const struct desk *desk, const struct record *record, const struct record_tab *tab,
                 const struct tab_entry *entry)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, record->patient_id), *name = dictionary_tab_name(tab->tab);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    add_lock(batch, desk, record, tab, &nothing);
    DB_ADD(batch, SQL_entry_withdraw, id, name, db_int(arena, entry->no),
           db_int(arena, entry->version));
    add_link(batch, desk, record, tab, entry->no, &nothing);
    add_revision(batch, desk, record, tab, entry->version + 1, &entry->doc, &nothing, "");
    add_consequences(batch, desk, record, tab);
    audit_patient(batch, arena, "entry_withdraw", record->patient_id, name);
    return notify_result_of(desk->db, db_run(batch));
}

const char *
entries_problem(struct arena *arena, const struct record_tab *tab, const struct document *doc)
{
    struct form_view form = {tab->form, false};
    bool empty = true;

    if (tab->since >= 0 && document_place(tab->since, form)->must && !document_has(doc, tab->since))
        return text_format(arena, "「%s」を入力してください。", dictionary_items[tab->since].label);
    for (int item = 0; item < ITEM_COUNT; item++)
        empty = empty && !document_has(doc, item);
    for (size_t i = 0; i < doc->local_count; i++)
        empty = empty && text_empty(doc->locals[i].value);
    return empty ? "何も入力されていません。" : NULL;
}
