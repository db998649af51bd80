/*
 * phone.c - the telephone network of the tests: a SIP trunk behind which people pick up, or not, hear that somebody speaks, and press keys.
 *
 *     phone ADDRESS:PORT GATEWAY-ADDRESS:PORT [USER PASSWORD]
 *
 * With USER and PASSWORD the trunk asks for them, at every call and when the gateway registers.
 *
 * Standard input says who there is and who rings us, a line each:
 *
 *     person NUMBER busy|declined|absent|silent       busy; refuses; no such number; rings and rings
 *     person NUMBER event|info|tone WORD...           picks up; each word is what is pressed when the next sentence is heard: keys,
 *                                                     "-" for none, "hangup"
 *     ring NUMBER event|info|tone WORD...             rings the gateway
 *
 * Standard output tells what happens: "registered -", "rang NUMBER", "answered NUMBER", "heard NUMBER SENTENCES PACKETS" at the end of a call. It knows nothing of
 * the gateway's sources: two readings of the standards meet here.
 */
#include <math.h>
#include <re.h>
#include <rem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RATE = 8000, PACKET_MS = 20, PACKET = 160, EVENT_TYPE = 101,
    KEY_MS = 100, GAP_MS = 100,  /* pressed; until the next */
    REACTION_MS = 200,           /* from the beginning of a sentence to the first key */
    QUIET_MS = 140,              /* before what counts as another sentence */
    LONG_QUIET_MS = 4000,        /* the same after nothing was pressed: sentences have pauses */
    RING_MS = 300, LOUD = 250,   /* mean of a packet's samples */
    PEOPLE_MOST = 200, WORDS_MOST = 40, WORD_SIZE = 16
};

enum way { EVENT, INFO, TONE, BUSY, DECLINED, ABSENT, SILENT };
static const char *const ways[] = {"event", "info", "tone", "busy", "declined", "absent", "silent"};
static const struct { int code; const char *reason; } refusals[] = {[BUSY] = {486, "Busy Here"}, [DECLINED] = {603, "Decline"}, [ABSENT] = {404, "Not Found"}};

struct person {
    char number[24];
    enum way way;
    char words[WORDS_MOST][WORD_SIZE];
    int count;
};

struct talk {
    const struct person *person;
    struct sipsess *session;
    struct rtp_sock *rtp;
    struct sdp_session *sdp;
    struct sdp_media *audio;
    struct tmr pick_up, tick;
    uint64_t next_at;
    uint32_t timestamp, event_timestamp;
    int quiet, needed, reaction, sentences, packets; /* milliseconds, and counts */
    const char *keys;                                /* that are still to be pressed */
    int key_ms;                                      /* how long the first of them is down, or up behind that */
};

static struct person people[PEOPLE_MOST];
static int people_count;
static struct sip *sip;
static struct sipsess_sock *sessions;
static struct sa address;
static const char *gateway, *user, *password;

static void
say(const char *what, const struct person *person)
{
    re_printf("%s %s\n", what, person->number);
    fflush(stdout);
}

/* ---- pressing ------------------------------------------------------------------------------------------------------------- */

static void
send_rtp(struct talk *talk, bool marker, int type, uint32_t timestamp, const uint8_t *bytes, size_t size)
{
    struct mbuf *packet = mbuf_alloc(RTP_HEADER_SIZE + size);

    packet->pos = packet->end = RTP_HEADER_SIZE;
    mbuf_write_mem(packet, bytes, size);
    packet->pos = RTP_HEADER_SIZE;
    rtp_send(talk->rtp, sdp_media_raddr(talk->audio), false, marker, (uint8_t)type, timestamp, packet);
    mem_deref(packet);
}

/* The last packet of an event is sent three times, as RFC 4733 wants. */
static void
send_event(struct talk *talk)
{
    int duration = talk->key_ms * RATE / 1000;
    bool last = talk->key_ms >= KEY_MS;
    uint8_t bytes[4] = {(uint8_t)telev_digit2code(*talk->keys), (uint8_t)(last ? 0x8A : 0x0A), (uint8_t)(duration >> 8), (uint8_t)duration};

    if (talk->key_ms == PACKET_MS)
        talk->event_timestamp = talk->timestamp;
    for (int i = 0; i < (last ? 3 : 1); i++)
        send_rtp(talk, talk->key_ms == PACKET_MS, EVENT_TYPE, talk->event_timestamp, bytes, sizeof bytes);
}

