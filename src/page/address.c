/* address.c - see address.h. */
#include "page/address.h"

#include "base/jtext.h"
#include "base/text.h"
#include "core/municipality.h"

bool
address_was_asked(const struct context *c)
{
    return request_value(c->request, ADDRESS_BUTTON)[0] != '\0';
}

void
address_complete(struct context *c, struct answer *postal, struct answer *address)
{
    const char *found = "", *digits = jtext_postal_digits(c->arena, postal->typed);
    enum db_status status = DB_OK;

    address->focus = true;
    if (digits != NULL)
        status = municipality_address_of_postal(c->db, c->arena, digits, &found);
    if (digits == NULL)
        postal->problem = "郵便番号は7桁の数字で入力してください。";
    else if (status != DB_OK)
        postal->problem = "ただいま調べられません。住所を直接入力してください。";
    else if (found[0] == '\0')
        postal->problem = "この郵便番号の住所は見つかりませんでした。住所を直接入力してください。";
    else if (text_empty(text_trim(c->arena, address->typed)))
        address->typed = found;
}

enum db_status
address_locate(struct context *c, const struct answer *postal, struct answer *address,
               const char **code)
{
    enum db_status status =
        municipality_of_address(c->db, c->arena, address->value, postal->value, code);

    if (status == DB_OK && (*code)[0] == '\0')
        address->problem =
            "市区町村が分かりません。「愛知県名古屋市中区…」のように、都道府県から入力してください。";
    return status;
}
