/* progress.c - see progress.h. */
#include "main/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 40, NOT_YET = -1 };

void
progress_show(size_t done, size_t whole, void *context)
{
    static int shown = NOT_YET;
    int percent = whole == 0 ? 100 : (int)(done * 100 / whole);

    (void)context;
    if (!isatty(STDERR_FILENO) || percent == shown)
        return;
    shown = percent;
    if (done >= whole) {
        fputs("\r\033[K", stderr);
        shown = NOT_YET;
        return;
    }
    int filled = percent * WIDTH / 100;
    fprintf(stderr, "\r[%.*s%*s] %3d%%", filled, "########################################",
            WIDTH - filled, "", percent);
}
