/* page.c - see page.h. */
#include "page/page.h"

#include <string.h>

#include "base/publicid.h"
#include "base/text.h"

/* Messages that a redirect may ask the next page to show: name in the address, words here. */
static const struct {
    const char *name, *words;
} notices[] = {
    {"saved", "保存しました。"},
    {"confirmed", "保健所確認済にしました。"},
    {"deleted", "発生届を削除しました。"},
    {"restored", "削除を取り消しました。"},
    {"assigned", "担当保健所・関係保健所を設定しました。"},
    {"cocoa_sent", "処理番号をSMSで送りました。1時間使えます。"},
    {"seen_anyway", "この方の記録は、緊急閲覧でなくても閲覧できます。"},
    {"linked", "機関を結び付けました。"},
    {"grant_ended", "終了しました。"},
    {"emergency_reviewed", "緊急閲覧を確認済みにしました。"},
    {"emergency", "緊急閲覧を始めました。担当保健所に知らせています。"},
    {"handover_asked", "引継ぎを依頼しました。返事があるまで、担当は変わりません。"},
    {"handover_accepted", "引継ぎを受け入れました。担当保健所になりました。"},
    {"handover_refused", "引継ぎを断りました。担当は変わりません。"},
    {"handover_withdrawn", "引継ぎの依頼を取り下げました。"},
    {"status", "現在のステータスを登録しました。"},
    {"status_withdrawn", "ステータスの登録を取り消しました。"},
    {"paper_template", "新しい版として保存しました。"},
    {"paper_issued_before", "この文書は、すでに発行しています。もう一度印刷するときは「再発行」を押してください。"},
    {"local_item_saved", "独自項目を保存しました。"},
    {"local_item_retired", "独自項目の使用を終了しました。これまでに入力された内容は残っています。"},
    {"local_item_returned", "独自項目の使用を再開しました。"},
    {"entry", "登録しました。"},
    {"follow_claimed", "引き受けました。ほかの方の画面にも表示されます。"},
    {"follow_released", "引き受けを戻しました。"},
    {"follow_settled", "済みにしました。"},
    {"follow_rule", "健康観察の決まりを保存しました。"},
    {"care_rule", "療養期間の決まりを保存しました。いま療養中の方にも、順に反映されます。"},
    {"entry_withdrawn", "登録を取り消しました。"},
    {"cluster_saved", "集団感染を保存しました。"},
    {"cluster_member_added", "集団感染に加えました。"},
    {"cluster_member_there", "この方は、すでにこの集団感染に入っています。"},
    {"cluster_member_removed", "集団感染から外しました。"},
    {"signal_seen", "見たことを記録しました。"},
    {"edition_ordered", "受け付けました。版を作っています。"},
    {"edition_time", "公表する時刻を保存しました。"},
    {"daily_saved", "総数報告を保存しました。"},
    {"closed", "療養解除を登録しました。7日間は、この画面から取り消せます。"},
    {"closing_undone", "まとめて登録した療養解除を取り消しました。"},
    {"published_saved", "公表した数を保存しました。"},
    {"inquiry_asked", "照会を送りました。相手の「今日」に表示されます。"},
    {"inquiry_answered", "回答を送りました。"},
    {"inquiry_read", "回答を確認済みにしました。"},
    {"digest_saved", "メールを送る曜日を保存しました。"},
    {"draft_deleted", "書きかけを削除しました。"},
    {"template_saved", "ひな形を保存しました。"},
    {"template_deleted", "ひな形を削除しました。"},
    {"phone_added", "電話番号を登録しました。"},
    {"phone_deleted", "電話番号を削除しました。"},
    {"totp_added", "認証アプリを登録しました。"},
    {"totp_deleted", "認証アプリの登録を削除しました。"},
    {"passkey_added", "パスキーを登録しました。"},
    {"passkey_deleted", "パスキーを削除しました。"},
    {"password_changed", "パスワードを変更しました。"},
    {"signed_out_others", "他の端末をすべてサインアウトしました。"},
    {"suspended", "アカウントを停止しました。"},
    {"resumed", "アカウントの停止を解除しました。"},
    {"issued", "IDを発行しました。手紙を印刷して送ってください。"},
    {"password_reset", "初期パスワードを再発行しました。手紙を印刷して送ってください。"},
    {"handed_over", "利用者認証実施者を引き継ぎました。"},
    {"organisation_saved", "機関の情報を保存しました。"},
    {"organisation_closed", "機関を閉鎖しました。"},
    {"organisation_reopened", "機関の閉鎖を取り消しました。"},
    {"approved", "申請を承認しました。手紙を印刷して送ってください。"},
    {"rejected", "申請を見送りにしました。"},
    {"application_decided", "この申請はすでに処理されています。"},
    {"jurisdiction_saved", "管轄を保存しました。"},
    {"same_linked", "同一人物として結び付けました。番号はそれぞれ残ります。"},
    {"same_unlinked", "同一人物の結び付きを取り消しました。"},
    {"same_different", "別の方として記録しました。この組はもう表示しません。"},
    {"same_merged", "統合しました。取り消せる期限は、患者の記録に表示しています。"},
    {"same_undone", "統合を取り消しました。"},
    {"same_led_on", "この番号の記録は統合されています。統合先の記録を表示しています。"},
    {"undelivered_resent", "もう一度送ります。届かなければ、またここに表示されます。"},
    {"undelivered_settled", "対応済みにしました。"},
    {"sending_stopped", "すべての送信を止めました。"},
    {"sending_resumed", "送信を再開しました。"},
    {"channel_saved", "送り方を保存しました。"},
    {"bulk_done", "一括操作を実行しました。"},
    {"bulk_undone", "一括操作を取り消しました。"},
    {"press_fixed", "確定しました。発表した表として残ります。"},
    {"press_fixed_before", "この日の表は、すでに確定しています。"},
    {"press_template_saved", "ひな形を保存しました。"},
    {"export_choice_saved", "項目の選び方を保存しました。"},
    {"export_choice_deleted", "項目の選び方を削除しました。"},
    {"extract_asked", "承認を依頼しました。"},
    {"extract_asked_before", "この依頼は、すでに受け付けています。内容を変えるときは、新しく依頼してください。"},
    {"extract_approved", "承認しました。依頼した方が受け取れます。"},
    {"extract_refused", "却下しました。"},
    {"extract_forgotten", "鍵を捨てました。続きは、もう作れません。"},
    {"already_reported", "この発生届はすでに報告されています。新しい届出は作られていません。"},
};

