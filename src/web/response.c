/* response.c - see response.h. */
#include "web/response.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "base/text.h"

void
response_init(struct response *response, struct arena *arena)
{
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

void
response_file(struct response *response, const char *content_type, const char *filename,
              bool attachment, const void *data, size_t size)
{
    response->content_type = content_type;
    response_header(response, "Content-Disposition",
                    text_format(response->arena, "%s; filename*=UTF-8''%s",
                                attachment ? "attachment" : "inline",
                                encoded_name(response->arena, filename)));
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

void
response_send(struct response *response, int fd)
{
    const char *head = text_format(
        response->arena, "Status: %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s%s\r\n",
        response->status, reason(response->status), response->content_type, response->body.size,
        strstr(response->headers.data, "Cache-Control:") == NULL ? "Cache-Control: no-store\r\n"
                                                                 : "",
        response->headers.data);
    struct iovec parts[2] = {{(void *)(uintptr_t)head, strlen(head)},
                             {response->body.data, response->body.size}};

    for (struct iovec *part = parts; part < parts + 2;) {
        ssize_t n = writev(fd, part, (int)(parts + 2 - part));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        while (part < parts + 2 && (size_t)n >= part->iov_len)
            n -= (ssize_t)(part++)->iov_len;
        if (part < parts + 2) {
            part->iov_base = (char *)part->iov_base + n;
            part->iov_len -= (size_t)n;
        }
    }
}
