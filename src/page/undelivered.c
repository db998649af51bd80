/*
 * undelivered.c - 送れなかった連絡: what failed for good, for the office that it concerns, and whom it was about, for whoever may know of them;
 * sent once more, or settled by a person.
 */
#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/message.h"
#include "dictionary/rights.h"
#include "page/area.h"
#include "page/handlers.h"
#include "page/sending.h"

enum { LIST_ROWS = 50 };

#define ANY_RELATION (~0u)

#define BEHIND_ALL "9223372036854775807"

/* What happened, in words, and what a person can do. As app.outbox.failure. */
static const struct {
    const char *failure, *words, *advice;
} failures[] = {
    {"refused", "宛先が使えないと、送り先から断られました。", "宛先の番号・アドレスを確かめてください。"},
    {"rejected", "携帯電話会社が受け付けませんでした。", "電話番号を確かめてください。固定電話にはSMSを送れません。"},
    {"undelivered", "相手の電話に届きませんでした。", "電源が入っていない、圏外、番号が変わった、などが考えられます。"},
    {"bounced", "前に届かなかった宛先のため、送っていません。", "宛先を確かめてから、もう一度送ってください。"},
    {"expired", "番号の有効期限までに送れませんでした。", "必要なら、新しい番号を発行してください。"},
    {"uncertain", "番号の有効期限までに、送れたかどうかを確かめられませんでした。", "必要なら、新しい番号を発行してください。"},
    {"no_address", "送り先の機関に、メールアドレスの登録がありません。", "「アカウント」の画面でメールアドレスを登録してから、もう一度送ってください。"},
    {"given_up", "途中の設備の不具合か、送り先の受信箱がいっぱいなどの理由で、届けられませんでした。",
     "急ぐときは、電話など別の方法で伝えてください。"},
};

static void
fill_failure(struct view *row, const char *failure)
{
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (text_same(failures[i].failure, failure)) {
            view_text(row, "why", failures[i].words);
            view_text(row, "advice", failures[i].advice);
        }
}

/* Whom it was about, with the way to them; nothing when there is nobody or they are not for this office. */
static void
fill_person(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    bool named = rights_may_view(rights_of(c->session.kind, ANY_RELATION), CLASS_identity);
    int64_t patient_id = rows_int(rows, i, "patient_id"), contact = rows_int(rows, i, "contact_no");
    const char *name = rows_text(rows, i, "name");

    view_text(row, "person_path", "");
    if (patient_id == 0)
        return;
    const char *path = text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, patient_id));
    view_text(row, "person_path",
              contact == 0 ? path : text_format(c->arena, "%s/tab/observation#person-%lld", path, (long long)contact));
    view_text(row, "person", !named ? publicid_hersys(c->arena, patient_id) : text_empty(name) ? "（氏名未入力）" : name);
    view_text(row, "contact", contact == 0 ? "" : text_format(c->arena, "の接触者 %lld番", (long long)contact));
}

static void
fill_row(struct context *c, struct view *view, const struct rows *rows, size_t i)
{
    struct view *row = view_row(view, "messages");

    view_text(row, "office_id", rows_text(rows, i, "organisation_id"));
    view_text(row, "message_id", rows_text(rows, i, "outbox_id"));
    view_text(row, "kind_label", message_label(rows_text(rows, i, "template")));
    view_text(row, "channel_label", text_same(rows_text(rows, i, "channel"), "sms") ? "SMS" : "メール");
    view_text(row, "to", rows_text(rows, i, "to_masked"));
    view_text(row, "at", rows_text(rows, i, "at"));
    view_text(row, "office", rows_text(rows, i, "office"));
    fill_person(c, row, rows, i);
    view_text(row, "settle_form", crypt_uuid(c->arena));
    view_text(row, "resend_form", crypt_uuid(c->arena));
    const char *to_now = rows_text(rows, i, "to_now");
    view_flag(row, "may_resend", to_now != NULL);
    view_flag(row, "no_way", rows_bool(rows, i, "may_resend") && to_now == NULL);
    view_text(row, "to_now", to_now);
    view_text(row, "why", "");
    view_text(row, "advice", "");
    fill_failure(row, rows_text(rows, i, "failure"));
}

/* Enters whoever will be shown in the trail; false with the status when that failed. */
static bool
audited(struct context *c, const struct rows *rows, enum db_status *status)
{
    struct db_batch *trail = db_batch(c->db, c->arena, c->session.token);

    for (size_t i = 0; i < rows_count(rows); i++)
        if (rows_text(rows, i, "patient_id") != NULL) {
            audit_list(trail, c->arena, "undelivered_list", rows, "");
            *status = db_run(trail);
            break;
        }
    return *status == DB_OK;
}

void
undelivered_show(struct context *c)
{
    enum db_status status;
    const char *typed = request_query(c->request, "before");
    const char *before = typed[0] == '\0' ? BEHIND_ALL : area_id(c, typed);
    bool all = c->session.kind == KIND_ministry;

    if (!area_kind(c, AREA_OFFICES, "undelivered"))
        return;
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, all ? SQL_undelivered_all : SQL_undelivered_office, area_mine(c), before);
    if (rows == NULL || !audited(c, rows, &status)) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "送れなかった連絡");
    view_flag(view, "all", all);
    view_int(view, "columns", all ? 7 : 6);
    view_list(view, "messages");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_ROWS; i++)
        fill_row(c, view, rows, i);
    view_text(view, "next_path",
              rows_count(rows) <= LIST_ROWS ? ""
                                            : text_format(c->arena, "/undelivered?before=%s",
                                                          rows_text(rows, LIST_ROWS - 1, "entry_no")));
    page_send(c, TEMPLATE_undelivered, view);
}

/* Whether it was refused because there is no way (any more); then that has been answered. */
static bool
has_no_way(struct context *c, enum db_status status)
{
    if (status != DB_REFUSED || !text_same(db_last_sqlstate(c->db), "HS422"))
        return false;
    page_conflict(c, "もう一度送れません",
                  "いまの登録に、送れる宛先がありません。携帯電話の番号を登録してから、もう一度押してください。番号をお知らせする連絡は、新しい番号を発行してください。");
    return true;
}

/* What can be done with an entry: /undelivered/:step. */
void
undelivered_post(struct context *c)
{
    static const struct {
        const char *step, *action, *notice;
        enum sql statement;
    } steps[] = {
        {"resend", "undelivered_resend", "undelivered_resent", SQL_undelivered_resend},
        {"settle", "undelivered_settle", "undelivered_settled", SQL_undelivered_settle},
    };
    const char *office = area_id(c, request_value(c->request, "office"));
    const char *message = area_id(c, request_value(c->request, "message"));
    size_t i = 0, count = sizeof steps / sizeof *steps;

    if (!area_kind(c, AREA_OFFICES, "undelivered"))
        return;
    while (i < count && !text_same(steps[i].step, path_part(c, 1)))
        i++;
    if (i == count) {
        page_not_found(c);
        return;
    }
    struct db_batch *batch = sending_begin(c);
    if (batch == NULL)
        return;
    DB_ADD(batch, steps[i].statement, office, message);
    audit_patient(batch, c->arena, steps[i].action, 0, text_format(c->arena, "message %s", message));
    enum db_status status = db_run(batch);
    if (!has_no_way(c, status))
        sending_conclude(c, status, steps[i].action, "/undelivered", steps[i].notice);
}
