/*
 * papers_batch.c - documents for many patients or contacts at once: chosen, checked, and one PDF; and the list of what a centre has
 * given out.
 */
#include <string.h>

#include "base/crypt.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/contacts.h"
#include "core/todo.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/papers_view.h"
#include "page/patient_head.h"

/* ---- the patients who were named ----------------------------------------------------------------------------------- */

/* One of them: from what was typed to the document, or why there is none. */
struct named {
    const char *typed;
    int64_t patient_id; /* 0: no number of ours */
    int contact_no;     /* of papers for contacts; else 0 */
    int version;        /* that was checked; 0: not yet */
    const char *digest; /* of what was checked then */
    bool found;
    struct papers_person person;
    struct tab_entry contact; /* no 0: none was found */
    const char *why; /* NULL: gets its document */
    struct papers_copy copy;
};

struct group {
    const struct papers_kind *kind;
    size_t count, fit;
    struct named *list;
    struct papers_source_text text;
    struct papers_typed typed;
    struct observation_rules rules;
    struct papers_values first; /* of the first that is fit, or of nobody */
};

static bool
of_contacts(const struct group *group)
{
    return group->kind->whom == PAPERS_CONTACT;
}

/* The number as people type it: 12345-67890-1, or of a contact 12345678901-3. */
static const char *
shown_number(struct arena *arena, const struct named *one)
{
    return one->contact_no == 0
               ? publicid_hersys(arena, one->patient_id)
               : contacts_key_text(arena, (struct contact_key){one->patient_id, one->contact_no});
}

/*
 * Reads numbers from `text`, one for each word; what was checked has its version and its digest behind a "." each. Returns false
 * when there are more than PAPERS_MOST. A number that is named twice counts once.
 */
static bool
read_named(struct arena *arena, const char *text, struct group *group)
{
    static const char *const breaks = " \t\n,;";

    group->list = ARENA_ARRAY(arena, PAPERS_MOST, struct named);
    for (const char *p = text + strspn(text, breaks); *p != '\0'; p += strspn(p, breaks)) {
        size_t size = strcspn(p, breaks);
        size_t parts;
        struct named one = {.typed = text_copy_n(arena, p, size), .digest = ""};
        char **part = text_split(arena, one.typed, '.', &parts);
        int64_t version = 0;
        if (parts == 3 && text_to_int(part[1], 1, INT32_MAX, &version) == 0)
            one.digest = part[2];
        one.version = (int)version;
        struct contact_key key = of_contacts(group) ? contacts_key(arena, part[0])
                                                    : (struct contact_key){publicid_parse(part[0]), 0};
        one.patient_id = key.patient_id;
        one.contact_no = key.no;
        p += size;
        bool twice = false;
        for (size_t i = 0; i < group->count; i++)
            twice = twice || (one.patient_id != 0 && group->list[i].patient_id == one.patient_id &&
                              group->list[i].contact_no == one.contact_no);
        if (twice)
            continue;
        if (group->count == PAPERS_MOST)
            return false;
        group->list[group->count++] = one;
    }
    return true;
}

static const char *
ids_where(struct arena *arena, const struct group *group, bool all, bool found)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < group->count; i++)
        if (group->list[i].patient_id != 0 && (all || group->list[i].found == found))
            buf_printf(&out, "%c%lld", out.size == 0 ? '{' : ',',
                       (long long)group->list[i].patient_id);
    buf_add_text(&out, out.size == 0 ? "{}" : "}");
    return buf_text(&out);
}

/* Their contacts, beside the patients of ids_where. */
static const char *
contacts_where(struct arena *arena, const struct group *group)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < group->count; i++)
        if (group->list[i].patient_id != 0)
            buf_printf(&out, "%c%d", out.size == 0 ? '{' : ',', group->list[i].contact_no);
    buf_add_text(&out, out.size == 0 ? "{}" : "}");
    return buf_text(&out);
}

static enum papers_recipient
recipient_of(const struct named *one)
{
    bool guardian = document_has(&one->person.doc, ITEM_guardian_name);

    return one->contact_no != 0 ? PAPERS_TO_contact : guardian ? PAPERS_TO_guardian : PAPERS_TO_person;
}

