/* rules.c - see rules.h. */
#include "page/rules.h"

void
rules_fill_preview(struct view *view, const struct rows *rows, int most)
{
    view_flag(view, "has_preview", true);
    for (size_t i = 0; i < rows_columns(rows); i++)
        view_text(view, rows_column_name(rows, i), rows_at(rows, 0, i));
    view_flag(view, "is_cut", rows_int(rows, 0, "looked") >= most);
    view_int(view, "most", most);
}
