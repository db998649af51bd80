/*
 * data_edition.c - what the editions of 公表している数値 corrected, for everybody: the newest as a feed, which leads to the page of each, with all
 * that it corrected, page by page and as a file. What a released edition corrected never changes.
 */
#include <string.h>

#include "base/text.h"
#include "core/figures.h"
#include "exchange/csv.h"
#include "page/data.h"
#include "page/handlers.h"

enum { CORRECTIONS_PAGE = 100, FEED_CORRECTIONS = 20 /* of an edition; all of them stand on its page */ };

/* Behind which correction a page begins: indicator, area, day and cell of app.published. */
enum { KEY_INDICATOR, KEY_AREA, KEY_DAY, KEY_CELL, KEY_PARTS };
static const char *const from_the_first[KEY_PARTS] = {"0", "", "-infinity", ""};
static const char *const key_names[KEY_PARTS] = {"indicator", "area", "day", "cell"};

/* ---- what is asked ------------------------------------------------------------------------------------------------- */

/* The number of the address as the database writes it, so that no edition has two addresses; NULL for what is none. */
static const char *
edition_asked(struct context *c)
{
    const char *part = path_part(c, 2);
    int64_t number;

    return text_to_int(part, 1, INT64_MAX, &number) == 0 && text_same(db_int(c->arena, number), part) ? part : NULL;
}

/* Reads "8.27.2022-02-20.care" into `key`; what is none begins with the first. */
static void
read_after(struct context *c, const char *key[KEY_PARTS])
{
    char *rest = text_copy(c->arena, request_query(c->request, "after"));
    const char *parts[KEY_PARTS] = {0};
    int64_t indicator;

    for (size_t i = 0; i < KEY_PARTS && rest != NULL; i++) {
        parts[i] = rest;
        char *dot = i + 1 < KEY_PARTS ? strchr(rest, '.') : NULL;
        if (dot != NULL)
            *dot = '\0';
        rest = dot == NULL ? NULL : dot + 1;
    }
    bool whole = parts[KEY_CELL] != NULL && text_to_int(parts[KEY_INDICATOR], 1, FIGURE_INDICATORS, &indicator) == 0 &&
                 date_from_iso(parts[KEY_DAY]) != DATE_NONE;
    for (size_t i = 0; i < KEY_PARTS; i++)
        key[i] = whole ? parts[i] : from_the_first[i];
}

/* ---- a correction -------------------------------------------------------------------------------------------------- */

/* What a correction says, in the order of the columns. */
enum { COLUMN_INDICATOR, COLUMN_AREA, COLUMN_DAY, COLUMN_CELL, COLUMN_BEFORE, COLUMN_AFTER, COLUMNS };
static const char *const headings[COLUMNS] = {"指標", "地域", "日・週", "内訳", "訂正前", "訂正後"};
static const char *const view_names[COLUMNS] = {"indicator_name", "area_name", "day", "cell", "before", "value"};

/* `hidden` is the asterisk of the place: of a page, or of a file as in the official ones. */
static void
read_correction(struct context *c, const struct rows *rows, size_t i, const char *hidden, const char *columns[COLUMNS])
{
    const struct figure_indicator *indicator = figure_find(rows_int(rows, i, "indicator"));
    const char *before = rows_text(rows, i, "before"), *value = rows_text(rows, i, "value");
    date_day day = date_from_iso(rows_text(rows, i, "day"));

    columns[COLUMN_INDICATOR] = text_format(c->arena, "%s %s", figure_sign(c->arena, rows_int(rows, i, "indicator")), indicator->name);
    columns[COLUMN_AREA] = rows_text(rows, i, "area_name");
    columns[COLUMN_DAY] = figure_is_weekly(indicator) ? figure_week_text(c->arena, day) : date_slashed(c->arena, day);
    columns[COLUMN_CELL] = figure_cell_words(c->arena, indicator, rows_text(rows, i, "cell"));
    columns[COLUMN_BEFORE] = before == NULL ? hidden : before;
    columns[COLUMN_AFTER] = value == NULL ? hidden : value;
}

static void
fill_correction(struct context *c, struct view *row, const struct rows *rows, size_t i, const char *hidden)
{
    const char *columns[COLUMNS];

    read_correction(c, rows, i, hidden, columns);
    for (size_t k = 0; k < COLUMNS; k++)
        view_text(row, view_names[k], columns[k]);
}

/*
 * Asks for an edition and its corrections behind `key`, `most` of them (NULL: all). Its rows; NULL, and answered, when there is no such
 * edition, which is also what one says that was held back.
 */
static const struct rows *
ask(struct context *c, const char *const key[KEY_PARTS], const char *most, const struct rows **corrections)
{
    const char *number = edition_asked(c);

    if (number == NULL) {
        page_not_found(c);
        return NULL;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, NULL);
    unsigned one = DB_ADD(batch, SQL_open_edition_one, number);
    unsigned found = DB_ADD(batch, SQL_open_edition_corrections, number, key[KEY_INDICATOR], key[KEY_AREA], key[KEY_DAY], key[KEY_CELL], most);
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    else if (rows_count(db_rows(batch, one)) == 0)
        page_not_found(c);
    else {
        *corrections = db_rows(batch, found);
        return db_rows(batch, one);
    }
    return NULL;
}

