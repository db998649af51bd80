/*
 * log.h - one JSON object for each event, on standard error.
 *
 * Only ids, counts and names of things go into a log; never a value that a person typed, never a URL with values
 * (security.md 5.18). An environment error is logged once, where it is found.
 */
#ifndef HERSYS_BASE_LOG_H
#define HERSYS_BASE_LOG_H

/* Each takes an event name (snake_case), then pairs of key and text value, then NULL. */
void log_info(const char *event, ...) __attribute__((sentinel));
void log_error(const char *event, ...) __attribute__((sentinel));
void log_fatal(const char *event, ...) __attribute__((sentinel));

/* Names the process in every line: "web staff", "jobs". Kept by reference. */
void log_set_process(const char *name);

#endif
