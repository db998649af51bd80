/* papers.c - see papers.h. */
#include "core/papers.h"

#include <jansson.h>
#include <string.h>

#include "base/crypt.h"
#include "base/jtext.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"

enum { DIGEST_SIZE = 32 }; /* of its 64 digits: enough to tell two sheets apart */

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

/* ---- what is read -------------------------------------------------------------------------------------------------- */

void
papers_ask(struct arena *arena, int64_t organisation_id, const struct papers_kind *kind,
           const char *patients, const char *contacts, struct record_more more[PAPERS_MORE])
{
    const char *organisation = db_int(arena, organisation_id);

    more[PAPERS_ASK_OFFICE] = (struct record_more){
        SQL_paper_office, 3, {organisation, kind->name, date_iso(arena, date_today())}, NULL};
    more[PAPERS_ASK_PEOPLE] = (struct record_more){SQL_paper_people, 2, {organisation, patients}, NULL};
    more[PAPERS_ASK_CONTACT] = (struct record_more){SQL_paper_contact, 2, {patients, contacts}, NULL};
    more[PAPERS_ASK_RULES] = (struct record_more){.statement = SQL_observation_rules};
}

struct papers_source_text
papers_source_text(struct arena *arena, const struct papers_kind *kind, const struct rows *office)
{
    bool own = rows_text(office, 0, "version") != NULL;
    const char *phone = or_empty(rows_text(office, 0, "phone"));

    return (struct papers_source_text){
        .office = rows_text(office, 0, "name"),
        .office_address = or_empty(rows_text(office, 0, "address")),
        .office_phone = phone[0] == '\0' ? "" : jtext_phone_shown(arena, phone),
        .template_office = rows_int(office, 0, "office_id"),
        .template_version = (int)rows_int(office, 0, "version"),
        .title = own ? rows_text(office, 0, "title") : kind->title,
        .body = own ? rows_text(office, 0, "body") : kind->body,
    };
}

struct papers_person
papers_person(const struct desk *desk, const struct rows *people, size_t i)
{
    int64_t id = rows_int(people, i, "patient_id");
    struct rights rights =
        rights_of(desk->session->kind, (unsigned)rows_int(people, i, "relations"));
    struct fields f = {desk->arena, desk->keys, id};
    struct papers_person person = {
        .patient_id = id,
        .version = (int)rows_int(people, i, "version"),
        .may_issue = rights_may_edit(rights, CLASS_papers),
        .sealed = rows_bool(people, i, "sealed"),
        .deemed = rows_bool(people, i, "deemed"),
        .confirmed = rows_bool(people, i, "confirmed"),
        .responsible = rows_text(people, i, "responsible"),
    };

    fields_from_row(f, &person.doc, people, i, TABLE_patient, 0);
    fields_from_row(f, &person.doc, people, i, TABLE_notification, 0);
    fields_apply_changes(f, &person.doc, rows_text(people, i, "items"));
    return person;
}

const char *
papers_unfit(const struct papers_kind *kind, const struct papers_person *person)
{
    const char *category = person->doc.value[ITEM_category];
    bool proved = text_same(category, "confirmed") || text_same(category, "asymptomatic") ||
                  text_same(category, "body");

    if (!person->may_issue)
        return "発行できるのは、担当保健所だけです。";
    if (person->sealed)
        return "発生届が削除されています。";
    if (kind->accepted && !person->confirmed)
        return "発生届が、まだ「保健所確認済」になっていません。";
    if (kind->accepted && (person->deemed || !proved))
        return "疑似症・みなし陽性の方には発行できません。";
    return NULL;
}

