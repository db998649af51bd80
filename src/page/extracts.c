/*
 * extracts.c - 研究用の資料: what an office has been asked for, the approval by a second person, and the file, which only who asked may
 * take.
 */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "core/audit.h"
#include "exchange/sheet.h"
#include "page/area.h"
#include "page/extract_page.h"
#include "page/handlers.h"
#include "page/sending.h"
#include "page/simple_form.h"

enum { LIST_PAGE = 50, SERIAL = 8 };

bool
extract_office(struct context *c, const char *action)
{
    return area_kind(c, AREA_GOVERNMENT, action);
}

const char *
extract_path(struct context *c, const char *id)
{
    return text_format(c->arena, "/extracts/%s", id);
}

/* ---- the report ---------------------------------------------------------------------------------------------------- */

struct extract_summary
extract_summary_of(struct arena *arena, const struct extract *x, int64_t k, bool leave_out)
{
    struct buf steps = buf_new(arena);

    for (size_t i = 0; i < x->step_count; i++)
        buf_printf(&steps, "%s%s:%d:%zu:%zu:%zu", i == 0 ? "" : " ", x->steps[i].choice.column->name, x->steps[i].choice.step,
                   x->steps[i].after.groups, x->steps[i].after.smallest, x->steps[i].after.below);
    return (struct extract_summary){(int64_t)rows_count(x->rows), (int64_t)x->now.groups, (int64_t)x->now.smallest,
                                    (int64_t)x->now.below, k, leave_out, buf_text(&steps)};
}

/* One of summary.steps. */
static void
fill_step(struct context *c, struct view *view, const struct extract_columns *all, const char *words)
{
    enum { NAME, STEP, GROUPS, SMALLEST, BELOW, PARTS };
    size_t count;
    char **parts = text_split(c->arena, words, ':', &count);
    int64_t step;

    if (count != PARTS || text_to_int(parts[STEP], 2, EXTRACT_STEPS + 1, &step) != 0)
        return;
    for (size_t i = 0; i < all->count; i++)
        if (text_same(all->list[i]->name, parts[NAME]) && step <= extract_steps(all->list[i]) + 1) {
            const char *coarser = all->list[i]->steps[step - 1];
            struct view *row = view_row(view, "report_steps");
            view_text(row, "report_column", all->list[i]->label);
            view_text(row, "report_change",
                      text_format(c->arena, "%s → %s", all->list[i]->steps[step - 2], coarser == NULL ? "入れない" : coarser));
            view_text(row, "report_groups", parts[GROUPS]);
            view_text(row, "report_smallest", parts[SMALLEST]);
            view_text(row, "report_below", parts[BELOW]);
        }
}

void
extract_report_fill(struct context *c, struct view *view, const struct extract_columns *all, const struct extract_summary *summary)
{
    size_t count;
    char **steps = text_split(c->arena, summary->steps, ' ', &count);

    view_int(view, "report_k", summary->k);
    view_int(view, "people", summary->people);
    view_int(view, "groups", summary->groups);
    view_int(view, "smallest", summary->smallest);
    view_int(view, "below", summary->below);
    view_text(view, "below_words", summary->below == 0      ? ""
                                   : summary->leave_out ? "資料に入りません"
                                                        : "この方がいるあいだは、資料を作れません");
    view_list(view, "report_steps");
    for (size_t i = 0; i < count; i++)
        fill_step(c, view, all, steps[i]);
}

/* ---- what was asked for -------------------------------------------------------------------------------------------- */

/* What an extract is called: by the first of these columns that is true. */
static const char *
state_of(const struct rows *rows, size_t i)
{
    static const struct {
        const char *column, *words;
    } states[] = {{"spent", "受け取り済み"}, {"refused", "却下"}, {"over", "期限切れ"}, {"undecided", "承認待ち"}};

    for (size_t k = 0; k < sizeof states / sizeof *states; k++)
        if (rows_bool(rows, i, states[k].column))
            return states[k].words;
    return "承認済み";
}

