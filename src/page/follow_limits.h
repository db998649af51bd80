/* follow_limits.h - the values from which on somebody rings (健康観察の決まり), as they held on the day of an answer. */
#ifndef HERSYS_PAGE_FOLLOW_LIMITS_H
#define HERSYS_PAGE_FOLLOW_LIMITS_H

#include "core/fields.h"

enum { FOLLOW_LIMITS_MOST = 30 }; /* as many as a rule has */

struct follow_limit {
    int item;          /* of the dictionary; a number */
    bool at_least;     /* beyond is: this value or more; otherwise this value or less */
    const char *value; /* 38.5 */
    int64_t urgency;   /* 1 to 3 */
};

struct follow_limits {
    size_t count;
    struct follow_limit limit[FOLLOW_LIMITS_MOST];
};

/* Reads the column `limits` of SQL_follow_entries: "observation_temperature at_least 38.5 2,…"; NULL is none. What is unknown is left out. */
struct follow_limits follow_limits_read(struct arena *arena, const char *text);

/* The most urgent limit that the answer's value of an item is beyond; NULL when it is beyond none. */
const struct follow_limit *follow_limits_beyond(const struct follow_limits *limits, const struct document *answer, int item);

/* "38.5℃以上" */
const char *follow_limit_words(struct arena *arena, const struct follow_limit *limit);

/* All of an item: "37.5℃以上（注意）、38.5℃以上（急ぎ）"; "" when there is none. */
const char *follow_limits_words(struct arena *arena, const struct follow_limits *limits, int item);

#endif
