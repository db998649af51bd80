/* notification_form.c - writing a notification: the form, its confirmation, its report; new, changed and further ones. */
#include <string.h>

#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "page/entry.h"
#include "page/form_view.h"
#include "page/handlers.h"
#include "page/notice_view.h"
#include "page/patient_head.h"
#include "page/same.h"

/* How the form is shown beyond what was typed. */
struct showing {
    bool checked;    /* problems are marked */
    bool reshaping;  /* the date was changed: says that the version has, too */
    bool confirming; /* the dialog before the report is open */
    int clashes;
    const bool *clash; /* by item */
    const struct rows *same; /* who may be the person of the form; NULL: nobody was looked for */
    const char *save_state;
};

/* ---- the page ------------------------------------------------------------------------------------------------------ */

static const char *
page_title(const struct entry *entry)
{
    static const char *const titles[] = {"発生届を書く", "発生届を変更する", "発生届の追加登録"};

    return titles[entry->kind];
}

static const char *
action_label(const struct entry *entry)
{
    return entry->kind == ENTRY_edit ? "保存" : "報告";
}

/* Everybody who may write may write all of a new notification; an existing one follows the relations to its patient. */
static struct rights
rights_here(struct context *c, const struct entry *entry)
{
    if (entry->kind != ENTRY_new)
        return entry->record.rights;
    unsigned mine = 1u << RELATION_reporter;
    if (c->session.kind == KIND_centre)
        mine |= 1u << RELATION_responsible;
    return rights_of(c->session.kind, mine);
}

static const char *
two_names(struct arena *arena, const struct document *doc, int family, int given)
{
    return text_trim(arena, text_format(arena, "%s　%s", document_shown(arena, doc, family),
                                        document_shown(arena, doc, given)));
}

static void
add_summary(struct view *view, const char *label, const char *value)
{
    struct view *row = view_row(view, "summary");

    view_text(row, "label", label);
    view_text(row, "value", value);
}

/* The few lines by which a doctor knows whose report this is, and the centre how to reach them. */
static void
fill_summary(struct context *c, struct view *view, const struct entry *entry)
{
    static const int items[] = {ITEM_sex,          ITEM_birth_date, ITEM_age_years, ITEM_stay_address,
                                ITEM_home_address, ITEM_phone,      ITEM_category,  ITEM_diagnosis_date};
    const struct document *doc = &entry->doc;

    view_list(view, "summary");
    add_summary(view, "氏名", two_names(c->arena, doc, ITEM_family_name, ITEM_given_name));
    add_summary(view, "フリガナ", two_names(c->arena, doc, ITEM_family_kana, ITEM_given_kana));
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (document_place(items[i], entry->form) != NULL)
            add_summary(view, dictionary_items[items[i]].label,
                        document_shown(c->arena, doc, items[i]));
}

static void
fill_hidden(struct context *c, struct view *view, const struct entry *entry)
{
    view_text(view, "draft_id", entry->draft_id);
    view_text(view, "kind", entry_kind_name(entry->kind));
    view_text(view, "patient",
              entry->kind == ENTRY_new ? "" : publicid_hersys_plain(c->arena, entry->patient_id));
    view_text(view, "no", entry->kind == ENTRY_new ? "" : db_int(c->arena, entry->no));
    view_text(view, "base_version",
              entry->kind == ENTRY_new ? "" : db_int(c->arena, entry->base_version));
    view_text(view, "form", dictionary_forms[entry->form.form].version);
    view_text(view, "short", entry->form.short_form ? "1" : "");
    view_text(view, "deemed", entry->deemed ? "1" : "");
    view_text(view, "contact", contacts_key_text(c->arena, entry->contact));
}

/* The surge's short form (seed 0 Q5; August 2022): not where only four groups are reported at all. */
static bool
has_short_form(int form)
{
    return form != FORM_2022_09;
}

