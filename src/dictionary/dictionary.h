/*
 * dictionary.h - what the records in dictionary/ become: const tables that every other part walks.
 *
 * The grammar and the meaning of each key are in dictionary/README.md. The tables are made by
 * tools/compile_dictionary.c; the enums of items, lists, sections and forms come with them (dictionary_table.h).
 */
#ifndef HERSYS_DICTIONARY_DICTIONARY_H
#define HERSYS_DICTIONARY_DICTIONARY_H

#include <stdbool.h>
#include <stdint.h>

/* How a value is typed, checked and stored. */
enum item_type {
    TYPE_text,
    TYPE_long_text,
    TYPE_kana,
    TYPE_date,
    TYPE_int,
    TYPE_decimal, /* one digit behind the point, as thermometers show: "36.8" */
    TYPE_choice,
    TYPE_choices,
    TYPE_phone,
    TYPE_postal,
    TYPE_address,
    TYPE_passport,
    TYPE_derived
};

enum item_table { TABLE_patient, TABLE_notification, TABLE_test_record, TABLE_entry };

/* The parts of a patient's record that a person opens one by one. Names of wall two: table tab_right. */
enum tab {
    TAB_basic,        /* 基本情報 */
    TAB_notification, /* 発生届 */
    TAB_record,       /* 記録: 現在のステータス */
    TAB_assignment,   /* 担当・関係保健所 */
    TAB_confirmation, /* 保健所確認済 */
    TAB_deletion,     /* 削除 */
    TAB_restoration,  /* 削除の取消し */
    TAB_history,      /* 変更履歴 */
    TAB_viewers,      /* 閲覧記録 */
    /* those made of entries: dictionary/tabs.rec */
    TAB_profile,
    TAB_laboratory,
    TAB_residence,
    TAB_care,
    TAB_grade,
    TAB_activity,
    TAB_contact,
    TAB_link,
    TAB_release,
    TAB_local,        /* 独自項目: what head offices have added (core/local_items.h) */
    TAB_local_shared, /* the same, for clinics too */
    TAB_observation, /* 健康観察 */
    TAB_opinion,     /* 医師所見 */
    TAB_period,      /* 観察期間 */
    TAB_notice,      /* 通知設定 */
    TAB_survey,      /* 健康調査 */
    TAB_papers, /* 文書: dictionary/papers.rec */
    TAB_COUNT
};

/* What rights are given for; see dictionary/rights.rec. */
enum item_class {
    CLASS_identity,
    CLASS_contact,
    CLASS_clinical,
    CLASS_route,
    CLASS_travel,
    CLASS_status,
    CLASS_confirmation,
    CLASS_deletion,
    CLASS_restoration,
    CLASS_assignment,
    CLASS_history,
    CLASS_viewers,
    CLASS_profile,
    CLASS_laboratory,
    CLASS_residence,
    CLASS_care,
    CLASS_grade,
    CLASS_activity,
    CLASS_contacts,
    CLASS_link,
    CLASS_release,
    CLASS_local,
    CLASS_local_shared,
    CLASS_observation,
    CLASS_opinion,
    CLASS_period,
    CLASS_notice,
    CLASS_papers,
    CLASS_COUNT
};

enum organisation_kind {
    KIND_ministry,
    KIND_prefecture,
    KIND_city,
    KIND_centre,
    KIND_clinic,
    KIND_followup,
    KIND_accommodation,
    KIND_COUNT
};

/* What an organisation has to do with a patient. access.relations holds 1 << relation: never renumber. */
enum relation {
    RELATION_reporter,      /* 届出医療機関 */
    RELATION_responsible,   /* 担当保健所 */
    RELATION_related,       /* 関係保健所 */
    RELATION_head_office,   /* 本庁 above one of these centres */
    RELATION_prefecture,    /* 都道府県 above them */
    RELATION_nation,        /* 国 */
    RELATION_admitting,     /* 入院医療機関 */
    RELATION_followup,      /* 健康フォローアップ機関 */
    RELATION_accommodation, /* 宿泊療養施設 */
    RELATION_emergency,     /* 緊急閲覧, opened by an office for itself */
    RELATION_COUNT
};

struct item {
    const char *name;   /* also the name of the form field */
    const char *column; /* in its table */
    const char *label;
    enum item_type type;
    enum item_table table;
    enum tab tab;
    enum item_class class;
    int list;         /* of choices; -1 */
    int repeat;       /* 1.. for an item that stands several times; 0 otherwise */
    int min, max;     /* of an int or a decimal; max: characters of a text */
    int municipality; /* TYPE_address: the item that gets its municipality; -1 */
    const char *unit, *hint;
};

struct choice {
    const char *code, *label;
    unsigned forms; /* bit for each form version that offers it */
    bool none;      /* choosing it empties the other choices */
};

struct choice_list {
    const char *name;
    int count;
    const struct choice *choices;
};

struct form_version {
    const char *version;     /* "2021-02" */
    const char *from;        /* ISO date */
    const char *title;       /* of the paper */
    const char *short_title; /* on the screen */
    const char *notice;      /* what introduced it */
};

struct section {
    const char *name, *label, *lead;
};

/* A term of a condition; a condition holds when all its terms do. */
enum term_op {
    TERM_END,
    TERM_EQUALS, /* one of the values */
    TERM_DIFFERS,
    TERM_HAS, /* a choice among several */
    TERM_GIVEN,
    TERM_AGE_BELOW,       /* years at the diagnosis; unknown age: false */
    TERM_ENTRY_DAYS_BELOW /* diagnosis - entry, both known, not negative */
};

struct term {
    enum term_op op;
    int item;
    const char *values; /* blank-separated */
    int number;
};

