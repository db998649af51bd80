/* request.c - see request.h. */
#include "web/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* Cuts the path at its slashes. -1 when it has empty, "." or ".." parts or too many. */
static int
split_path(struct request *request)
{
    size_t count;
    char **parts = text_split(request->arena, request->path + 1, '/', &count);

    if (count > REQUEST_MAX_PATH_PARTS)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (parts[i][0] == '\0' || parts[i][0] == '.')
            return -1;
        request->parts[i] = parts[i];
    }
    request->part_count = count;
    return 0;
}

static int
parse_body(struct request *request)
{
    const struct scgi *scgi = &request->scgi;
    const char *type = scgi_header(scgi, "CONTENT_TYPE");

    if (request->method != METHOD_POST)
        return scgi->body_size == 0 ? 0 : -1;
    if (text_starts(type, "application/x-www-form-urlencoded"))
        return form_parse_urlencoded(request->arena, scgi->body, scgi->body_size, &request->body);
    const char *boundary = form_boundary(request->arena, type);
    if (boundary != NULL)
        return form_parse_multipart(request->arena, boundary, scgi->body, scgi->body_size,
                                    &request->body);
    bool other = text_starts(type, "text/plain") || text_starts(type, "application/octet-stream") ||
                 text_starts(type, "message/rfc822");
    return scgi->body_size == 0 || other ? 0 : -1;
}

int
request_init(struct request *request, struct arena *arena, const struct scgi *scgi)
{
    const char *method = scgi_header(scgi, "REQUEST_METHOD");
    const char *query = scgi_header(scgi, "QUERY_STRING");

    memset(request, 0, sizeof *request);
    request->arena = arena;
    request->scgi = *scgi;
    request->method = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? METHOD_GET
                      : strcmp(method, "POST") == 0                              ? METHOD_POST
                                                                                 : METHOD_OTHER;
    request->path = scgi_header(scgi, "DOCUMENT_URI");
    request->queued_at = strtod(scgi_header(scgi, "HERSYS_QUEUED_AT"), NULL);
    if (request->path[0] != '/' || !text_is_utf8(request->path, strlen(request->path)))
        return -1;
    if (split_path(request) != 0)
        return -1;
    if (form_parse_urlencoded(arena, query, strlen(query), &request->query) != 0)
        return -1;
    return parse_body(request);
}

const char *
request_cookie(const struct request *request, const char *name)
{
    size_t size = strlen(name);

    for (const char *p = scgi_header(&request->scgi, "HTTP_COOKIE"); *p != '\0';) {
        p += strspn(p, " ;");
        size_t n = strcspn(p, ";");
        if (n > size && strncmp(p, name, size) == 0 && p[size] == '=')
            return text_copy_n(request->arena, p + size + 1, n - size - 1);
        p += n;
    }
    return NULL;
}

const char *
request_value(const struct request *request, const char *name)
{
    const char *value = form_value(&request->body, name);

    return value == NULL ? "" : value;
}

const char *
request_words(const struct request *request, const char *name)
{
    struct buf words = buf_new(request->arena);

    for (size_t i = 0; i < request->body.count; i++)
        if (strcmp(request->body.fields[i].name, name) == 0)
            buf_printf(&words, "%s%s", words.size == 0 ? "" : " ", request->body.fields[i].value);
    return buf_text(&words);
}

const char *
request_query(const struct request *request, const char *name)
{
    const char *value = form_value(&request->query, name);

    return value == NULL ? "" : value;
}

bool
request_is_same_origin(const struct request *request, const char *address)
{
    const char *site = scgi_header(&request->scgi, "HTTP_SEC_FETCH_SITE");

    if (site[0] != '\0')
        return strcmp(site, "same-origin") == 0;
    return strcmp(scgi_header(&request->scgi, "HTTP_ORIGIN"), address) == 0;
}