/* A clinic sends the link to My HER-SYS with its report, but not for みなし陽性 (seed 3 Q15, Q18). */
static bool
may_notice(const struct context *c, const struct entry *entry)
{
    return c->session.kind == KIND_clinic && entry->kind == ENTRY_new && !entry->deemed;
}

static void
show_form(struct context *c, const struct entry *entry, struct showing showing)
{
    struct view *view = page_view(c, page_title(entry));
    struct form_show fields = {.form = entry->form,
                               .rights = rights_here(c, entry),
                               .doc = &entry->doc,
                               .problems = showing.checked ? &entry->problems : NULL};

    fill_hidden(c, view, entry);
    patient_fill_presence(view, entry->kind == ENTRY_new ? NULL : entry->record.presence);
    form_view_fields(c->arena, view, &fields);
    form_view_problems(view, &entry->problems);
    if (!showing.checked)
        view_flag(view, "has_blocking", false);
    form_view_clashes(c->arena, view, &entry->doc, &entry->record.doc,
                      showing.clashes > 0 ? showing.clash : NULL);
    fill_summary(c, view, entry);
    view_flag(view, "confirming", showing.confirming);
    same_fill_found(c, view, showing.same);
    view_text(view, "action_label", action_label(entry));
    view_text(view, "centre_name", entry->centre_name == NULL ? "" : entry->centre_name);
    view_text(view, "form_title", dictionary_forms[entry->form.form].short_title);
    view_flag(view, "reshaped", entry->reshaped && (showing.checked || showing.reshaping));
    view_flag(view, "is_short", entry->form.short_form);
    view_flag(view, "may_shorten", !entry->form.short_form && has_short_form(entry->form.form) &&
                                       !entry->deemed && entry->kind == ENTRY_new);
    view_flag(view, "is_deemed", entry->deemed);
    view_flag(view, "may_notice", may_notice(c, entry));
    view_flag(view, "notice_url", entry->notice_url);
    view_text(view, "notice_remark",
              showing.checked && entry->notice_url ? notice_view_report(c->arena, &entry->doc) : "");
    view_flag(view, "may_template", entry->kind == ENTRY_new);
    view_text(view, "template_name", "");
    view_text(view, "save_state", showing.save_state == NULL ? "" : showing.save_state);
    page_send(c, TEMPLATE_notification_form, view);
}

/* Completes and shows an entry that has just been begun or opened. */
static void
show_fresh(struct context *c, struct entry *entry)
{
    enum db_status status = entry_complete(c, entry);

    if (status != DB_OK)
        page_database_failed(c, status);
    else
        show_form(c, entry, (struct showing){0});
}

static void
show_not_loaded(struct context *c, enum record_result result)
{
    if (result == RECORD_FAILED)
        page_database_failed(c, DB_LOST);
    else
        page_not_found(c);
}

/* ---- opening ------------------------------------------------------------------------------------------------------- */

static bool
may_notify(struct context *c)
{
    if (c->session.kind == KIND_clinic || c->session.kind == KIND_centre)
        return true;
    page_forbidden(c, "発生届を入力できるのは、医療機関と保健所です。");
    return false;
}

/*
 * What a family shares (shared/domain.md 8.5, wish 6): where they live, who is asked, where it was diagnosed and where it
 * was caught. What was found in one body is nobody else's: symptoms, tests, doses, and that a doctor has checked it. A
 * doctor who writes stays the doctor.
 */
static void
copy_family(struct entry *entry, const struct record *from)
{
    static const int shared[] = {
        ITEM_family_name,      ITEM_family_kana,         ITEM_home_postal_code, ITEM_home_address,
        ITEM_stay_postal_code, ITEM_stay_address,        ITEM_phone,            ITEM_stay_phone,
        ITEM_guardian_name,    ITEM_guardian_address,    ITEM_guardian_phone,   ITEM_diagnosis_date,
        ITEM_route,            ITEM_route_certainty,     ITEM_route_detail,     ITEM_place_kind,
        ITEM_place_name,       ITEM_area,                ITEM_area_certainty,   ITEM_area_detail,
        ITEM_institution_name, ITEM_institution_address, ITEM_institution_phone};

    entry->form = (struct form_view){from->notification.form, from->notification.short_form};
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        entry->doc.value[shared[i]] = from->doc.value[shared[i]];
    if (!document_has(&entry->doc, ITEM_doctor_name))
        entry->doc.value[ITEM_doctor_name] = from->doc.value[ITEM_doctor_name];
}