struct place {
    int item;
    int section;
    unsigned forms;
    const char *number; /* on the paper: "18-1"; "" when it has none */
    bool must;
    bool short_form;
    const struct term *when; /* ends with TERM_END */
};

enum check_op { CHECK_NOT_AFTER, CHECK_NOT_BEFORE, CHECK_SAME, CHECK_AT_MOST, CHECK_DIGITS, CHECK_READ };

enum { OPERAND_TODAY = -2, OPERAND_AGE = -3, OPERAND_NONE = -1 };

struct check {
    const char *name;
    int left, right; /* items, or OPERAND_* */
    enum check_op op;
    const char *value; /* for CHECK_AT_MOST, CHECK_DIGITS */
    bool error;        /* otherwise a warning */
    const char *message;
};

/* A tab of the record that is made of entries. Its form is asked for like a version of the notification. */
struct record_tab {
    enum tab tab;
    enum item_class class;
    int form; /* for struct form_view, struct place */
    const char *label, *lead;
    bool many;        /* otherwise one entry, which is changed */
    bool added;       /* its items are those that head offices have added (core/local_items.h) */
    int since, until; /* the items that date an entry; -1 */
};

struct right {
    enum organisation_kind kind;
    enum relation relation;
    unsigned view, edit; /* bit for each class */
    const char *because;
};

/* ---- the printed form (paper.rec) ---- */

/* What is on the paper and is no item. */
enum paper_fact {
    PAPER_FACT_reported,    /* 報告年月日 */
    PAPER_FACT_other_tests, /* tests that have no row of their own */
    PAPER_FACT_number,      /* 受付番号 */
    PAPER_FACT_printed,     /* when and by whom it was printed */
    PAPER_FACT_withheld,    /* that items are empty because the reader may not see them */
    PAPER_FACT_COUNT
};

enum paper_part_kind {
    PAPER_end,
    PAPER_text,        /* words of the form */
    PAPER_value,       /* of the item, or the blank that is filled in by hand */
    PAPER_value_where, /* only where `other` has the code in `text` */
    PAPER_ring,        /* the choice with the code in `text`, ringed when chosen */
    PAPER_only,        /* that choice, only when chosen: the form does not offer it */
    PAPER_list,        /* all choices that the version offers, separated by `text` */
    PAPER_number,      /* the item's number on the paper */
    PAPER_fact         /* `item` is an enum paper_fact */
};

struct paper_part {
    enum paper_part_kind kind;
    int item, other;
    const char *text;
};

enum paper_line { PAPER_LINE_around, PAPER_LINE_below, PAPER_LINE_none };
enum paper_across { PAPER_left, PAPER_centre, PAPER_right };
enum paper_down { PAPER_top, PAPER_middle };

struct paper_box {
    unsigned forms;             /* bit for each version that has it */
    double x, y, width, height; /* mm */
    double size;                /* of the form's words, points */
    enum paper_line line;
    enum paper_across across;
    enum paper_down down;
    bool bold;
    const char *method; /* a row for the test by this method: test1_… stands for that test; "" otherwise */
    const struct paper_part *parts; /* ends with PAPER_end */
};

/* ---- the documents (papers.rec) ---- */

/* Where the value of a place comes from. */
enum papers_source {
    PAPERS_item,      /* the record: the person, the newest notification, or the latest entry of a tab */
    PAPERS_typed,     /* the person who issues it */
    PAPERS_addressee, /* who receives it */
    PAPERS_name,
    PAPERS_hersys_id,
    PAPERS_illness,
    PAPERS_responsible, /* 担当保健所 */
    PAPERS_office,      /* who issues it */
    PAPERS_office_address,
    PAPERS_office_phone,
    PAPERS_issued_on,
    PAPERS_observed_until /* of a contact: as entered, or by rule (core/contacts.h) */
};

/* Whether a value may be typed where the record has none. */
enum papers_typing { PAPERS_TYPED_never, PAPERS_TYPED_date, PAPERS_TYPED_text };

/* To whom a document goes. What is of the patient has no place in what a contact reads. */
enum { PAPERS_PATIENT = 1, PAPERS_CONTACT = 2 };

struct papers_place {
    const char *key;  /* a-z: its form field is v_key */
    const char *name; /* in a text: {{name}} */
    const char *meaning, *example;
    enum papers_source source;
    int item;      /* PAPERS_item; otherwise -1 */
    unsigned whom; /* PAPERS_PATIENT, PAPERS_CONTACT, or both */
    enum papers_typing typed;
};

struct papers_kind {
    const char *name, *label;
    const char *file; /* the PDF's name: it says what it is, not whose */
    const char *title, *body; /* as long as no head office has written its own */
    unsigned whom;
    bool addressed; /* has the addressee's name at its head */
    bool accepted;  /* only for cases that the centre has confirmed, not suspected and not みなし陽性 */
};

#include "dictionary_table.h"

/* The item with this name, or -1. */
int dictionary_item(const char *name);

/* The choice of `list` with this code, or NULL. */
const struct choice *dictionary_choice(int list, const char *code);

/* The label of a code, "" for an empty one; an unknown code is shown as it is. */
const char *dictionary_label(int list, const char *code);

/* The tab of entries with this name, or NULL. */
const struct record_tab *dictionary_record_tab(const char *name);

/* The form version with this name, or -1. */
int dictionary_form(const char *version);

/* Names of the enums above, as the database and the reports spell them. */
const char *dictionary_tab_name(enum tab tab);
const char *dictionary_class_name(enum item_class class);
const char *dictionary_kind_name(enum organisation_kind kind);
const char *dictionary_kind_label(enum organisation_kind kind);
const char *dictionary_relation_name(enum relation relation);
const char *dictionary_relation_label(enum relation relation);

/* The kind that the database spells `name`; -1 when there is none. */
int dictionary_kind(const char *name);

#endif
