/*
 * media.h - the sound of one call: RTP with G.711 (PCMU, PCMA) both ways. We play; of what we hear only keys count, by RFC 4733 events, SIP
 * INFO, or their tones.
 */
#ifndef HERSYS_VOICE_MEDIA_H
#define HERSYS_VOICE_MEDIA_H

#include <re.h>
#include <rem.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ways in which a key can come. The first that is used in a call is the way of the call: some telephones take two at once. */
enum media_way { MEDIA_NO_WAY, MEDIA_EVENT, MEDIA_INFO, MEDIA_TONE };

typedef void media_key_handler(char key, void *user);
typedef void media_played_handler(void *user);

struct media {
    struct rtp_sock *rtp;
    struct sdp_session *sdp;
    struct sdp_media *audio;
    struct dtmf_dec *tones;
    struct tmr tick;
    uint64_t next_at;       /* when the next packet is due */
    uint32_t timestamp;
    int codec;              /* payload type */
    bool began;             /* a packet was sent */
    const int16_t *samples; /* what is being played, after `silence` samples */
    size_t left, silence;
    enum media_way way;
    bool event_heard;
    uint32_t event_timestamp;
    media_key_handler *key;
    media_played_handler *played;
    void *user;
};

/* Opens a socket in [first, last] of the address and prepares what we offer. 0 or an error of libre. The handlers get `user`. */
int media_open(struct media *media, const struct sa *address, uint16_t first, uint16_t last, media_key_handler *key,
               media_played_handler *played, void *user);

/* Both sides have said what they can: begins to send, silence at first. False when there is nothing in common. */
bool media_start(struct media *media);

/* Plays after a short silence; calls `played` at the end. The samples must hold until then, or until media_hush. Ends what was played. */
void media_play(struct media *media, const int16_t *samples, size_t count);
void media_hush(struct media *media);

/* A key that came by SIP. */
void media_info(struct media *media, char key);

void media_close(struct media *media);

#endif
