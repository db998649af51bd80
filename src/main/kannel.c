/*
 * kannel.c - `hersys kannel`: prints the part of Kannel's settings that makes it hand over what people send by SMS. It holds a
 * secret: into a file that only Kannel reads.
 */
#include "main/main.h"

#include <stdio.h>

#include "base/crypt.h"
#include "base/text.h"
#include "core/sms.h"

int
command_kannel(const struct command_line *line)
{
    struct crypt_keys keys;

    if (text_empty(line->conf.gateway_address)) {
        fputs("hersys kannel: gateway_address is not set\n", stderr);
        return 2;
    }
    if (crypt_load_keys(&keys, line->conf.key_directory) != 0)
        return 1;
    printf("group = sms-service\n"
           "keyword = default\n"
           "catch-all = true\n"
           "max-messages = 0\n"
           "concatenation = true\n"
           "send-sender = true\n"
           "post-url = \"%s\"\n",
           sms_received_url(line->arena, &keys, line->conf.gateway_address));
    return 0;
}
