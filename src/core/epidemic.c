/* epidemic.c - see epidemic.h. */
#include "core/epidemic.h"

#include <math.h>

/* The serial interval (Nishiura, Linton, Akhmetzhanov 2020) and the prior of Cori et al. 2013. */
#define SERIAL_MEAN 4.7
#define SERIAL_SD   2.9
#define PRIOR_SHAPE 1.0
#define PRIOR_SCALE 5.0

/* The regularised lower incomplete gamma function P(shape, x), by its series; for the small x of a serial interval. */
static double
gamma_below(double shape, double x)
{
    if (x <= 0)
        return 0;
    double term = 1 / shape, sum = term;

    for (int n = 1; n < 500 && term > sum * 1e-15; n++) {
        term *= x / (shape + n);
        sum += term;
    }
    return sum * exp(shape * log(x) - x - lgamma(shape));
}

/* What the values of a gamma distribution of this shape and scale are short of `x`, on the mean; those above it are short of nothing. */
static double
mean_shortfall(double shape, double scale, double x)
{
    return x * gamma_below(shape, x / scale) - shape * scale * gamma_below(shape + 1, x / scale);
}

/*
 * The probability that somebody falls ill `days` after their source: gamma, shifted by one day. A case is somewhere within its day, and so is
 * its source: their distance, a real number, falls to the two whole days beside it, in proportion (Cori et al. 2013, web appendix 11).
 */
static double
serial_weight(int days)
{
    double mean = SERIAL_MEAN - 1, shape = mean * mean / (SERIAL_SD * SERIAL_SD), scale = SERIAL_SD * SERIAL_SD / mean;
    /* the shift is taken off: the day before, the day and the day behind it are at days - 2, days - 1 and days */
    return mean_shortfall(shape, scale, days) - 2 * mean_shortfall(shape, scale, days - 1) + mean_shortfall(shape, scale, days - 2);
}

/* The quantile of a gamma distribution, by Wilson and Hilferty's cube; `z` is that of the normal distribution. */
static double
gamma_quantile(double shape, double scale, double z)
{
    double root = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape));

    return shape * scale * root * root * root;
}

struct epidemic_rt
epidemic_rt(const int64_t *daily, size_t last)
{
    double cases = 0, pressure = 0, weights[EPIDEMIC_SERIAL_DAYS + 1];

    if (last + 1 < EPIDEMIC_WINDOW + EPIDEMIC_SERIAL_DAYS)
        return (struct epidemic_rt){.known = false};
    for (int days = 1; days <= EPIDEMIC_SERIAL_DAYS; days++)
        weights[days] = serial_weight(days);
    for (size_t day = last + 1 - EPIDEMIC_WINDOW; day <= last; day++) {
        cases += (double)daily[day];
        for (int back = 1; back <= EPIDEMIC_SERIAL_DAYS; back++)
            pressure += weights[back] * (double)daily[day - (size_t)back];
    }
    if (cases < EPIDEMIC_FEWEST || pressure <= 0)
        return (struct epidemic_rt){.known = false};
    double shape = PRIOR_SHAPE + cases, scale = 1 / (1 / PRIOR_SCALE + pressure);
    return (struct epidemic_rt){
        .known = true, .mean = shape * scale, .low = gamma_quantile(shape, scale, -1.959964), .high = gamma_quantile(shape, scale, 1.959964)};
}

double
epidemic_doubling(const int64_t *daily, size_t last)
{
    double now = 0, before = 0;

    if (last + 1 < 2 * EPIDEMIC_WINDOW)
        return 0;
    for (size_t i = 0; i < EPIDEMIC_WINDOW; i++) {
        now += (double)daily[last - i];
        before += (double)daily[last - EPIDEMIC_WINDOW - i];
    }
    return now <= 0 || before <= 0 || now == before ? 0 : EPIDEMIC_WINDOW * log(2) / log(now / before);
}
