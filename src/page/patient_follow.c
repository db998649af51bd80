/*
 * patient_follow.c - 健康観察 of a patient and the contacts: what was answered, day by day, as a table and as a drawing
 * (web/js/follow.js reads the table), how long they are observed and why, and what was done about the answers.
 */
#include <string.h>

#include "base/date.h"
#include "base/jtext.h"
#include "base/text.h"
#include "core/entries.h"
#include "page/follow_limits.h"
#include "page/follow_rows.h"
#include "page/handlers.h"
#include "page/patient_head.h"

/* What the page reads with the record, in the order of the statements. */
enum { ENTRIES, PEOPLE, ACTIONS, PERIOD, PERIOD_ENTRIES, MORE };

enum {
    MOST_PEOPLE = 1000,
    MOST_OF_EACH = 30,   /* answers where everybody is shown */
    MOST_OF_ONE = 200,   /* answers of a person who is shown alone */
    MOST_ACTIONS = 100,
    NO_PERSON = -1
};

/* What the address chooses: one person alone, the answers behind one, what was done before something. */
struct window {
    int64_t person, behind, action; /* NO_PERSON, 0, 0: all, from the newest on */
    int most;                       /* answers of a person */
};

static struct window
window_of(struct context *c)
{
    struct window window = {.person = NO_PERSON};

    text_to_int(request_query(c->request, "person"), 0, INT32_MAX, &window.person);
    text_to_int(request_query(c->request, "behind"), 1, INT32_MAX, &window.behind);
    text_to_int(request_query(c->request, "action"), 1, INT32_MAX, &window.action);
    window.most = window.person == NO_PERSON ? MOST_OF_EACH : MOST_OF_ONE;
    return window;
}

static void
ask(struct context *c, const struct window *window, struct record_more more[MORE])
{
    const char *person = window->person == NO_PERSON ? NULL : db_int(c->arena, window->person);
    const char *id = db_int(c->arena, path_patient(c, 1));
    const char *office = db_int(c->arena, c->session.organisation_id);

    more[ENTRIES] = (struct record_more){.statement = SQL_follow_entries, .count = 5,
                                         .parameters = {id, office, person, db_int(c->arena, window->behind),
                                                        db_int(c->arena, window->most + 1)}};
    more[PEOPLE] = (struct record_more){.statement = SQL_follow_people, .count = 2, .parameters = {id, office}};
    more[ACTIONS] = (struct record_more){.statement = SQL_follow_actions, .count = 4,
                                         .parameters = {id, office, db_int(c->arena, window->action),
                                                        db_int(c->arena, MOST_ACTIONS + 1)}};
    more[PERIOD] = (struct record_more){.statement = SQL_care_period_shown, .count = 1, .parameters = {id}};
    more[PERIOD_ENTRIES] = (struct record_more){.statement = SQL_entry_list, .count = 3, .parameters = {id, "period", "0"}};
}

/* ---- an answer ----------------------------------------------------------------------------------------------------- */

static bool
is_symptom(int item)
{
    return dictionary_items[item].list == LIST_yes_no_unknown;
}

/* "咳・鼻水、下痢"; 「なし」 when all that was asked was denied, "" when nothing was asked. */
static const char *
symptoms(struct context *c, const struct record_tab *tab, const struct document *doc)
{
    struct buf out = buf_new(c->arena);
    bool denied = false;

    for (int i = 0; i < PLACE_COUNT; i++) {
        int item = dictionary_places[i].item;
        if ((dictionary_places[i].forms & 1u << tab->form) == 0 || !is_symptom(item) || !document_has(doc, item))
            continue;
        if (text_same(doc->value[item], "yes"))
            buf_printf(&out, "%s%s", out.size == 0 ? "" : "、", dictionary_items[item].label);
        denied = denied || text_same(doc->value[item], "no");
    }
    return out.size > 0 ? buf_text(&out) : denied ? "なし" : "";
}

static const char *
shown(struct context *c, const struct document *doc, int item)
{
    return document_has(doc, item) ? document_shown(c->arena, doc, item) : "";
}