/* ---- what is made -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *label;
} recipients[PAPERS_TO_COUNT] = {
    [PAPERS_TO_person] = {"person", "本人"},
    [PAPERS_TO_guardian] = {"guardian", "保護者"},
    [PAPERS_TO_contact] = {"contact", "接触者"},
};

const char *
papers_recipient_name(enum papers_recipient recipient)
{
    return recipients[recipient].name;
}

const char *
papers_recipient_label(const char *name)
{
    for (int i = 0; i < PAPERS_TO_COUNT; i++)
        if (strcmp(recipients[i].name, name) == 0)
            return recipients[i].label;
    return name;
}

static const char *
full_name(struct arena *arena, const struct document *doc)
{
    const char *family = or_empty(doc->value[ITEM_family_name]);
    const char *given = or_empty(doc->value[ITEM_given_name]);

    return text_format(arena, "%s%s%s", family, family[0] != '\0' && given[0] != '\0' ? "　" : "", given);
}

static const char *
addressee(struct arena *arena, const struct papers_order *order)
{
    switch (order->recipient) {
    case PAPERS_TO_guardian:
        return or_empty(order->person->doc.value[ITEM_guardian_name]);
    case PAPERS_TO_contact:
        return order->contact == NULL ? "" : or_empty(order->contact->value[ITEM_contact_name]);
    default:
        return full_name(arena, &order->person->doc);
    }
}

/* An item of the record on paper: days as 令和4年8月1日. */
static const char *
item_value(struct arena *arena, const struct papers_order *order, int item)
{
    bool of_contact = dictionary_items[item].tab == TAB_contact;
    const struct document *doc = of_contact ? order->contact : &order->person->doc;

    if (doc == NULL || !document_has(doc, item))
        return "";
    if (dictionary_items[item].type == TYPE_date)
        return date_japanese(arena, date_from_iso(doc->value[item]));
    return document_shown(arena, doc, item);
}

static const char *
observed_until(struct arena *arena, const struct papers_order *order)
{
    const char *reason;

    return order->contact == NULL
               ? ""
               : date_japanese(arena, contacts_observed_until(arena, order->rules, order->contact,
                                                              &reason));
}

static const char *
recorded(struct arena *arena, const struct papers_order *order, const struct papers_place *place)
{
    switch (place->source) {
    case PAPERS_item:
        return item_value(arena, order, place->item);
    case PAPERS_typed:
        return "";
    case PAPERS_addressee:
        return addressee(arena, order);
    case PAPERS_name:
        return full_name(arena, &order->person->doc);
    case PAPERS_hersys_id:
        return publicid_hersys(arena, order->person->patient_id);
    case PAPERS_illness:
        return "新型コロナウイルス感染症";
    case PAPERS_responsible:
        return order->person->responsible;
    case PAPERS_office:
        return order->text->office;
    case PAPERS_office_address:
        return order->text->office_address;
    case PAPERS_office_phone:
        return order->text->office_phone;
    case PAPERS_issued_on:
        return date_japanese(arena, date_today());
    case PAPERS_observed_until:
        return observed_until(arena, order);
    }
    return "";
}

struct papers_values
papers_values(struct arena *arena, const struct papers_order *order)
{
    struct papers_values values;

    for (int i = 0; i < PAPERS_PLACE_COUNT; i++) {
        const char *typed = order->typed == NULL ? NULL : order->typed[i];
        values.value[i] = (papers_places[i].whom & order->kind->whom) == 0 ? ""
                          : papers_places[i].typed != PAPERS_TYPED_never && !text_empty(typed)
                              ? typed
                              : recorded(arena, order, &papers_places[i]);
    }
    return values;
}

const char *
papers_missing(struct arena *arena, const struct papers_source_text *text,
               const struct papers_values *values)
{
    struct buf out = buf_new(arena);

    for (int i = 0; i < PAPERS_PLACE_COUNT; i++)
        if (text_empty(values->value[i]) && (papers_names(text->title, &papers_places[i]) ||
                                             papers_names(text->body, &papers_places[i])))
            buf_printf(&out, "%s%s", out.size == 0 ? "" : "、", papers_places[i].name);
    return buf_text(&out);
}

