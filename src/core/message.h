/*
 * message.h - the words of mails and SMS. They name nobody: no name, no illness, no result (security.md 5.12).
 */
#ifndef HERSYS_CORE_MESSAGE_H
#define HERSYS_CORE_MESSAGE_H

#include "base/arena.h"

/*
 * `template` is the outbox row's; phone_id, code and numbers (a JSON object of figures by kind of todo.h) are NULL where it has
 * none. An unknown template is a bug.
 */
void message_compose(struct arena *arena, const char *address, const char *template,
                     const char *phone_id, const char *code, const char *numbers,
                     const char **subject, const char **body);

#endif
