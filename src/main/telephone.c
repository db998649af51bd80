/*
 * telephone.c - `hersys telephone`: prints the address that a telephone service is to call when people ring us (健康コール). It holds a secret.
 */
#include "main/main.h"

#include <stdio.h>

#include "base/text.h"
#include "core/call.h"

int
command_telephone(const struct command_line *line)
{
    struct crypt_keys keys;

    if (text_empty(line->conf.gateway_address)) {
        fputs("hersys telephone: gateway_address is not set\n", stderr);
        return 2;
    }
    if (crypt_load_keys(&keys, line->conf.key_directory) != 0)
        return 1;
    printf("%s/gateway/call-in/%s\n", line->conf.gateway_address, call_in_secret(line->arena, &keys));
    return 0;
}