/* What the drawing needs of a row stands in its data-… attributes, as numbers. */
static void
fill_values(struct context *c, struct view *row, const struct record_tab *tab, const struct document *doc)
{
    const char *time = doc->value[ITEM_observation_time];

    view_text(row, "at", text_format(c->arena, "%s%s%s", date_slashed(c->arena, date_from_iso(doc->value[ITEM_observation_on])),
                                     text_empty(time) ? "" : " ", text_empty(time) ? "" : time));
    view_text(row, "data_on", doc->value[ITEM_observation_on]);
    view_text(row, "data_time", text_empty(time) ? "12:00" : time);
    view_text(row, "data_temperature", doc->value[ITEM_observation_temperature]);
    view_text(row, "data_spo2", doc->value[ITEM_observation_spo2]);
    view_text(row, "temperature", shown(c, doc, ITEM_observation_temperature));
    view_text(row, "spo2", shown(c, doc, ITEM_observation_spo2));
    view_text(row, "spo2_why", shown(c, doc, ITEM_observation_spo2_why));
    view_text(row, "symptoms", symptoms(c, tab, doc));
    view_text(row, "words", doc->value[ITEM_observation_words]);
    view_flag(row, "call_back", document_has(doc, ITEM_observation_call_back));
}

/* Beside a value beyond the limit of its day that limit, for those who see no drawing. */
static void
fill_limits(struct context *c, struct view *row, const struct follow_limits *limits, const struct document *doc)
{
    static const struct {
        const char *name;
        int item;
    } marks[] = {{"temperature_beyond", ITEM_observation_temperature}, {"spo2_beyond", ITEM_observation_spo2}};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const struct follow_limit *limit = follow_limits_beyond(limits, doc, marks[i].item);
        const char *words = limit == NULL ? "" : follow_limit_words(c->arena, limit);
        view_text(row, marks[i].name, limit == NULL ? "" : text_format(c->arena, "%s %s", limit->at_least ? "▲" : "▼", words));
    }
}

static void
fill_answer(struct context *c, struct view *person, const struct record *record, const struct record_tab *tab,
            const struct rows *rows, size_t i, bool may_edit)
{
    struct desk desk = patient_desk(c);
    struct view *row = view_row(person, "answers");
    struct tab_entry entry;

    entries_from_row(&desk, record->patient_id, rows, i, &entry);
    struct follow_limits limits = follow_limits_read(c->arena, entry.withdrawn ? "" : rows_text(rows, i, "limits"));
    fill_values(c, row, tab, &entry.doc);
    fill_limits(c, row, &limits, &entry.doc);
    view_text(row, "data_limits", rows_text(rows, i, "limits"));
    view_flag(row, "is_beyond", rows_int(rows, i, "urgency") > 0 && !entry.withdrawn);
    view_text(row, "data_urgency", rows_text(rows, i, "urgency"));
    view_text(row, "reasons", entry.withdrawn ? "" : rows_text(rows, i, "reasons"));
    view_text(row, "source", shown(c, &entry.doc, ITEM_observation_source));
    view_text(row, "entered", entry.entered);
    view_text(row, "entered_by", entry.entered_by);
    view_text(row, "organisation", entry.organisation);
    view_text(row, "entry_version", db_int(c->arena, entry.version));
    view_flag(row, "withdrawn", entry.withdrawn);
    view_flag(row, "may_change", may_edit && !entry.withdrawn);
    view_text(row, "change_path", patient_path(c, record, text_format(c->arena, "tab/observation/%d", entry.no)));
    view_text(row, "withdraw_path",
              patient_path(c, record, text_format(c->arena, "tab/observation/%d/withdraw", entry.no)));
}

/* The limits of the newest answer's day, in words. */
static void
fill_rule(struct context *c, struct view *view, const struct rows *entries)
{
    struct follow_limits limits = {0};

    if (rows_count(entries) > 0)
        limits = follow_limits_read(c->arena, rows_text(entries, 0, "limits"));
    view_text(view, "limits_temperature", follow_limits_words(c->arena, &limits, ITEM_observation_temperature));
    view_text(view, "limits_spo2", follow_limits_words(c->arena, &limits, ITEM_observation_spo2));
    view_flag(view, "has_limits", limits.count > 0);
}

