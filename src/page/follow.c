/*
 * follow.c - 健康観察 as an office works through it: whom to ring first, who has not answered, whose observation ends; taking
 * somebody on, giving them back, being done with a note. Every section is a range of one index of the office's own list.
 */
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "core/audit.h"
#include "page/follow_rows.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_head.h"

enum {
    MOST_COUNTED = 500,
    FIRST_FEW = 10, /* of a section on the page of all */
    MOST_NOTE = 500,
    BEFORE_ALL = 4 /* a rank that nobody has */
};

#define OBSERVING                                                                                  \
    (1u << KIND_clinic | 1u << KIND_centre | 1u << KIND_followup | 1u << KIND_accommodation)

static const struct part {
    const char *name, *label, *lead, *empty;
} sections[] = {
    {"urgent", "急ぎ", "体温や症状が決まりの値を超えた方、前の答えより悪くなった方、折り返しの電話を希望した方です。急ぐ順に並べています。", "いまは、いません。"},
    {"silent", "まだ答えがない方", "答えをいただく時刻を過ぎた方です。長く待っている順に並べています。", "全員から答えをいただいています。"},
    {"ending", "きょう観察が終わる方", "きょうが観察の最終日です。", "いません。"},
    {"later", "あす以降も観察が続く方", "観察の終わりが近い順に並べています。", "いません。"},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static const struct press {
    const char *name, *action; /* the notice has the name of the action */
} presses[] = {
    {"claimed", "follow_claimed"},
    {"released", "follow_released"},
    {"settled", "follow_settled"},
};

/* Others have no such list: prefectures, cities and the ministry observe nobody themselves. */
static bool
observes(struct context *c)
{
    if ((OBSERVING & 1u << c->session.kind) != 0)
        return true;
    page_not_found(c);
    return false;
}

static const struct part *
find_section(const char *name)
{
    for (size_t i = 0; i < SECTIONS; i++)
        if (strcmp(sections[i].name, name) == 0)
            return &sections[i];
    return NULL;
}

/* ---- the lists ----------------------------------------------------------------------------------------------------- */

/* Behind which row a page begins; the first page without one in the address. */
struct cursor {
    int64_t rank, at;
    struct follow_key key;
};

static struct cursor
read_cursor(struct context *c)
{
    struct cursor first = {BEFORE_ALL, 0, {0, -1}}, at = first;

    at.key = follow_key_read(c->arena, request_query(c->request, "behind"));
    if (at.key.patient_id == 0 ||
        text_to_int(request_query(c->request, "rank"), 0, BEFORE_ALL, &at.rank) != 0 ||
        text_to_int(request_query(c->request, "at"), 0, INT64_MAX / 2, &at.at) != 0)
        return first;
    return at;
}

static unsigned
ask_section(struct context *c, struct db_batch *batch, const char *section, struct cursor at, int count)
{
    return DB_ADD(batch, SQL_follow_list, db_int(c->arena, c->session.organisation_id), section,
                  db_int(c->arena, at.rank), db_int(c->arena, at.at),
                  db_int(c->arena, at.key.patient_id), db_int(c->arena, at.key.contact_no),
                  db_int(c->arena, count));
}

/* How many there are, as far as they were counted: "12", "500以上". */
static const char *
counted(struct context *c, const struct rows *counts, const char *section)
{
    int64_t count = rows_int(counts, 0, section);

    return text_format(c->arena, "%lld%s", (long long)count, count >= MOST_COUNTED ? "以上" : "");
}

static void
fill_section(struct context *c, struct view *view, const struct part *section,
             const struct rows *rows, size_t shown, const struct rows *counts)
{
    struct view *part = view_row(view, "sections");

    view_text(part, "section", section->name);
    view_text(part, "section_label", section->label);
    view_text(part, "section_lead", section->lead);
    view_text(part, "section_empty", section->empty);
    view_text(part, "section_count", counted(c, counts, section->name));
    view_flag(part, "has_rows", rows_count(rows) > 0);
    view_list(part, "rows");
    for (size_t i = 0; i < rows_count(rows) && i < shown; i++)
        follow_row_fill(c, view_row(part, "rows"), rows, i);
    view_text(part, "more_path",
              rows_count(rows) > shown ? text_format(c->arena, "/follow/%s", section->name) : "");
}

/* Enters everybody who will be shown in the trail. False when that failed, which has been answered. */
static bool
audited(struct context *c, const struct rows *const lists[], size_t count)
{
    struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);
    enum db_status status = DB_OK;
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        audit_list(trail, c->arena, "follow_list", lists[i], "");
        any = any || rows_count(lists[i]) > 0;
    }
    if (any)
        status = db_run(trail);
    if (status != DB_OK)
        page_database_failed(c, status);
    return status == DB_OK;
}