/* ---- the page ------------------------------------------------------------------------------------------------------ */

/* The address of the page behind row `last`. */
static const char *
next_path(struct context *c, const char *number, const struct rows *rows, size_t last)
{
    struct buf path = buf_new(c->arena);

    buf_printf(&path, "/data/edition/%s?after=", number);
    for (size_t i = 0; i < KEY_PARTS; i++)
        buf_printf(&path, "%s%s", i == 0 ? "" : ".", rows_text(rows, last, key_names[i]));
    return buf_text(&path);
}

void
data_edition_show(struct context *c)
{
    const char *key[KEY_PARTS], *before;
    const struct rows *rows = NULL;

    read_after(c, key);
    const struct rows *edition = ask(c, key, db_int(c->arena, CORRECTIONS_PAGE + 1), &rows);
    if (edition == NULL)
        return;
    const char *number = data_begin(c, edition), *through = date_slashed(c->arena, date_from_iso(rows_text(edition, 0, "through")));
    size_t shown = rows_count(rows) > CORRECTIONS_PAGE ? CORRECTIONS_PAGE : rows_count(rows);
    struct view *view = page_view(c, text_format(c->arena, "%sまでの版の訂正", through));
    before = rows_text(edition, 0, "before");
    view_text(view, "through", through);
    view_text(view, "released", rows_text(edition, 0, "released"));
    view_text(view, "total", rows_text(edition, 0, "corrected"));
    view_format(view, "csv_path", "/data/edition/%s/corrections.csv", number);
    view_text(view, "before_path", before == NULL ? "" : text_format(c->arena, "/data/edition/%s", before));
    view_text(view, "first_path", key[KEY_AREA][0] == '\0' ? "" : text_format(c->arena, "/data/edition/%s", number));
    view_text(view, "next_path", rows_count(rows) <= CORRECTIONS_PAGE ? "" : next_path(c, number, rows, shown - 1));
    view_flag(view, "paged", key[KEY_AREA][0] != '\0' || rows_count(rows) > CORRECTIONS_PAGE);
    view_list(view, "corrections");
    for (size_t i = 0; i < shown; i++)
        fill_correction(c, view_row(view, "corrections"), rows, i, "＊");
    page_send(c, TEMPLATE_data_edition, view);
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

void
data_edition_file_show(struct context *c)
{
    const struct rows *rows = NULL, *edition = ask(c, from_the_first, NULL, &rows);
    struct buf out = buf_new(c->arena);

    if (edition == NULL)
        return;
    buf_add_text(&out, CSV_BYTE_ORDER_MARK);
    for (size_t k = 0; k < COLUMNS; k++)
        csv_add_cell(&out, headings[k], k == 0);
    csv_end_row(&out);
    for (size_t i = 0; i < rows_count(rows); i++) {
        const char *columns[COLUMNS];
        read_correction(c, rows, i, "*", columns);
        for (size_t k = 0; k < COLUMN_BEFORE; k++)
            csv_add_cell(&out, columns[k], k == 0);
        buf_printf(&out, ",%s,%s", columns[COLUMN_BEFORE], columns[COLUMN_AFTER]); /* numbers and asterisks: none is taken for a formula */
        csv_end_row(&out);
    }
    response_file(c->response, "text/csv; charset=utf-8", text_format(c->arena, "corrections_%s.csv", data_begin(c, edition)), true, out.data,
                  out.size);
}

/* ---- the feed ------------------------------------------------------------------------------------------------------ */

/* The entry of the edition of row `i`. */
static struct view *
add_entry(struct context *c, struct view *view, const struct rows *rows, size_t i)
{
    struct view *entry = view_row(view, "entries");
    int64_t others = rows_int(rows, i, "total") - FEED_CORRECTIONS;

    view_format(entry, "edition_path", "/data/edition/%s", rows_text(rows, i, "edition_id"));
    view_text(entry, "released", rows_text(rows, i, "released_utc"));
    view_text(entry, "through", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "through"))));
    view_text(entry, "total", rows_text(rows, i, "total"));
    view_text(entry, "others", others <= 0 ? "" : db_int(c->arena, others));
    return entry;
}

void
data_corrections_show(struct context *c)
{
    unsigned edition;
    struct db_batch *batch = data_batch(c, &edition);
    unsigned found = DB_ADD(batch, SQL_open_corrections, db_int(c->arena, FEED_CORRECTIONS));
    enum db_status status = db_run(batch);

    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *rows = db_rows(batch, found), *newest = db_rows(batch, edition);
    struct view *view = view_new(c->arena), *entry = NULL;
    view_text(view, "address", c->app->conf.address);
    view_text(view, "updated", rows_count(newest) == 0 ? "2020-01-01T00:00:00Z" : rows_text(newest, 0, "released_utc"));
    view_list(view, "entries");
    for (size_t i = 0; i < rows_count(rows); i++) {
        if (i == 0 || !text_same(rows_text(rows, i, "edition_id"), rows_text(rows, i - 1, "edition_id")))
            entry = add_entry(c, view, rows, i);
        fill_correction(c, view_row(entry, "corrections"), rows, i, "*");
    }
    data_begin(c, newest);
    c->response->content_type = "application/atom+xml; charset=utf-8";
    response_page(c->response, 200, &template_table[TEMPLATE_corrections_atom], view);
}
