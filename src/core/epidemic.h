/*
 * epidemic.h - how fast an epidemic grows, out of new cases day by day: the effective reproduction number and the doubling time, by
 * published methods whose names the pages print.
 */
#ifndef HERSYS_CORE_EPIDEMIC_H
#define HERSYS_CORE_EPIDEMIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EPIDEMIC_WINDOW = 7,     /* days that one estimate looks at */
    EPIDEMIC_SERIAL_DAYS = 28, /* longest serial interval that counts: all but a ten-thousandth are shorter */
    EPIDEMIC_FEWEST = 11     /* cases in a window: fewer give no number worth printing (Cori et al., web appendix 1) */
};

/* For the page. */
#define EPIDEMIC_METHOD_RT "実効再生産数：Cori ら（2013）の方法。発症間隔は平均4.7日、標準偏差2.9日（Nishiura ら 2020）、7日間の窓、報告日による。かっこ内は95%信用区間。"
#define EPIDEMIC_METHOD_DOUBLING "倍加時間：直近7日間とその前の7日間の新規陽性者数の比から、指数的な増減として計算。"

struct epidemic_rt {
    bool known; /* false: too few cases, or too few days before them */
    double mean, low, high;
};

/*
 * The reproduction number of the window that ends with day `last` of `daily` (counts day by day). Gamma posterior with the prior shape 1,
 * scale 5; the serial interval is a gamma distribution, shifted by one day and discretised as there (web appendix 11), so that its mean stays
 * what the page prints. Reads days up to EPIDEMIC_WINDOW + EPIDEMIC_SERIAL_DAYS before.
 */
struct epidemic_rt epidemic_rt(const int64_t *daily, size_t last);

/*
 * Days in which cases double (negative: halve), from the seven days up to `last` against the seven before; 0 when one of the weeks has no
 * cases, or they are equal.
 */
double epidemic_doubling(const int64_t *daily, size_t last);

#endif
