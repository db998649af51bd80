/*
 * load.c - presses a running stand like many people at once: blocking clients over TLS, one connection each.
 *
 *     load PORT SECONDS CLIENTS FILE [RATE]
 *
 * FILE holds one request a line: METHOD, PATH, COOKIE and BODY, separated by tabs. Client number i sends the lines i,
 * i + CLIENTS, ... again and again. In a body "%UUID%" becomes a fresh UUID and "%NUMBER%" a fresh number of eight
 * digits. Prints what it saw as name=value pairs: requests, failures (any answer but 200 and 303), rate in requests per
 * second, p50 and p95 in milliseconds.
 *
 * Without RATE each client sends as soon as it has its answer, and a failure ends the process with 1. With RATE (requests
 * per second) it sends by the clock, as people do who do not know of each other: request n is due n / RATE seconds after
 * the start and its time counts from then, however long those before it take.
 *
 * A test tool: it ends at the first thing that it does not expect of the server.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINES = 40000, REQUEST_BYTES = 65536, ANSWER_BYTES = 262144, MAX_TIMES = 2000000 };

struct line {
    char *method, *path, *cookie, *body;
};

static struct line lines[MAX_LINES];
static size_t line_count;
static int port, clients;
static double seconds, rate /* requests per second by the clock; 0: as fast as they are answered */, began;
static atomic_size_t answered, failed;
static atomic_uint next_number;
static pthread_barrier_t connected, begun; /* nobody begins before everybody has a connection */
static float times[MAX_TIMES]; /* milliseconds, in the order of arrival */

static _Noreturn void
fail(const char *what)
{
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
read_lines(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    if (file == NULL)
        fail("cannot read the requests");
    for (; getline(&text, &size, file) > 0; text = NULL, size = 0) {
        struct line *line = &lines[line_count++];
        char *rest = text;
        text[strcspn(text, "\n")] = '\0';
        line->method = strsep(&rest, "\t");
        line->path = strsep(&rest, "\t");
        line->cookie = strsep(&rest, "\t");
        line->body = rest == NULL ? text + strlen(text) : rest;
        if (line->cookie == NULL || line_count == MAX_LINES)
            fail("a malformed line, or too many");
    }
    free(text);
    fclose(file);
}

static SSL *
connect_to(SSL_CTX *context)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("cannot connect");
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    SSL_set_tlsext_host_name(ssl, "localhost");
    if (SSL_connect(ssl) != 1)
        fail("no TLS");
    return ssl;
}

/* Puts the body into `out` with its marks replaced. */
static void
fill(char *out, size_t room, const char *body)
{
    static const char uuid_mark[] = "%UUID%", number_mark[] = "%NUMBER%";
    size_t used = 0;

    while (*body != '\0' && used + 40 < room) {
        if (strncmp(body, uuid_mark, sizeof uuid_mark - 1) == 0) {
            unsigned char r[16];
            RAND_bytes(r, sizeof r);
            used += (size_t)snprintf(out + used, room - used,
                                     "%02x%02x%02x%02x-%02x%02x-4%01x%02x-8%01x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1],
                                     r[2], r[3], r[4], r[5], r[6] & 15, r[7], r[8] & 15, r[9], r[10], r[11], r[12], r[13],
                                     r[14], r[15]);
            body += sizeof uuid_mark - 1;
        } else if (strncmp(body, number_mark, sizeof number_mark - 1) == 0) {
            used += (size_t)snprintf(out + used, room - used, "%08u", atomic_fetch_add(&next_number, 1) % 100000000u);
            body += sizeof number_mark - 1;
        } else
            out[used++] = *body++;
    }
    out[used] = '\0';
}