void
extracts_show(struct context *c)
{
    enum db_status status;
    int64_t at;
    const char *before = text_to_int(request_query(c->request, "at"), 0, INT64_MAX / 2, &at) == 0 ? db_int(c->arena, at) : NULL;

    if (!extract_office(c, "extract"))
        return;
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_extract_list, area_mine(c), before);
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    struct view *view = page_view(c, "研究用の資料");
    view_list(view, "extracts");
    for (size_t i = 0; i < rows_count(rows) && i < LIST_PAGE; i++) {
        struct view *row = view_row(view, "extracts");
        view_text(row, "extract_path", extract_path(c, rows_text(rows, i, "extract_id")));
        view_text(row, "purpose", rows_text(rows, i, "purpose"));
        view_text(row, "recipient", rows_text(rows, i, "recipient"));
        view_text(row, "asked", rows_text(rows, i, "asked"));
        view_text(row, "holder", rows_text(rows, i, "holder"));
        view_text(row, "state", state_of(rows, i));
        view_text(row, "taken_last", rows_text(rows, i, "taken_last"));
    }
    view_text(view, "next_path", rows_count(rows) <= LIST_PAGE ? "" : text_format(c->arena, "/extracts?at=%s", rows_text(rows, LIST_PAGE - 1, "cursor")));
    page_send(c, TEMPLATE_extracts, view);
}

/* Runs the batch, with the extract of the path behind it; NULL when the answer has been given. */
static const struct rows *
find_with(struct context *c, struct db_batch *batch, const char *action)
{
    const char *id = path_part(c, 1);

    if (!extract_office(c, action))
        return NULL;
    if (!crypt_is_uuid(id)) {
        page_not_found(c);
        return NULL;
    }
    unsigned one = DB_ADD(batch, SQL_extract_find, area_mine(c), id);
    enum db_status status = db_run(batch);
    if (status == DB_OK && rows_count(db_rows(batch, one)) > 0)
        return db_rows(batch, one);
    if (status == DB_OK)
        area_refuse(c, action, id);
    else
        page_database_failed(c, status);
    return NULL;
}

static const struct rows *
find(struct context *c, const char *action)
{
    return find_with(c, db_batch(c->db, c->arena, c->session.token), action);
}

static struct extract_choices
choices_of(struct context *c, const struct rows *rows)
{
    struct extract_columns all = extract_columns(c->arena, c->session.kind);

    return extract_choices(c->arena, &all, rows_text(rows, 0, "columns"));
}

static const char *
slashed(struct context *c, const struct rows *rows, const char *column)
{
    return date_slashed(c->arena, date_from_iso(rows_text(rows, 0, column)));
}

