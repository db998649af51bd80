/* response.c - see response.h. */
#include "web/response.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "base/text.h"

void
response_init(struct response *response, struct arena *arena, int fd)
{
    response->fd = fd;
    response->streamed = false;
    response->arena = arena;
    response->status = 200;
    response->content_type = "text/html; charset=utf-8";
    response->headers = buf_new(arena);
    response->body = buf_new(arena);
}

void
response_header(struct response *response, const char *name, const char *value)
{
    assert(strpbrk(name, "\r\n:") == NULL && strpbrk(value, "\r\n") == NULL);
    buf_printf(&response->headers, "%s: %s\r\n", name, value);
}

static void
set_cookie(struct response *response, const char *name, const char *value, long seconds, const char *same_site)
{
    struct buf cookie = buf_new(response->arena);

    assert(strpbrk(value, "; ,\r\n") == NULL);
    buf_printf(&cookie, "__Host-%s=%s; Path=/; Secure; HttpOnly; SameSite=%s", name, value, same_site);
    if (seconds != 0)
        buf_printf(&cookie, "; Max-Age=%ld", seconds < 0 ? 0 : seconds);
    response_header(response, "Set-Cookie", buf_text(&cookie));
}

void
response_cookie(struct response *response, const char *name, const char *value, long seconds)
{
    set_cookie(response, name, value, seconds, "Strict");
}

void
response_cookie_linked(struct response *response, const char *name, const char *value, long seconds)
{
    set_cookie(response, name, value, seconds, "Lax");
}

void
response_redirect(struct response *response, const char *path)
{
    assert(path[0] == '/' && path[1] != '/');
    response->status = 303;
    response_header(response, "Location", path);
}

void
response_page(struct response *response, int status, const struct template_code *code,
              const struct view *view)
{
    response->status = status;
    template_render(&response->body, code, view);
}

void
response_json(struct response *response, int status)
{
    response->status = status;
    response->content_type = "application/json; charset=utf-8";
}

/* RFC 8187 form of a file name. */
static char *
encoded_name(struct arena *arena, const char *filename)
{
    struct buf out = buf_new(arena);

    for (const unsigned char *p = (const unsigned char *)filename; *p != '\0'; p++) {
        if ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
            *p == '.' || *p == '-' || *p == '_')
            buf_add_char(&out, (char)*p);
        else
            buf_printf(&out, "%%%02X", *p);
    }
    return out.data;
}

static void
name_file(struct response *response, const char *content_type, const char *filename, bool attachment)
{
    response->content_type = content_type;
    response_header(response, "Content-Disposition",
                    text_format(response->arena, "%s; filename*=UTF-8''%s",
                                attachment ? "attachment" : "inline",
                                encoded_name(response->arena, filename)));
}

void
response_file(struct response *response, const char *content_type, const char *filename,
              bool attachment, const void *data, size_t size)
{
    name_file(response, content_type, filename, attachment);
    buf_add(&response->body, data, size);
}

static const char *
reason(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 303:
        return "See Other";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 409:
        return "Conflict";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    default:
        return "Other";
    }
}

/* The head; `length` is a header line, or "" when nobody knows it yet: the file then ends with the connection. */
static const char *
head_of(const struct response *response, const char *length)
{
    return text_format(response->arena, "Status: %d %s\r\nContent-Type: %s\r\n%s%s%s\r\n", response->status,
                       reason(response->status), response->content_type, length,
                       strstr(response->headers.data, "Cache-Control:") == NULL ? "Cache-Control: no-store\r\n" : "",
                       response->headers.data);
}

/* Writes all of it. False when the peer has gone away. */
static bool
send_parts(int fd, struct iovec *parts, size_t count)
{
    for (struct iovec *part = parts; part < parts + count;) {
        ssize_t n = writev(fd, part, (int)(parts + count - part));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        while (part < parts + count && (size_t)n >= part->iov_len)
            n -= (ssize_t)(part++)->iov_len;
        if (part < parts + count) {
            part->iov_base = (char *)part->iov_base + n;
            part->iov_len -= (size_t)n;
        }
    }
    return true;
}

void
response_stream_file(struct response *response, const char *content_type, const char *filename)
{
    name_file(response, content_type, filename, true);
}

bool
response_stream(struct response *response, const void *data, size_t size)
{
    const char *head = response->streamed ? "" : head_of(response, "");
    struct iovec parts[2] = {{(void *)(uintptr_t)head, strlen(head)}, {(void *)(uintptr_t)data, size}};

    response->streamed = true;
    return send_parts(response->fd, parts, 2);
}

void
response_send(struct response *response)
{
    if (response->streamed)
        return;
    const char *head = head_of(response, text_format(response->arena, "Content-Length: %zu\r\n", response->body.size));
    struct iovec parts[2] = {{(void *)(uintptr_t)head, strlen(head)},
                             {response->body.data, response->body.size}};
    send_parts(response->fd, parts, 2);
}
