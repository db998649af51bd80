/* list_view.c - see list_view.h. */
#include "page/list_view.h"

#include <string.h>

#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "dictionary/rights.h"

#define PAST_COOKIE  "past"
#define ANY_RELATION (~0u)

const char *
list_view_age(struct arena *arena, const struct rows *rows, size_t i)
{
    const char *years = rows_text(rows, i, "age_years");

    if (years != NULL)
        return text_format(arena, "%s歳", years);
    return dictionary_label(LIST_age_band, rows_text(rows, i, "age_band"));
}

/*
 * A label, if this kind of organisation may see its class at all. What it may not see of this very patient the database has
 * left empty already (app.label_right).
 */
static const char *
label(struct rights rights, enum item_class class, const struct rows *rows, size_t i,
      const char *column)
{
    return rights_may_view(rights, class) ? rows_text(rows, i, column) : NULL;
}

void
list_view_fill(struct context *c, struct view *view, const struct rows *rows,
               const char *table_label, const char *time_label, const char *empty_text)
{
    view_text(view, "table_label", table_label);
    view_text(view, "time_label", time_label);
    view_text(view, "empty_text", empty_text);
    view_text(view, "next_path", "");
    view_list(view, "patients");
    struct rights rights = rights_of(c->session.kind, ANY_RELATION);
    view_text(view, "who_label", rights_may_view(rights, CLASS_identity) ? "氏名" : "HER-SYS ID");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_PAGE && rows_text(rows, i, "patient_id") != NULL; i++) {
        struct view *row = view_row(view, "patients");
        int64_t id = rows_int(rows, i, "patient_id");
        const char *name = label(rights, CLASS_identity, rows, i, "name");
        view_text(row, "patient_path",
                  text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, id)));
        /* The text of the link: who may not see names tells patients apart by their number. */
        bool named = rights_may_view(rights, CLASS_identity);
        view_flag(row, "named", named);
        view_text(row, "patient_name",
                  !named              ? publicid_hersys(c->arena, id)
                  : !text_empty(name) ? name
                                      : "（氏名未入力）");
        view_text(row, "kana", label(rights, CLASS_identity, rows, i, "kana"));
        view_text(row, "hersys_id", publicid_hersys(c->arena, id));
        view_text(row, "sex", dictionary_label(LIST_sex, rows_text(rows, i, "sex")));
        view_text(row, "age", list_view_age(c->arena, rows, i));
        view_text(row, "birth",
                  date_slashed(c->arena, date_from_iso(label(rights, CLASS_identity, rows, i, "birth_date"))));
        view_text(row, "category",
                  dictionary_label(LIST_category, label(rights, CLASS_clinical, rows, i, "category")));
        view_flag(row, "deemed", text_same(label(rights, CLASS_clinical, rows, i, "deemed"), "t"));
        view_text(row, "diagnosis_date",
                  date_slashed(c->arena, date_from_iso(label(rights, CLASS_clinical, rows, i,
                                                             "diagnosis_date"))));
        view_text(row, "reported", rows_text(rows, i, "reported"));
        view_text(row, "reporter", rows_text(rows, i, "reporter"));
        view_text(row, "responsible", rows_text(rows, i, "responsible"));
        const char *confirmed = label(rights, CLASS_confirmation, rows, i, "confirmed");
        view_flag(row, "confirmed", text_same(confirmed, "t"));
        view_flag(row, "unconfirmed", text_same(confirmed, "f"));
        view_text(row, "status",
                  dictionary_label(LIST_status, label(rights, CLASS_status, rows, i, "status")));
    }
}

void
list_view_next(struct context *c, struct view *view, const struct rows *rows, const char *path)
{
    if (rows_count(rows) <= LIST_PAGE)
        return;
    view_text(view, "next_path",
              text_format(c->arena, "%s%cat=%s&id=%s", path, strchr(path, '?') == NULL ? '?' : '&',
                          rows_text(rows, LIST_PAGE - 1, "cursor"),
                          publicid_hersys_plain(c->arena,
                                                rows_int(rows, LIST_PAGE - 1, "patient_id"))));
}

void
list_view_cursor(struct context *c, const char *first, const char **time, const char **patient)
{
    int64_t at, id = publicid_parse(request_query(c->request, "id"));

    *time = NULL;
    *patient = first;
    if (id == 0 || text_to_int(request_query(c->request, "at"), INT64_MIN / 2, INT64_MAX / 2, &at) != 0)
        return;
    *time = db_int(c->arena, at);
    *patient = db_int(c->arena, id);
}

bool
list_view_past(struct context *c)
{
    return text_same(request_cookie(c->request, "__Host-" PAST_COOKIE), "1");
}

void
list_view_past_switch(struct context *c, struct view *view, const char *past_until)
{
    view_flag(view, "past", list_view_past(c));
    view_text(view, "past_until", date_slashed(c->arena, date_from_iso(past_until)));
    view_text(view, "here", c->request->path);
}
