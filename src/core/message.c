/* message.c - see message.h. $ID, $CODE, $NUMBERS and $URL stand for the values. */
#include "core/message.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "core/completeness.h"
#include "core/todo.h"

/* A question of the day: half a day later it would be about the day before. Who was not asked stands among those who have not answered. */
#define OF_THE_DAY .waits_at_night = true, .valid_minutes = 12 * 60, .expires_quietly = true

/* The day's question to a patient, with their link. */
#define FOLLOW_ASK .label = "健康観察のお願い", OF_THE_DAY

/* The same to be answered by SMS (0024-replies.sql). */
#define FOLLOW_REPLY .label = "健康観察のお願い（返信）", OF_THE_DAY

const struct message_kind message_kinds[] = {
    {"notification_received", "【HER-SYS】発生届が登録されました",
     "発生届が1件登録されました。\n\nスマホ入力ID：$ID\n\n"
     "HER-SYSの検索欄にこのIDを入れると、届出を開けます。内容を確認し、「保健所確認済」を押してください。\n$URL\n", .label = "発生届の登録のお知らせ"},
    {"notification_deleted", "【HER-SYS】発生届が削除されました",
     "届出元が発生届を1件削除しました。\n\nスマホ入力ID：$ID\n\n"
     "削除された届出は、しばらくのあいだ「削除済み」の画面から元に戻せます。\n$URL\n", .label = "発生届の削除のお知らせ"},
    {"assigned_responsible", "【HER-SYS】担当保健所に設定されました",
     "次の方の担当保健所に設定されました。\n\nスマホ入力ID：$ID\n\n$URL\n", .label = "担当保健所の設定のお知らせ"},
    {"assigned_related", "【HER-SYS】関係保健所に設定されました",
     "次の方の関係保健所に設定されました。\n\nスマホ入力ID：$ID\n\n$URL\n", .label = "関係保健所の設定のお知らせ"},
    {"assigned_in_city", "【HER-SYS】保健所設置市の保健所が設定されました",
     "管内の保健所設置市・特別区の保健所が、次の方の担当または関係保健所に設定されました。\n\nスマホ入力ID：$ID\n\n$URL\n", .label = "保健所設置市の保健所の設定のお知らせ"},
    {"emergency_opened", "【HER-SYS】緊急閲覧が行われました",
     "担当している方について、ほかの機関が緊急閲覧を行いました。「今日」の画面の「緊急閲覧の確認」で、理由を確かめてください。\n\n$URL\n", .label = "緊急閲覧のお知らせ"},
    {"handover_asked", "【HER-SYS】引継ぎの依頼が届きました",
     "次の方の担当を引き継ぐよう依頼されました。「今日」の画面の「引継ぎの依頼」から、受け入れるか、理由を書いて断ってください。\n\nスマホ入力ID：$ID\n\n$URL\n", .label = "引継ぎの依頼"},
    {"handover_accepted", "【HER-SYS】引継ぎが受け入れられました",
     "次の方の引継ぎが受け入れられ、担当保健所が変わりました。\n\nスマホ入力ID：$ID\n\n$URL\n", .label = "引継ぎの受入れのお知らせ"},
    {"handover_refused", "【HER-SYS】引継ぎが断られました",
     "次の方の引継ぎが断られました。理由を確かめてください。担当保健所は変わりません。\n\nスマホ入力ID：$ID\n\n$URL\n", .label = "引継ぎのお断りのお知らせ"},
    {"handover_withdrawn", "【HER-SYS】引継ぎの依頼が取り下げられました",
     "次の方の引継ぎの依頼は取り下げられました。\n\nスマホ入力ID：$ID\n\n$URL\n", .label = "引継ぎの取下げのお知らせ"},
    {"assigned_related_many", "【HER-SYS】関係保健所に設定されました",
     "複数の方の関係保健所に設定されました。「患者一覧」の画面で確かめてください。\n\n$URL\n", .label = "関係保健所の設定のお知らせ（一括）"},
    {"assigned_in_city_many", "【HER-SYS】保健所設置市の保健所が設定されました",
     "管内の保健所設置市・特別区の保健所が、複数の方の関係保健所に設定されました。\n\n$URL\n", .label = "保健所設置市の保健所の設定のお知らせ（一括）"},
    {"handover_asked_many", "【HER-SYS】引継ぎの依頼が届きました",
     "複数の方の担当を引き継ぐよう依頼されました。「今日」の画面の「引継ぎの依頼」から、受け入れるか、理由を書いて断ってください。\n\n$URL\n", .label = "引継ぎの依頼（一括）"},
    {"handover_withdrawn_many", "【HER-SYS】引継ぎの依頼が取り下げられました",
     "複数の方の引継ぎの依頼が取り下げられました。\n\n$URL\n", .label = "引継ぎの取下げのお知らせ（一括）"},
    {"application_received", "【HER-SYS】IDの発行申請が届きました",
     "医療機関からIDの発行申請が届きました。「ID発行申請」の画面で確認してください。\n\n$URL\n", .label = "ID発行申請のお知らせ"},
    {"completeness", "【HER-SYS】今週の入力状況",
     "入力がまだの項目がある方の人数です。\n\n$NUMBERS\n「入力状況」の画面から一覧を開けます。このメールの曜日の変更や停止も、その画面でできます。\n$URL\n", .label = "今週の入力状況"},
    {"follow_ask_ja", "", "保健所からのお願いです。きょうの体調を、次のページでお知らせください。\n$URL/my/$CODE", FOLLOW_ASK},
    {"follow_ask_ja_easy", "", "ほけんじょ です。きょうの からだの ようすを、つぎの ページで おしえてください。\n$URL/my/$CODE?lang=ja_easy", FOLLOW_ASK},
    {"follow_ask_en", "", "From your health centre: please tell us how you are today on this page.\n$URL/my/$CODE?lang=en", FOLLOW_ASK},
    {"follow_ask_zh_hans", "", "这里是保健所。请在以下页面填写您今天的身体状况。\n$URL/my/$CODE?lang=zh_hans", FOLLOW_ASK},
    {"follow_ask_zh_hant", "", "這裡是保健所。請在以下頁面填寫您今天的身體狀況。\n$URL/my/$CODE?lang=zh_hant", FOLLOW_ASK},
    {"follow_ask_ko", "", "보건소입니다. 다음 페이지에서 오늘의 몸 상태를 알려 주세요.\n$URL/my/$CODE?lang=ko", FOLLOW_ASK},
    {"follow_ask_vi", "", "Trung tâm y tế công cộng: vui lòng cho biết tình trạng của bạn hôm nay tại trang sau.\n$URL/my/$CODE?lang=vi", FOLLOW_ASK},
    {"follow_ask_pt", "", "Centro de saúde pública: informe nesta página como você está hoje.\n$URL/my/$CODE?lang=pt", FOLLOW_ASK},
    {"follow_ask_es", "", "Centro de salud pública: indíquenos en esta página cómo se encuentra hoy.\n$URL/my/$CODE?lang=es", FOLLOW_ASK},
    {"follow_ask_tl", "", "Mula sa health center: pakisabi sa pahinang ito kung kumusta kayo ngayon.\n$URL/my/$CODE?lang=tl", FOLLOW_ASK},
    {"follow_ask_ne", "", "स्वास्थ्य केन्द्रबाट: आज तपाईंलाई कस्तो छ, यो पृष्ठमा जानकारी दिनुहोस्।\n$URL/my/$CODE?lang=ne", FOLLOW_ASK},
    {"hersys_id", "", "保健所からのお知らせです。あなたの番号（HER-SYS ID）は $CODE です。お問い合わせのときにお使いください。",
     .label = "HER-SYS IDのお知らせ", .waits_at_night = true, .valid_minutes = 12 * 60, .expires_quietly = true},
    {"follow_reply_ja", "",
     "保健所です。体温、酸素飽和度（分からなければ0）、つらい症状（ある1 ない0）を、空白で区切って返信してください。例：36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_ja_easy", "",
     "ほけんじょ です。たいおん、さんそ（わからない ときは 0）、つらい ところ（ある 1 ない 0）を、あいだを あけて へんじ してください。れい：36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_en", "",
     "From your health centre: please reply with your temperature, oxygen (0: not known) and whether something troubles you (1: yes, 0: no). Example: 36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_zh_hans", "", "这里是保健所。请用空格隔开回复：体温、血氧（不清楚填0）、有无难受的症状（有1 无0）。例：36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_zh_hant", "", "這裡是保健所。請用空格隔開回覆：體溫、血氧（不清楚填0）、有無難受的症狀（有1 無0）。例：36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_ko", "", "보건소입니다. 체온, 산소포화도(모르면 0), 힘든 증상(있음 1 없음 0)을 띄어 써서 답장해 주세요. 예: 36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_vi", "",
     "Trung tâm y tế công cộng: hãy trả lời nhiệt độ, SpO2 (không rõ: 0), có khó chịu không (có: 1, không: 0). Ví dụ: 36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_pt", "",
     "Centro de saúde pública: responda com a temperatura, o oxigênio (0: não sei) e se algo o incomoda (1: sim, 0: não). Exemplo: 36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_es", "",
     "Centro de salud pública: responda con la temperatura, el oxígeno (0: no lo sé) y si algo le molesta (1: sí, 0: no). Ejemplo: 36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_tl", "",
     "Mula sa health center: isagot ang temperatura, oxygen (0: hindi alam) at kung may masakit (1: mayroon, 0: wala). Halimbawa: 36.8 97 0", FOLLOW_REPLY},
    {"follow_reply_ne", "",
     "स्वास्थ्य केन्द्रबाट: तापक्रम, अक्सिजन (थाहा नभए 0) र कुनै कष्ट (छ 1, छैन 0) खाली ठाउँ राखेर जवाफ दिनुहोस्। उदाहरण: 36.8 97 0", FOLLOW_REPLY},
    {"follow_received", "", "受け付けました。急に苦しくなったときは、119番に電話してください。お大事になさってください。",
     .label = "返信を受け付けたお知らせ"},
    {"follow_unclear", "",
     "返信を読み取れませんでした。体温、酸素飽和度（分からなければ0）、つらい症状（ある1 ない0）を、空白で区切って返信してください。例：36.8 97 0",
     .label = "返信を読み取れなかったお知らせ"},
    {"tell_release", "", "保健所からのお知らせです。お願いしていた期間は終わりました。ご協力ありがとうございました。ご不明な点は保健所にお電話ください。",
     .label = "解除のお知らせ", .waits_at_night = true},
    {"tell_entry", "", "保健所からのお願いです。きょうの体調の入力がまだの方は、先にお送りしたページから入力してください。",
     .label = "体調の入力のお願い", OF_THE_DAY},
    {"tell_call", "", "保健所からのお願いです。お話ししたいことがあります。保健所にお電話ください。",
     .label = "電話のお願い", .waits_at_night = true},
    {"cocoa_number", "", "接触確認アプリの処理番号 $CODE （1時間以内に1回だけ使えます。登録は任意です）",
     .label = "接触確認アプリの処理番号", .urgent = true, .valid_minutes = 60},
    {"my_code", "確認コードのお知らせ / Your code",
     "確認コード：$CODE\n\n10分以内に、開いている画面に入力してください。誰にも教えないでください。お心当たりのないときは、このメールを消してください。\n\n"
     "Code: $CODE\n\nEnter it on the page that you have open, within 10 minutes. Tell it to nobody. If you did not ask for it, please delete this mail.\n",
     .label = "My HER-SYSの確認コード", .urgent = true, .valid_minutes = 10, .expires_quietly = true},
    {"sign_in_code", "", "HER-SYS 確認コード $CODE （10分以内に入力してください。誰にも教えないでください）",
     .label = "サインインの確認コード", .urgent = true, .valid_minutes = 10, .expires_quietly = true},
};

