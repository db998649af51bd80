/*
 * nightly.h - when work of the night is due: once for each day, from three o'clock in Japan on, also when it is started late; and once more
 * after ten minutes when it failed. Times are seconds since 1970.
 */
#ifndef HERSYS_BASE_NIGHTLY_H
#define HERSYS_BASE_NIGHTLY_H

#include <stdbool.h>
#include <time.h>

#include "base/date.h"

/* One kind of such work; NIGHTLY_START when the process starts, so that it is due at once. */
struct nightly {
    date_day done; /* for this day */
    time_t after;  /* not before */
};
#define NIGHTLY_START ((struct nightly){.done = DATE_NONE})

bool nightly_is_due(const struct nightly *nightly, time_t now);

/* It has been started. */
void nightly_started(struct nightly *nightly, time_t now);

/* What was started last has failed. */
void nightly_failed(struct nightly *nightly, time_t now);

#endif