/* Puts a saved template over an entry. False when there is none of that name. */
static bool
apply_template(struct context *c, struct entry *entry, const char *template_id)
{
    enum db_status status;
    struct form *saved = ARENA_NEW(c->arena, struct form);
    struct entry from;

    if (!crypt_is_uuid(template_id))
        return false;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_template_find,
                                     db_int(c->arena, c->session.organisation_id), template_id);
    if (rows == NULL || rows_count(rows) == 0)
        return false;
    const char *body = rows_text(rows, 0, "body");
    if (form_parse_urlencoded(c->arena, body, strlen(body), saved) != 0 ||
        entry_read(c, saved, &from) != 0)
        return false;
    for (int i = 0; i < ITEM_COUNT; i++)
        if (document_has(&from.doc, i))
            entry->doc.value[i] = from.doc.value[i];
    return true;
}

/* Takes over the contact (接触者) that the address names; answers and returns false when there is none to report. */
static bool
copy_contact(struct context *c, struct entry *entry, const char *key)
{
    struct desk desk = entry_desk(c);
    struct document contact;

    entry->contact = contacts_key(c->arena, key);
    enum record_result result = entry->contact.patient_id == 0
                                    ? RECORD_NOT_FOUND
                                    : contacts_open(&desk, entry->contact, &contact);
    if (result == RECORD_OK)
        contacts_fill_notification(c->arena, &contact, &entry->doc);
    else
        show_not_loaded(c, result);
    return result == RECORD_OK;
}

void
notification_new_show(struct context *c)
{
    struct entry entry;
    struct desk desk = entry_desk(c);
    struct record family;
    const char *from = request_query(c->request, "family");
    const char *contact = request_query(c->request, "contact");

    if (!may_notify(c))
        return;
    entry_begin(c, &entry);
    entry.deemed = request_query(c->request, "deemed")[0] != '\0';
    entry.form.short_form = request_query(c->request, "short")[0] != '\0';
    apply_template(c, &entry, request_query(c->request, "template"));
    if (from[0] != '\0') {
        enum record_result result =
            record_load(&desk, publicid_parse(from), 0, "notification_copy", &family);
        if (result != RECORD_OK || family.notification.no == 0) {
            show_not_loaded(c, result == RECORD_OK ? RECORD_NOT_FOUND : result);
            return;
        }
        copy_family(&entry, &family);
    }
    if (contact[0] != '\0' && !copy_contact(c, &entry, contact))
        return;
    show_fresh(c, &entry);
}

/* Checks that the notification may be changed or added to, by this person and at all; otherwise answers. */
static bool
may_change(struct context *c, const struct record *record)
{
    const struct notification *n = &record->notification;

    if (!rights_may_edit(record->rights, CLASS_clinical)) {
        page_forbidden(c, rights_because(c->session.kind, record->relations));
        return false;
    }
    if (n->no == 0)
        page_not_found(c);
    else if (n->frozen)
        page_conflict(c, "この発生届は変更できません",
                      "新しい発生届が追加登録されているため、以前の発生届は変更できません。");
    else if (!text_empty(n->deleted))
        page_conflict(c, "この発生届は変更できません", "この発生届は削除されています。");
    else
        return true;
    return false;
}

