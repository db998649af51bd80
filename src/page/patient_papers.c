/* patient_papers.c - the tab 文書 of a patient: what was given out, and giving out one more. */
#include <string.h>

#include "base/crypt.h"
#include "base/publicid.h"
#include "base/text.h"
#include "page/handlers.h"
#include "page/papers_view.h"
#include "page/patient_head.h"

enum { NO_VERSION = 0 }; /* that a record never has */

/* ---- what was given out -------------------------------------------------------------------------------------------- */

static void
fill_log(struct context *c, struct view *view, const struct record *record, const struct rows *log)
{
    struct desk desk = patient_desk(c);

    view_list(view, "issued");
    for (size_t i = 0; i < rows_count(log); i++) {
        struct view *row = view_row(view, "issued");
        const struct papers_kind *kind = papers_kind_find(rows_text(log, i, "kind"));
        const char *first = rows_text(log, i, "first_id"), *office = rows_text(log, i, "template_office");
        struct papers_sheet sheet;
        bool opened = papers_open(&desk, first, rows_text(log, i, "sealed_text"), &sheet);
        view_text(row, "issued_at", rows_text(log, i, "issued"));
        view_text(row, "issued_label", kind == NULL ? rows_text(log, i, "kind") : kind->label);
        view_text(row, "number", rows_text(log, i, "number"));
        view_text(row, "recipient", papers_recipient_label(rows_text(log, i, "recipient")));
        view_text(row, "addressee", opened ? sheet.addressee : "");
        view_text(row, "issuer", rows_text(log, i, "holder"));
        view_text(row, "organisation", rows_text(log, i, "organisation"));
        view_text(row, "template",
                  office[0] == '\0' ? "標準の文面"
                                    : text_format(c->arena, "%s 第%s版", office,
                                                  rows_text(log, i, "template_version")));
        view_flag(row, "reprint", rows_bool(log, i, "reprint"));
        view_text(row, "form_id", crypt_uuid(c->arena));
        view_text(row, "reprint_path",
                  patient_path(c, record, text_format(c->arena, "papers/%s/reprint.pdf", first)));
    }
}

static void
show_log(struct context *c)
{
    struct record record;
    struct record_more log = {
        SQL_paper_log, 1, {db_int(c->arena, path_patient(c, 1))}, NULL};

    if (!patient_open_with(c, CLASS_papers, "papers_view", &record, &log, 1))
        return;
    struct view *view = patient_view(c, &record, "papers");
    view_text(view, "title", "患者の記録：文書");
    view_flag(view, "may_issue", rights_may_edit(record.rights, CLASS_papers) && !record.sealed);
    papers_view_kinds(view, c->arena, PAPERS_PATIENT | PAPERS_CONTACT,
                      patient_path(c, &record, "papers"), NULL);
    fill_log(c, view, &record, log.rows);
    page_send(c, TEMPLATE_patient_papers, view);
}

/* ---- giving out one more ------------------------------------------------------------------------------------------- */

/* What is asked for, and what it is made from. */
struct ordering {
    struct record record;
    struct papers_source_text text;
    struct papers_person person;
    struct tab_entry contact;
    struct papers_typed typed;
    struct papers_order order;
    struct papers_values values;
    const struct rows *contacts; /* to choose among; NULL for papers of the patient */
    int contact_no;
};

/* A value of the form, or of the address before there is one. */
static const char *
given(struct context *c, const char *name)
{
    return c->request->method == METHOD_POST ? request_value(c->request, name)
                                             : request_query(c->request, name);
}

/* The guardian (保護者) of a child unless somebody chose otherwise. */
static enum papers_recipient
recipient(struct context *c, const struct papers_kind *kind, const struct papers_person *person)
{
    if (kind->whom == PAPERS_CONTACT)
        return PAPERS_TO_contact;
    return document_has(&person->doc, ITEM_guardian_name) && !text_same(given(c, "to"), "person")
               ? PAPERS_TO_guardian
               : PAPERS_TO_person;
}

/* Takes the rows that were read with the record. */
static void
take(struct context *c, const struct record_more more[PAPERS_MORE], const struct papers_kind *kind,
     struct ordering *o)
{
    struct desk desk = patient_desk(c);
    bool found = rows_count(more[PAPERS_ASK_CONTACT].rows) > 0;

