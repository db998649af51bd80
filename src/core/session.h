/*
 * session.h - who is signed in: read once for each request, in one round trip.
 *
 * A session is a random 256-bit token in a cookie; the database keeps its SHA-256 alone. Sessions are made by the
 * sign-in pool (core/sign_in.h); the other pools can only enter them.
 */
#ifndef HERSYS_CORE_SESSION_H
#define HERSYS_CORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "dictionary/dictionary.h"

#define SESSION_COOKIE "sid"

struct session {
    const char *token; /* as the browser holds it; NULL: not signed in */
    int64_t account_id, organisation_id;
    const char *login, *holder;
    bool doctor;   /* role 医師; otherwise 職員 */
    bool issuer;   /* 利用者認証実施者 of its organisation */
    bool personal; /* an account of a person, not of a section */
    enum organisation_kind kind;
    const char *organisation_name;
    const char *prefecture_code, *municipality_code; /* "" when the organisation has none */
    int idle_minutes, idle_seconds; /* allowed, and left */
    bool terms_current;
    const char *csrf; /* what every form of this session posts back */
};

/* Fills *session; session->token stays NULL when there is no live session behind `token` (NULL allowed). */
enum db_status session_enter(struct db *db, struct arena *arena, const char *token,
                             struct session *session);

#endif
