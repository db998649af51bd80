/*
 * id.c - `hersys id ID`: the other names of a patient, for an operator who has one of them: internal number, HER-SYS ID,
 * スマホ入力ID. Shows numbers alone, never a person.
 */
#include "main/main.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/publicid.h"
#include "base/text.h"
#include "core/installation.h"

int
command_id(const struct command_line *line)
{
    int64_t patient = 0;

    if (line->argc != 2) {
        fputs("usage: hersys id NUMBER|HER-SYS-ID|スマホ入力ID\n", stderr);
        return 2;
    }
    struct db *db = db_open(line->conf.database, "jobs");
    int failed = installation_load_key(db);
    db_close(db);
    if (failed)
        return 1;
    if (text_to_int(line->argv[1], 1, PUBLICID_MAX, &patient) != 0 ||
        publicid_parse(line->argv[1]) != 0)
        patient = publicid_parse(line->argv[1]);
    if (patient == 0) {
        fputs("no such number\n", stderr);
        return 1;
    }
    printf("%lld %s %s\n", (long long)patient, publicid_hersys_plain(line->arena, patient),
           publicid_phone(line->arena, patient));
    return 0;
}