/* ---- a person ------------------------------------------------------------------------------------------------------ */

/* The next of those who are observed or of whom there are answers: the patient is 0, contacts have their numbers. */
static int
next_person(int after, const struct rows *people, const struct rows *entries)
{
    int64_t next = INT32_MAX, person;

    for (size_t i = 0; i < rows_count(people); i++)
        if ((person = rows_int(people, i, "contact_no")) > after && person < next)
            next = person;
    for (size_t i = 0; i < rows_count(entries); i++)
        if ((person = rows_int(entries, i, "person")) > after && person < next)
            next = person;
    return next == INT32_MAX ? NO_PERSON : (int)next;
}

static void
fill_state(struct context *c, struct view *row, const struct rows *people, size_t i)
{
    const char *phone = rows_text(people, i, "phone");

    view_flag(row, "is_observed", true);
    view_text(row, "phone", text_empty(phone) ? "" : jtext_phone_shown(c->arena, phone));
    view_text(row, "phone_digits", phone);
    view_text(row, "channel", dictionary_label(LIST_notice_channel, rows_text(people, i, "channel")));
    view_text(row, "unasked", follow_unasked_words(people, i));
    view_text(row, "from", date_slashed(c->arena, date_from_iso(rows_text(people, i, "begins_on"))));
    view_text(row, "until", date_slashed(c->arena, date_from_iso(rows_text(people, i, "ends_on"))));
    view_flag(row, "is_urgent", rows_int(people, i, "urgency") > 0);
    view_text(row, "urgent_reasons", rows_text(people, i, "reasons"));
    view_flag(row, "is_silent", rows_bool(people, i, "is_silent"));
    view_text(row, "due", rows_text(people, i, "due"));
    view_text(row, "holder", rows_text(people, i, "holder"));
    view_text(row, "claimed", rows_text(people, i, "claimed"));
}

static void
fill_person(struct context *c, struct view *view, int person, const struct rows *people)
{
    const char *name = "";

    view_int(view, "person", person);
    view_flag(view, "is_contact", person != 0);
    for (size_t i = 0; i < rows_count(people); i++)
        if (rows_int(people, i, "contact_no") == person) {
            name = rows_text(people, i, "name");
            fill_state(c, view, people, i);
        }
    view_text(view, "person_label",
              person == 0 ? "ご本人" : text_format(c->arena, "接触者 %d番%s%s", person, text_empty(name) ? "" : "　",
                                                 text_empty(name) ? "" : name));
}

/* The answers of a person, and the way to those that are not shown. */
static void
fill_answers(struct context *c, struct view *row, const struct record *record, const struct window *window, int person,
             const struct rows *entries, bool may_edit)
{
    const struct record_tab *tab = dictionary_record_tab("observation");
    const char *path = patient_path(c, record, text_format(c->arena, "tab/observation?person=%d", person)), *last = "0";
    int shown = 0;

    view_list(row, "answers");
    view_text(row, "older_path", "");
    for (size_t i = 0; i < rows_count(entries); i++) {
        if (rows_int(entries, i, "person") != person)
            continue;
        if (shown++ == window->most) {
            bool alone = window->person != NO_PERSON;
            view_text(row, "older_path", alone ? text_format(c->arena, "%s&behind=%s", path, last) : path);
            break;
        }
        last = rows_text(entries, i, "entry_no");
        fill_answer(c, row, record, tab, entries, i, may_edit);
    }
    view_flag(row, "has_answers", shown > 0);
}

