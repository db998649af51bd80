/*
 * cocoa.c - 処理番号 of the contact-confirming app (COCOA): the health centre's page that sends one, and the public page that takes
 * it, in the place of the app.
 */
#include "base/jtext.h"
#include "base/text.h"
#include "core/cocoa.h"
#include "page/handlers.h"
#include "page/patient_head.h"

/* Where an SMS reaches the patient: their own mobile number, else one of where they stay; NULL when neither is a mobile number. */
static const char *
mobile_of(struct context *c, const struct record *record)
{
    static const int items[] = {ITEM_phone, ITEM_stay_phone};
    const char *mobile = NULL;

    for (size_t i = 0; i < sizeof items / sizeof *items && mobile == NULL; i++)
        if (document_has(&record->doc, items[i]))
            mobile = jtext_mobile_digits(c->arena, record->doc.value[items[i]]);
    return mobile;
}

/* Why no number goes to a patient without a mobile number. */
static const char *
unreachable(const struct record *record)
{
    return document_has(&record->doc, ITEM_phone) || document_has(&record->doc, ITEM_stay_phone)
               ? "登録されているのは、携帯電話の番号ではありません。SMSを受け取れる番号を発生届に入力してください。"
               : "電話番号が登録されていません。発生届に電話番号を入力してください。";
}

static bool
open_page(struct context *c, struct record *record)
{
    return patient_open(c, 0, CLASS_confirmation, "cocoa_open", record) &&
           patient_may_edit(c, record, CLASS_confirmation);
}

/* How far the SMS of the newest number got. */
static void
fill_last(struct view *view, const struct rows *rows)
{
    static const char *const states[][2] = {
        {"waiting", "まだ送っていません。"},
        {"sent", "送りました。届いたかどうかは、まだ分かりません。"},
        {"arrived", "電話に届きました。"},
        {"failed", "届きませんでした。理由は「送れなかった連絡」の画面にあります。"},
    };
    bool any = rows_count(rows) > 0;

    view_text(view, "last_issued", any ? rows_text(rows, 0, "issued") : "");
    for (size_t i = 0; any && i < sizeof states / sizeof *states; i++)
        if (text_same(states[i][0], rows_text(rows, 0, "state")))
            view_text(view, "last_state", states[i][1]);
}

static void
show(struct context *c, const struct record *record, const char *problem)
{
    enum db_status status;
    const struct rows *last = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_cocoa_last,
                                     db_int(c->arena, record->patient_id));
    if (last == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = patient_view(c, record, "status");
    const char *mobile = mobile_of(c, record);

    fill_last(view, last);
    view_text(view, "title", "接触確認アプリの処理番号");
    view_text(view, "problem", problem);
    view_text(view, "phone", mobile == NULL ? "" : jtext_phone_shown(c->arena, mobile));
    view_text(view, "cocoa_path", patient_path(c, record, "cocoa"));
    view_text(view, "status_path", patient_path(c, record, "status"));
    page_send(c, TEMPLATE_patient_cocoa, view);
}

void
patient_cocoa_show(struct context *c)
{
    struct record record;

    if (open_page(c, &record))
        show(c, &record, NULL);
}

/* Why the database refused, by its code (core/cocoa.h). */
static const char *
refusal(struct context *c)
{
    static const struct {
        const char *sqlstate, *words;
    } refusals[] = {
        {"HS429", "1日に発行できる数を超えました。時間をおいて発行してください。"},
        {"HS422", "この電話番号には、SMSを送れません。発生届の電話番号を確かめてください。"},
    };

    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (text_same(db_last_sqlstate(c->db), refusals[i].sqlstate))
            return refusals[i].words;
    return "処理番号を発行できるのは、担当保健所です。担当が変わっていないか確かめてください。";
}

void
patient_cocoa_post(struct context *c)
{
    struct record record;
    struct desk desk = patient_desk(c);

    if (!open_page(c, &record))
        return;
    const char *mobile = mobile_of(c, &record);
    if (request_value(c->request, "wished")[0] == '\0') {
        show(c, &record, "ご本人の希望を確かめて、印を付けてください。");
        return;
    }
    if (mobile == NULL) {
        show(c, &record, unreachable(&record));
        return;
    }
    enum notify_result result = patient_ready(c, &record); /* the number goes where the page said */
    if (result == NOTIFY_OK)
        result = cocoa_issue(&desk, &record, mobile);
    if (result == NOTIFY_CONFLICT)
        show(c, &record, patient_changed_meanwhile);
    else if (result == NOTIFY_REFUSED)
        show(c, &record, refusal(c));
    else
        patient_conclude(c, result, patient_path(c, &record, "status"), "cocoa_sent");
}

/* ---- in the place of the app --------------------------------------------------------------------------------------- */

static void
show_public(struct context *c, const char *problem, bool accepted)
{
    struct view *view = page_view(c, "接触確認アプリの処理番号");

    view_text(view, "problem", problem);
    view_flag(view, "accepted", accepted);
    page_send(c, TEMPLATE_cocoa, view);
}

void
cocoa_show(struct context *c)
{
    show_public(c, NULL, false);
}

void
cocoa_post(struct context *c)
{
    const char *number = jtext_phone_digits(c->arena, request_value(c->request, "number"));
    bool valid = false;

    if (number == NULL || text_length(number) != COCOA_DIGITS) {
        show_public(c, "処理番号は8桁の数字です。SMSの番号を確かめてください。", false);
        return;
    }
    enum db_status status = cocoa_redeem(c->db, c->arena, &c->app->keys, number, &valid);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        show_public(c, valid ? NULL : "この処理番号は使えません。期限（1時間）が過ぎたか、すでに使われています。", valid);
}
