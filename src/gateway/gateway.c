/* gateway.c - the connections that all ways out share. */
#include "gateway/session.h"

#include "base/arena.h"

struct gateway *
gateway_open(const struct conf *conf)
{
    struct arena *arena = arena_new();
    struct gateway *gateway = ARENA_NEW(arena, struct gateway);

    *gateway = (struct gateway){arena, conf, curl_easy_init(), curl_easy_init(), curl_easy_init()};
    return gateway;
}

void
gateway_close(struct gateway *gateway)
{
    curl_easy_cleanup(gateway->mail);
    curl_easy_cleanup(gateway->sms);
    curl_easy_cleanup(gateway->call);
    arena_free(gateway->arena);
}
