/* papers.c - the texts of the documents (文書のひな形): a head office writes them, looks at them as PDF, and keeps each version. */
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "core/audit.h"
#include "page/handlers.h"
#include "page/papers_view.h"
#include "page/patient_head.h"

static bool
is_head_office(struct context *c)
{
    if (c->session.kind == KIND_city || c->session.kind == KIND_prefecture)
        return true;
    page_forbidden(c, "文書のひな形を変えるのは、本庁（都道府県・保健所設置市）です。");
    return false;
}

/* The kind of the path; answers when there is none. */
static const struct papers_kind *
path_kind(struct context *c)
{
    const struct papers_kind *kind = papers_kind_find(path_part(c, 1));

    if (kind == NULL)
        page_not_found(c);
    return kind;
}

/* The versions of this office, the newest first; kind NULL: of all kinds. Answers when that failed. */
static const struct rows *
versions_of(struct context *c, const struct papers_kind *kind)
{
    enum db_status status;
    const struct rows *rows =
        DB_ONE(c->db, c->arena, c->session.token, &status, SQL_paper_templates,
               db_int(c->arena, c->session.organisation_id), kind == NULL ? NULL : kind->name);

    if (rows == NULL)
        page_database_failed(c, status);
    return rows;
}

static bool
is_valid(const struct rows *rows, size_t i)
{
    return date_from_iso(rows_text(rows, i, "valid_from")) <= date_today();
}

/* The version that holds today: of those that are valid the one that became so last (app.paper_text); -1: the built-in text. */
static int
current(const struct rows *rows, const char *kind)
{
    date_day last = DATE_NONE;
    int now = -1;

    for (size_t i = 0; i < rows_count(rows); i++) {
        date_day from = date_from_iso(rows_text(rows, i, "valid_from"));
        if (!text_same(rows_text(rows, i, "kind"), kind) || !is_valid(rows, i) || from <= last)
            continue;
        last = from;
        now = (int)i;
    }
    return now;
}

/* The newest version of a kind, the first row; 0: there is none. */
static int
newest(const struct rows *rows)
{
    return rows_count(rows) == 0 ? 0 : (int)rows_int(rows, 0, "version");
}

/* ---- the list ------------------------------------------------------------------------------------------------------ */

void
papers_show(struct context *c)
{
    if (!is_head_office(c))
        return;
    const struct rows *rows = versions_of(c, NULL);
    if (rows == NULL)
        return;
    struct view *view = page_view(c, "文書のひな形");
    view_list(view, "kinds");
    for (int i = 0; i < PAPERS_KIND_COUNT; i++) {
        struct view *row = view_row(view, "kinds");
        int now = current(rows, papers_kinds[i].name);
        view_text(row, "kind_label", papers_kinds[i].label);
        view_text(row, "kind_path", text_format(c->arena, "/papers/%s", papers_kinds[i].name));
        view_text(row, "title", now < 0 ? papers_kinds[i].title : rows_text(rows, (size_t)now, "title"));
        view_text(row, "version",
                  now < 0 ? "標準の文面"
                          : text_format(c->arena, "第%s版", rows_text(rows, (size_t)now, "version")));
        view_text(row, "saved", now < 0 ? "" : rows_text(rows, (size_t)now, "saved"));
    }
    page_send(c, TEMPLATE_papers, view);
}

/* ---- one kind ------------------------------------------------------------------------------------------------------ */

/* What stands in the editor. */
struct draft {
    const char *title, *body, *from;
    int base; /* the newest version when it was opened */
    bool late; /* another version was saved since: its text is shown beside */
    date_day day;
    const char *problem;
};

static void
fill_places(struct view *view, struct arena *arena, const struct papers_kind *kind)
{
    view_list(view, "known");
    for (int i = 0; i < PAPERS_PLACE_COUNT; i++) {
        if ((papers_places[i].whom & kind->whom) == 0)
            continue;
        struct view *row = view_row(view, "known");
        view_text(row, "known_mark", text_format(arena, "{{%s}}", papers_places[i].name));
        view_text(row, "known_meaning", papers_places[i].meaning);
        view_text(row, "known_example", papers_places[i].example);
    }
}

