/*
 * call.h - the gateway and its calls; what the files of this directory share.
 *
 * One thread, one event loop (libre's), many calls. A call is in memory alone: when the gateway ends, its calls end, and the application,
 * which hears so or hears nothing, orders them again.
 *
 *     orders.c --call_order--> call.c --line_dial--> line.c (SIP) <--> media.c (RTP)
 *     line.c --call_rings----> call.c --talk_begin-> talk.c (TwiML) --> application.c (HTTP), speech.c
 */
#ifndef HERSYS_VOICE_CALL_H
#define HERSYS_VOICE_CALL_H

#include <re.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "voice/media.h"
#include "voice/settings.h"
#include "voice/speech.h"
#include "voice/twiml.h"

enum { CALL_SID_SIZE = 2 + 32 + 1, CALL_NUMBER_MOST = 16, CALL_URL_MOST = 1000 };

struct voice {
    struct arena *arena;
    struct voice_settings settings;
    struct sa address; /* of SIP and RTP */
    struct dnsc *dns;
    struct sip *sip;
    struct sipsess_sock *sessions;
    struct sipreg *registration;
    struct http_cli *client;
    struct http_sock *orders;
    struct speech *speech;
    struct list calls;
    unsigned count; /* of calls that have not ended */
    bool closing;
};

enum call_state { CALL_ORDERED, CALL_RINGING, CALL_TALKING, CALL_ENDED };

/* What is being carried out; see talk.c. */
struct talk {
    struct arena *arena; /* of the document and the sound that came with it */
    const struct twiml *document;
    size_t at;                       /* the verb that comes next */
    const struct twiml_verb *gather; /* that keys are being collected for; NULL: for none */
    size_t gather_end;               /* the verb behind it */
    char keys[TWIML_KEYS_MOST + 1];
    bool done;                       /* no more keys: it goes on at once */
    struct tmr wait;
    struct speech_wait speech;
    struct http_req *request;
};

struct call {
    struct le le;
    struct voice *voice;
    struct arena *arena; /* of this structure and its texts */
    char sid[CALL_SID_SIZE];
    bool outgoing;
    const char *to, *from;
    const char *answer_url, *ended_url; /* ended_url "": nobody wants to hear */
    enum call_state state;
    const char *status;      /* how it ended, in the words of telephone services */
    int sip_code;
    uint64_t answered_at;    /* jiffies */
    unsigned seconds, tries; /* that it lasted; that the application was told of the end */
    struct tmr limit, after; /* of ringing, then of talking; after the end */
    struct sipsess *session;
    struct media media;
    struct talk talk;
    struct http_req *told;
};

/* What the application orders: numbers are + and digits, addresses its own (application_owns). */
struct call_order {
    const char *to, *from, *answer_url, *ended_url;
    int ring_seconds;
};

/* Dials. NULL when there are as many calls as there may be, or the line is down. */
struct call *call_order(struct voice *voice, const struct call_order *order);

/* Somebody rings: `from` is their number, "" when withheld. NULL when nobody can take it. */
struct call *call_rings(struct voice *voice, const char *from);

/* How it went: of the line. */
void call_ringing(struct call *call);
void call_answered(struct call *call);

/* Ends it from whichever side, in the status that telephone services know: completed, busy, no-answer, failed, canceled. Once; again does nothing. */
void call_end(struct call *call, const char *status, int sip_code);

/* Ends all that still are; the application is told. */
void call_end_all(struct voice *voice);

/* Frees all, told or not. */
void call_drop_all(struct voice *voice);

/* The talk of a call that was answered: from its answer_url on; keys; its end. */
void talk_begin(struct call *call);
void talk_key(char key, void *call);
void talk_played(void *call);
void talk_stop(struct call *call);

/* What is said when the application can not be asked; also what the gateway tries its voice with when it starts. */
extern const char talk_apology[];

#endif
