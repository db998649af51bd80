/* installation.h - what an installation has once: the key of its public numbers (src/base/publicid.h). */
#ifndef HERSYS_CORE_INSTALLATION_H
#define HERSYS_CORE_INSTALLATION_H

#include "db/db.h"

/* Reads the key and sets it for this process. 0, or -1 (logged). */
int installation_load_key(struct db *db);

#endif