/* The document of one of them, or why there is none. */
static void
make_copy(struct context *c, struct group *group, struct named *one)
{
    struct papers_order order = {
        .kind = group->kind,
        .text = &group->text,
        .person = &one->person,
        .contact = one->contact.no == 0 ? NULL : &one->contact.doc,
        .rules = group->rules,
        .recipient = recipient_of(one),
        .typed = group->typed.value,
    };
    struct papers_values values = papers_values(c->arena, &order);
    const char *missing = papers_missing(c->arena, &group->text, &values);
    const char *digest = papers_digest(c->arena, &order);

    one->why = papers_unfit(group->kind, &one->person);
    if (one->why == NULL && one->contact_no != 0 && one->contact.no == 0)
        one->why = "この接触者は見つからないか、登録が取り消されています。";
    if (one->why == NULL && missing[0] != '\0')
        one->why = text_format(c->arena, "未入力の項目があります：%s", missing);
    if (one->why == NULL && one->version != 0 &&
        (one->version != one->person.version || !text_same(one->digest, digest)))
        one->why = "確認したあとで、記録が変わりました。もう一度確かめてください。";
    if (one->why != NULL)
        return;
    one->digest = digest;
    one->copy = (struct papers_copy){&one->person, order.recipient, one->contact_no,
                                     papers_sheet(c->arena, &order, &values)};
    if (group->fit++ == 0)
        group->first = values;
}

/* What was read of one of them; why is what stands against it. */
static void
take_one(struct context *c, struct group *group, struct named *one, const struct rows *people,
         const struct rows *contacts)
{
    struct desk desk = patient_desk(c);

    one->why = one->patient_id != 0 ? "この番号の方は見つからないか、表示する権限がありません。"
               : of_contacts(group) ? "番号が正しくありません。患者のHER-SYS IDと接触者の番号を「12345678901-3」のように入力してください。"
                                    : "番号が正しくありません。写し間違いがないか確かめてください。";
    for (size_t i = 0; i < rows_count(contacts) && one->contact.no == 0; i++)
        if (rows_int(contacts, i, "patient_id") == one->patient_id &&
            rows_int(contacts, i, "entry_no") == one->contact_no)
            entries_from_row(&desk, one->patient_id, contacts, i, &one->contact);
    for (size_t i = 0; i < rows_count(people) && !one->found; i++)
        if (rows_int(people, i, "patient_id") == one->patient_id) {
            one->found = true;
            one->person = papers_person(&desk, people, i);
            make_copy(c, group, one);
        }
}

/* Reads all of them in one round trip. */
static enum db_status
load_group(struct context *c, struct group *group)
{
    struct record_more more[PAPERS_MORE];
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned last = 0;

    papers_ask(c->arena, c->session.organisation_id, group->kind,
               ids_where(c->arena, group, true, false), contacts_where(c->arena, group), more);
    for (size_t i = 0; i < PAPERS_MORE; i++)
        last = db_add_array(batch, more[i].statement, more[i].count, more[i].parameters);
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        return status;
    unsigned first = last - PAPERS_MORE + 1;
    group->text = papers_source_text(c->arena, group->kind, db_rows(batch, first + PAPERS_ASK_OFFICE));
    group->rules = contacts_rules(c->arena, db_rows(batch, first + PAPERS_ASK_RULES));
    for (size_t i = 0; i < group->count; i++)
        take_one(c, group, &group->list[i], db_rows(batch, first + PAPERS_ASK_PEOPLE),
                 db_rows(batch, first + PAPERS_ASK_CONTACT));
    return DB_OK;
}

/* ---- the page ------------------------------------------------------------------------------------------------------ */

static void
fill_left_out(struct context *c, struct view *view, const struct group *group)
{
    view_list(view, "left");
    for (size_t i = 0; i < group->count; i++) {
        const struct named *one = &group->list[i];
        if (one->why == NULL)
            continue;
        struct view *row = view_row(view, "left");
        view_text(row, "left_id", one->found ? shown_number(c->arena, one) : one->typed);
        view_flag(row, "left_found", one->found);
        view_text(row, "left_path",
                  one->found ? text_format(c->arena, "/patient/%s",
                                           publicid_hersys_plain(c->arena, one->patient_id))
                             : "/");
        view_text(row, "left_why", one->why);
    }
}

/* The numbers as they are typed. */
static const char *
numbers_of(struct arena *arena, const struct group *group)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < group->count; i++)
        if (group->list[i].patient_id != 0)
            buf_printf(&out, "%s\n", shown_number(arena, &group->list[i]));
    return buf_text(&out);
}

/* Who is fit, with the version and the digest of what was checked: what the press issues. */
static const char *
checked(struct arena *arena, const struct group *group)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < group->count; i++) {
        const struct named *one = &group->list[i];
        if (one->why == NULL)
            buf_printf(&out, "%s%s.%d.%s", out.size == 0 ? "" : " ", shown_number(arena, one),
                       one->person.version, one->digest);
    }
    return buf_text(&out);
}

