/* main.h - the commands of the one executable. Each has a file of its own and returns the exit status. */
#ifndef HERSYS_MAIN_MAIN_H
#define HERSYS_MAIN_MAIN_H

#include "base/arena.h"
#include "base/conf.h"

/* What a command gets: its own arguments (argv[0] is the command) and the settings. */
struct command_line {
    int argc;
    char **argv;
    struct arena *arena;
    struct conf conf;
};

int command_web(const struct command_line *line);
int command_jobs(const struct command_line *line);
int command_kannel(const struct command_line *line);
int command_telephone(const struct command_line *line);
int command_migrate(const struct command_line *line);
int command_reference(const struct command_line *line);
int command_account(const struct command_line *line);
int command_demo(const struct command_line *line);
int command_rights(const struct command_line *line);
int command_check(const struct command_line *line);
int command_id(const struct command_line *line);
int command_audit(const struct command_line *line);
int command_figures(const struct command_line *line);
int command_publish(const struct command_line *line);
int command_import(const struct command_line *line);
int command_population(const struct command_line *line);

/*
 * The value of "--name=value" or "--name value" among the arguments, or NULL. Ends the process, with a message, when another option stands
 * where the value should: "--name --other".
 */
const char *command_option(const struct command_line *line, const char *name);

/* True when "--name" is among them. */
int command_switch(const struct command_line *line, const char *name);

/* A file as a whole, its bytes in *size, in the arena of the line. NULL, after a message, when it cannot be read or has more than `most` bytes. */
const char *command_file(const struct command_line *line, const char *path, size_t most, size_t *size);

#endif
