/* main.c - finds the command and hands over. */
#include "main/main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/text.h"

static const struct {
    const char *name, *help;
    int (*run)(const struct command_line *line);
} commands[] = {
    {"web", "--pool=staff|door|heavy|public   serve one pool of workers", command_web},
    {"jobs", "[--once]   send messages, write anchors, clear away what has expired", command_jobs},
    {"kannel", "print the settings with which Kannel hands over what people send by SMS", command_kannel},
    {"telephone", "print the address that the telephone service calls when people ring us", command_telephone},
    {"migrate", "bring the database to this version", command_migrate},
    {"reference", "load   fill prefectures, municipalities, postal codes, centres, holidays",
     command_reference},
    {"account", "first --name=HOLDER --email=ADDRESS   the ministry's first account, which issues all others",
     command_account},
    {"demo", "seed | generate --patients=N   synthetic organisations, accounts, patients",
     command_demo},
    {"id", "NUMBER|ID   the other numbers of a patient", command_id},
    {"rights", "[--csv]   print who sees and edits what", command_rights},
    {"check", "sql | dictionary   prove statements and tables against the database", command_check},
    {"import", "cases FILE [--dry-run] [--skip-bad [--rest=FILE]]   take 陽性患者属性 files", command_import},
    {"figures", "show --indicator=N --area=CODE --from=DATE --to=DATE [--csv] | recount | verify [--mend]   the eleven indicators",
     command_figures},
    {"population", "load FILE.csv | show   人口 of prefectures, cities and centres by date, for the figures per 100,000", command_population},
    {"publish", "[--through=DATE] [--dry-run]   make an edition of the figures, hidden and proven", command_publish},
    {"audit", "verify   recompute the hash chains and compare them with the anchors", command_audit},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const char *
command_option(const struct command_line *line, const char *name)
{
    size_t size = strlen(name);

    for (int i = 1; i < line->argc; i++) {
        if (!text_starts(line->argv[i], "--") || strncmp(line->argv[i] + 2, name, size) != 0)
            continue;
        const char *behind = line->argv[i] + 2 + size;
        if (behind[0] == '=')
            return behind + 1;
        if (behind[0] != '\0' || i + 1 == line->argc)
            continue;
        if (!text_starts(line->argv[i + 1], "--"))
            return line->argv[i + 1];
        fprintf(stderr, "--%s needs a value, and %s is none\n", name, line->argv[i + 1]);
        exit(2);
    }
    return NULL;
}

int
command_switch(const struct command_line *line, const char *name)
{
    for (int i = 1; i < line->argc; i++)
        if (text_starts(line->argv[i], "--") && strcmp(line->argv[i] + 2, name) == 0)
            return 1;
    return 0;
}

const char *
command_file(const struct command_line *line, const char *path, size_t most, size_t *size)
{
    struct buf content = buf_new(line->arena);
    char chunk[65536];
    size_t n;
    FILE *in = fopen(path, "re");

    if (in == NULL) {
        fprintf(stderr, "hersys %s: %s: %s\n", line->argv[0], path, strerror(errno));
        return NULL;
    }
    while ((n = fread(chunk, 1, sizeof chunk, in)) > 0 && content.size <= most)
        buf_add(&content, chunk, n);
    bool good = !ferror(in) && content.size <= most;
    fclose(in);
    if (!good)
        fprintf(stderr, "hersys %s: %s: 読み取れないか、大きすぎます。\n", line->argv[0], path);
    *size = content.size;
    return good ? buf_text(&content) : NULL;
}

static int
usage(void)
{
    fputs("usage: hersys COMMAND ...   (settings: $HERSYS_CONF or /etc/hersys.conf)\n\n", stderr);
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(stderr, "  %-10s %s\n", commands[i].name, commands[i].help);
    return 2;
}

int
main(int argc, char **argv)
{
    const char *path = getenv("HERSYS_CONF");
    struct command_line line = {.argc = argc - 1, .argv = argv + 1};

    if (argc < 2)
        return usage();
    crypt_init();
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, argv[1]) != 0)
            continue;
        line.arena = arena_new();
        line.conf = conf_load(line.arena, path == NULL ? "/etc/hersys.conf" : path);
        int status = commands[i].run(&line);
        arena_free(line.arena);
        return status;
    }
    return usage();
}
