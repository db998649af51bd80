/* sms.c - see sms.h. */
#include "core/sms.h"

#include "base/text.h"

const char *
sms_report_token(struct arena *arena, const struct crypt_keys *keys, const char *outbox_id)
{
    return crypt_peppered(arena, keys, text_format(arena, "sms report %s", outbox_id));
}

const char *
sms_report_url(struct arena *arena, const struct crypt_keys *keys, const char *gateway_address,
               const char *outbox_id)
{
    return text_format(arena, "%s/gateway/sms/report/%s/%s/%%d", gateway_address, outbox_id,
                       sms_report_token(arena, keys, outbox_id));
}

static const char *
received_secret(struct arena *arena, const struct crypt_keys *keys)
{
    return crypt_peppered(arena, keys, "sms received");
}

const char *
sms_received_url(struct arena *arena, const struct crypt_keys *keys, const char *gateway_address)
{
    return text_format(arena, "%s/gateway/sms/received/%s/%%I", gateway_address,
                       received_secret(arena, keys));
}

bool
sms_received_secret(struct arena *arena, const struct crypt_keys *keys, const char *secret)
{
    return crypt_equal(secret, received_secret(arena, keys));
}

enum db_status
sms_report(struct db *db, struct arena *arena, const struct crypt_keys *keys, const char *outbox_id,
           const char *token, const char *type, bool *known)
{
    enum db_status status;
    int64_t id, bits;

    *known = text_to_int(outbox_id, 1, INT64_MAX, &id) == 0 && text_to_int(type, 1, 16, &bits) == 0 &&
             crypt_equal(token, sms_report_token(arena, keys, outbox_id));
    if (!*known)
        return sms_refused(db, arena);
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_sms_report, outbox_id, token, type);
    *known = rows != NULL && rows_bool(rows, 0, "known");
    return status;
}

enum db_status
sms_receive(struct db *db, struct arena *arena, const char *gateway_id, const char *number, const char *text)
{
    enum db_status status;

    DB_ONE(db, arena, NULL, &status, SQL_sms_receive, gateway_id, number, text);
    return status;
}

enum db_status
sms_refused(struct db *db, struct arena *arena)
{
    enum db_status status;

    DB_ONE(db, arena, NULL, &status, SQL_sms_refused);
    return status;
}
