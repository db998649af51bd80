/* settings.h - what an installation of `hersys-voice` is told; docs/operations.md has the list. */
#ifndef HERSYS_VOICE_SETTINGS_H
#define HERSYS_VOICE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct voice_settings {
    const char *application; /* beginning of every address that may be called: http://address:port, no slash at the end */
    const char *account, *password; /* who may order calls; the password also signs what we ask the application */
    const char *incoming;    /* what the application is asked when somebody rings; "": nobody may */
    const char *peers;       /* addresses from which may be rung, blank-separated */
    const char *orders;      /* address:port that takes orders */
    const char *sip;         /* address:port of SIP; RTP has the same address */
    const char *media_ports; /* first-last */
    const char *trunk;       /* sip:host[:port] of the carrier */
    const char *trunk_user, *trunk_password, *trunk_domain; /* domain of From and of the registration; "": the trunk's host */
    bool trunk_register;     /* says at the carrier where we are */
    const char *speech;      /* program that speaks: text in, WAV of 8 kHz out */
    int64_t calls_most, minutes_most; /* at the same time; of one call */
    int64_t media_first, media_last;  /* out of media_ports */
};

/* Reads `path` and checks each value, or ends the process with the reason. The strings belong to `arena`. */
struct voice_settings voice_settings_load(struct arena *arena, const char *path);

#endif
