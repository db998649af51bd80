/* conf.c - see conf.h. */
#include "base/conf.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum kind { TEXT, NUMBER, SWITCH };

struct setting {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *otherwise; /* value when not given; NULL: must be given */
};

#define SETTING(name, kind, otherwise)                                                             \
    {                                                                                              \
#name, kind, offsetof(struct conf, name), otherwise                                        \
    }

static const struct setting settings[] = {
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
enum { SETTING_COUNT = sizeof settings / sizeof *settings };

static _Noreturn void
refuse(const char *path, int line, const char *reason)
{
    fprintf(stderr, "%s:%d: %s\n", path, line, reason);
    exit(2);
}

/* Puts `value` into the field of `setting`; false when it does not fit its kind. */
static bool
set(struct conf *conf, const struct setting *setting, const char *value)
{
    void *field = (char *)conf + setting->offset;

    switch (setting->kind) {
    case TEXT:
        *(const char **)field = value;
        return true;
    case NUMBER:
        return text_to_int(value, 1, 1000, field) == 0;
    case SWITCH:
        *(bool *)field = strcmp(value, "yes") == 0;
        return *(bool *)field || strcmp(value, "no") == 0;
    }
    return false;
}

struct conf
conf_load(struct arena *arena, const char *path)
{
    struct conf conf = {0};
    bool given[SETTING_COUNT] = {false};
    char line[2048];
    int number = 0;

    FILE *file = fopen(path, "re");
    if (file == NULL)
        refuse(path, 0, strerror(errno));
    while (fgets(line, sizeof line, file) != NULL) {
        number++;
        const char *text = text_trim(arena, line);
        if (text[0] == '\0' || text[0] == '#')
            continue;
        const char *equals = strchr(text, '=');
        if (equals == NULL)
            refuse(path, number, "expected \"name = value\"");
        const char *name = text_trim(arena, text_copy_n(arena, text, (size_t)(equals - text)));
        int i = 0;
        while (i < SETTING_COUNT && strcmp(settings[i].name, name) != 0)
            i++;
        if (i == SETTING_COUNT)
            refuse(path, number, "unknown setting");
        if (!set(&conf, &settings[i], text_trim(arena, equals + 1)))
            refuse(path, number, "value does not fit the setting");
        given[i] = true;
    }
    fclose(file);
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (given[i])
            continue;
        if (settings[i].otherwise == NULL)
            refuse(path, number, text_format(arena, "%s is missing", settings[i].name));
        set(&conf, &settings[i], settings[i].otherwise);
    }
    return conf;
}
