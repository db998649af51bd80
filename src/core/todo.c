/* todo.c - see todo.h. */
#include "core/todo.h"

#include <string.h>

#define CENTRE (1u << KIND_centre)
#define BOTH   (1u << KIND_centre | 1u << KIND_clinic)

const struct todo_kind todo_kinds[] = {
    {"emergency_review", "緊急閲覧の確認", "「担当・関係保健所」で、だれが、なぜ閲覧したかを確かめてください。", NULL, CENTRE},
    {"handover_asked", "引継ぎの依頼", "「担当・関係保健所」で、受け入れるか、理由を書いて断ってください。", NULL, CENTRE},
    {"handover_refused", "断られた引継ぎ", "「担当・関係保健所」で理由を確かめてください。", NULL, CENTRE},
    {"unconfirmed", "未確認の発生届", "内容を確認し、「保健所確認済」を押してください。", NULL, CENTRE},
    {"status_missing", "ステータス未入力", "「記録」で現在のステータスを登録してください。", NULL, CENTRE},
    {"passport_missing", "パスポート番号未入力", "診断日が入国日から28日以内の方です。本人に確認して入力してください。", NULL, CENTRE},
    {"place_missing", "場所区分未入力", "感染源となる場所が分からないときは「場所種別不明」を選びます。", NULL, CENTRE},
    {"death_incomplete", "死亡年月日・場所の未入力", "「記録」で死亡年月日と死亡場所を入力してください。", NULL, CENTRE},
    {"items_missing", "入力のない項目", "届出のときに分からなかった項目を、分かりしだい追加してください。", NULL, BOTH},
    {"close_proposed", "療養期間が過ぎた方", "療養が終わっているかを確かめてください。", "/closing", CENTRE},
    {"values_doubtful", "確かめたい値", "日付の順序などを確かめてください。", NULL, BOTH},
    {"same", "似た方（同一人物の確認）", "同じ方かどうかを確かめてください。", "/same", BOTH},
};
const size_t todo_kind_count = sizeof todo_kinds / sizeof *todo_kinds;

const struct todo_kind *
todo_find(const char *name)
{
    for (size_t i = 0; i < todo_kind_count; i++)
        if (strcmp(todo_kinds[i].name, name) == 0)
            return &todo_kinds[i];
    return NULL;
}