/* What stands in the navigation, for whom. `issuer`: only for accounts that issue others. */
static const struct {
    const char *path, *label;
    unsigned kinds;
    bool issuer;
} navigation[] = {
    {"/", "今日", 0x7F, false},
    {"/patients", "患者一覧", 0x7F, false},
    {"/search", "検索", 0x7E, false},
    {"/notification/new", "発生届を書く", 1u << KIND_clinic | 1u << KIND_centre, false},
    {"/follow", "健康観察", 1u << KIND_clinic | 1u << KIND_centre | 1u << KIND_followup | 1u << KIND_accommodation, false},
    {"/follow/rules", "健康観察の決まり", 1u << KIND_ministry | 1u << KIND_prefecture | 1u << KIND_city, false},
    {"/contacts", "接触者", 1u << KIND_centre, false},
    {"/handovers", "引継ぎ", 1u << KIND_centre, false},
    {"/clusters", "集団感染", 0x0F, false},
    {"/figures", "数値", 0x0F, false},
    {"/completeness", "入力状況", 0x0F, false},
    {"/daily", "総数報告", 1u << KIND_clinic | 1u << KIND_followup, false},
    {"/papers", "文書", 1u << KIND_prefecture | 1u << KIND_city, false},
    {"/papers/issued", "文書", 1u << KIND_centre, false},
    {"/local-items", "独自項目", 1u << KIND_prefecture | 1u << KIND_city | 1u << KIND_centre, false},
    {"/sealed", "削除済み", 1u << KIND_centre, false},
    {"/viewers", "閲覧記録", 1u << KIND_centre, false},
    {"/sending", "連絡の送信", 1u << KIND_ministry, false},
    {"/accounts", "アカウント", 0x7F, true},
    {"/organisations", "機関", 0x0F, true},
    {"/applications", "ID発行申請", 0x0E, true},
    {"/jurisdiction", "管轄", 0x07, true},
};

static bool
stands_there(const struct context *c, size_t i)
{
    return (navigation[i].kinds & 1u << c->session.kind) != 0 && (!navigation[i].issuer || c->session.issuer);
}

