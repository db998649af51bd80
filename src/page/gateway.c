/* gateway.c - where the gateways call: a delivery report or a message by SMS, a mail that came back. No page: they read nothing but the status. */
#include <string.h>

#include "base/jtext.h"
#include "base/log.h"
#include "base/text.h"
#include "core/bounce.h"
#include "core/sms.h"
#include "page/handlers.h"

/* Whoever calls keeps what we could not store, and calls again: Kannel (http-request-retry), the mail server (deploy/mail-return.sh). */
static void
answer(struct context *c, enum db_status status, bool known)
{
    c->response->content_type = "text/plain; charset=utf-8";
    c->response->status = status != DB_OK ? 503 : known ? 200 : 403;
    buf_add_text(&c->response->body, status != DB_OK ? "later\n" : known ? "ok\n" : "no\n");
    if (status == DB_OK && !known)
        log_error("gateway_refused", "kind", path_part(c, 2), NULL);
}

/* /gateway/sms/report/:id/:token/:type */
void
gateway_report(struct context *c)
{
    bool known;
    enum db_status status = sms_report(c->db, c->arena, &c->app->keys, path_part(c, 3), path_part(c, 4),
                                       path_part(c, 5), &known);

    answer(c, status, known);
}

/* +8190..., 8190... and 090... are the same telephone; a number from abroad stays as it came. */
static const char *
number_of(struct context *c, const char *typed)
{
    const char *number = text_starts(typed, "81") ? text_format(c->arena, "+%s", typed) : typed;
    const char *digits = jtext_phone_digits(c->arena, number);

    return digits == NULL ? typed : digits;
}

/* The text as it was sent: UTF-16BE when it is Japanese, UTF-8 otherwise. NULL for data. */
static const char *
text_of(struct context *c)
{
    const struct scgi *scgi = &c->request->scgi;
    const char *type = scgi_header(scgi, "CONTENT_TYPE");

    if (strcasestr(type, "utf-16") != NULL)
        return text_from_utf16(c->arena, scgi->body, scgi->body_size);
    return text_starts(type, "text/") && text_is_utf8(scgi->body, scgi->body_size) ? scgi->body : NULL;
}

/* /gateway/sms/received/:secret/:id, the text as body and the number as header: nothing of a person stands in the address. */
void
gateway_received(struct context *c)
{
    const char *id = path_part(c, 4), *text = text_of(c);
    const char *from = scgi_header(&c->request->scgi, "HTTP_X_KANNEL_FROM");

    if (!sms_received_secret(c->arena, &c->app->keys, path_part(c, 3)))
        answer(c, sms_refused(c->db, c->arena), false);
    else if (text == NULL || from[0] == '\0' || strlen(id) > SMS_GATEWAY_ID_MAX) {
        log_error("sms_unreadable", NULL);
        answer(c, DB_OK, true); /* data for a machine; calling again makes no text of it */
    } else
        answer(c, sms_receive(c->db, c->arena, id, number_of(c, from), text), true);
}

/* /gateway/mail/returned/:mark, the mail as body */
void
gateway_mail_returned(struct context *c)
{
    const struct scgi *scgi = &c->request->scgi;
    const char *mark = path_part(c, 3);
    char code[BOUNCE_STATUS_SIZE];
    bool known;
    enum bounce bounce = bounce_read(scgi->body, scgi->body_size, code);
    enum db_status status = bounce_store(c->db, c->arena, &c->app->keys, mark, bounce, &known);

    if (status == DB_OK && known && bounce != BOUNCE_NONE)
        log_info("mail_returned", "outbox", text_copy_n(c->arena, mark, strspn(mark, "0123456789")), "status", code, NULL);
    answer(c, status, known);
}
