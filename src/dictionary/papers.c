/* papers.c - see papers.h. */
#include "dictionary/papers.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define OPEN  "{{"
#define CLOSE "}}"
#define BAR   "｜"

const struct papers_kind *
papers_kind_find(const char *name)
{
    for (int i = 0; i < PAPERS_KIND_COUNT; i++)
        if (strcmp(papers_kinds[i].name, name) == 0)
            return &papers_kinds[i];
    return NULL;
}

/* ---- the parts of a line ------------------------------------------------------------------------------------------- */

enum flaw { FLAW_NONE, FLAW_NOT_CLOSED, FLAW_NOT_OPENED, FLAW_UNKNOWN };

/* Words as they stand, or a place. */
struct part {
    const char *text; /* of a place: its name */
    size_t size;
    const struct papers_place *place; /* NULL: words */
    enum flaw flaw;
};

static const struct papers_place *
place_named(const char *name, size_t size)
{
    for (int i = 0; i < PAPERS_PLACE_COUNT; i++)
        if (strlen(papers_places[i].name) == size && strncmp(papers_places[i].name, name, size) == 0)
            return &papers_places[i];
    return NULL;
}

/* Takes the next part off a line; false at its end. Behind a flaw nothing is to be read. */
static bool
next_part(const char **at, struct part *part)
{
    const char *open = strstr(*at, OPEN), *close = strstr(*at, CLOSE);

    *part = (struct part){*at, strlen(*at), NULL, FLAW_NONE};
    if (**at == '\0')
        return false;
    if (close != NULL && (open == NULL || close < open)) {
        part->flaw = FLAW_NOT_OPENED;
    } else if (open != NULL && open > *at) {
        part->size = (size_t)(open - *at);
    } else if (open != NULL) {
        part->text = open + strlen(OPEN);
        part->flaw = close == NULL ? FLAW_NOT_CLOSED : FLAW_NONE;
        part->size = close == NULL ? strlen(part->text) : (size_t)(close - part->text);
        part->place = close == NULL ? NULL : place_named(part->text, part->size);
        if (close != NULL && part->place == NULL)
            part->flaw = FLAW_UNKNOWN;
        *at = close == NULL ? part->text + part->size : close + strlen(CLOSE);
        return true;
    }
    *at = part->text + part->size;
    return true;
}

/* ---- what cannot stand --------------------------------------------------------------------------------------------- */

static const char *
part_problem(struct arena *arena, const struct papers_kind *kind, const struct part *part, size_t line)
{
    const char *name = text_copy_n(arena, part->text, part->size);

    switch (part->flaw) {
    case FLAW_NOT_CLOSED:
        return text_format(arena, "%zu行目：「{{」を閉じる「}}」がありません。", line);
    case FLAW_NOT_OPENED:
        return text_format(arena, "%zu行目：「}}」の前に「{{」がありません。", line);
    case FLAW_UNKNOWN:
        return text_format(arena, "%zu行目：「{{%s}}」という項目はありません。使える項目の表から選んでください。", line, name);
    case FLAW_NONE:
        break;
    }
    if (part->place != NULL && (part->place->whom & kind->whom) == 0)
        return text_format(arena, "%zu行目：「{{%s}}」は「%s」では使えません。受け取る方に知らせてよい項目ではありません。",
                           line, name, kind->label);
    return NULL;
}

const char *
papers_problem(struct arena *arena, const struct papers_kind *kind, const char *text)
{
    size_t count;
    char **lines = text_split(arena, text, '\n', &count);
    struct part part;

    for (size_t i = 0; i < count; i++) {
        const char *at = lines[i];
        while (next_part(&at, &part)) {
            const char *problem = part_problem(arena, kind, &part, i + 1);
            if (problem != NULL)
                return problem;
        }
    }
    return NULL;
}

bool
papers_names(const char *text, const struct papers_place *place)
{
    const char *at = text;
    struct part part;

    while (next_part(&at, &part))
        if (part.place == place)
            return true;
    return false;
}

/* ---- filling in ---------------------------------------------------------------------------------------------------- */

/* A value stays within its line: it neither begins a new one nor makes a row of a table of it. */
static void
add_value(struct buf *out, const char *value)
{
    while (*value != '\0') {
        bool bar = strncmp(value, BAR, strlen(BAR)) == 0, ends = *value == '\n' || *value == '\r';
        buf_add_char(out, bar ? '|' : ends ? ' ' : *value);
        value += bar ? strlen(BAR) : 1;
    }
}

static const char *
filled(struct arena *arena, const char *line, const struct papers_values *values, bool *missing)
{
    struct buf out = buf_new(arena);
    struct part part;

    while (next_part(&line, &part)) {
        const char *value =
            part.place == NULL ? NULL : values->value[part.place - papers_places];
        if (part.place == NULL)
            buf_add(&out, part.text, part.size);
        else if (!text_empty(value))
            add_value(&out, value);
        else {
            buf_printf(&out, "〔%s：未入力〕", part.place->name);
            *missing = true;
        }
    }
    return buf_text(&out);
}

static struct papers_line
line_of(struct arena *arena, const char *text, const struct papers_values *values)
{
    struct papers_line line = {PAPERS_LINE_words, "", text, false};
    const char *words = text_trim(arena, text), *bar = strstr(text, BAR);

    if (bar != NULL) {
        line.kind = PAPERS_LINE_row;
        line.label = text_trim(arena, text_copy_n(arena, text, (size_t)(bar - text)));
        line.text = text_trim(arena, bar + strlen(BAR));
    } else if (strcmp(words, "記") == 0) {
        line.kind = PAPERS_LINE_centre;
    } else if (strcmp(words, "以上") == 0) {
        line.kind = PAPERS_LINE_right;
    }
    if (values != NULL) {
        line.label = filled(arena, line.label, values, &line.missing);
        line.text = filled(arena, line.text, values, &line.missing);
    }
    return line;
}

struct papers_lines
papers_fill(struct arena *arena, const char *text, const struct papers_values *values)
{
    size_t count;
    char **parts = text_split(arena, text, '\n', &count);
    struct papers_line *lines = arena_alloc(arena, (count + 1) * sizeof *lines);

    for (size_t i = 0; i < count; i++)
        lines[i] = line_of(arena, parts[i], values);
    return (struct papers_lines){count, lines};
}

const char *
papers_join(struct arena *arena, struct papers_lines lines)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < lines.count; i++) {
        const struct papers_line *line = &lines.list[i];
        buf_printf(&out, "%s%s%s%s", i == 0 ? "" : "\n", line->label,
                   line->kind == PAPERS_LINE_row ? BAR : "", line->text);
    }
    return buf_text(&out);
}
