/* entry.c - see entry.h. */
#include "page/entry.h"

#include <string.h>

#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "page/form_view.h"

static const char *const kind_names[] = {"new", "edit", "add"};

struct desk
entry_desk(struct context *c)
{
    return (struct desk){c->db, c->arena, &c->app->keys, &c->session, NULL};
}

const char *
entry_kind_name(enum entry_kind kind)
{
    return kind_names[kind];
}

const char *
entry_title(struct arena *arena, const struct entry *entry)
{
    const char *family = entry->doc.value[ITEM_family_name];
    const char *given = entry->doc.value[ITEM_given_name];

    if (text_empty(family) && text_empty(given))
        return "（氏名未入力）";
    return text_format(arena, "%s %s", family == NULL ? "" : family, given == NULL ? "" : given);
}

void
entry_fill_deemed(struct entry *entry)
{
    struct document *doc = &entry->doc;

    doc->value[ITEM_category] = "suspected";
    doc->value[ITEM_test1_method] = "other";
    doc->value[ITEM_test1_specimen] = "other";
    doc->value[ITEM_test1_result] = "other";
    doc->value[ITEM_test1_sampled_on] = doc->value[ITEM_diagnosis_date];
    if (!document_has(doc, ITEM_remarks))
        doc->value[ITEM_remarks] = "臨床診断";
}

