/* publish.c - see publish.h. */
#include "core/publish.h"

#include <string.h>

#include "base/jtext.h"
#include "base/text.h"
#include "core/same.h"

enum { MAX_KEYS = 12 };

struct publication
publication_of(const struct record *record, const struct document *doc)
{
    return (struct publication){
        .doc = doc,
        .old = &record->doc,
        .notification_no = record->notification.no,
        .form = record->notification.form,
        .short_form = record->notification.short_form,
        .deemed = record->notification.deemed,
        .confirmed = !text_empty(record->notification.confirmed),
        .listed_at = record->notification.reported_iso,
        .status = record_current_status(record),
    };
}

/* ---- labels -------------------------------------------------------------------------------------------------------- */

static const char *
joined(struct arena *arena, const struct document *doc, int family, int given)
{
    const char *a = doc->value[family], *b = doc->value[given];

    if (text_empty(a) || text_empty(b))
        return text_empty(a) ? b : a;
    return text_format(arena, "%s　%s", a, b);
}

void
publish_label_list(struct arena *arena, const struct publication *p,
                   struct publish_label labels[PUBLISH_LABEL_COUNT])
{
    const struct document *doc = p->doc;
    const struct publish_label list[PUBLISH_LABEL_COUNT] = {
        {"listed_at", p->listed_at},
        {"notification_no", db_int(arena, p->notification_no)},
        {"name", joined(arena, doc, ITEM_family_name, ITEM_given_name)},
        {"kana", joined(arena, doc, ITEM_family_kana, ITEM_given_kana)},
        {"birth_date", doc->value[ITEM_birth_date]},
        {"sex", doc->value[ITEM_sex]},
        {"age_years", doc->value[ITEM_age_years]},
        {"age_band", doc->value[ITEM_age_band]},
        {"category", doc->value[ITEM_category]},
        {"diagnosis_date", doc->value[ITEM_diagnosis_date]},
        {"status", p->status.status},
        {"status_since", p->status.since},
        {"confirmed", p->confirmed ? "true" : "false"},
        {"deemed", p->deemed ? "true" : "false"},
    };

    memcpy(labels, list, sizeof list);
}

const char *
publish_labels(struct arena *arena, const struct publication *p)
{
    struct publish_label labels[PUBLISH_LABEL_COUNT];
    struct buf out = buf_new(arena);

    publish_label_list(arena, p, labels);
    buf_add_char(&out, '{');
    for (int i = 0; i < PUBLISH_LABEL_COUNT; i++) {
        if (text_empty(labels[i].value))
            continue;
        buf_printf(&out, "%s\"%s\":", out.size > 1 ? "," : "", labels[i].column);
        buf_add_json(&out, labels[i].value);
    }
    buf_add_char(&out, '}');
    return buf_text(&out);
}

/* ---- search keys --------------------------------------------------------------------------------------------------- */

struct keys {
    struct arena *arena;
    size_t count;
    const char *list[MAX_KEYS];
};

static void
add_key(struct keys *keys, char kind, const char *value)
{
    if (text_empty(value))
        return;
    const char *key = text_format(keys->arena, "%c%s", kind, value);
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->list[i], key) == 0)
            return;
    if (keys->count < MAX_KEYS)
        keys->list[keys->count++] = key;
}

/* The whole name, and the given name alone: people are looked for by either. */
static void
add_names(struct keys *keys, char kind, const struct document *doc, int family, int given)
{
    struct arena *arena = keys->arena;
    const char *whole = joined(arena, doc, family, given);

    if (!text_empty(whole))
        add_key(keys, kind, jtext_search_key(arena, whole));
    if (document_has(doc, given))
        add_key(keys, kind, jtext_search_key(arena, doc->value[given]));
}