static void
fill_versions(struct context *c, struct view *view, const struct papers_kind *kind,
              const struct rows *rows)
{
    int now = current(rows, kind->name);

    view_list(view, "versions");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct view *row = view_row(view, "versions");
        const char *version = rows_text(rows, i, "version");
        view_text(row, "version", version);
        view_text(row, "version_path", text_format(c->arena, "/papers/%s/%s", kind->name, version));
        view_text(row, "valid_from", date_slashed(c->arena, date_from_iso(rows_text(rows, i, "valid_from"))));
        view_text(row, "saved", rows_text(rows, i, "saved"));
        view_text(row, "saved_by", rows_text(rows, i, "holder"));
        view_flag(row, "is_now", (int)i == now);
        view_flag(row, "is_later", !is_valid(rows, i));
    }
}

static struct papers_values
examples(void)
{
    struct papers_values values;

    for (int i = 0; i < PAPERS_PLACE_COUNT; i++)
        values.value[i] = papers_places[i].example;
    return values;
}

static void
show_editor(struct context *c, const struct papers_kind *kind, const struct rows *rows,
            const struct draft *draft)
{
    struct view *view = page_view(c, text_format(c->arena, "文書のひな形：%s", kind->label));

    view_text(view, "problem", draft->problem);
    view_text(view, "kind_path", text_format(c->arena, "/papers/%s", kind->name));
    view_text(view, "preview_path", text_format(c->arena, "/papers/%s/preview.pdf", kind->name));
    view_text(view, "form_id", crypt_uuid(c->arena));
    view_int(view, "version", draft->base);
    view_text(view, "title_value", draft->title);
    view_text(view, "body_value", draft->body);
    view_text(view, "from_value", draft->from);
    view_flag(view, "late", draft->late);
    view_text(view, "their_version", draft->late ? rows_text(rows, 0, "version") : "");
    view_text(view, "their_holder", draft->late ? rows_text(rows, 0, "holder") : "");
    view_text(view, "their_title", draft->late ? rows_text(rows, 0, "title") : "");
    view_text(view, "their_body", draft->late ? rows_text(rows, 0, "body") : "");
    fill_places(view, c->arena, kind);
    fill_versions(c, view, kind, rows);
    page_send(c, TEMPLATE_papers_edit, view);
}

void
papers_kind_show(struct context *c)
{
    const struct papers_kind *kind = is_head_office(c) ? path_kind(c) : NULL;
    const struct rows *rows = kind == NULL ? NULL : versions_of(c, kind);

    if (rows == NULL)
        return;
    int now = current(rows, kind->name); /* one goes on from what holds; a version that is scheduled stays as it is */
    struct draft draft = {
        .title = now < 0 ? kind->title : rows_text(rows, (size_t)now, "title"),
        .body = now < 0 ? kind->body : rows_text(rows, (size_t)now, "body"),
        .from = date_slashed(c->arena, date_today()),
        .base = newest(rows),
    };
    show_editor(c, kind, rows, &draft);
}

/* A version as it was saved; 0 is the built-in text. */
void
papers_version_show(struct context *c)
{
    const struct papers_kind *kind = is_head_office(c) ? path_kind(c) : NULL;
    const struct rows *rows = kind == NULL ? NULL : versions_of(c, kind);
    const char *asked = path_part(c, 2);
    size_t i = 0;

    if (rows == NULL)
        return;
    while (i < rows_count(rows) && !text_same(rows_text(rows, i, "version"), asked))
        i++;
    bool own = i < rows_count(rows);
    if (!own && strcmp(asked, "0") != 0) {
        page_not_found(c);
        return;
    }
    struct papers_source_text text = {
        .office = "（発行する保健所）",
        .office_address = "",
        .office_phone = "",
        .title = own ? rows_text(rows, i, "title") : kind->title,
        .body = own ? rows_text(rows, i, "body") : kind->body,
    };
    struct papers_values values = examples();
    struct view *view = page_view(c, text_format(c->arena, "文書のひな形：%s", kind->label));
    view_text(view, "kind_path", text_format(c->arena, "/papers/%s", kind->name));
    view_text(view, "version", own ? text_format(c->arena, "第%s版", asked) : "標準の文面");
    view_text(view, "saved", own ? rows_text(rows, i, "saved") : "");
    view_text(view, "saved_by", own ? rows_text(rows, i, "holder") : "");
    view_text(view, "valid_from",
              own ? date_slashed(c->arena, date_from_iso(rows_text(rows, i, "valid_from"))) : "");
    view_text(view, "title_value", text.title);
    view_text(view, "body_value", text.body);
    papers_view_sheet(view, c->arena, kind->addressed ? papers_places[0].example : "", &text, &values);
    page_send(c, TEMPLATE_papers_version, view);
}

/* ---- saving, and looking at it first ------------------------------------------------------------------------------- */