void
follow_show(struct context *c)
{
    static const struct cursor first = {BEFORE_ALL, 0, {0, -1}};
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const struct rows *lists[SECTIONS];
    unsigned list = 0;

    if (!observes(c))
        return;
    for (size_t i = 0; i < SECTIONS; i++)
        list = ask_section(c, batch, sections[i].name, first, FIRST_FEW + 1);
    unsigned counts = DB_ADD(batch, SQL_follow_counts, db_int(c->arena, c->session.organisation_id),
                             db_int(c->arena, MOST_COUNTED));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    for (size_t i = 0; i < SECTIONS; i++)
        lists[i] = db_rows(batch, list - (unsigned)(SECTIONS - 1 - i));
    if (!audited(c, lists, SECTIONS))
        return;
    struct view *view = page_view(c, "健康観察");
    view_text(view, "as_of", date_time_now(c->arena));
    view_text(view, "back", "");
    view_text(view, "note", "");
    view_list(view, "sections");
    for (size_t i = 0; i < SECTIONS; i++)
        fill_section(c, view, &sections[i], lists[i], FIRST_FEW, db_rows(batch, counts));
    page_send(c, TEMPLATE_follow, view);
}

void
follow_section_show(struct context *c)
{
    const struct part *section = find_section(path_part(c, 1));
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    if (!observes(c))
        return;
    if (section == NULL) {
        page_not_found(c);
        return;
    }
    unsigned list = ask_section(c, batch, section->name, read_cursor(c), LIST_PAGE + 1);
    unsigned counts = DB_ADD(batch, SQL_follow_counts, db_int(c->arena, c->session.organisation_id),
                             db_int(c->arena, MOST_COUNTED));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, list);
    if (!audited(c, &rows, 1))
        return;
    struct view *view = page_view(c, text_format(c->arena, "健康観察：%s", section->label));
    view_text(view, "as_of", date_time_now(c->arena));
    view_text(view, "back", section->name);
    view_text(view, "note", "");
    view_list(view, "sections");
    fill_section(c, view, section, rows, LIST_PAGE, db_rows(batch, counts));
    view_text(view, "next_path", "");
    if (rows_count(rows) > LIST_PAGE) {
        size_t last = LIST_PAGE - 1;
        struct follow_key key = {rows_int(rows, last, "patient_id"), (int)rows_int(rows, last, "contact_no")};
        view_text(view, "next_path",
                  text_format(c->arena, "/follow/%s?rank=%s&at=%s&behind=%s", section->name,
                              rows_text(rows, last, "cursor_rank"), rows_text(rows, last, "cursor_at"),
                              follow_key_text(c->arena, key)));
    }
    page_send(c, TEMPLATE_follow_section, view);
}

/* ---- a press ------------------------------------------------------------------------------------------------------- */

