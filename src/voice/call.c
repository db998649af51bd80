/* call.c - the life of a call, from the order or the ring to the moment when the application knows that it is over. See call.h. */
#include "voice/call.h"

#include <string.h>

#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"
#include "voice/application.h"
#include "voice/line.h"

enum { TELL_TRIES = 4, TELL_AGAIN_SECONDS = 3, FIRST_BAD_STATUS = 300 };

/* ---- beginning -------------------------------------------------------------------------------------------------------------- */

static struct call *
call_new(struct voice *voice, const struct call_order *order)
{
    unsigned char number[16];

    if (voice->closing || voice->count >= (unsigned)voice->settings.calls_most)
        return NULL;
    struct arena *arena = arena_new();
    struct call *call = ARENA_NEW(arena, struct call);
    call->arena = arena;
    call->voice = voice;
    crypt_random(number, sizeof number);
    re_snprintf(call->sid, sizeof call->sid, "CA%s", crypt_hex(arena, number, sizeof number));
    call->to = text_copy(arena, order->to);
    call->from = text_copy(arena, order->from);
    call->answer_url = text_copy(arena, order->answer_url);
    call->ended_url = text_copy(arena, order->ended_url);
    if (media_open(&call->media, &voice->address, (uint16_t)voice->settings.media_first, (uint16_t)voice->settings.media_last, talk_key,
                   talk_played, call) != 0) {
        log_error("no_media_port", NULL);
        arena_free(arena);
        return NULL;
    }
    list_append(&voice->calls, &call->le, call);
    voice->count++;
    return call;
}

static void
call_free(struct call *call)
{
    tmr_cancel(&call->after);
    mem_deref(call->told);
    list_unlink(&call->le);
    arena_free(call->arena);
}

/* Nobody picked up. A carrier that never said that it rings does not work. */
static void
rang_in_vain(void *user)
{
    struct call *call = user;

    call_end(call, call->state == CALL_RINGING ? "no-answer" : "failed", 0);
}

struct call *
call_order(struct voice *voice, const struct call_order *order)
{
    struct call *call = call_new(voice, order);

    if (call == NULL)
        return NULL;
    call->outgoing = true;
    tmr_start(&call->limit, (uint64_t)order->ring_seconds * 1000, rang_in_vain, call);
    log_info("call_ordered", "call", call->sid, NULL);
    int fault = line_dial(call);
    if (fault != 0) {
        log_error("call_not_dialled", "call", call->sid, "reason", strerror(fault), NULL);
        call->ended_url = "";
        call_end(call, "failed", 0);
        return NULL;
    }
    return call;
}

struct call *
call_rings(struct voice *voice, const char *from)
{
    const struct call_order order = {.to = "", .from = from, .answer_url = voice->settings.incoming, .ended_url = ""};
    struct call *call = call_new(voice, &order);

    if (call != NULL)
        log_info("call_came_in", "call", call->sid, NULL);
    return call;
}

/* ---- how it goes -------------------------------------------------------------------------------------------------------------- */

void
call_ringing(struct call *call)
{
    if (call->state == CALL_ORDERED)
        call->state = CALL_RINGING;
}

static void
talked_too_long(void *user)
{
    struct call *call = user;

    log_error("call_too_long", "call", call->sid, NULL);
    call_end(call, "completed", 0);
}

void
call_answered(struct call *call)
{
    if (call->state >= CALL_TALKING)
        return;
    if (!media_start(&call->media)) {
        call_end(call, "failed", 488);
        return;
    }
    call->state = CALL_TALKING;
    call->answered_at = tmr_jiffies();
    tmr_start(&call->limit, (uint64_t)call->voice->settings.minutes_most * 60 * 1000, talked_too_long, call);
    log_info("call_answered", "call", call->sid, NULL);
    talk_begin(call);
}

/* ---- end ------------------------------------------------------------------------------------------------------------------------ */

static void tell(void *user);

/* Soon, not now: something of this call may still be running. */
static void
leave(void *user)
{
    call_free(user);
}

static void
told(int fault, const struct http_msg *answer, void *user)
{
    struct call *call = user;

    if (fault == 0 && answer != NULL && answer->scode < FIRST_BAD_STATUS) {
        tmr_start(&call->after, 0, leave, call);
    } else if (++call->tries < TELL_TRIES) {
        tmr_start(&call->after, TELL_AGAIN_SECONDS * 1000, tell, call);
    } else {
        log_error("end_not_told", "call", call->sid, NULL);
        tmr_start(&call->after, 0, leave, call);
    }
}

static void
tell(void *user)
{
    struct call *call = user;

    if (call->ended_url[0] == '\0') {
        call_free(call);
        return;
    }
    int fault = application_tell(call, told);
    if (fault != 0)
        told(fault, NULL, call);
}

void
call_end(struct call *call, const char *status, int sip_code)
{
    bool talked = call->state == CALL_TALKING;

    if (call->state == CALL_ENDED)
        return;
    call->state = CALL_ENDED;
    call->voice->count--;
    call->status = status;
    call->sip_code = sip_code;
    call->seconds = talked ? (unsigned)((tmr_jiffies() - call->answered_at + 999) / 1000) : 0;
    tmr_cancel(&call->limit);
    talk_stop(call);
    call->session = mem_deref(call->session); /* CANCEL or BYE, where one is due */
    media_close(&call->media);
    log_info("call_ended", "call", call->sid, "status", status, NULL);
    tmr_start(&call->after, 0, tell, call);
}

void
call_end_all(struct voice *voice)
{
    struct le *le, *next;

    for (le = list_head(&voice->calls); le != NULL; le = next) {
        struct call *call = le->data;
        next = le->next;
        call_end(call, call->state == CALL_TALKING ? "completed" : "canceled", 0);
    }
}

void
call_drop_all(struct voice *voice)
{
    struct le *le;

    while ((le = list_head(&voice->calls)) != NULL)
        call_free(le->data);
}
