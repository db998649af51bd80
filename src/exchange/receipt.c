/* receipt.c - see receipt.h. */
#include "exchange/receipt.h"

#include <stddef.h>

#include "exchange/pdf.h"

enum { LEFT = 22, WIDTH = 166 }; /* mm */

struct buf
receipt_write(struct arena *arena, const struct receipt *receipt)
{
    const struct pdf_style title = {.size = 17, .serif = true, .bold = true, .across = PDF_CENTRE};
    const struct pdf_style prose = {.size = 10.5, .serif = true, .leading = 1.25};
    const struct pdf_style foot = {.size = 9, .serif = true, .across = PDF_RIGHT};
    const struct pdf_row rows[] = {
        {"受付番号", receipt->number},      {"患者さん", receipt->patient_name},
        {"HER-SYS ID", receipt->hersys_id}, {"スマホ入力ID", receipt->phone_id},
        {"診断分類", receipt->category},    {"提出日・受理日", receipt->submitted},
        {"届出日時", receipt->reported},    {"届出元", receipt->reporter},
        {"届出先", receipt->received_by},
    };
    struct pdf *pdf = pdf_new(arena, "発生届 受付票", receipt->printed_iso);

    pdf_page(pdf);
    pdf_text(pdf, (struct pdf_box){LEFT, 24, WIDTH, 10}, title,
             "新型コロナウイルス感染症 発生届　受付票");
    double y = 44;
    y += pdf_text(
        pdf, (struct pdf_box){LEFT, y, WIDTH, 0}, prose,
        "発生届を受け付けました。届出先の保健所に、登録のお知らせをメールで送ります。"
        "電話やFAXは原則として必要ありません。お問い合わせのときは、受付番号をお伝えください。");
    y = pdf_rows(pdf, LEFT, y + 6, WIDTH, sizeof rows / sizeof *rows, rows);
    pdf_text(pdf, (struct pdf_box){LEFT, y + 4, WIDTH, 0}, foot, receipt->printed);
    return pdf_finish(pdf);
}
