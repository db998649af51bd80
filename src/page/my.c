/*
 * my.c - My HER-SYS: the link of the SMS and the birth date, the people of a telephone, leaving. What opens before the birth date
 * fits names nobody and is the same for every link, ours or not.
 */
#include "page/my_view.h"

#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "page/handlers.h"

#define LANGUAGE_COOKIE "my-language"

enum {
    SESSION_SECONDS = 90 * 24 * 3600, /* longer than anybody is observed; the database says when it is over */
    LANGUAGE_SECONDS = 365 * 24 * 3600,
    MOST_OF_LINK = 64
};

/* ---- the request --------------------------------------------------------------------------------------------------- */

void
my_choose_language(struct context *c, struct my *my, enum language language)
{
    my->language = language;
    my->is_chosen = true;
    response_cookie_linked(c->response, LANGUAGE_COOKIE, words_code(language), LANGUAGE_SECONDS);
}

void
my_keep_language(struct context *c, const struct my *my)
{
    if (my->is_chosen && my->person->here && !text_same(my->person->language, words_code(my->language)))
        my_speak(c->db, c->arena, &my->session, my->person->no, words_code(my->language));
}

/* The language that was chosen in this browser before, or -1. */
static int
kept_language(struct context *c)
{
    const char *kept = request_cookie(c->request, "__Host-" LANGUAGE_COOKIE);

    return kept == NULL ? -1 : words_language(kept);
}

/* What was chosen before, what the person chose or the office entered for them, what the browser asks for. */
static enum language
language_of(struct context *c, const struct my_person *person)
{
    int chosen = kept_language(c);

    if (chosen < 0 && person != NULL && person->language != NULL)
        chosen = words_language(person->language);
    if (chosen < 0)
        chosen = words_accepted(scgi_header(&c->request->scgi, "HTTP_ACCEPT_LANGUAGE"));
    return chosen < 0 ? LANGUAGE_ja : (enum language)chosen;
}

bool
my_begin(struct context *c, struct my *my)
{
    const char *token = request_cookie(c->request, "__Host-" MY_COOKIE);
    int asked = words_language(request_query(c->request, "lang"));
    int64_t no = 0;

    memset(my, 0, sizeof *my);
    enum db_status status = my_enter(c->db, c->arena, token, &my->session);
    text_to_int(path_part(c, 2), 1, INT32_MAX, &no);
    my->person = my_find(&my->session, (int)no);
    my->language = language_of(c, my->person != NULL         ? my->person
                                  : my->session.count > 0 ? &my->session.people[0]
                                                          : NULL);
    my->is_chosen = kept_language(c) >= 0;
    if (asked >= 0)
        my_choose_language(c, my, (enum language)asked);
    if (status == DB_OK)
        return true;
    my_message(c, my, 503, WORD_busy);
    return false;
}

bool
my_open_still(struct context *c, struct my *my)
{
    if (!my_begin(c, my))
        return false;
    if (my->session.token == NULL)
        my_message(c, my, 403, WORD_signed_out);
    else if (my->person == NULL)
        my_message(c, my, 404, WORD_not_found);
    else if (!my->person->open)
        my_message(c, my, 200, WORD_over);
    else
        return true;
    return false;
}

bool
my_open(struct context *c, struct my *my)
{
    if (!my_open_still(c, my))
        return false;
    if (!my->person->here)
        my_message(c, my, 200, WORD_over);
    return my->person->here;
}

bool
my_is_ours(struct context *c, const struct my *my)
{
    if (my->session.token != NULL && crypt_equal(request_value(c->request, "csrf"), my->session.csrf))
        return true;
    my_message(c, my, 403, WORD_signed_out);
    return false;
}

void
my_keep_session(struct context *c, const struct my *my)
{
    response_cookie_linked(c->response, MY_COOKIE, my->session.token, SESSION_SECONDS);
}

/* ---- the frame ----------------------------------------------------------------------------------------------------- */

const char *
my_path(struct context *c, const char *page, int no)
{
    return text_format(c->arena, "/my/%s/%d", page, no);
}