static void
fill_people(struct context *c, struct view *view, const struct record *record, const struct window *window,
            const struct record_more more[MORE], bool may_edit)
{
    const struct rows *people = more[PEOPLE].rows, *entries = more[ENTRIES].rows;
    int person = NO_PERSON;

    view_text(view, "everybody_path",
              window->person == NO_PERSON ? "" : patient_path(c, record, "tab/observation"));
    view_list(view, "people");
    for (int n = 0; n < MOST_PEOPLE && (person = next_person(person, people, entries)) != NO_PERSON; n++) {
        if (window->person != NO_PERSON && window->person != person)
            continue;
        struct view *row = view_row(view, "people");
        fill_person(c, row, person, people);
        fill_answers(c, row, record, window, person, entries, may_edit);
    }
}

/* ---- the period, and what was done --------------------------------------------------------------------------------- */

/* The end with its reason: the rule, or who has entered it. */
static void
fill_period(struct context *c, struct view *view, const struct record_more more[MORE])
{
    const struct rows *period = more[PERIOD].rows, *entries = more[PERIOD_ENTRIES].rows;

    view_flag(view, "has_period", rows_count(period) > 0);
    if (rows_count(period) == 0)
        return;
    view_text(view, "period_from", date_slashed(c->arena, date_from_iso(rows_text(period, 0, "begins_on"))));
    view_text(view, "period_to", date_slashed(c->arena, date_from_iso(rows_text(period, 0, "ends_on"))));
    view_text(view, "period_reason", rows_text(period, 0, "reason"));
    bool entered = text_same(rows_text(period, 0, "because"), "entered");
    view_text(view, "period_rule", entered ? "" : rows_text(period, 0, "notice"));
    view_text(view, "period_by", "");
    for (size_t i = 0; i < rows_count(entries) && entered; i++)
        if (!rows_bool(entries, i, "withdrawn")) {
            const char *holder = rows_text(entries, i, "entered_by_name");
            view_format(view, "period_by", "%s %s %s", rows_text(entries, i, "organisation"), holder == NULL ? "" : holder,
                        rows_text(entries, i, "entered"));
            break;
        }
}

static void
fill_actions(struct context *c, struct view *view, const struct record *record, const struct rows *rows)
{
    static const char *const kinds[][2] = {{"claimed", "引き受け"}, {"released", "引き受けを戻し"}, {"settled", "済み"}};

    view_list(view, "actions");
    view_text(view, "older_actions_path",
              rows_count(rows) <= MOST_ACTIONS
                  ? ""
                  : patient_path(c, record, text_format(c->arena, "tab/observation?action=%s",
                                                        rows_text(rows, MOST_ACTIONS - 1, "action_no"))));
    for (size_t i = 0; i < rows_count(rows) && i < MOST_ACTIONS; i++) {
        struct view *row = view_row(view, "actions");
        int64_t contact = rows_int(rows, i, "contact_no");
        view_text(row, "action_at", rows_text(rows, i, "at"));
        view_text(row, "action_who", contact == 0 ? "ご本人" : text_format(c->arena, "接触者 %lld番", (long long)contact));
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (text_same(kinds[k][0], rows_text(rows, i, "kind")))
                view_text(row, "action_kind", kinds[k][1]);
        view_text(row, "action_note", rows_text(rows, i, "note"));
        view_text(row, "action_by", rows_text(rows, i, "holder"));
        view_text(row, "action_office", rows_text(rows, i, "organisation"));
    }
}

void
patient_follow_show(struct context *c)
{
    struct record_more more[MORE];
    struct record record;
    struct window window = window_of(c);

    ask(c, &window, more);
    if (!patient_open_with(c, CLASS_observation, "observation_view", &record, more, MORE))
        return;
    bool may_edit = rights_may_edit(record.rights, CLASS_observation) && !record.sealed;
    struct view *view = patient_view(c, &record, "tab/observation");
    view_text(view, "title", "患者の記録：健康観察");
    view_flag(view, "may_add", may_edit);
    view_text(view, "new_path", patient_path(c, &record, "tab/observation/new"));
    view_text(view, "period_path", patient_path(c, &record, "tab/period"));
    fill_period(c, view, more);
    fill_rule(c, view, more[ENTRIES].rows);
    fill_people(c, view, &record, &window, more, may_edit);
    fill_actions(c, view, &record, more[ACTIONS].rows);
    page_send(c, TEMPLATE_patient_follow, view);
}