static struct draft
read_draft(struct context *c, const struct papers_kind *kind)
{
    struct draft draft = {
        .title = text_trim(c->arena, request_value(c->request, "title")),
        .body = request_value(c->request, "body"),
        .from = request_value(c->request, "from"),
    };
    const char *in_title = papers_problem(c->arena, kind, draft.title);
    const char *in_body = papers_problem(c->arena, kind, draft.body);
    int64_t base = 0;

    text_to_int(request_value(c->request, "version"), 0, INT32_MAX, &base);
    draft.base = (int)base;
    bool dated = date_parse(draft.from, &draft.day) == DATE_OK;
    if (draft.title[0] == '\0' || text_trim(c->arena, draft.body)[0] == '\0')
        draft.problem = "表題と本文を入力してください。";
    else if (text_length(draft.title) > PAPERS_MAX_TITLE || strchr(draft.title, '\n') != NULL)
        draft.problem = text_format(c->arena, "表題は%d文字以内で入力してください。", PAPERS_MAX_TITLE);
    else if (text_length(draft.body) > PAPERS_MAX_BODY)
        draft.problem = text_format(c->arena, "本文は%d文字以内で入力してください。", PAPERS_MAX_BODY);
    else if (in_title != NULL)
        draft.problem = text_format(c->arena, "表題の%s", in_title);
    else if (in_body != NULL)
        draft.problem = text_format(c->arena, "本文の%s", in_body);
    else if (!dated)
        draft.problem = "使い始める日を読み取れません。例：2022/8/1、R4.8.1";
    else if (draft.day < date_today())
        draft.problem = "使い始める日は、きょうか、きょうより後の日にしてください。";
    return draft;
}

static void
show_again(struct context *c, const struct papers_kind *kind, const struct draft *draft)
{
    const struct rows *rows = versions_of(c, kind);

    if (rows != NULL)
        show_editor(c, kind, rows, draft);
}

/* Somebody else saved first: both texts on one page; saved again, what was typed becomes the version behind theirs. */
static void
show_late(struct context *c, const struct papers_kind *kind, struct draft *draft)
{
    const struct rows *rows = versions_of(c, kind);

    if (rows == NULL)
        return;
    draft->problem = "この画面を開いたあとで、新しい版が保存されました。まだ保存していません。入力した内容と、保存された版の文面を比べてください。もう一度保存すると、その次の版になります。";
    draft->late = rows_count(rows) > 0;
    draft->base = newest(rows);
    show_editor(c, kind, rows, draft);
}

void
papers_kind_post(struct context *c)
{
    const struct papers_kind *kind = is_head_office(c) ? path_kind(c) : NULL;
    const char *form_id = request_value(c->request, "form_id");

    if (kind == NULL)
        return;
    struct draft draft = read_draft(c, kind);
    if (draft.problem != NULL) {
        show_again(c, kind, &draft);
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    if (crypt_is_uuid(form_id))
        DB_ADD(batch, SQL_receipt_add, form_id, "0", "0");
    DB_ADD(batch, SQL_paper_template_save, kind->name, db_int(c->arena, draft.base), draft.title,
           draft.body, date_iso(c->arena, draft.day));
    audit_patient(batch, c->arena, "paper_template", 0,
                  text_format(c->arena, "%s %d", kind->name, draft.base + 1));
    enum notify_result result = notify_result_of(c->db, db_run(batch));
    if (result == NOTIFY_CONFLICT)
        show_late(c, kind, &draft);
    else
        patient_conclude(c, result, text_format(c->arena, "/papers/%s", kind->name), "paper_template");
}

void
papers_preview_post(struct context *c)
{
    const struct papers_kind *kind = is_head_office(c) ? path_kind(c) : NULL;

    if (kind == NULL)
        return;
    struct draft draft = read_draft(c, kind);
    if (draft.problem != NULL) {
        show_again(c, kind, &draft);
        return;
    }
    struct papers_values values = examples();
    struct papers_sheet sheet = {
        .title = papers_join(c->arena, papers_fill(c->arena, draft.title, &values)),
        .body = papers_join(c->arena, papers_fill(c->arena, draft.body, &values)),
        .addressee = kind->addressed ? papers_places[0].example : "",
        .office = "見本保健所",
        .office_address = "見本県見本市見本町4-5-6",
        .office_phone = "03-0000-0000",
        .number = "0000-00000",
        .issued_on = date_japanese(c->arena, date_today()),
        .reprinted = "見本",
    };
    papers_view_send(c, kind, 1, &sheet);
}