/* Loads the notification that the path names, for changing it or adding to it. */
static bool
open_existing(struct context *c, struct entry *entry, enum entry_kind kind)
{
    struct desk desk = entry_desk(c);
    int64_t no;

    entry_begin(c, entry);
    entry->kind = kind;
    entry->patient_id = path_patient(c, 1);
    if (text_to_int(path_part(c, 3), 1, 1000, &no) != 0) {
        page_not_found(c);
        return false;
    }
    entry->no = (int)no;
    enum record_result result =
        record_load(&desk, entry->patient_id, entry->no, "notification_open", &entry->record);
    if (result != RECORD_OK || entry->record.notification.no == 0) {
        show_not_loaded(c, result == RECORD_OK ? RECORD_NOT_FOUND : result);
        return false;
    }
    const struct notification *n = &entry->record.notification;
    if (!may_change(c, &entry->record))
        return false;
    entry->base_version = entry->record.version;
    entry->form = (struct form_view){n->form, n->short_form};
    entry->deemed = n->deemed;
    return true;
}

void
notification_edit_show(struct context *c)
{
    struct entry entry;

    if (!open_existing(c, &entry, ENTRY_edit))
        return;
    entry.doc = entry.record.doc;
    show_fresh(c, &entry);
}

/* A further report begins with the person and the institution as they are; the illness is asked anew. */
void
notification_add_show(struct context *c)
{
    struct entry entry;

    if (!open_existing(c, &entry, ENTRY_add))
        return;
    for (int i = 0; i < ITEM_COUNT; i++)
        if (dictionary_items[i].table == TABLE_patient)
            entry.doc.value[i] = entry.record.doc.value[i];
    static const int kept[] = {ITEM_stay_postal_code, ITEM_stay_address,   ITEM_stay_phone,
                               ITEM_onset_date,       ITEM_symptoms,       ITEM_symptom_other,
                               ITEM_risk,             ITEM_risk_factors,   ITEM_risk_other,
                               ITEM_immunosuppressed, ITEM_pregnant,       ITEM_entry_date,
                               ITEM_departure_date,   ITEM_dose1_given,    ITEM_dose2_given,
                               ITEM_dose3_given,      ITEM_dose_count};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        entry.doc.value[kept[i]] = entry.record.doc.value[kept[i]];
    entry.deemed = false;
    show_fresh(c, &entry);
}

/* ---- posting ------------------------------------------------------------------------------------------------------- */

static void
redirect_to_receipt(struct context *c, int64_t patient_id, int no, bool repeated)
{
    const char *path =
        text_format(c->arena, "/patient/%s/notification/%d/receipt",
                    publicid_hersys_plain(c->arena, patient_id), no);

    if (repeated)
        page_redirect_with(c, path, "already_reported");
    else
        response_redirect(c->response, path);
}

/*
 * True when a form about a record that has changed meanwhile is known: then it was pressed twice, or typed into after it
 * was saved, and its first answer is given again. The version is looked at first, so that this costs nothing otherwise.
 */
static bool
answered_before(struct context *c, const struct entry *entry)
{
    struct desk desk = entry_desk(c);
    int64_t patient_id;
    int no;

    if (entry->base_version == entry->record.version ||
        notification_receipt(&desk, entry->draft_id, &patient_id, &no) != NOTIFY_OK)
        return false;
    redirect_to_receipt(c, patient_id, no, true);
    return true;
}

/* Reads what was posted into an entry; otherwise answers and returns false. */
static bool
read_posted(struct context *c, struct entry *entry)
{
    if (!may_notify(c))
        return false;
    if (entry_read(c, &c->request->body, entry) != 0) {
        page_bad_request(c, "ページを開き直して、もう一度入力してください。");
        return false;
    }
    if (entry->kind != ENTRY_new) {
        enum record_result result = entry_load_record(c, entry, &c->request->body);
        if (result != RECORD_OK) {
            show_not_loaded(c, result);
            return false;
        }
        if (answered_before(c, entry) || !may_change(c, &entry->record))
            return false;
    }
    enum db_status status = entry_complete(c, entry);
    if (status != DB_OK)
        page_database_failed(c, status);
    return status == DB_OK;
}

