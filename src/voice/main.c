/*
 * main.c - `hersys-voice`, the telephone gateway: what telephone services offer over HTTP on one side, a carrier's SIP trunk on the other.
 * A program of its own, so that what speaks with the telephone network holds no database connection and no key of `hersys`.
 */
#include <libxml/parser.h>
#include <re.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/log.h"
#include "voice/call.h"
#include "voice/line.h"
#include "voice/orders.h"

enum { DESCRIPTORS_MOST = 2048, LEAVE_SECONDS = 3 };

/* A signal handler of libre gets nothing of ours. */
static struct voice gateway;
static struct tmr leaving;
static struct speech_wait trial;
static int status;

static void
leave(void *user)
{
    (void)user;
    re_cancel();
}

/* The calls end, the application hears so, and we go. */
static void
close_gateway(int number)
{
    (void)number;
    if (gateway.closing)
        return;
    gateway.closing = true;
    gateway.orders = mem_deref(gateway.orders);
    bool quiet = list_isempty(&gateway.calls);
    call_end_all(&gateway);
    tmr_start(&leaving, quiet ? 0 : LEAVE_SECONDS * 1000, leave, NULL);
}

static void
fail(const char *event, int fault)
{
    log_fatal(event, "reason", fault != 0 ? strerror(fault) : "see the settings", NULL);
    status = 1;
    re_cancel();
}

/* Nobody is rung by a gateway that can not speak. */
static void
tried(const int16_t *samples, size_t count, void *user)
{
    (void)count;
    (void)user;
    if (samples == NULL) {
        fail("no_voice", 0);
        return;
    }
    int fault = line_open(&gateway);
    if (fault == 0)
        fault = http_client_alloc(&gateway.client, gateway.dns);
    if (fault == 0)
        fault = orders_open(&gateway);
    if (fault != 0)
        fail("not_opened", fault);
    else
        log_info("voice_started", NULL);
}

static void
try_voice(void *user)
{
    (void)user;
    speech_say(gateway.speech, talk_apology, &trial, tried, NULL);
}

int
main(void)
{
    const char *path = getenv("HERSYS_VOICE_CONF");
    struct tmr first = {0};

    log_set_process("voice");
    crypt_init();
    gateway.arena = arena_new();
    gateway.settings = voice_settings_load(gateway.arena, path != NULL ? path : "/etc/hersys-voice.conf");
    signal(SIGPIPE, SIG_IGN);
    if (libre_init() != 0 || fd_setsize(DESCRIPTORS_MOST) != 0)
        return 1;
    xmlInitParser();
    gateway.speech = speech_new(gateway.arena, gateway.settings.speech);
    tmr_start(&first, 0, try_voice, NULL);
    re_main(close_gateway);

    tmr_cancel(&leaving);
    call_end_all(&gateway);
    call_drop_all(&gateway);
    mem_deref(gateway.orders);
    mem_deref(gateway.client);
    line_close(&gateway);
    speech_free(gateway.speech);
    arena_free(gateway.arena);
    xmlCleanupParser();
    libre_close();
    return status;
}
