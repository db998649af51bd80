/* organisations.c - the organisations (機関) of one's own area: the list, a new one, one's particulars, closing it. */
#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "page/address.h"
#include "page/area.h"
#include "page/handlers.h"

enum { PAGE_ROWS = 50, IDLE_MIN = 5, IDLE_MAX = 120 };

/* What an organisation is called by its kind. */
static const char *
kind_label(const char *kind, bool laboratory)
{
    static const char *const labels[][2] = {
        {"ministry", "国"},          {"prefecture", "都道府県"}, {"city", "保健所設置市・特別区"},
        {"centre", "保健所"},        {"clinic", "医療機関"},     {"followup", "健康フォローアップ機関"},
        {"accommodation", "宿泊療養施設"}};

    for (size_t i = 0; !laboratory && i < sizeof labels / sizeof *labels; i++)
        if (strcmp(labels[i][0], kind) == 0)
            return labels[i][1];
    return "地方衛生研究所";
}

/* ---- the list ------------------------------------------------------------------------------------------------------ */

static void
fill_organisation(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    const char *kind = rows_text(rows, i, "kind"), *id = rows_text(rows, i, "organisation_id");

    view_format(row, "organisation_path", "/organisations/%s", id);
    view_format(row, "accounts_path", "/accounts?organisation=%s", id);
    view_text(row, "name", rows_text(rows, i, "name"));
    view_text(row, "code", rows_text(rows, i, "code"));
    view_text(row, "kind", kind_label(kind, rows_bool(rows, i, "laboratory")));
    view_text(row, "address", rows_text(rows, i, "address"));
    view_text(row, "phone", jtext_phone_shown(c->arena, rows_text(rows, i, "phone")));
    view_text(row, "account_count", rows_text(rows, i, "accounts"));
    view_flag(row, "closed", rows_bool(rows, i, "closed"));
}

/* A search in an address: only what may stand there as it is, percent-encoded otherwise. */
static const char *
encoded(struct context *c, const char *name, const char *value)
{
    struct form form = {0};

    form_add(&form, name, value);
    return form_encode(c->arena, &form);
}

void
organisations_show(struct context *c)
{
    enum db_status status;
    const char *typed = request_query(c->request, "q");
    const char *needle = text_trim(c->arena, jtext_narrow(c->arena, typed));
    const char *after = request_query(c->request, "after");

    if (!area_kind(c, AREA_OFFICES, "organisation_list"))
        return;
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_organisation_list, area_mine(c),
               needle, after[0] == '\0' ? NULL : area_id(c, after));
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "機関");
    size_t count = rows_count(rows), shown = count < PAGE_ROWS ? count : PAGE_ROWS;
    const char *search = encoded(c, "q", typed);
    view_list(view, "organisations");
    for (size_t i = 0; i < shown; i++)
        fill_organisation(c, view_row(view, "organisations"), rows, i);
    view_text(view, "total", count == 0 ? "0" : rows_text(rows, 0, "total"));
    view_text(view, "typed", typed);
    view_flag(view, "creates", (AREA_REGIONAL & 1u << c->session.kind) != 0);
    view_flag(view, "has_jurisdiction", (AREA_GOVERNMENT & 1u << c->session.kind) != 0);
    view_flag(view, "continued", after[0] != '\0');
    view_format(view, "first_path", "/organisations?%s", search);
    view_flag(view, "more", count > PAGE_ROWS);
    if (count > PAGE_ROWS)
        view_format(view, "next_path", "/organisations?%s&after=%s", search,
                    rows_text(rows, PAGE_ROWS - 1, "organisation_id"));
    page_send(c, TEMPLATE_organisations, view);
}

/* ---- the form ------------------------------------------------------------------------------------------------------ */

enum organisation_field {
    ORGANISATION_kind,
    ORGANISATION_name,
    ORGANISATION_postal,
    ORGANISATION_address,
    ORGANISATION_phone,
    ORGANISATION_night,
    ORGANISATION_idle,
    ORGANISATION_sections,
    ORGANISATION_COUNT
};

/* Minutes in the allowed range, as digits. */
static const char *
read_minutes(struct arena *arena, const char *typed)
{
    int64_t minutes;

    return text_to_int(jtext_narrow(arena, typed), IDLE_MIN, IDLE_MAX, &minutes) == 0
               ? db_int(arena, minutes)
               : NULL;
}

