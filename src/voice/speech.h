/*
 * speech.h - sentences made audible by a program of its own: words on its standard input, WAV on its standard output.
 *
 * What was said is kept in memory, for the questions of a call are the same for everybody, and never on disk, for a sentence may one day
 * hold what only one person should hear. The words are no argument of the program either: those can be seen by every user of a machine.
 */
#ifndef HERSYS_VOICE_SPEECH_H
#define HERSYS_VOICE_SPEECH_H

#include <re.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct speech;

/* `samples` hold until the handler returns; NULL: it could not be said. */
typedef void speech_handler(const int16_t *samples, size_t count, void *user);

/* Somebody who waits for a sentence; kept by them, zeroed when they begin. */
struct speech_wait {
    struct le le;
    speech_handler *handler;
    void *user;
};

struct speech *speech_new(struct arena *arena, const char *program);
void speech_free(struct speech *speech);

/* Calls `handler` with the samples of `words` (at most TWIML_TEXT_MOST bytes): at once when they are known, else later. */
void speech_say(struct speech *speech, const char *words, struct speech_wait *wait, speech_handler *handler, void *user);

/* The handler will not be called; also when nothing was waited for. */
void speech_forget(struct speech_wait *wait);

#endif
