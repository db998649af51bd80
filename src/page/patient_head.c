/* patient_head.c - see patient_head.h. */
#include "page/patient_head.h"

#include <string.h>

#include "base/crypt.h"
#include "base/publicid.h"
#include "base/text.h"
#include "page/same.h"

/* The tabs that are not made of entries, before and after those that are, with the class whose right opens each. */
struct head_tab {
    const char *below, *label;
    enum item_class class;
};

static const struct head_tab first_tabs[] = {
    {"", "発生届", CLASS_clinical},
    {"timeline", "経過", CLASS_clinical},
    {"status", "記録（ステータス）", CLASS_status},
}, last_tabs[] = {
    {"papers", "文書", CLASS_papers},
    {"assignment", "担当・関係保健所", CLASS_assignment},
    {"history", "変更履歴", CLASS_history},
    {"viewers", "閲覧記録", CLASS_viewers},
};

const char *
patient_path(struct context *c, const struct record *record, const char *below)
{
    return text_format(c->arena, "/patient/%s%s%s",
                       publicid_hersys_plain(c->arena, record->patient_id),
                       below[0] == '\0' ? "" : "/", below);
}

const char *
notification_path(struct context *c, const struct record *record, const char *below)
{
    return text_format(c->arena, "%s/notification/%d%s%s", patient_path(c, record, ""),
                       record->notification.no, below[0] == '\0' ? "" : "/", below);
}

struct desk
patient_desk(struct context *c)
{
    const char *form_id = request_value(c->request, "form_id");

    return (struct desk){c->db, c->arena, &c->app->keys, &c->session,
                         crypt_is_uuid(form_id) ? form_id : NULL};
}

enum notify_result
patient_ready(struct context *c, const struct record *record)
{
    struct desk desk = patient_desk(c);
    int64_t version = -1;

    text_to_int(request_value(c->request, "version"), 0, INT32_MAX, &version);
    return notify_ready(&desk, record, (int)version);
}

const char patient_changed_meanwhile[] =
    "この画面を開いたあとで、この患者の記録が変わりました。いまの内容を確かめて、もう一度押してください。";

void
patient_conclude(struct context *c, enum notify_result result, const char *path, const char *notice)
{
    switch (result) {
    case NOTIFY_OK:
    case NOTIFY_REPEATED:
        page_redirect_with(c, path, notice);
        return;
    case NOTIFY_CONFLICT:
        page_conflict(c, "同時に変更されました",
                      "この画面を開いたあとで、この患者の記録が変わりました。もう一度開いて、内容を確かめてください。");
        return;
    case NOTIFY_REFUSED:
        page_conflict(c, "この操作はできませんでした",
                      "すでに削除・追加登録されているか、担当が変わっています。もう一度開いて確かめてください。");
        return;
    case NOTIFY_FAILED:
        page_database_failed(c, DB_LOST);
    }
}

/* Answers unless the record was loaded and the class may be seen. */
static bool
may_show(struct context *c, enum record_result result, enum item_class class,
         const struct record *record)
{
    switch (result) {
    case RECORD_OK:
        break;
    case RECORD_NOT_FOUND:
        if (!same_lead_on(c, path_patient(c, 1)))
            page_not_found(c);
        return false;
    case RECORD_FAILED:
        page_database_failed(c, DB_LOST);
        return false;
    }
    if (rights_may_view(record->rights, class))
        return true;
    page_forbidden(c, rights_because(c->session.kind, record->relations));
    return false;
}

bool
patient_open(struct context *c, int no, enum item_class class, const char *action,
             struct record *record)
{
    struct desk desk = patient_desk(c);

    return may_show(c, record_load(&desk, path_patient(c, 1), no, action, record), class, record);
}

bool
patient_open_with(struct context *c, enum item_class class, const char *action,
                  struct record *record, struct record_more *more, size_t count)
{
    struct desk desk = patient_desk(c);

    return may_show(c, record_load_with(&desk, path_patient(c, 1), 0, action, record, more, count),
                    class, record);
}

bool
patient_may_edit(struct context *c, const struct record *record, enum item_class class)
{
    if (rights_may_edit(record->rights, class) && !record->sealed)
        return true;
    page_forbidden(c, record->sealed ? "この方の発生届は削除されています。先に削除を取り消してください。"
                                     : rights_because(c->session.kind, record->relations));
    return false;
}

/* The notification number in the path; 0 when it is none. */
static int
path_number(struct context *c)
{
    int64_t no;

    return text_to_int(path_part(c, 3), 1, 1000, &no) == 0 ? (int)no : 0;
}

bool
patient_open_notification(struct context *c, enum item_class class, const char *action,
                          struct record *record)
{
    int no = path_number(c);

    if (no == 0) {
        page_not_found(c);
        return false;
    }
    if (!patient_open(c, no, class, action, record))
        return false;
    if (record->notification.no != 0)
        return true;
    page_not_found(c);
    return false;
}

const char *
patient_submitted(const struct record *record)
{
    const struct rows *rows = record->submissions;

    for (size_t i = 0; i < rows_count(rows); i++)
        if (text_same(rows_text(rows, i, "category"), record->doc.value[ITEM_category]))
            return rows_text(rows, i, "submitted");
    return "";
}

const char *
patient_name(struct context *c, const struct record *record)
{
    const char *family = record->doc.value[ITEM_family_name];
    const char *given = record->doc.value[ITEM_given_name];

    if (!rights_may_view(record->rights, CLASS_identity))
        return "（氏名は表示されません）";
    if (text_empty(family) && text_empty(given))
        return "（氏名未入力）";
    return text_format(c->arena, "%s　%s", family == NULL ? "" : family, given == NULL ? "" : given);
}

