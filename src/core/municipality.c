/* municipality.c - see municipality.h. */
#include "core/municipality.h"

/* The only column of the only row, "" without one. */
static enum db_status
only_value(const struct rows *rows, enum db_status status, const char **value)
{
    *value = rows == NULL || rows_count(rows) != 1 || rows_at(rows, 0, 0) == NULL
                 ? ""
                 : rows_at(rows, 0, 0);
    return status;
}

enum db_status
municipality_of_address(struct db *db, struct arena *arena, const char *address,
                        const char *postal_code, const char **code)
{
    enum db_status status;
    const struct rows *rows =
        DB_ONE(db, arena, NULL, &status, SQL_municipality_of_address, address, postal_code, "");

    return only_value(rows, status, code);
}

enum db_status
municipality_address_of_postal(struct db *db, struct arena *arena, const char *postal_code,
                               const char **address)
{
    enum db_status status;
    const struct rows *rows =
        DB_ONE(db, arena, NULL, &status, SQL_municipality_of_postal, postal_code);

    return only_value(rows, status, address);
}