void
entry_begin(struct context *c, struct entry *entry)
{
    memset(entry, 0, sizeof *entry);
    entry->kind = ENTRY_new;
    entry->draft_id = crypt_uuid(c->arena);
    entry->doc.value[ITEM_diagnosis_date] = date_iso(c->arena, date_today());
    if (c->session.doctor) {
        entry->doc.value[ITEM_doctor_name] = c->session.holder;
        entry->doc.value[ITEM_doctor_checked] = "yes";
    }
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static const char *
field(const struct form *form, const char *name)
{
    const char *value = form_value(form, name);

    return value == NULL ? "" : value;
}

int
entry_read(struct context *c, const struct form *form, struct entry *entry)
{
    int64_t number = 0;
    int kind = 0;

    memset(entry, 0, sizeof *entry);
    while (kind < 3 && strcmp(kind_names[kind], field(form, "kind")) != 0)
        kind++;
    if (kind == 3 || !crypt_is_uuid(field(form, "draft_id")))
        return -1;
    entry->kind = (enum entry_kind)kind;
    entry->draft_id = field(form, "draft_id");
    entry->form.form = dictionary_form(field(form, "form"));
    entry->form.short_form = strcmp(field(form, "short"), "1") == 0;
    entry->deemed = strcmp(field(form, "deemed"), "1") == 0;
    entry->notice_url = strcmp(field(form, "notice_url"), "yes") == 0;
    if (entry->form.form < 0)
        return -1;
    entry->contact = contacts_key(c->arena, field(form, "contact"));
    if (entry->kind != ENTRY_new) {
        entry->patient_id = publicid_parse(field(form, "patient"));
        if (entry->patient_id == 0 || text_to_int(field(form, "no"), 1, 1000, &number) != 0)
            return -1;
        entry->no = (int)number;
        if (text_to_int(field(form, "base_version"), 1, INT32_MAX, &number) != 0)
            return -1;
        entry->base_version = (int)number;
    }
    form_view_read(c->arena, form, &entry->doc, &entry->problems);
    return 0;
}

enum record_result
entry_load_record(struct context *c, struct entry *entry, const struct form *form)
{
    struct desk desk = entry_desk(c);
    const char *items = field(form, "items");

    enum record_result result =
        record_load(&desk, entry->patient_id, entry->no, "notification_open", &entry->record);
    if (result != RECORD_OK)
        return result;
    for (int i = 0; i < ITEM_COUNT; i++) {
        bool mine = text_has_word(items, dictionary_items[i].name) &&
                    rights_may_edit(entry->record.rights, dictionary_items[i].class);
        bool of_person = dictionary_items[i].table == TABLE_patient;
        if (!mine && (entry->kind == ENTRY_edit || of_person))
            entry->doc.value[i] = entry->record.doc.value[i];
    }
    return RECORD_OK;
}

/* ---- completing ---------------------------------------------------------------------------------------------------- */

/* The batch of entry_complete: which statement answers what. */
struct lookups {
    unsigned form, home, stay, centre, home_postal, stay_postal, organisation;
};

static const char *
value_or_empty(const struct entry *entry, int item)
{
    return document_has(&entry->doc, item) ? entry->doc.value[item] : "";
}

static struct lookups
add_lookups(struct context *c, const struct entry *entry, struct db_batch *batch)
{
    const char *prefecture = c->session.prefecture_code;
    const char *date = value_or_empty(entry, ITEM_diagnosis_date);
    const char *today = date_iso(c->arena, date_today());

    return (struct lookups){
        .form = DB_ADD(batch, SQL_form_version, prefecture, date[0] == '\0' ? today : date),
        .home = DB_ADD(batch, SQL_municipality_of_address, value_or_empty(entry, ITEM_home_address),
                       value_or_empty(entry, ITEM_home_postal_code), prefecture),
        .stay = DB_ADD(batch, SQL_municipality_of_address, value_or_empty(entry, ITEM_stay_address),
                       value_or_empty(entry, ITEM_stay_postal_code), prefecture),
        .centre = DB_ADD(batch, SQL_centre_of, c->session.municipality_code),
        .home_postal = DB_ADD(batch, SQL_municipality_of_postal, value_or_empty(entry, ITEM_home_postal_code)),
        .stay_postal = DB_ADD(batch, SQL_municipality_of_postal, value_or_empty(entry, ITEM_stay_postal_code)),
        .organisation = DB_ADD(batch, SQL_organisation_find,
                               db_int(c->arena, c->session.organisation_id)),
    };
}

/* The municipality that an address begins with; a postal code fills an address that is still empty. */
static void
fill_address(struct document *doc, int address, const struct rows *match, const struct rows *postal)
{
    int municipality = dictionary_items[address].municipality;
    const char *known = rows_text(postal, 0, "address");

    doc->value[municipality] = rows_count(match) == 0 ? "" : rows_text(match, 0, "code");
    if (document_has(doc, address) || doc->typed[address] != NULL || known == NULL)
        return;
    doc->value[address] = known;
    doc->value[municipality] = rows_text(postal, 0, "municipality");
}

static void
fill_institution(struct entry *entry, const struct rows *organisation)
{
    static const struct {
        int item;
        const char *column;
    } fields[] = {{ITEM_institution_name, "name"},
                  {ITEM_institution_address, "address"},
                  {ITEM_institution_phone, "phone"}};

    if (entry->kind == ENTRY_edit || !text_same(rows_text(organisation, 0, "kind"), "clinic"))
        return;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (!document_has(&entry->doc, fields[i].item) && entry->doc.typed[fields[i].item] == NULL)
            entry->doc.value[fields[i].item] = rows_text(organisation, 0, fields[i].column);
}

/* The form version that the date asks for; before the first version there is only the first. */
static void
fill_form(struct entry *entry, const struct rows *rows)
{
    int form = rows_count(rows) == 0 ? 0 : dictionary_form(rows_text(rows, 0, "form_version"));

    entry->reshaped = entry->form.form != form;
    entry->form.form = form;
}

/* A clinic's report goes to the centre of the clinic's place (seed 0 Q4); a centre enters for itself. */
static void
fill_centre(struct context *c, struct entry *entry, const struct rows *rows)
{
    if (c->session.kind == KIND_centre) {
        entry->centre_id = c->session.organisation_id;
        entry->centre_name = c->session.organisation_name;
    } else if (entry->kind != ENTRY_new) {
        entry->centre_id = entry->record.responsible_id;
        entry->centre_name = entry->record.responsible_name;
    } else if (rows_count(rows) > 0) {
        entry->centre_id = rows_int(rows, 0, "organisation_id");
        entry->centre_name = rows_text(rows, 0, "name");
    }
}

enum db_status
entry_complete(struct context *c, struct entry *entry)
{
    struct db_batch *batch = db_batch(c->db, c->arena, NULL);
    struct lookups at = add_lookups(c, entry, batch);
    struct document *doc = &entry->doc;
    enum db_status status = db_run(batch);

    if (status != DB_OK)
        return status;
    fill_form(entry, db_rows(batch, at.form));
    fill_address(doc, ITEM_home_address, db_rows(batch, at.home), db_rows(batch, at.home_postal));
    fill_address(doc, ITEM_stay_address, db_rows(batch, at.stay), db_rows(batch, at.stay_postal));
    fill_centre(c, entry, db_rows(batch, at.centre));
    fill_institution(entry, db_rows(batch, at.organisation));
    if (entry->deemed)
        entry_fill_deemed(entry);
    document_derive(c->arena, doc);
    document_check(c->arena, doc, entry->form, &entry->problems);
    return DB_OK;
}

/* Whether nothing says whose report it is: neither name nor reading, birth date, telephone or address. */
static bool
is_about_nobody(const struct document *doc)
{
    static const int telling[] = {ITEM_family_name, ITEM_given_name, ITEM_family_kana, ITEM_given_kana,
                                  ITEM_birth_date,  ITEM_phone,      ITEM_home_address, ITEM_stay_address,
                                  ITEM_guardian_name};

    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        if (document_has(doc, telling[i]) || doc->typed[telling[i]] != NULL)
            return false;
    return true;
}

void
entry_require(struct context *c, struct entry *entry)
{
    static const char words[] =
        "どなたの届出か分かる項目がありません。氏名・フリガナ・生年月日・電話・住所のどれか一つを入力してください。";

    if (!is_about_nobody(&entry->doc))
        return;
    for (size_t i = 0; i < entry->problems.count; i++)
        if (entry->problems.list[i].item == ITEM_family_name) { /* that it is missing says less */
            entry->problems.list[i] = (struct problem){ITEM_family_name, PROBLEM_ERROR, words};
            return;
        }
    problems_add(c->arena, &entry->problems, ITEM_family_name, PROBLEM_ERROR, words);
}