    o->text = papers_source_text(c->arena, kind, more[PAPERS_ASK_OFFICE].rows);
    o->person = papers_person(&desk, more[PAPERS_ASK_PEOPLE].rows, 0);
    o->typed = papers_view_typed(c);
    if (found)
        entries_from_row(&desk, o->person.patient_id, more[PAPERS_ASK_CONTACT].rows, 0, &o->contact);
    else
        o->contact_no = 0;
    o->order = (struct papers_order){kind,
                                     &o->text,
                                     &o->person,
                                     found ? &o->contact.doc : NULL,
                                     contacts_rules(c->arena, more[PAPERS_ASK_RULES].rows),
                                     recipient(c, kind, &o->person),
                                     o->typed.value};
    o->values = papers_values(c->arena, &o->order);
}

/* Loads all of it; answers and returns false when there is nothing to issue here. */
static bool
open_order(struct context *c, struct ordering *o)
{
    const struct papers_kind *kind = papers_kind_find(given(c, "kind"));
    int64_t patient = path_patient(c, 1), contact = 0;
    struct record_more more[PAPERS_MORE + 1];

    if (kind == NULL) {
        page_not_found(c);
        return false;
    }
    if (kind->whom == PAPERS_CONTACT)
        text_to_int(given(c, "contact"), 1, INT32_MAX, &contact);
    o->contact_no = (int)contact;
    papers_ask(c->arena, c->session.organisation_id, kind,
               text_format(c->arena, "{%lld}", (long long)patient),
               text_format(c->arena, "{%d}", o->contact_no), more);
    more[PAPERS_MORE] = (struct record_more){SQL_paper_contacts, 1, {db_int(c->arena, patient)}, NULL};
    if (!patient_open_with(c, CLASS_papers, "papers_open", &o->record, more, PAPERS_MORE + 1) ||
        !patient_may_edit(c, &o->record, CLASS_papers))
        return false;
    o->contacts = kind->whom == PAPERS_CONTACT ? more[PAPERS_MORE].rows : NULL;
    take(c, more, kind, o);
    return true;
}

static void
fill_contacts(struct view *view, const struct ordering *o)
{
    view_list(view, "contacts");
    for (size_t i = 0; o->contacts != NULL && i < rows_count(o->contacts); i++) {
        struct view *row = view_row(view, "contacts");
        view_text(row, "contact_no", rows_text(o->contacts, i, "entry_no"));
        view_text(row, "contact_name", rows_text(o->contacts, i, "name"));
        view_flag(row, "contact_chosen", rows_int(o->contacts, i, "entry_no") == o->contact_no);
    }
}

static void
show_order(struct context *c, const struct ordering *o, const char *problem)
{
    struct view *view = patient_view(c, &o->record, "papers");
    const struct papers_kind *kind = o->order.kind;
    const char *missing = papers_missing(c->arena, &o->text, &o->values);
    struct papers_sheet sheet = papers_sheet(c->arena, &o->order, &o->values);
    struct papers_order untyped = o->order;

    untyped.typed = NULL;
    struct papers_values recorded = papers_values(c->arena, &untyped);
    view_format(view, "title", "文書：%s", kind->label);
    view_text(view, "problem", problem);
    view_text(view, "unfit", papers_unfit(kind, &o->person));
    view_text(view, "kind", kind->name);
    view_text(view, "kind_label", kind->label);
    view_text(view, "missing", missing);
    view_text(view, "papers_path", patient_path(c, &o->record, "papers"));
    view_text(view, "issue_path", patient_path(c, &o->record, "papers/issue.pdf"));
    view_flag(view, "of_contact", o->contacts != NULL);
    view_flag(view, "ready", o->contacts == NULL || o->contact_no != 0);
    view_int(view, "contact_no", o->contact_no);
    view_text(view, "shown", papers_digest(c->arena, &o->order));
    fill_contacts(view, o);
    view_flag(view, "has_guardian",
              kind->whom == PAPERS_PATIENT && document_has(&o->person.doc, ITEM_guardian_name));
    view_flag(view, "to_guardian", o->order.recipient == PAPERS_TO_guardian);
    view_text(view, "guardian", o->person.doc.value[ITEM_guardian_name]);
    view_text(view, "template",
              o->text.template_version == 0
                  ? "標準の文面"
                  : text_format(c->arena, "本庁の文面 第%d版", o->text.template_version));
    papers_view_fields(view, c->arena, &o->text, &o->typed, &recorded);
    papers_view_sheet(view, c->arena, sheet.addressee, &o->text, &o->values);
    page_send(c, TEMPLATE_patient_paper, view);
}