static const struct field fields[] = {
    {.name = "reason", .label = "ひとこと（却下するときは理由）", .hint = "記録に残ります。患者の氏名などは書かないでください。", .kind = FIELD_LONG},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* `late`: somebody was faster than who pressed, who is shown again what was typed. */
static void
show(struct context *c, const struct rows *rows, const struct answer answers[], bool late)
{
    struct view *view = page_view(c, "研究用の資料の依頼");
    struct extract_columns all = extract_columns(c->arena, c->session.kind);
    struct extract_choices choices = choices_of(c, rows);
    bool open = rows_bool(rows, 0, "undecided") && !rows_bool(rows, 0, "over"), own = rows_bool(rows, 0, "own");
    struct extract_summary summary = {rows_int(rows, 0, "people"), rows_int(rows, 0, "groups"), rows_int(rows, 0, "smallest"),
                                      rows_int(rows, 0, "below"), rows_int(rows, 0, "k"), rows_bool(rows, 0, "leave_out"), rows_text(rows, 0, "steps")};

    static const char *const texts[] = {"purpose", "recipient", "k", "asker", "asked", "decider", "decided", "taken_last", "reason"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        view_text(view, texts[i], rows_text(rows, 0, texts[i]));
    view_text(view, "from", slashed(c, rows, "from_day"));
    view_text(view, "to", slashed(c, rows, "to_day"));
    view_text(view, "until", slashed(c, rows, "until"));
    view_text(view, "columns", extract_choices_labels(c->arena, &choices));
    view_text(view, "state", state_of(rows, 0));
    view_flag(view, "leave_out", rows_bool(rows, 0, "leave_out"));
    view_flag(view, "once", rows_bool(rows, 0, "once"));
    view_flag(view, "continues", !text_same(rows_text(rows, 0, "key_id"), rows_text(rows, 0, "extract_id")));
    view_flag(view, "keeps", rows_bool(rows, 0, "keep_key"));
    view_flag(view, "is_decided", !rows_bool(rows, 0, "undecided"));
    view_text(view, "problem", late ? "ほかの方が先に返事をしたか、期限が過ぎました。今回の返事は記録していません。いまの状態は、画面を開き直して確かめてください。" : "");
    view_text(view, "unsaved", late ? answers[0].typed : "");
    view_flag(view, "may_decide", open && !own && !late);
    view_flag(view, "waits", open && own);
    view_flag(view, "may_take", rows_bool(rows, 0, "may_take"));
    view_flag(view, "kept", rows_bool(rows, 0, "kept"));
    view_flag(view, "may_forget", rows_bool(rows, 0, "may_forget"));
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_text(view, "forget_path", text_format(c->arena, "/extracts/%s/forget", rows_text(rows, 0, "extract_id")));
    view_text(view, "decide_path", text_format(c->arena, "/extracts/%s/decide", rows_text(rows, 0, "extract_id")));
    view_text(view, "csv_path", text_format(c->arena, "/extracts/%s/table.csv", rows_text(rows, 0, "extract_id")));
    view_text(view, "xlsx_path", text_format(c->arena, "/extracts/%s/table.xlsx", rows_text(rows, 0, "extract_id")));
    simple_form_fill(view, FIELDS, fields, answers);
    extract_report_fill(c, view, &all, &summary);
    page_send_status(c, late ? 409 : 200, TEMPLATE_extract, view);
}

void
extract_show(struct context *c)
{
    const struct rows *rows = find(c, "extract");
    struct answer answers[FIELDS] = {0};

    if (rows != NULL)
        show(c, rows, answers, false);
}

/* ---- the second person --------------------------------------------------------------------------------------------- */

static void
deny(struct context *c, const char *action, const char *why)
{
    enum db_status status;

    DB_ONE(c->db, c->arena, c->session.token, &status, SQL_audit_append, action, "denied", NULL, NULL, path_part(c, 1));
    page_forbidden(c, why);
}

void
extract_decide_post(struct context *c)
{
    struct answer answers[FIELDS] = {0}, *reason = &answers[0];
    bool approves = text_same(request_value(c->request, "decision"), "approve");
    const char *action = approves ? "extract_approve" : "extract_refuse";
    const struct rows *rows = find(c, action);
    enum db_status status;

    if (rows == NULL)
        return;
    if (rows_bool(rows, 0, "own")) {
        deny(c, action, "依頼した方は、自分の依頼を承認できません。同じ機関の別の方に頼んでください。");
        return;
    }
    if (simple_form_read(c, FIELDS, fields, answers) == 0 && !approves && reason->value[0] == '\0')
        reason->problem = "却下するときは、理由を入力してください。";
    if (reason->problem != NULL) {
        show(c, rows, answers, false);
        return;
    }
    if (!rows_bool(rows, 0, "undecided") || rows_bool(rows, 0, "over")) {
        show(c, rows, answers, true);
        return;
    }
    const char *id = rows_text(rows, 0, "extract_id");
    DB_ONE(c->db, c->arena, c->session.token, &status, SQL_extract_decide, id, db_bool(approves), reason->value);
    if (status == DB_OK)
        page_redirect_with(c, extract_path(c, id), approves ? "extract_approved" : "extract_refused");
    else if (status == DB_REFUSED && text_same(db_last_sqlstate(c->db), "HS409"))
        show(c, rows, answers, true);
    else
        page_database_failed(c, status);
}

/* ---- a key that was kept ------------------------------------------------------------------------------------------- */

void
extract_forget_post(struct context *c)
{
    const char *id = path_part(c, 1);

    if (!extract_office(c, "extract_forget"))
        return;
    if (!crypt_is_uuid(id)) {
        page_not_found(c);
        return;
    }
    struct db_batch *batch = sending_begin(c);
    if (batch == NULL)
        return;
    DB_ADD(batch, SQL_extract_forget, id);
    sending_conclude(c, db_run(batch), "extract_forget", extract_path(c, id), "extract_forgotten");
}

/* ---- the file ------------------------------------------------------------------------------------------------------ */

/* A row of the file. Sorted by pseudonym: the order of the records would tell of them. */
struct line {
    const char *pseudonym;
    size_t row;
};

static int
by_pseudonym(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->pseudonym, ((const struct line *)b)->pseudonym);
}

static struct line *
lines_of(struct arena *arena, const struct extract *x, const char *key, size_t *count)
{
    struct line *lines = ARENA_ARRAY(arena, rows_count(x->rows), struct line);

    *count = 0;
    for (size_t i = 0; i < rows_count(x->rows); i++)
        if (!x->small[i])
            lines[(*count)++] = (struct line){extract_pseudonym(arena, key, rows_text(x->rows, i, "patient_id")), i};
    qsort(lines, *count, sizeof *lines, by_pseudonym);
    return lines;
}

static const char *
people_in(struct arena *arena, const struct extract *x)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < rows_count(x->rows); i++)
        if (!x->small[i])
            buf_printf(&out, "%c%s", out.size == 0 ? '{' : ',', rows_text(x->rows, i, "patient_id"));
    buf_add_text(&out, out.size == 0 ? "{}" : "}");
    return buf_text(&out);
}

