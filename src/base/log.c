/* log.c - see log.h. A line is written with one write(2), so lines of several processes do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

static const char *process = "hersys";

void
log_set_process(const char *name)
{
    process = name;
}

static void
log_line(const char *level, const char *event, va_list pairs)
{
    struct arena *arena = arena_new();
    struct buf line = buf_new(arena);
    struct timespec now;
    struct tm utc;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    buf_printf(&line, "{\"at\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\",\"level\":\"%s\",",
               utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
               now.tv_nsec / 1000000, level);
    buf_printf(&line, "\"pid\":%ld,\"process\":", (long)getpid());
    buf_add_json(&line, process);
    buf_add_text(&line, ",\"event\":");
    buf_add_json(&line, event);
    for (const char *key; (key = va_arg(pairs, const char *)) != NULL;) {
        buf_add_char(&line, ',');
        buf_add_json(&line, key);
        buf_add_char(&line, ':');
        buf_add_json(&line, va_arg(pairs, const char *));
    }
    buf_add_text(&line, "}\n");
    /* Nowhere is left to report a log that cannot be written. */
    ssize_t ignored = write(STDERR_FILENO, line.data, line.size);
    (void)ignored;
    arena_free(arena);
}

#define LOG_FUNCTION(level)                                                                        \
    void log_##level(const char *event, ...)                                                       \
    {                                                                                              \
        va_list pairs;                                                                             \
                                                                                                   \
        va_start(pairs, event);                                                                    \
        log_line(#level, event, pairs);                                                            \
        va_end(pairs);                                                                             \
    }

LOG_FUNCTION(info)
LOG_FUNCTION(error)
LOG_FUNCTION(fatal)
