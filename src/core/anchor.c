/* anchor.c - see anchor.h. A line: seconds, "shard:seq:hash" sixteen times, signature; blank-separated. */
#include "core/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"

enum { LINE_SIZE = 4096 };

struct key_pair {
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
    unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
};

/* The signing key is made from a seed file beside the other secrets. 0 or -1. */
static int
load_keys(const char *directory, struct key_pair *keys)
{
    unsigned char seed[crypto_sign_SEEDBYTES];
    char path[4096];

    snprintf(path, sizeof path, "%s/anchor.key", directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (fd >= 0) {
        crypt_random(seed, sizeof seed);
        ssize_t n = write(fd, seed, sizeof seed);
        if (fsync(fd) != 0 || close(fd) != 0 || n != (ssize_t)sizeof seed)
            return -1;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, seed, sizeof seed);
    if (fd >= 0)
        close(fd);
    if (n != (ssize_t)sizeof seed) {
        log_error("anchor_key_not_read", "reason", strerror(errno), NULL);
        return -1;
    }
    crypto_sign_seed_keypair(keys->public_key, keys->secret_key, seed);
    sodium_memzero(seed, sizeof seed);
    return 0;
}

int
anchor_write(struct arena *arena, const char *directory, const char *key_directory,
             const struct rows *heads)
{
    struct key_pair keys;
    struct buf line = buf_new(arena);
    unsigned char signature[crypto_sign_BYTES];

    if (load_keys(key_directory, &keys) != 0)
        return -1;
    buf_printf(&line, "%lld", (long long)time(NULL));
    for (size_t i = 0; i < rows_count(heads); i++)
        buf_printf(&line, " %s:%s:%s", rows_text(heads, i, "shard"), rows_text(heads, i, "seq"),
                   rows_text(heads, i, "hash"));
    crypto_sign_detached(signature, NULL, (const unsigned char *)line.data, line.size,
                         keys.secret_key);
    sodium_memzero(&keys, sizeof keys);
    buf_printf(&line, " %s\n", crypt_hex(arena, signature, sizeof signature));
    mkdir(directory, 0700);
    const char *path = text_format(arena, "%s/anchors", directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    int failed = fd < 0 || write(fd, line.data, line.size) != (ssize_t)line.size || fsync(fd) != 0;
    if (failed)
        log_error("anchor_not_written", "file", path, "reason", strerror(errno), NULL);
    if (fd >= 0)
        close(fd);
    return failed ? -1 : 0;
}

/* Cuts the signature off and checks it. */
static int
signature_is_good(char *line, const struct key_pair *keys)
{
    unsigned char signature[crypto_sign_BYTES];
    size_t size;
    char *last = strrchr(line, ' ');

    if (last == NULL)
        return 0;
    *last = '\0';
    if (sodium_hex2bin(signature, sizeof signature, last + 1, strlen(last + 1), NULL, &size,
                       NULL) != 0 ||
        size != sizeof signature)
        return 0;
    return crypto_sign_verify_detached(signature, (const unsigned char *)line, strlen(line),
                                       keys->public_key) == 0;
}

int
anchor_each(struct arena *arena, const char *directory, const char *key_directory,
            void (*visit)(const struct anchor_head *head, void *context), void *context)
{
    struct key_pair keys;
    char line[LINE_SIZE];
    int bad = 0;
    FILE *in = fopen(text_format(arena, "%s/anchors", directory), "re");

    if (in == NULL || load_keys(key_directory, &keys) != 0) {
        if (in != NULL)
            fclose(in);
        return -1;
    }
    while (fgets(line, sizeof line, in) != NULL) {
        struct anchor_head head;
        line[strcspn(line, "\n")] = '\0';
        if (!signature_is_good(line, &keys)) {
            bad++;
            continue;
        }
        for (char *p = strchr(line, ' '); p != NULL; p = strchr(p + 1, ' ')) {
            long long seq;
            if (sscanf(p + 1, "%d:%lld:%64[0-9a-f]", &head.shard, &seq, head.hash) == 3) {
                head.seq = seq;
                visit(&head, context);
            }
        }
    }
    fclose(in);
    sodium_memzero(&keys, sizeof keys);
    return bad;
}