static const struct field organisation_fields[ORGANISATION_COUNT] = {
    [ORGANISATION_kind] = {.name = "kind", .label = "種別", .kind = FIELD_RADIO, .required = true},
    [ORGANISATION_name] = {.name = "name", .label = "名称", .required = true, .max = 80},
    [ORGANISATION_postal] = {.name = "postal_code", .label = "郵便番号", .max = 20, .css = "postal-input",
                             .button = "住所を入れる", .button_name = ADDRESS_BUTTON, .read = simple_form_postal,
                             .unreadable = "郵便番号は7桁の数字で入力してください。"},
    [ORGANISATION_address] = {.name = "address", .label = "所在地", .required = true,
                              .hint = "都道府県から番地、建物名まで"},
    [ORGANISATION_phone] = {.name = "phone", .label = "電話番号", .type = "tel", .required = true, .max = 30,
                            .css = "phone-input", .read = simple_form_phone,
                            .unreadable = "電話番号は、市外局番から10桁か11桁の数字で入力してください。"},
    [ORGANISATION_night] = {.name = "night_phone", .label = "夜間・休日の電話番号", .type = "tel", .max = 30,
                            .css = "phone-input", .read = simple_form_phone,
                            .unreadable = "電話番号は、市外局番から10桁か11桁の数字で入力してください。"},
    [ORGANISATION_idle] = {.name = "idle_minutes", .label = "操作がないときにサインアウトするまでの時間（分）",
                           .required = true, .max = 10, .css = "postal-input", .read = read_minutes,
                           .hint = "5～120分。次のサインインから有効になります",
                           .unreadable = "サインアウトまでの時間は、5から120までの数字で入力してください。"},
    [ORGANISATION_sections] = {.name = "section_accounts", .label = "部署のアカウントを認める", .kind = FIELD_CHECK,
                               .hint = "「△△課１」のように、何人かで1つのIDを使えます。外しても、すでにあるものは残ります"},
};

/* The fields as they apply: an office (庁, 保健所) may leave address and telephone open. */
static const struct field *
fields_for(struct context *c, bool office)
{
    struct field *fields = ARENA_ARRAY(c->arena, ORGANISATION_COUNT, struct field);

    memcpy(fields, organisation_fields, sizeof organisation_fields);
    fields[ORGANISATION_address].required = !office;
    fields[ORGANISATION_phone].required = !office;
    return fields;
}

/* Answers the button of the postal code; true when it was pressed. */
static bool
answered_postal_code(struct context *c, struct answer answers[])
{
    if (!address_was_asked(c))
        return false;
    for (int i = 0; i < ORGANISATION_COUNT; i++)
        answers[i].problem = NULL;
    address_complete(c, &answers[ORGANISATION_postal], &answers[ORGANISATION_address]);
    return true;
}

/* ---- a new organisation -------------------------------------------------------------------------------------------- */

/* What one may create, and the letter with which its code begins. */
static const struct creatable {
    const char *value, *label, *kind, *letter;
    bool laboratory;
    unsigned by;
} creatables[] = {
    {"clinic", "医療機関", "clinic", "K", false, AREA_REGIONAL},
    {"followup", "健康フォローアップ機関", "followup", "F", false, AREA_REGIONAL},
    {"accommodation", "宿泊療養施設", "accommodation", "A", false, AREA_REGIONAL},
    {"laboratory", "地方衛生研究所", "centre", "L", true, AREA_KIND(prefecture) | AREA_KIND(city)},
};
enum { CREATABLE_COUNT = sizeof creatables / sizeof *creatables };

static const struct field_option *
creatable_options(struct context *c)
{
    struct field_option *options = ARENA_ARRAY(c->arena, CREATABLE_COUNT + 1, struct field_option);

    for (int i = 0, n = 0; i < CREATABLE_COUNT; i++)
        if ((creatables[i].by & 1u << c->session.kind) != 0)
            options[n++] = (struct field_option){creatables[i].value, creatables[i].label};
    return options;
}

static void
show_new(struct context *c, const struct answer answers[])
{
    struct view *view = page_view(c, "機関を登録する");

    simple_form_fill(view, ORGANISATION_COUNT, fields_for(c, false), answers);
    page_send(c, TEMPLATE_organisation_new, view);
}

/* A laboratory has the rights of a health centre, but no clinics of its own. False when it has been answered. */
static bool
may_create(struct context *c)
{
    enum db_status status;

    if (!area_kind(c, AREA_REGIONAL, "organisation_create"))
        return false;
    const struct rows *mine = DB_ONE(c->db, c->arena, c->session.token, &status,
                                     SQL_organisation_in_area, area_mine(c), area_mine(c));
    if (mine == NULL) {
        page_database_failed(c, status);
        return false;
    }
    bool may = rows_count(mine) == 1 && !rows_bool(mine, 0, "laboratory");
    if (!may)
        area_refuse(c, "organisation_create", "");
    return may;
}

