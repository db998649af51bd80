/* generate.h - synthetic patients for `hersys demo`. */
#ifndef HERSYS_MAIN_GENERATE_H
#define HERSYS_MAIN_GENERATE_H

#include "main/main.h"

/* `hersys demo generate --patients=N [--seed=S]`. */
int generate_command(const struct command_line *line);

/* The demonstration's own patients, once: a fortnight of the clinics that have accounts. 0 or -1 (told). */
int generate_recent(const struct command_line *line);

#endif
