/* line.h - SIP: the carrier's trunk, the calls that go out over it, and those that come in. */
#ifndef HERSYS_VOICE_LINE_H
#define HERSYS_VOICE_LINE_H

#include "voice/call.h"

/* Begins to listen, and registers at the carrier when the settings say so. 0 or an error of libre. */
int line_open(struct voice *voice);
void line_close(struct voice *voice);

/* Dials call->to. 0 or an error of libre. */
int line_dial(struct call *call);

#endif