/* The one person again, with what stands against the press, and the note as it was typed. Into the trail goes who is really shown. */
static void
show_again(struct context *c, struct follow_key key, int status, const char *problem)
{
    struct cursor at = {BEFORE_ALL, 0, key};
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned list = ask_section(c, batch, "one", at, 1);

    DB_ADD(batch, SQL_follow_one_shown, db_int(c->arena, c->session.organisation_id), db_int(c->arena, key.patient_id),
           db_int(c->arena, key.contact_no));
    enum db_status result = db_run(batch);
    if (result != DB_OK) {
        page_database_failed(c, result);
        return;
    }
    const struct rows *rows = db_rows(batch, list);
    if (rows_count(rows) == 0) {
        page_conflict(c, "同時に変更されました", "この方の観察は、もう終わっています。一覧を開き直してください。");
        return;
    }
    struct view *view = page_view(c, "健康観察");
    const char *holder = rows_text(rows, 0, "holder");
    bool taken = holder != NULL && rows_int(rows, 0, "claimed_by") != c->session.account_id;
    view_text(view, "problem",
              taken ? text_format(c->arena, "%s（%s）が引き受けています。%s", holder,
                                  rows_text(rows, 0, "holder_office"), problem)
                    : problem);
    view_text(view, "back", find_section(request_value(c->request, "back")) == NULL
                                ? ""
                                : request_value(c->request, "back"));
    view_text(view, "note", request_value(c->request, "note"));
    view_flag(view, "opened", true);
    follow_row_fill(c, view, rows, 0);
    page_send_status(c, status, TEMPLATE_follow_one, view);
}

/* Somebody who may not: told so, and in the trail. */
static void
refuse(struct context *c, const struct press *press, struct follow_key key)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    audit_denied(batch, c->arena, press->action, key.patient_id, db_int(c->arena, key.contact_no));
    enum db_status status = db_run(batch);
    if (status == DB_OK)
        page_forbidden(c, "健康観察に対応できるのは、担当保健所と、結び付けられた機関です。");
    else
        page_database_failed(c, status);
}

/* To the page from which it was pressed. */
static const char *
back_path(struct context *c)
{
    const struct part *section = find_section(request_value(c->request, "back"));

    return section == NULL ? "/follow" : text_format(c->arena, "/follow/%s", section->name);
}

static void
press_do(struct context *c, const struct press *press, struct follow_key key, const char *note)
{
    struct desk desk = patient_desk(c);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *id = db_int(c->arena, key.patient_id), *contact = db_int(c->arena, key.contact_no);

    DB_ADD(batch, SQL_receipt_add, desk.form_id, id, "0");
    DB_ADD(batch, SQL_follow_press, id, contact, press->name, note, request_value(c->request, "seen"));
    audit_patient(batch, c->arena, press->action, key.patient_id, contact);
    enum notify_result result = notify_result_of(c->db, db_run(batch));
    if (result == NOTIFY_CONFLICT)
        show_again(c, key, 409, "この画面を開いたあとで、新しい答えがあったか、ほかの方が対応しました。いまの内容を確かめてください。");
    else if (result == NOTIFY_REFUSED)
        refuse(c, press, key);
    else
        patient_conclude(c, result, back_path(c), press->action);
}

void
follow_post(struct context *c)
{
    struct follow_key key = follow_key_read(c->arena, request_value(c->request, "person"));
    const char *name = request_value(c->request, "press");
    const char *note = text_trim(c->arena, request_value(c->request, "note"));
    const struct press *press = presses, *end = presses + sizeof presses / sizeof *presses;

    if (!observes(c))
        return;
    while (press < end && strcmp(press->name, name) != 0)
        press++;
    if (press == end || key.patient_id == 0 || patient_desk(c).form_id == NULL)
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
    else if (strcmp(press->name, "settled") == 0 && note[0] == '\0')
        show_again(c, key, 200, "したことを書いてください。例：電話で確認、受診を手配");
    else if (text_length(note) > MOST_NOTE)
        show_again(c, key, 200, text_format(c->arena, "したことは%d文字以内で書いてください。", MOST_NOTE));
    else
        press_do(c, press, key, note);
}
