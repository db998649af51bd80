/*
 * compile_templates.c - turns templates/ (*.html) into const data; the language is in src/web/template.h.
 *
 *     compile_templates OUT.h OUT.c FILE.html...
 *
 * It follows the HTML far enough to know where a value stands, and refuses what cannot be escaped safely: a value in
 * a tag outside quotes, in a script or style element, in a comment; a value in href, src, action or formaction whose
 * name does not end in _path; a section that begins in one place and ends in another. Blanks at the beginning of a
 * line are dropped.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TEMPLATES = 200, MAX_OPS = 4000, MAX_DEPTH = 20 };

enum place { TEXT, TAG, QUOTED, RAW, COMMENT };

struct op {
    char kind; /* as in the source: T text, V value, # ^ > */
    unsigned length;
    char *text;
};

struct state {
    const char *file;
    int line;
    enum place place;
    char quote;          /* which quote closes QUOTED */
    char attribute[32];  /* name of the attribute that QUOTED belongs to */
    char element[32];    /* name of the element that TAG or RAW belongs to */
    bool value_started;  /* something stands already in the quotes */
    struct op ops[MAX_OPS];
    unsigned count;
    unsigned open[MAX_DEPTH];      /* indexes of sections not yet closed */
    enum place open_place[MAX_DEPTH];
    int depth;
};

static char *names[MAX_TEMPLATES];
static int name_count;

static _Noreturn void
fail(const struct state *s, const char *message)
{
    fprintf(stderr, "%s:%d: %s\n", s->file, s->line, message);
    exit(1);
}

static char *
slice(const char *start, const char *end)
{
    char *copy = strndup(start, (size_t)(end - start));
    if (copy == NULL)
        abort();
    return copy;
}

/* templates/sign_in.html -> sign_in */
static char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *start = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(start, '.');
    return slice(start, dot == NULL ? start + strlen(start) : dot);
}

static void
add(struct state *s, char kind, char *text, unsigned length)
{
    if (s->count == MAX_OPS)
        fail(s, "the template is too long");
    s->ops[s->count++] = (struct op){kind, length, text};
}

static bool
holds_address(const char *attribute)
{
    return strcmp(attribute, "href") == 0 || strcmp(attribute, "src") == 0 ||
           strcmp(attribute, "action") == 0 || strcmp(attribute, "formaction") == 0;
}

static void
add_value(struct state *s, char *name)
{
    size_t size = strlen(name);
    bool is_path = size > 5 && strcmp(name + size - 5, "_path") == 0;

    if (s->place == TAG)
        fail(s, "a value in a tag must stand in quotes");
    if (s->place == RAW || s->place == COMMENT)
        fail(s, "no value may stand in a script, a style or a comment");
    if (s->place == QUOTED && strncmp(s->attribute, "on", 2) == 0)
        fail(s, "no value may stand in an event handler");
    if (s->place == QUOTED && holds_address(s->attribute) && !s->value_started && !is_path)
        fail(s, "the name of a value that begins an address must end in _path");
    s->value_started = true;
    add(s, 'V', name, 0);
}

static void
open_section(struct state *s, char kind, char *name)
{
    if (s->depth == MAX_DEPTH)
        fail(s, "sections are nested too deeply");
    s->open[s->depth] = s->count;
    s->open_place[s->depth++] = s->place;
    add(s, kind, name, 0);
}

static void
close_section(struct state *s, const char *name)
{
    if (s->depth == 0)
        fail(s, "a section is closed that is not open");
    struct op *opened = &s->ops[s->open[--s->depth]];
    if (strcmp(opened->text, name) != 0)
        fail(s, "another section is open here");
    if (s->open_place[s->depth] != s->place)
        fail(s, "a section ends in another place (text, tag, quotes) than it begins");
    opened->length = s->count - s->open[s->depth] - 1;
}

static void
add_partial(struct state *s, const char *name)
{
    for (int i = 0; i < name_count; i++)
        if (strcmp(names[i], name) == 0) {
            add(s, '>', names[i], (unsigned)i);
            return;
        }
    fail(s, "no such template");
}

