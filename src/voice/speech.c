/* speech.c - see speech.h. */
#include "voice/speech.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "voice/wav.h"

enum {
    AT_ONCE_MOST = 2,          /* programs that run side by side */
    SECONDS_MOST = 20,         /* for one sentence */
    KEPT_MOST = 32 * 1024 * 1024, /* bytes of samples in memory */
    WAV_BYTES_MOST = WAV_RATE * 2 * WAV_SECONDS_MOST + 4096
};

enum stage { WAITS, BEING_MADE, MADE };

struct sentence {
    struct le le;
    struct speech *speech;
    struct arena *arena; /* of this structure, its words and samples */
    const char *words;
    enum stage stage;
    struct list waiting; /* of struct speech_wait */
    const int16_t *samples;
    size_t count;
    pid_t pid;
    int from; /* the program's standard output */
    struct arena *raw_arena;
    struct buf raw;
    struct tmr limit;
};

struct speech {
    const char *program;
    struct list sentences; /* those used last at the end */
    int running;
    size_t kept; /* bytes */
};

static void begin_next(struct speech *speech);

struct speech *
speech_new(struct arena *arena, const char *program)
{
    struct speech *speech = ARENA_NEW(arena, struct speech);

    speech->program = program;
    list_init(&speech->sentences);
    return speech;
}

/* ---- the program ------------------------------------------------------------------------------------------------------- */

/* Ends the program, whether it is done or not; what it started is in its process group. */
static void
end_program(struct sentence *sentence)
{
    tmr_cancel(&sentence->limit);
    fd_close(sentence->from);
    close(sentence->from);
    kill(-sentence->pid, SIGKILL);
    while (waitpid(sentence->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    sentence->speech->running--;
    sentence->stage = MADE;
}

static void
forget(struct sentence *sentence)
{
    if (sentence->stage == BEING_MADE)
        end_program(sentence);
    list_unlink(&sentence->le);
    sentence->speech->kept -= sentence->count * sizeof *sentence->samples;
    arena_free(sentence->raw_arena);
    arena_free(sentence->arena);
}

/* Those who wait hear it; what was said longest ago makes room. */
static void
finish(struct sentence *sentence)
{
    struct speech *speech = sentence->speech;
    struct le *le, *next;

    end_program(sentence);
    sentence->samples = wav_read(sentence->arena, sentence->raw.data, sentence->raw.size, &sentence->count);
    if (sentence->samples == NULL) {
        sentence->count = 0;
        log_error("speech_failed", "program", speech->program, NULL);
    }
    arena_free(sentence->raw_arena);
    sentence->raw_arena = NULL;
    speech->kept += sentence->count * sizeof *sentence->samples;
    while ((le = list_head(&sentence->waiting)) != NULL) {
        struct speech_wait *wait = le->data;
        list_unlink(le);
        wait->handler(sentence->samples, sentence->count, wait->user);
    }
    if (sentence->samples == NULL)
        forget(sentence);
    for (le = list_head(&speech->sentences); le != NULL && speech->kept > KEPT_MOST; le = next) {
        struct sentence *oldest = le->data;
        next = le->next;
        if (oldest->stage == MADE)
            forget(oldest);
    }
    begin_next(speech);
}

static void
too_slow(void *user)
{
    finish(user);
}

static void
more(int flags, void *user)
{
    struct sentence *sentence = user;
    char data[16 * 1024];
    ssize_t size = read(sentence->from, data, sizeof data);

    (void)flags;
    if (size > 0 && sentence->raw.size < WAV_BYTES_MOST)
        buf_add(&sentence->raw, data, (size_t)size);
    else if (size >= 0 || (errno != EAGAIN && errno != EINTR))
        finish(sentence);
}

/* Starts the program with its ends of the pipes and nothing else of ours: no socket, no signal that we ignore. False when it cannot be. */
static bool
spawn(struct sentence *sentence, int in, int out)
{
    char *arguments[] = {text_copy(sentence->arena, sentence->speech->program), NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t pipe_signal;

    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&how);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setsigdefault(&how, &pipe_signal);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    bool started = posix_spawn(&sentence->pid, arguments[0], &files, &how, arguments, environ) == 0;
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return started;
}

/* False when the program could not be started. */
static bool
begin(struct sentence *sentence)
{
    int in[2], out[2];

    if (pipe2(in, O_CLOEXEC) != 0)
        return false;
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]);
        close(in[1]);
        return false;
    }
    bool started = spawn(sentence, in[0], out[1]);
    /* An empty pipe takes more than a sentence's bytes at once; a program that has ended is found out by what it wrote. */
    if (started && write(in[1], sentence->words, strlen(sentence->words)) < 0)
        log_error("speech_not_written", NULL);
    close(in[0]);
    close(in[1]);
    close(out[1]);
    if (!started) {
        close(out[0]);
        return false;
    }
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    sentence->from = out[0];
    sentence->raw_arena = arena_new();
    sentence->raw = buf_new(sentence->raw_arena);
    sentence->stage = BEING_MADE;
    sentence->speech->running++;
    fd_listen(out[0], FD_READ, more, sentence);
    tmr_start(&sentence->limit, SECONDS_MOST * 1000, too_slow, sentence);
    return true;
}

/* ---- what was asked for ------------------------------------------------------------------------------------------------ */

static void
refuse(struct sentence *sentence)
{
    struct le *le;

    log_error("speech_not_started", "program", sentence->speech->program, NULL);
    while ((le = list_head(&sentence->waiting)) != NULL) {
        struct speech_wait *wait = le->data;
        list_unlink(le);
        wait->handler(NULL, 0, wait->user);
    }
    forget(sentence);
}

static struct sentence *
first_waiting(struct speech *speech)
{
    for (struct le *le = list_head(&speech->sentences); le != NULL; le = le->next)
        if (((struct sentence *)le->data)->stage == WAITS)
            return le->data;
    return NULL;
}

/* From the beginning each time: those who hear that a sentence was refused may ask for another. */
static void
begin_next(struct speech *speech)
{
    struct sentence *sentence;

    while (speech->running < AT_ONCE_MOST && (sentence = first_waiting(speech)) != NULL)
        if (!begin(sentence))
            refuse(sentence);
}

static struct sentence *
sentence_of(struct speech *speech, const char *words)
{
    for (struct le *le = list_head(&speech->sentences); le != NULL; le = le->next) {
        struct sentence *known = le->data;
        if (strcmp(known->words, words) == 0) {
            list_unlink(&known->le);
            list_append(&speech->sentences, &known->le, known);
            return known;
        }
    }
    struct arena *arena = arena_new();
    struct sentence *sentence = ARENA_NEW(arena, struct sentence);
    sentence->arena = arena;
    sentence->speech = speech;
    sentence->words = text_copy(arena, words);
    list_append(&speech->sentences, &sentence->le, sentence);
    return sentence;
}

void
speech_say(struct speech *speech, const char *words, struct speech_wait *wait, speech_handler *handler, void *user)
{
    struct sentence *sentence = sentence_of(speech, words);

    if (sentence->stage == MADE) {
        handler(sentence->samples, sentence->count, user);
        return;
    }
    wait->handler = handler;
    wait->user = user;
    list_append(&sentence->waiting, &wait->le, wait);
    begin_next(speech);
}

void
speech_forget(struct speech_wait *wait)
{
    list_unlink(&wait->le);
}

void
speech_free(struct speech *speech)
{
    struct le *le;

    while ((le = list_head(&speech->sentences)) != NULL)
        forget(le->data);
}
