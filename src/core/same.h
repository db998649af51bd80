/*
 * same.h - who may be the same person (同一人物): what is compared, what each likeness weighs, and how it is said.
 *
 * Candidates are found by the database among the search keys of an office (function app.same_match, sql/0008): equality
 * on keys, never a scan. The weights stand here alone and go along with the question. Source: seed 0 Q7, domain.md.
 */
#ifndef HERSYS_CORE_SAME_H
#define HERSYS_CORE_SAME_H

#include "core/record.h"

/* Likenesses, as bits of same_pair.reasons. */
enum same_reason {
    SAME_kana,         /* フリガナ, folded by jtext_search_key */
    SAME_kana_near,    /* one kana more, less or another */
    SAME_given,        /* the given name alone: a family name changes */
    SAME_name,         /* 氏名, old glyphs folded */
    SAME_birth,        /* 生年月日 */
    SAME_birth_swapped,/* day and month the other way round */
    SAME_phone,        /* any of the telephone numbers */
    SAME_address,      /* 住所, folded */
    SAME_municipality, /* its municipality */
    SAME_REASON_COUNT
};

/* What each likeness weighs and how it is called, by enum same_reason. */
struct same_weight {
    int weight;
    const char *label;
};
extern const struct same_weight same_weights[SAME_REASON_COUNT];

/* From this score on a pair is shown; without any likeness of the name it never is (families, twins). */
enum { SAME_LEAST = 60, SAME_MOST = 100 };

/* The score of a set of reasons: the weights' sum, at most SAME_MOST. */
int same_score(unsigned reasons);

/* "フリガナと生年月日と電話番号が同じ、…": the reasons for a person. */
const char *same_words(struct arena *arena, unsigned reasons);

/* What of a person is compared, as the JSON that app.same_match takes: keys as in table search_key. */
const char *same_probe(struct arena *arena, const struct document *doc);

/* True when enough is known of a person for a search: a name with a birth date, a telephone number or an address. */
bool same_is_askable(const struct document *doc);

/* Brings the pairs of a patient into step with its record; behind publish_add in the same batch. */
void same_add(struct db_batch *batch, struct arena *arena, int64_t patient_id,
              const struct document *doc);

/* The same for a patient that role jobs has written in bulk, by its key in table import_key. */
void same_add_written(struct db_batch *batch, struct arena *arena, const char *source,
                      const char *external_no, const struct document *doc);

/*
 * Asks who of this office's patients may be the person of a form that is being written; rows of statement same_look, the
 * likeliest first, at most five. Whoever is shown is entered in the trail. Index for db_rows.
 */
unsigned same_look(struct db_batch *batch, const struct desk *desk, const struct document *doc);

#endif
