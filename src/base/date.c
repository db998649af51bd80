/* date.c - see date.h. Day numbers by the civil-calendar arithmetic over 400-year cycles. */
#include "base/date.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/jtext.h"
#include "base/text.h"

enum { FIRST_YEAR = 1868, LAST_YEAR = 2199, JAPAN_SECONDS_EAST = 9 * 3600, DAY_SECONDS = 86400 };

struct era {
    const char *name;
    char letter;
    struct date_parts first;
};

/* The newest first. Source: 元号法 and the 政令 of each change. */
static const struct era eras[] = {
    {"令和", 'R', {2019, 5, 1}},  {"平成", 'H', {1989, 1, 8}},   {"昭和", 'S', {1926, 12, 25}},
    {"大正", 'T', {1912, 7, 30}}, {"明治", 'M', {1868, 1, 25}},
};
enum { ERA_COUNT = sizeof eras / sizeof *eras };

static date_day fixed_today = DATE_NONE;

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

date_day
date_from_parts(struct date_parts p)
{
    if (p.year < FIRST_YEAR || p.year > LAST_YEAR || p.month < 1 || p.month > 12 || p.day < 1 ||
        p.day > days_in_month(p.year, p.month))
        return DATE_NONE;
    /* Years begin in March, so that the leap day is the last day of a year. */
    int year = p.month <= 2 ? p.year - 1 : p.year;
    int cycle = year / 400;
    int year_of_cycle = year - cycle * 400;
    int day_of_year = (153 * (p.month + (p.month > 2 ? -3 : 9)) + 2) / 5 + p.day - 1;
    int day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    return cycle * 146097 + day_of_cycle - 719468;
}

struct date_parts
date_parts(date_day day)
{
    int shifted = day + 719468;
    int cycle = shifted / 146097;
    int day_of_cycle = shifted - cycle * 146097;
    int year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
    int day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int shifted_month = (5 * day_of_year + 2) / 153;
    struct date_parts p = {.day = day_of_year - (153 * shifted_month + 2) / 5 + 1,
                           .month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9};

    p.year = year_of_cycle + cycle * 400 + (p.month <= 2);
    return p;
}

date_day
date_from_iso(const char *iso)
{
    static const char form[] = "0000-00-00"; /* by hand: a file of patients holds a million of them */
    int numbers[3] = {0}, number = 0;

    if (iso == NULL)
        return DATE_NONE;
    for (size_t i = 0; i < sizeof form; i++) { /* with its end */
        bool digit = iso[i] >= '0' && iso[i] <= '9';
        if (form[i] == '0' ? !digit : iso[i] != form[i])
            return DATE_NONE;
        if (digit)
            numbers[number] = 10 * numbers[number] + iso[i] - '0';
        else
            number++;
    }
    return date_from_parts((struct date_parts){numbers[0], numbers[1], numbers[2]});
}

/* The era that `text` begins with, *rest set behind it; NULL when there is none. */
static const struct era *
leading_era(const char *text, const char **rest)
{
    for (size_t i = 0; i < ERA_COUNT; i++) {
        size_t size = strlen(eras[i].name);
        if (strncmp(text, eras[i].name, size) == 0) {
            *rest = text + size;
            return &eras[i];
        }
        if ((text[0] & ~0x20) == eras[i].letter) {
            *rest = text + 1;
            return &eras[i];
        }
    }
    *rest = text;
    return NULL;
}

/* The length of one separator at `p` out of - / . , blank or the given kanji; 0 when there is none. */
static size_t
separator_at(const char *p, const char *kanji)
{
    if (*p != '\0' && strchr("-/., ", *p) != NULL)
        return 1;
    size_t size = strlen(kanji);
    return strncmp(p, kanji, size) == 0 ? size : 0;
}

/* Reads up to `most` digits; returns how many. */
static int
read_number(const char **text, int most, int *value)
{
    int n = 0;

    for (*value = 0; n < most && **text >= '0' && **text <= '9'; n++, (*text)++)
        *value = *value * 10 + (**text - '0');
    return n;
}

/* Reads "year sep month sep day"; false when the shape is another. 元 is year 1 of an era. */
static bool
read_separated(const char *p, int year_digits, struct date_parts *parts)
{
    size_t n;

    if (strncmp(p, "元", 3) == 0) {
        parts->year = 1;
        p += 3;
    } else if (read_number(&p, year_digits, &parts->year) == 0)
        return false;
    if ((n = separator_at(p, "年")) == 0)
        return false;
    p += n;
    p += *p == ' ';
    if (read_number(&p, 2, &parts->month) == 0 || (n = separator_at(p, "月")) == 0)
        return false;
    p += n;
    p += *p == ' ';
    if (read_number(&p, 2, &parts->day) == 0)
        return false;
    if (strncmp(p, "日", 3) == 0)
        p += 3;
    return *p == '\0';
}