static void
send_sound(struct talk *talk, char key)
{
    static const char keys[] = "123A456B789C*0#D";
    static const double rows[] = {697, 770, 852, 941}, columns[] = {1209, 1336, 1477, 1633};
    const char *place = key == '\0' ? NULL : strchr(keys, key);
    uint8_t bytes[PACKET];

    for (int i = 0; i < PACKET; i++) {
        double t = 2 * 3.14159265358979 * (double)(talk->timestamp + (uint32_t)i) / RATE;
        double value = place == NULL ? 0 : sin(t * rows[(place - keys) / 4]) + sin(t * columns[(place - keys) % 4]);
        bytes[i] = g711_pcm2ulaw((int16_t)(value * 8000));
    }
    send_rtp(talk, false, 0, talk->timestamp, bytes, sizeof bytes);
}

static void
send_info(struct talk *talk)
{
    struct mbuf *body = mbuf_alloc(64);

    mbuf_printf(body, "Signal=%c\r\nDuration=%d\r\n", *talk->keys, KEY_MS);
    body->pos = 0;
    sipsess_info(talk->session, "application/dtmf-relay", body, NULL, NULL);
    mem_deref(body);
}

/* ---- a call --------------------------------------------------------------------------------------------------------------- */

static void
over(struct talk *talk)
{
    tmr_cancel(&talk->pick_up);
    tmr_cancel(&talk->tick);
    mem_deref(talk->session);
    mem_deref(talk->rtp);
    mem_deref(talk->sdp);
    re_printf("heard %s %d %d\n", talk->person->number, talk->sentences, talk->packets);
    fflush(stdout);
    mem_deref(talk);
}

/* What is done at the sentence that was just heard; true when the call is over by it. */
static bool
react(struct talk *talk)
{
    const char *word = talk->sentences <= talk->person->count ? talk->person->words[talk->sentences - 1] : "-";

    talk->reaction = 0;
    if (strcmp(word, "hangup") == 0) {
        over(talk);
        return true;
    }
    talk->keys = strcmp(word, "-") == 0 ? "" : word;
    talk->key_ms = 0;
    talk->quiet = 0;
    talk->needed = *talk->keys == '\0' ? LONG_QUIET_MS : QUIET_MS;
    return false;
}

static void
tick(void *argument)
{
    struct talk *talk = argument;

    talk->next_at += PACKET_MS;
    tmr_start(&talk->tick, talk->next_at > tmr_jiffies() ? talk->next_at - tmr_jiffies() : 0, tick, talk);
    if (talk->reaction > 0 && (talk->reaction -= PACKET_MS) == 0 && react(talk))
        return;
    talk->timestamp += PACKET;
    if (*talk->keys == '\0') {
        send_sound(talk, '\0');
        return;
    }
    talk->key_ms += PACKET_MS;
    bool down = talk->key_ms <= KEY_MS;
    if (down && talk->person->way == EVENT)
        send_event(talk);
    else
        send_sound(talk, down && talk->person->way == TONE ? *talk->keys : '\0');
    if (talk->key_ms == PACKET_MS && talk->person->way == INFO)
        send_info(talk);
    if (talk->key_ms >= KEY_MS + GAP_MS) {
        talk->keys++;
        talk->key_ms = 0;
    }
}

/* Sound after enough silence is the next sentence. */
static void
received(const struct sa *from, const struct rtp_header *head, struct mbuf *payload, void *argument)
{
    struct talk *talk = argument;
    size_t size = mbuf_get_left(payload);
    long sum = 0;

    (void)from;
    if (head->pt != 0 || size == 0)
        return;
    for (size_t i = 0; i < size; i++)
        sum += labs((long)g711_ulaw2pcm(mbuf_read_u8(payload)));
    if (sum / (long)size < LOUD) {
        talk->quiet += PACKET_MS;
        return;
    }
    talk->packets++;
    if (talk->quiet >= talk->needed && talk->reaction == 0 && *talk->keys == '\0') {
        talk->sentences++;
        talk->reaction = REACTION_MS;
    }
    talk->quiet = 0;
}

