/* wav.c - see wav.h. */
#include "voice/wav.h"

#include <stdbool.h>
#include <string.h>

enum { CHUNK_HEAD = 8, RIFF_HEAD = 12, FORMAT_SIZE = 16, PCM = 1 };

static uint32_t
little(const unsigned char *bytes, int count)
{
    uint32_t value = 0;

    while (count-- > 0)
        value = value << 8 | bytes[count];
    return value;
}

/* Format 1, one channel, 8000 samples of 16 bits. */
static bool
is_ours(const unsigned char *format, size_t size)
{
    return size >= FORMAT_SIZE && little(format, 2) == PCM && little(format + 2, 2) == 1 && little(format + 4, 4) == WAV_RATE &&
           little(format + 14, 2) == 16;
}

const int16_t *
wav_read(struct arena *arena, const void *data, size_t size, size_t *count)
{
    const unsigned char *bytes = data;
    bool ours = false;
    size_t at = RIFF_HEAD;

    if (size < RIFF_HEAD || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WAVE", 4) != 0)
        return NULL;
    while (size - at >= CHUNK_HEAD) {
        const unsigned char *chunk = bytes + at, *body = chunk + CHUNK_HEAD;
        size_t left = size - at - CHUNK_HEAD, length = little(chunk + 4, 4);
        if (length > left)
            length = left;
        if (memcmp(chunk, "fmt ", 4) == 0)
            ours = is_ours(body, length);
        if (memcmp(chunk, "data", 4) == 0) {
            *count = length / 2;
            if (!ours || *count == 0 || *count > (size_t)WAV_RATE * WAV_SECONDS_MOST)
                return NULL;
            int16_t *samples = ARENA_ARRAY(arena, *count, int16_t);
            for (size_t i = 0; i < *count; i++)
                samples[i] = (int16_t)little(body + 2 * i, 2);
            return samples;
        }
        /* Chunks begin at even places. */
        length += length & 1;
        at += CHUNK_HEAD + (length < left ? length : left);
    }
    return NULL;
}
