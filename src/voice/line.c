/* line.c - see line.h. */
#include "voice/line.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

enum { HASH_SIZE = 64, NAME_SERVERS_MOST = 8, REGISTER_SECONDS = 300, URI_MOST = 200 };

/* How a call ends by what the other side answers; anything else: failed. */
static const struct {
    int code;
    const char *status;
} endings[] = {{486, "busy"}, {600, "busy"}, {603, "busy"}, {408, "no-answer"}, {480, "no-answer"}, {487, "no-answer"}};

static const char *
ending_of(int code)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (endings[i].code == code)
            return endings[i].status;
    return "failed";
}

/* The password of the trunk, when the carrier asks for one. */
static int
give_password(char **user, char **password, const char *realm, void *argument)
{
    const struct voice_settings *settings = argument;

    (void)realm;
    if (settings->trunk_user[0] == '\0')
        return EACCES;
    int fault = str_dup(user, settings->trunk_user);
    return fault != 0 ? fault : str_dup(password, settings->trunk_password);
}

/* ---- what happens in a session ------------------------------------------------------------------------------------------------- */

static int
offered(struct mbuf **answer, const struct sip_msg *message, void *user)
{
    struct call *call = user;
    bool is_offer = mbuf_get_left(message->mb) > 0;
    int fault = call->state == CALL_ENDED ? EPIPE : is_offer ? sdp_decode(call->media.sdp, message->mb, true) : 0;

    return fault != 0 ? fault : sdp_encode(answer, call->media.sdp, !is_offer);
}

static int
accepted(const struct sip_msg *message, void *user)
{
    struct call *call = user;

    return call->state == CALL_ENDED ? EPIPE : sdp_decode(call->media.sdp, message->mb, false);
}

static void
progressed(const struct sip_msg *message, void *user)
{
    if (message->scode > 100)
        call_ringing(user);
}

static void
established(const struct sip_msg *message, void *user)
{
    (void)message;
    call_answered(user);
}

/* A key: application/dtmf-relay says "Signal=5". */
static void
informed(struct sip *sip, const struct sip_msg *message, void *user)
{
    struct call *call = user;
    struct pl body, key = PL_INIT;

    sip_reply(sip, message, 200, "OK");
    pl_set_mbuf(&body, message->mb);
    if (call->state == CALL_TALKING && body.l > 0 && msg_ctype_cmp(&message->ctyp, "application", "dtmf-relay") &&
        re_regex(body.p, body.l, "Signal[ ]*=[ ]*[0-9*#A-D]1", NULL, NULL, &key) == 0)
        media_info(&call->media, *key.p);
}

static void
closed(int fault, const struct sip_msg *message, void *user)
{
    struct call *call = user;
    int code = message == NULL ? 0 : message->scode;

    (void)fault;
    if (call->state == CALL_TALKING)
        call_end(call, "completed", 0);
    else
        call_end(call, ending_of(code), code);
}

/* ---- out ------------------------------------------------------------------------------------------------------------------------ */

int
line_dial(struct call *call)
{
    struct voice *voice = call->voice;
    const struct voice_settings *settings = &voice->settings;
    struct arena *arena = arena_new();
    struct mbuf *offer = NULL;
    const char *to = text_format(arena, "sip:%s@%s", call->to, settings->trunk + strlen("sip:"));
    const char *from = text_format(arena, "sip:%s@%s", call->from, settings->trunk_domain);
    const char *user = settings->trunk_user[0] == '\0' ? "hersys" : settings->trunk_user;
    int fault = sdp_encode(&offer, call->media.sdp, true);

    if (fault == 0)
        fault = sipsess_connect(&call->session, voice->sessions, to, NULL, from, user, NULL, 0, "application/sdp", offer, give_password,
                                &voice->settings, false, offered, accepted, progressed, established, informed, NULL, closed, call, NULL);
    mem_deref(offer);
    arena_free(arena);
    return fault;
}

/* ---- in ------------------------------------------------------------------------------------------------------------------------- */

/* Whether the settings name this address as one that may ring us. */
static bool
is_peer(const struct voice *voice, const struct sa *from)
{
    char address[64];

    return sa_ntop(from, address, sizeof address) == 0 && text_has_word(voice->settings.peers, address);
}

/* The number in a SIP address; "" when there is none that one could ring back. */
static const char *
number_in(struct arena *arena, const struct pl *user)
{
    const char *number = user->l <= CALL_NUMBER_MOST ? text_copy_n(arena, user->l == 0 ? "" : user->p, user->l) : "";

    return text_is_digits(number[0] == '+' ? number + 1 : number) ? number : "";
}