/* Handles {{...}} at `p`; returns what follows. */
static const char *
directive(struct state *s, const char *p)
{
    const char *end = strstr(p, "}}");
    if (end == NULL)
        fail(s, "{{ without }}");
    char kind = p[2];
    if (kind == '!')
        return end + 2;
    const char *start = p + 2 + (strchr("#^/>", kind) != NULL);
    char *name = slice(start, end);
    for (const char *c = name; *c != '\0'; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
            fail(s, "a name is made of a-z, 0-9 and _");
    if (kind == '#' || kind == '^')
        open_section(s, kind, name);
    else if (kind == '/')
        close_section(s, name);
    else if (kind == '>')
        add_partial(s, name);
    else
        add_value(s, name);
    return end + 2;
}

static void
take_word(char out[32], const char *p)
{
    size_t n = 0;
    while (n < 31 && (isalnum((unsigned char)p[n]) || p[n] == '-'))
        n++;
    memcpy(out, p, n);
    out[n] = '\0';
}

/* Enters the quotes that open at `p`: remembers which attribute they belong to. */
static void
enter_quotes(struct state *s, const char *text, const char *p)
{
    const char *name = p - 1;
    if (name <= text || *name != '=')
        fail(s, "a quote in a tag that follows no =");
    while (name > text && (isalnum((unsigned char)name[-1]) || name[-1] == '-'))
        name--;
    take_word(s->attribute, name);
    s->place = QUOTED;
    s->quote = *p;
    s->value_started = false;
}

/* Moves the HTML state over the character at `p`. */
static void
follow(struct state *s, const char *text, const char *p)
{
    char raw_end[40];

    switch (s->place) {
    case TEXT:
        if (strncmp(p, "<!--", 4) == 0)
            s->place = COMMENT;
        else if (*p == '<' && (isalpha((unsigned char)p[1]) || p[1] == '/' || p[1] == '!')) {
            s->place = TAG;
            take_word(s->element, p + 1);
        }
        break;
    case TAG:
        if (*p == '"' || *p == '\'')
            enter_quotes(s, text, p);
        else if (*p == '>')
            s->place = strcmp(s->element, "script") == 0 || strcmp(s->element, "style") == 0 ? RAW
                                                                                             : TEXT;
        break;
    case QUOTED:
        if (*p == s->quote)
            s->place = TAG;
        else
            s->value_started = true;
        break;
    case RAW:
        snprintf(raw_end, sizeof raw_end, "</%s", s->element);
        if (strncmp(p, raw_end, strlen(raw_end)) == 0) {
            s->place = TAG;
            s->element[0] = '\0';
        }
        break;
    case COMMENT:
        if (strncmp(p, "-->", 3) == 0)
            s->place = TEXT;
        break;
    }
}

static void
compile(struct state *s, char *text)
{
    char *run = malloc(strlen(text) + 1);
    size_t size = 0;

    for (const char *p = text; *p != '\0';) {
        if (strncmp(p, "{{", 2) == 0) {
            if (size > 0)
                add(s, 'T', slice(run, run + size), (unsigned)size);
            size = 0;
            p = directive(s, p);
            continue;
        }
        follow(s, text, p);
        run[size++] = *p;
        if (*p++ == '\n') {
            s->line++;
            while (s->place != QUOTED && *p == ' ')
                p++;
        }
    }
    if (size > 0)
        add(s, 'T', slice(run, run + size), (unsigned)size);
    free(run);
    if (s->depth > 0)
        fail(s, "a section is not closed");
    if (s->place != TEXT)
        fail(s, "the template ends inside a tag, a script or a comment");
}

static char *
read_whole(const char *path)
{
    FILE *in = fopen(path, "r");
    if (in == NULL || fseek(in, 0, SEEK_END) != 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1);
    }
    long size = ftell(in);
    rewind(in);
    char *text = calloc((size_t)size + 8, 1);
    if (text == NULL || fread(text, 1, (size_t)size, in) != (size_t)size)
        exit(1);
    fclose(in);
    return text;
}

static void
write_literal(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (*p == '\n')
            fputs("\\n", out);
        else if (*p == '"' || *p == '\\')
            fprintf(out, "\\%c", *p);
        else if (*p == '?')
            fputs("\\?", out); /* no trigraphs */
        else
            fputc(*p, out);
    }
    fputc('"', out);
}

static void
write_template(FILE *out, const struct state *s, int index)
{
    static const char *const kinds[128] = {['T'] = "TEMPLATE_TEXT",
                                           ['V'] = "TEMPLATE_VALUE",
                                           ['#'] = "TEMPLATE_SECTION",
                                           ['^'] = "TEMPLATE_INVERTED",
                                           ['>'] = "TEMPLATE_PARTIAL"};

    fprintf(out, "static const struct template_op ops_%d[] = {\n", index);
    for (unsigned i = 0; i < s->count; i++) {
        fprintf(out, "    {%s, %u, ", kinds[(unsigned char)s->ops[i].kind], s->ops[i].length);
        write_literal(out, s->ops[i].text);
        fputs("},\n", out);
    }
    fprintf(out, "    {TEMPLATE_TEXT, 0, \"\"},\n};\n\n");
}

int
main(int argc, char **argv)
{
    static struct state s;
    unsigned counts[MAX_TEMPLATES];

    if (argc < 4 || argc - 3 > MAX_TEMPLATES) {
        fprintf(stderr, "usage: compile_templates OUT.h OUT.c FILE.html...\n");
        return 2;
    }
    FILE *header = fopen(argv[1], "w"), *table = fopen(argv[2], "w");
    if (header == NULL || table == NULL)
        return 1;
    for (int i = 3; i < argc; i++)
        names[name_count++] = base_name(argv[i]);
    fputs("/* Made by tools/compile_templates.c from templates/. */\n"
          "#ifndef HERSYS_TEMPLATE_TABLE_H\n#define HERSYS_TEMPLATE_TABLE_H\n\n"
          "#include \"web/template.h\"\n\nenum template {\n",
          header);
    fputs("#include \"template_table.h\"\n\n", table);
    for (int i = 0; i < name_count; i++) {
        memset(&s, 0, sizeof s);
        s.file = argv[i + 3];
        s.line = 1;
        char *text = read_whole(s.file);
        compile(&s, text);
        write_template(table, &s, i);
        counts[i] = s.count;
        fprintf(header, "    TEMPLATE_%s,\n", names[i]);
        free(text);
    }
    fputs("    TEMPLATE_COUNT\n};\n\nextern const struct template_code "
          "template_table[TEMPLATE_COUNT];\n\n#endif\n",
          header);
    fputs("const struct template_code template_table[TEMPLATE_COUNT] = {\n", table);
    for (int i = 0; i < name_count; i++)
        fprintf(table, "    {\"%s\", %u, ops_%d},\n", names[i], counts[i], i);
    fputs("};\n", table);
    return fclose(header) != 0 || fclose(table) != 0;
}
