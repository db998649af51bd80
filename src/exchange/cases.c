/* cases.c - see cases.h. */
#include "exchange/cases.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "exchange/bulk.h"

#define REASON_COLUMN "取り込めない理由" /* the last column of the rest */
#define REVISION      "取り込み"         /* what the history calls it */

enum { PROGRESS_ROWS = 200, BEFORE = 0 };

/* The import while it runs. Everything in here begins anew with each attempt of the transaction. */
struct import {
    const struct cases_job *job;
    struct cases_report *report;
    struct arena *arena;
    struct case_reader reader;
    struct bulk *bulk;
    struct map *sources; /* publishers whose earlier cases are in `seen` */
    struct map *seen;    /* publisher and No: the row, or BEFORE for an earlier import */
    struct case_links *links;
    struct buf rest;
    size_t reason_cell; /* where a rest that comes back holds its old reasons */
    size_t lines;
    enum db_status status;
};

/* ---- the rest ------------------------------------------------------------------------------------------------------ */

static void
add_rest_row(struct import *import, const struct csv_row *row, const char *last)
{
    bool first = true;

    for (size_t i = 0; i < row->count; i++) {
        if (i == import->reason_cell)
            continue;
        csv_add_cell(&import->rest, row->cells[i], first);
        first = false;
    }
    csv_add_cell(&import->rest, last, first);
    csv_end_row(&import->rest);
}

