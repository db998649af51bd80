/*
 * my_entry.c - My HER-SYS: the entry of the day and its receipt, the one-time survey (健康調査), earlier answers where the rule shows
 * them, and what the page's script asks for when the network is bad (web/js/my.js).
 */
#include <time.h>

#include "base/text.h"
#include "core/fields.h"
#include "page/handlers.h"
#include "page/my_view.h"

/* From this urgency on an answer asks for a call now. */
enum { URGENT = 3 };

/* A form of questions: the entry of the day, or the survey. */
struct sheet {
    struct my_items items;
    enum word_name title;
    enum template template;
    const char *path; /* where it is posted */
    const char *key;  /* of this answer: sent twice, it is stored once */
};

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static void
show_sheet(struct context *c, const struct my *my, const struct sheet *sheet, const struct document *doc,
           const struct problems *problems, const char *problem, int status)
{
    struct view *view = my_view(c, my, sheet->title);

    my_fill(c, view, my, &sheet->items, doc, problems);
    view_text(view, "problem", problem);
    view_text(view, "key", sheet->key);
    view_text(view, "mark", my->person->mark);
    view_text(view, "save_path", sheet->path);
    view_text(view, "received", my->person->received);
    view_text(view, "next_due", my->person->next_due);
    view_text(view, "survey_path", my_path(c, "survey", my->person->no));
    view_text(view, "history_path", my_path(c, "history", my->person->no));
    view_flag(view, "may_survey", my->person->may_survey && !my->person->surveyed);
    view_flag(view, "has_history", my->person->own_history);
    view_flag(view, "has_certificate", my->person->is_patient);
    view_text(view, "certificate_path", my_path(c, "certificate", my->person->no));
    view_flag(view, "is_sheet", true);
    view_flag(view, "is_shell", my->session.token == NULL);
    page_send_status(c, status, sheet->template, view);
}

static struct sheet
entry_sheet(struct context *c, const struct my *my)
{
    const char *key = request_value(c->request, "key");

    return (struct sheet){my_items_of(c->arena, my->person->questions), WORD_entry_title, TEMPLATE_my_entry,
                          my_path(c, "entry", my->person->no), crypt_is_uuid(key) ? key : crypt_uuid(c->arena)};
}

static struct sheet
survey_sheet(struct context *c, const struct my *my)
{
    return (struct sheet){my_items_of_tab(TAB_survey), WORD_survey_title, TEMPLATE_my_survey,
                          my_path(c, "survey", my->person->no), ""};
}

/* ---- what is posted ------------------------------------------------------------------------------------------------ */

/* When the telephone says that it was answered (milliseconds since 1970), as the database reads it; NULL: now. */
static const char *
answered_at(struct context *c)
{
    int64_t milliseconds;
    char text[32];
    struct tm utc;

    if (text_to_int(request_value(c->request, "at"), 0, INT64_C(9999999999999), &milliseconds) != 0)
        return NULL;
    time_t seconds = (time_t)(milliseconds / 1000);
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text_copy(c->arena, text);
}

static bool
is_empty(const struct document *doc, const struct my_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (document_has(doc, items->item[i]))
            return false;
    return true;
}

/*
 * Reads a sheet. False, and answered, when another language was asked for or something cannot be read: shown again with everything
 * typed.
 */
static bool
read_sheet(struct context *c, struct my *my, const struct sheet *sheet, struct document *doc)
{
    struct problems problems = {0};
    int language = words_language(request_value(c->request, "lang"));
    const char *problem = NULL;

    my_read(c, &sheet->items, doc, &problems);
    if (language >= 0) {
        my_choose_language(c, my, (enum language)language);
        my_keep_language(c, my);
        show_sheet(c, my, sheet, doc, NULL, "", 200);
        return false;
    }
    if (problems.count > 0)
        problem = words_text(my->language, WORD_problems);
    else if (is_empty(doc, &sheet->items))
        problem = words_text(my->language, WORD_empty);
    if (problem == NULL)
        return true;
    if (my_is_by_script(c))
        my_answer_script(c, 200, "wrong", sheet->path, problem);
    else
        show_sheet(c, my, sheet, doc, &problems, problem, 200);
    return false;
}

/* Answers after an attempt to store. */
static void
conclude(struct context *c, const struct my *my, const struct sheet *sheet, const struct document *doc, enum my_result result,
         const char *done_path)
{
    bool done = result == MY_stored || result == MY_repeated;

    if (done)
        my_keep_language(c, my);
    if (result == MY_failed && !my_is_by_script(c))
        show_sheet(c, my, sheet, doc, NULL, words_text(my->language, WORD_busy), 503);
    else if (result == MY_failed)
        my_message(c, my, 503, WORD_busy);
    else if (!done)
        my_message(c, my, 200, result == MY_many ? WORD_too_many : WORD_over);
    else if (my_is_by_script(c))
        my_answer_script(c, 200, "stored", done_path, "");
    else
        response_redirect(c->response, done_path);
}

/* ---- the entry of the day ------------------------------------------------------------------------------------------ */

void
my_entry_show(struct context *c)
{
    struct my my;
    const struct document nothing = {0};

    if (!my_open(c, &my))
        return;
    struct sheet sheet = entry_sheet(c, &my);
    show_sheet(c, &my, &sheet, &nothing, NULL, "", 200);
}

/*
 * The person whose answer this is by the form's mark, whatever number the path gives them: it may have waited on the telephone since
 * another session, in which people had other numbers. Answers and returns false when the session answers for nobody of that mark.
 */
