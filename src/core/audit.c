/* audit.c - see audit.h. */
#include "core/audit.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "dictionary/dictionary.h"

/* What a person must be allowed in order to be shown a patient by each of these actions. */
static const struct look {
    const char *action;
    enum tab tab;
    bool write, /* it leads to a change */
        live;   /* what was deleted is not shown */
} looks[] = {
    {"notification_view", TAB_notification, false, false},
    {"notification_open", TAB_notification, true, true},
    {"notification_copy", TAB_notification, false, false},
    {"receipt_view", TAB_notification, false, false},
    {"print", TAB_notification, false, true},
    {"print_receipt", TAB_notification, false, true},
    {"confirm_open", TAB_confirmation, true, false},
    {"delete_open", TAB_deletion, true, false},
    {"restore_open", TAB_restoration, true, false},
    {"status_view", TAB_record, false, false},
    {"assignment_view", TAB_assignment, false, false},
    {"cocoa_open", TAB_confirmation, true, true},
    {"history_view", TAB_history, false, false},
    {"viewers_view", TAB_viewers, false, false},
    {"timeline_view", TAB_notification, false, false},
    {"profile_view", TAB_profile, false, false},
    {"laboratory_view", TAB_laboratory, false, false},
    {"residence_view", TAB_residence, false, false},
    {"care_view", TAB_care, false, false},
    {"grade_view", TAB_grade, false, false},
    {"activity_view", TAB_activity, false, false},
    {"contact_view", TAB_contact, false, false},
    {"contact_open", TAB_contact, true, true},
    {"link_view", TAB_link, false, false},
    {"release_view", TAB_release, false, false},
    {"local_view", TAB_local, false, false},
    {"local_shared_view", TAB_local_shared, false, false},
    {"observation_view", TAB_observation, false, false},
    {"opinion_view", TAB_opinion, false, false},
    {"period_view", TAB_period, false, false},
    {"notice_view", TAB_notice, false, false},
    {"survey_view", TAB_survey, false, false},
    {"same_open", TAB_basic, false, true},
    {"chain_view", TAB_link, false, false},
    {"papers_view", TAB_papers, false, false},
    {"papers_open", TAB_papers, true, true},
};

static void
append(struct db_batch *batch, struct arena *arena, const char *action, const char *outcome, int64_t patient_id,
       const char *patients, const char *detail)
{
    DB_ADD(batch, SQL_audit_append, action, outcome,
           patient_id == 0 ? NULL : db_int(arena, patient_id), patients, detail);
}

void
audit_patient(struct db_batch *batch, struct arena *arena, const char *action, int64_t patient_id,
              const char *detail)
{
    append(batch, arena, action, "allowed", patient_id, NULL, detail);
}

void
audit_denied(struct db_batch *batch, struct arena *arena, const char *action, int64_t patient_id, const char *why)
{
    append(batch, arena, action, "denied", patient_id, NULL, why);
}

void
audit_look(struct db_batch *batch, struct arena *arena, const char *action, int64_t organisation_id,
           int64_t patient_id, int no)
{
    const struct look *look = looks;

    while (strcmp(look->action, action) != 0) {
        look++;
        assert(look < looks + sizeof looks / sizeof *looks);
    }
    DB_ADD(batch, SQL_audit_look, action, db_int(arena, organisation_id), db_int(arena, patient_id),
           db_int(arena, no), dictionary_tab_name(look->tab), db_bool(look->write),
           db_bool(look->live));
}

void
audit_list(struct db_batch *batch, struct arena *arena, const char *action, const struct rows *rows,
           const char *detail)
{
    struct buf ids = buf_new(arena);

    for (size_t i = 0; i < rows_count(rows); i++)
        if (rows_text(rows, i, "patient_id") != NULL)
            buf_printf(&ids, "%c%s", ids.size == 0 ? '{' : ',', rows_text(rows, i, "patient_id"));
    if (ids.size == 0)
        return;
    buf_add_char(&ids, '}');
    append(batch, arena, action, "allowed", 0, buf_text(&ids), detail);
}

void
audit_patients(struct db_batch *batch, struct arena *arena, const char *action, const char *patients, const char *detail)
{
    append(batch, arena, action, "allowed", 0, patients, detail);
}

