/* message.c - see message.h. $ID, $CODE, $NUMBERS, $PHONE and $URL stand for the values. */
#include "core/message.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/jtext.h"
#include "base/text.h"
#include "core/completeness.h"
#include "core/todo.h"

/* A question of the day: half a day later it would be about the day before. Who was not asked stands among those who have not answered. */
#define OF_THE_DAY .waits_at_night = true, .valid_minutes = 12 * 60, .expires_quietly = true

/* The day's question to a patient, with their link. */
#define FOLLOW_ASK .label = "健康観察のお願い", OF_THE_DAY

/* The same to be answered by SMS (0024-replies.sql). */
#define FOLLOW_REPLY .label = "健康観察のお願い（返信）", OF_THE_DAY

/* What is said to such a reply: at once, because somebody has just written. */
#define REPLY_RECEIVED  .label = "返信を受け付けたお知らせ"
#define REPLY_CALL      .label = "返信への折り返しの電話のお知らせ"
#define REPLY_BIRTH     .label = "返信した方の生年月日の確認"
#define REPLY_CONFIRMED .label = "返信した方の確認ができたお知らせ"
#define REPLY_RING      .label = "返信を受け付けられないお知らせ"
#define REPLY_SEVERAL   .label = "返信を受け付けられないお知らせ（番号が複数の方のもの）"

