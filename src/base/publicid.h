/*
 * publicid.h - the two numbers under which people know a patient.
 *
 * HER-SYS ID: 11 digits, "12345-67890-1". The last is a Damm check digit, so one wrong digit or two swapped ones are
 * found. スマホ入力ID (phone entry ID): 9 characters of Crockford base 32, "ABCD-EFGH-J", the last a keyed check.
 *
 * Both are permutations of the patient's internal number under the installation's key: unique without being stored,
 * and not to be guessed by counting, which the serial numbers of the real HER-SYS were (shared/domain.md 2.1).
 * They are names, not secrets: knowing one gives no access.
 */
#ifndef HERSYS_BASE_PUBLICID_H
#define HERSYS_BASE_PUBLICID_H

#include <stdint.h>

#include "base/arena.h"

enum { PUBLICID_KEY_SIZE = 16 };

/* The highest internal number that the permutations cover: 9,000,000,000 - 1. */
#define PUBLICID_MAX INT64_C(8999999999)

/* Sets the installation's key for this process; must be called before anything else here. */
void publicid_set_key(const unsigned char key[PUBLICID_KEY_SIZE]);

/* "12345-67890-1" and "ABCD-EFGH-J"; patient must be in [1, PUBLICID_MAX]. */
char *publicid_hersys(struct arena *arena, int64_t patient_id);
char *publicid_phone(struct arena *arena, int64_t patient_id);

/* The number without its hyphens, as it stands in addresses of pages. */
char *publicid_hersys_plain(struct arena *arena, int64_t patient_id);

/* Reads either ID as a person types it (any width, case and hyphens; O for 0, I and L for 1). 0 when it is none. */
int64_t publicid_parse(const char *text);

#endif