/* `ids` is what stands in the field; nothing else is shown of a group that was not loaded. */
static void
show_page(struct context *c, const struct group *group, bool loaded, const char *ids,
          const char *problem)
{
    struct view *view = page_view(c, "文書をまとめて発行する");

    view_text(view, "problem", problem);
    view_text(view, "ids", ids);
    view_int(view, "most", PAPERS_MOST);
    papers_view_kinds(view, c->arena, PAPERS_PATIENT | PAPERS_CONTACT, "/papers/batch", group->kind);
    view_flag(view, "was_checked", loaded);
    view_list(view, "places");
    if (loaded) {
        const struct named *first = group->list;
        while (first < group->list + group->count && first->why != NULL)
            first++;
        view_text(view, "kind", group->kind->name);
        view_text(view, "kind_label", group->kind->label);
        view_int(view, "fit", (int64_t)group->fit);
        view_flag(view, "some_fit", group->fit > 0);
        view_text(view, "checked", checked(c->arena, group));
        view_text(view, "form_id", crypt_uuid(c->arena));
        fill_left_out(c, view, group);
        papers_view_fields(view, c->arena, &group->text, &group->typed, NULL);
        if (group->fit > 0)
            papers_view_sheet(view, c->arena, first->copy.sheet.addressee, &group->text, &group->first);
    }
    page_send(c, TEMPLATE_papers_batch, view);
}

/* The patients of a list of things to do, as numbers for the field. */
static const char *
todo_ids(struct context *c, const char *kind, enum db_status *status)
{
    struct buf out = buf_new(c->arena);
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, status, SQL_paper_todo_ids,
                                     db_int(c->arena, c->session.organisation_id), kind);

    for (size_t i = 0; rows != NULL && i < rows_count(rows); i++)
        buf_printf(&out, "%s\n", publicid_hersys(c->arena, rows_int(rows, i, "patient_id")));
    return buf_text(&out);
}

static bool
is_centre(struct context *c)
{
    if (c->session.kind == KIND_centre)
        return true;
    page_forbidden(c, "文書を発行するのは保健所です。");
    return false;
}

/* The contacts of a case, as numbers for the field. */
static const char *
contact_ids(struct context *c, int64_t patient, enum db_status *status)
{
    struct buf out = buf_new(c->arena);
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, status, SQL_paper_contacts,
                                     db_int(c->arena, patient));

    for (size_t i = 0; rows != NULL && i < rows_count(rows); i++) {
        struct contact_key key = {patient, (int)rows_int(rows, i, "entry_no")};
        buf_printf(&out, "%s\n", contacts_key_text(c->arena, key));
    }
    return buf_text(&out);
}

void
papers_batch_show(struct context *c)
{
    const struct todo_kind *todo = todo_find(request_query(c->request, "todo"));
    int64_t patient = publicid_parse(request_query(c->request, "contacts"));
    enum db_status status = DB_OK;
    struct group group = {0};
    const char *ids = "";

    if (!is_centre(c))
        return;
    if (patient != 0) {
        group.kind = papers_kind_find("contact_notice");
        ids = contact_ids(c, patient, &status);
    } else if (todo != NULL) {
        ids = todo_ids(c, todo->name, &status);
    }
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        show_page(c, &group, false, ids, "");
}

/* Reads who is named and loads them; answers and returns false when that cannot be done. */
static bool
load_named(struct context *c, const char *ids, struct group *group)
{
    group->kind = papers_kind_find(request_value(c->request, "kind"));
    if (group->kind == NULL) {
        page_not_found(c);
        return false;
    }
    group->typed = papers_view_typed(c);
    const char *problem = !read_named(c->arena, ids, group)
                              ? text_format(c->arena, "一度に発行できるのは%d人までです。", PAPERS_MOST)
                          : group->count == 0 ? "HER-SYS IDを入力してください。"
                                              : NULL;
    if (problem != NULL) {
        show_page(c, group, false, ids, problem);
        return false;
    }
    enum db_status status = load_group(c, group);
    if (status != DB_OK)
        page_database_failed(c, status);
    return status == DB_OK;
}

/* Shows what came of it, once the trail says whom the page shows, and whom it refuses. */
static void
show_checked(struct context *c, const struct group *group, const char *ids, const char *problem)
{
    static const char *const outcomes[] = {"denied", "allowed"};
    struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
    enum db_status status = DB_OK;
    size_t entries = 0;

    for (size_t i = 0; i < 2; i++) {
        const char *some = ids_where(c->arena, group, false, i == 1);
        if (strcmp(some, "{}") == 0)
            continue;
        DB_ADD(trail, SQL_audit_append, "papers_check", outcomes[i], NULL, some, group->kind->name);
        entries++;
    }
    if (entries > 0)
        status = db_run(trail);
    if (status == DB_OK)
        show_page(c, group, true, ids, problem);
    else
        page_database_failed(c, status);
}

