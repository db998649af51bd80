/*
 * message.h - the kinds of mails and SMS: their words, and how each is sent. The words name nobody: no name, no illness, no
 * result (security.md 5.12). `hersys migrate` puts the attributes into app.message_kind, where the sending looks.
 */
#ifndef HERSYS_CORE_MESSAGE_H
#define HERSYS_CORE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct message_kind {
    const char *template; /* as app.outbox holds it; to patients with the language behind it (dictionary/words.h): follow_ask_vi */
    const char *subject;  /* "" for an SMS */
    const char *body;
    const char *label;    /* for people */
    bool urgent;          /* somebody waits for it now: limits and quiet hours are not for it */
    bool waits_at_night;  /* to patients: not in the quiet hours of its channel */
    int valid_minutes;    /* later it is not sent any more: the code in it is over, or the day that it asks about; 0: never too late */
    bool expires_quietly; /* too late, it is not among 送れなかった連絡: who signs in asks for another code */
};

extern const struct message_kind message_kinds[];
extern const size_t message_kind_count;

/* Whether it holds a code or a link: that is issued anew, and never sent a second time by a person. */
bool message_holds_code(const struct message_kind *kind);

/* What a person calls this kind; "連絡" for one that is gone. */
const char *message_label(const char *template);

/* What stands for a value in the words; NULL where there is none. */
struct message_values {
    const char *address; /* $URL */
    const char *phone_id; /* $ID */
    const char *code;    /* $CODE */
    const char *numbers; /* a JSON object: $NUMBERS, figures by kind of todo.h; $PHONE, "phone", whom to ring */
};

/* The text with the values in their places; any other $ stands for itself. */
const char *message_filled(struct arena *arena, const char *text, const struct message_values *values);

/*
 * The words. `template` is the outbox row's, with the language behind it where a kind has several; phone_id, code and numbers (as above) are
 * NULL where it has none. An unknown template is a bug.
 */
void message_compose(struct arena *arena, const char *address, const char *template,
                     const char *phone_id, const char *code, const char *numbers,
                     const char **subject, const char **body);

#endif
