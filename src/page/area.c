/* area.c - see area.h. */
#include "page/area.h"

#include "base/text.h"

const char *
area_mine(struct context *c)
{
    return db_int(c->arena, c->session.organisation_id);
}

const char *
area_id(struct context *c, const char *value)
{
    int64_t id;

    return text_to_int(value, 1, INT64_MAX, &id) == 0 ? db_int(c->arena, id) : "0";
}

const char *
area_path_id(struct context *c, size_t index)
{
    return area_id(c, path_part(c, index));
}

/* Enters a refusal in the trail. False when that failed, which has been answered. */
static bool
record_refusal(struct context *c, const char *action, const char *what)
{
    enum db_status status;

    DB_ONE(c->db, c->arena, c->session.token, &status, SQL_audit_append, action, "denied", NULL,
           NULL, what);
    if (status != DB_OK)
        page_database_failed(c, status);
    return status == DB_OK;
}

void
area_refuse(struct context *c, const char *action, const char *what)
{
    if (record_refusal(c, action, what))
        page_not_found(c);
}

bool
area_kind(struct context *c, unsigned kinds, const char *action)
{
    if ((kinds & 1u << c->session.kind) != 0)
        return true;
    area_refuse(c, action, "");
    return false;
}

bool
area_kind_told(struct context *c, unsigned kinds, const char *action, const char *why)
{
    if ((kinds & 1u << c->session.kind) != 0)
        return true;
    if (record_refusal(c, action, ""))
        page_forbidden(c, why);
    return false;
}

void
area_finish(struct context *c, struct db_batch *batch, const char *action, const char *what,
            const char *path, const char *notice)
{
    DB_ADD(batch, SQL_audit_append, action, "allowed", NULL, NULL, what);
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        page_redirect_with(c, path, notice);
}