static void
fill_person(struct context *c, struct view *view, const struct record *record)
{
    const struct document *doc = &record->doc;
    bool known = rights_may_view(record->rights, CLASS_identity);
    const char *family = doc->value[ITEM_family_kana], *given = doc->value[ITEM_given_kana];
    bool has_sex = known && document_has(doc, ITEM_sex);
    bool has_age = known && document_has(doc, ITEM_age_years);

    view_text(view, "patient_name", patient_name(c, record));
    view_format(view, "patient_kana", "%s%s%s", known && family != NULL ? family : "",
                known && given != NULL ? "　" : "", known && given != NULL ? given : "");
    view_text(view, "patient_sex",
              has_sex ? document_shown(c->arena, doc, ITEM_sex) : record->label_sex);
    view_text(view, "patient_birth", known ? document_shown(c->arena, doc, ITEM_birth_date) : "");
    view_text(view, "patient_age",
              has_age ? document_shown(c->arena, doc, ITEM_age_years) : record->label_age);
    view_text(view, "hersys_id", publicid_hersys(c->arena, record->patient_id));
    view_text(view, "phone_id", publicid_phone(c->arena, record->patient_id));
}

/* What stands under 健康観察: one tab of the bar, with a bar of their own below it. */
static const enum tab follow_tabs[] = {TAB_observation, TAB_opinion, TAB_period, TAB_notice, TAB_survey};

static const char *
below_of(struct context *c, enum tab tab)
{
    return text_format(c->arena, "tab/%s", dictionary_tab_name(tab));
}

static bool
is_follow_tab(enum tab tab)
{
    for (size_t i = 0; i < sizeof follow_tabs / sizeof *follow_tabs; i++)
        if (follow_tabs[i] == tab)
            return true;
    return false;
}

static void
fill_tab(struct context *c, struct view *row, const struct record *record, const char *below, const char *label,
         bool current)
{
    view_text(row, "tab_path", patient_path(c, record, below));
    view_text(row, "tab_label", label);
    view_flag(row, "is_current", current);
}

static void
add_tab(struct context *c, struct view *view, const struct record *record, const char *below,
        const char *label, const char *current)
{
    fill_tab(c, view_row(view, "tabs"), record, below, label, strcmp(below, current) == 0);
}

/* A tab of added items (独自項目) stands there only where somebody has added one. */
static bool
has_items(const struct record *record, const struct record_tab *tab)
{
    const struct rows *rows = record->local_tabs;

    for (size_t i = 0; tab->added && i < rows_count(rows); i++)
        if (text_same(rows_text(rows, i, "tab"), dictionary_tab_name(tab->tab)))
            return true;
    return !tab->added;
}

/* The tabs of dictionary/tabs.rec that may be seen, those of 健康観察 as one; when one of these is shown, all of them below. */
static void
add_entry_tabs(struct context *c, struct view *view, const struct record *record, const char *current)
{
    const struct record_tab *shown = text_starts(current, "tab/") ? dictionary_record_tab(current + 4) : NULL;
    bool below = shown != NULL && is_follow_tab(shown->tab);

    view_flag(view, "has_subtabs", below);
    view_list(view, "subtabs");
    for (int i = 0; i < RECORD_TAB_COUNT; i++) {
        const struct record_tab *tab = &dictionary_tabs[i];
        const char *path = below_of(c, tab->tab);
        if (!rights_may_view(record->rights, tab->class) || !has_items(record, tab))
            continue;
        if (tab->tab == TAB_observation)
            fill_tab(c, view_row(view, "tabs"), record, path, tab->label, below);
        else if (!is_follow_tab(tab->tab))
            add_tab(c, view, record, path, tab->label, current);
        if (below && is_follow_tab(tab->tab))
            fill_tab(c, view_row(view, "subtabs"), record, path,
                     tab->tab == TAB_observation ? "毎日の様子" : tab->label, tab == shown);
    }
}

static void
add_tabs(struct context *c, struct view *view, const struct record *record,
         const struct head_tab *tabs, size_t count, const char *current)
{
    for (size_t i = 0; i < count; i++)
        if (rights_may_view(record->rights, tabs[i].class))
            add_tab(c, view, record, tabs[i].below, tabs[i].label, current);
}

void
patient_fill_presence(struct view *view, const struct rows *presence)
{
    static const char *const columns[] = {"holder", "organisation", "at"};
    size_t count = presence == NULL ? 0 : rows_count(presence);

    view_flag(view, "has_presence", count > 0);
    view_list(view, "presence");
    for (size_t i = 0; i < count; i++) {
        struct view *row = view_row(view, "presence");
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            view_text(row, columns[k], rows_text(presence, i, columns[k]));
    }
}

struct view *
patient_view(struct context *c, const struct record *record, const char *tab)
{
    struct view *view = page_view(c, "患者の記録");
    struct current_status status = record_current_status(record);
    bool may_see_status = rights_may_view(record->rights, CLASS_status);

    fill_person(c, view, record);
    view_text(view, "version", db_int(c->arena, record->version));
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_text(view, "status_label",
              may_see_status ? dictionary_label(LIST_status, status.status) : "");
    /* Said where somebody cannot do everything: why, and whom to ask. */
    view_text(view, "because",
              rights_may_edit(record->rights, CLASS_assignment)
                  ? ""
                  : rights_because(c->session.kind, record->relations));
    patient_fill_presence(view, record->presence);
    view_list(view, "tabs");
    add_tabs(c, view, record, first_tabs, sizeof first_tabs / sizeof *first_tabs, tab);
    add_entry_tabs(c, view, record, tab);
    add_tabs(c, view, record, last_tabs, sizeof last_tabs / sizeof *last_tabs, tab);
    return view;
}
