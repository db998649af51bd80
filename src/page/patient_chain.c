/*
 * patient_chain.c - the chain of infections that a patient stands in: as a table by generation, and as data for the drawing
 * (web/js/chain.js). Where the office has no access somebody stands who has neither a name nor a number here.
 */
#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/link.h"
#include "page/handlers.h"
#include "page/list_view.h"
#include "page/patient_head.h"

enum { PAGE_ROWS = 100 };

/* One part of the chain of the patient of the path; NULL with *status when the database failed, or refused it. */
static const struct rows *
load_part(struct context *c, int64_t after, int rows, enum db_status *status)
{
    return DB_ONE(c->db, c->arena, c->session.token, status, SQL_chain_rows,
                  db_int(c->arena, c->session.organisation_id), db_int(c->arena, path_patient(c, 1)),
                  db_int(c->arena, CHAIN_MOST), db_int(c->arena, after), db_int(c->arena, rows), "chain");
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

static const char *
source_words(struct context *c, const struct rows *rows, size_t i)
{
    if (rows_text(rows, i, "source_place") == NULL)
        return "";
    return text_format(c->arena, "%s番（%s）%s", rows_text(rows, i, "source_place"),
                       dictionary_label(LIST_link_certainty, rows_text(rows, i, "certainty")),
                       rows_bool(rows, i, "forward") ? "　感染源のほうが、あとの届出" : "");
}

static void
fill_person(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    int64_t id = rows_int(rows, i, "patient_id");
    const char *name = rows_text(rows, i, "name");

    view_flag(row, "known", id != 0);
    if (id == 0)
        return;
    view_text(row, "person_path",
              text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, id)));
    view_text(row, "person", text_empty(name) ? publicid_hersys(c->arena, id) : name);
    view_text(row, "person_id", text_empty(name) ? "" : publicid_hersys(c->arena, id));
    view_text(row, "person_sex", dictionary_label(LIST_sex, rows_text(rows, i, "sex")));
    view_text(row, "person_age", list_view_age(c->arena, rows, i));
    view_text(row, "diagnosed",
              date_slashed(c->arena, date_from_iso(rows_text(rows, i, "diagnosis_date"))));
    view_text(row, "person_centre", rows_text(rows, i, "responsible"));
}

static void
fill_table(struct context *c, struct view *view, const struct record *record,
           const struct rows *rows)
{
    view_list(view, "people");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "people");
        view_text(row, "place", rows_text(rows, i, "place"));
        view_text(row, "generation", rows_text(rows, i, "generation"));
        view_text(row, "source", source_words(c, rows, i));
        view_flag(row, "is_here", rows_int(rows, i, "patient_id") == record->patient_id);
        fill_person(c, row, rows, i);
    }
}

void
patient_chain_show(struct context *c)
{
    struct record record;
    enum db_status status;
    int64_t after = 0;

    text_to_int(request_query(c->request, "after"), 0, CHAIN_MOST, &after);
    if (!patient_open(c, 0, CLASS_link, "chain_view", &record))
        return;
    const struct rows *rows = load_part(c, after, PAGE_ROWS, &status);
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    size_t shown = rows_count(rows);
    int64_t whole = shown == 0 ? 0 : rows_int(rows, 0, "whole");
    int64_t last = shown == 0 ? 0 : rows_int(rows, shown - 1, "place");
    bool cut = whole > CHAIN_MOST;
    struct view *view = patient_view(c, &record, "tab/link");
    view_text(view, "title", "患者の記録：感染のつながり");
    view_int(view, "whole", cut ? CHAIN_MOST : whole);
    view_text(view, "generations", shown == 0 ? "0" : rows_text(rows, 0, "generations"));
    view_flag(view, "is_alone", whole == 1);
    view_flag(view, "is_cut", cut);
    view_flag(view, "is_outside", cut && shown > 0 && rows_text(rows, 0, "here") == NULL);
    view_int(view, "most", CHAIN_MOST);
    view_text(view, "back_path", patient_path(c, &record, "tab/link"));
    fill_table(c, view, &record, rows);
    view_text(view, "next_path",
              last >= (cut ? CHAIN_MOST : whole)
                  ? ""
                  : text_format(c->arena, "%s?after=%lld", patient_path(c, &record, "chain"),
                                (long long)last));
    page_send(c, TEMPLATE_patient_chain, view);
}

/* ---- the data of the drawing --------------------------------------------------------------------------------------- */

/* One list of the answer: a value for each person, in the order of the places. */
static void
add_column(struct buf *out, const char *name, const struct rows *rows,
           void (*add)(struct buf *out, const struct rows *rows, size_t i))
{
    buf_printf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < rows_count(rows); i++) {
        if (i > 0)
            buf_add_char(out, ',');
        add(out, rows, i);
    }
    buf_add_char(out, ']');
}

/* The HER-SYS ID as a number, 0 for somebody of another office. */
static void
add_id(struct buf *out, const struct rows *rows, size_t i)
{
    int64_t id = rows_int(rows, i, "patient_id"), shown = 0;

    if (id != 0)
        text_to_int(publicid_hersys_plain(out->arena, id), 0, INT64_MAX, &shown);
    buf_printf(out, "%lld", (long long)shown);
}

/* The place of the source; 0 for the first of all. */
static void
add_source(struct buf *out, const struct rows *rows, size_t i)
{
    buf_printf(out, "%lld", (long long)rows_int(rows, i, "source_place"));
}

static void
add_name(struct buf *out, const struct rows *rows, size_t i)
{
    const char *name = rows_text(rows, i, "name");

    buf_add_json(out, name == NULL ? "" : name);
}

/* Days since 1970, 0 when it is not known here. */
static void
add_day(struct buf *out, const struct rows *rows, size_t i)
{
    date_day day = date_from_iso(rows_text(rows, i, "diagnosis_date"));

    buf_printf(out, "%d", day == DATE_NONE ? 0 : (int)day);
}

/* One letter for each person: how certain the link to the source is; a capital when the source was reported later. */
static void
add_links(struct buf *out, const struct rows *rows)
{
    buf_add_text(out, ",\"links\":\"");
    for (size_t i = 0; i < rows_count(rows); i++) {
        char letter = rows_text(rows, i, "certainty")[0];
        buf_add_char(out, letter == '\0'                    ? '-'
                          : rows_bool(rows, i, "forward") ? (char)(letter - 'a' + 'A')
                                                          : letter);
    }
    buf_add_char(out, '"');
}

/*
 * The page has been opened before, with its entry in the trail, so that the chain alone goes there. Whoever may not walk it is
 * told by the same look at the patient as on the page.
 */
void
patient_chain_data(struct context *c)
{
    struct record record;
    enum db_status status;
    struct buf *out = &c->response->body;
    const struct rows *rows = load_part(c, 0, CHAIN_MOST, &status);

    if (rows == NULL) {
        if (status != DB_REFUSED || patient_open(c, 0, CLASS_link, "chain_view", &record))
            page_database_failed(c, status);
        return;
    }
    buf_printf(out, "{\"here\":%lld", (long long)(rows_count(rows) == 0 ? 0 : rows_int(rows, 0, "here")));
    add_column(out, "ids", rows, add_id);
    add_column(out, "sources", rows, add_source);
    add_column(out, "names", rows, add_name);
    add_column(out, "days", rows, add_day);
    add_links(out, rows);
    buf_add_char(out, '}');
    response_json(c->response, 200);
}