/* The errors of this row as one text; they are the last that were added. */
static const char *
reasons_of(struct arena *arena, const struct case_problems *problems, size_t first)
{
    struct buf out = buf_new(arena);

    for (size_t i = first; i < problems->count; i++)
        if (problems->list[i].error)
            buf_printf(&out, "%s%s%s%s", out.size == 0 ? "" : " ", problems->list[i].column,
                       problems->list[i].column[0] == '\0' ? "" : "：", problems->list[i].reason);
    return buf_text(&out);
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

/* Reads which cases of a publisher are there already, when its first row comes. */
static enum db_status
know_source(struct import *import, const char *source)
{
    enum db_status status;
    int64_t known;

    if (map_find(import->sources, source, &known))
        return DB_OK;
    struct arena *arena = arena_new();
    const struct rows *rows =
        DB_ONE(import->job->db, arena, NULL, &status, SQL_cases_known, source);
    for (size_t i = 0; rows != NULL && i < rows_count(rows); i++)
        map_put(import->seen, text_format(arena, "%s %s", source, rows_at(rows, i, 0)), BEFORE);
    map_put(import->sources, source, 1);
    arena_free(arena);
    return status;
}

/* A patient as the open data know it: reported by the centre in charge, confirmed by nobody. */
static enum db_status
write_case(struct import *import, const struct case_row *row)
{
    struct arena *arena = import->reader.arena;
    struct bulk_case c = {
        .publication = {.doc = &row->doc,
                        .notification_no = 1,
                        .form = row->form,
                        .listed_at = text_format(arena, "%s 00:00:00+09",
                                                 row->doc.value[ITEM_diagnosis_date]),
                        .status = row->status},
        .reporter_id = row->centre_id,
        .responsible_id = row->centre_id,
        .account_id = BULK_SYSTEM,
        .organisation_id = BULK_SYSTEM,
        .entered_at = "now",
        .status_note = row->status_note,
        .reason = REVISION,
        .source = row->source,
        .external_no = row->external_no,
    };

    return bulk_add(import->bulk, &c);
}

/* Nothing more needs writing once a bad row has decided that the whole file is not taken. */
static bool
is_writing(const struct import *import)
{
    return !import->job->dry_run && (import->job->skip_bad || import->report->problems.errors == 0);
}

/* Takes a row that could be read. False when it is a repetition within the file. */
static bool
take(struct import *import, const struct csv_row *csv, const struct case_row *row)
{
    struct cases_report *report = import->report;
    const char *key = text_format(import->reader.arena, "%s %s", row->source, row->external_no);
    int64_t first;

    import->status = know_source(import, row->source);
    if (import->status != DB_OK)
        return true;
    if (!map_find(import->seen, key, &first)) {
        map_put(import->seen, key, (int64_t)csv->number);
        report->fresh++;
        case_links_add(import->links, csv, row, true);
        if (is_writing(import))
            import->status = write_case(import, row);
        return true;
    }
    if (first == BEFORE) {
        report->known++;
        case_links_add(import->links, csv, row, false);
        return true;
    }
    case_problem_add(
        &report->problems, csv, "No", row->external_no, true,
        text_format(import->reader.arena, "%lld行目と同じ番号です。", (long long)first));
    return false;
}

static bool
visit_header(struct import *import, const struct csv_row *csv)
{
    struct cases_report *report = import->report;

    report->refused = case_layout_read(report->problems.arena, csv, &import->reader.layout);
    for (size_t i = 0; i < csv->count; i++)
        if (text_same(csv->cells[i], REASON_COLUMN))
            import->reason_cell = i;
    buf_add_text(&import->rest, CSV_BYTE_ORDER_MARK);
    add_rest_row(import, csv, REASON_COLUMN);
    return report->refused == NULL;
}

static bool
visit(const struct csv_row *csv, void *context)
{
    struct import *import = context;
    struct cases_report *report = import->report;
    struct case_row row;

    arena_reset(import->reader.arena);
    if (csv->number == 0)
        return visit_header(import, csv);
    size_t first = report->problems.count;
    report->rows++;
    bool good = case_row_read(&import->reader, csv, &row) && take(import, csv, &row);
    if (!good) {
        report->bad++;
        add_rest_row(import, csv, reasons_of(import->reader.arena, &report->problems, first));
    }
    if (import->job->progress != NULL && csv->number % PROGRESS_ROWS == 0)
        import->job->progress(csv->line, import->lines, import->job->context);
    return import->status == DB_OK;
}

/* ---- the whole file ------------------------------------------------------------------------------------------------ */

static void
begin(struct import *import)
{
    struct cases_report *report = import->report;

    arena_reset(import->arena);
    bulk_begin(import->bulk);
    *report = (struct cases_report){.problems = {.arena = import->job->arena}};
    import->sources = map_new(import->arena);
    import->seen = map_new(import->arena);
    import->links = case_links_new(import->arena);
    import->rest = buf_new(import->arena);
    import->reason_cell = SIZE_MAX;
    import->status = DB_OK;
}

static enum db_status
read_file(struct import *import)
{
    struct cases_report *report = import->report;

    begin(import);
    size_t wrong = csv_read(import->job->text, visit, import);
    if (wrong != 0)
        report->refused = text_format(report->problems.arena,
                                      "ファイルの%zu行目の引用符（\"）が正しくありません。", wrong);
    else if (report->refused == NULL && import->reader.layout.count == 0)
        report->refused = "ファイルが空です。";
    case_links_resolve(import->links, &report->problems, &report->links);
    if (report->bad > 0)
        report->rest = text_copy(report->problems.arena, buf_text(&import->rest));
    return import->status;
}

/* The transaction; DB_REFUSED undoes it because of the rows, and is no failure. */
static enum db_status
work(struct db *db, void *context)
{
    struct import *import = context;
    struct cases_report *report = import->report;
    enum db_status status;

    DB_ONE(db, import->reader.arena, NULL, &status, SQL_bulk_lock);
    if (status == DB_OK)
        status = read_file(import);
    if (status == DB_OK && (report->refused != NULL || !is_writing(import) || report->fresh == 0))
        return DB_REFUSED;
    if (status == DB_OK)
        status = bulk_flush(import->bulk);
    if (status == DB_OK)
        status = case_links_write(import->links, db);
    if (status == DB_OK)
        status = bulk_audit(import->bulk);
    return status;
}

static size_t
count_lines(const char *text)
{
    size_t lines = 1;

    for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
        lines++;
    return lines;
}

enum db_status
cases_import(const struct cases_job *job, struct cases_report *report)
{
    struct import import = {.job = job, .report = report, .lines = count_lines(job->text)};
    enum db_status status = DB_LOST;

    import.arena = arena_new();
    import.reader.arena = arena_new();
    import.reader.problems = &report->problems;
    import.reader.places = places_load(job->arena, job->db);
    import.bulk = bulk_new(job->arena, job->db, job->keys);
    if (import.reader.places != NULL)
        status = job->dry_run ? read_file(&import)
                              : db_transaction(job->db, job->arena, NULL, work, &import);
    report->written = status == DB_OK && !job->dry_run;
    if (status == DB_REFUSED && import.status == DB_OK)
        status = DB_OK;
    if (job->progress != NULL)
        job->progress(import.lines, import.lines, job->context);
    arena_free(import.reader.arena);
    arena_free(import.arena);
    return status;
}
