/* twiml.c - see twiml.h. */
#include "voice/twiml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* What a verb has besides its name. */
enum {
    TEXT = 1,      /* its content is a text that must not be empty */
    LENGTH = 2,    /* length="seconds" */
    GATHERING = 4, /* the attributes and the verbs inside of Gather */
    INSIDE = 8     /* may stand in a Gather */
};

static const struct {
    const char *name;
    enum twiml_kind kind;
    int has;
} words[] = {
    {"Say", TWIML_SAY, TEXT | INSIDE},      {"Play", TWIML_PLAY, TEXT | INSIDE}, {"Pause", TWIML_PAUSE, LENGTH | INSIDE},
    {"Gather", TWIML_GATHER, GATHERING},    {"Redirect", TWIML_REDIRECT, TEXT},  {"Hangup", TWIML_HANGUP, 0},
};
enum { WORDS = sizeof words / sizeof *words };

/* A C string of libxml2's that the document or its attribute owns, as ours. */
static const char *
taken(struct arena *arena, xmlChar *text)
{
    const char *copy = text == NULL ? NULL : text_trim(arena, (const char *)text);

    xmlFree(text);
    return copy;
}

static const char *
attribute(struct arena *arena, const xmlNode *node, const char *name, const char *otherwise)
{
    const char *value = taken(arena, xmlGetNoNsProp(node, (const xmlChar *)name));

    return value == NULL ? otherwise : value;
}

/* A number of an attribute in [least, most]; a larger one is `most`, so that no wait is longer than we allow. False when it is none. */
static bool
number(struct arena *arena, const xmlNode *node, const char *name, const char *otherwise, int least, int most, int *out)
{
    int64_t value;

    if (text_to_int(attribute(arena, node, name, otherwise), least, 1000000, &value) != 0)
        return false;
    *out = value < most ? (int)value : most;
    return true;
}

static bool
read_gather(struct arena *arena, const xmlNode *node, struct twiml_verb *verb)
{
    const char *end_key = attribute(arena, node, "finishOnKey", "#");

    verb->text = attribute(arena, node, "action", "");
    verb->end_key = end_key[0];
    return strlen(end_key) <= 1 && strlen(verb->text) <= TWIML_TEXT_MOST && verb->text[0] != '\0' &&
           strcmp(attribute(arena, node, "input", "dtmf"), "dtmf") == 0 &&
           number(arena, node, "timeout", "5", 1, TWIML_SECONDS_MOST, &verb->seconds) &&
           number(arena, node, "numDigits", "1000000", 1, TWIML_KEYS_MOST, &verb->keys);
}

static bool
read_text(struct arena *arena, const xmlNode *node, struct twiml_verb *verb)
{
    verb->text = taken(arena, xmlNodeGetContent(node));
    return !text_empty(verb->text) && strlen(verb->text) <= TWIML_TEXT_MOST && xmlChildElementCount((xmlNode *)(uintptr_t)node) == 0;
}

/* Appends the verbs below `parent`; false when one is not understood. A Gather holds only what may stand inside one, so this goes two deep. */
static bool
read_verbs(struct arena *arena, const xmlNode *parent, bool inside, struct twiml *out)
{
    for (const xmlNode *node = parent->children; node != NULL; node = node->next) {
        int w = 0;
        if (node->type != XML_ELEMENT_NODE)
            continue;
        while (w < WORDS && strcmp((const char *)node->name, words[w].name) != 0)
            w++;
        if (w == WORDS || (inside && !(words[w].has & INSIDE)) || out->count == TWIML_VERBS_MOST)
            return false;
        struct twiml_verb *verb = &out->verbs[out->count++];
        *verb = (struct twiml_verb){.kind = words[w].kind, .text = ""};
        if ((words[w].has & TEXT) && !read_text(arena, node, verb))
            return false;
        if ((words[w].has & LENGTH) && !number(arena, node, "length", "1", 0, TWIML_SECONDS_MOST, &verb->seconds))
            return false;
        size_t before = out->count;
        if ((words[w].has & GATHERING) && (!read_gather(arena, node, verb) || !read_verbs(arena, node, true, out)))
            return false;
        verb->inside = out->count - before;
    }
    return true;
}

const struct twiml *
twiml_read(struct arena *arena, const void *data, size_t size)
{
    struct twiml *out = ARENA_NEW(arena, struct twiml);

    /* With the encoding ours and no declarations of its own, a document can neither reach out nor grow. */
    if (size > TWIML_SIZE_MOST || !text_is_utf8(data, size) || memmem(data, size, "<!DOCTYPE", strlen("<!DOCTYPE")) != NULL)
        return NULL;
    xmlDoc *doc = xmlReadMemory(data, (int)size, NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
    if (doc == NULL)
        return NULL;
    const xmlNode *root = xmlDocGetRootElement(doc);
    bool good = root != NULL && doc->intSubset == NULL && strcmp((const char *)root->name, "Response") == 0 && read_verbs(arena, root, false, out);
    xmlFreeDoc(doc);
    return good ? out : NULL;
}
