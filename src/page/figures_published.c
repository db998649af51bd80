/*
 * figures_published.c - entering what the own office has published: typed for a day, or a table pasted or uploaded; first shown as it was
 * understood, with every line that was not, then saved. Nothing that was typed is lost on the way.
 */
#include <string.h>

#include "base/text.h"
#include "core/published.h"
#include "exchange/csv.h"
#include "exchange/published_csv.h"
#include "page/area.h"
#include "page/figures_page.h"
#include "page/handlers.h"
#include "page/patient_head.h"

#define HEADING "日付,新規陽性者,重症者,死亡者\n"

/* What came with the form. */
struct entered {
    const char *text;    /* the table in UTF-8 */
    const char *problem; /* with the file as a whole; "" when there is none */
    const char *source;  /* "12行（Shift_JIS）"; "" without a file */
    const char *unsaved; /* why it could be read and yet was not saved; "" when there is no such reason */
    bool by_field;       /* a day typed field by field */
};

static bool
may_enter(struct context *c)
{
    return area_kind(c, AREA_REGIONAL, "published_save");
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

/* A day typed field by field, as a line of the table. */
static const char *
typed_day(struct context *c)
{
    struct buf line = buf_new(c->arena);

    buf_add_text(&line, HEADING);
    csv_add_cell(&line, request_value(c->request, "day"), true);
    for (int s = 0; s < PUBLISHED_SERIES; s++)
        csv_add_cell(&line, request_value(c->request, published_series[s]), false);
    csv_end_row(&line);
    return buf_text(&line);
}

static bool
is_by_field(struct context *c)
{
    bool any = request_value(c->request, "day")[0] != '\0';

    for (int s = 0; s < PUBLISHED_SERIES; s++)
        any |= request_value(c->request, published_series[s])[0] != '\0';
    return any;
}

static struct entered
read_entered(struct context *c)
{
    const struct form_field *file = form_file(&c->request->body, "file");
    struct entered entered = {.text = request_value(c->request, "text"), .problem = "", .source = "", .unsaved = "",
                              .by_field = is_by_field(c)};
    enum csv_encoding encoding;
    size_t line;

    if (entered.by_field)
        entered.text = typed_day(c);
    if (file == NULL || file->size == 0)
        return entered;
    const char *decoded = csv_decode(c->arena, file->value, file->size, &encoding, &line);
    if (decoded == NULL) {
        entered.problem = text_format(c->arena, "%zu行目の文字を読み取れません。UTF-8かShift_JISで保存したCSVを選んでください。", line);
        return entered;
    }
    entered.text = decoded;
    entered.source = text_format(c->arena, "ファイル「%s」（%s）の内容です。", file->filename, csv_encoding_label(encoding));
    return entered;
}

/* ---- the page ---------------------------------------------------------------------------------------------------------- */

static void
fill_problems(struct context *c, struct view *view, const struct entered *entered, const struct published_table *table)
{
    view_list(view, "problems");
    if (entered->problem[0] != '\0')
        view_text(view_row(view, "problems"), "problem", entered->problem);
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->problem_count && i < PUBLISHED_PROBLEMS; i++) {
        const struct published_problem *p = &table->problems[i];
        const char *where = entered->by_field ? "1日分の" : text_format(c->arena, "%zu行目", p->line);
        view_text(view_row(view, "problems"), "problem", text_format(c->arena, "%s「%s」：%s", where, p->word, p->text));
    }
    if (table->problem_count > PUBLISHED_PROBLEMS)
        view_text(view_row(view, "problems"), "problem",
                  text_format(c->arena, "ほかに%zu件あります。", table->problem_count - PUBLISHED_PROBLEMS));
}

static void
fill_rows(struct context *c, struct view *view, const struct published_table *table)
{
    view_list(view, "days");
    for (size_t i = 0; table != NULL && i < table->count; i++) {
        struct view *row = view_row(view, "days");
        view_text(row, "day_label", date_slashed(c->arena, table->rows[i].day));
        view_list(row, "cells");
        for (int s = 0; s < PUBLISHED_SERIES; s++) {
            int64_t count = table->rows[i].counts[s];
            view_text(view_row(row, "cells"), "number", count < 0 ? "―" : db_int(c->arena, count));
        }
    }
}

