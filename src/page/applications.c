/* applications.c - clinics that ask for an ID (ID発行申請): approved with one press, or passed over. */
#include "base/jtext.h"
#include "base/text.h"
#include "core/account.h"
#include "page/area.h"
#include "page/handlers.h"

/* ---- the list ------------------------------------------------------------------------------------------------------ */

static const char *
receipt_shown(struct context *c, const char *receipt)
{
    return text_format(c->arena, "%.4s-%s", receipt, receipt + 4);
}

static void
fill_open(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    const char *id = rows_text(rows, i, "application_id"), *postal = rows_text(rows, i, "postal_code");

    view_text(row, "receipt", receipt_shown(c, rows_text(rows, i, "receipt")));
    view_text(row, "applied", rows_text(rows, i, "applied"));
    view_text(row, "institution", rows_text(rows, i, "institution"));
    view_format(row, "postal_code", "%.3s-%s", postal, postal + 3);
    view_text(row, "address", rows_text(rows, i, "address"));
    view_text(row, "phone", jtext_phone_shown(c->arena, rows_text(rows, i, "phone")));
    view_text(row, "doctor", rows_text(rows, i, "doctor"));
    view_text(row, "email", rows_text(rows, i, "email"));
    view_text(row, "centre", rows_text(rows, i, "centre"));
    view_text(row, "alike", rows_text(rows, i, "alike"));
    view_format(row, "approve_path", "/applications/%s/approve", id);
    view_format(row, "reject_path", "/applications/%s/reject", id);
}

static void
fill_decided(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    const char *organisation = rows_text(rows, i, "organisation_id");

    view_text(row, "receipt", receipt_shown(c, rows_text(rows, i, "receipt")));
    view_text(row, "decided_at", rows_text(rows, i, "decided"));
    view_text(row, "institution", rows_text(rows, i, "institution"));
    view_text(row, "decider", rows_text(rows, i, "holder"));
    view_flag(row, "approved", rows_bool(rows, i, "approved"));
    if (organisation != NULL)
        view_format(row, "organisation_path", "/organisations/%s", organisation);
}

void
applications_show(struct context *c)
{
    if (!area_kind(c, AREA_REGIONAL, "application_list"))
        return;
    struct view *view = page_view(c, "ID発行申請");
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned open = DB_ADD(batch, SQL_application_open, area_mine(c));
    unsigned decided = DB_ADD(batch, SQL_application_decided, area_mine(c));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    const struct rows *waiting = db_rows(batch, open), *done = db_rows(batch, decided);
    view_list(view, "waiting");
    for (size_t i = 0; i < rows_count(waiting); i++)
        fill_open(c, view_row(view, "waiting"), waiting, i);
    view_list(view, "decided");
    for (size_t i = 0; i < rows_count(done); i++)
        fill_decided(c, view_row(view, "decided"), done, i);
    view_text(view, "total", rows_count(waiting) == 0 ? "0" : rows_text(waiting, 0, "total"));
    view_flag(view, "several_centres", c->session.kind != KIND_centre);
    page_send(c, TEMPLATE_applications, view);
}

/* ---- deciding ------------------------------------------------------------------------------------------------------ */

struct found {
    const char *id, *what; /* "application 3fa8…" */
    const struct rows *row;
};

/* False when it has been answered already: outside the area, or the database failed. */
static bool
find(struct context *c, const char *action, struct found *found)
{
    enum db_status status;

    if (!area_kind(c, AREA_REGIONAL, action))
        return false;
    found->id = path_part(c, 1);
    if (!crypt_is_uuid(found->id)) {
        area_refuse(c, action, "");
        return false;
    }
    found->what = text_format(c->arena, "application %s", found->id);
    found->row = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_application_find,
                        area_mine(c), found->id);
    if (found->row == NULL)
        page_database_failed(c, status);
    else if (rows_count(found->row) == 0)
        area_refuse(c, action, found->what);
    return found->row != NULL && rows_count(found->row) == 1;
}

/* What the transaction of an approval works with. */
struct approval {
    struct context *c;
    const struct found *found;
    struct account_secret secret;
    const char *account; /* fresh ids */
    const char *organisation;
    bool late; /* somebody else has decided in the meantime */
};

/* The decision comes first, so that of two presses only one goes on. */
static enum db_status
approve(struct db *db, void *context)
{
    struct approval *approval = context;
    struct context *c = approval->c;
    const char *id = approval->found->id, *me = db_int(c->arena, c->session.account_id);
    struct db_batch *batch = db_batch(db, c->arena, c->session.token);

    unsigned decided = DB_ADD(batch, SQL_application_decide, area_mine(c), id, me, "t",
                              approval->organisation);
    enum db_status status = db_run(batch);
    if (status != DB_OK)
        return status;
    approval->late = rows_affected(db_rows(batch, decided)) == 0;
    if (approval->late)
        return DB_OK;
    batch = db_batch(db, c->arena, c->session.token);
    DB_ADD(batch, SQL_application_clinic, id);
    DB_ADD(batch, SQL_issuing_require, approval->organisation);
    DB_ADD(batch, SQL_application_account, id, approval->account, approval->secret.hash, me);
    DB_ADD(batch, SQL_letter_save, approval->account, approval->secret.sealed);
    DB_ADD(batch, SQL_audit_append, "application_approve", "allowed", NULL, NULL,
           text_format(c->arena, "%s organisation %s account %s", approval->found->what,
                       approval->organisation, approval->account));
    return db_run(batch);
}

/* A second press is answered like the first. */
static void
show_decided(struct context *c, const struct found *found)
{
    const char *account = rows_text(found->row, 0, "account_id");

    if (account != NULL)
        page_redirect_with(c, text_format(c->arena, "/accounts/%s/letter", account), "approved");
    else
        page_redirect_with(c, "/applications", "application_decided");
}

void
application_approve_post(struct context *c)
{
    enum { ATTEMPTS = 3 }; /* two at once may be given the same code; one of them comes again */
    struct found found;
    enum db_status status;

    if (!find(c, "application_approve", &found))
        return;
    if (rows_bool(found.row, 0, "decided")) {
        show_decided(c, &found);
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    unsigned account = DB_ADD(batch, SQL_account_number);
    unsigned organisation = DB_ADD(batch, SQL_organisation_number);
    status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    int64_t number = rows_int(db_rows(batch, account), 0, "account_id");
    struct approval approval = {
        .c = c,
        .found = &found,
        .secret = account_secret_new(c->arena, &c->app->keys, number),
        .account = db_int(c->arena, number),
        .organisation = rows_text(db_rows(batch, organisation), 0, "organisation_id"),
    };
    status = DB_DUPLICATE;
    for (int i = 0; status == DB_DUPLICATE && i < ATTEMPTS; i++)
        status = db_transaction(c->db, c->arena, c->session.token, approve, &approval);
    if (status != DB_OK)
        page_database_failed(c, status);
    else if (approval.late)
        page_redirect_with(c, "/applications", "application_decided");
    else
        page_redirect_with(c, text_format(c->arena, "/accounts/%s/letter", approval.account),
                           "approved");
}

void
application_reject_post(struct context *c)
{
    struct found found;

    if (!find(c, "application_reject", &found))
        return;
    if (rows_bool(found.row, 0, "decided")) {
        page_redirect_with(c, "/applications", "application_decided");
        return;
    }
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);
    DB_ADD(batch, SQL_application_decide, area_mine(c), found.id,
           db_int(c->arena, c->session.account_id), "f", NULL);
    area_finish(c, batch, "application_reject", found.what, "/applications", "rejected");
}
