/*
 * id.c - `hersys id ID...`: the other names of patients, for an operator who has one of them: internal number, HER-SYS ID,
 * スマホ入力ID. Shows numbers alone, never a person.
 */
#include "main/main.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/publicid.h"
#include "base/text.h"
#include "core/installation.h"

/* The patient of an internal number, HER-SYS ID or スマホ入力ID; 0 when it is none of them. */
static int64_t
patient_of(const char *id)
{
    int64_t patient = publicid_parse(id);

    if (patient == 0 && text_to_int(id, 1, PUBLICID_MAX, &patient) != 0)
        return 0;
    return patient;
}

int
command_id(const struct command_line *line)
{
    if (line->argc < 2) {
        fputs("usage: hersys id NUMBER|HER-SYS-ID|スマホ入力ID...\n", stderr);
        return 2;
    }
    struct db *db = db_open(line->conf.database, "jobs");
    int failed = installation_load_key(db);
    db_close(db);
    for (int i = 1; i < line->argc && !failed; i++) {
        int64_t patient = patient_of(line->argv[i]);
        if (patient == 0) {
            fprintf(stderr, "no such number: %s\n", line->argv[i]);
            return 1;
        }
        printf("%lld %s %s\n", (long long)patient, publicid_hersys_plain(line->arena, patient),
               publicid_phone(line->arena, patient));
    }
    return failed;
}
