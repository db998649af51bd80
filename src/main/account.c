/*
 * account.c - `hersys account first`: the very first account, of the ministry's issuer (利用者認証実施者). Everybody else's
 * is issued on the pages, by issuers; this one has nobody above it.
 *
 *     hersys account first --name=HOLDER --email=ADDRESS
 *
 * The initial password is shown once, on this terminal, and stored only as a hash. Refused as soon as the ministry has
 * an issuer, so that the command is no way around the pages.
 */
#include "main/main.h"

#include <stdio.h>
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "core/password.h"
#include "db/db.h"
#include "page/simple_form.h"

enum { HOLDER_MAX = 60 };

static const char *
refused(const struct rows *place)
{
    if (place == NULL)
        return "the database cannot be read";
    if (rows_count(place) == 0)
        return "there are no organisations yet: hersys reference load";
    if (rows_int(place, 0, "issuers") > 0)
        return "the ministry has an issuer already, who issues all other accounts on the pages";
    return NULL;
}

static enum db_status
make_account(struct db *db, struct arena *arena, const struct rows *place, const char *holder,
             const char *email, const char *hash)
{
    const char *account = rows_text(place, 0, "account_id");
    const char *organisation = rows_text(place, 0, "organisation_id");
    struct db_batch *batch = db_batch(db, arena, NULL);

    DB_ADD(batch, SQL_first_issuer_insert, account, organisation, rows_text(place, 0, "login"),
           holder, email, hash);
    DB_ADD(batch, SQL_first_issuer_audit,
           text_format(arena, "account %s organisation %s", account, organisation));
    return db_run(batch);
}

static int
first(const struct command_line *line, const char *holder, const char *email)
{
    struct arena *arena = line->arena;
    struct crypt_keys keys;
    enum db_status status;

    if (crypt_load_keys(&keys, line->conf.key_directory) != 0)
        return 1;
    struct db *db = db_open(line->conf.database, "owner");
    const struct rows *place = DB_ONE(db, arena, NULL, &status, SQL_first_issuer_place);
    const char *why = refused(place), *password = password_initial(arena);
    if (why == NULL &&
        make_account(db, arena, place, holder, email,
                     crypt_password_hash(arena, &keys, password_from_paper(arena, password))) != DB_OK)
        why = "the account could not be made";
    db_close(db);
    if (why != NULL) {
        fprintf(stderr, "hersys account first: %s\n", why);
        return 1;
    }
    printf("\n  アドレス          %s\n  ユーザーID        %s\n  初期パスワード    %s\n\n"
           "  初期パスワードは、いま一度だけ表示しています。最初のサインインで、自分のパスワードに変えます。\n\n",
           line->conf.address, rows_text(place, 0, "login"), password);
    return 0;
}

/* An option as it may be stored, trimmed; NULL when it is missing, empty or no UTF-8. */
static const char *
option(const struct command_line *line, const char *name)
{
    const char *value = command_option(line, name);

    if (value == NULL || !text_is_utf8(value, strlen(value)))
        return NULL;
    value = text_trim(line->arena, value);
    return value[0] == '\0' ? NULL : value;
}

int
command_account(const struct command_line *line)
{
    const char *holder = option(line, "name"), *typed = option(line, "email");
    const char *email = typed == NULL ? NULL : simple_form_email(line->arena, typed);

    if (line->argc >= 2 && strcmp(line->argv[1], "first") == 0 && email != NULL && holder != NULL &&
        text_length(holder) <= HOLDER_MAX)
        return first(line, holder, email);
    fputs("usage: hersys account first --name=HOLDER --email=ADDRESS\n", stderr);
    return 2;
}
