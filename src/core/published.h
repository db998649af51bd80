/* published.h - what an office has published for its days (公表), and what an office above asks about it (照会・回答). */
#ifndef HERSYS_CORE_PUBLISHED_H
#define HERSYS_CORE_PUBLISHED_H

#include "core/notification.h"

enum { INQUIRY_MOST = 1000 /* characters of a question or an answer */ };

/*
 * Enters `count` figures for the session's own area: of each its series ("new", "severe", "death"), its day as ISO date and its number,
 * as texts. *saved: how many are new or changed; what stood before stays as history. NOTIFY_REFUSED for who publishes nothing.
 */
enum notify_result published_save(const struct desk *desk, size_t count, const char *const series[], const char *const days[],
                                  const char *const counts[], int64_t *saved);

/* Asks the office of an area below about a day. NOTIFY_REFUSED when it is not below. */
enum notify_result inquiry_ask(const struct desk *desk, const char *area, const char *series, const char *day, const char *question);

/* Answers an inquiry to the own office, once; NOTIFY_CONFLICT when it has been. */
enum notify_result inquiry_answer(const struct desk *desk, const char *inquiry, const char *answer);

/* The answer to an own inquiry has been read. */
enum notify_result inquiry_read(const struct desk *desk, const char *inquiry);

#endif
