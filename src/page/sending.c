/*
 * sending.c - 連絡の送信: what the ministry sees and sets of mail, SMS and calls. One switch that stops all of it, what waits and why, the
 * limits of each channel and its quiet hours.
 */
#include "page/sending.h"

#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "core/audit.h"
#include "page/area.h"
#include "page/handlers.h"
#include "page/patient_head.h"
#include "page/simple_form.h"

enum { MOST_COUNTED = 1000, MOST_A_DAY = 100000000, REASON_MAX = 200 };

static const struct channel {
    const char *name, *label;
    const char *tried, *delivered, *undelivered; /* what is counted; "": nothing tells */
} channels[] = {
    {"sms", "SMS", "きょう送信を試みた回数（上限に数えます）", "届いたと知らせがあったもの", "届かなかったもの"},
    {"mail", "メール", "きょう送信を試みた回数（上限に数えます）", "", ""},
    {"call", "自動の電話", "きょうかけた回数（上限に数えます）", "答えがあったもの", "答えがなかったもの"},
};
enum { CHANNEL_COUNT = sizeof channels / sizeof *channels };

static const struct channel *
channel_find(const char *name)
{
    for (size_t i = 0; i < CHANNEL_COUNT; i++)
        if (text_same(channels[i].name, name))
            return &channels[i];
    return NULL;
}

struct db_batch *
sending_begin(struct context *c)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    struct desk desk = patient_desk(c);

    if (desk.form_id == NULL) {
        page_bad_request(c, "ページを開き直して、もう一度押してください。");
        return NULL;
    }
    DB_ADD(batch, SQL_receipt_add, desk.form_id, "0", "0");
    return batch;
}

void
sending_conclude(struct context *c, enum db_status status, const char *action, const char *path,
                 const char *notice)
{
    switch (notify_result_of(c->db, status)) {
    case NOTIFY_OK:
    case NOTIFY_REPEATED:
        page_redirect_with(c, path, notice);
        return;
    case NOTIFY_CONFLICT:
        page_conflict(c, "すでに変わっています",
                      "この画面を開いたあとで、別の方が操作しました。画面を開き直して、いまの状態を確かめてください。");
        return;
    case NOTIFY_REFUSED:
        area_refuse(c, action, "");
        return;
    case NOTIFY_FAILED:
        page_database_failed(c, status);
    }
}

/* ---- the overview -------------------------------------------------------------------------------------------------- */

static void
fill_stops(struct view *view, const struct rows *rows)
{
    bool stopped = rows_count(rows) > 0 && rows_bool(rows, 0, "holds");

    view_flag(view, "stopped", stopped);
    view_text(view, "stop_id", stopped ? rows_text(rows, 0, "stop_id") : "");
    view_text(view, "stop_at", stopped ? rows_text(rows, 0, "stopped") : "");
    view_text(view, "stop_by", stopped ? rows_text(rows, 0, "stopped_by") : "");
    view_text(view, "stop_reason", stopped ? rows_text(rows, 0, "reason") : "");
    view_flag(view, "stop_keeps_codes", stopped && rows_bool(rows, 0, "keeps_codes"));
    view_list(view, "stops");
    for (size_t i = stopped; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "stops");
        view_text(row, "was_from", rows_text(rows, i, "stopped"));
        view_text(row, "was_by", rows_text(rows, i, "stopped_by"));
        view_text(row, "was_until", rows_text(rows, i, "resumed"));
        view_text(row, "was_ended_by", rows_text(rows, i, "resumed_by"));
        view_text(row, "was_why", rows_text(rows, i, "reason"));
    }
}

/* What waits is counted no further (app.sending_waiting); sums are known. */
static const char *
counted(struct context *c, int64_t count)
{
    return count > MOST_COUNTED ? "1000件以上" : text_format(c->arena, "%lld件", (long long)count);
}

static const char *
limit_words(struct context *c, const struct rows *rows, size_t i, const char *column)
{
    const char *limit = rows_text(rows, i, column);

    return text_empty(limit) ? "制限なし" : text_format(c->arena, "%s件", limit);
}