static struct talk *
talk_new(const struct person *person)
{
    struct talk *talk = mem_zalloc(sizeof *talk, NULL);

    talk->person = person;
    talk->keys = "";
    talk->needed = QUIET_MS;
    rtp_listen(&talk->rtp, IPPROTO_UDP, &address, 30000, 39999, false, received, NULL, talk);
    sdp_session_alloc(&talk->sdp, &address);
    sdp_media_add(&talk->audio, talk->sdp, sdp_media_audio, sa_port(rtp_local(talk->rtp)), sdp_proto_rtpavp);
    sdp_format_add(NULL, talk->audio, false, "0", "PCMU", RATE, 1, NULL, NULL, NULL, false, NULL);
    if (person->way == EVENT)
        sdp_format_add(NULL, talk->audio, false, "101", telev_rtpfmt, RATE, 1, NULL, NULL, NULL, false, "0-15");
    return talk;
}

static int
offered(struct mbuf **answer, const struct sip_msg *message, void *argument)
{
    struct talk *talk = argument;

    sdp_decode(talk->sdp, message->mb, true);
    return sdp_encode(answer, talk->sdp, false);
}

static int
accepted(const struct sip_msg *message, void *argument)
{
    return sdp_decode(((struct talk *)argument)->sdp, message->mb, false);
}

static void
established(const struct sip_msg *message, void *argument)
{
    struct talk *talk = argument;

    (void)message;
    say("answered", talk->person);
    talk->next_at = tmr_jiffies();
    tmr_start(&talk->tick, 0, tick, talk);
}

static void
closed(int fault, const struct sip_msg *message, void *argument)
{
    (void)fault;
    (void)message;
    over(argument);
}

/* ---- being rung, and ringing ------------------------------------------------------------------------------------------------ */

static void
pick_up(void *argument)
{
    struct talk *talk = argument;
    struct mbuf *answer = NULL;

    sdp_encode(&answer, talk->sdp, false);
    sipsess_answer(talk->session, 200, "OK", answer, NULL);
    mem_deref(answer);
}

static const struct person *
person_of(const struct pl *number)
{
    for (int i = people_count - 1; i >= 0; i--)
        if (pl_strcmp(number, people[i].number) == 0)
            return &people[i];
    return NULL;
}

/* Whether a request brings the password of the trunk; it is asked for when it does not. */
static bool
is_welcome(const struct sip_msg *message)
{
    const struct sip_hdr *header = sip_msg_hdr(message, SIP_HDR_AUTHORIZATION);
    struct httpauth_digest_resp answer;
    uint8_t secret[MD5_SIZE];

    if (password == NULL)
        return true;
    md5_printf(secret, "%s:carrier:%s", user, password);
    if (header != NULL && httpauth_digest_response_decode(&answer, &header->val) == 0 && httpauth_digest_response_auth(&answer, &message->met, secret) == 0)
        return true;
    sip_treplyf(NULL, NULL, sip, message, false, 401, "Unauthorized",
                "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"%08x\", algorithm=MD5, qop=\"auth\"\r\nContent-Length: 0\r\n\r\n", rand_u32());
    return false;
}

static bool
registers(const struct sip_msg *message, void *argument)
{
    (void)argument;
    if (pl_strcmp(&message->met, "REGISTER") != 0)
        return false;
    if (is_welcome(message)) {
        sip_replyf(sip, message, 200, "OK", "Contact: <sip:%s@%s>;expires=60\r\nContent-Length: 0\r\n\r\n", user, gateway);
        re_printf("registered -\n");
        fflush(stdout);
    }
    return true;
}