struct papers_sheet
papers_sheet(struct arena *arena, const struct papers_order *order,
             const struct papers_values *values)
{
    const struct papers_source_text *text = order->text;

    return (struct papers_sheet){
        .title = papers_join(arena, papers_fill(arena, text->title, values)),
        .body = papers_join(arena, papers_fill(arena, text->body, values)),
        .addressee = order->kind->addressed ? addressee(arena, order) : "",
        .office = text->office,
        .office_address = text->office_address,
        .office_phone = text->office_phone,
        .number = "",
        .issued_on = "",
        .reprinted = "",
    };
}

const char *
papers_digest(struct arena *arena, const struct papers_order *order)
{
    struct papers_order bare = *order;
    struct buf all = buf_new(arena);

    bare.typed = NULL;
    for (int to = 0; to < PAPERS_TO_COUNT; to++) {
        if ((to == PAPERS_TO_contact) != (order->kind->whom == PAPERS_CONTACT))
            continue;
        bare.recipient = (enum papers_recipient)to;
        struct papers_values values = papers_values(arena, &bare);
        struct papers_sheet sheet = papers_sheet(arena, &bare, &values);
        buf_printf(&all, "%s\f%s\f%s\f%s\f%s\f%s\f", sheet.title, sheet.body, sheet.addressee,
                   sheet.office, sheet.office_address, sheet.office_phone);
    }
    return text_copy_n(arena, crypt_sha256(arena, buf_text(&all)), DIGEST_SIZE);
}

/* ---- what is given out --------------------------------------------------------------------------------------------- */

/* What is kept of a sheet, by name. */
enum { KEPT = 6 };

static void
kept_fields(struct papers_sheet *sheet, const char *names[KEPT], const char **values[KEPT])
{
    const struct {
        const char *name, **value;
    } all[KEPT] = {
        {"title", &sheet->title},   {"body", &sheet->body},
        {"addressee", &sheet->addressee}, {"office", &sheet->office},
        {"office_address", &sheet->office_address}, {"office_phone", &sheet->office_phone},
    };

    for (int i = 0; i < KEPT; i++) {
        names[i] = all[i].name;
        values[i] = all[i].value;
    }
}

/* A sealed text opens for its own document only, also after the patient was merged into another. */
static const char *
sealed_place(struct arena *arena, const char *paper_id)
{
    return text_format(arena, "paper_issued|sealed_text|%s", paper_id);
}

static const char *
sealed(const struct desk *desk, const char *paper_id, struct papers_sheet *sheet)
{
    struct buf json = buf_new(desk->arena);
    const char *names[KEPT], **values[KEPT];

    kept_fields(sheet, names, values);
    for (int i = 0; i < KEPT; i++) {
        buf_add_char(&json, i == 0 ? '{' : ',');
        buf_add_json(&json, names[i]);
        buf_add_char(&json, ':');
        buf_add_json(&json, *values[i]);
    }
    buf_add_char(&json, '}');
    return crypt_seal(desk->arena, desk->keys, sealed_place(desk->arena, paper_id), buf_text(&json));
}

bool
papers_open(const struct desk *desk, const char *paper_id, const char *sealed_text,
            struct papers_sheet *sheet)
{
    const char *plain =
        sealed_text == NULL
            ? NULL
            : crypt_open(desk->arena, desk->keys, sealed_place(desk->arena, paper_id), sealed_text);
    const char *names[KEPT], **values[KEPT];
    json_t *json = plain == NULL ? NULL : json_loads(plain, 0, NULL);

    *sheet = (struct papers_sheet){.number = "", .issued_on = "", .reprinted = ""};
    kept_fields(sheet, names, values);
    for (int i = 0; i < KEPT; i++)
        *values[i] = or_empty(
            text_copy(desk->arena, json_string_value(json_object_get(json, names[i]))));
    bool opened = json != NULL;
    json_decref(json);
    return opened;
}