/* The fields of a day, as they were typed. */
static void
fill_fields(struct context *c, struct view *view, const struct entered *entered)
{
    view_text(view, "typed_day", entered->by_field ? request_value(c->request, "day") : date_slashed(c->arena, date_today()));
    view_list(view, "fields");
    for (int s = 0; s < PUBLISHED_SERIES; s++) {
        struct view *row = view_row(view, "fields");
        view_text(row, "field", published_series[s]);
        view_text(row, "field_label", published_labels[s]);
        view_text(row, "field_typed", request_value(c->request, published_series[s]));
    }
}

/* `table` NULL: nothing has been entered yet. */
static void
show(struct context *c, const struct entered *entered, const struct published_table *table, int status)
{
    struct view *view = page_view(c, "公表した数の入力");
    bool ready = table != NULL && table->problem_count == 0 && entered->problem[0] == '\0';

    view_flag(view, "is_open", c->session.kind == KIND_prefecture); /* sql/0035-open-difference.sql */
    fill_problems(c, view, entered, table);
    fill_rows(c, view, table);
    view_flag(view, "has_problems", (table != NULL && table->problem_count > 0) || entered->problem[0] != '\0');
    view_flag(view, "is_ready", ready);
    view_int(view, "row_count", ready ? (int64_t)table->count : 0);
    view_text(view, "unsaved", entered->unsaved);
    view_text(view, "text", entered->text);
    view_text(view, "typed_table", entered->by_field ? "" : entered->text);
    fill_fields(c, view, entered);
    view_text(view, "source", entered->source);
    view_text(view, "form_id", crypt_uuid(c->arena));
    page_send_status(c, status, TEMPLATE_figures_published, view);
}

void
figures_published_show(struct context *c)
{
    struct entered nothing = {.text = "", .problem = "", .source = "", .unsaved = ""};

    if (may_enter(c))
        show(c, &nothing, NULL, 200);
}

/* ---- saving ------------------------------------------------------------------------------------------------------------ */

/* Why nothing was saved; NULL when it was, or when nobody can say. */
static const char *
unsaved(enum notify_result result)
{
    switch (result) {
    case NOTIFY_CONFLICT:
        return "同じ日の数を、ほかの人が同時に入力しました。「公表との差」で差を確かめてから、もう一度「保存する」を押してください。";
    case NOTIFY_REFUSED:
        return "この機関は、公表した数を入力できません。都道府県、保健所設置市、保健所が入力します。";
    default:
        return NULL;
    }
}

static void
save(struct context *c, struct entered *entered, const struct published_table *table)
{
    static const size_t most = (size_t)PUBLISHED_ROWS * PUBLISHED_SERIES;
    const char **series = arena_array(c->arena, most, sizeof *series), **days = arena_array(c->arena, most, sizeof *days);
    const char **counts = arena_array(c->arena, most, sizeof *counts);
    struct desk desk = patient_desk(c);
    size_t count = 0;
    int64_t saved;

    for (size_t i = 0; i < table->count; i++)
        for (int s = 0; s < PUBLISHED_SERIES; s++) {
            if (table->rows[i].counts[s] < 0)
                continue;
            series[count] = published_series[s];
            days[count] = date_iso(c->arena, table->rows[i].day);
            counts[count++] = db_int(c->arena, table->rows[i].counts[s]);
        }
    enum notify_result result = published_save(&desk, count, series, days, counts, &saved);
    if (unsaved(result) == NULL) {
        patient_conclude(c, result, "/figures/difference", "published_saved");
        return;
    }
    entered->unsaved = unsaved(result);
    show(c, entered, table, 409);
}

void
figures_published_post(struct context *c)
{
    if (!may_enter(c))
        return;
    struct entered entered = read_entered(c);
    struct published_table *table = entered.problem[0] == '\0' ? published_csv_read(c->arena, entered.text, date_today()) : NULL;
    bool ready = table != NULL && table->problem_count == 0;
    if (ready && text_same(request_value(c->request, "step"), "save"))
        save(c, &entered, table);
    else
        show(c, &entered, table, ready ? 200 : 422);
}
