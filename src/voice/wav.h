/* wav.h - reads sound as speech programs and offices give it: RIFF WAVE. */
#ifndef HERSYS_VOICE_WAV_H
#define HERSYS_VOICE_WAV_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { WAV_RATE = 8000, WAV_SECONDS_MOST = 120 };

/*
 * The samples of a file with one channel of 16-bit PCM at 8000 a second, in `arena`; their number in *count. NULL when it is anything else, is
 * empty, or is longer than WAV_SECONDS_MOST. A length that goes beyond the file is cut: a program that writes into a pipe does not know it.
 */
const int16_t *wav_read(struct arena *arena, const void *data, size_t size, size_t *count);

#endif
