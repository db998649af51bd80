/*
 * compile_paper.c - the part of the dictionary's compiler that reads the printed form: boxes in
 * millimetres, and their text with {marks} (grammar: dictionary/README.md, Box). A mark becomes one
 * part of a const table.
 */
#include "compile_dictionary.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int boxes_written;

/* ---- choices ----------------------------------------------------------------------------------------------------- */

static struct {
    const char *list, *code;
    bool found;
} wanted;

static void
look_for_choice(struct source source, FILE *out)
{
    (void)out;
    if (strcmp(field(source, "List"), wanted.list) == 0 &&
        strcmp(field(source, "Code"), wanted.code) == 0)
        wanted.found = true;
}

/* Both must be declared: the item, and the code in its list ("" stands for the whole list). */
static const char *
item_with_choice(struct source source, const char *name, const char *code)
{
    const char *list;
    const char *item = item_declared(source, name, &list);

    if (list[0] == '\0')
        fail(source, "%s is no choice", name);
    wanted.list = list;
    wanted.code = code;
    wanted.found = code[0] == '\0';
    each("Choice", look_for_choice, NULL);
    if (!wanted.found)
        fail(source, "%s has no choice %s", name, code);
    return item;
}

/* ---- parts of a text --------------------------------------------------------------------------------------------- */

enum { MOST_PARTS = 62 }; /* paper_compose has a bit for each */
static int parts_written; /* of this box, at most: a mark, and the words before it */

/* "~" is a blank at which no line ends (U+00A0). */
static void
write_words(FILE *out, const char *text)
{
    char with_blanks[4096];
    size_t size = 0;

    for (; *text != '\0' && size + 3 < sizeof with_blanks; text++) {
        if (*text == '~')
            with_blanks[size++] = '\xC2';
        with_blanks[size++] = *text == '~' ? '\xA0' : *text;
    }
    with_blanks[size] = '\0';
    write_literal(out, with_blanks);
}

static void
write_part(FILE *out, const char *kind, const char *item, const char *text)
{
    fprintf(out, "{PAPER_%s, %s%s, -1, ", kind, item == NULL ? "-1" : "ITEM_",
            item == NULL ? "" : item);
    write_words(out, text);
    fputs("}, ", out);
}

/* {item@other=code}: the value where the other item has this code. */
static void
write_value_where(struct source source, FILE *out, const char *name, char *condition)
{
    const char *list;
    char *equals = strchr(condition, '=');

    if (equals == NULL)
        fail(source, "@%s is not @item=code", condition);
    *equals = '\0';
    const char *other = item_with_choice(source, condition, equals + 1);
    fprintf(out, "{PAPER_value_where, ITEM_%s, ITEM_%s, ", item_declared(source, name, &list),
            other);
    write_literal(out, equals + 1);
    fputs("}, ", out);
}

static void
write_mark(struct source source, FILE *out, char *mark)
{
    static const struct {
        char sign;
        const char *kind;
    } choices[] = {{'=', "ring"}, {'+', "only"}, {'*', "list"}};
    const char *list;

    if (mark[0] == '#') {
        write_part(out, "number", item_declared(source, mark + 1, &list), "");
        return;
    }
    if (mark[0] == ':') { /* an unknown fact is found by the C compiler */
        fprintf(out, "{PAPER_fact, PAPER_FACT_%s, -1, \"\"}, ", mark + 1);
        return;
    }
    char *sign = mark + strcspn(mark, "=+*@"), kind = *sign;
    if (kind == '\0') {
        write_part(out, "value", item_declared(source, mark, &list), "");
        return;
    }
    *sign = '\0';
    if (kind == '@') {
        write_value_where(source, out, mark, sign + 1);
        return;
    }
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (choices[i].sign == kind)
            write_part(out, choices[i].kind,
                       item_with_choice(source, mark, kind == '*' ? "" : sign + 1), sign + 1);
}

static void
write_parts(struct source source, FILE *out)
{
    char *copy = strdup(needed(source, "Text")), *at = copy;

    parts_written = 0;
    fputs("(const struct paper_part[]){", out);
    while (*at != '\0') {
        char *open = at + strcspn(at, "{}");
        char *close = *open == '{' ? strchr(open, '}') : NULL;
        if (*open != '\0' && close == NULL)
            fail(source, "a brace without its other one");
        bool marked = *open == '{';
        *open = '\0';
        if (at[0] != '\0')
            write_part(out, "text", NULL, at);
        if (!marked)
            break;
        if ((parts_written += 2) > MOST_PARTS)
            fail(source, "more than %d marks", MOST_PARTS / 2);
        *close = '\0';
        write_mark(source, out, open + 1);
        at = close + 1;
    }
    fputs("{PAPER_end, -1, -1, \"\"}}", out);
    free(copy);
}

/* ---- boxes ------------------------------------------------------------------------------------------------------- */

static const char *
one_of(struct source source, const char *key, const char *names, const char *otherwise)
{
    const char *value = field(source, key), *at = strstr(names, value);
    size_t size = strlen(value);

    if (size == 0)
        return otherwise;
    if (at == NULL || (at != names && at[-1] != ' ') || (at[size] != ' ' && at[size] != '\0'))
        fail(source, "%s is one of %s", key, names);
    return value;
}

static void
write_place(struct source source, FILE *out)
{
    const char *at = needed(source, "At");

    for (int i = 0; i < 4; i++) {
        char *end;
        double millimetres = strtod(at, &end);
        if (end == at || millimetres < 0 || millimetres > 297)
            fail(source, "At is x y width height in millimetres");
        fprintf(out, "%g, ", millimetres);
        at = end;
    }
    if (at[strspn(at, " ")] != '\0')
        fail(source, "At is x y width height in millimetres");
}

static void
write_box(struct source source, FILE *out)
{
    const char *method = field(source, "Method"), *size = field(source, "Size");

    only_keys(source, "Forms At Line Size Bold Across Down Method Text");
    if (method[0] != '\0')
        item_with_choice(source, "test1_method", method);
    if (size[0] != '\0' && atof(size) < 6.5)
        fail(source, "type below 6.5 points is not legible");
    fprintf(out, "    {0x%x, ", form_mask(source, needed(source, "Forms")));
    write_place(source, out);
    fprintf(out, "%g, PAPER_LINE_%s, PAPER_%s, PAPER_%s, %s, ", size[0] == '\0' ? 7.5 : atof(size),
            one_of(source, "Line", "around below none", "around"),
            one_of(source, "Across", "left centre right", "left"),
            one_of(source, "Down", "top middle", "top"),
            strcmp(one_of(source, "Bold", "yes", "no"), "yes") == 0 ? "true" : "false");
    write_literal(out, method);
    fputs(", ", out);
    write_parts(source, out);
    fputs("},\n", out);
    boxes_written++;
}

int
paper_write(FILE *out)
{
    fputs("const struct paper_box paper_boxes[PAPER_BOX_COUNT] = {\n", out);
    each("Box", write_box, out);
    fputs("};\n", out);
    return boxes_written;
}
