/*
 * place.h - prefectures, municipalities and health centres by the names that open data give them, read once and kept.
 *
 * Names are compared by their search key, so that ヶ and ケ, 龍 and 竜 make no difference.
 */
#ifndef HERSYS_EXCHANGE_PLACE_H
#define HERSYS_EXCHANGE_PLACE_H

#include "db/db.h"

struct places;

struct municipality {
    const char *code, *prefecture_code;
    int64_t centre_id; /* competent for it */
};

/*
 * Reads them; NULL when the database failed. `db` is role jobs. What is kept belongs to `arena`; the functions below
 * take another one for what they need for a moment.
 */
struct places *places_load(struct arena *arena, struct db *db);

/* Two digits of a prefecture by its name (愛知県); NULL when there is none. */
const char *places_prefecture(const struct places *places, struct arena *arena, const char *name);

/* True for the two digits of a prefecture. */
bool places_is_prefecture(const struct places *places, const char *code);

/* The municipality with these five digits; NULL when there is none. */
const struct municipality *places_municipality(const struct places *places, const char *code);

/*
 * The municipality with this name: within a prefecture (two digits) as 名古屋市, 名古屋市千種区, or 千種区 where one ward
 * alone is called so; in the country (prefecture NULL) with the prefecture's name in front, or where one municipality
 * alone is called so. NULL when there is none.
 */
const struct municipality *places_find(const struct places *places, struct arena *arena,
                                       const char *prefecture, const char *name);

/*
 * A centre of the prefecture by its name, with or without 保健所, 健康福祉事務所 and 管内 behind it and the 市 or 区 before
 * those: 神戸 finds 神戸市保健所. 0 when there is none.
 */
int64_t places_centre(const struct places *places, struct arena *arena, const char *prefecture,
                      const char *name);

/* The centre that stands in for the prefecture. */
int64_t places_fallback(const struct places *places, const char *prefecture);

const char *places_centre_name(const struct places *places, struct arena *arena, int64_t centre_id);

/* The version of the form (enum form_name) that holds in the prefecture on that day; the first before all others. */
int places_form(const struct places *places, const char *prefecture, const char *iso_date);

#endif
