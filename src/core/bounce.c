/* bounce.c - see bounce.h. */
#include "core/bounce.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

enum {
    TOKEN_DIGITS = 32,
    HEADER_BYTES = 1000, /* of a header with its folded lines; what is longer is cut */
    BOUNDARY_BYTES = 70  /* RFC 2046 */
};

/* What is left to read. */
struct scan {
    const char *at, *end;
};

/* ---- addresses ----------------------------------------------------------------------------------------------------- */

const char *
bounce_token(struct arena *arena, const struct crypt_keys *keys, const char *outbox_id)
{
    return text_copy_n(arena, crypt_peppered(arena, keys, text_format(arena, "mail returned %s", outbox_id)), TOKEN_DIGITS);
}

const char *
bounce_sender(struct arena *arena, const struct crypt_keys *keys, const char *returns, const char *outbox_id)
{
    const char *at = strchr(returns, '@');

    return at == NULL ? NULL
                      : text_format(arena, "%.*s+%s-%s%s", (int)(at - returns), returns, outbox_id,
                                    bounce_token(arena, keys, outbox_id), at);
}

/* ---- lines --------------------------------------------------------------------------------------------------------- */

/* Appends the next line, without its end, to a header that has `used` bytes; how many it has then. */
static size_t
take_line(struct scan *scan, char header[HEADER_BYTES], size_t used)
{
    const char *feed = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
    const char *end = feed == NULL ? scan->end : feed;
    size_t size = (size_t)(end - scan->at) - (end > scan->at && end[-1] == '\r');
    size_t room = HEADER_BYTES - 1 - used;

    if (size > room)
        size = room;
    memcpy(header + used, scan->at, size);
    scan->at = feed == NULL ? scan->end : feed + 1;
    return used + size;
}

