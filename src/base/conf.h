/*
 * conf.h - the settings of an installation, read once from a file of "name = value" lines.
 *
 * What an office may change while the system runs is in the database (table setting), not here. Any program of ours reads its own table
 * of settings with conf_read; those of `hersys` are struct conf.
 */
#ifndef HERSYS_BASE_CONF_H
#define HERSYS_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum conf_kind {
    CONF_TEXT,   /* const char * */
    CONF_NUMBER, /* int64_t, 1 to 1000 */
    CONF_SWITCH  /* bool; "yes" or "no" */
};

/* One setting: its name, what it is, and where in the program's structure its value goes. */
struct conf_setting {
    const char *name;
    enum conf_kind kind;
    size_t offset;
    const char *otherwise; /* value when not given; NULL: must be given */
};

/* The setting for the field `name` of `type`. */
#define CONF_SETTING(type, name, kind, otherwise)                                                  \
    {                                                                                              \
#name, kind, offsetof(type, name), otherwise                                               \
    }

/*
 * Fills `out`, a structure as the `count` settings describe it, from `path`. Every name is known and every mandatory one there, or the process ends
 * with file and line: a server that half understands its settings must not start. The strings belong to `arena`.
 */
void conf_read(struct arena *arena, const char *path, const struct conf_setting *settings, size_t count, void *out);

/* Ends the process as conf_read does; for what a single value can not say by itself. */
_Noreturn void conf_refuse(const char *path, int line, const char *reason);

struct conf {
    const char *database;      /* libpq connection string without a user; several hosts are allowed */
    const char *run_directory; /* unix sockets of the worker pools */
    const char *key_directory; /* secrets, see crypt.h */
    const char *data_directory; /* reference tables made by the build */
    const char *anchor_directory; /* signed heads of the audit chains, best on another machine's disk */
    const char *address;       /* what people type: https://host:port, no slash at the end */
    const char *mail_url;      /* smtp://host:port */
    const char *mail_from;
    const char *mail_returns;  /* where mails come back that cannot be delivered (core/bounce.h); "": to mail_from, unread */
    const char *sms_url;       /* base address of Kannel's HTTP interface */
    const char *sms_user, *sms_password, *sms_from;
    const char *call_url;      /* where a call is ordered from the telephone service; "": nobody is called */
    const char *call_user, *call_password, *call_from;
    const char *gateway_address; /* where Kannel calls us: http://127.0.0.1:port; "": it does not, so there are no reports */
    int64_t staff_workers, door_workers, heavy_workers, public_workers;
    bool demonstration;        /* says so on every page; the demonstration's accounts exist */
    bool measure;              /* adds the number of round trips to each answer: for tests and benchmarks */
};

/* The settings of `hersys`, by conf_read. */
struct conf conf_load(struct arena *arena, const char *path);

#endif
