/* case_links.c - see case_links.h. */
#include "exchange/case_links.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"

enum { CHUNK = 2000 /* statements' arrays; how many links go in one */ };

#define COLUMN "接触先No"

/* A row of the file as others name it. */
struct person {
    size_t number, line;
    const char *source, *external_no, *contact;
    bool fresh;
};

/* One number in one row. The one that holds comes last of its row. */
struct link {
    const struct person *infected, *infector; /* infector NULL: nobody whom the file has */
    const char *no, *mark;                    /* marks of app.patient_link; "" */
    int link_no;
    bool holds;
};

struct case_links {
    struct arena *arena;
    struct map *places; /* No to index of `people` */
    size_t count, capacity;
    struct person *people;
    size_t link_count, link_capacity;
    struct link *links;
};

/* The array `list` with room for one more. */
static void *
grown(struct arena *arena, void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity == 0 ? 1024 : *capacity * 2;
    void *larger = arena_array(arena, *capacity, size);
    if (count > 0)
        memcpy(larger, list, count * size);
    return larger;
}

struct case_links *
case_links_new(struct arena *arena)
{
    struct case_links *links = ARENA_NEW(arena, struct case_links);

    links->arena = arena;
    links->places = map_new(arena);
    return links;
}

void
case_links_add(struct case_links *links, const struct csv_row *csv, const struct case_row *row,
               bool fresh)
{
    struct arena *arena = links->arena;

    links->people =
        grown(arena, links->people, links->count, &links->capacity, sizeof *links->people);
    map_put(links->places, row->external_no, (int64_t)links->count);
    links->people[links->count++] = (struct person){csv->number,
                                                    csv->line,
                                                    text_copy(arena, row->source),
                                                    text_copy(arena, row->external_no),
                                                    text_copy(arena, row->contact),
                                                    fresh};
}

static const char *
mark_of(const struct person *infected, const struct person *infector)
{
    return infector == NULL                      ? "unfound"
           : infector == infected                ? "self"
           : infector->number > infected->number ? "forward"
                                                 : "";
}

/* The numbers of one row, the one that holds at the end: the first without a mark, or the very first. */
static void
add_links(struct case_links *links, const struct person *infected)
{
    size_t count, first = links->link_count, held = first;
    char **numbers = text_split(links->arena, infected->contact, ';', &count);

    for (size_t i = 0; i < count; i++) {
        int64_t place;
        const char *no = text_trim(links->arena, numbers[i]);
        const struct person *infector =
            map_find(links->places, no, &place) ? &links->people[place] : NULL;
        links->links = grown(links->arena, links->links, links->link_count, &links->link_capacity,
                             sizeof *links->links);
        links->links[links->link_count++] =
            (struct link){.infected = infected, .infector = infector, .no = no,
                          .mark = mark_of(infected, infector)};
    }
    for (size_t i = links->link_count; i > first; i--)
        if (links->links[i - 1].mark[0] == '\0')
            held = i - 1;
    if (links->link_count == first)
        return;
    struct link holding = links->links[held], *last = &links->links[links->link_count - 1];
    memmove(&links->links[held], &links->links[held + 1],
            (links->link_count - held - 1) * sizeof *links->links);
    *last = holding;
    last->holds = true;
    for (size_t i = first; i < links->link_count; i++)
        links->links[i].link_no = (int)(i - first) + 1;
}

/* What is strange about a number, as a note for its row. */
static void
tell(struct case_problems *problems, const struct link *link)
{
    static const char *const words[][2] = {
        {"self", "ご自身の番号です。感染のつながりには入れません。"},
        {"forward", "あとの行の番号です。感染源のほうがあとに公表されています。"},
        {"unfound", "この番号の行がありません。番号だけを残します。"},
    };
    struct csv_row row = {.number = link->infected->number, .line = link->infected->line};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], link->mark) == 0)
            case_problem_add(problems, &row, COLUMN, link->no, false, words[i][1]);
}

void
case_links_resolve(struct case_links *links, struct case_problems *problems,
                   struct case_links_report *report)
{
    memset(report, 0, sizeof *report);
    for (size_t i = 0; i < links->count; i++)
        if (links->people[i].contact[0] != '\0')
            add_links(links, &links->people[i]);
    for (size_t i = 0; i < links->link_count; i++) {
        const struct link *link = &links->links[i];
        tell(problems, link);
        report->several += link->holds && link->link_no > 1;
        if (!link->holds)
            continue;
        report->self += strcmp(link->mark, "self") == 0;
        report->forward += strcmp(link->mark, "forward") == 0;
        report->unfound += strcmp(link->mark, "unfound") == 0;
        report->links += link->infector != NULL && link->infector != link->infected;
    }
}

/* Some links as the columns of one statement. */
static enum db_status
write_chunk(struct db *db, struct link *const list[], size_t count)
{
    enum { SOURCE, NO, INFECTOR_SOURCE, INFECTOR_NO, MARK, LINK_NO, HOLDS, COLUMNS };
    struct arena *arena = arena_new();
    const char **values[COLUMNS], *parameters[COLUMNS];
    enum db_status status;

    for (int column = 0; column < COLUMNS; column++)
        values[column] = ARENA_ARRAY(arena, count, const char *);
    for (size_t i = 0; i < count; i++) {
        const struct link *link = list[i];
        values[SOURCE][i] = link->infected->source;
        values[NO][i] = link->infected->external_no;
        values[INFECTOR_SOURCE][i] = link->infector == NULL ? "" : link->infector->source;
        values[INFECTOR_NO][i] = link->no;
        values[MARK][i] = link->mark;
        values[LINK_NO][i] = db_int(arena, link->link_no);
        values[HOLDS][i] = db_bool(link->holds);
    }
    for (int column = 0; column < COLUMNS; column++)
        parameters[column] = db_array(arena, count, values[column]);
    db_one_array(db, arena, NULL, &status, SQL_case_links_insert, COLUMNS, parameters);
    if (status == DB_OK)
        DB_ONE(db, arena, NULL, &status, SQL_case_links_publish, parameters[SOURCE], parameters[NO]);
    arena_free(arena);
    return status;
}

enum db_status
case_links_write(struct case_links *links, struct db *db)
{
    struct link *chunk[CHUNK];
    size_t count = 0;
    enum db_status status = DB_OK;

    for (size_t i = 0; i < links->link_count && status == DB_OK; i++) {
        if (links->links[i].infected->fresh)
            chunk[count++] = &links->links[i];
        if (count == CHUNK) {
            status = write_chunk(db, chunk, count);
            count = 0;
        }
    }
    return status == DB_OK && count > 0 ? write_chunk(db, chunk, count) : status;
}
