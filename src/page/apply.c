/*
 * apply.c - a clinic without an ID asks for one (IDの発行申請). Open to everybody, so it says nothing of who is
 * registered already: every application is answered alike.
 */
#include <string.h>

#include "base/text.h"
#include "page/address.h"
#include "page/handlers.h"

enum apply_field {
    APPLY_institution,
    APPLY_postal,
    APPLY_address,
    APPLY_phone,
    APPLY_doctor,
    APPLY_email,
    APPLY_COUNT
};

static const struct field apply_fields[APPLY_COUNT] = {
    [APPLY_institution] = {.name = "institution", .label = "医療機関の名称", .required = true, .max = 80,
                           .autocomplete = "organization"},
    [APPLY_postal] = {.name = "postal_code", .label = "郵便番号", .required = true, .max = 20, .css = "postal-input",
                      .autocomplete = "postal-code", .button = "住所を入れる", .button_name = ADDRESS_BUTTON,
                      .hint = "例：460-0008（全角でも、ハイフンがなくてもかまいません）", .read = simple_form_postal,
                      .unreadable = "郵便番号は7桁の数字で入力してください。"},
    [APPLY_address] = {.name = "address", .label = "所在地", .required = true,
                       .hint = "都道府県から番地、建物名まで"},
    [APPLY_phone] = {.name = "phone", .label = "電話番号", .type = "tel", .required = true, .max = 30,
                     .css = "phone-input", .autocomplete = "tel", .hint = "例：052-555-0101", .read = simple_form_phone,
                     .unreadable = "電話番号は、市外局番から10桁か11桁の数字で入力してください。"},
    [APPLY_doctor] = {.name = "doctor", .label = "医師の氏名", .required = true, .max = 60, .autocomplete = "name",
                      .hint = "最初のIDをお使いになる医師。ほかの方のIDは、あとでこの医師が発行できます"},
    [APPLY_email] = {.name = "email", .label = "メールアドレス", .type = "email", .required = true, .max = 254,
                     .autocomplete = "email", .read = simple_form_email,
                     .unreadable = "メールアドレスは「name@example.jp」の形で入力してください。"},
};

/* `id` makes pressing twice the same as pressing once. */
static void
show(struct context *c, int status, const char *id, const struct answer answers[], const char *problem)
{
    struct view *view = page_view(c, "IDの発行を申請する");

    view_text(view, "application_id", id);
    view_text(view, "problem", problem);
    simple_form_fill(view, APPLY_COUNT, apply_fields, answers);
    page_send_status(c, status, TEMPLATE_apply, view);
}

void
apply_show(struct context *c)
{
    const struct answer answers[APPLY_COUNT] = {0};

    show(c, 200, crypt_uuid(c->arena), answers, "");
}

static void
show_receipt(struct context *c, const char *id, const char *centre, const struct answer answers[])
{
    struct view *view = page_view(c, "申請を受け付けました");
    char receipt[9];

    for (int i = 0; i < 8; i++)
        receipt[i] = (char)(id[i] >= 'a' ? id[i] - 'a' + 'A' : id[i]);
    receipt[8] = '\0';
    view_format(view, "receipt", "%.4s-%s", receipt, receipt + 4);
    view_text(view, "centre", centre);
    view_text(view, "institution", answers[APPLY_institution].value);
    page_send(c, TEMPLATE_apply_done, view);
}

static void
submit(struct context *c, const char *id, struct answer answers[], const char *municipality)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(
        c->db, c->arena, NULL, &status, SQL_application_submit, id, answers[APPLY_institution].value,
        answers[APPLY_postal].value, municipality, answers[APPLY_address].value,
        answers[APPLY_phone].value, answers[APPLY_doctor].value, answers[APPLY_email].value);

    if (rows != NULL) {
        show_receipt(c, id, rows_text(rows, 0, "centre"), answers);
    } else if (status == DB_REFUSED) {
        answers[APPLY_address].problem =
            "この所在地を担当する保健所が決まっていません。お近くの保健所に電話でお問い合わせください。";
        show(c, 200, id, answers, "");
    } else {
        show(c, 503, id, answers,
             "ただいま混み合っていて、申請できたことを確認できませんでした。少し待ってから、もう一度"
             "「申請する」を押してください。同じ申請が二重になることはありません。");
    }
}

void
apply_post(struct context *c)
{
    struct answer answers[APPLY_COUNT] = {0};
    const char *typed_id = request_value(c->request, "application_id"), *municipality = "";
    const char *id = crypt_is_uuid(typed_id) ? typed_id : crypt_uuid(c->arena);
    enum db_status status = DB_OK;

    size_t problems = simple_form_read(c, APPLY_COUNT, apply_fields, answers);
    if (address_was_asked(c)) {
        for (int i = 0; i < APPLY_COUNT; i++)
            answers[i].problem = NULL;
        address_complete(c, &answers[APPLY_postal], &answers[APPLY_address]);
        show(c, 200, id, answers, "");
        return;
    }
    if (answers[APPLY_address].problem == NULL)
        status = address_locate(c, &answers[APPLY_postal], &answers[APPLY_address], &municipality);
    if (status != DB_OK)
        show(c, 503, id, answers, "ただいま混み合っています。少し待ってから、もう一度「申請する」を押してください。");
    else if (problems > 0 || municipality[0] == '\0')
        show(c, 200, id, answers, "");
    else
        submit(c, id, answers, municipality);
}
