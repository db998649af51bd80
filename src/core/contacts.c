/* contacts.c - see contacts.h. */
#include "core/contacts.h"

#include <string.h>

#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"

/* ---- the end of the observation ------------------------------------------------------------------------------------ */

struct observation_rules
contacts_rules(struct arena *arena, const struct rows *rows)
{
    size_t count = rows_count(rows);
    struct observation_rule *list = ARENA_ARRAY(arena, count, struct observation_rule);

    for (size_t i = 0; i < count; i++)
        list[i] = (struct observation_rule){date_from_iso(rows_text(rows, i, "valid_from")),
                                            (int)rows_int(rows, i, "days"),
                                            rows_text(rows, i, "notice")};
    return (struct observation_rules){count, list};
}

const struct observation_rule *
contacts_rule(struct observation_rules rules, date_day last)
{
    for (size_t i = 0; i < rules.count; i++)
        if (last != DATE_NONE && rules.list[i].from <= last)
            return &rules.list[i];
    return NULL;
}

date_day
contacts_observed_until(struct arena *arena, struct observation_rules rules,
                        const struct document *contact, const char **reason)
{
    date_day entered = date_from_iso(contact->value[ITEM_contact_observed_until]);
    date_day last = date_from_iso(contact->value[ITEM_contact_last_on]);
    const struct observation_rule *rule = contacts_rule(rules, last);

    *reason = "";
    if (text_same(contact->value[ITEM_contact_close], "no"))
        return DATE_NONE;
    if (entered != DATE_NONE) {
        *reason = "保健所が決めた日";
        return entered;
    }
    if (rule == NULL)
        return DATE_NONE;
    *reason = text_format(arena, "最終接触日から%d日（%s）", rule->days, rule->notice);
    return last + rule->days;
}

/* ---- the contacts of a case ---------------------------------------------------------------------------------------- */

void
contacts_ask(struct arena *arena, int64_t patient_id, int after,
             struct record_more more[CONTACTS_MORE])
{
    more[CONTACTS_ROWS] = (struct record_more){
        SQL_contact_list, 2, {db_int(arena, patient_id), db_int(arena, after)}, NULL};
    more[CONTACTS_RULES] = (struct record_more){.statement = SQL_observation_rules};
}

void
contacts_ask_some(struct arena *arena, int64_t patient_id, const char *numbers,
                  struct record_more more[CONTACTS_MORE])
{
    more[CONTACTS_ROWS] = entries_ask_some(arena, patient_id, dictionary_record_tab("contact"), numbers);
    more[CONTACTS_RULES] = (struct record_more){.statement = SQL_observation_rules};
}

/* ---- the list of a centre ------------------------------------------------------------------------------------------ */

enum notify_result
contacts_mark(const struct desk *desk, int64_t patient_id, int no, int version, int item,
              const char *code)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, patient_id), *number = db_int(arena, no);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    if (desk->form_id != NULL)
        DB_ADD(batch, SQL_receipt_add, desk->form_id, id, "0");
    DB_ADD(batch, SQL_contact_require, id);
    DB_ADD(batch, SQL_contact_mark, id, number, db_int(arena, version), dictionary_items[item].name,
           code);
    DB_ADD(batch, SQL_contact_publish, id);
    audit_patient(batch, arena, "entry_change", patient_id, dictionary_tab_name(TAB_contact));
    return notify_result_of(desk->db, db_run(batch));
}

/* ---- a contact who became a case ----------------------------------------------------------------------------------- */

struct contact_key
contacts_key(struct arena *arena, const char *text)
{
    size_t count;
    int64_t no;
    char **parts = text_split(arena, text, '-', &count);

    if (count != 2 || text_to_int(parts[1], 1, MOST_ENTRIES, &no) != 0)
        return (struct contact_key){0, 0};
    struct contact_key key = {publicid_parse(parts[0]), (int)no};
    return key.patient_id == 0 ? (struct contact_key){0, 0} : key;
}

const char *
contacts_key_text(struct arena *arena, struct contact_key key)
{
    return key.patient_id == 0 ? ""
                               : text_format(arena, "%s-%d",
                                             publicid_hersys_plain(arena, key.patient_id), key.no);
}

enum record_result
contacts_open(const struct desk *desk, struct contact_key key, struct document *contact)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, key.patient_id);
    const char *organisation = db_int(arena, desk->session->organisation_id);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
    struct tab_entry entry;

    unsigned access = DB_ADD(batch, SQL_record_access, organisation, id);
    unsigned found = DB_ADD(batch, SQL_entry_some, id, dictionary_tab_name(TAB_contact),
                            text_format(arena, "{%d}", key.no));
    audit_look(batch, arena, "contact_open", desk->session->organisation_id, key.patient_id, 0);
    if (db_run(batch) != DB_OK)
        return RECORD_FAILED;
    if (rows_count(db_rows(batch, access)) == 0 || rows_count(db_rows(batch, found)) == 0)
        return RECORD_NOT_FOUND;
    struct rights rights = rights_of(
        desk->session->kind, (unsigned)rows_int(db_rows(batch, access), 0, "relations"));
    entries_from_row(desk, key.patient_id, db_rows(batch, found), 0, &entry);
    if (!rights_may_edit(rights, CLASS_contacts) || entry.withdrawn ||
        rows_bool(db_rows(batch, access), 0, "sealed") ||
        document_has(&entry.doc, ITEM_contact_case_id))
        return RECORD_NOT_FOUND;
    *contact = entry.doc;
    return RECORD_OK;
}

/* A name in two parts at its first blank, of either width; without one all of it is the family name. */
static void
split_name(struct arena *arena, const char *name, const char **family, const char **given)
{
    static const char *const blanks[] = {"　", " "};
    const char *first = NULL;

    *family = name;
    *given = "";
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        const char *at = text_empty(name) ? NULL : strstr(name, blanks[i]);
        if (at != NULL && (first == NULL || at < first))
            first = at;
    }
    if (first == NULL)
        return;
    *family = text_copy_n(arena, name, (size_t)(first - name));
    *given = text_trim(arena, first);
}

void
contacts_fill_notification(struct arena *arena, const struct document *contact,
                           struct document *notification)
{
    static const struct {
        int from, to;
    } same[] = {{ITEM_contact_sex, ITEM_sex},
                {ITEM_contact_birth_date, ITEM_birth_date},
                {ITEM_contact_phone, ITEM_phone},
                {ITEM_contact_address, ITEM_home_address},
                {ITEM_contact_address, ITEM_stay_address},
                {ITEM_contact_occupation, ITEM_occupation}};

    split_name(arena, contact->value[ITEM_contact_name], &notification->value[ITEM_family_name],
               &notification->value[ITEM_given_name]);
    split_name(arena, contact->value[ITEM_contact_kana], &notification->value[ITEM_family_kana],
               &notification->value[ITEM_given_kana]);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        notification->value[same[i].to] = contact->value[same[i].from];
}

void
contacts_add_promotion(struct db_batch *batch, struct arena *arena, struct contact_key key,
                       int64_t patient_id)
{
    if (key.patient_id != 0)
        DB_ADD(batch, SQL_contact_promote, db_int(arena, key.patient_id), db_int(arena, key.no),
               publicid_hersys(arena, key.patient_id), db_int(arena, patient_id),
               publicid_hersys(arena, patient_id));
}
