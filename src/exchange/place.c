/* place.c - see place.h. One map for each kind of name; a name that two places bear is in it as nobody's. */
#include "exchange/place.h"

#include <string.h>

#include "base/jtext.h"
#include "base/map.h"
#include "base/text.h"
#include "dictionary/dictionary.h"

enum { NOBODYS = -1 };

struct places {
    struct arena *arena;
    const struct rows *prefectures, *centres, *forms;
    struct municipality *municipalities;
    struct map *prefecture_names, *prefecture_codes;     /* row of prefectures */
    struct map *municipality_names, *municipality_codes; /* index, or NOBODYS */
    struct map *centre_names, *centre_ids;               /* row of centres */
};

/*
 * Offices whose name in the open data is that of a region and not of their seat. Source: 兵庫県 健康福祉事務所一覧 (the
 * centre of 中播磨 stands in 福崎町).
 */
static const struct {
    const char *prefecture, *region, *centre;
} regions[] = {{"28", "中播磨", "福崎"}};

static const char *
key_of(struct arena *arena, const char *prefecture, const char *name)
{
    return text_format(arena, "%s|%s", prefecture == NULL ? "" : prefecture,
                       jtext_search_key(arena, name));
}

/* ---- loading ------------------------------------------------------------------------------------------------------- */

/* Enters a name of a municipality, within a prefecture or (NULL) in the country. */
static void
add_municipality(struct places *p, const char *prefecture, const char *name, int64_t index)
{
    const char *key = key_of(p->arena, prefecture, name);
    int64_t other;

    if (map_find(p->municipality_names, key, &other) && other != index)
        index = NOBODYS;
    map_put(p->municipality_names, key, index);
}

static void
load_municipalities(struct places *p, const struct rows *rows)
{
    p->municipalities = ARENA_ARRAY(p->arena, rows_count(rows), struct municipality);
    for (size_t i = 0; i < rows_count(rows); i++) {
        const char *prefecture = rows_text(rows, i, "prefecture_code");
        const char *full = rows_text(rows, i, "full_name");
        const char *names[] = {rows_text(rows, i, "name"),
                               full + strlen(rows_text(rows, i, "prefecture")), full};
        p->municipalities[i] = (struct municipality){rows_text(rows, i, "code"), prefecture,
                                                     rows_int(rows, i, "centre_id")};
        map_put(p->municipality_codes, p->municipalities[i].code, (int64_t)i);
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            add_municipality(p, prefecture, names[n], (int64_t)i);
            add_municipality(p, NULL, names[n], (int64_t)i);
        }
    }
}

static void
load_prefectures(struct places *p, const struct rows *rows)
{
    p->prefectures = rows;
    for (size_t i = 0; i < rows_count(rows); i++) {
        map_put(p->prefecture_codes, rows_text(rows, i, "code"), (int64_t)i);
        map_put(p->prefecture_names, key_of(p->arena, NULL, rows_text(rows, i, "name")),
                (int64_t)i);
    }
}

/* The name without what most offices have behind theirs. */
static const char *
stem_of(struct arena *arena, const char *name)
{
    static const char *const endings[] = {"管内", "健康福祉事務所", "保健所"};
    char *stem = text_trim(arena, name);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends(stem, endings[i]))
            stem[strlen(stem) - strlen(endings[i])] = '\0';
    return stem;
}

/* A name that is there already keeps its office: 長野保健所 comes before the short form of 長野市保健所. */
static void
add_centre(struct places *p, const char *prefecture, const char *name, int64_t row)
{
    const char *key = key_of(p->arena, prefecture, name);
    int64_t other;

    if (name[0] != '\0' && !map_find(p->centre_names, key, &other))
        map_put(p->centre_names, key, row);
}

static void
load_centres(struct places *p, const struct rows *rows)
{
    p->centres = rows;
    for (size_t i = 0; i < rows_count(rows); i++) {
        map_put(p->centre_ids, rows_text(rows, i, "organisation_id"), (int64_t)i);
        add_centre(p, rows_text(rows, i, "prefecture_code"),
                   stem_of(p->arena, rows_text(rows, i, "name")), (int64_t)i);
    }
    for (size_t i = 0; i < rows_count(rows); i++) {
        const char *stem = stem_of(p->arena, rows_text(rows, i, "name"));
        if (text_ends(stem, "市") || text_ends(stem, "区"))
            add_centre(p, rows_text(rows, i, "prefecture_code"),
                       text_copy_n(p->arena, stem, strlen(stem) - strlen("市")), (int64_t)i);
    }
}

