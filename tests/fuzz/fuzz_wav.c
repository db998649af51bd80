/* fuzz_wav.c - sound from a program or from the application: no more samples than there are bytes, whatever the lengths inside say. */
#include "fuzz.h"
#include "voice/wav.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    size_t count = 0;
    const int16_t *samples = wav_read(arena, data, size, &count);

    assert(samples == NULL || (count > 0 && count * 2 <= size && count <= (size_t)WAV_RATE * WAV_SECONDS_MOST));
    arena_free(arena);
    return 0;
}