const char *
publish_search_keys(struct arena *arena, const struct document *doc)
{
    struct keys keys = {.arena = arena};

    add_names(&keys, 'n', doc, ITEM_family_name, ITEM_given_name);
    add_names(&keys, 'k', doc, ITEM_family_kana, ITEM_given_kana);
    add_key(&keys, 't', doc->value[ITEM_phone]);
    add_key(&keys, 't', doc->value[ITEM_stay_phone]);
    add_key(&keys, 'b', doc->value[ITEM_birth_date]);
    return db_array(arena, keys.count, keys.list);
}

/* ---- things to do -------------------------------------------------------------------------------------------------- */

static bool
is_asked_for_and_empty(const struct document *doc, int item, struct form_view view)
{
    const struct place *place = document_place(item, view);

    return place != NULL && document_applies(doc, place) && !document_has(doc, item);
}

static bool
death_is_incomplete(const struct publication *p)
{
    bool body = text_same(p->doc->value[ITEM_category], "body") ||
                text_same(p->doc->value[ITEM_category], "suspected_body");

    if (text_same(p->status.status, "dead"))
        return text_empty(p->status.death_date) || text_empty(p->status.death_place);
    return body && !document_has(p->doc, ITEM_death_date);
}

/* Missing items other than those that have a list of their own, and values that look wrong. */
static void
count_problems(struct arena *arena, const struct publication *p, size_t *missing, size_t *doubtful)
{
    struct problems problems = {0};
    /* In the August 2022 form the short one is all that the law asks for; otherwise the rest is due later. */
    struct form_view view = {p->form, p->short_form && p->form == FORM_2022_08};

    document_check(arena, p->doc, view, &problems);
    *missing = *doubtful = 0;
    for (size_t i = 0; i < problems.count; i++) {
        const struct problem *problem = &problems.list[i];
        *missing += problem->kind == PROBLEM_MISSING && problem->item != ITEM_passport_number &&
                    problem->item != ITEM_place_kind;
        *doubtful += problem->kind == PROBLEM_WARNING || problem->kind == PROBLEM_ERROR;
    }
}

static void
add_kind(struct buf *out, bool wanted, const char *kind)
{
    if (wanted)
        buf_printf(out, "%s%s", out->size == 0 ? "" : " ", kind);
}

const char *
publish_centre_todo(struct arena *arena, const struct publication *p)
{
    struct buf out = buf_new(arena);
    struct form_view view = {p->form, false};
    size_t missing, doubtful;

    count_problems(arena, p, &missing, &doubtful);
    add_kind(&out, !p->confirmed, "unconfirmed");
    add_kind(&out, text_empty(p->status.status), "status_missing");
    add_kind(&out, is_asked_for_and_empty(p->doc, ITEM_passport_number, view), "passport_missing");
    add_kind(&out, is_asked_for_and_empty(p->doc, ITEM_place_kind, view), "place_missing");
    add_kind(&out, death_is_incomplete(p), "death_incomplete");
    add_kind(&out, missing > 0, "items_missing");
    add_kind(&out, doubtful > 0, "values_doubtful");
    return buf_text(&out);
}

const char *
publish_reporter_todo(struct arena *arena, const struct publication *p)
{
    struct buf out = buf_new(arena);
    size_t missing, doubtful;

    count_problems(arena, p, &missing, &doubtful);
    add_kind(&out, missing > 0, "items_missing");
    add_kind(&out, doubtful > 0, "values_doubtful");
    return buf_text(&out);
}

static const char *
as_array(struct arena *arena, const char *words)
{
    size_t count;
    char **list = text_split(arena, words, ' ', &count);

    return db_array(arena, count, (const char *const *)list);
}

void
publish_add(struct db_batch *batch, const struct desk *desk, int64_t patient_id,
            const struct publication *p)
{
    struct arena *arena = desk->arena;

    DB_ADD(batch, SQL_patient_publish, db_int(arena, patient_id), publish_labels(arena, p),
           p->old == NULL ? NULL : publish_search_keys(arena, p->old),
           publish_search_keys(arena, p->doc), as_array(arena, publish_centre_todo(arena, p)),
           as_array(arena, publish_reporter_todo(arena, p)));
    same_add(batch, arena, patient_id, p->doc);
}
