/* letter.c - see letter.h. The receiver's address stands where the window of an envelope (長形3号) shows it. */
#include "exchange/letter.h"

#include <stddef.h>

#include "base/text.h"
#include "exchange/pdf.h"

enum { LEFT = 22, WIDTH = 166 }; /* of the text, mm */

static const struct pdf_style prose_style = {.size = 10.5, .serif = true, .leading = 1.25};
static const struct pdf_style address_style = {.size = 10.5, .serif = true, .leading = 1.15, .shrink = true};
static const struct pdf_style sender_style = {
    .size = 10.5, .serif = true, .leading = 1.15, .shrink = true, .across = PDF_RIGHT};
static const struct pdf_style heading_style = {.size = 17, .serif = true, .bold = true, .across = PDF_CENTRE};
static const struct pdf_style value_style = {.size = 12.5, .bold = true, .down = PDF_MIDDLE, .shrink = true};
static const struct pdf_style password_style = {
    .size = 26, .bold = true, .across = PDF_CENTRE, .down = PDF_MIDDLE};

/* Receiver, date, number of the sheet, sender and heading: alike on both sheets. */
static void
draw_head(struct pdf *pdf, struct arena *arena, const struct letter *letter, int sheet,
          const char *heading)
{
    const char *postal =
        letter->postal_code[0] == '\0'
            ? ""
            : text_format(arena, "〒%.3s-%s\n", letter->postal_code, letter->postal_code + 3);
    const char *phone = letter->issuer_phone[0] == '\0'
                            ? ""
                            : text_format(arena, "\n電話 %s", letter->issuer_phone);

    pdf_page(pdf);
    pdf_text(pdf, (struct pdf_box){LEFT, 18, 82, 30}, address_style,
             text_format(arena, "%s%s%s%s\n%s　様", postal, letter->address,
                         letter->address[0] == '\0' ? "" : "\n", letter->organisation,
                         letter->holder));
    pdf_text(pdf, (struct pdf_box){110, 18, LEFT + WIDTH - 110, 30}, sender_style,
             text_format(arena, "%s\n手紙番号 %lld（2枚のうち%d枚目）\n%s%s", letter->date,
                         (long long)letter->number, sheet, letter->issuer_name, phone));
    pdf_text(pdf, (struct pdf_box){LEFT, 62, WIDTH, 10}, heading_style, heading);
}

/* A list, each point behind its number, or behind a dot; returns where it ends. */
static double
draw_points(struct pdf *pdf, struct arena *arena, double y, bool numbered, size_t count,
            const char *const points[])
{
    enum { INDENT = 6 };

    for (size_t i = 0; i < count; i++) {
        pdf_text(pdf, (struct pdf_box){LEFT, y, INDENT, 0}, prose_style,
                 numbered ? text_format(arena, "%zu.", i + 1) : "・");
        y += pdf_text(pdf, (struct pdf_box){LEFT + INDENT, y, WIDTH - INDENT, 0}, prose_style,
                      points[i]);
        y += 1.5;
    }
    return y;
}

static void
draw_login_sheet(struct pdf *pdf, struct arena *arena, const struct letter *letter)
{
    static const char *const steps[] = {
        "インターネットにつながるパソコン、タブレット、スマートフォンのブラウザーを開き、上のアドレスを"
        "アドレス欄に入力します。検索サイトで探しても出てきません。",
        "上のユーザーIDと、別の封筒で届く初期パスワードを入力します。",
        "これから使うパスワードを決めます。13文字以上であれば、文字の種類は問いません。"
        "初期パスワードは、このとき一度だけ使います。",
        "2つ目の確認方法として、携帯電話のSMSまたは認証アプリを登録します。以後、サインインのたびに使います。",
        "利用規約を読み、同意すると使い始められます。",
    };
    static const char *const notes[] = {
        "IDとパスワードは、ほかの人に教えないでください。職員であっても、電話やメールでおたずねすることはありません。",
        "期限を過ぎたとき、初期パスワードが届かないときは、発行元にご連絡ください。新しいものをお送りします。",
    };
    const struct pdf_row rows[] = {
        {"アドレス（URL）", letter->url},
        {"ユーザーID", letter->login},
        {"お名前・部署", letter->holder},
        {"役割", letter->role},
        {"初期パスワードの期限", letter->valid_until},
    };

    draw_head(pdf, arena, letter, 1, "HER-SYS 利用者IDのお知らせ");
    double y = 78;
    y += pdf_text(pdf, (struct pdf_box){LEFT, y, WIDTH, 0}, prose_style,
                  "HER-SYS（新型コロナウイルス感染者等情報把握・管理支援システム）をお使いいただくためのIDを"
                  "発行しました。初期パスワードは、この紙とは別の封筒でお届けします。");
    y = pdf_rows(pdf, LEFT, y + 6, WIDTH, sizeof rows / sizeof *rows, rows);
    y += 9;
    y += pdf_text(pdf, (struct pdf_box){LEFT, y, WIDTH, 0}, value_style, "はじめかた") + 2;
    y = draw_points(pdf, arena, y, true, sizeof steps / sizeof *steps, steps);
    draw_points(pdf, arena, y + 5, false, sizeof notes / sizeof *notes, notes);
}

static void
draw_password_sheet(struct pdf *pdf, struct arena *arena, const struct letter *letter)
{
    const char *const notes[] = {
        text_format(arena, "%sまで使えます。期限を過ぎたときは、発行元に再発行を依頼してください。",
                    letter->valid_until),
        "大文字と小文字は区別しません。ハイフンは入れても入れなくてもかまいません。",
        "最初のサインインで、ご自分のパスワードに変えていただきます。そのあと、この紙は細かく裁断して捨ててください。",
        "封筒が開いていたときは使わずに、発行元にご連絡ください。",
    };
    const struct pdf_box frame = {LEFT + 20, 104, WIDTH - 40, 26};

    draw_head(pdf, arena, letter, 2, "HER-SYS 初期パスワードのお知らせ");
    pdf_text(pdf, (struct pdf_box){LEFT, 82, WIDTH, 0}, prose_style,
             "別の封筒でお届けするユーザーID（同じ手紙番号のもの）とあわせて、最初のサインインに使ってください。");
    pdf_rectangle(pdf, frame, 0.35);
    pdf_text(pdf, frame, password_style, letter->password);
    draw_points(pdf, arena, 138, false, sizeof notes / sizeof *notes, notes);
}

struct buf
letter_write(struct arena *arena, const struct letter *letter)
{
    struct pdf *pdf = pdf_new(arena, "HER-SYS 利用者IDのお知らせ", letter->printed);

    draw_login_sheet(pdf, arena, letter);
    draw_password_sheet(pdf, arena, letter);
    return pdf_finish(pdf);
}
