/* mail.c - one mail by SMTP (libcurl): UTF-8, base64, RFC 2047 subject. */
#include "gateway/session.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"

enum {
    WORD_BYTES = 36,      /* of one encoded word: 48 characters of base64 and 12 around them */
    LINE_BYTES = 57,      /* of one body line: 76 characters of base64 (RFC 2045) */
    TIMEOUT_SECONDS = 30,
    MAILBOX_FULL = 552    /* exceeded storage allocation: said of good addresses */
};

struct upload {
    const char *data;
    size_t left;
};

static size_t
read_upload(char *out, size_t size, size_t count, void *user)
{
    struct upload *upload = user;
    size_t n = size * count < upload->left ? size * count : upload->left;

    memcpy(out, upload->data, n);
    upload->data += n;
    upload->left -= n;
    return n;
}

static void
add_base64(struct buf *out, const char *data, size_t size)
{
    char encoded[128];

    sodium_bin2base64(encoded, sizeof encoded, (const unsigned char *)data, size,
                      sodium_base64_VARIANT_ORIGINAL);
    buf_add_text(out, encoded);
}

/* Encoded words of whole characters, folded; the subject is ours, so it holds no line break. */
static void
add_subject(struct buf *out, const char *subject)
{
    size_t size = strlen(subject);

    buf_add_text(out, "Subject:");
    for (size_t i = 0; i < size;) {
        size_t n = size - i < WORD_BYTES ? size - i : WORD_BYTES;
        while (i + n < size && ((unsigned char)subject[i + n] & 0xC0) == 0x80)
            n--;
        buf_add_text(out, i == 0 ? " =?UTF-8?B?" : "\r\n =?UTF-8?B?");
        add_base64(out, subject + i, n);
        buf_add_text(out, "?=");
        i += n;
    }
    buf_add_text(out, "\r\n");
}

static void
compose(struct buf *out, const struct conf *conf, const struct message *message)
{
    char date[64];
    time_t now = time(NULL);
    struct tm utc;
    const char *at = strchr(conf->mail_from, '@');

    gmtime_r(&now, &utc);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &utc);
    buf_printf(out, "Date: %s\r\nFrom: HER-SYS <%s>\r\nTo: <%s>\r\nMessage-ID: <%s%s>\r\n", date,
               conf->mail_from, message->to, message->id, at == NULL ? "@localhost" : at);
    add_subject(out, message->subject);
    buf_add_text(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
                      "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n");
    size_t size = strlen(message->body);
    for (size_t i = 0; i < size; i += LINE_BYTES) {
        add_base64(out, message->body + i, size - i < LINE_BYTES ? size - i : LINE_BYTES);
        buf_add_text(out, "\r\n");
    }
}

/*
 * Only what the server says to RCPT is about the address. Everything else (our login, our sender, size, content) is for the
 * operator to mend, and is tried again until then.
 */
static enum gateway_verdict
verdict_of(CURLcode code, long reply, const char *problem)
{
    if (code == CURLE_OK)
        return GATEWAY_SENT;
    log_error("mail_not_sent", "reason", curl_easy_strerror(code), NULL);
    return reply >= 550 && reply <= 553 && reply != MAILBOX_FULL && text_starts(problem, "RCPT failed")
               ? GATEWAY_REFUSED
               : GATEWAY_RETRY;
}

enum gateway_verdict
gateway_mail(struct gateway *gateway, const struct message *message)
{
    const struct conf *conf = gateway->conf;
    CURL *curl = gateway->mail;
    char problem[CURL_ERROR_SIZE] = "";
    long reply = 0;

    if (strpbrk(message->to, "\r\n<> ") != NULL || strchr(message->to, '@') == NULL)
        return GATEWAY_REFUSED;
    struct arena *arena = arena_new();
    struct buf text = buf_new(arena);
    compose(&text, conf, message);
    struct upload upload = {text.data, text.size};
    struct curl_slist *to = curl_slist_append(NULL, text_format(arena, "<%s>", message->to));
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, conf->mail_url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, text_format(arena, "<%s>", message->sender == NULL ? conf->mail_from : message->sender));
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_upload);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    curl_slist_free_all(to);
    arena_free(arena);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    return verdict_of(code, reply, problem);
}