void
organisation_new_show(struct context *c)
{
    struct answer answers[ORGANISATION_COUNT] = {
        [ORGANISATION_kind] = {.options = creatable_options(c)}};

    if (!may_create(c))
        return;
    simple_form_start(&answers[ORGANISATION_idle], "30");
    simple_form_start(&answers[ORGANISATION_sections], "1");
    show_new(c, answers);
}

static const struct creatable *
creatable_of(const char *value)
{
    int i = 0;

    while (i < CREATABLE_COUNT - 1 && strcmp(creatables[i].value, value) != 0)
        i++;
    return &creatables[i];
}

/* One attempt: the id of the organisation, its own or the one that the same form made before, in *id. */
static enum db_status
create(struct context *c, const struct answer answers[], const char *municipality, const char **id)
{
    const struct creatable *kind = creatable_of(answers[ORGANISATION_kind].value);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    unsigned repeated = DB_ADD(batch, SQL_organisation_repeated, area_mine(c),
                               answers[ORGANISATION_name].value, answers[ORGANISATION_address].value);
    unsigned number = DB_ADD(batch, SQL_organisation_number);
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        return status;
    bool there = rows_count(db_rows(batch, repeated)) > 0;
    *id = rows_text(db_rows(batch, there ? repeated : number), 0, "organisation_id");
    if (there)
        return DB_OK;
    batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_issuing_require, area_mine(c));
    DB_ADD(batch, SQL_organisation_insert, *id, area_mine(c), kind->kind, db_bool(kind->laboratory),
           kind->letter, municipality, answers[ORGANISATION_name].value,
           answers[ORGANISATION_postal].value, answers[ORGANISATION_address].value,
           answers[ORGANISATION_phone].value, answers[ORGANISATION_night].value,
           answers[ORGANISATION_idle].value, db_bool(answers[ORGANISATION_sections].value[0] == '1'));
    DB_ADD(batch, SQL_audit_append, "organisation_create", "allowed", NULL, NULL,
           text_format(c->arena, "organisation %s", *id));
    return db_run(batch);
}

void
organisation_new_post(struct context *c)
{
    enum { ATTEMPTS = 3 }; /* two at once may be given the same code; one of them comes again */
    struct answer answers[ORGANISATION_COUNT] = {
        [ORGANISATION_kind] = {.options = creatable_options(c)}};
    const char *municipality = "", *id = NULL;
    enum db_status status = DB_OK;

    if (!may_create(c))
        return;
    size_t problems = simple_form_read(c, ORGANISATION_COUNT, fields_for(c, false), answers);
    if (answered_postal_code(c, answers)) {
        show_new(c, answers);
        return;
    }
    if (answers[ORGANISATION_address].problem == NULL)
        status = address_locate(c, &answers[ORGANISATION_postal], &answers[ORGANISATION_address],
                                &municipality);
    if (status == DB_OK && (problems > 0 || municipality[0] == '\0')) {
        show_new(c, answers);
        return;
    }
    for (int i = 0; status == DB_OK && id == NULL && i < ATTEMPTS; i++) {
        status = create(c, answers, municipality, &id);
        if (status == DB_DUPLICATE && i < ATTEMPTS - 1) {
            status = DB_OK;
            id = NULL;
        }
    }
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        page_redirect_with(c, text_format(c->arena, "/organisations/%s", id), "organisation_saved");
}

/* ---- one organisation ---------------------------------------------------------------------------------------------- */

struct found {
    const char *id, *what;
    const struct rows *row;
};

/* False when it has been answered already: outside the area, or the database failed. */
static bool
find(struct context *c, const char *action, struct found *found)
{
    enum db_status status;

    if (!area_kind(c, AREA_OFFICES, action))
        return false;
    found->id = area_path_id(c, 1);
    found->what = text_format(c->arena, "organisation %s", found->id);
    found->row = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_organisation_in_area,
                        area_mine(c), found->id);
    if (found->row == NULL)
        page_database_failed(c, status);
    else if (rows_count(found->row) == 0)
        area_refuse(c, action, found->what);
    return found->row != NULL && rows_count(found->row) == 1;
}

static bool
is_below(const struct found *found)
{
    return text_same(rows_text(found->row, 0, "relation"), "below");
}