struct places *
places_load(struct arena *arena, struct db *db)
{
    struct places *p = ARENA_NEW(arena, struct places);
    struct map **const maps[] = {&p->prefecture_names,   &p->prefecture_codes,
                                 &p->municipality_names, &p->municipality_codes,
                                 &p->centre_names,       &p->centre_ids};
    struct db_batch *batch = db_batch(db, arena, NULL);
    unsigned municipalities = DB_ADD(batch, SQL_place_municipalities);
    unsigned prefectures = DB_ADD(batch, SQL_place_prefectures);
    unsigned centres = DB_ADD(batch, SQL_place_centres);
    unsigned forms = DB_ADD(batch, SQL_place_forms);

    if (db_run(batch) != DB_OK)
        return NULL;
    p->arena = arena;
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        *maps[i] = map_new(arena);
    load_municipalities(p, db_rows(batch, municipalities));
    load_prefectures(p, db_rows(batch, prefectures));
    load_centres(p, db_rows(batch, centres));
    p->forms = db_rows(batch, forms);
    return p;
}

/* ---- asking -------------------------------------------------------------------------------------------------------- */

const char *
places_prefecture(const struct places *p, struct arena *arena, const char *name)
{
    int64_t row;

    if (!map_find(p->prefecture_names, key_of(arena, NULL, name), &row))
        return NULL;
    return rows_text(p->prefectures, (size_t)row, "code");
}

bool
places_is_prefecture(const struct places *p, const char *code)
{
    int64_t row;

    return map_find(p->prefecture_codes, code, &row);
}

static const struct municipality *
municipality_at(const struct places *p, const struct map *map, const char *key)
{
    int64_t index;

    if (!map_find(map, key, &index) || index == NOBODYS)
        return NULL;
    return &p->municipalities[index];
}

const struct municipality *
places_municipality(const struct places *p, const char *code)
{
    return municipality_at(p, p->municipality_codes, code);
}

const struct municipality *
places_find(const struct places *p, struct arena *arena, const char *prefecture, const char *name)
{
    const struct municipality *found =
        municipality_at(p, p->municipality_names, key_of(arena, prefecture, name));
    const char *district = strstr(name, "郡");

    if (found != NULL || district == NULL)
        return found;
    return municipality_at(p, p->municipality_names,
                           key_of(arena, prefecture, district + strlen("郡")));
}

int64_t
places_centre(const struct places *p, struct arena *arena, const char *prefecture, const char *name)
{
    const char *stem = stem_of(arena, name);
    int64_t row;

    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++)
        if (text_same(regions[i].prefecture, prefecture) && text_same(regions[i].region, stem))
            stem = regions[i].centre;
    if (!map_find(p->centre_names, key_of(arena, prefecture, stem), &row))
        return 0;
    return rows_int(p->centres, (size_t)row, "organisation_id");
}

int64_t
places_fallback(const struct places *p, const char *prefecture)
{
    int64_t row;

    if (!map_find(p->prefecture_codes, prefecture, &row))
        return 0;
    return rows_int(p->prefectures, (size_t)row, "centre_id");
}

const char *
places_centre_name(const struct places *p, struct arena *arena, int64_t centre_id)
{
    int64_t row;

    if (!map_find(p->centre_ids, db_int(arena, centre_id), &row))
        return "";
    return rows_text(p->centres, (size_t)row, "name");
}

int
places_form(const struct places *p, const char *prefecture, const char *iso_date)
{
    for (size_t i = 0; i < rows_count(p->forms); i++) {
        const char *where = rows_text(p->forms, i, "prefecture_code");
        if ((text_same(where, "00") || text_same(where, prefecture)) &&
            strcmp(rows_text(p->forms, i, "effective_from"), iso_date) <= 0)
            return dictionary_form(rows_text(p->forms, i, "form_version"));
    }
    return 0;
}
