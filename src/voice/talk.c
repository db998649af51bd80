/* talk.c - carries a TwiML document out, verb by verb; the application's answer to what was pressed is the next one. See call.h. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "voice/application.h"
#include "voice/wav.h"

enum { HTTP_GOOD = 200 };

const char talk_apology[] = "申し訳ございません。ただいま電話をお受けできません。時間をおいて、おかけ直しください。";

/* What is said when the application can not be asked. */
static const struct twiml apology = {2, {{.kind = TWIML_SAY, .text = talk_apology}, {.kind = TWIML_HANGUP, .text = ""}}};

static void step(struct call *call);

static void
hang_up(struct call *call)
{
    call_end(call, "completed", 0);
}

/* Something that the call needs did not come: the person is told, if the voice works; there is nothing else to go on with. */
static void
excuse(struct call *call, const char *reason)
{
    log_error("talk_broken", "call", call->sid, "reason", reason, NULL);
    if (call->talk.document == &apology) {
        hang_up(call);
        return;
    }
    talk_stop(call);
    call->talk.document = &apology;
    step(call);
}

/* ---- the application answers ------------------------------------------------------------------------------------------------ */

static bool
is_good(int fault, const struct http_msg *answer)
{
    return fault == 0 && answer != NULL && answer->scode == HTTP_GOOD && answer->mb != NULL;
}

static void
answered(int fault, const struct http_msg *answer, void *user)
{
    struct call *call = user;
    struct arena *arena = arena_new();
    const struct twiml *document = is_good(fault, answer) ? twiml_read(arena, mbuf_buf(answer->mb), mbuf_get_left(answer->mb)) : NULL;

    if (document == NULL) {
        arena_free(arena);
        excuse(call, is_good(fault, answer) ? "the answer is no TwiML that we know" : "the application does not answer");
        return;
    }
    talk_stop(call);
    call->talk.arena = arena;
    call->talk.document = document;
    step(call);
}

/* Asks what comes next; `keys` NULL: nothing was pressed. */
static void
ask(struct call *call, const char *address, const char *keys)
{
    struct arena *arena = arena_new();
    const char *url = application_url(arena, call->voice, address);

    if (url == NULL || application_ask(call, url, keys, answered) != 0)
        excuse(call, url == NULL ? "an address that is not the application's" : "the application can not be reached");
    arena_free(arena);
}

/* ---- the verbs: each true when it is not done yet ----------------------------------------------------------------------------- */

static void
said(const int16_t *samples, size_t count, void *user)
{
    struct call *call = user;

    if (samples == NULL) {
        excuse(call, "no voice");
        return;
    }
    if (call->talk.arena == NULL)
        call->talk.arena = arena_new();
    int16_t *own = ARENA_ARRAY(call->talk.arena, count, int16_t);
    memcpy(own, samples, count * sizeof *own);
    media_play(&call->media, own, count);
}

static bool
say(struct call *call, const struct twiml_verb *verb)
{
    speech_say(call->voice->speech, verb->text, &call->talk.speech, said, call);
    return true;
}

static void
fetched(int fault, const struct http_msg *answer, void *user)
{
    struct call *call = user;
    size_t count = 0;
    const int16_t *samples =
        is_good(fault, answer) ? wav_read(call->talk.arena, mbuf_buf(answer->mb), mbuf_get_left(answer->mb), &count) : NULL;

    if (samples == NULL)
        excuse(call, "no sound that we know");
    else
        media_play(&call->media, samples, count);
}

static bool
play(struct call *call, const struct twiml_verb *verb)
{
    const char *url = application_url(call->talk.arena, call->voice, verb->text);

    if (url == NULL || application_fetch(call, url, fetched) != 0)
        excuse(call, "a sound can not be reached");
    return true;
}

static void
waited(void *user)
{
    struct call *call = user;
    struct talk *talk = &call->talk;
    const struct twiml_verb *gather = talk->gather;

    /* A Gather without a key goes on with what stands behind it. */
    talk->gather = NULL;
    if (gather != NULL && talk->keys[0] != '\0')
        ask(call, gather->text, talk->keys);
    else
        step(call);
}

static bool
pause_for(struct call *call, const struct twiml_verb *verb)
{
    tmr_start(&call->talk.wait, (uint64_t)verb->seconds * 1000, waited, call);
    return true;
}

static bool
gather(struct call *call, const struct twiml_verb *verb)
{
    struct talk *talk = &call->talk;

    talk->gather = verb;
    talk->gather_end = talk->at + verb->inside;
    memset(talk->keys, 0, sizeof talk->keys);
    talk->done = false;
    return false;
}

static bool
redirect(struct call *call, const struct twiml_verb *verb)
{
    ask(call, verb->text, NULL);
    return true;
}

static bool
end(struct call *call, const struct twiml_verb *verb)
{
    (void)verb;
    hang_up(call);
    return true;
}

static bool (*const verbs[])(struct call *call, const struct twiml_verb *verb) = {
    [TWIML_SAY] = say,       [TWIML_PLAY] = play,         [TWIML_PAUSE] = pause_for,
    [TWIML_GATHER] = gather, [TWIML_REDIRECT] = redirect, [TWIML_HANGUP] = end,
};

/* Goes on until something takes its time. */
static void
step(struct call *call)
{
    struct talk *talk = &call->talk;

    for (;;) {
        if (talk->gather != NULL && talk->at == talk->gather_end) {
            tmr_start(&talk->wait, (uint64_t)talk->gather->seconds * 1000, waited, call);
            return;
        }
        if (talk->at == talk->document->count) {
            hang_up(call);
            return;
        }
        const struct twiml_verb *verb = &talk->document->verbs[talk->at++];
        if (verbs[verb->kind](call, verb))
            return;
    }
}

/* ---- from outside ------------------------------------------------------------------------------------------------------------- */

void
talk_begin(struct call *call)
{
    ask(call, call->answer_url, NULL);
}

void
talk_played(void *user)
{
    step(user);
}

/* The first key ends the sentence; outside of a Gather keys mean nothing. */
void
talk_key(char key, void *user)
{
    struct call *call = user;
    struct talk *talk = &call->talk;
    size_t count = strlen(talk->keys);

    if (talk->gather == NULL || talk->done)
        return;
    media_hush(&call->media);
    speech_forget(&talk->speech);
    talk->request = mem_deref(talk->request);
    talk->at = talk->gather_end;
    bool last = key == talk->gather->end_key;
    if (!last && count < TWIML_KEYS_MOST)
        talk->keys[count++] = key;
    talk->done = last || count >= (size_t)talk->gather->keys;
    tmr_start(&talk->wait, talk->done ? 0 : (uint64_t)talk->gather->seconds * 1000, waited, call);
}

void
talk_stop(struct call *call)
{
    struct talk *talk = &call->talk;

    media_hush(&call->media);
    speech_forget(&talk->speech);
    tmr_cancel(&talk->wait);
    talk->request = mem_deref(talk->request);
    arena_free(talk->arena);
    *talk = (struct talk){0};
}