/* Somebody else changed the record: merges, and reports again or shows where both changed the same item. */
static void
resolve_conflict(struct context *c, struct entry *entry)
{
    struct desk desk = entry_desk(c);
    bool clash[ITEM_COUNT];
    int clashes = notification_merge(&desk, &entry->record, entry->base_version, &entry->doc, clash);

    if (clashes < 0) {
        page_database_failed(c, DB_LOST);
        return;
    }
    entry->base_version = entry->record.version;
    show_form(c, entry, (struct showing){.checked = true, .clashes = clashes, .clash = clash});
}

static void
report(struct context *c, struct entry *entry)
{
    struct desk desk = entry_desk(c);
    int64_t patient_id = entry->patient_id;
    int no = entry->no;
    enum notify_result result;

    if (entry->centre_id == 0) {
        page_conflict(c, "届出先の保健所が決まりません",
                      "所属機関の所在地から管轄の保健所を決められません。利用者認証実施者に、機関の所在地を確かめてもらってください。");
        return;
    }
    if (entry->kind != ENTRY_new && entry->base_version != entry->record.version) {
        resolve_conflict(c, entry);
        return;
    }
    document_prune(&entry->doc, entry->form.form);
    if (entry->deemed)
        entry_fill_deemed(entry);
    struct notify notify = {entry->draft_id,        &entry->doc,   entry->form.form,
                            entry->form.short_form, entry->deemed, entry->centre_id,
                            entry->contact,         entry->notice_url && may_notice(c, entry),
                            same_told_different(c)};
    if (entry->kind == ENTRY_new)
        result = notification_report(&desk, &notify, &patient_id, &no);
    else if (entry->kind == ENTRY_add)
        result = notification_add(&desk, &entry->record, &notify, &no);
    else
        result = notification_edit(&desk, &entry->record, &notify);
    switch (result) {
    case NOTIFY_OK:
    case NOTIFY_REPEATED:
        redirect_to_receipt(c, patient_id, no, result == NOTIFY_REPEATED);
        return;
    case NOTIFY_CONFLICT:
        page_conflict(c, "同時に変更されました",
                      "ほかの人が同じ患者の記録を変更しました。ブラウザの「戻る」で入力に戻り、もう一度「確認へ」を押してください。入力した内容は下書きに残っています。");
        return;
    case NOTIFY_REFUSED:
        page_conflict(c, "保存できませんでした",
                      "この発生届は、追加登録・削除・担当の変更などにより、いまは変更できません。");
        return;
    case NOTIFY_FAILED:
        page_database_failed(c, DB_LOST);
    }
}

/* The dialog before the report: what is missing, and who may be the same person. Never a wall. */
static void
confirm(struct context *c, struct entry *entry)
{
    struct showing showing = {.checked = true};

    showing.confirming = form_view_may_report(&entry->problems) && !entry->reshaped;
    if (showing.confirming) {
        enum db_status status = same_for_form(c, entry, &showing.same);
        if (status != DB_OK) {
            page_database_failed(c, status);
            return;
        }
    }
    show_form(c, entry, showing);
}