static void
show(struct context *c, const struct found *found, const struct answer answers[])
{
    struct view *view = page_view(c, "機関の内容");
    const struct rows *row = found->row;
    const char *parent = rows_text(row, 0, "parent");

    view_text(view, "name", rows_text(row, 0, "name"));
    view_text(view, "code", rows_text(row, 0, "code"));
    view_text(view, "kind", kind_label(rows_text(row, 0, "kind"), rows_bool(row, 0, "laboratory")));
    view_text(view, "parent", parent == NULL ? "なし" : parent);
    view_flag(view, "closed", rows_bool(row, 0, "closed"));
    view_text(view, "closed_on", rows_text(row, 0, "closed_on"));
    view_flag(view, "closable", is_below(found));
    view_format(view, "organisation_path", "/organisations/%s", found->id);
    view_format(view, "accounts_path", "/accounts?organisation=%s", found->id);
    view_format(view, "new_path", "/accounts/new?organisation=%s", found->id);
    simple_form_fill(view, ORGANISATION_COUNT, fields_for(c, !is_below(found)), answers);
    page_send(c, TEMPLATE_organisation, view);
}

void
organisation_show(struct context *c)
{
    struct found found;
    struct answer answers[ORGANISATION_COUNT] = {[ORGANISATION_kind] = {.hidden = true}};

    if (!find(c, "organisation_show", &found))
        return;
    const struct rows *row = found.row;
    simple_form_start(&answers[ORGANISATION_name], rows_text(row, 0, "name"));
    simple_form_start(&answers[ORGANISATION_postal], rows_text(row, 0, "postal_code"));
    simple_form_start(&answers[ORGANISATION_address], rows_text(row, 0, "address"));
    simple_form_start(&answers[ORGANISATION_phone],
                 jtext_phone_shown(c->arena, rows_text(row, 0, "phone")));
    simple_form_start(&answers[ORGANISATION_night],
                 jtext_phone_shown(c->arena, rows_text(row, 0, "night_phone")));
    simple_form_start(&answers[ORGANISATION_idle], rows_text(row, 0, "idle_minutes"));
    simple_form_start(&answers[ORGANISATION_sections],
                 rows_bool(row, 0, "section_accounts") ? "1" : "");
    show(c, &found, answers);
}

void
organisation_post(struct context *c)
{
    struct found found;
    struct answer answers[ORGANISATION_COUNT] = {[ORGANISATION_kind] = {.hidden = true}};
    struct answer *address = &answers[ORGANISATION_address];
    const char *municipality = NULL; /* as it was */
    enum db_status status = DB_OK;

    if (!find(c, "organisation_save", &found))
        return;
    size_t problems =
        simple_form_read(c, ORGANISATION_COUNT, fields_for(c, !is_below(&found)), answers);
    if (answered_postal_code(c, answers)) {
        show(c, &found, answers);
        return;
    }
    bool moved = !text_same(address->value, rows_text(found.row, 0, "address"));
    if (address->problem == NULL && moved && address->value[0] != '\0')
        status = address_locate(c, &answers[ORGANISATION_postal], address, &municipality);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (problems > 0 || address->problem != NULL) {
        show(c, &found, answers);
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_issuing_require, found.id);
    DB_ADD(batch, SQL_organisation_save, found.id, municipality, answers[ORGANISATION_name].value,
           answers[ORGANISATION_postal].value, address->value, answers[ORGANISATION_phone].value,
           answers[ORGANISATION_night].value, answers[ORGANISATION_idle].value,
           db_bool(answers[ORGANISATION_sections].value[0] == '1'));
    area_finish(c, batch, "organisation_save", found.what,
                text_format(c->arena, "/organisations/%s", found.id), "organisation_saved");
}

/* Only what stands below one's own organisation is closed and opened again. */
static void
change_open(struct context *c, enum sql statement, const char *action, const char *notice)
{
    struct found found;

    if (!find(c, action, &found))
        return;
    if (!is_below(&found)) {
        area_refuse(c, action, found.what);
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    const char *const parameters[] = {found.id};
    DB_ADD(batch, SQL_issuing_require, found.id);
    db_add_array(batch, statement, 1, parameters);
    DB_ADD(batch, SQL_organisation_sessions_end, found.id);
    area_finish(c, batch, action, found.what, text_format(c->arena, "/organisations/%s", found.id),
                notice);
}

void
organisation_close_post(struct context *c)
{
    change_open(c, SQL_organisation_close, "organisation_close", "organisation_closed");
}

void
organisation_reopen_post(struct context *c)
{
    change_open(c, SQL_organisation_reopen, "organisation_reopen", "organisation_reopened");
}