static void
rings(const struct sip_msg *message, void *argument)
{
    const struct person *person = person_of(&message->uri.user);

    (void)argument;
    if (!is_welcome(message))
        return;
    if (person == NULL) {
        sip_treply(NULL, sip, message, 480, "Temporarily Unavailable");
        return;
    }
    say("rang", person);
    if (person->way != SILENT && person->way >= BUSY) {
        sip_treply(NULL, sip, message, (uint16_t)refusals[person->way].code, refusals[person->way].reason);
        return;
    }
    struct talk *talk = talk_new(person);
    sdp_decode(talk->sdp, message->mb, true);
    sipsess_accept(&talk->session, sessions, message, 180, "Ringing", "phone", "application/sdp", NULL, NULL, NULL, false, offered, accepted, established,
                   NULL, NULL, closed, talk, NULL);
    if (person->way != SILENT)
        tmr_start(&talk->pick_up, RING_MS, pick_up, talk);
}

static void
progressed(const struct sip_msg *message, void *argument)
{
    (void)message;
    (void)argument;
}

static void
ring(const struct person *person)
{
    struct talk *talk = talk_new(person);
    struct mbuf *offer = NULL;
    char to[100], from[100];

    re_snprintf(to, sizeof to, "sip:05012345678@%s", gateway);
    re_snprintf(from, sizeof from, "sip:%s@example.jp", person->number);
    sdp_encode(&offer, talk->sdp, true);
    sipsess_connect(&talk->session, sessions, to, NULL, from, "phone", NULL, 0, "application/sdp", offer, NULL, NULL, false, offered, accepted, progressed,
                    established, NULL, NULL, closed, talk, NULL);
    mem_deref(offer);
}

/* ---- what the tests say ----------------------------------------------------------------------------------------------------- */

static void
order(char *line)
{
    const char *what = strtok(line, " \n");

    if (what == NULL || people_count == PEOPLE_MOST)
        return;
    struct person *person = &people[people_count++];
    re_snprintf(person->number, sizeof person->number, "%s", strtok(NULL, " \n"));
    const char *way = strtok(NULL, " \n");
    while (way != NULL && strcmp(ways[person->way], way) != 0 && person->way < SILENT)
        person->way++;
    for (const char *word; person->count < WORDS_MOST && (word = strtok(NULL, " \n")) != NULL; person->count++)
        re_snprintf(person->words[person->count], WORD_SIZE, "%s", word);
    if (strcmp(what, "ring") == 0)
        ring(person);
}

static void
ordered(int flags, void *argument)
{
    char line[1000];

    (void)flags;
    (void)argument;
    if (fgets(line, sizeof line, stdin) == NULL)
        re_cancel();
    else
        order(line);
}

int
main(int argc, char **argv)
{
    struct dnsc *dns = NULL;
    struct sip_lsnr *listener = NULL;
    struct sa server;

    if ((argc != 3 && argc != 5) || libre_init() != 0)
        return 2;
    gateway = argv[2];
    user = argc == 5 ? argv[3] : "";
    password = argc == 5 ? argv[4] : NULL;
    setvbuf(stdin, NULL, _IONBF, 0); /* the event loop sees what is left in the descriptor only */
    sa_decode(&address, argv[1], strlen(argv[1]));
    sa_set_str(&server, "127.0.0.1", 53);
    if (dnsc_alloc(&dns, NULL, &server, 1) != 0 || sip_alloc(&sip, dns, 64, 64, 64, "phone", NULL, NULL) != 0 ||
        sip_transp_add(sip, SIP_TRANSP_UDP, &address) != 0 || sip_transp_add(sip, SIP_TRANSP_TCP, &address) != 0 ||
        sipsess_listen(&sessions, sip, 64, rings, NULL) != 0 ||
        sip_listen(&listener, sip, true, registers, NULL) != 0)
        return 1;
    sa_set_port(&address, 0);
    re_printf("ready -\n");
    fflush(stdout);
    fd_listen(STDIN_FILENO, FD_READ, ordered, NULL);
    re_main(NULL);
    sipsess_close_all(sessions);
    sip_close(sip, true);
    return 0;
}
