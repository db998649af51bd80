/* media.c - see media.h. */
#include "voice/media.h"

#include <string.h>

enum {
    RATE = 8000,
    PACKET_MS = 20,
    PACKET = RATE / 1000 * PACKET_MS, /* samples */
    BREATH = RATE * 3 / 10,           /* samples of silence before a sentence: time to put the receiver to the ear again */
    LATE_MOST_MS = 200,               /* behind by more, time that was lost is not caught up with */
    EVENT_SIZE = 4,
    HEARD_MOST = 960                  /* samples of one packet: 120 ms */
};

/* ---- out ------------------------------------------------------------------------------------------------------------------ */

static int16_t
next_sample(struct media *media)
{
    if (media->silence > 0) {
        media->silence--;
        return 0;
    }
    if (media->left == 0)
        return 0;
    media->left--;
    return *media->samples++;
}

static void
send_packet(struct media *media)
{
    struct mbuf *packet = mbuf_alloc(RTP_HEADER_SIZE + PACKET);

    if (packet == NULL)
        return;
    packet->pos = packet->end = RTP_HEADER_SIZE;
    for (int i = 0; i < PACKET; i++) {
        int16_t sample = next_sample(media);
        mbuf_write_u8(packet, media->codec == 8 ? g711_pcm2alaw(sample) : g711_pcm2ulaw(sample));
    }
    packet->pos = RTP_HEADER_SIZE;
    rtp_send(media->rtp, sdp_media_raddr(media->audio), false, !media->began, (uint8_t)media->codec, media->timestamp, packet);
    mem_deref(packet);
    media->began = true;
    media->timestamp += PACKET;
}

static void
tick(void *user)
{
    struct media *media = user;
    uint64_t now = tmr_jiffies();
    bool playing = media->samples != NULL;

    send_packet(media);
    media->next_at = now > media->next_at + LATE_MOST_MS ? now : media->next_at;
    media->next_at += PACKET_MS;
    tmr_start(&media->tick, media->next_at > now ? media->next_at - now : 0, tick, media);
    if (playing && media->left == 0) {
        media_hush(media);
        media->played(media->user);
    }
}

void
media_play(struct media *media, const int16_t *samples, size_t count)
{
    media->samples = samples;
    media->left = count;
    media->silence = BREATH;
}

void
media_hush(struct media *media)
{
    media->samples = NULL;
    media->left = media->silence = 0;
}

/* ---- in ------------------------------------------------------------------------------------------------------------------- */

static void
pressed(struct media *media, char key, enum media_way way)
{
    if (media->way == MEDIA_NO_WAY)
        media->way = way;
    if (media->way == way)
        media->key(key, media->user);
}

void
media_info(struct media *media, char key)
{
    pressed(media, key, MEDIA_INFO);
}

static void
tone(char key, void *user)
{
    pressed(user, key, MEDIA_TONE);
}

/* A key is sent in many packets, of which any may be lost; they have one timestamp. */
static void
event(struct media *media, uint32_t timestamp, struct mbuf *payload)
{
    if (mbuf_get_left(payload) < EVENT_SIZE || (media->event_heard && timestamp == media->event_timestamp))
        return;
    media->event_heard = true;
    media->event_timestamp = timestamp;
    int key = telev_code2digit(mbuf_read_u8(payload));
    if (key != 0)
        pressed(media, (char)key, MEDIA_EVENT);
}

static void
hear_tones(struct media *media, int codec, struct mbuf *payload)
{
    int16_t samples[HEARD_MOST];
    size_t count = 0;

    while (count < HEARD_MOST && mbuf_get_left(payload) > 0) {
        uint8_t byte = mbuf_read_u8(payload);
        samples[count++] = codec == 8 ? g711_alaw2pcm(byte) : g711_ulaw2pcm(byte);
    }
    dtmf_dec_probe(media->tones, samples, count);
}

/* Only from the address with which the talk was agreed: nobody else presses keys. */
static void
received(const struct sa *from, const struct rtp_header *head, struct mbuf *payload, void *user)
{
    struct media *media = user;
    const struct sdp_format *format = sdp_media_lformat(media->audio, head->pt);

    if (!tmr_isrunning(&media->tick) || !sa_cmp(from, sdp_media_raddr(media->audio), SA_ADDR) || format == NULL)
        return;
    if (strcmp(format->name, telev_rtpfmt) == 0)
        event(media, head->ts, payload);
    else if (media->tones != NULL)
        hear_tones(media, head->pt, payload);
}

/* ---- beginning and end ---------------------------------------------------------------------------------------------------- */

static int
offer(struct media *media)
{
    static const struct {
        const char *id, *name, *params;
    } formats[] = {{"0", "PCMU", NULL}, {"8", "PCMA", NULL}, {"101", "telephone-event", "0-15"}};
    int fault = sdp_media_add(&media->audio, media->sdp, sdp_media_audio, sa_port(rtp_local(media->rtp)), sdp_proto_rtpavp);

    for (size_t i = 0; i < sizeof formats / sizeof *formats && fault == 0; i++)
        fault = sdp_format_add(NULL, media->audio, false, formats[i].id, formats[i].name, RATE, 1, NULL, NULL, NULL, false,
                               formats[i].params == NULL ? NULL : "%s", formats[i].params);
    return fault != 0 ? fault : sdp_media_set_lattr(media->audio, true, "ptime", "%d", PACKET_MS);
}

int
media_open(struct media *media, const struct sa *address, uint16_t first, uint16_t last, media_key_handler *key,
           media_played_handler *played, void *user)
{
    media->key = key;
    media->played = played;
    media->user = user;
    int fault = rtp_listen(&media->rtp, IPPROTO_UDP, address, first, last, false, received, NULL, media);
    if (fault == 0)
        fault = sdp_session_alloc(&media->sdp, address);
    if (fault == 0)
        fault = offer(media);
    if (fault != 0)
        media_close(media);
    return fault;
}

bool
media_start(struct media *media)
{
    const struct sdp_format *format = sdp_media_rformat(media->audio, NULL);

    if (format == NULL || (strcmp(format->name, "PCMU") != 0 && strcmp(format->name, "PCMA") != 0))
        return false;
    if (sdp_media_rformat(media->audio, telev_rtpfmt) == NULL && dtmf_dec_alloc(&media->tones, RATE, 1, tone, media) != 0)
        return false;
    media->codec = format->pt;
    media->timestamp = rand_u32();
    media->next_at = tmr_jiffies();
    tmr_start(&media->tick, 0, tick, media);
    return true;
}

void
media_close(struct media *media)
{
    media_hush(media);
    tmr_cancel(&media->tick);
    media->rtp = mem_deref(media->rtp);
    media->sdp = mem_deref(media->sdp);
    media->tones = mem_deref(media->tones);
    media->audio = NULL;
}