/* What waits in a channel, a line for each reason. */
static void
fill_waiting(struct context *c, struct view *view, const char *channel, const struct rows *waiting)
{
    static const char *const reasons[][2] = {
        {"due", "まもなく送るもの"},           {"later", "返事や次の送信を待つもの"},
        {"night", "朝を待つもの"},             {"limit", "1日の上限で待つもの"},
        {"number", "宛先ごとの上限で待つもの"}, {"stopped", "停止で待つもの"}};

    view_list(view, "waiting");
    for (size_t r = 0; r < sizeof reasons / sizeof *reasons; r++)
        for (size_t i = 0; i < rows_count(waiting); i++) {
            if (!text_same(rows_text(waiting, i, "channel"), channel) ||
                !text_same(rows_text(waiting, i, "reason"), reasons[r][0]))
                continue;
            struct view *row = view_row(view, "waiting");
            view_text(row, "wait_label", reasons[r][1]);
            view_text(row, "wait_count", counted(c, rows_int(waiting, i, "count")));
        }
}

static void
fill_channel(struct context *c, struct view *view, const struct rows *rows, size_t i, const struct rows *waiting)
{
    const char *name = rows_text(rows, i, "channel"), *from = rows_text(rows, i, "quiet_from");
    const struct channel *channel = channel_find(name);
    struct view *row = view_row(view, "channels");

    view_text(row, "channel", name);
    view_text(row, "channel_label", channel->label);
    view_text(row, "tried_label", channel->tried);
    view_text(row, "delivered_label", channel->delivered);
    view_text(row, "undelivered_label", channel->undelivered);
    view_text(row, "channel_path", text_format(c->arena, "/sending/%s", name));
    view_text(row, "daily", limit_words(c, rows, i, "daily_most"));
    view_text(row, "address", limit_words(c, rows, i, "address_most"));
    view_text(row, "quiet", from == NULL ? "なし"
                                         : text_format(c->arena, "%s～%s", from, rows_text(rows, i, "quiet_until")));
    view_text(row, "tried", rows_text(rows, i, "tried"));
    view_text(row, "delivered", rows_text(rows, i, "delivered"));
    view_text(row, "undelivered", rows_text(rows, i, "undelivered"));
    view_text(row, "refused", rows_int(rows, i, "refused") == 0 ? "" : rows_text(rows, i, "refused"));
    view_text(row, "changed", rows_text(rows, i, "changed"));
    view_text(row, "changed_by", rows_text(rows, i, "changed_by"));
    fill_waiting(c, row, name, waiting);
}

static void
fill_kinds(struct context *c, struct view *view, const struct rows *rows)
{
    view_list(view, "kinds");
    for (size_t i = 0; i < rows_count(rows); i++) {
        long long minutes = (long long)rows_int(rows, i, "valid_minutes");
        bool hours = minutes % 60 == 0;
        struct view *row = view_row(view, "kinds");
        view_text(row, "kind_label", rows_text(rows, i, "label"));
        view_text(row, "kind_when",
                  rows_bool(rows, i, "urgent") ? "すぐに（夜間も、上限を超えても）" : "夜間は、朝まで待ってから");
        view_text(row, "kind_valid",
                  minutes == 0 ? ""
                               : text_format(c->arena, "%lld%sを過ぎたら送らない", hours ? minutes / 60 : minutes,
                                             hours ? "時間" : "分"));
    }
}

/* `reason`, `keeps_codes`: what was typed and ticked, to be shown again with the problem. */
static void
show(struct context *c, const char *problem, const char *reason, bool keeps_codes)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned stops = DB_ADD(batch, SQL_sending_stops);
    unsigned list = DB_ADD(batch, SQL_sending_channels);
    unsigned waiting = DB_ADD(batch, SQL_sending_waiting);
    unsigned kinds = DB_ADD(batch, SQL_sending_kinds);
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "連絡の送信");
    view_text(view, "problem", problem);
    view_text(view, "reason", reason);
    view_flag(view, "keeps_codes", keeps_codes);
    view_int(view, "reason_max", REASON_MAX);
    view_text(view, "form_id", crypt_uuid(c->arena));
    fill_stops(view, db_rows(batch, stops));
    view_list(view, "channels");
    for (size_t i = 0; i < rows_count(db_rows(batch, list)); i++)
        fill_channel(c, view, db_rows(batch, list), i, db_rows(batch, waiting));
    fill_kinds(c, view, db_rows(batch, kinds));
    page_send(c, TEMPLATE_sending, view);
}

