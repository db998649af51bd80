/* synthetic_table.h - the tables behind synthetic.c. */
#ifndef HERSYS_EXCHANGE_SYNTHETIC_TABLE_H
#define HERSYS_EXCHANGE_SYNTHETIC_TABLE_H

enum {
    SYNTHETIC_FAMILIES = 150,
    SYNTHETIC_ERAS = 3,
    SYNTHETIC_GIVEN = 25, /* of each era */
    SYNTHETIC_PREFECTURES = 47,
    SYNTHETIC_FIRST_YEAR = 2020, /* the months begin with its January */
    SYNTHETIC_MONTHS = 38
};

struct synthetic_name {
    const char *name, *kana;
};

/* The most frequent first. */
extern const struct synthetic_name synthetic_families[SYNTHETIC_FAMILIES];

/* Names of those born before 1960, before 1990 and later. */
extern const struct synthetic_name synthetic_men[SYNTHETIC_ERAS][SYNTHETIC_GIVEN];
extern const struct synthetic_name synthetic_women[SYNTHETIC_ERAS][SYNTHETIC_GIVEN];

/* People in each prefecture (by its number), in thousands. */
extern const int synthetic_population[SYNTHETIC_PREFECTURES];

/* Newly confirmed cases of the country in each month. */
extern const int synthetic_months[SYNTHETIC_MONTHS];

#endif