/* Who rings: as the carrier asserts (RFC 3325), else as From says. */
static const char *
caller(struct arena *arena, const struct sip_msg *message)
{
    const struct sip_hdr *asserted = sip_msg_hdr(message, SIP_HDR_P_ASSERTED_IDENTITY);
    struct sip_addr address;

    if (asserted != NULL && sip_addr_decode(&address, &asserted->val) == 0)
        return number_in(arena, &address.uri.user);
    return number_in(arena, &message->from.uri.user);
}

static int
pick_up(struct call *call, const struct sip_msg *message)
{
    struct mbuf *answer = NULL;
    bool has_offer = mbuf_get_left(message->mb) > 0;
    int fault = has_offer ? sdp_decode(call->media.sdp, message->mb, true) : 0;

    if (fault == 0)
        fault = sdp_encode(&answer, call->media.sdp, !has_offer);
    if (fault == 0)
        fault = sipsess_accept(&call->session, call->voice->sessions, message, 200, "OK", "hersys", "application/sdp", answer, give_password,
                               &call->voice->settings, false, offered, accepted, established, informed, NULL, closed, call, NULL);
    mem_deref(answer);
    return fault;
}

static void
rings(const struct sip_msg *message, void *user)
{
    struct voice *voice = user;
    struct arena *arena = arena_new();

    if (voice->settings.incoming[0] == '\0' || !is_peer(voice, &message->src)) {
        log_error("ring_refused", NULL);
        sip_treply(NULL, voice->sip, message, 403, "Forbidden");
    } else {
        struct call *call = call_rings(voice, caller(arena, message));
        if (call == NULL)
            sip_treply(NULL, voice->sip, message, 486, "Busy Here");
        else if (pick_up(call, message) != 0) {
            sip_treply(NULL, voice->sip, message, 488, "Not Acceptable Here");
            call_end(call, "failed", 488);
        }
    }
    arena_free(arena);
}

/* ---- beginning and end ------------------------------------------------------------------------------------------------------------ */

static void
registered(int fault, const struct sip_msg *message, void *user)
{
    (void)user;
    if (fault != 0 || message == NULL || message->scode >= 300)
        log_error("trunk_not_registered", "reason", fault != 0 ? strerror(fault) : "refused", NULL);
}

static int
register_at_trunk(struct voice *voice)
{
    const struct voice_settings *settings = &voice->settings;
    struct arena *arena = arena_new();
    const char *own = text_format(arena, "sip:%s@%s", settings->trunk_user, settings->trunk_domain);
    int fault = sipreg_register(&voice->registration, voice->sip, settings->trunk, own, NULL, own, REGISTER_SECONDS, settings->trunk_user, NULL, 0, 0,
                                give_password, &voice->settings, false, registered, NULL, NULL, NULL);

    arena_free(arena);
    return fault;
}

int
line_open(struct voice *voice)
{
    struct sa servers[NAME_SERVERS_MOST], address;
    uint32_t count = NAME_SERVERS_MOST;
    int fault;

    /* A trunk whose host is an address needs no name server. */
    if (dns_srv_get(NULL, 0, servers, &count) != 0)
        count = 0;
    fault = sa_decode(&address, voice->settings.sip, strlen(voice->settings.sip));
    sa_cpy(&voice->address, &address);
    sa_set_port(&voice->address, 0);
    if (fault == 0)
        fault = dnsc_alloc(&voice->dns, NULL, servers, count);
    if (fault == 0)
        fault = sip_alloc(&voice->sip, voice->dns, HASH_SIZE, HASH_SIZE, HASH_SIZE, "hersys-voice", NULL, NULL);
    if (fault == 0)
        fault = sip_transp_add(voice->sip, SIP_TRANSP_UDP, &address);
    if (fault == 0)
        fault = sip_transp_add(voice->sip, SIP_TRANSP_TCP, &address);
    if (fault == 0)
        fault = sipsess_listen(&voice->sessions, voice->sip, HASH_SIZE, rings, voice);
    return fault == 0 && voice->settings.trunk_register ? register_at_trunk(voice) : fault;
}

void
line_close(struct voice *voice)
{
    voice->registration = mem_deref(voice->registration);
    if (voice->sessions != NULL)
        sipsess_close_all(voice->sessions);
    if (voice->sip != NULL)
        sip_close(voice->sip, true);
    voice->sessions = mem_deref(voice->sessions);
    voice->sip = mem_deref(voice->sip);
    voice->dns = mem_deref(voice->dns);
}
