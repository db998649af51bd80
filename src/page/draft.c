/* draft.c - half-filled forms and templates: saving, the list, opening, deleting; and forms whose session had ended. */
#include <string.h>

#include "base/text.h"
#include "page/entry.h"
#include "page/handlers.h"

/* Fields of the form that belong to one sending of it, not to its content. */
static bool
is_transient(const char *name)
{
    static const char *const names[] = {"csrf", "action", "template_name", "different"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The posted form without its transient fields; without the person's items too when it becomes a template. */
static char *
content(struct context *c, bool without_person)
{
    struct form *kept = ARENA_NEW(c->arena, struct form);
    const struct form *body = &c->request->body;

    for (size_t i = 0; i < body->count; i++) {
        int item = dictionary_item(body->fields[i].name);
        bool personal = item >= 0 && (dictionary_items[item].table == TABLE_patient ||
                                      dictionary_items[item].class == CLASS_identity ||
                                      dictionary_items[item].class == CLASS_contact);
        personal = personal || strcmp(body->fields[i].name, "contact") == 0;
        if (!is_transient(body->fields[i].name) && !(without_person && personal))
            kept->fields[kept->count++] = body->fields[i];
    }
    return form_encode(c->arena, kept);
}

/* A draft holds what only a sealed column may hold (the passport's number), so all of it is sealed. */
static const char *
sealed_place(struct arena *arena, const char *draft_id)
{
    return text_format(arena, "draft|body|%s", draft_id);
}

static const char *
sealed_content(struct context *c, const struct entry *entry)
{
    return crypt_seal(c->arena, &c->app->keys, sealed_place(c->arena, entry->draft_id),
                      content(c, false));
}

static const char *
number_or_null(struct context *c, const struct entry *entry, int64_t number)
{
    return entry->kind == ENTRY_new ? NULL : db_int(c->arena, number);
}

void
draft_add(struct db_batch *batch, struct context *c, const struct entry *entry)
{
    DB_ADD(batch, SQL_draft_save, entry->draft_id, entry_kind_name(entry->kind),
           number_or_null(c, entry, entry->patient_id), number_or_null(c, entry, entry->no),
           number_or_null(c, entry, entry->base_version), entry_title(c->arena, entry),
           sealed_content(c, entry));
}

static enum db_status
draft_save(struct context *c, const struct entry *entry)
{
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    draft_add(batch, c, entry);
    return db_run(batch);
}

void
draft_save_and_show(struct context *c, struct entry *entry)
{
    enum db_status status = draft_save(c, entry);

    if (status != DB_OK)
        page_database_failed(c, status);
    else
        notification_form_show(c, entry, "下書きに保存しました。");
}

void
template_save_and_show(struct context *c, struct entry *entry)
{
    enum db_status status;
    const char *name = text_trim(c->arena, request_value(c->request, "template_name"));

    if (name[0] == '\0' || text_length(name) > 40) {
        notification_form_show(c, entry, "ひな形の名前を40文字以内で入れてください。");
        return;
    }
    DB_ONE(c->db, c->arena, c->session.token, &status, SQL_template_save, crypt_uuid(c->arena),
           name, content(c, true));
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        notification_form_show(c, entry,
                               text_format(c->arena, "ひな形「%s」を保存しました。", name));
}

/* Opens a draft where its person left it. */
void
draft_show(struct context *c)
{
    enum db_status status;
    struct entry entry;
    struct form *saved = ARENA_NEW(c->arena, struct form);

    if (!crypt_is_uuid(path_part(c, 1))) {
        page_not_found(c);
        return;
    }
    const struct rows *rows = DB_ONE(c->db, c->arena, c->session.token, &status, SQL_draft_find,
                                     path_part(c, 1));
    if (rows == NULL) {
        page_database_failed(c, status);
        return;
    }
    const char *body = rows_count(rows) == 0
                           ? NULL
                           : crypt_open(c->arena, &c->app->keys,
                                        sealed_place(c->arena, path_part(c, 1)),
                                        rows_text(rows, 0, "body"));
    if (body == NULL || form_parse_urlencoded(c->arena, body, strlen(body), saved) != 0 ||
        entry_read(c, saved, &entry) != 0 ||
        (entry.kind != ENTRY_new && entry_load_record(c, &entry, saved) != RECORD_OK)) {
        page_not_found(c);
        return;
    }
    status = entry_complete(c, &entry);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        notification_form_show(c, &entry, "下書きを開きました。");
}

static void
delete_one(struct context *c, enum sql statement, bool of_organisation, const char *notice)
{
    enum db_status status;
    const char *id = request_value(c->request, "id");
    const char *const parameters[] = {db_int(c->arena, c->session.organisation_id), id};

    if (!crypt_is_uuid(id)) {
        page_not_found(c);
        return;
    }
    db_one_array(c->db, c->arena, c->session.token, &status, statement, of_organisation ? 2 : 1,
                 of_organisation ? parameters : parameters + 1);
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        page_redirect_with(c, "/drafts", notice);
}

void
draft_delete_post(struct context *c)
{
    delete_one(c, SQL_draft_delete, false, "draft_deleted");
}

void
template_delete_post(struct context *c)
{
    delete_one(c, SQL_template_delete, true, "template_deleted");
}

/* The list of drafts and templates. */
void
drafts_show(struct context *c)
{
    struct view *view = page_view(c, "下書きとひな形");
    struct db_batch *batch = db_batch(c->db, c->arena, c->session.token);

    unsigned drafts = DB_ADD(batch, SQL_draft_list, db_int(c->arena, c->session.account_id));
    unsigned templates =
        DB_ADD(batch, SQL_template_list, db_int(c->arena, c->session.organisation_id));
    enum db_status status = db_run(batch);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    view_list(view, "drafts");
    for (size_t i = 0; i < rows_count(db_rows(batch, drafts)); i++) {
        const struct rows *rows = db_rows(batch, drafts);
        struct view *row = view_row(view, "drafts");
        view_text(row, "id", rows_text(rows, i, "draft_id"));
        view_format(row, "draft_path", "/draft/%s", rows_text(rows, i, "draft_id"));
        view_text(row, "draft_title", rows_text(rows, i, "title"));
        view_text(row, "saved", rows_text(rows, i, "saved"));
        view_flag(row, "is_change", text_same(rows_text(rows, i, "kind"), "edit"));
    }
    view_list(view, "templates");
    for (size_t i = 0; i < rows_count(db_rows(batch, templates)); i++) {
        const struct rows *rows = db_rows(batch, templates);
        struct view *row = view_row(view, "templates");
        view_text(row, "id", rows_text(rows, i, "template_id"));
        view_format(row, "use_path", "/notification/new?template=%s",
                    rows_text(rows, i, "template_id"));
        view_text(row, "template_name", rows_text(rows, i, "name"));
    }
    page_send(c, TEMPLATE_drafts, view);
}

/*
 * A form that arrives after its session ran out is kept as a draft for the account that the session belonged to, and
 * the person is told after signing in again. False when it was no form of ours.
 */
bool
handle_expired_form(struct context *c)
{
    enum db_status status;
    struct entry entry;
    const char *token = request_cookie(c->request, "__Host-" SESSION_COOKIE);

    if (c->app->pool != POOL_staff || token == NULL ||
        !request_is_same_origin(c->request, c->app->conf.address) ||
        entry_read(c, &c->request->body, &entry) != 0)
        return false;
    DB_ONE(c->db, c->arena, NULL, &status, SQL_draft_rescue, crypt_sha256(c->arena, token),
           entry.draft_id, entry_kind_name(entry.kind),
           number_or_null(c, &entry, entry.patient_id), number_or_null(c, &entry, entry.no),
           number_or_null(c, &entry, entry.base_version), entry_title(c->arena, &entry),
           sealed_content(c, &entry));
    response_redirect(c->response, "/sign-in?expired=1");
    return status == DB_OK;
}