struct view *
my_view(struct context *c, const struct my *my, enum word_name title)
{
    struct view *view = view_new(c->arena);

    view_text(view, "title", words_text(my->language, title));
    view_flag(view, "demonstration", c->app->conf.demonstration);
    view_text(view, "csrf", my->session.token == NULL ? "" : my->session.csrf);
    /* The names of questions and answers stand behind the words of the pages, and are looked up one by one. */
    for (int i = 0; i < WORD_observation_temperature; i++)
        view_text(view, text_format(c->arena, "w_%s", dictionary_words[i].name), words_text(my->language, (enum word_name)i));
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        struct view *row = view_row(view, "languages");
        view_text(row, "language_code", words_code((enum language)i));
        view_text(row, "language_name", words_language_name((enum language)i));
        view_text(row, "language_tag", dictionary_words[WORD_html_lang].text[i]);
        view_format(row, "language_path", "%s?lang=%s", c->request->path, words_code((enum language)i));
    }
    if (my->person != NULL) {
        view_text(view, "person_name", my->person->name);
        view_text(view, "centre_name", my->person->centre);
        view_text(view, "centre_phone", jtext_phone_shown(c->arena, my->person->phone == NULL ? "" : my->person->phone));
        view_text(view, "centre_digits", my->person->phone);
    }
    return view;
}

bool
my_is_by_script(const struct context *c)
{
    return text_same(request_value(c->request, "by"), "script");
}

void
my_answer_script(struct context *c, int status, const char *state, const char *path, const char *text)
{
    struct buf *out = &c->response->body;

    response_json(c->response, status);
    buf_add_text(out, "{\"state\":");
    buf_add_json(out, state);
    buf_add_text(out, ",\"path\":");
    buf_add_json(out, path);
    buf_add_text(out, ",\"text\":");
    buf_add_json(out, text);
    buf_add_char(out, '}');
}

void
my_message(struct context *c, const struct my *my, int status, enum word_name text)
{
    if (my_is_by_script(c)) {
        my_answer_script(c, status, status == 200 ? "refused" : "kept", c->request->path, words_text(my->language, text));
        return;
    }
    struct my nobody = {.session = my->session, .language = my->language};
    struct view *view = my_view(c, &nobody, WORD_entry_title);

    view_text(view, "text", words_text(my->language, text));
    view_flag(view, "is_open", my->session.token != NULL);
    view_flag(view, "is_shut", my->session.token == NULL && (text == WORD_signed_out || text == WORD_code_over));
    if (status == 503)
        response_header(c->response, "Retry-After", "5");
    page_send_status(c, status, TEMPLATE_my_message, view);
}

/* ---- link and birth date ------------------------------------------------------------------------------------------- */

struct opening {
    const char *link;
    bool is_adding; /* a further person of a session; the link is typed, too */
    const char *path;
};

static void
show_opening(struct context *c, const struct my *my, const struct opening *opening, const char *problem)
{
    static const char *const fields[] = {"year", "month", "day", "link"};
    struct view *view = my_view(c, my, opening->is_adding ? WORD_add_title : WORD_sign_in_title);

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        view_text(view, fields[i], request_value(c->request, fields[i]));
    view_text(view, "problem", problem);
    view_text(view, "open_path", opening->path);
    view_flag(view, "is_adding", opening->is_adding);
    page_send(c, TEMPLATE_my_sign_in, view);
}

/* "S55", "５" and "1": the three parts as people write them. */
static enum date_verdict
read_birth(struct context *c, date_day *birth)
{
    struct request *r = c->request;

    return date_parse(text_format(c->arena, "%s/%s/%s", text_trim(c->arena, request_value(r, "year")),
                                  text_trim(c->arena, request_value(r, "month")),
                                  text_trim(c->arena, request_value(r, "day"))),
                      birth);
}

static void
open_link(struct context *c, struct my *my, const struct opening *opening)
{
    date_day birth;
    int no = 0;

    if (read_birth(c, &birth) != DATE_OK) {
        show_opening(c, my, opening, words_text(my->language, WORD_wrong_date));
        return;
    }
    switch (my_sign_in(c->db, c->arena, &my->session, opening->link, birth, opening->is_adding, &no)) {
    case MY_open:
        my_keep_session(c, my);
        if (my->is_chosen)
            my_speak(c->db, c->arena, &my->session, no, words_code(my->language));
        response_redirect(c->response, my_path(c, "entry", no));
        break;
    case MY_wrong:
        show_opening(c, my, opening, words_text(my->language, WORD_wrong));
        break;
    case MY_locked:
        show_opening(c, my, opening, words_text(my->language, WORD_locked));
        break;
    default:
        my_message(c, my, 503, WORD_busy);
    }
}