void
sending_show(struct context *c)
{
    if (area_kind(c, AREA_KIND(ministry), "sending"))
        show(c, "", "", false);
}

/* ---- the switch ---------------------------------------------------------------------------------------------------- */

void
sending_stop_post(struct context *c)
{
    const char *reason = text_trim(c->arena, request_value(c->request, "reason"));
    bool keeps_codes = request_value(c->request, "keeps_codes")[0] != '\0';

    if (!area_kind(c, AREA_KIND(ministry), "sending_stop"))
        return;
    if (reason[0] == '\0' || text_length(reason) > REASON_MAX) {
        show(c, text_format(c->arena, "止める理由を%d文字以内で入力してください。", REASON_MAX), reason, keeps_codes);
        return;
    }
    struct db_batch *batch = sending_begin(c);
    if (batch == NULL)
        return;
    DB_ADD(batch, SQL_sending_stop, reason, db_bool(keeps_codes));
    audit_patient(batch, c->arena, "sending_stop", 0, keeps_codes ? "codes go on" : "all");
    sending_conclude(c, db_run(batch), "sending_stop", "/sending", "sending_stopped");
}

void
sending_resume_post(struct context *c)
{
    const char *stop = area_id(c, request_value(c->request, "stop"));

    if (!area_kind(c, AREA_KIND(ministry), "sending_resume"))
        return;
    struct db_batch *batch = sending_begin(c);
    if (batch == NULL)
        return;
    DB_ADD(batch, SQL_sending_resume, stop);
    audit_patient(batch, c->arena, "sending_resume", 0, text_format(c->arena, "stop %s", stop));
    sending_conclude(c, db_run(batch), "sending_resume", "/sending", "sending_resumed");
}

/* ---- the limits of a channel --------------------------------------------------------------------------------------- */

/* A whole number of messages as digits. */
static const char *
read_count(struct arena *arena, const char *typed)
{
    int64_t count;

    return text_to_int(jtext_narrow(arena, typed), 1, MOST_A_DAY, &count) == 0 ? db_int(arena, count) : NULL;
}

enum limit { DAILY, ADDRESS, FROM, UNTIL, LIMIT_COUNT };

static const struct field limits[LIMIT_COUNT] = {
    [DAILY] = {.name = "daily", .label = "1日に送る件数の上限", .max = 12, .read = read_count,
               .hint = "全国の合計です。空欄にすると、制限しません。急ぎの連絡は、数えますが止めません。",
               .unreadable = "1日に送る件数の上限は、1以上の数で入力してください。"},
    [ADDRESS] = {.name = "address", .label = "一つの宛先に1日に送る件数の上限", .max = 12, .read = read_count,
                 .hint = "空欄にすると、制限しません。急ぎの連絡は、数えますが止めません。",
                 .unreadable = "一つの宛先に1日に送る件数の上限は、1以上の数で入力してください。"},
    [FROM] = {.name = "from", .label = "夜間の始まり", .max = 5, .read = jtext_clock,
              .hint = "例：21:00。患者あての連絡を、夜間の終わりまで待たせます。夜間がないときは、両方を空欄にします。",
              .unreadable = "夜間の始まりは、21:00のように入力してください。"},
    [UNTIL] = {.name = "until", .label = "夜間の終わり", .max = 5, .read = jtext_clock, .hint = "例：8:00",
               .unreadable = "夜間の終わりは、8:00のように入力してください。"},
};

/* The channel of the path, for the ministry; NULL when it was refused. */
static const struct channel *
path_channel(struct context *c)
{
    const struct channel *channel = channel_find(path_part(c, 1));

    if (!area_kind(c, AREA_KIND(ministry), "channel_save"))
        return NULL;
    if (channel == NULL)
        page_not_found(c);
    return channel;
}

