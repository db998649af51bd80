/* conf.c - see conf.h. */
#include "base/conf.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define SETTING(name, kind, otherwise) CONF_SETTING(struct conf, name, CONF_##kind, otherwise)

static const struct conf_setting settings[] = {
    SETTING(database, TEXT, NULL),
    SETTING(run_directory, TEXT, NULL),
    SETTING(key_directory, TEXT, NULL),
    SETTING(data_directory, TEXT, NULL),
    SETTING(anchor_directory, TEXT, NULL),
    SETTING(address, TEXT, NULL),
    SETTING(mail_url, TEXT, NULL),
    SETTING(mail_from, TEXT, NULL),
    SETTING(mail_returns, TEXT, ""),
    SETTING(sms_url, TEXT, NULL),
    SETTING(sms_user, TEXT, NULL),
    SETTING(sms_password, TEXT, NULL),
    SETTING(sms_from, TEXT, NULL),
    SETTING(call_url, TEXT, ""),
    SETTING(call_user, TEXT, ""),
    SETTING(call_password, TEXT, ""),
    SETTING(call_from, TEXT, ""),
    SETTING(gateway_address, TEXT, ""),
    SETTING(staff_workers, NUMBER, "8"),
    SETTING(door_workers, NUMBER, "4"),
    SETTING(heavy_workers, NUMBER, "2"),
    SETTING(public_workers, NUMBER, "8"),
    SETTING(demonstration, SWITCH, "no"),
    SETTING(measure, SWITCH, "no"),
};

_Noreturn void
conf_refuse(const char *path, int line, const char *reason)
{
    fprintf(stderr, "%s:%d: %s\n", path, line, reason);
    exit(2);
}

/* Puts `value` into the field of `setting`; false when it does not fit its kind. */
static bool
set(void *out, const struct conf_setting *setting, const char *value)
{
    void *field = (char *)out + setting->offset;

    switch (setting->kind) {
    case CONF_TEXT:
        *(const char **)field = value;
        return true;
    case CONF_NUMBER:
        return text_to_int(value, 1, 1000, field) == 0;
    case CONF_SWITCH:
        *(bool *)field = strcmp(value, "yes") == 0;
        return *(bool *)field || strcmp(value, "no") == 0;
    }
    return false;
}

/* The setting that a line is about; ends the process when there is none. */
static size_t
setting_of(struct arena *arena, const char *path, int line, const char *text, const struct conf_setting *all, size_t count)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL)
        conf_refuse(path, line, "expected \"name = value\"");
    const char *name = text_trim(arena, text_copy_n(arena, text, (size_t)(equals - text)));
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].name, name) == 0)
            return i;
    conf_refuse(path, line, "unknown setting");
}

void
conf_read(struct arena *arena, const char *path, const struct conf_setting *all, size_t count, void *out)
{
    bool *given = ARENA_ARRAY(arena, count, bool);
    char line[2048];
    int number = 0;

    FILE *file = fopen(path, "re");
    if (file == NULL)
        conf_refuse(path, 0, strerror(errno));
    while (fgets(line, sizeof line, file) != NULL) {
        number++;
        const char *text = text_trim(arena, line);
        if (text[0] == '\0' || text[0] == '#')
            continue;
        size_t i = setting_of(arena, path, number, text, all, count);
        if (!set(out, &all[i], text_trim(arena, strchr(text, '=') + 1)))
            conf_refuse(path, number, "value does not fit the setting");
        given[i] = true;
    }
    fclose(file);
    for (size_t i = 0; i < count; i++) {
        if (given[i])
            continue;
        if (all[i].otherwise == NULL)
            conf_refuse(path, number, text_format(arena, "%s is missing", all[i].name));
        set(out, &all[i], all[i].otherwise);
    }
}

struct conf
conf_load(struct arena *arena, const char *path)
{
    struct conf conf = {0};

    conf_read(arena, path, settings, sizeof settings / sizeof *settings, &conf);
    return conf;
}
