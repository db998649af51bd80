/*
 * twiml.h - reads what a call is to do: the part of TwiML, the language of telephone services, that our calls use.
 *
 * <Response> holds Say, Play, Pause, Gather (with Say, Play and Pause inside), Redirect and Hangup. Anything else refuses the document: a
 * gateway that half understands what it is to say must say nothing.
 */
#ifndef HERSYS_VOICE_TWIML_H
#define HERSYS_VOICE_TWIML_H

#include <stddef.h>

#include "base/arena.h"

enum {
    TWIML_SIZE_MOST = 64 * 1024, /* bytes of a document */
    TWIML_VERBS_MOST = 64,
    TWIML_TEXT_MOST = 4000,      /* bytes of a sentence or an address: fits into a pipe at once */
    TWIML_SECONDS_MOST = 60,     /* of a Pause, and of the wait for a key */
    TWIML_KEYS_MOST = 20         /* that one Gather collects */
};

enum twiml_kind { TWIML_SAY, TWIML_PLAY, TWIML_PAUSE, TWIML_GATHER, TWIML_REDIRECT, TWIML_HANGUP };

struct twiml_verb {
    enum twiml_kind kind;
    const char *text; /* Say: the words; Play, Redirect: an address; Gather: its action; never NULL */
    int seconds;      /* Pause: how long; Gather: how long for a key after the last word, or the last key */
    int keys;         /* Gather: as many end it */
    char end_key;     /* Gather: ends it and is none of them; '\0': no key does */
    size_t inside;    /* Gather: as many verbs behind it are inside it */
};

struct twiml {
    size_t count;
    struct twiml_verb verbs[TWIML_VERBS_MOST];
};

/* The document in the order in which it is carried out, in `arena`; NULL when it is none, or too much. Entities of its own are refused. */
const struct twiml *twiml_read(struct arena *arena, const void *data, size_t size);

#endif
