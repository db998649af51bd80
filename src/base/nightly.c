/* nightly.c - see nightly.h. */
#include "base/nightly.h"

enum { NIGHT_HOUR = 3, AGAIN_SECONDS = 600 };

/* The day that it is at night, until NIGHT_HOUR of the next. */
static date_day
night_of(time_t now)
{
    return date_of_time(now - NIGHT_HOUR * 3600);
}

bool
nightly_is_due(const struct nightly *nightly, time_t now)
{
    return nightly->done != night_of(now) && now >= nightly->after;
}

void
nightly_started(struct nightly *nightly, time_t now)
{
    nightly->done = night_of(now);
}

void
nightly_failed(struct nightly *nightly, time_t now)
{
    *nightly = (struct nightly){.done = DATE_NONE, .after = now + AGAIN_SECONDS};
}
