/* application.h - what the gateway asks the application over HTTP, signed as telephone services sign (X-Twilio-Signature). */
#ifndef HERSYS_VOICE_APPLICATION_H
#define HERSYS_VOICE_APPLICATION_H

#include "voice/call.h"

/* `address`, absolute or from the root of the application on, as an absolute one in `arena`; NULL when it is not the application's. */
const char *application_url(struct arena *arena, const struct voice *voice, const char *address);

/* Asks as what a call is in: who, how it stands, and `keys` when there are any (NULL: none). 0 or an error of libre; the answer goes to `handler` with the call. */
int application_ask(struct call *call, const char *url, const char *keys, http_resp_h *handler);

/* Fetches a sound. */
int application_fetch(struct call *call, const char *url, http_resp_h *handler);

/* Tells how the call ended. */
int application_tell(struct call *call, http_resp_h *handler);

#endif