static void
show_limits(struct context *c, int status, const struct channel *channel, const struct answer answers[], const char *version,
            const char *problem)
{
    struct view *view = page_view(c, text_format(c->arena, "%sの送り方", channel->label));

    view_text(view, "problem", problem);
    view_text(view, "version", version);
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_text(view, "channel_path", text_format(c->arena, "/sending/%s", channel->name));
    simple_form_fill(view, LIMIT_COUNT, limits, answers);
    page_send_status(c, status, TEMPLATE_sending_channel, view);
}

/* The limits as they stand; their version, or NULL when the database failed or shows no such channel, which has been answered. */
static const char *
stored_limits(struct context *c, const struct channel *channel, struct answer answers[LIMIT_COUNT])
{
    static const char *const columns[LIMIT_COUNT] = {"daily_most", "address_most", "quiet_from", "quiet_until"};
    enum db_status status;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_sending_channels);
    size_t i = 0;

    if (rows == NULL) {
        page_database_failed(c, status);
        return NULL;
    }
    while (i < rows_count(rows) && !text_same(rows_text(rows, i, "channel"), channel->name))
        i++;
    if (i == rows_count(rows)) {
        page_not_found(c);
        return NULL;
    }
    for (int f = 0; f < LIMIT_COUNT; f++)
        simple_form_start(&answers[f], rows_text(rows, i, columns[f]));
    return rows_text(rows, i, "version");
}

void
sending_channel_show(struct context *c)
{
    struct answer answers[LIMIT_COUNT] = {0};
    const struct channel *channel = path_channel(c);
    const char *version = channel == NULL ? NULL : stored_limits(c, channel, answers);

    if (version != NULL)
        show_limits(c, 200, channel, answers, version, "");
}

/* Two people on one channel: beside each limit that differs stands what the other one has saved. */
static void
show_clash(struct context *c, const struct channel *channel, struct answer typed[LIMIT_COUNT])
{
    struct answer stored[LIMIT_COUNT] = {0};
    const char *version = stored_limits(c, channel, stored);

    if (version == NULL)
        return;
    for (int f = 0; f < LIMIT_COUNT; f++)
        if (!text_same(typed[f].value, stored[f].value))
            typed[f].problem = text_format(c->arena, "%s：いま保存されているのは「%s」です。", limits[f].label,
                                           text_empty(stored[f].value) ? "空欄" : stored[f].value);
    show_limits(c, 409, channel, typed, version,
                "この画面を開いたあとで、ほかの人が送り方を保存しました。入力した内容は残っています。違うところを確かめて、もう一度保存してください。");
}

/* NULL for an empty field. */
static const char *
or_null(const struct answer *answer)
{
    return answer->value[0] == '\0' ? NULL : answer->value;
}

void
sending_channel_post(struct context *c)
{
    struct answer answers[LIMIT_COUNT] = {0};
    const struct channel *channel = path_channel(c);
    const char *version = area_id(c, request_value(c->request, "version"));

    if (channel == NULL)
        return;
    size_t problems = simple_form_read(c, LIMIT_COUNT, limits, answers);
    if (problems == 0 && (answers[FROM].value[0] == '\0') != (answers[UNTIL].value[0] == '\0')) {
        enum limit missing = answers[FROM].value[0] == '\0' ? FROM : UNTIL;
        answers[missing].problem = "夜間の始まりと終わりは、両方を入力するか、両方を空欄にしてください。";
        problems = 1;
    }
    if (problems > 0) {
        show_limits(c, 200, channel, answers, version, "");
        return;
    }
    struct db_batch *batch = sending_begin(c);
    if (batch == NULL)
        return;
    DB_ADD(batch, SQL_channel_save, channel->name, version, or_null(&answers[DAILY]), or_null(&answers[ADDRESS]),
           or_null(&answers[FROM]), or_null(&answers[UNTIL]));
    audit_patient(batch, c->arena, "channel_save", 0,
                  text_format(c->arena, "%s: %s a day, %s to one, quiet %s-%s", channel->name, answers[DAILY].value,
                              answers[ADDRESS].value, answers[FROM].value, answers[UNTIL].value));
    enum db_status status = db_run(batch);
    if (notify_result_of(c->db, status) == NOTIFY_CONFLICT)
        show_clash(c, channel, answers);
    else
        sending_conclude(c, status, "channel_save", "/sending", "channel_saved");
}