/* The next header with its folded lines as one text; false at a blank line, which is behind then, and at the end. */
static bool
take_header(struct scan *scan, char header[HEADER_BYTES])
{
    size_t used = 0;

    do {
        if (scan->at == scan->end)
            break;
        used = take_line(scan, header, used);
    } while (used > 0 && scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'));
    header[used] = '\0';
    return used > 0;
}

/* What a header of this name says, or NULL when it has another name. */
static const char *
value_of(const char *header, const char *name)
{
    size_t size = strlen(name);

    if (strncasecmp(header, name, size) != 0 || header[size] != ':')
        return NULL;
    return header + size + 1 + strspn(header + size + 1, " \t");
}

static bool
begins(const char *text, const char *prefix)
{
    return text != NULL && strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* ---- the parts of a report ----------------------------------------------------------------------------------------- */

/* Reads the mail's own headers; false when it is no report. `delimiter` is the line between its parts. */
static bool
take_delimiter(struct scan *scan, char delimiter[BOUNDARY_BYTES + 3])
{
    char header[HEADER_BYTES];

    delimiter[0] = '\0';
    while (take_header(scan, header)) {
        const char *type = value_of(header, "Content-Type");
        const char *mark = begins(type, "multipart/report") ? strcasestr(type, "boundary=") : NULL;
        if (mark == NULL)
            continue;
        mark += strlen("boundary=");
        bool quoted = *mark == '"';
        size_t size = strcspn(mark + quoted, quoted ? "\"" : "; \t");
        if (size == 0 || size > BOUNDARY_BYTES)
            return false;
        memcpy(delimiter, "--", 2);
        memcpy(delimiter + 2, mark + quoted, size);
        delimiter[2 + size] = '\0';
    }
    return delimiter[0] != '\0';
}

/* Goes behind the next line that is the delimiter; false when there is none. */
static bool
skip_to_part(struct scan *scan, const char *delimiter)
{
    char line[HEADER_BYTES];

    while (scan->at < scan->end) {
        line[take_line(scan, line, 0)] = '\0';
        if (text_starts(line, delimiter))
            return true;
    }
    return false;
}

/* Reads the headers of a part: whether it is the one for machines. */
static bool
is_for_machines(struct scan *scan)
{
    char header[HEADER_BYTES];
    bool found = false;

    while (take_header(scan, header)) {
        const char *type = value_of(header, "Content-Type");
        found = found || begins(type, "message/delivery-status") || begins(type, "message/global-delivery-status");
    }
    return found;
}

/* ---- what it says -------------------------------------------------------------------------------------------------- */

/* Copies a code like 5.1.1 from the start of `value`; "" when it is none. */
static void
copy_status(char status[BOUNCE_STATUS_SIZE], const char *value)
{
    size_t size = strspn(value, "0123456789."), dots = 0, digits = 0;

    status[0] = '\0';
    if (size >= BOUNCE_STATUS_SIZE || strchr("245", value[0]) == NULL)
        return;
    for (size_t i = 0; i < size; i++) {
        dots += value[i] == '.';
        digits = value[i] == '.' ? 0 : digits + 1;
        if (digits > 3 || (value[i] == '.' && (i == 0 || value[i - 1] == '.')))
            return;
    }
    if (dots != 2 || digits == 0)
        return;
    memcpy(status, value, size);
    status[size] = '\0';
}

/* What one recipient's fields say. */
static enum bounce
judge(bool failed, const char *status)
{
    if (!failed || status[0] == '\0' || status[0] == '2')
        return BOUNCE_NONE;
    return status[0] == '5' && !text_same(status, "5.2.2") ? BOUNCE_REFUSED : BOUNCE_GIVEN_UP;
}

/* Reads the groups of fields of the part for machines: the first is about the mail, each other about a recipient. */
static enum bounce
read_recipients(struct scan *scan, const char *delimiter, char status[BOUNCE_STATUS_SIZE])
{
    char field[HEADER_BYTES], code[BOUNCE_STATUS_SIZE] = "";
    enum bounce worst = BOUNCE_NONE;
    bool failed = false, over = false;

    while (!over) {
        bool in_group = take_header(scan, field);
        const char *action = value_of(field, "Action"), *said = value_of(field, "Status");
        over = scan->at == scan->end || text_starts(field, delimiter);
        failed = failed || begins(action, "failed");
        if (said != NULL)
            copy_status(code, said);
        if (in_group && !over)
            continue;
        enum bounce bounce = judge(failed, code);
        if (bounce > worst) {
            worst = bounce;
            memcpy(status, code, sizeof code);
        }
        failed = false;
        code[0] = '\0';
    }
    return worst;
}

enum bounce
bounce_read(const char *mail, size_t size, char status[BOUNCE_STATUS_SIZE])
{
    struct scan scan = {mail, mail + size};
    char delimiter[BOUNDARY_BYTES + 3];

    status[0] = '\0';
    if (!take_delimiter(&scan, delimiter))
        return BOUNCE_NONE;
    while (skip_to_part(&scan, delimiter))
        if (is_for_machines(&scan))
            return read_recipients(&scan, delimiter, status);
    return BOUNCE_NONE;
}

/* ---- storing ------------------------------------------------------------------------------------------------------- */

enum db_status
bounce_store(struct db *db, struct arena *arena, const struct crypt_keys *keys, const char *mark, enum bounce bounce,
             bool *known)
{
    static const char *const failures[] = {[BOUNCE_GIVEN_UP] = "given_up", [BOUNCE_REFUSED] = "refused"};
    size_t digits = strspn(mark, "0123456789");
    const char *id = text_copy_n(arena, mark, digits), *token = mark[digits] == '-' ? mark + digits + 1 : "";
    enum db_status status = DB_OK;
    int64_t number;

    *known = text_to_int(id, 1, INT64_MAX, &number) == 0 && crypt_equal(token, bounce_token(arena, keys, id));
    if (!*known)
        DB_ONE(db, arena, NULL, &status, SQL_mail_return_refused);
    else if (bounce != BOUNCE_NONE) {
        const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_mail_returned, id, token, failures[bounce]);
        *known = rows != NULL && rows_bool(rows, 0, "known");
    }
    return status;
}