const size_t message_kind_count = sizeof message_kinds / sizeof *message_kinds;

bool
message_holds_code(const struct message_kind *kind)
{
    return strstr(kind->body, "$CODE") != NULL;
}

const char *
message_label(const char *template)
{
    for (size_t i = 0; i < message_kind_count; i++)
        if (strcmp(message_kinds[i].template, template) == 0)
            return message_kinds[i].label;
    return "連絡";
}

/* The figures of 入力状況, a line for each kind. */
static void
add_numbers(struct buf *out, const char *numbers)
{
    json_t *json = text_empty(numbers) ? NULL : json_loads(numbers, 0, NULL);

    buf_printf(out, "担当している方：%lld人\n",
               (long long)json_integer_value(json_object_get(json, "patients")));
    for (int kind = 0; kind < COMPLETENESS_KINDS; kind++) {
        const char *name = completeness_kinds[kind].name;
        buf_printf(out, "%s：%lld人\n", todo_find(name)->label,
                   (long long)json_integer_value(json_object_get(json, name)));
    }
    json_decref(json);
}

const char *
message_filled(struct arena *arena, const char *text, const struct message_values *values)
{
    struct buf out = buf_new(arena);

    for (const char *p = text; *p != '\0';) {
        size_t n = strcspn(p, "$");
        buf_add(&out, p, n);
        p += n;
        if (text_starts(p, "$ID")) {
            buf_add_text(&out, values->phone_id);
            p += 3;
        } else if (text_starts(p, "$CODE")) {
            buf_add_text(&out, values->code);
            p += 5;
        } else if (text_starts(p, "$NUMBERS")) {
            add_numbers(&out, values->numbers);
            p += 8;
        } else if (text_starts(p, "$URL")) {
            buf_add_text(&out, values->address);
            p += 4;
        } else if (*p != '\0') {
            buf_add_char(&out, *p++);
        }
    }
    return buf_text(&out);
}

void
message_compose(struct arena *arena, const char *address, const char *template,
                const char *phone_id, const char *code, const char *numbers, const char **subject,
                const char **body)
{
    for (size_t i = 0; i < message_kind_count; i++) {
        if (strcmp(message_kinds[i].template, template) != 0)
            continue;
        *subject = message_kinds[i].subject;
        *body = message_filled(arena, message_kinds[i].body,
                               &(struct message_values){.address = address, .phone_id = phone_id, .code = code, .numbers = numbers});
        return;
    }
    assert(!"unknown message template");
}
