/* test_voice.c - what the telephone gateway reads: TwiML, sound, and which addresses are the application's. */
#include "unit.h"

#include <string.h>

#include "voice/application.h"
#include "voice/twiml.h"
#include "voice/wav.h"

static const struct twiml *
read(struct arena *arena, const char *text)
{
    return twiml_read(arena, text, strlen(text));
}

static void
a_document_is_read_in_order(void **state)
{
    const struct twiml *document =
        read(*state, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Gather input=\"dtmf\" timeout=\"10\" finishOnKey=\"#\" method=\"POST\" "
                     "action=\"/a\" numDigits=\"3\"><Say language=\"ja-JP\"> 体温&amp;酸素 </Say><Pause length=\"2\"/></Gather>"
                     "<!-- then --><Redirect method=\"POST\"><![CDATA[/b?c=d&e=f]]></Redirect><Hangup/></Response>");
    static const enum twiml_kind kinds[] = {TWIML_GATHER, TWIML_SAY, TWIML_PAUSE, TWIML_REDIRECT, TWIML_HANGUP};

    assert_non_null(document);
    assert_int_equal(document->count, 5);
    for (size_t i = 0; i < document->count; i++)
        assert_int_equal(document->verbs[i].kind, kinds[i]);
    const struct twiml_verb *gather = &document->verbs[0];
    assert_string_equal(gather->text, "/a");
    assert_int_equal(gather->seconds, 10);
    assert_int_equal(gather->keys, 3);
    assert_int_equal(gather->end_key, '#');
    assert_int_equal(gather->inside, 2);
    assert_string_equal(document->verbs[1].text, "体温&酸素");
    assert_int_equal(document->verbs[2].seconds, 2);
    assert_string_equal(document->verbs[3].text, "/b?c=d&e=f");
}

static void
what_a_document_leaves_out_is_as_services_say(void **state)
{
    const struct twiml *document = read(*state, "<Response><Gather action=\"/a\"/><Gather action=\"/a\" finishOnKey=\"\" timeout=\"9999\"/><Pause/></Response>");

    assert_non_null(document);
    assert_int_equal(document->verbs[0].seconds, 5);
    assert_int_equal(document->verbs[0].end_key, '#');
    assert_int_equal(document->verbs[0].keys, TWIML_KEYS_MOST);
    assert_int_equal(document->verbs[1].end_key, '\0');
    assert_int_equal(document->verbs[1].seconds, TWIML_SECONDS_MOST);
    assert_int_equal(document->verbs[2].seconds, 1);
    assert_int_equal(read(*state, "<Response/>")->count, 0);
}

static void
what_is_not_understood_refuses_the_document(void **state)
{
    static const char *const refused[] = {
        "", "<", "<html/>", "<response/>", "<Response><Dial>1</Dial></Response>", "<Response><Say></Say></Response>", "<Response><Say>a<b/></Say></Response>",
        "<Response><Redirect/></Response>", "<Response><Gather/></Response>", "<Response><Gather action=\"/a\" timeout=\"x\"/></Response>",
        "<Response><Gather action=\"/a\" input=\"speech\"/></Response>", "<Response><Gather action=\"/a\" finishOnKey=\"12\"/></Response>",
        "<Response><Gather action=\"/a\"><Gather action=\"/b\"/></Gather></Response>", "<Response><Pause length=\"-1\"/></Response>",
        "<!DOCTYPE Response><Response/>", "<!DOCTYPE r [<!ENTITY a \"b\">]><Response><Say>&a;</Say></Response>", "<Response><Say>&a;</Say></Response>",
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Response/\xFF>",
    };

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (read(*state, refused[i]) != NULL)
            fail_msg("taken: %s", refused[i]);
}

/* A file with this format and these samples behind a chunk that means nothing to us. */
static size_t
wav(char *out, int channels, int rate, int bits, const void *data, uint32_t size)
{
    const unsigned char format[16] = {1, 0, (unsigned char)channels, 0, (unsigned char)rate, (unsigned char)(rate >> 8), (unsigned char)(rate >> 16), [14] = (unsigned char)bits};

    memcpy(out, "RIFF\0\0\0\0WAVELIST\3\0\0\0abc\0fmt \x10\0\0\0", 32);
    memcpy(out + 32, format, 16);
    memcpy(out + 48, "data", 4);
    memset(out + 52, 0xFF, 4); /* as from a pipe: longer than any file */
    memcpy(out + 56, data, size);
    return 56 + size;
}

static void
sound_is_read_as_telephones_have_it(void **state)
{
    const int16_t samples[] = {0, 1, -1, 32767, -32768};
    char file[100];
    size_t count = 0, size = wav(file, 1, 8000, 16, samples, sizeof samples);
    const int16_t *out = wav_read(*state, file, size, &count);

    assert_non_null(out);
    assert_int_equal(count, 5);
    assert_memory_equal(out, samples, sizeof samples);
    assert_null(wav_read(*state, file, 56, &count));
    assert_null(wav_read(*state, file, wav(file, 2, 8000, 16, samples, sizeof samples), &count));
    assert_null(wav_read(*state, file, wav(file, 1, 44100, 16, samples, sizeof samples), &count));
    assert_null(wav_read(*state, file, wav(file, 1, 8000, 8, samples, sizeof samples), &count));
    for (size_t i = 0; i < size; i++)
        wav_read(*state, file, i, &count);
}

static void
only_the_application_is_asked(void **state)
{
    struct voice voice = {.settings.application = "http://127.0.0.1:8080"};
    char longer[CALL_URL_MOST + 10] = "/";

    memset(longer + 1, 'a', sizeof longer - 2);
    assert_string_equal(application_url(*state, &voice, "/a/b?c"), "http://127.0.0.1:8080/a/b?c");
    assert_string_equal(application_url(*state, &voice, "http://127.0.0.1:8080/a"), "http://127.0.0.1:8080/a");
    static const char *const others[] = {"", "a", "http://127.0.0.1:8080", "http://127.0.0.1:80801/", "http://127.0.0.1:8080@example.jp/", "https://127.0.0.1:8080/a", "/a b", "/a\r\nb", "/あ"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(application_url(*state, &voice, others[i]));
    assert_null(application_url(*state, &voice, longer));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT(a_document_is_read_in_order),
        UNIT(what_a_document_leaves_out_is_as_services_say),
        UNIT(what_is_not_understood_refuses_the_document),
        UNIT(sound_is_read_as_telephones_have_it),
        UNIT(only_the_application_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
