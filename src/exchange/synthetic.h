/*
 * synthetic.h - patients that nobody is: for the demonstration, for tests and for measuring with many.
 *
 * Names, sexes, ages, homes, dates, clinics and what is filled in are drawn so that lists and figures look as they did:
 * prefectures by their population, days by the course of 2020-01 to 2023-02. Every one says in その他 that it is
 * synthetic, lives at an address without a house number that exists, and has a telephone number (0900...) that no
 * company gives out. The same seed and number make the same patient.
 */
#ifndef HERSYS_EXCHANGE_SYNTHETIC_H
#define HERSYS_EXCHANGE_SYNTHETIC_H

#include "exchange/bulk.h"

struct synthetic_plan {
    int64_t seed;
    const char *clinics; /* the beginning of the codes of the clinics that report */
    int each;            /* so many clinics of a centre, in the order of their codes; 0: all */
    int recent_days;     /* 0: the whole course; else so many days up to now, near the clinics */
};

struct synthetic;

/* Reads places and clinics; NULL when the database failed or there is no such clinic. `db` is role jobs. */
struct synthetic *synthetic_new(struct arena *arena, struct db *db,
                                const struct synthetic_plan *plan);

/* Patient `number` of the plan. Everything in *doc and *c belongs to `arena`; c->publication.doc is doc. */
void synthetic_case(const struct synthetic *synthetic, struct arena *arena, int64_t number,
                    struct document *doc, struct bulk_case *c);

#endif
