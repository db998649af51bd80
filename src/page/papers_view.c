/* papers_view.c - see papers_view.h. */
#include "page/papers_view.h"

#include <string.h>

#include "base/text.h"
#include "exchange/papers_pdf.h"

enum { MOST_TYPED = 100 }; /* characters */

static const char *
field_name(struct arena *arena, const struct papers_place *place)
{
    return text_format(arena, "v_%s", place->key);
}

struct papers_typed
papers_view_typed(struct context *c)
{
    struct papers_typed typed = {0};

    for (int i = 0; i < PAPERS_PLACE_COUNT; i++) {
        const struct papers_place *place = &papers_places[i];
        const char *value =
            text_trim(c->arena, request_value(c->request, field_name(c->arena, place)));
        date_day day;
        typed.shown[i] = value;
        typed.value[i] = value;
        if (place->typed == PAPERS_TYPED_date && value[0] != '\0') {
            bool readable = date_parse(value, &day) == DATE_OK;
            typed.value[i] = readable ? date_japanese(c->arena, day) : "";
            if (!readable && typed.problem == NULL)
                typed.problem = text_format(c->arena, "%sを読み取れません。例：2022/8/11、R4.8.11", place->name);
        }
        if (text_length(value) > MOST_TYPED && typed.problem == NULL)
            typed.problem = text_format(c->arena, "%sは%d文字以内で入力してください。", place->name, MOST_TYPED);
    }
    return typed;
}

void
papers_view_fields(struct view *view, struct arena *arena, const struct papers_source_text *text,
                   const struct papers_typed *typed, const struct papers_values *recorded)
{
    view_list(view, "places");
    for (int i = 0; i < PAPERS_PLACE_COUNT; i++) {
        const struct papers_place *place = &papers_places[i];
        if (place->typed == PAPERS_TYPED_never ||
            !(papers_names(text->title, place) || papers_names(text->body, place)))
            continue;
        struct view *row = view_row(view, "places");
        view_text(row, "place_field", field_name(arena, place));
        view_text(row, "place_name", place->name);
        view_text(row, "place_meaning", place->meaning);
        view_flag(row, "place_date", place->typed == PAPERS_TYPED_date);
        bool both = recorded != NULL && !text_empty(typed->value[i]) && !text_empty(recorded->value[i]);
        view_text(row, "place_value",
                  !text_empty(typed->shown[i]) || recorded == NULL ? typed->shown[i]
                                                                   : recorded->value[i]);
        view_text(row, "place_recorded",
                  both && !text_same(typed->value[i], recorded->value[i]) ? recorded->value[i] : "");
    }
}

void
papers_view_sheet(struct view *view, struct arena *arena, const char *addressee,
                  const struct papers_source_text *text, const struct papers_values *values)
{
    struct papers_lines lines = papers_fill(arena, text->body, values);

    view_text(view, "sheet_title", papers_join(arena, papers_fill(arena, text->title, values)));
    view_text(view, "sheet_addressee", addressee);
    view_text(view, "sheet_office", text->office);
    view_text(view, "sheet_address", text->office_address);
    view_text(view, "sheet_phone", text->office_phone);
    view_list(view, "sheet_lines");
    for (size_t i = 0; i < lines.count; i++) {
        struct view *row = view_row(view, "sheet_lines");
        const struct papers_line *line = &lines.list[i];
        view_flag(row, "is_row", line->kind == PAPERS_LINE_row);
        view_flag(row, "is_centre", line->kind == PAPERS_LINE_centre);
        view_flag(row, "is_right", line->kind == PAPERS_LINE_right);
        view_text(row, "line_label", line->label);
        view_text(row, "line_text", line->text);
        view_flag(row, "line_missing", line->missing);
    }
}

void
papers_view_kinds(struct view *view, struct arena *arena, unsigned whom, const char *path,
                  const struct papers_kind *chosen)
{
    view_list(view, "kinds");
    for (int i = 0; i < PAPERS_KIND_COUNT; i++) {
        const struct papers_kind *kind = &papers_kinds[i];
        if ((kind->whom & whom) == 0)
            continue;
        struct view *row = view_row(view, "kinds");
        view_text(row, "kind", kind->name);
        view_text(row, "kind_label", kind->label);
        view_text(row, "kind_path", text_format(arena, "%s?kind=%s", path, kind->name));
        view_flag(row, "kind_chosen", kind == chosen);
    }
}

void
papers_view_send(struct context *c, const struct papers_kind *kind, size_t count,
                 const struct papers_sheet *sheets)
{
    const char *created = text_format(c->arena, "%sT%s:00+09:00", date_iso(c->arena, date_today()),
                                      strchr(date_time_now(c->arena), ' ') + 1);
    struct buf pdf = papers_pdf_write(c->arena, kind, created, count, sheets);

    response_file(c->response, "application/pdf", kind->file, false, pdf.data, pdf.size);
}