/* The day in an era, DATE_NONE when the era was over or had not begun. */
static date_day
day_of_era(const struct era *era, struct date_parts p)
{
    p.year += era->first.year - 1;
    date_day day = date_from_parts(p);
    if (day == DATE_NONE || day < date_from_parts(era->first))
        return DATE_NONE;
    if (era > eras && day >= date_from_parts(era[-1].first))
        return DATE_NONE;
    return day;
}

enum date_verdict
date_parse(const char *text, date_day *day)
{
    struct arena *arena = arena_new();
    enum date_verdict verdict = DATE_UNREADABLE;
    struct date_parts parts = {0};
    const char *rest;

    *day = DATE_NONE;
    const char *plain = text_trim(arena, jtext_narrow(arena, text));
    const struct era *era = leading_era(plain, &rest);
    while (*rest == ' ')
        rest++;
    if (plain[0] == '\0')
        verdict = DATE_EMPTY;
    else if (era != NULL) {
        if (read_separated(rest, 3, &parts)) {
            *day = day_of_era(era, parts);
            verdict = *day == DATE_NONE ? DATE_IMPOSSIBLE : DATE_OK;
        }
    } else if ((strlen(plain) == 8 && text_is_digits(plain) &&
                sscanf(plain, "%4d%2d%2d", &parts.year, &parts.month, &parts.day) == 3) ||
               (read_separated(plain, 4, &parts) && parts.year >= 1000)) {
        *day = date_from_parts(parts);
        verdict = *day == DATE_NONE ? DATE_IMPOSSIBLE : DATE_OK;
    }
    arena_free(arena);
    return verdict;
}

char *
date_iso(struct arena *arena, date_day day)
{
    if (day == DATE_NONE)
        return text_copy(arena, "");
    struct date_parts p = date_parts(day);
    return text_format(arena, "%04d-%02d-%02d", p.year, p.month, p.day);
}

/* Writes the digits of a number from 0 and returns their end. */
static char *
put_number(char *end, int number)
{
    if (number >= 10)
        end = put_number(end, number / 10);
    *end = (char)('0' + number % 10);
    return end + 1;
}

char *
date_slashed(struct arena *arena, date_day day)
{
    if (day == DATE_NONE)
        return text_copy(arena, "");
    struct date_parts p = date_parts(day);
    char text[sizeof "2147483647/12/31"], *end = put_number(text, p.year);
    *end++ = '/';
    end = put_number(end, p.month);
    *end++ = '/';
    end = put_number(end, p.day);
    return text_copy_n(arena, text, (size_t)(end - text));
}

char *
date_japanese(struct arena *arena, date_day day)
{
    if (day == DATE_NONE)
        return text_copy(arena, "");
    struct date_parts p = date_parts(day);
    for (size_t i = 0; i < ERA_COUNT; i++) {
        if (day < date_from_parts(eras[i].first))
            continue;
        int year = p.year - eras[i].first.year + 1;
        if (year == 1)
            return text_format(arena, "%s元年%d月%d日", eras[i].name, p.month, p.day);
        return text_format(arena, "%s%d年%d月%d日", eras[i].name, year, p.month, p.day);
    }
    return date_slashed(arena, day);
}

int
date_weekday(date_day day)
{
    return (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

int
date_age_years(date_day birth, date_day on)
{
    return on < birth ? -1 : date_age_months(birth, on) / 12;
}

int
date_age_months(date_day birth, date_day on)
{
    struct date_parts b = date_parts(birth), o = date_parts(on);

    return (o.year - b.year) * 12 + (o.month - b.month) - (o.day < b.day);
}

char *
date_time_now(struct arena *arena)
{
    time_t japan = time(NULL) + JAPAN_SECONDS_EAST;
    int seconds = (int)(japan % DAY_SECONDS);

    return text_format(arena, "%s %02d:%02d",
                       date_slashed(arena, (date_day)(japan / DAY_SECONDS)), seconds / 3600,
                       seconds / 60 % 60);
}

date_day
date_of_time(time_t at)
{
    return (date_day)((at + JAPAN_SECONDS_EAST) / DAY_SECONDS);
}

date_day
date_today(void)
{
    return fixed_today != DATE_NONE ? fixed_today : date_of_time(time(NULL));
}

void
date_fix_today(date_day day)
{
    fixed_today = day;
}