/* What an action is called. */
static const char *const action_labels[][2] = {
    {"undelivered_resend", "送れなかった連絡を再送"}, {"undelivered_settle", "送れなかった連絡を対応済みに"},
    {"undelivered_list", "送れなかった連絡の一覧に表示"},
    {"sending_stop", "すべての送信を停止"},   {"sending_resume", "送信を再開"},
    {"channel_save", "連絡の送り方を変更"},
    {"daily_report", "総数報告を保存"},
    {"cocoa_open", "処理番号のため表示"},     {"cocoa_issue", "処理番号を発行"},
    {"grant_link", "機関を結び付け"},         {"grant_end", "結び付けを解除"},
    {"emergency_open", "緊急閲覧を開始"},     {"emergency_review", "緊急閲覧を確認"},
    {"handover_request", "引継ぎを依頼"},     {"handover_end", "引継ぎに返事"},
    {"handover_accept", "引継ぎを受入れ"},
    {"handover_refuse", "引継ぎをお断り"},     {"handover_withdraw", "引継ぎの依頼を取下げ"},
    {"notification_view", "発生届を表示"},   {"notification_open", "発生届を変更のため表示"},
    {"notification_copy", "発生届を写すため表示"}, {"notification_report", "発生届を報告"},
    {"notification_edit", "発生届を変更"},   {"notification_add", "発生届を追加登録"},
    {"receipt_view", "受付票を表示"},        {"confirm_open", "保健所確認のため表示"},
    {"confirm", "保健所確認済"},             {"delete_open", "削除のため表示"},
    {"delete", "発生届を削除"},              {"restore_open", "削除の取消しのため表示"},
    {"restore", "削除を取消し"},             {"status_view", "ステータスを表示"},
    {"status_add", "ステータスを登録"},      {"status_withdraw", "ステータスを取消し"},
    {"assignment_view", "担当保健所を表示"}, {"assign", "担当保健所を設定"},
    {"history_view", "変更履歴を表示"},      {"viewers_view", "閲覧記録を表示"},
    {"list", "一覧に表示"},                  {"search", "検索結果に表示"},
    {"print", "様式を印刷"},                 {"print_receipt", "受付票を印刷"},
    {"timeline_view", "経過を表示"},
    {"profile_view", "基礎情報を表示"},
    {"laboratory_view", "検査を表示"},
    {"residence_view", "居所を表示"},
    {"care_view", "医療（入院）を表示"},
    {"grade_view", "重症度を表示"},
    {"activity_view", "行動歴を表示"},
    {"contact_view", "接触者を表示"},
    {"contact_open", "接触者を届け出るため表示"},
    {"contact_list", "接触者の一覧に表示"},
    {"contact_positive", "接触者が陽性化"},
    {"link_view", "感染経路を表示"},
    {"link_withdraw", "感染リンクを取消し"},
    {"release_view", "待機解除を表示"},
    {"local_view", "独自項目を表示"},
    {"local_shared_view", "独自項目（医療機関も入力）を表示"},
    {"published_save", "公表した数を保存"},
    {"edition_order", "いま公表する"},
    {"edition_time", "公表する時刻を変更"},
    {"figure_ask", "公表との差を照会"},
    {"figure_answer", "公表との差に回答"},
    {"figure_answer_read", "公表との差の回答を確認"},
    {"local_csv", "独自項目のCSVに出力"},
    {"local_item_save", "独自項目の設定を保存"},
    {"local_item_retire", "独自項目の使用を終了"},
    {"local_item_return", "独自項目の使用を再開"},
    {"export", "ファイルに持ち出し"},
    {"extract_report", "研究用の資料の匿名性を確認"}, {"extract_ask", "研究用の資料の承認を依頼"},
    {"extract_approve", "研究用の資料を承認"},      {"extract_refuse", "研究用の資料を却下"},
    {"extract_forget", "研究用の資料の鍵を破棄"},
    {"extract", "研究用の資料に提供"},
    {"cross_file", "クロス集計をファイルに出力"}, {"figures_file", "数値の表をファイルに出力"},
    {"press", "報道発表の表に表示"},         {"press_fix", "報道発表の表を確定"},
    {"press_template", "報道発表のひな形を保存"},
    {"chain_view", "感染のつながりを表示"},
    {"chain", "感染のつながりの中に表示"},
    {"cluster", "集団感染の中に表示"},
    {"cluster_member_add", "集団感染に追加"},
    {"cluster_member_remove", "集団感染から削除"},
    {"follow_list", "健康観察の一覧に表示"},
    {"follow_claimed", "健康観察を引受け"},
    {"follow_released", "健康観察の引受けを戻し"},
    {"follow_settled", "健康観察を済み"},
    {"follow_rule", "健康観察の決まりを保存"},
    {"care_rule", "療養期間の決まりを保存"},
    {"observation_view", "健康観察を表示"},
    {"opinion_view", "医師所見を表示"},
    {"period_view", "観察期間を表示"},
    {"notice_view", "通知設定を表示"},
    {"survey_view", "健康調査を表示"},
    {"sms_queue", "SMSのお知らせを予約"},
    {"sms_withdraw", "SMSのお知らせを取消し"},
    {"entry_add", "記録を登録"},
    {"entry_change", "記録を変更"},
    {"entry_withdraw", "記録を取消し"},
    {"same_look", "似た方として表示"},       {"same_open", "同一人物の確認のため表示"},
    {"same_link", "同一人物として結び付け"}, {"same_unlink", "同一人物の結び付きを取消し"},
    {"same_different", "別の方とした"},      {"same_merge", "統合"},
    {"same_undo", "統合を取消し"},
    {"papers_view", "文書の記録を表示"},
    {"papers_open", "文書を発行するため表示"},
    {"papers_check", "文書をまとめて発行するため表示"},
    {"papers_list", "発行した文書の一覧に表示"},
    {"paper_template", "文書のひな形を保存"},
    {"paper_issue", "文書を発行"},
    {"paper_reprint", "文書を再発行"},
    {"bulk_look", "一括操作の確認に表示"},  {"confirm_withdraw", "保健所確認済を取消し"},
    {"import", "取り込み"},                  {"purge", "期限切れで消去"},
    {"my_sign_in", "My HER-SYSを開いた"},
    {"my_observe", "健康状態を入力"},
    {"call_open", "電話でのご本人の確認"},
    {"sms_open", "SMSでのご本人の確認"},
    {"my_survey", "健康調査に回答"},
    {"my_guessing", "My HER-SYSのリンクや証明書の番号の推測"},
    {"my_account", "My HER-SYSにメールアドレスを登録"},
    {"my_mail", "My HER-SYSをメールアドレスで開く"},
    {"my_certificate", "療養証明書を表示"},
    {"certificate_check", "療養証明書の確認（第三者）"},
};

const char *
audit_action_label(const char *action)
{
    for (size_t i = 0; i < sizeof action_labels / sizeof *action_labels; i++)
        if (strcmp(action_labels[i][0], action) == 0)
            return action_labels[i][1];
    return action;
}