/* The documents as the database takes them. */
static const char *
papers_json(const struct desk *desk, struct papers_copy *copies, size_t count)
{
    struct buf json = buf_new(desk->arena);

    buf_add_char(&json, '[');
    for (size_t i = 0; i < count; i++) {
        const char *id = crypt_uuid(desk->arena);
        buf_printf(&json, "%s{\"patient_id\":%lld,\"version\":%d,\"paper_id\":\"%s\",\"recipient\":\"%s\",",
                   i == 0 ? "" : ",", (long long)copies[i].person->patient_id,
                   copies[i].person->version, id, recipients[copies[i].recipient].name);
        if (copies[i].contact_no != 0)
            buf_printf(&json, "\"contact_no\":%d,", copies[i].contact_no);
        buf_add_text(&json, "\"sealed_text\":");
        buf_add_json(&json, sealed(desk, id, &copies[i].sheet));
        buf_add_char(&json, '}');
    }
    buf_add_char(&json, ']');
    return buf_text(&json);
}

/* Their patients as an array, for the trail. */
static const char *
patients_of(struct arena *arena, const struct papers_copy *copies, size_t count)
{
    struct buf ids = buf_new(arena);

    for (size_t i = 0; i < count; i++)
        buf_printf(&ids, "%c%lld", i == 0 ? '{' : ',', (long long)copies[i].person->patient_id);
    buf_add_char(&ids, '}');
    return buf_text(&ids);
}

enum notify_result
papers_issue(const struct desk *desk, const struct papers_kind *kind,
             const struct papers_source_text *text, struct papers_copy *copies, size_t count)
{
    struct arena *arena = desk->arena;
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);
    bool own = text->template_version != 0;
    date_day today = date_today();

    if (desk->form_id != NULL)
        DB_ADD(batch, SQL_receipt_add, desk->form_id, db_int(arena, copies[0].person->patient_id), "0");
    unsigned numbers =
        DB_ADD(batch, SQL_paper_issue, kind->name, kind->label,
               own ? db_int(arena, text->template_office) : NULL,
               own ? db_int(arena, text->template_version) : NULL, date_iso(arena, today),
               papers_json(desk, copies, count));
    if (count == 1)
        audit_patient(batch, arena, "paper_issue", copies[0].person->patient_id, kind->name);
    else
        DB_ADD(batch, SQL_audit_append, "paper_issue", "allowed", NULL,
               patients_of(arena, copies, count), kind->name);
    enum notify_result result = notify_result_of(desk->db, db_run(batch));
    for (size_t i = 0; result == NOTIFY_OK && i < count; i++) {
        copies[i].sheet.number = rows_text(db_rows(batch, numbers), i, "number");
        copies[i].sheet.issued_on = date_japanese(arena, today);
    }
    return result;
}

bool
papers_keep(const struct desk *desk, const char *paper_id, const struct rows *row,
            struct papers_kept *kept)
{
    struct arena *arena = desk->arena;

    *kept = (struct papers_kept){.paper_id = paper_id,
                                 .kind = papers_kind_find(rows_text(row, 0, "kind"))};
    if (kept->kind == NULL || !papers_open(desk, paper_id, rows_text(row, 0, "sealed_text"), &kept->sheet))
        return false;
    kept->sheet.number = rows_text(row, 0, "number");
    kept->sheet.issued_on = date_japanese(arena, date_from_iso(rows_text(row, 0, "issued_on")));
    kept->sheet.reprinted = text_format(arena, "再発行（%s）", date_japanese(arena, date_today()));
    return true;
}

enum notify_result
papers_reprint(const struct desk *desk, int64_t patient_id, const struct papers_kept *kept)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, patient_id);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    if (desk->form_id != NULL)
        DB_ADD(batch, SQL_receipt_add, desk->form_id, id, "0");
    DB_ADD(batch, SQL_paper_reprint, id, kept->paper_id, crypt_uuid(arena));
    audit_patient(batch, arena, "paper_reprint", patient_id, "");
    return notify_result_of(desk->db, db_run(batch));
}
