/*
 * my.h - My HER-SYS: people who are observed answer for themselves. A session is a telephone on which somebody has opened the link of
 * an SMS and given the birth date that belongs to it; it may hold several people (家族をまとめる). The database keeps the hash of its
 * token alone, and gives the public role nothing but what sql/0021-my.sql says.
 */
#ifndef HERSYS_CORE_MY_H
#define HERSYS_CORE_MY_H

#include "base/crypt.h"
#include "base/date.h"
#include "db/db.h"
#include "dictionary/document.h"

#define MY_COOKIE "my"

/* Somebody for whom the session answers. Of who is not observed any more (not open) only the number is known. */
struct my_person {
    int no;
    const char *mark;      /* the same in every session, opaque; NULL unless here */
    bool here;             /* is asked for answers */
    bool open;             /* may open what there is: until some days after the observation */
    bool is_patient;       /* and no contact */
    const char *name;      /* NULL when it is not known */
    const char *language;  /* code; as the office set it */
    const char *centre, *phone;
    const char *questions; /* names of items, by the rule of the head office */
    bool own_history;      /* may see earlier answers */
    bool may_survey, surveyed;
    const char *next_due;  /* 2022/9/3 8:30; NULL when nothing is awaited any more */
    const char *received;  /* 8:05: today's newest answer; NULL */
    const char *newest;    /* 0:01: when the newest answer for whatever day came, today or within the hour; NULL */
    const char *newest_of; /* 2022/9/2 23:58: for when it was given; NULL for today */
    int urgency;           /* of the newest: 0 to 3 */
};

struct my_session {
    const char *token; /* as the browser holds it; NULL: none */
    const char *csrf;
    bool has_account; /* was opened by mail and password, or may be from now on (my_account.h) */
    size_t count;
    struct my_person *people;
};

/* What came of an attempt. */
enum my_result {
    MY_open,     /* signed in */
    MY_wrong,    /* no such link, or not this birth date */
    MY_locked,   /* too many of those */
    MY_stored,
    MY_repeated, /* stored before */
    MY_over,     /* nobody awaits it any more */
    MY_many,     /* too many today */
    MY_none,     /* no such session or person */
    MY_failed    /* the database did: whether it was stored is not known */
};

/* Fills *session from its token (NULL allowed). */
enum db_status my_enter(struct db *db, struct arena *arena, const char *token, struct my_session *session);

/* The person with this number, or NULL. */
const struct my_person *my_find(const struct my_session *session, int no);

/*
 * The person whom a form means by its mark (any text), or NULL. Numbers are given anew in each session, in the order in which people were
 * added; a form may have waited on the telephone since an earlier one.
 */
const struct my_person *my_marked(const struct my_session *session, const char *mark);

/*
 * Opens a link (the secret part of its address) within `session`, to which a token is given when it has none. *no becomes the person's
 * number. `joins`: they are added to the family, and to the account of the session if it has one. MY_open, MY_wrong, MY_locked or MY_failed; the first five wrong ones of a link are free, then it is locked for a minute, two,
 * four ... up to a day.
 */
enum my_result my_sign_in(struct db *db, struct arena *arena, struct my_session *session, const char *link,
                          date_day birth, bool joins, int *no);

/* A session with a fresh token and nobody in it, for a caller that is about to open it. */
struct my_session my_session_new(struct arena *arena);

/* Keeps the language (its code) that the person has chosen, so that messages come in it too. */
enum db_status my_speak(struct db *db, struct arena *arena, const struct my_session *session, int no, const char *language);

enum db_status my_leave(struct db *db, struct arena *arena, const struct my_session *session);

/*
 * Stores an answer under the page's own key (UUID): sent twice, it is stored once. `at`: when it was given, ISO with a time zone, or
 * NULL for now; what lies in the future counts as now, what is more than three days old is MY_over.
 */
enum my_result my_store(struct db *db, struct arena *arena, const struct my_session *session, int no, const char *key,
                        const char *at, const struct document *answer);

/* Stores the answers to the one-time survey (健康調査). */
enum my_result my_survey(struct db *db, struct arena *arena, const struct my_session *session, int no,
                         const struct document *answer);

/* What was answered before, the newest first: columns entered and items; no row unless the rule allows it. NULL when the database
 * failed, with *status. */
const struct rows *my_history(struct db *db, struct arena *arena, const struct my_session *session, int no,
                              enum db_status *status);

#endif
