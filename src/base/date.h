/*
 * date.h - calendar dates as people in Japan write them, and Japan Standard Time.
 *
 * A date is a day number: days since 1970-01-01 in the Gregorian calendar. Age, order and distance are then plain
 * arithmetic. Limits: 1868-01-25 (明治) to 2199-12-31; anything else is "impossible".
 */
#ifndef HERSYS_BASE_DATE_H
#define HERSYS_BASE_DATE_H

#include <stdint.h>
#include <time.h>

#include "base/arena.h"

typedef int32_t date_day;

#define DATE_NONE ((date_day)INT32_MIN)

enum date_verdict {
    DATE_OK,
    DATE_EMPTY,      /* nothing was typed */
    DATE_UNREADABLE, /* not a date in any shape known here */
    DATE_IMPOSSIBLE, /* shaped like a date that the calendar does not have: 2021-02-30, 昭和65年 */
};

struct date_parts {
    int year, month, day;
};

/*
 * Reads 2021-05-13, 2021/5/13, 2021.5.13, 2021年5月13日, 20210513, R3.5.13, r3-5-13, 令和3年5月13日, 令和元年5月1日,
 * S55/1/2, 昭和55年1月2日, in full or half width. Sets *day for DATE_OK, DATE_NONE otherwise.
 */
enum date_verdict date_parse(const char *text, date_day *day);

/* Strict YYYY-MM-DD as PostgreSQL writes it; DATE_NONE for NULL, "" or anything else. */
date_day date_from_iso(const char *iso);

date_day date_from_parts(struct date_parts parts); /* DATE_NONE when the calendar has no such day */
struct date_parts date_parts(date_day day);

char *date_iso(struct arena *arena, date_day day);      /* 2021-05-13; "" for DATE_NONE */
char *date_slashed(struct arena *arena, date_day day);  /* 2021/5/13 */
char *date_japanese(struct arena *arena, date_day day); /* 令和3年5月13日; 令和元年 for the first year */

/* 0 = Sunday. */
int date_weekday(date_day day);

/* Whole years from birth to `on`; the birthday counts (民法 140条 is not applied, as on the form). -1 if before birth. */
int date_age_years(date_day birth, date_day on);

/* Whole months from birth to `on`, for children under one year (月齢). */
int date_age_months(date_day birth, date_day on);

/* "2021/5/13 14:05": now in Japan. */
char *date_time_now(struct arena *arena);

/* The day of a moment, in Japan. */
date_day date_of_time(time_t at);

/* Today in Japan. Tests may fix it with date_fix_today. */
date_day date_today(void);
void date_fix_today(date_day day); /* DATE_NONE: back to the clock */

#endif
