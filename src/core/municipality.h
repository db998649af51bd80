/*
 * municipality.h - which municipality (市区町村) an address typed on one line lies in, and the address that a postal
 * code stands for.
 */
#ifndef HERSYS_CORE_MUNICIPALITY_H
#define HERSYS_CORE_MUNICIPALITY_H

#include "db/db.h"

/*
 * *code: the municipality whose name the address begins with, a ward before its city; "" when none does or several do.
 * The prefecture's name may be missing when no other municipality bears the name, or when the postal code (seven
 * digits or "") tells which; a district (郡) may be there or not.
 */
enum db_status municipality_of_address(struct db *db, struct arena *arena, const char *address,
                                       const char *postal_code, const char **code);

/*
 * *address: as far as the seven digits of a postal code say it, down to the town (町域) where that is certain; ""
 * when they are not known.
 */
enum db_status municipality_address_of_postal(struct db *db, struct arena *arena,
                                              const char *postal_code, const char **address);

#endif
