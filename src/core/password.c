/* password.c - see password.h. */
#include "core/password.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/jtext.h"
#include "base/log.h"
#include "base/text.h"

enum { MIN_DIFFERENT = 5, MIN_WORD = 4 };

/* Words of our own world that an attacker tries first. */
static const char *const context_words[] = {"hersys",   "her-sys", "corona",  "covid",
                                            "hokenjo",  "kansen",  "password", "byouin",
                                            "clinic",   "kinmu",   "mhlw",     NULL};

/* The plain letter behind a look-alike: p@ssw0rd becomes password. */
static char
unmasked(char c)
{
    static const char from[] = "0134578@$!|+", to[] = "oieastbasiit";
    const char *at = strchr(from, c);

    return c != '\0' && at != NULL ? to[at - from] : (char)tolower((unsigned char)c);
}

/* Is `word` a line of the list? The list is small enough to be searched as it is. */
static bool
list_holds(const char *list, size_t size, const char *word)
{
    size_t n = strlen(word);

    for (const char *p = list; n > 0 && p < list + size;) {
        const char *hit = memmem(p, size - (size_t)(p - list), word, n);
        if (hit == NULL)
            return false;
        bool starts = hit == list || hit[-1] == '\n';
        bool ends = hit + n == list + size || hit[n] == '\n';
        if (starts && ends)
            return true;
        p = hit + 1;
    }
    return false;
}

/* The password as it is, unmasked, and without the digits and signs at its ends: each looked up. */
static bool
is_known(struct arena *arena, const char *list, size_t size, const char *password)
{
    char *lower = text_copy(arena, password), *plain = text_copy(arena, password);

    for (char *p = lower; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    for (char *p = plain; *p != '\0'; p++)
        *p = unmasked(*p);
    const char *start = lower;
    while (*start != '\0' && !isalpha((unsigned char)*start))
        start++;
    char *core = text_copy(arena, start);
    for (size_t n = strlen(core); n > 0 && !isalpha((unsigned char)core[n - 1]); n--)
        core[n - 1] = '\0';
    char *plain_core = text_copy(arena, core);
    for (char *p = plain_core; *p != '\0'; p++)
        *p = unmasked(*p);
    /* A known word written twice is no better: passwordpassword. */
    size_t half = strlen(lower) / 2;
    bool doubled = half >= MIN_WORD && strlen(lower) % 2 == 0 && strncmp(lower, lower + half, half) == 0;
    return list_holds(list, size, lower) || list_holds(list, size, plain) ||
           list_holds(list, size, core) || list_holds(list, size, plain_core) ||
           (doubled && list_holds(list, size, lower + half));
}

static int
different_characters(const char *password)
{
    bool seen[256] = {false};
    int different = 0;

    for (const unsigned char *p = (const unsigned char *)password; *p != '\0'; p++) {
        different += !seen[*p];
        seen[*p] = true;
    }
    return different;
}

/* Characters that follow their neighbour by one, up or down: 123456, fedcba. */
static bool
is_sequence(const char *password)
{
    size_t steps = 0, size = strlen(password);

    for (size_t i = 1; i < size; i++) {
        int step = (unsigned char)password[i] - (unsigned char)password[i - 1];
        steps += step == 1 || step == -1 || step == 0;
    }
    return steps * 4 > size * 3;
}

/* Does the word, once or several times, make up half of the password or more? */
static bool
is_mostly(struct arena *arena, const char *password, const char *word)
{
    char *plain = text_copy(arena, password), *lower = text_copy(arena, word);
    size_t covered = 0, size = strlen(word);

    for (char *p = plain; *p != '\0'; p++)
        *p = unmasked(*p);
    for (char *p = lower; *p != '\0'; p++)
        *p = unmasked(*p);
    for (const char *p = plain; size >= MIN_WORD && (p = strstr(p, lower)) != NULL; p += size)
        covered += size;
    return covered > 0 && covered * 2 >= strlen(plain);
}

static bool
is_mostly_names(struct arena *arena, const char *password, const char *login, const char *names)
{
    size_t count;
    char **words = text_split(arena, names, ' ', &count);

    for (size_t i = 0; i < count; i++)
        if (is_mostly(arena, password, words[i]))
            return true;
    for (int i = 0; context_words[i] != NULL; i++)
        if (is_mostly(arena, password, context_words[i]))
            return true;
    return is_mostly(arena, password, login);
}

static bool
is_on_list(struct arena *arena, const char *path, const char *password)
{
    struct stat info;
    bool known = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &info) != 0) {
        log_error("known_passwords_missing", "file", path, NULL);
        if (fd >= 0)
            close(fd);
        return false;
    }
    void *list = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (list != MAP_FAILED) {
        known = is_known(arena, list, (size_t)info.st_size, password);
        munmap(list, (size_t)info.st_size);
    }
    return known;
}

enum password_flaw
password_flaw(struct arena *arena, const char *known_path, const char *password, const char *login, const char *names)
{
    if (text_length(password) < PASSWORD_MIN)
        return PASSWORD_SHORT;
    if (strlen(password) > PASSWORD_MAX)
        return PASSWORD_LONG;
    if (different_characters(password) < MIN_DIFFERENT)
        return PASSWORD_REPEATED;
    if (is_sequence(password))
        return PASSWORD_SEQUENCE;
    if (is_on_list(arena, known_path, password))
        return PASSWORD_KNOWN;
    return is_mostly_names(arena, password, login, names) ? PASSWORD_NAMED : PASSWORD_FINE;
}

const char *
password_problem(struct arena *arena, const char *known_path, const char *password,
                 const char *login, const char *names)
{
    static const char *const reasons[] = {
        [PASSWORD_REPEATED] = "同じ文字の繰り返しが多く、推測されやすいパスワードです。",
        [PASSWORD_SEQUENCE] = "続いた文字や数字（123456など）が多く、推測されやすいパスワードです。",
        [PASSWORD_KNOWN] = "よく使われるパスワード、またはそれに似たものです。別の言葉を組み合わせてください。",
        [PASSWORD_NAMED] = "IDや機関名、システム名を主にしたパスワードは使えません。",
    };
    enum password_flaw flaw = password_flaw(arena, known_path, password, login, names);

    if (flaw == PASSWORD_SHORT)
        return text_format(arena, "%d文字以上にしてください。長ければ、文字の種類は問いません。",
                           PASSWORD_MIN);
    if (flaw == PASSWORD_LONG)
        return text_format(arena, "%d文字以内にしてください。", PASSWORD_MAX);
    return flaw == PASSWORD_FINE ? NULL : reasons[flaw];
}

char *
password_initial(struct arena *arena)
{
    const char *c = crypt_base32(arena, 16);

    return text_format(arena, "%.4s-%.4s-%.4s-%.4s", c, c + 4, c + 8, c + 12);
}

char *
password_from_paper(struct arena *arena, const char *typed)
{
    char *plain = jtext_narrow(arena, typed);
    size_t n = 0;

    for (const char *p = plain; *p != '\0'; p++) {
        char c = (char)toupper((unsigned char)*p);
        if (isalnum((unsigned char)c))
            plain[n++] = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
    }
    plain[n] = '\0';
    return plain;
}