static void
write_table(struct sheet *sheet, const struct extract *x, const struct line *lines, size_t count)
{
    sheet_text(sheet, "仮名");
    for (size_t k = 0; k < x->choices.count; k++)
        sheet_text(sheet, x->choices.list[k].column->label);
    sheet_end_row(sheet);
    for (size_t i = 0; i < count; i++) {
        sheet_text(sheet, lines[i].pseudonym);
        for (size_t k = 0; k < x->choices.count; k++)
            sheet_text(sheet, x->values[k][lines[i].row]);
        sheet_end_row(sheet);
    }
}

/* What the file is, in its last row and in the log. */
static const char *
words_of(struct context *c, const struct rows *rows, const struct extract *x)
{
    return text_format(c->arena, "提供先：%s、届出日：%sから%sまで、k：%s、小さい組のため除いた方：%zu人", rows_text(rows, 0, "recipient"),
                       slashed(c, rows, "from_day"), slashed(c, rows, "to_day"), rows_text(rows, 0, "k"), x->now.below);
}

#define NOT_TO_BE_TAKEN "この資料は、いまは受け取れません。承認されたあと、依頼した方だけが、期限までに、決められた回数だけ受け取れます。"
#define TAKEN_MEANWHILE "この資料は、いまは受け取れません。別の画面から同時に受け取ったか、期限が過ぎました。依頼の画面を開き直して確かめてください。"

/* Makes the file, enters that it was taken, and only then hands it over. */
static void
hand_over(struct context *c, const struct rows *rows, const struct extract *x, const char *key, enum sheet_format format)
{
    const char *export_id = crypt_uuid(c->arena), *words = words_of(c, rows, x);
    struct buf file = buf_new(c->arena);
    struct sheet *sheet = sheet_new(c->arena, format, "研究用の資料", sheet_keep, &file);
    enum db_status status = DB_BROKEN;
    size_t count, replaced = 0;
    const struct line *lines = lines_of(c->arena, x, key, &count);

    if (sheet != NULL) {
        write_table(sheet, x, lines, count);
        sheet_text(sheet, text_format(c->arena, "［以上%zu人］持ち出しの記録 %.*s　%s　%s　%s　目的：%s", count, SERIAL, export_id,
                                      date_time_now(c->arena), c->session.organisation_name, words, rows_text(rows, 0, "purpose")));
        sheet_end_row(sheet);
        replaced = sheet_replaced(sheet);
    }
    if (sheet != NULL && sheet_finish(sheet))
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_extract_take, rows_text(rows, 0, "extract_id"), export_id,
               sheet_kinds[format].code, words, people_in(c->arena, x), db_int(c->arena, (int64_t)replaced));
    if (status == DB_REFUSED) /* somebody was faster */
        page_conflict(c, "受け取れません", TAKEN_MEANWHILE);
    else if (status == DB_OK)
        response_file(c->response, sheet_kinds[format].content_type,
                      text_format(c->arena, "研究用の資料.%s", sheet_kinds[format].extension), true, file.data, file.size);
    else
        page_database_failed(c, status);
}

void
extract_file_post(struct context *c)
{
    int format = sheet_format_find(request_value(c->request, "format"));
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned keys = DB_ADD(batch, SQL_extract_key, path_part(c, 1));
    unsigned list = DB_ADD(batch, SQL_extract_file, path_part(c, 1), db_int(c->arena, EXTRACT_PEOPLE));
    const struct rows *rows = find_with(c, batch, "extract");

    if (rows == NULL)
        return;
    if (format < 0 || !rows_bool(rows, 0, "may_take")) {
        deny(c, "extract", NOT_TO_BE_TAKEN);
        return;
    }
    const struct rows *sealed = db_rows(batch, keys), *people = db_rows(batch, list);
    const char *key = rows_count(sealed) == 0 ? NULL
                                              : extract_key_open(c->arena, &c->app->keys, rows_text(sealed, 0, "key_id"), rows_text(sealed, 0, "sealed_key"));
    struct extract_choices choices = choices_of(c, rows);
    struct extract x = extract_make(c->arena, people, &choices, (size_t)rows_int(rows, 0, "k"), false);
    bool stops = !rows_bool(rows, 0, "leave_out") && x.now.below > 0;
    if (key == NULL)
        page_database_failed(c, DB_BROKEN);
    else if (stops || x.now.below == rows_count(people) || rows_count(people) > EXTRACT_PEOPLE)
        page_conflict(c, "資料を作れません", "依頼のあとに記録が変わり、下限より小さい組ができたか、人数の上限を超えました。項目や期間を見直して、もう一度依頼してください。");
    else
        hand_over(c, rows, &x, key, (enum sheet_format)format);
}