static bool
open_marked(struct context *c, struct my *my)
{
    if (!my_begin(c, my))
        return false;
    const struct my_person *marked = my_marked(&my->session, request_value(c->request, "mark")), *numbered = my->person;
    my->person = marked;
    if (marked != NULL)
        return my_is_ours(c, my);
    if (numbered != NULL && !numbered->here)
        my_message(c, my, 200, WORD_over);
    else
        my_message(c, my, 403, WORD_signed_out);
    return false;
}

void
my_entry_post(struct context *c)
{
    struct my my;
    struct document doc = {0};

    if (!open_marked(c, &my))
        return;
    struct sheet sheet = entry_sheet(c, &my);
    if (!read_sheet(c, &my, &sheet, &doc))
        return;
    enum my_result result = my_store(c->db, c->arena, &my.session, my.person->no, sheet.key, answered_at(c), &doc);
    conclude(c, &my, &sheet, &doc, result, my_path(c, "done", my.person->no));
}

void
my_done_show(struct context *c)
{
    struct my my;

    if (!my_open(c, &my))
        return;
    struct view *view = my_view(c, &my, my.person->newest == NULL ? WORD_today_missing : WORD_done_title);
    view_text(view, "newest", my.person->newest);
    view_text(view, "newest_of", my.person->newest_of);
    view_flag(view, "is_today_missing", my.person->newest != NULL && my.person->received == NULL);
    view_text(view, "next_due", my.person->next_due);
    view_flag(view, "is_urgent", my.person->urgency >= URGENT);
    view_flag(view, "may_survey", my.person->may_survey && !my.person->surveyed);
    view_text(view, "survey_path", my_path(c, "survey", my.person->no));
    view_flag(view, "has_certificate", my.person->is_patient);
    view_text(view, "certificate_path", my_path(c, "certificate", my.person->no));
    view_text(view, "entry_path", my_path(c, "entry", my.person->no));
    page_send(c, TEMPLATE_my_done, view);
}

/* ---- the survey ---------------------------------------------------------------------------------------------------- */

/* The same as my_open, for somebody who is asked the survey and has not answered; says so when they have. */
static bool
open_survey(struct context *c, struct my *my)
{
    if (!my_open(c, my))
        return false;
    if (my->person->may_survey && !my->person->surveyed)
        return true;
    my_message(c, my, my->person->surveyed ? 200 : 404, my->person->surveyed ? WORD_survey_done : WORD_not_found);
    return false;
}

void
my_survey_show(struct context *c)
{
    struct my my;
    const struct document nothing = {0};

    if (!open_survey(c, &my))
        return;
    struct sheet sheet = survey_sheet(c, &my);
    show_sheet(c, &my, &sheet, &nothing, NULL, "", 200);
}

void
my_survey_post(struct context *c)
{
    struct my my;
    struct document doc = {0};

    if (!open_survey(c, &my) || !my_is_ours(c, &my))
        return;
    struct sheet sheet = survey_sheet(c, &my);
    if (!read_sheet(c, &my, &sheet, &doc))
        return;
    conclude(c, &my, &sheet, &doc, my_survey(c->db, c->arena, &my.session, my.person->no, &doc), sheet.path);
}

/* ---- earlier answers ----------------------------------------------------------------------------------------------- */

void
my_history_show(struct context *c)
{
    struct my my;
    enum db_status status;

    if (!my_open(c, &my))
        return;
    if (!my.person->own_history) {
        my_message(c, &my, 404, WORD_not_found);
        return;
    }
    const struct rows *rows = my_history(c->db, c->arena, &my.session, my.person->no, &status);
    if (rows == NULL) {
        my_message(c, &my, 503, WORD_busy);
        return;
    }
    struct view *view = my_view(c, &my, WORD_history_title);
    struct my_items items = my_items_of(c->arena, my.person->questions);
    view_list(view, "entries");
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct document doc = {0};
        struct view *row = view_row(view, "entries");
        fields_apply_changes((struct fields){.arena = c->arena}, &doc, rows_text(rows, i, "items"));
        view_text(row, "entered", rows_text(rows, i, "entered"));
        my_fill_values(c, row, &my, &items, &doc);
    }
    view_text(view, "entry_path", my_path(c, "entry", my.person->no));
    page_send(c, TEMPLATE_my_history, view);
}

/* ---- for a bad network --------------------------------------------------------------------------------------------- */

/* Whether the session lives, and its token: asked before an entry that was kept on the telephone is sent. */
void
my_state_show(struct context *c)
{
    struct my my;

    if (!my_begin(c, &my))
        return;
    response_json(c->response, 200);
    buf_add_text(&c->response->body, "{\"csrf\":");
    buf_add_json(&c->response->body, my.session.csrf);
    buf_add_char(&c->response->body, '}');
}

/*
 * The page of the entry as the browser keeps it for the time without a network, for whoever of the family is asked: the questions of all
 * of them, without a name and without a token. What is not asked of somebody is not read from their entry.
 */
void
my_shell_show(struct context *c)
{
    struct my my;
    struct my_person nobody = {.here = true, .questions = ""};
    const struct document nothing = {0};

    if (!my_begin(c, &my))
        return;
    for (size_t i = 0; i < my.session.count; i++) {
        const struct my_person *person = &my.session.people[i];
        if (!person->here)
            continue;
        nobody.no = nobody.no != 0 ? nobody.no : person->no;
        nobody.questions = text_format(c->arena, "%s %s", nobody.questions, person->questions);
    }
    if (nobody.no == 0) {
        my_message(c, &my, 404, WORD_not_found);
        return;
    }
    struct my shell = {.person = &nobody, .language = my.language};
    struct sheet sheet = entry_sheet(c, &shell);
    sheet.key = "";
    show_sheet(c, &shell, &sheet, &nothing, NULL, "", 200);
}