void
papers_batch_post(struct context *c)
{
    struct group group = {0};
    const char *ids = request_value(c->request, "ids");

    if (is_centre(c) && load_named(c, ids, &group))
        show_checked(c, &group, ids, group.typed.problem);
}

/* What was checked is issued, all of it; when anything has changed since, the page says so again. */
void
papers_batch_issue_post(struct context *c)
{
    struct group group = {0};
    struct desk desk = patient_desk(c);

    if (!is_centre(c) || !load_named(c, request_value(c->request, "checked"), &group))
        return;
    if (group.fit < group.count) {
        show_checked(c, &group, numbers_of(c->arena, &group), "確認したあとで変わったものがあるので、まだ発行していません。下を確かめて、もう一度押してください。");
        return;
    }
    struct papers_copy *copies = ARENA_ARRAY(c->arena, group.count, struct papers_copy);
    struct papers_sheet *sheets = ARENA_ARRAY(c->arena, group.count, struct papers_sheet);
    for (size_t i = 0; i < group.count; i++)
        copies[i] = group.list[i].copy;
    enum notify_result result =
        papers_issue(&desk, group.kind, &group.text, copies, group.count);
    for (size_t i = 0; i < group.count; i++)
        sheets[i] = copies[i].sheet;
    if (result == NOTIFY_OK)
        papers_view_send(c, group.kind, group.count, sheets);
    else if (result == NOTIFY_CONFLICT)
        show_page(c, &(struct group){.kind = group.kind}, false, numbers_of(c->arena, &group),
                  "発行しようとしたときに、記録か文面が変わりました。まだ発行していません。もう一度確かめてください。");
    else
        patient_conclude(c, result, "/papers/issued", "paper_issued_before");
}

/* ---- what was given out -------------------------------------------------------------------------------------------- */

#define LAST_PAPER "ffffffff-ffff-ffff-ffff-ffffffffffff" /* behind which a list that goes backwards begins */

static void
fill_issued(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "issued");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_PAGE; i++) {
        struct view *row = view_row(view, "issued");
        const struct papers_kind *kind = papers_kind_find(rows_text(rows, i, "kind"));
        const char *name = rows_text(rows, i, "name");
        view_text(row, "issued_at", rows_text(rows, i, "issued"));
        view_text(row, "issued_label", kind == NULL ? rows_text(rows, i, "kind") : kind->label);
        view_text(row, "number", rows_text(rows, i, "number"));
        view_text(row, "recipient", papers_recipient_label(rows_text(rows, i, "recipient")));
        view_text(row, "issuer", rows_text(rows, i, "holder"));
        view_flag(row, "reprint", rows_bool(rows, i, "reprint"));
        view_flag(row, "visible", rows_bool(rows, i, "visible"));
        view_text(row, "patient_name", text_empty(name) ? "（氏名未入力）" : name);
        view_text(row, "papers_path",
                  text_format(c->arena, "/patient/%s/papers",
                              publicid_hersys_plain(c->arena, rows_int(rows, i, "patient_id"))));
    }
}

void
papers_issued_show(struct context *c)
{
    const char *behind = request_query(c->request, "behind");
    enum db_status status;
    int64_t at;

    if (!is_centre(c))
        return;
    bool further = crypt_is_uuid(behind) &&
                   text_to_int(request_query(c->request, "at"), 0, INT64_MAX / 2, &at) == 0;
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_paper_list,
               db_int(c->arena, c->session.organisation_id), further ? db_int(c->arena, at) : NULL,
               further ? behind : LAST_PAPER);
    if (rows != NULL && rows_count(rows) > 0) {
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_list(trail, c->arena, "papers_list", rows, "");
        status = db_run(trail);
    }
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "発行した文書");
    fill_issued(c, view, rows);
    view_text(view, "next_path", "");
    if (rows_count(rows) > LIST_PAGE)
        view_text(view, "next_path",
                  text_format(c->arena, "/papers/issued?at=%s&behind=%s",
                              rows_text(rows, LIST_PAGE - 1, "cursor"),
                              rows_text(rows, LIST_PAGE - 1, "paper_id")));
    page_send(c, TEMPLATE_papers_issued, view);
}