static void
send_request(SSL *ssl, const struct line *line)
{
    static _Thread_local char body[REQUEST_BYTES], request[REQUEST_BYTES];

    fill(body, sizeof body, line->body);
    int size = snprintf(request, sizeof request,
                        "%s %s HTTP/1.1\r\nHost: localhost:%d\r\nCookie: %s\r\nSec-Fetch-Site: same-origin\r\n"
                        "Origin: https://localhost:%d\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        line->method, line->path, port, line->cookie, port, strlen(body), body);
    if (size >= (int)sizeof request || SSL_write(ssl, request, size) != size)
        fail("cannot send");
}

/* The bytes that follow the blank line, by the header that announces them; -1 when they come in chunks. */
static long
body_size(const char *head)
{
    const char *length = strcasestr(head, "\r\nContent-Length:");

    return length == NULL ? -1 : strtol(length + strlen("\r\nContent-Length:"), NULL, 10);
}

/* Reads one answer; true when it is 200 or 303. */
static bool
read_answer(SSL *ssl)
{
    static _Thread_local char answer[ANSWER_BYTES];
    size_t size = 0;

    for (;;) {
        int n = SSL_read(ssl, answer + size, (int)(sizeof answer - 1 - size));
        if (n <= 0)
            fail("the connection broke");
        size += (size_t)n;
        answer[size] = '\0';
        char *end = strstr(answer, "\r\n\r\n");
        if (end == NULL)
            continue;
        *end = '\0';
        long body = body_size(answer);
        size_t have = size - (size_t)(end + 4 - answer);
        *end = '\r';
        if (body < 0 ? strcmp(answer + size - 5, "0\r\n\r\n") == 0 : have >= (size_t)body)
            return strncmp(answer + 9, "200", 3) == 0 || strncmp(answer + 9, "303", 3) == 0;
    }
}

/* When request number `place` begins, in seconds since some moment: now, or when the clock says. */
static double
next_start(size_t place)
{
    if (rate <= 0)
        return now();
    double due = began + (double)place / rate, wait = due - now();
    if (wait > 0) {
        struct timespec pause = {.tv_sec = (time_t)wait, .tv_nsec = (long)((wait - (double)(time_t)wait) * 1e9)};
        nanosleep(&pause, NULL);
    }
    return due;
}

/* One client; `argument` is its number. */
static void *
press(void *argument)
{
    size_t first = (size_t)(intptr_t)argument;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = connect_to(context);

    pthread_barrier_wait(&connected);
    pthread_barrier_wait(&begun);
    for (size_t place = first, at = first;; place += (size_t)clients) {
        double start = next_start(place);
        if (start >= began + seconds)
            break;
        send_request(ssl, &lines[at]);
        if (!read_answer(ssl))
            atomic_fetch_add(&failed, 1);
        size_t slot = atomic_fetch_add(&answered, 1);
        if (slot < MAX_TIMES)
            times[slot] = (float)((now() - start) * 1000);
        at = at + (size_t)clients < line_count ? at + (size_t)clients : first;
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    return NULL;
}

static int
by_time(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
    if (argc != 5 && argc != 6)
        fail("usage: load PORT SECONDS CLIENTS FILE [RATE]");
    port = (int)strtol(argv[1], NULL, 10);
    seconds = strtod(argv[2], NULL);
    clients = (int)strtol(argv[3], NULL, 10);
    rate = argc == 6 ? strtod(argv[5], NULL) : 0;
    read_lines(argv[4]);
    if (clients < 1 || (size_t)clients > line_count)
        fail("fewer requests than clients");
    next_number = (unsigned)time(NULL) * 1000u;
    pthread_t *threads = calloc((size_t)clients, sizeof *threads);
    pthread_barrier_init(&connected, NULL, (unsigned)clients + 1);
    pthread_barrier_init(&begun, NULL, (unsigned)clients + 1);
    for (int i = 0; i < clients; i++)
        pthread_create(&threads[i], NULL, press, (void *)(intptr_t)i);
    pthread_barrier_wait(&connected);
    began = now();
    pthread_barrier_wait(&begun);
    for (int i = 0; i < clients; i++)
        pthread_join(threads[i], NULL);
    double took = now() - began;
    free(threads);
    size_t count = answered < MAX_TIMES ? answered : MAX_TIMES;
    qsort(times, count, sizeof *times, by_time);
    printf("requests=%zu failures=%zu rate=%.1f p50=%.3f p95=%.3f\n", (size_t)answered, (size_t)failed,
           (double)answered / took, (double)times[count / 2], (double)times[count * 95 / 100]);
    return failed == 0 || rate > 0 ? 0 : 1;
}
