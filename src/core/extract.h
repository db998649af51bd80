/*
 * extract.h - 研究用の資料 (seed 0 Q22): which items of a case it may hold and how coarse, the report on k-匿名性, and the pseudonyms.
 *
 * Names, telephones, addresses and free text are no columns here and never read (app.extract_rows, sql/0033-extracts.sql). What
 * somebody outside may know of a person is a 準識別子: whoever is alike in all of those stands in one group, and groups of fewer than
 * k people do not leave the office.
 */
#ifndef HERSYS_CORE_EXTRACT_H
#define HERSYS_CORE_EXTRACT_H

#include "core/anonymity.h"
#include "core/record.h"

enum {
    EXTRACT_PEOPLE = 100000, /* at most: all of them are in memory while they are counted */
    EXTRACT_LEAST_K = 5,
    EXTRACT_MOST_K = 1000,
    EXTRACT_STEPS = 3 /* at most, of a column */
};

/* One column. Its steps are from fine to coarse; step n is steps[n - 1], and behind the last the column is not in the file. */
struct extract_column {
    const char *name, *label;
    bool quasi; /* 準識別子 */
    const char *steps[EXTRACT_STEPS + 1];
    const char *fields[EXTRACT_STEPS]; /* of statement extract_rows, by step; NULL: as the step before */
    const char *(*coarser)(struct arena *arena, int list, int step, const char *value);
    int list;
};

struct extract_columns {
    size_t count;
    const struct extract_column *const *list;
};

/* The columns that a kind of organisation may choose. */
struct extract_columns extract_columns(struct arena *arena, enum organisation_kind kind);

/* How many steps it has. */
int extract_steps(const struct extract_column *column);

/* A column that was chosen, at a step from 1. */
struct extract_choice {
    const struct extract_column *column;
    int step;
};

struct extract_choices {
    size_t count;
    struct extract_choice *list;
};

/* Those in the blank-separated words name:step that are columns at one of their steps; in the columns' own order. */
struct extract_choices extract_choices(struct arena *arena, const struct extract_columns *all, const char *words);

/* Them as such words, and for people: 年齢（10歳ごと）、… */
const char *extract_choices_words(struct arena *arena, const struct extract_choices *choices);
const char *extract_choices_labels(struct arena *arena, const struct extract_choices *choices);

/* The value of a cell, made as coarse as the step says. `raw` is as the database has it; NULL or "" gives "". */
const char *extract_value(struct arena *arena, const struct extract_choice *choice, const char *raw);

/* What making one quasi-identifier coarser by one step would change. */
struct extract_step {
    struct extract_choice choice; /* step extract_steps + 1: left out of the file */
    struct anonymity after;
};

struct extract {
    const struct rows *rows; /* of statement extract_rows or extract_file, whose patients they are */
    struct extract_choices choices;
    const char ***values; /* values[choice][row] */
    bool *small;          /* rows in groups of fewer than k */
    struct anonymity now;
    size_t step_count;
    struct extract_step *steps;
};

/* Makes the rows coarse and counts their groups, and with_steps also what each step more would change. */
struct extract extract_make(struct arena *arena, const struct rows *rows, const struct extract_choices *choices, size_t k, bool with_steps);

/* A sealed fresh key for the pseudonyms of the extract with this number. */
const char *extract_key_new(struct arena *arena, const struct crypt_keys *keys, const char *extract_id);

/* The key again, NULL when it is not that one's. */
const char *extract_key_open(struct arena *arena, const struct crypt_keys *keys, const char *extract_id, const char *sealed);

/* The 仮名 of a patient under a key: 20 hexadecimal digits. Without the key nobody leads from one to the other, or to another extract. */
const char *extract_pseudonym(struct arena *arena, const char *key, const char *patient_id);

#endif
