/* jurisdiction.c - which centre is competent for which municipality (管轄), corrected one at a time. */
#include <string.h>

#include "base/text.h"
#include "page/area.h"
#include "page/handlers.h"

/* ---- the list ------------------------------------------------------------------------------------------------------ */

/* The prefecture that is shown: one's own; the ministry chooses, "" before it has. */
static const char *
prefecture_shown(struct context *c)
{
    const char *asked = request_query(c->request, "prefecture");
    bool plain = text_is_digits(asked) && strlen(asked) == 2;

    if (c->session.kind != KIND_ministry)
        return c->session.prefecture_code;
    return plain ? asked : "";
}

void
jurisdiction_show(struct context *c)
{
    if (!area_kind(c, AREA_GOVERNMENT, "jurisdiction_list"))
        return;
    struct view *view = page_view(c, "管轄");
    const char *prefecture = prefecture_shown(c);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned prefectures = DB_ADD(batch, SQL_prefecture_list);
    unsigned list = DB_ADD(batch, SQL_jurisdiction_list, area_mine(c), prefecture);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *names = db_rows(batch, prefectures), *rows = db_rows(batch, list);
    view_flag(view, "chooses", c->session.kind == KIND_ministry);
    view_text(view, "prefecture_name", "");
    for (size_t i = 0; i < rows_count(names); i++) {
        struct view *row = view_row(view, "prefectures");
        bool here = text_same(rows_text(names, i, "code"), prefecture);
        view_text(row, "prefecture_code", rows_text(names, i, "code"));
        view_text(row, "prefecture", rows_text(names, i, "name"));
        view_flag(row, "is_here", here);
        if (here)
            view_text(view, "prefecture_name", rows_text(names, i, "name"));
    }
    size_t guesses = 0;
    view_list(view, "places");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "places");
        const char *centre = rows_text(rows, i, "centre");
        bool derived = rows_bool(rows, i, "derived") || centre == NULL;
        view_text(row, "place", rows_text(rows, i, "name"));
        view_text(row, "centre", centre == NULL ? "未設定" : centre);
        view_flag(row, "derived", derived);
        view_flag(row, "mine", rows_bool(rows, i, "mine"));
        view_format(row, "place_path", "/jurisdiction/%s", rows_text(rows, i, "code"));
        guesses += derived;
    }
    view_int(view, "total", (int64_t)rows_count(rows));
    view_int(view, "guesses", (int64_t)guesses);
    page_send(c, TEMPLATE_jurisdiction, view);
}

/* ---- one municipality ---------------------------------------------------------------------------------------------- */

struct found {
    const char *code, *what;
    const struct rows *place, *centres;
};

/* False when it has been answered already: not for this organisation to say, or the database failed. */
static bool
find(struct context *c, const char *action, struct found *found)
{
    const char *part = path_part(c, 1);

    if (!area_kind(c, AREA_GOVERNMENT, action))
        return false;
    found->code = text_is_digits(part) && strlen(part) == 5 ? part : "0";
    found->what = text_format(c->arena, "municipality %s", found->code);
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned place = DB_ADD(batch, SQL_jurisdiction_find, area_mine(c), found->code);
    unsigned centres = DB_ADD(batch, SQL_jurisdiction_centres, area_mine(c), found->code);
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return false;
    }
    found->place = db_rows(batch, place);
    found->centres = db_rows(batch, centres);
    if (rows_count(found->place) == 0)
        area_refuse(c, action, found->what);
    return rows_count(found->place) == 1;
}

void
jurisdiction_place_show(struct context *c)
{
    struct found found;

    if (!find(c, "jurisdiction_show", &found))
        return;
    struct view *view = page_view(c, "管轄を直す");
    const char *now = rows_text(found.place, 0, "centre_id");
    view_text(view, "place", rows_text(found.place, 0, "name"));
    view_flag(view, "derived", rows_bool(found.place, 0, "derived"));
    view_format(view, "place_path", "/jurisdiction/%s", found.code);
    view_format(view, "list_path", "/jurisdiction?prefecture=%.2s", found.code);
    view_list(view, "centres");
    for (size_t i = 0; i < rows_count(found.centres); i++) {
        struct view *row = view_row(view, "centres");
        const char *id = rows_text(found.centres, i, "organisation_id");
        view_text(row, "centre_id", id);
        view_text(row, "centre", rows_text(found.centres, i, "name"));
        view_flag(row, "is_now", text_same(id, now));
    }
    page_send(c, TEMPLATE_jurisdiction_place, view);
}

void
jurisdiction_place_post(struct context *c)
{
    struct found found;
    const char *centre = area_id(c, request_value(c->request, "centre"));

    if (!find(c, "jurisdiction_save", &found))
        return;
    const char *what = text_format(c->arena, "%s centre %s", found.what, centre);
    bool offered = false;
    for (size_t i = 0; i < rows_count(found.centres); i++)
        offered |= text_same(rows_text(found.centres, i, "organisation_id"), centre);
    if (!offered) {
        area_refuse(c, "jurisdiction_save", what);
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_jurisdiction_require, found.code, centre);
    DB_ADD(batch, SQL_jurisdiction_save, found.code, centre);
    area_finish(c, batch, "jurisdiction_save", what,
                text_format(c->arena, "/jurisdiction?prefecture=%.2s", found.code),
                "jurisdiction_saved");
}
