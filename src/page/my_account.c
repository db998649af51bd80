/*
 * my_account.c - My HER-SYS by mail and password (core/my_account.h): registering within a session, signing in, the code that comes by mail.
 * Pages and answers are the same for an address that is registered and for any other.
 */
#include <string.h>

#include "base/text.h"
#include "core/my_account.h"
#include "core/password.h"
#include "page/handlers.h"
#include "page/my_view.h"

enum { CODE_SECONDS = 10 * 60, DEVICE_SECONDS = 365 * 24 * 3600 };

static struct my_door
door_of(struct context *c)
{
    const char *device = request_cookie(c->request, "__Host-" MY_DEVICE_COOKIE);

    return (struct my_door){c->db, c->arena, &c->app->keys, text_empty(device) ? crypt_token(c->arena) : device};
}

/* What is said of a result that is a problem; WORD_busy for what is none of those. */
static enum word_name
word_of(enum my_account_result result, enum word_name wrong)
{
    switch (result) {
    case MY_ACCOUNT_wrong: return wrong;
    case MY_ACCOUNT_locked: return WORD_mail_locked;
    case MY_ACCOUNT_limit: return WORD_mail_limit;
    case MY_ACCOUNT_over: return WORD_code_over;
    case MY_ACCOUNT_taken: return WORD_account_taken;
    default: return WORD_busy;
    }
}

struct form_page {
    enum template template;
    enum word_name title;
};

static const struct form_page account_form = {TEMPLATE_my_account, WORD_account_title},
                              mail_form = {TEMPLATE_my_mail, WORD_mail_title}, code_form = {TEMPLATE_my_code, WORD_code_title};

/* A form that is shown, or shown again with what is wrong; a password is never written into a page. */
static void
show(struct context *c, const struct my *my, const struct form_page *form, const char *problem)
{
    struct view *view = my_view(c, my, form->title);

    view_text(view, "problem", problem);
    view_text(view, "mail", request_value(c->request, "mail"));
    view_text(view, "password_hint",
              words_fill(c->arena, words_text(my->language, WORD_password_hint), db_int(c->arena, PASSWORD_MIN), "", 0));
    view_flag(view, "has_account", my->session.has_account);
    view_flag(view, "is_done", request_query(c->request, "done")[0] != '\0');
    page_send(c, form->template, view);
}

/* An address and a password were posted: a code is on its way, for which the next page asks, or the form says what is wrong. */
static void
await_code(struct context *c, const struct my *my, const struct form_page *form, enum my_account_result result, const char *pending)
{
    if (result != MY_ACCOUNT_code) {
        show(c, my, form, words_text(my->language, word_of(result, WORD_mail_wrong)));
        return;
    }
    response_cookie(c->response, MY_CODE_COOKIE, pending, CODE_SECONDS);
    response_redirect(c->response, "/my/code");
}

/* ---- registering --------------------------------------------------------------------------------------------------- */

static bool
begin_account(struct context *c, struct my *my)
{
    if (!my_begin(c, my))
        return false;
    if (my->session.token == NULL)
        my_message(c, my, 403, WORD_signed_out);
    return my->session.token != NULL;
}

/* What is wrong with address or password before anything is sent; NULL: nothing. */
static const char *
form_problem(struct context *c, const struct my *my, const char *address, const char *password)
{
    const char *known = text_format(c->arena, "%s/known_password.txt", c->app->conf.data_directory);

    if (address == NULL)
        return words_text(my->language, WORD_mail_bad);
    const char *name = text_copy_n(c->arena, address, strcspn(address, "@"));
    enum password_flaw flaw = password_flaw(c->arena, known, password, name, "");
    if (flaw == PASSWORD_FINE)
        return NULL;
    return words_fill(c->arena, words_text(my->language, flaw == PASSWORD_SHORT ? WORD_password_short : WORD_password_weak),
                      db_int(c->arena, PASSWORD_MIN), "", 0);
}

void
my_account_show(struct context *c)
{
    struct my my;

    if (begin_account(c, &my))
        show(c, &my, &account_form, "");
}

void
my_account_post(struct context *c)
{
    struct my my;
    struct my_door door = door_of(c);
    const char *address = my_mail_address(c->arena, request_value(c->request, "mail"));
    const char *password = request_value(c->request, "password"), *pending;

    if (!begin_account(c, &my) || !my_is_ours(c, &my))
        return;
    const char *problem = form_problem(c, &my, address, password);
    if (problem != NULL) {
        show(c, &my, &account_form, problem);
        return;
    }
    enum my_account_result result = my_account_ask(&door, &my.session, address, password, &pending);
    if (result == MY_ACCOUNT_none)
        my_message(c, &my, 403, WORD_signed_out);
    else
        await_code(c, &my, &account_form, result, pending);
}

void
my_account_delete_post(struct context *c)
{
    struct my my;
    struct my_door door = door_of(c);

    if (!begin_account(c, &my) || !my_is_ours(c, &my))
        return;
    if (my_account_end(&door, &my.session) == DB_OK)
        response_redirect(c->response, "/my/account");
    else
        my_message(c, &my, 503, WORD_busy);
}

/* ---- signing in ---------------------------------------------------------------------------------------------------- */

void
my_mail_show(struct context *c)
{
    struct my my;

    if (my_begin(c, &my))
        show(c, &my, &mail_form, "");
}

void
my_mail_post(struct context *c)
{
    struct my my;
    struct my_door door = door_of(c);
    const char *address = my_mail_address(c->arena, request_value(c->request, "mail")), *pending;

    if (!my_begin(c, &my))
        return;
    if (address == NULL) {
        show(c, &my, &mail_form, words_text(my.language, WORD_mail_bad));
        return;
    }
    enum my_account_result result =
        my_account_enter(&door, &my.session, address, request_value(c->request, "password"), &pending);
    if (result != MY_ACCOUNT_open) {
        await_code(c, &my, &mail_form, result, pending);
        return;
    }
    my_keep_session(c, &my);
    response_redirect(c->response, "/my");
}

/* ---- the code ------------------------------------------------------------------------------------------------------ */

/* Enters the session, if there is one, and finds the attempt; answers and returns NULL when there is none. */
static const char *
begin_code(struct context *c, struct my *my)
{
    const char *pending = request_cookie(c->request, "__Host-" MY_CODE_COOKIE);

    if (!my_begin(c, my))
        return NULL;
    if (!text_empty(pending))
        return pending;
    my_message(c, my, 200, WORD_code_over);
    return NULL;
}

void
my_code_show(struct context *c)
{
    struct my my;

    if (begin_code(c, &my) != NULL)
        show(c, &my, &code_form, "");
}

void
my_code_post(struct context *c)
{
    struct my my;
    struct my_door door = door_of(c);
    const char *pending = begin_code(c, &my);

    if (pending == NULL)
        return;
    enum my_account_result result =
        my_account_code(&door, &my.session, pending, request_value(c->request, "code"));
    if (result != MY_ACCOUNT_open && result != MY_ACCOUNT_added) {
        show(c, &my, &code_form, words_text(my.language, word_of(result, WORD_code_wrong)));
        return;
    }
    response_cookie(c->response, MY_CODE_COOKIE, "", -1);
    response_cookie(c->response, MY_DEVICE_COOKIE, door.device, DEVICE_SECONDS);
    if (result == MY_ACCOUNT_open)
        my_keep_session(c, &my);
    response_redirect(c->response, result == MY_ACCOUNT_open ? "/my" : "/my/account?done=1");
}