/* From 通知設定 and 一括操作, in the language of whom it goes to (app.notice_language). */
#define HERSYS_ID    .label = "HER-SYS IDのお知らせ", OF_THE_DAY
#define TELL_RELEASE .label = "解除のお知らせ", .waits_at_night = true
#define TELL_ENTRY   .label = "体調の入力のお願い", OF_THE_DAY
#define TELL_CALL    .label = "電話のお願い", .waits_at_night = true

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
    {"hersys_id_ja", "", "保健所からのお知らせです。あなたの番号（HER-SYS ID）は $CODE です。お問い合わせのときにお使いください。", HERSYS_ID},
    {"hersys_id_ja_easy", "", "ほけんじょ です。あなたの ばんごう（HER-SYS ID）は $CODE です。きくときに つかってください。", HERSYS_ID},
    {"hersys_id_en", "", "From your health centre: your number (HER-SYS ID) is $CODE. Please give it when you contact us.", HERSYS_ID},
    {"hersys_id_zh_hans", "", "这里是保健所。您的号码（HER-SYS ID）是 $CODE。咨询时请使用。", HERSYS_ID},
    {"hersys_id_zh_hant", "", "這裡是保健所。您的號碼（HER-SYS ID）是 $CODE。諮詢時請使用。", HERSYS_ID},
    {"hersys_id_ko", "", "보건소입니다. 귀하의 번호(HER-SYS ID)는 $CODE 입니다. 문의할 때 사용해 주세요.", HERSYS_ID},
    {"hersys_id_vi", "", "Trung tâm y tế công cộng: số của bạn (HER-SYS ID) là $CODE. Hãy dùng số này khi liên hệ.", HERSYS_ID},
    {"hersys_id_pt", "", "Centro de saúde pública: o seu número (HER-SYS ID) é $CODE. Informe-o quando entrar em contato.", HERSYS_ID},
    {"hersys_id_es", "", "Centro de salud pública: su número (HER-SYS ID) es $CODE. Indíquelo cuando nos consulte.", HERSYS_ID},
    {"hersys_id_tl", "", "Mula sa health center: ang inyong numero (HER-SYS ID) ay $CODE. Sabihin ito kapag nagtatanong.", HERSYS_ID},
    {"hersys_id_ne", "", "स्वास्थ्य केन्द्रबाट: तपाईंको नम्बर (HER-SYS ID) $CODE हो। सम्पर्क गर्दा यो भन्नुहोस्।", HERSYS_ID},
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
    {"reply_received_ja", "", "受け付けました。急に苦しくなったときは、119番に電話してください。お大事になさってください。", REPLY_RECEIVED},
    {"reply_received_ja_easy", "", "うけつけました。きゅうに くるしく なったら、119に でんわ してください。おだいじに。", REPLY_RECEIVED},
    {"reply_received_en", "", "We have received it. If you suddenly feel very ill, call 119. Take care.", REPLY_RECEIVED},
    {"reply_received_zh_hans", "", "已收到。如突然感到非常难受，请拨打119。请保重身体。", REPLY_RECEIVED},
    {"reply_received_zh_hant", "", "已收到。如突然感到非常難受，請撥打119。請保重身體。", REPLY_RECEIVED},
    {"reply_received_ko", "", "접수했습니다. 갑자기 많이 괴로워지면 119에 전화해 주세요. 몸조리 잘하세요.", REPLY_RECEIVED},
    {"reply_received_vi", "", "Chúng tôi đã nhận được. Nếu đột nhiên thấy rất khó chịu, hãy gọi 119. Xin giữ gìn sức khỏe.", REPLY_RECEIVED},
    {"reply_received_pt", "", "Recebemos. Se de repente se sentir muito mal, ligue para 119. Cuide-se.", REPLY_RECEIVED},
    {"reply_received_es", "", "Lo hemos recibido. Si de repente se siente muy mal, llame al 119. Cuídese.", REPLY_RECEIVED},
    {"reply_received_tl", "", "Natanggap na namin. Kung biglang sumama ang pakiramdam, tumawag sa 119. Mag-ingat kayo.", REPLY_RECEIVED},
    {"reply_received_ne", "", "प्राप्त भयो। अचानक धेरै गाह्रो भयो भने 119 मा फोन गर्नुहोस्। ख्याल राख्नुहोस्।", REPLY_RECEIVED},
    {"reply_call_ja", "", "保健所からお電話します。急に苦しくなったときは、待たずに119番に電話してください。", REPLY_CALL},
    {"reply_call_ja_easy", "", "ほけんじょ から でんわ します。きゅうに くるしく なったら、またないで 119に でんわ してください。", REPLY_CALL},
    {"reply_call_en", "", "The health centre will call you. If you suddenly feel very ill, do not wait: call 119.", REPLY_CALL},
    {"reply_call_zh_hans", "", "保健所会给您打电话。如突然感到非常难受，请不要等待，立即拨打119。", REPLY_CALL},
    {"reply_call_zh_hant", "", "保健所會打電話給您。如突然感到非常難受，請不要等待，立即撥打119。", REPLY_CALL},
    {"reply_call_ko", "", "보건소에서 전화드리겠습니다. 갑자기 많이 괴로워지면 기다리지 말고 119에 전화해 주세요.", REPLY_CALL},
    {"reply_call_vi", "", "Trung tâm y tế công cộng sẽ gọi cho bạn. Nếu đột nhiên thấy rất khó chịu, đừng chờ, hãy gọi 119.", REPLY_CALL},
    {"reply_call_pt", "", "O centro de saúde pública vai ligar para você. Se de repente se sentir muito mal, não espere: ligue para 119.", REPLY_CALL},
    {"reply_call_es", "", "El centro de salud pública le llamará. Si de repente se siente muy mal, no espere: llame al 119.", REPLY_CALL},
    {"reply_call_tl", "", "Tatawagan kayo ng health center. Kung biglang sumama ang pakiramdam, huwag maghintay: tumawag sa 119.", REPLY_CALL},
    {"reply_call_ne", "", "स्वास्थ्य केन्द्रले तपाईंलाई फोन गर्नेछ। अचानक धेरै गाह्रो भयो भने नपर्खी 119 मा फोन गर्नुहोस्।", REPLY_CALL},
    {"reply_birth_ja", "", "ご本人かどうかを確かめます。生まれた月と日を、数字4つで返信してください。例：7月3日は0703", REPLY_BIRTH},
    {"reply_birth_ja_easy", "", "ほんにんか どうか たしかめます。うまれた つきと ひを、すうじ 4つで へんじ してください。れい：7がつ3か は 0703", REPLY_BIRTH},
    {"reply_birth_en", "", "To make sure that it is you, please reply with the month and day of your birth in four digits. Example: 0703 for 3 July", REPLY_BIRTH},
    {"reply_birth_zh_hans", "", "为确认是您本人，请用四位数字回复您出生的月和日。例：7月3日为0703", REPLY_BIRTH},
    {"reply_birth_zh_hant", "", "為確認是您本人，請用四位數字回覆您出生的月和日。例：7月3日為0703", REPLY_BIRTH},
    {"reply_birth_ko", "", "본인인지 확인합니다. 태어난 달과 날을 숫자 네 자리로 답장해 주세요. 예: 7월 3일은 0703", REPLY_BIRTH},
    {"reply_birth_vi", "", "Để chắc chắn đó là bạn, hãy trả lời tháng và ngày sinh bằng 4 chữ số. Ví dụ: ngày 3 tháng 7 là 0703", REPLY_BIRTH},
    {"reply_birth_pt", "", "Para confirmar que é você, responda com o mês e o dia do seu nascimento em 4 algarismos. Exemplo: 3 de julho é 0703", REPLY_BIRTH},
    {"reply_birth_es", "", "Para confirmar que es usted, responda con el mes y el día de su nacimiento en 4 cifras. Ejemplo: 3 de julio es 0703", REPLY_BIRTH},
    {"reply_birth_tl", "", "Para matiyak na kayo ito, isagot ang buwan at araw ng kapanganakan sa 4 na numero. Halimbawa: 0703 para sa Hulyo 3", REPLY_BIRTH},
    {"reply_birth_ne", "", "तपाईं नै हो भनी पक्का गर्न, जन्मेको महिना र दिन (ई.सं.) 4 अङ्कमा जवाफ दिनुहोस्। उदाहरण: जुलाई 3 भए 0703", REPLY_BIRTH},
    {"reply_confirmed_ja", "", "ご本人と確かめました。きょうの体温、酸素飽和度（分からなければ0）、つらい症状（ある1 ない0）を、空白で区切って返信してください。例：36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_ja_easy", "",
     "ほんにん だと わかりました。きょうの たいおん、さんそ（わからない ときは 0）、つらい ところ（ある 1 ない 0）を、あいだを あけて へんじ してください。れい：36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_en", "",
     "Thank you, we know now that it is you. Please send today's values now: temperature, oxygen (0: not known) and whether something troubles you (1: yes, 0: no). Example: 36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_zh_hans", "", "已确认是您本人。请用空格隔开回复今天的：体温、血氧（不清楚填0）、有无难受的症状（有1 无0）。例：36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_zh_hant", "", "已確認是您本人。請用空格隔開回覆今天的：體溫、血氧（不清楚填0）、有無難受的症狀（有1 無0）。例：36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_ko", "", "본인임을 확인했습니다. 오늘의 체온, 산소포화도(모르면 0), 힘든 증상(있음 1 없음 0)을 띄어 써서 답장해 주세요. 예: 36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_vi", "",
     "Đã xác nhận đúng là bạn. Hãy trả lời nhiệt độ hôm nay, SpO2 (không rõ: 0), có khó chịu không (có: 1, không: 0). Ví dụ: 36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_pt", "",
     "Confirmamos que é você. Responda com a temperatura de hoje, o oxigênio (0: não sei) e se algo o incomoda (1: sim, 0: não). Exemplo: 36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_es", "",
     "Hemos confirmado que es usted. Responda con la temperatura de hoy, el oxígeno (0: no lo sé) y si algo le molesta (1: sí, 0: no). Ejemplo: 36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_tl", "",
     "Natiyak na namin na kayo ito. Isagot ang temperatura ngayong araw, oxygen (0: hindi alam) at kung may masakit (1: mayroon, 0: wala). Halimbawa: 36.8 97 0", REPLY_CONFIRMED},
    {"reply_confirmed_ne", "",
     "तपाईं नै हो भनी पक्का भयो। आजको तापक्रम, अक्सिजन (थाहा नभए 0) र कुनै कष्ट (छ 1, छैन 0) खाली ठाउँ राखेर जवाफ दिनुहोस्। उदाहरण: 36.8 97 0", REPLY_CONFIRMED},
    {"reply_ring_ja", "", "返信では受け付けられませんでした。保健所にお電話ください。急に苦しくなったときは119番へ。保健所 $PHONE", REPLY_RING},
    {"reply_ring_ja_easy", "",
     "へんじ では うけつけ できませんでした。ほけんじょ に でんわ してください。きゅうに くるしく なったら 119へ。ほけんじょ $PHONE", REPLY_RING},
    {"reply_ring_en", "",
     "We could not take this by SMS. Please call the health centre. If you suddenly feel very ill, call 119. Health centre: $PHONE", REPLY_RING},
    {"reply_ring_zh_hans", "", "未能通过短信受理。请给保健所打电话。如突然感到非常难受，请拨打119。保健所 $PHONE", REPLY_RING},
    {"reply_ring_zh_hant", "", "未能透過簡訊受理。請打電話給保健所。如突然感到非常難受，請撥打119。保健所 $PHONE", REPLY_RING},
    {"reply_ring_ko", "", "문자로는 접수하지 못했습니다. 보건소에 전화해 주세요. 갑자기 많이 괴로워지면 119로. 보건소 $PHONE", REPLY_RING},
    {"reply_ring_vi", "",
     "Chúng tôi không nhận được qua tin nhắn. Hãy gọi trung tâm y tế công cộng. Nếu đột nhiên thấy rất khó chịu, hãy gọi 119. Trung tâm: $PHONE", REPLY_RING},
    {"reply_ring_pt", "",
     "Não foi possível receber por SMS. Ligue para o centro de saúde pública. Se de repente se sentir muito mal, ligue para 119. Centro: $PHONE", REPLY_RING},
    {"reply_ring_es", "",
     "No hemos podido recibirlo por SMS. Llame al centro de salud pública. Si de repente se siente muy mal, llame al 119. Centro: $PHONE", REPLY_RING},
    {"reply_ring_tl", "",
     "Hindi namin ito natanggap sa text. Tumawag sa health center. Kung biglang sumama ang pakiramdam, tumawag sa 119. Health center: $PHONE", REPLY_RING},
    {"reply_ring_ne", "",
     "SMS बाट लिन सकिएन। स्वास्थ्य केन्द्रमा फोन गर्नुहोस्। अचानक धेरै गाह्रो भयो भने 119 मा फोन गर्नुहोस्। स्वास्थ्य केन्द्र: $PHONE", REPLY_RING},
    {"reply_several_ja", "",
     "この番号の方が複数いるため、返信では受け付けられません。保健所にお電話ください。急に苦しくなったときは119番へ。保健所 $PHONE", REPLY_SEVERAL},
    {"reply_several_ja_easy", "",
     "この ばんごうの ひとが ふたり いじょう いるので、へんじ では うけつけ できません。ほけんじょ に でんわ してください。きゅうに くるしく なったら 119へ。ほけんじょ $PHONE", REPLY_SEVERAL},
    {"reply_several_en", "",
     "Several people share this number, so we cannot take replies. Please call the health centre. If you suddenly feel very ill, call 119. Health centre: $PHONE", REPLY_SEVERAL},
    {"reply_several_zh_hans", "", "有多人使用此号码，无法通过回复受理。请给保健所打电话。如突然感到非常难受，请拨打119。保健所 $PHONE", REPLY_SEVERAL},
    {"reply_several_zh_hant", "", "有多人使用此號碼，無法透過回覆受理。請打電話給保健所。如突然感到非常難受，請撥打119。保健所 $PHONE", REPLY_SEVERAL},
    {"reply_several_ko", "",
     "이 번호를 여러 분이 쓰고 있어 답장으로는 접수할 수 없습니다. 보건소에 전화해 주세요. 갑자기 많이 괴로워지면 119로. 보건소 $PHONE", REPLY_SEVERAL},
    {"reply_several_vi", "",
     "Có nhiều người dùng chung số này nên không nhận được qua tin nhắn. Hãy gọi trung tâm y tế công cộng. Nếu đột nhiên thấy rất khó chịu, hãy gọi 119. Trung tâm: $PHONE", REPLY_SEVERAL},
    {"reply_several_pt", "",
     "Várias pessoas usam este número, por isso não recebemos respostas. Ligue para o centro de saúde pública. Se de repente se sentir muito mal, ligue para 119. Centro: $PHONE", REPLY_SEVERAL},
    {"reply_several_es", "",
     "Varias personas usan este número y no podemos recibir respuestas. Llame al centro de salud pública. Si de repente se siente muy mal, llame al 119. Centro: $PHONE", REPLY_SEVERAL},
    {"reply_several_tl", "",
     "May ilang taong gumagamit ng numerong ito kaya hindi namin matatanggap ang sagot. Tumawag sa health center. Kung biglang sumama ang pakiramdam, tumawag sa 119. Health center: $PHONE", REPLY_SEVERAL},
    {"reply_several_ne", "",
     "यो नम्बर धेरै जनाको भएकाले जवाफ लिन सकिँदैन। स्वास्थ्य केन्द्रमा फोन गर्नुहोस्। अचानक धेरै गाह्रो भयो भने 119 मा फोन गर्नुहोस्। स्वास्थ्य केन्द्र: $PHONE", REPLY_SEVERAL},
    {"tell_release_ja", "",
     "保健所からのお知らせです。お願いしていた期間は終わりました。ご協力ありがとうございました。ご不明な点は保健所にお電話ください。", TELL_RELEASE},
    {"tell_release_ja_easy", "",
     "ほけんじょ です。おねがい していた きかんは おわりました。ありがとう ございました。わからない ことは ほけんじょ に でんわ してください。", TELL_RELEASE},
    {"tell_release_en", "", "From your health centre: the period that we asked of you is over. Thank you. If you have questions, please call us.", TELL_RELEASE},
    {"tell_release_zh_hans", "", "这里是保健所。请您配合的期间已结束。感谢您的配合。如有疑问，请给保健所打电话。", TELL_RELEASE},
    {"tell_release_zh_hant", "", "這裡是保健所。請您配合的期間已結束。感謝您的配合。如有疑問，請打電話給保健所。", TELL_RELEASE},
    {"tell_release_ko", "", "보건소입니다. 부탁드린 기간이 끝났습니다. 협조해 주셔서 감사합니다. 궁금한 점은 보건소에 전화해 주세요.", TELL_RELEASE},
    {"tell_release_vi", "",
     "Trung tâm y tế công cộng: thời gian chúng tôi đề nghị với bạn đã kết thúc. Xin cảm ơn. Nếu có thắc mắc, hãy gọi cho chúng tôi.", TELL_RELEASE},
    {"tell_release_pt", "",
     "Centro de saúde pública: o período que lhe pedimos terminou. Obrigado pela colaboração. Em caso de dúvida, ligue para nós.", TELL_RELEASE},
    {"tell_release_es", "",
     "Centro de salud pública: el período que le pedimos ha terminado. Gracias por su colaboración. Si tiene dudas, llámenos.", TELL_RELEASE},
    {"tell_release_tl", "", "Mula sa health center: tapos na ang panahong hiniling namin sa inyo. Salamat po. Kung may tanong, tumawag sa amin.", TELL_RELEASE},
    {"tell_release_ne", "", "स्वास्थ्य केन्द्रबाट: हामीले अनुरोध गरेको अवधि सकियो। सहयोगका लागि धन्यवाद। केही प्रश्न भए हामीलाई फोन गर्नुहोस्।", TELL_RELEASE},
    {"tell_entry_ja", "", "保健所からのお願いです。きょうの体調の入力がまだの方は、先にお送りしたページから入力してください。", TELL_ENTRY},
    {"tell_entry_ja_easy", "", "ほけんじょ です。きょうの からだの ようすを まだ おしえていない ひとは、まえに おくった ページで おしえてください。", TELL_ENTRY},
    {"tell_entry_en", "", "From your health centre: if you have not told us yet how you are today, please do so on the page that we sent you.", TELL_ENTRY},
    {"tell_entry_zh_hans", "", "这里是保健所。如还没有填写今天的身体状况，请在之前发送的页面填写。", TELL_ENTRY},
    {"tell_entry_zh_hant", "", "這裡是保健所。如還沒有填寫今天的身體狀況，請在之前發送的頁面填寫。", TELL_ENTRY},
    {"tell_entry_ko", "", "보건소입니다. 오늘의 몸 상태를 아직 입력하지 않으셨다면 앞서 보내 드린 페이지에서 입력해 주세요.", TELL_ENTRY},
    {"tell_entry_vi", "", "Trung tâm y tế công cộng: nếu hôm nay bạn chưa cho biết tình trạng, hãy nhập tại trang chúng tôi đã gửi.", TELL_ENTRY},
    {"tell_entry_pt", "", "Centro de saúde pública: se ainda não informou como está hoje, informe na página que lhe enviamos.", TELL_ENTRY},
    {"tell_entry_es", "", "Centro de salud pública: si aún no nos ha indicado cómo se encuentra hoy, hágalo en la página que le enviamos.", TELL_ENTRY},
    {"tell_entry_tl", "", "Mula sa health center: kung hindi pa ninyo nasasabi ang lagay ninyo ngayon, pakisagot sa pahinang ipinadala namin.", TELL_ENTRY},
    {"tell_entry_ne", "", "स्वास्थ्य केन्द्रबाट: आज कस्तो छ भनी अझै जानकारी नदिनुभएको भए, हामीले पठाएको पृष्ठमा दिनुहोस्।", TELL_ENTRY},
    {"tell_call_ja", "", "保健所からのお願いです。お話ししたいことがあります。保健所にお電話ください。", TELL_CALL},
    {"tell_call_ja_easy", "", "ほけんじょ です。はなしたい ことが あります。ほけんじょ に でんわ してください。", TELL_CALL},
    {"tell_call_en", "", "From your health centre: we would like to talk to you. Please call us.", TELL_CALL},
    {"tell_call_zh_hans", "", "这里是保健所。有事想与您联系。请给保健所打电话。", TELL_CALL},
    {"tell_call_zh_hant", "", "這裡是保健所。有事想與您聯繫。請打電話給保健所。", TELL_CALL},
    {"tell_call_ko", "", "보건소입니다. 말씀드릴 것이 있습니다. 보건소에 전화해 주세요.", TELL_CALL},
    {"tell_call_vi", "", "Trung tâm y tế công cộng: chúng tôi muốn trao đổi với bạn. Hãy gọi cho chúng tôi.", TELL_CALL},
    {"tell_call_pt", "", "Centro de saúde pública: gostaríamos de falar com você. Ligue para nós.", TELL_CALL},
    {"tell_call_es", "", "Centro de salud pública: queremos hablar con usted. Llámenos, por favor.", TELL_CALL},
    {"tell_call_tl", "", "Mula sa health center: may gusto kaming pag-usapan sa inyo. Pakitawagan kami.", TELL_CALL},
    {"tell_call_ne", "", "स्वास्थ्य केन्द्रबाट: हामी तपाईंसँग कुरा गर्न चाहन्छौं। हामीलाई फोन गर्नुहोस्।", TELL_CALL},
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

static json_t *
load(const char *numbers)
{
    return text_empty(numbers) ? NULL : json_loads(numbers, 0, NULL);
}

/* The figures of 入力状況, a line for each kind. */
static void
add_numbers(struct buf *out, const char *numbers)
{
    json_t *json = load(numbers);

    buf_printf(out, "担当している方：%lld人\n",
               (long long)json_integer_value(json_object_get(json, "patients")));
    for (int kind = 0; kind < COMPLETENESS_KINDS; kind++) {
        const char *name = completeness_kinds[kind].name;
        buf_printf(out, "%s：%lld人\n", todo_find(name)->label,
                   (long long)json_integer_value(json_object_get(json, name)));
    }
    json_decref(json);
}

/* Whom to ring; nothing for an office without a telephone. */
static void
add_phone(struct buf *out, struct arena *arena, const char *numbers)
{
    json_t *json = load(numbers);
    const char *phone = json_string_value(json_object_get(json, "phone"));

    buf_add_text(out, phone == NULL ? "" : jtext_phone_shown(arena, phone));
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
        } else if (text_starts(p, "$PHONE")) {
            add_phone(&out, arena, values->numbers);
            p += 6;
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
