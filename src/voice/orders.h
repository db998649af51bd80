/* orders.h - takes orders for calls over HTTP, as telephone services do: POST /2010-04-01/Accounts/ACCOUNT/Calls.json with Basic auth. */
#ifndef HERSYS_VOICE_ORDERS_H
#define HERSYS_VOICE_ORDERS_H

#include "voice/call.h"

/* Begins to listen. 0 or an error of libre. The listener is voice->orders. */
int orders_open(struct voice *voice);

#endif