void
patient_papers_show(struct context *c)
{
    struct ordering o = {0};

    if (request_query(c->request, "kind")[0] == '\0')
        show_log(c);
    else if (open_order(c, &o))
        show_order(c, &o, "");
}

/* The form again, with what was typed. */
void
patient_papers_post(struct context *c)
{
    struct ordering o = {0};

    if (open_order(c, &o))
        show_order(c, &o, o.typed.problem);
}

/* Why it cannot be issued as it stands; NULL when it can. */
static const char *
order_problem(struct context *c, const struct ordering *o)
{
    const char *unfit = papers_unfit(o->order.kind, &o->person);
    const char *missing = papers_missing(c->arena, &o->text, &o->values);

    if (unfit != NULL)
        return unfit;
    if (o->contacts != NULL && o->contact_no == 0)
        return "お知らせする接触者を選んでください。";
    if (o->typed.problem != NULL)
        return o->typed.problem;
    if (missing[0] != '\0')
        return text_format(c->arena, "未入力の項目があります：%s。下の欄か、患者の記録に入力してください。", missing);
    return NULL;
}

/* Whether record and text are what the form showed: by the version, and, since entries of the tabs do not move it, by digest. */
static enum notify_result
as_shown(struct context *c, const struct ordering *o)
{
    struct desk desk = patient_desk(c);
    enum notify_result result = patient_ready(c, &o->record);

    if (result != NOTIFY_OK ||
        text_same(request_value(c->request, "shown"), papers_digest(c->arena, &o->order)))
        return result;
    return notify_ready(&desk, &o->record, NO_VERSION);
}

void
patient_papers_issue_post(struct context *c)
{
    struct ordering o = {0};
    struct desk desk = patient_desk(c);

    if (!open_order(c, &o))
        return;
    const char *problem = order_problem(c, &o);
    if (problem != NULL) {
        show_order(c, &o, problem);
        return;
    }
    struct papers_copy copy = {&o.person, o.order.recipient, o.contact_no,
                               papers_sheet(c->arena, &o.order, &o.values)};
    enum notify_result result = as_shown(c, &o);
    if (result == NOTIFY_OK)
        result = papers_issue(&desk, o.order.kind, &o.text, &copy, 1);
    if (result == NOTIFY_OK)
        papers_view_send(c, o.order.kind, 1, &copy.sheet);
    else if (result == NOTIFY_CONFLICT)
        show_order(c, &o, "この画面を開いたあとで、この患者の記録か、文書の文面が変わりました。印刷される内容を下で確かめて、もう一度押してください。");
    else
        patient_conclude(c, result, patient_path(c, &o.record, "papers"), "paper_issued_before");
}

void
patient_papers_reprint_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);
    struct papers_kept kept;
    const char *paper = path_part(c, 3);
    struct record_more row = {SQL_paper_kept, 2, {db_int(c->arena, path_patient(c, 1)), paper}, NULL};

    if (!crypt_is_uuid(paper)) {
        page_not_found(c);
        return;
    }
    if (!patient_open_with(c, CLASS_papers, "papers_open", &record, &row, 1) ||
        !patient_may_edit(c, &record, CLASS_papers))
        return;
    if (rows_count(row.rows) == 0) {
        page_not_found(c);
        return;
    }
    if (!papers_keep(&desk, paper, row.rows, &kept)) { /* before the log says that it was printed */
        page_conflict(c, "再発行できません", "この文書の控えを読み取れません。再発行は記録されていません。システムの担当者に連絡してください。");
        return;
    }
    enum notify_result result = papers_reprint(&desk, record.patient_id, &kept);
    if (result == NOTIFY_OK)
        papers_view_send(c, kept.kind, 1, &kept.sheet);
    else
        patient_conclude(c, result, patient_path(c, &record, "papers"), "paper_issued_before");
}