void
notification_post(struct context *c)
{
    struct entry entry;
    const char *action = request_value(c->request, "action");

    if (!read_posted(c, &entry))
        return;
    entry_require(c, &entry);
    if (strcmp(action, "report") == 0 && form_view_may_report(&entry.problems) && !entry.reshaped)
        report(c, &entry);
    else if (strcmp(action, "save") == 0)
        draft_save_and_show(c, &entry);
    else if (strcmp(action, "template") == 0)
        template_save_and_show(c, &entry);
    else if (strcmp(action, "short") == 0 || strcmp(action, "long") == 0) {
        entry.form.short_form = strcmp(action, "short") == 0;
        show_form(c, &entry, (struct showing){0});
    } else if (strcmp(action, "no_risk") == 0) {
        entry.doc.value[ITEM_risk] = entry.doc.value[ITEM_immunosuppressed] = "no";
        show_form(c, &entry, (struct showing){0});
    } else if (strcmp(action, "same_address") == 0) {
        entry.doc.value[ITEM_stay_postal_code] = entry.doc.value[ITEM_home_postal_code];
        entry.doc.value[ITEM_stay_address] = entry.doc.value[ITEM_home_address];
        show_form(c, &entry, (struct showing){0});
    } else if (strcmp(action, "reshape") == 0)
        show_form(c, &entry, (struct showing){.reshaping = true});
    else if (strcmp(action, "back") == 0)
        show_form(c, &entry, (struct showing){.checked = true});
    else
        confirm(c, &entry);
}

void
notification_form_show(struct context *c, struct entry *entry, const char *save_state)
{
    show_form(c, entry, (struct showing){.save_state = save_state});
}

/* ---- live answers while typing ------------------------------------------------------------------------------------- */

static void
add_readings(struct context *c, struct buf *out, const struct entry *entry)
{
    static const int derived[] = {ITEM_age_years,   ITEM_age_months,  ITEM_family_kana,
                                  ITEM_given_kana,  ITEM_home_address, ITEM_stay_address};

    buf_add_text(out, ",\"values\":{");
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++) {
        buf_printf(out, "%s\"%s\":", i == 0 ? "" : ",", dictionary_items[derived[i]].name);
        buf_add_json(out, form_view_value(c->arena, &entry->doc, derived[i]));
    }
    buf_add_text(out, "},\"read\":{");
    for (int i = 0, n = 0; i < ITEM_COUNT; i++) {
        if (dictionary_items[i].type != TYPE_date || !document_has(&entry->doc, i))
            continue;
        buf_printf(out, "%s\"%s\":", n++ == 0 ? "" : ",", dictionary_items[i].name);
        buf_add_json(out, document_shown(c->arena, &entry->doc, i));
    }
    buf_add_char(out, '}');
}

static void
add_problems(struct buf *out, const struct entry *entry)
{
    int n = 0;

    buf_add_text(out, ",\"problems\":[");
    for (size_t i = 0; i < entry->problems.count; i++) {
        const struct problem *p = &entry->problems.list[i];
        if (p->kind == PROBLEM_MISSING || p->kind == PROBLEM_UNUSED)
            continue;
        buf_printf(out, "%s{\"item\":\"%s\",\"wrong\":%s,\"message\":", n++ == 0 ? "" : ",",
                   dictionary_items[p->item].name, p->kind == PROBLEM_WARNING ? "false" : "true");
        buf_add_json(out, p->message);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void
add_hidden(struct buf *out, const struct entry *entry)
{
    int n = 0;

    buf_add_text(out, ",\"off\":[");
    for (int i = 0; i < ITEM_COUNT; i++) {
        const struct place *place = document_place(i, entry->form);
        if (place != NULL && !document_applies(&entry->doc, place))
            buf_printf(out, "%s\"%s\"", n++ == 0 ? "" : ",", dictionary_items[i].name);
    }
    buf_add_char(out, ']');
}

/* Saves the draft and says what the server reads out of it: ages, dates, problems, which fields apply. */
void
notification_live_post(struct context *c)
{
    struct entry entry;
    struct buf *out = &c->response->body;

    if (!read_posted(c, &entry))
        return;
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    draft_add(batch, c, &entry);
    unsigned same = same_add_look(batch, c, &entry);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    buf_printf(out, "{\"reshaped\":%s,\"same\":", entry.reshaped ? "true" : "false");
    same_add_json(c, out, same == 0 ? NULL : db_rows(batch, same));
    add_readings(c, out, &entry);
    add_problems(out, &entry);
    add_hidden(out, &entry);
    buf_add_char(out, '}');
    response_json(c->response, 200);
}
