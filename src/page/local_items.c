/*
 * local_items.c - 独自項目 as the offices of an area find them: what is asked for in each tab, and what was entered, as CSV. A
 * head office goes on from here to its own items (local_item_form.c); a centre sees what is asked of it.
 */
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "core/audit.h"
#include "exchange/local_csv.h"
#include "page/area.h"
#include "page/handlers.h"

enum {
    MOST_PATIENTS = 10000, /* of a file: it is made in memory */
    DAYS_AT_FIRST = 30
};

/* ---- the list ------------------------------------------------------------------------------------------------------ */

/* "要／不要", "0人から10人まで"; nothing where the kind says it all. */
static const char *
limits(struct arena *arena, const struct local_item *item)
{
    struct buf out = buf_new(arena);

    if (item->as.type == TYPE_int)
        buf_printf(&out, "%d%sから%d%sまで", item->as.min, item->as.unit, item->as.max, item->as.unit);
    for (size_t i = 0; i < item->choice_count; i++)
        if (item->choices[i].offered)
            buf_printf(&out, "%s%s", out.size == 0 ? "" : "／", item->choices[i].label);
    return buf_text(&out);
}

static void
fill_item(struct context *c, struct view *row, const struct local_item *item)
{
    view_text(row, "item_name", item->as.label);
    view_text(row, "item_kind", local_kind_label(local_kind_of(item)));
    view_text(row, "item_limits", limits(c->arena, item));
    view_text(row, "item_owner", item->owner);
    view_text(row, "item_saved", item->saved);
    view_text(row, "item_saver", item->saver);
    view_flag(row, "is_retired", item->retired);
    view_flag(row, "is_own", item->owner_id == c->session.organisation_id);
    view_text(row, "edit_path", text_format(c->arena, "/local-items/%lld", (long long)item->id));
}

static void
fill_tabs(struct context *c, struct view *view, const struct local_items *items)
{
    view_list(view, "item_tabs");
    for (int t = 0; t < RECORD_TAB_COUNT; t++) {
        const struct record_tab *tab = &dictionary_tabs[t];
        if (!tab->added)
            continue;
        struct view *part = view_row(view, "item_tabs");
        view_text(part, "tab_name", dictionary_tab_name(tab->tab));
        view_text(part, "tab_label", tab->label);
        view_list(part, "items");
        for (size_t i = 0; i < items->count; i++)
            if (items->list[i].tab == tab->tab)
                fill_item(c, view_row(part, "items"), &items->list[i]);
    }
}

/* ---- the CSV ------------------------------------------------------------------------------------------------------- */

/* Which patients' values are wanted: by the day of their report, and of one centre or all. */
struct wish {
    const char *from, *to; /* as typed */
    date_day first, last;
    int64_t centre; /* 0: all */
};

static struct wish
read_wish(struct context *c)
{
    struct wish wish = {.from = request_value(c->request, "from"), .to = request_value(c->request, "to")};

    if (date_parse(wish.from, &wish.first) != DATE_OK)
        wish.first = DATE_NONE;
    if (date_parse(wish.to, &wish.last) != DATE_OK)
        wish.last = DATE_NONE;
    if (text_to_int(request_value(c->request, "centre"), 1, INT64_MAX, &wish.centre) != 0)
        wish.centre = 0;
    return wish;
}

static void
fill_centres(struct context *c, struct view *view, const struct rows *centres, int64_t chosen)
{
    view_flag(view, "has_centres", rows_count(centres) > 0);
    view_list(view, "centres");
    for (size_t i = 0; i < rows_count(centres); i++) {
        struct view *row = view_row(view, "centres");
        view_text(row, "centre_id", rows_text(centres, i, "organisation_id"));
        view_text(row, "centre_name", rows_text(centres, i, "name"));
        view_flag(row, "is_chosen", rows_int(centres, i, "organisation_id") == chosen);
    }
    view_text(view, "most", text_format(c->arena, "%d,%03d", MOST_PATIENTS / 1000, MOST_PATIENTS % 1000));
}

static void
show(struct context *c, const struct wish *wish, const char *problem)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned known = DB_ADD(batch, SQL_local_items_known, area_mine(c));
    unsigned centres = DB_ADD(batch, SQL_local_centres, area_mine(c));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct local_items items = local_items_from(c->arena, db_rows(batch, known));
    struct view *view = page_view(c, "独自項目");
    view_text(view, "problem", problem);
    view_flag(view, "may_add", c->session.kind != KIND_centre);
    view_text(view, "from", wish->from);
    view_text(view, "to", wish->to);
    fill_tabs(c, view, &items);
    fill_centres(c, view, db_rows(batch, centres), wish->centre);
    page_send(c, TEMPLATE_local_items, view);
}

void
local_items_show(struct context *c)
{
    struct wish wish = {.from = date_slashed(c->arena, date_today() - DAYS_AT_FIRST),
                        .to = date_slashed(c->arena, date_today())};

    if (area_kind(c, AREA_REGIONAL, "local_items"))
        show(c, &wish, "");
}

/* Sends the file once the trail says whose values are in it. */
static void
send_values(struct context *c, const struct rows *rows)
{
    struct local_csv csv = local_csv_read(c->arena, rows);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned named =
        DB_ADD(batch, SQL_local_items_named, area_mine(c), local_csv_items(c->arena, &csv));

    audit_list(batch, c->arena, "local_csv", rows, "");
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    struct local_items columns = local_items_from(c->arena, db_rows(batch, named));
    struct buf file = local_csv_write(c->arena, &csv, &columns, c->session.organisation_id);
    response_file(c->response, "text/csv; charset=utf-8", "独自項目.csv", true, file.data, file.size);
}

void
local_values_post(struct context *c)
{
    enum db_status status;

    if (!area_kind(c, AREA_REGIONAL, "local_items"))
        return;
    struct wish wish = read_wish(c);
    if (wish.first == DATE_NONE || wish.last == DATE_NONE || wish.last < wish.first) {
        show(c, &wish, "届出の期間を読み取れません。初めの日と終わりの日を、2022/9/26、R4.9.26 のように入力してください。");
        return;
    }
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_local_values, area_mine(c),
               date_iso(c->arena, wish.first), date_iso(c->arena, wish.last),
               wish.centre == 0 ? NULL : db_int(c->arena, wish.centre),
               db_int(c->arena, MOST_PATIENTS + 1));
    if (rows == NULL)
        page_database_failed(c, status);
    else if (rows_count(rows) == 0)
        show(c, &wish, "この期間に届け出られた方に、独自項目が入力された方はいません。");
    else if (rows_count(rows) > MOST_PATIENTS)
        show(c, &wish, text_format(c->arena, "1つのファイルは%d人までです。期間を短くするか、担当保健所を選んでください。",
                                   MOST_PATIENTS));
    else
        send_values(c, rows);
}
