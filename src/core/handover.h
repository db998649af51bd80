/*
 * handover.h - 引継ぎ: the responsible centre (担当保健所) asks another one to take a patient over; that one accepts, or
 * refuses with a reason, and until then nothing changes hands. Each step is one transaction in one round trip.
 */
#ifndef HERSYS_CORE_HANDOVER_H
#define HERSYS_CORE_HANDOVER_H

#include "core/notification.h"

enum { HANDOVER_MAX_TEXT = 500 }; /* characters of a reason or an answer */

enum handover_step { HANDOVER_ACCEPT, HANDOVER_REFUSE, HANDOVER_WITHDRAW };

/* Asks `centre_id`; NOTIFY_CONFLICT while another request is open. */
enum notify_result handover_request(const struct desk *desk, const struct record *record,
                                    int64_t centre_id, const char *reason);

/*
 * Ends request `no`: accepting and refusing is the asked centre's, withdrawing the asking one's; NOTIFY_CONFLICT when it is
 * not open any more or not theirs. The other side is told by mail, without a name.
 */
enum notify_result handover_end(const struct desk *desk, const struct record *record, int no,
                                enum handover_step step, const char *answer);

/* The sender has read that it was refused. */
enum notify_result handover_seen(const struct desk *desk, const struct record *record);

#endif
