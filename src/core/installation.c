/* installation.c - see installation.h. */
#include "core/installation.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/publicid.h"

int
installation_load_key(struct db *db)
{
    struct arena *arena = arena_new();
    enum db_status status;
    unsigned char key[PUBLICID_KEY_SIZE];
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_installation_key);
    int found = rows != NULL && rows_count(rows) == 1;

    if (!found)
        log_error("installation_key_missing", NULL);
    for (int i = 0; found && i < PUBLICID_KEY_SIZE; i++) {
        const char *hex = rows_text(rows, 0, "key") + 2 * i;
        char byte[3] = {hex[0], hex[1], '\0'};
        key[i] = (unsigned char)strtoul(byte, NULL, 16);
    }
    if (found)
        publicid_set_key(key);
    arena_free(arena);
    return found ? 0 : -1;
}
