/* contacts.c - the contacts whom a health centre observes, the most urgent first; what was done is one press in its row. */
#include <string.h>

#include "base/crypt.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/contacts.h"
#include "page/area.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_head.h"

/* What may be pressed: an item of the contact becomes a code. */
static const struct press {
    const char *name, *label;
    int item;
    const char *code;
} presses[] = {
    {"reached", "連絡済", ITEM_contact_reached, "reached"},
    {"no_answer", "不通", ITEM_contact_reached, "no_answer"},
    {"refused", "拒否", ITEM_contact_reached, "refused"},
    {"ended", "観察終了", ITEM_contact_outcome, "ended"},
};

/* Behind which row a page begins. */
struct cursor {
    int64_t rank;
    const char *until;
    int64_t patient_id, no;
};

/*
 * The first page, the first of those whose observation ends (behind whom nothing says when it ends), or the page that the
 * address names.
 */
static struct cursor
read_cursor(struct context *c)
{
    struct cursor at = {-1, "-infinity", 0, 0};
    struct contact_key key = contacts_key(c->arena, request_query(c->request, "behind"));
    const char *until = request_query(c->request, "until");

    if (strcmp(request_query(c->request, "show"), "ending") == 0)
        at = (struct cursor){1, "-infinity", INT64_MAX, 0};
    if (key.patient_id == 0 || text_to_int(request_query(c->request, "rank"), 0, 1, &at.rank) != 0)
        return at;
    at.until = date_from_iso(until) == DATE_NONE ? "-infinity" : until;
    at.patient_id = key.patient_id;
    at.no = key.no;
    return at;
}

static const char *
key_of(struct context *c, const struct rows *rows, size_t i)
{
    struct contact_key key = {rows_int(rows, i, "patient_id"), (int)rows_int(rows, i, "entry_no")};

    return contacts_key_text(c->arena, key);
}

/* "きょうまで" and the like; how urgent it is stands beside it in words. */
static void
fill_until(struct context *c, struct view *row, const char *until)
{
    date_day day = date_from_iso(until), today = date_today();

    view_text(row, "until", day == DATE_NONE ? "未定" : date_slashed(c->arena, day));
    view_flag(row, "over", day != DATE_NONE && day < today);
    view_flag(row, "today", day == today);
}

static void
fill_presses(struct view *row, const char *reached)
{
    view_list(row, "presses");
    for (size_t i = 0; i < sizeof presses / sizeof *presses; i++) {
        if (text_same(reached, presses[i].code))
            continue;
        struct view *press = view_row(row, "presses");
        view_text(press, "press", presses[i].name);
        view_text(press, "press_label", presses[i].label);
    }
}

static void
fill_contact(struct context *c, struct view *view, const struct rows *rows, size_t i)
{
    struct view *row = view_row(view, "contacts");
    int64_t patient = rows_int(rows, i, "patient_id");
    const char *name = rows_text(rows, i, "name"), *phone = rows_text(rows, i, "phone");
    const char *reached = rows_text(rows, i, "reached"), *case_name = rows_text(rows, i, "case_name");
    const char *path = text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, patient));

    view_text(row, "name", text_empty(name) ? "（氏名未入力）" : name);
    view_text(row, "kana", rows_text(rows, i, "kana"));
    view_text(row, "phone", text_empty(phone) ? "" : jtext_phone_shown(c->arena, phone));
    view_text(row, "relation",
              dictionary_label(LIST_contact_relation, rows_text(rows, i, "relation")));
    view_text(row, "close", dictionary_label(LIST_contact_close, rows_text(rows, i, "close")));
    view_text(row, "reached",
              text_empty(reached) ? "未連絡" : dictionary_label(LIST_contact_reached, reached));
    view_flag(row, "is_reached", rows_int(rows, i, "rank") == 1);
    view_text(row, "last_on", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "last_on"))));
    fill_until(c, row, rows_text(rows, i, "until"));
    view_text(row, "case_name", text_empty(case_name) ? "（氏名未入力）" : case_name);
    view_text(row, "grid_path", text_format(c->arena, "%s/contacts", path));
    view_text(row, "entry_path",
              text_format(c->arena, "%s/tab/contact/%s", path, rows_text(rows, i, "entry_no")));
    view_text(row, "promote_path",
              text_format(c->arena, "/notification/new?contact=%s", key_of(c, rows, i)));
    view_text(row, "key", key_of(c, rows, i));
    view_text(row, "row_version", rows_text(rows, i, "version"));
    view_text(row, "form_id", crypt_uuid(c->arena));
    fill_presses(row, reached);
}

void
contacts_show(struct context *c)
{
    struct cursor at = read_cursor(c);
    enum db_status status;

    if (!area_kind(c, AREA_KIND(centre), "contact_list"))
        return;
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_contact_watch,
               db_int(c->arena, c->session.organisation_id), db_int(c->arena, at.rank), at.until,
               db_int(c->arena, at.patient_id), db_int(c->arena, at.no));
    if (rows != NULL && rows_count(rows) > 0) {
        struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
        audit_list(trail, c->arena, "contact_list", rows, "");
        status = db_run(trail);
    }
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "健康観察中の接触者");
    view_text(view, "as_of", date_time_now(c->arena));
    view_list(view, "contacts");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_PAGE; i++)
        fill_contact(c, view, rows, i);
    view_text(view, "next_path", "");
    if (rows_count(rows) > LIST_PAGE)
        view_text(view, "next_path",
                  text_format(c->arena, "/contacts?rank=%s&until=%s&behind=%s",
                              rows_text(rows, LIST_PAGE - 1, "rank"),
                              rows_text(rows, LIST_PAGE - 1, "cursor_until"),
                              key_of(c, rows, LIST_PAGE - 1)));
    page_send(c, TEMPLATE_contacts, view);
}

void
contacts_post(struct context *c)
{
    struct desk desk = patient_desk(c);
    struct contact_key key = contacts_key(c->arena, request_value(c->request, "contact"));
    const char *name = request_value(c->request, "press");
    const struct press *press = presses, *end = presses + sizeof presses / sizeof *presses;
    int64_t version = 0;

    if (!area_kind(c, AREA_KIND(centre), "contact_list"))
        return;
    while (press < end && strcmp(press->name, name) != 0)
        press++;
    if (press == end || key.patient_id == 0 ||
        text_to_int(request_value(c->request, "row_version"), 1, INT32_MAX, &version) != 0) {
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
        return;
    }
    enum notify_result result =
        contacts_mark(&desk, key.patient_id, key.no, (int)version, press->item, press->code);
    if (result == NOTIFY_CONFLICT)
        page_conflict(c, "同時に変更されました",
                      "この一覧を開いたあとで、この接触者の記録が変わったか、取り消されました。一覧を開き直して確かめてください。");
    else if (result == NOTIFY_REFUSED)
        page_forbidden(c, "接触者の記録を変更できるのは、担当保健所だけです。");
    else
        patient_conclude(c, result, "/contacts", "entry");
}
