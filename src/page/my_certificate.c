/*
 * my_certificate.c - 療養証明書 on the telephone, and the page on which a third party has it confirmed (core/certificate.h). That page
 * says what the certificate says, and of any other number nothing but that there is none.
 */
#include "core/certificate.h"

#include "base/text.h"
#include "core/totp.h"
#include "page/handlers.h"
#include "page/my_view.h"

enum { QR_MARGIN = 4, MOST_OF_CODE = 64 };

static void
fill(struct context *c, struct view *view, const struct certificate *certificate)
{
    view_text(view, "certificate_name", certificate->name);
    view_text(view, "certificate_number", certificate->number);
    view_text(view, "certificate_centre", certificate->centre);
    view_text(view, "certificate_birth", date_japanese(c->arena, certificate->birth));
    view_text(view, "certificate_birth_iso", date_iso(c->arena, certificate->birth));
    view_text(view, "certificate_diagnosed", date_japanese(c->arena, certificate->diagnosed));
    view_text(view, "certificate_diagnosed_iso", date_iso(c->arena, certificate->diagnosed));
}

/* ---- to its owner -------------------------------------------------------------------------------------------------- */

static void
show_ready(struct context *c, struct view *view, const struct certificate *certificate)
{
    const char *address = text_format(c->arena, "%s/verify", c->app->conf.address);
    int size = 0;

    fill(c, view, certificate);
    view_text(view, "qr_shape",
              totp_qr(c->arena, text_format(c->arena, "%s/%s", address, certificate->code), &size));
    view_int(view, "qr_box", size + 2 * QR_MARGIN);
    view_text(view, "certificate_code", certificate_code_shown(c->arena, certificate->code));
    view_text(view, "verify_address", address);
}

void
my_certificate_show(struct context *c)
{
    static const enum word_name words[] = {[CERTIFICATE_making] = WORD_certificate_making,
                                           [CERTIFICATE_wait] = WORD_certificate_wait,
                                           [CERTIFICATE_never] = WORD_certificate_never};
    struct certificate certificate;
    struct my my;

    if (!my_open_still(c, &my))
        return;
    enum certificate_state state =
        certificate_of(c->db, c->arena, &c->app->keys, &my.session, my.person->no, &certificate);
    if (state == CERTIFICATE_failed) {
        my_message(c, &my, 503, WORD_busy);
        return;
    }
    if (state == CERTIFICATE_none) {
        my_message(c, &my, 404, WORD_not_found);
        return;
    }
    struct view *view = my_view(c, &my, WORD_certificate_title);
    view_flag(view, "is_ready", state == CERTIFICATE_ready);
    view_flag(view, "is_making", state == CERTIFICATE_making);
    view_text(view, "certificate_path", my_path(c, "certificate", my.person->no));
    if (state == CERTIFICATE_ready)
        show_ready(c, view, &certificate);
    else
        view_text(view, "text", words_text(my.language, words[state]));
    if (state == CERTIFICATE_making)
        response_header(c->response, "Refresh", "2");
    page_send(c, TEMPLATE_my_certificate, view);
}

/* ---- to a third party ---------------------------------------------------------------------------------------------- */

/* The page; a problem is said of what was typed. */
static void
show_verify(struct context *c, const struct my *my, const char *problem, const struct certificate *certificate)
{
    struct view *view = my_view(c, my, WORD_verify_title);

    view_text(view, "problem", problem);
    view_text(view, "code", request_value(c->request, "code"));
    view_flag(view, "is_genuine", certificate != NULL);
    if (certificate != NULL)
        fill(c, view, certificate);
    page_send(c, TEMPLATE_verify, view);
}

static void
verify(struct context *c, const char *typed)
{
    struct my my;
    struct certificate certificate;
    enum db_status status = DB_OK;
    const char *code = text_length(typed) > MOST_OF_CODE ? NULL : certificate_code(c->arena, typed);

    if (!my_begin(c, &my))
        return;
    bool genuine = code != NULL && certificate_check(c->db, c->arena, &c->app->keys, code, &certificate, &status);
    if (status != DB_OK)
        my_message(c, &my, 503, WORD_busy);
    else if (genuine)
        show_verify(c, &my, "", &certificate);
    else
        show_verify(c, &my, words_text(my.language, WORD_verify_wrong), NULL);
}

void
verify_show(struct context *c)
{
    struct my my;

    if (my_begin(c, &my))
        show_verify(c, &my, "", NULL);
}

void
verify_post(struct context *c)
{
    verify(c, request_value(c->request, "code"));
}

/* The address in the QR code. */
void
verify_code_show(struct context *c)
{
    verify(c, path_part(c, 1));
}
