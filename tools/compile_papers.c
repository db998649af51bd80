/* compile_papers.c - the tables of the documents (文書) out of dictionary/papers.rec. */
#include "compile_dictionary.h"

#include <string.h>

static int places_written, kinds_written;
static const char *whole_key; /* the key whose place is being looked for, and whether it was found */
static bool whole_found;

static void
write_whom(struct source source, FILE *out)
{
    const char *whom = needed(source, "Whom");
    bool patient = strstr(whom, "patient") != NULL, contact = strstr(whom, "contact") != NULL;

    if (!patient && !contact)
        fail(source, "Whom is patient, contact or both");
    fprintf(out, "%s%s%s, ", patient ? "PAPERS_PATIENT" : "", patient && contact ? " | " : "",
            contact ? "PAPERS_CONTACT" : "");
}

static void
write_place(struct source source, FILE *out)
{
    const char *item = field(source, "Item"), *typed = field(source, "Typed"), *list;

    only_keys(source, "Key Name Meaning Source Whom Example Item Typed");
    if ((strcmp(needed(source, "Source"), "item") == 0) != (item[0] != '\0'))
        fail(source, "Item belongs to Source: item, and that needs one");
    fputs("    {", out);
    const char *const texts[] = {"Key", "Name", "Meaning", "Example"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_literal(out, needed(source, texts[i]));
        fputs(", ", out);
    }
    fprintf(out, "PAPERS_%s, ", needed(source, "Source"));
    if (item[0] == '\0')
        fputs("-1, ", out);
    else
        fprintf(out, "ITEM_%s, ", item_declared(source, item, &list));
    write_whom(source, out);
    fprintf(out, "PAPERS_TYPED_%s},\n", typed[0] == '\0' ? "never" : typed);
    places_written++;
}

static void
look_for_place(struct source source, FILE *out)
{
    (void)out;
    const char *name = needed(source, "Name");

    whole_found = whole_found || (strlen(name) == strcspn(whole_key, "}") &&
                                  strncmp(name, whole_key, strlen(name)) == 0);
}

/* Every {{name}} of a text must be a place. */
static void
check_text(struct source source, const char *text)
{
    for (const char *at = strstr(text, "{{"); at != NULL; at = strstr(at + 2, "{{")) {
        whole_key = at + 2;
        whole_found = false;
        each("PapersPlace", look_for_place, NULL);
        if (!whole_found)
            fail(source, "no such place: %.40s", at);
    }
}

static bool
chosen(struct source source, const char *key, const char *word)
{
    const char *value = field(source, key);

    if (value[0] != '\0' && strcmp(value, word) != 0)
        fail(source, "%s can only be %s", key, word);
    return value[0] != '\0';
}

static void
write_kind(struct source source, FILE *out)
{
    const char *const texts[] = {"Name", "Label", "File", "Title", "Body"};

    only_keys(source, "Name Label File Whom Title Body Addressed Cases");
    check_text(source, needed(source, "Title"));
    check_text(source, needed(source, "Body"));
    fputs("    {", out);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_literal(out, needed(source, texts[i]));
        fputs(", ", out);
    }
    write_whom(source, out);
    fprintf(out, "%s, ", chosen(source, "Addressed", "no") ? "false" : "true");
    fprintf(out, "%s},\n", chosen(source, "Cases", "accepted") ? "true" : "false");
    kinds_written++;
}

void
papers_write(FILE *out)
{
    fputs("\nconst struct papers_place papers_places[PAPERS_PLACE_COUNT] = {\n", out);
    each("PapersPlace", write_place, out);
    fputs("};\n\nconst struct papers_kind papers_kinds[PAPERS_KIND_COUNT] = {\n", out);
    each("Papers", write_kind, out);
    fputs("};\n", out);
}

void
papers_declare(FILE *out)
{
    fprintf(out,
            "\nenum { PAPERS_PLACE_COUNT = %d, PAPERS_KIND_COUNT = %d };\n"
            "extern const struct papers_place papers_places[PAPERS_PLACE_COUNT];\n"
            "extern const struct papers_kind papers_kinds[PAPERS_KIND_COUNT];\n",
            places_written, kinds_written);
}
