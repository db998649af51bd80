/* settings.c - see settings.h. */
#include "voice/settings.h"

#include <re.h>
#include <string.h>

#include "base/conf.h"
#include "base/text.h"

#define SETTING(name, kind, otherwise) CONF_SETTING(struct voice_settings, name, CONF_##kind, otherwise)

static const struct conf_setting settings[] = {
    SETTING(application, TEXT, NULL),
    SETTING(account, TEXT, NULL),
    SETTING(password, TEXT, NULL),
    SETTING(incoming, TEXT, ""),
    SETTING(peers, TEXT, ""),
    SETTING(orders, TEXT, "127.0.0.1:8051"),
    SETTING(sip, TEXT, "127.0.0.1:5060"),
    SETTING(media_ports, TEXT, "20000-20999"),
    SETTING(trunk, TEXT, NULL),
    SETTING(trunk_user, TEXT, ""),
    SETTING(trunk_password, TEXT, ""),
    SETTING(trunk_domain, TEXT, ""),
    SETTING(trunk_register, SWITCH, "no"),
    SETTING(speech, TEXT, NULL),
    SETTING(calls_most, NUMBER, "20"),
    SETTING(minutes_most, NUMBER, "10"),
};

/* Each of these is wrong in a way that would show only during a call. */
static const char *
fault(struct arena *arena, struct voice_settings *s)
{
    struct sa address;
    size_t ports;
    char **port = text_split(arena, s->media_ports, '-', &ports);
    struct uri trunk;
    struct pl uri;

    pl_set_str(&uri, s->trunk);
    if (s->account[0] == '\0' || s->password[0] == '\0')
        return "account and password must not be empty";
    if (!text_starts(s->application, "http://") || text_ends(s->application, "/"))
        return "application must be http://address:port";
    if (sa_decode(&address, s->application + strlen("http://"), strlen(s->application) - strlen("http://")) != 0)
        return "application must have a numeric address and a port";
    if (!text_empty(s->incoming) && !text_starts(s->incoming, text_format(arena, "%s/", s->application)))
        return "incoming must be an address of the application";
    if (sa_decode(&address, s->orders, strlen(s->orders)) != 0 || sa_decode(&address, s->sip, strlen(s->sip)) != 0)
        return "orders and sip must be numeric addresses with a port";
    if (uri_decode(&trunk, &uri) != 0 || pl_strcmp(&trunk.scheme, "sip") != 0 || trunk.host.l == 0 || trunk.user.l != 0)
        return "trunk must be sip:host";
    if (s->trunk_register && s->trunk_user[0] == '\0')
        return "trunk_register wants a trunk_user";
    if (ports != 2 || text_to_int(port[0], 1024, 65534, &s->media_first) != 0 ||
        text_to_int(port[1], s->media_first + 1, 65535, &s->media_last) != 0)
        return "media_ports must be first-last";
    if (s->trunk_domain[0] == '\0')
        s->trunk_domain = text_copy_n(arena, trunk.host.p, trunk.host.l);
    return NULL;
}

struct voice_settings
voice_settings_load(struct arena *arena, const char *path)
{
    struct voice_settings loaded = {0};

    conf_read(arena, path, settings, sizeof settings / sizeof *settings, &loaded);
    const char *reason = fault(arena, &loaded);
    if (reason != NULL)
        conf_refuse(path, 0, reason);
    return loaded;
}