/* Does a page lie below an entry? /figures/list below /figures, but not /figures itself. */
static bool
lies_below(const char *page, const char *entry)
{
    size_t length = strlen(entry);

    return strncmp(page, entry, length) == 0 && page[length] == '/';
}

/* Each entry says whether it leads here, or, when none does, whether the page lies below it; of two, below the longer one. */
static void
fill_navigation(struct context *c, struct view *view)
{
    enum { COUNT = sizeof navigation / sizeof *navigation };
    const char *page = c->request->path;
    size_t here = COUNT, above = COUNT;

    for (size_t i = 0; i < COUNT; i++) {
        if (!stands_there(c, i))
            continue;
        if (strcmp(page, navigation[i].path) == 0)
            here = i;
        else if (lies_below(page, navigation[i].path) && (above == COUNT || strlen(navigation[i].path) > strlen(navigation[above].path)))
            above = i;
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (!stands_there(c, i))
            continue;
        struct view *row = view_row(view, "navigation");
        view_text(row, "item_path", navigation[i].path);
        view_text(row, "item_label", navigation[i].label);
        view_text(row, "item_current", i == here ? "page" : here == COUNT && i == above ? "true" : "");
    }
}

struct view *
page_view(struct context *c, const char *title)
{
    struct view *view = view_new(c->arena);
    const char *notice = request_query(c->request, "notice");

    view_text(view, "title", title);
    view_flag(view, "demonstration", c->app->conf.demonstration);
    view_flag(view, "signed_in", c->session.token != NULL);
    view_text(view, "csrf", c->session.token == NULL ? "" : c->session.csrf);
    view_list(view, "navigation");
    if (c->session.token != NULL) {
        view_text(view, "organisation_name", c->session.organisation_name);
        view_text(view, "holder", c->session.holder);
        view_int(view, "idle_seconds", c->session.idle_minutes * 60);
        fill_navigation(c, view);
    }
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++)
        if (strcmp(notices[i].name, notice) == 0)
            view_text(view, "notice", notices[i].words);
    return view;
}

void
page_send_status(struct context *c, int status, enum template template, struct view *view)
{
    response_page(c->response, status, &template_table[template], view);
}

void
page_send(struct context *c, enum template template, struct view *view)
{
    page_send_status(c, 200, template, view);
}

void
page_redirect_with(struct context *c, const char *path, const char *notice)
{
    response_redirect(c->response, text_format(c->arena, "%s%cnotice=%s", path,
                                               strchr(path, '?') == NULL ? '?' : '&', notice));
}

static void
message(struct context *c, int status, const char *title, const char *text)
{
    struct view *view = page_view(c, title);

    view_text(view, "text", text);
    page_send_status(c, status, TEMPLATE_message, view);
}

void
page_not_found(struct context *c)
{
    message(c, 404, "見つかりません",
            "このページは存在しないか、表示する権限がありません。番号をお確かめください。");
}

void
page_forbidden(struct context *c, const char *why)
{
    message(c, 403, "この操作はできません", why);
}

void
page_conflict(struct context *c, const char *title, const char *text)
{
    message(c, 409, title, text);
}

void
page_bad_request(struct context *c, const char *text)
{
    message(c, 400, "送信された内容を受け取れませんでした", text);
}

/* Is it the form of a notification? That alone is kept as a draft while it is typed. */
static bool
is_drafted(const struct context *c)
{
    return crypt_is_uuid(request_value(c->request, "draft_id"));
}

void
page_database_failed(struct context *c, enum db_status status)
{
    if (status == DB_REFUSED || status == DB_DUPLICATE) {
        page_not_found(c);
        return;
    }
    response_header(c->response, "Retry-After", "5");
    message(c, 503, "ただいま混み合っています",
            c->request->method != METHOD_POST ? "少し待ってから、もう一度お試しください。"
            : is_drafted(c) ? "保存できたことを確認できませんでした。入力した内容は下書きに残っています。"
                              "少し待ってから、もう一度お試しください。同じ届出が二重になることはありません。"
                            : "保存できたことを確認できませんでした。少し待ってから前の画面を開き直し、"
                              "変わっていなければ、もう一度お試しください。");
}

const char *
path_part(const struct context *c, size_t index)
{
    return index < c->request->part_count ? c->request->parts[index] : "";
}

int64_t
path_patient(const struct context *c, size_t index)
{
    return publicid_parse(path_part(c, index));
}