/* What no link of ours looks like is not even asked for. */
static bool
looks_like_link(const char *link)
{
    size_t size = strlen(link);

    return size > 0 && size <= MOST_OF_LINK &&
           strspn(link, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == size;
}

/* The opening of the path's own link; answers and returns false when it is none. */
static bool
begin_link(struct context *c, struct my *my, struct opening *opening)
{
    const char *link = path_part(c, 1);

    if (!my_begin(c, my))
        return false;
    *opening = (struct opening){link, false, c->request->path};
    if (looks_like_link(link))
        return true;
    my_message(c, my, 404, WORD_not_found);
    return false;
}

void
my_link_show(struct context *c)
{
    struct my my;
    struct opening opening;

    if (begin_link(c, &my, &opening))
        show_opening(c, &my, &opening, "");
}

void
my_link_post(struct context *c)
{
    struct my my;
    struct opening opening;

    if (begin_link(c, &my, &opening))
        open_link(c, &my, &opening);
}

/* ---- a family ------------------------------------------------------------------------------------------------------ */

/* The secret part of a whole address, or of what was typed alone. */
static const char *
link_of(struct arena *arena, const char *typed)
{
    const char *text = text_trim(arena, typed), *at = strstr(text, "/my/");

    if (at == NULL)
        return text;
    at += strlen("/my/");
    return text_copy_n(arena, at, strcspn(at, "?#/ "));
}

static bool
begin_adding(struct context *c, struct my *my, struct opening *opening)
{
    if (!my_begin(c, my))
        return false;
    *opening = (struct opening){link_of(c->arena, request_value(c->request, "link")), true, "/my/add"};
    if (my->session.token != NULL)
        return true;
    my_message(c, my, 403, WORD_signed_out);
    return false;
}

void
my_add_show(struct context *c)
{
    struct my my;
    struct opening opening;

    if (begin_adding(c, &my, &opening))
        show_opening(c, &my, &opening, "");
}

void
my_add_post(struct context *c)
{
    struct my my;
    struct opening opening;

    if (begin_adding(c, &my, &opening) && my_is_ours(c, &my)) {
        if (looks_like_link(opening.link))
            open_link(c, &my, &opening);
        else
            show_opening(c, &my, &opening, words_text(my.language, WORD_wrong));
    }
}

static void
show_people(struct context *c, const struct my *my)
{
    struct view *view = my_view(c, my, WORD_people_title);

    view_list(view, "people");
    for (size_t i = 0; i < my->session.count; i++) {
        const struct my_person *person = &my->session.people[i];
        struct view *row = view_row(view, "people");
        const char *number = words_fill(c->arena, words_text(my->language, WORD_person), "", "", person->no);
        view_text(row, "who", text_empty(person->name) ? number : person->name);
        view_text(row, "state", words_text(my->language, !person->here             ? WORD_over
                                                         : person->received != NULL ? WORD_today_done
                                                                                    : WORD_today_missing));
        view_flag(row, "here", person->here);
        view_flag(row, "has_certificate", person->open && person->is_patient);
        view_text(row, "certificate_path", my_path(c, "certificate", person->no));
        view_text(row, "entry_path", my_path(c, "entry", person->no));
    }
    page_send(c, TEMPLATE_my_people, view);
}

/* The list of a family, or at once the only person. */
void
my_show(struct context *c)
{
    struct my my;

    if (!my_begin(c, &my))
        return;
    if (my.session.token == NULL)
        my_message(c, &my, 200, WORD_signed_out);
    else if (my.session.count == 1 && my.session.people[0].here && request_query(c->request, "lang")[0] == '\0')
        response_redirect(c->response, my_path(c, "entry", my.session.people[0].no));
    else
        show_people(c, &my);
}

void
my_people_show(struct context *c)
{
    struct my my;

    if (!my_begin(c, &my))
        return;
    if (my.session.token == NULL)
        my_message(c, &my, 403, WORD_signed_out);
    else
        show_people(c, &my);
}

void
my_leave_post(struct context *c)
{
    struct my my;

    if (!my_begin(c, &my) || !my_is_ours(c, &my))
        return;
    if (my_leave(c->db, c->arena, &my.session) != DB_OK) {
        my_message(c, &my, 503, WORD_busy);
        return;
    }
    response_cookie_linked(c->response, MY_COOKIE, "", -1);
    response_header(c->response, "Clear-Site-Data", "\"cache\", \"storage\"");
    response_redirect(c->response, "/my");
}
