/*
 * compile_dictionary.c - turns dictionary/ (*.rec, GNU recutils) into const C tables; the grammar is in
 * dictionary/README.md.
 *
 *     compile_dictionary OUT.h OUT.c FILE.rec...
 *
 * It generates data, not code. Anything it does not know is fatal, with file and line; names that must be known to C
 * (types, tabs, classes, kinds, relations) are written as enum constants, so that the C compiler finds a wrong one.
 */
#include "compile_dictionary.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ITEMS = 400, MAX_LISTS = 80, MAX_FORMS = 15, MAX_TABS = 24, MAX_SECTIONS = 60, MAX_TERMS = 8 };

struct entry {
    char *name;
    char *list; /* items: their list */
    struct source source;
    int repeat;
};

static struct entry items[MAX_ITEMS], lists[MAX_LISTS], forms[MAX_FORMS], sections[MAX_SECTIONS], tabs[MAX_TABS];
static int item_count, list_count, form_count, section_count, tab_count;
static rec_db_t databases[32];
static const char *files[32];
static int file_count;

_Noreturn void
fail(struct source source, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s:%zu: ", source.file,
            source.record == NULL ? 0 : rec_record_location(source.record));
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

const char *
field(struct source source, const char *name)
{
    rec_field_t f = rec_record_get_field_by_name(source.record, name, 0);

    return f == NULL ? "" : rec_field_value(f);
}

const char *
needed(struct source source, const char *name)
{
    const char *value = field(source, name);

    if (value[0] == '\0')
        fail(source, "%s is missing", name);
    return value;
}

void
only_keys(struct source source, const char *names)
{
    rec_mset_iterator_t it = rec_mset_iterator(rec_record_mset(source.record));
    rec_field_t f;

    while (rec_mset_iterator_next(&it, MSET_FIELD, (const void **)&f, NULL)) {
        const char *name = rec_field_name(f), *at = names;
        size_t size = strlen(name);
        while ((at = strstr(at, name)) != NULL && !(at[size] == ' ' || at[size] == '\0'))
            at++;
        if (at == NULL)
            fail(source, "unknown key %s", name);
    }
    rec_mset_iterator_free(&it);
}

void
each(const char *type, void (*visit)(struct source source, FILE *out), FILE *out)
{
    for (int i = 0; i < file_count; i++) {
        for (size_t j = 0; j < rec_db_size(databases[i]); j++) {
            rec_rset_t rset = rec_db_get_rset(databases[i], j);
            const char *name = rec_rset_type(rset);
            if (name == NULL || strcmp(name, type) != 0)
                continue;
            rec_mset_iterator_t it = rec_mset_iterator(rec_rset_mset(rset));
            rec_record_t record;
            while (rec_mset_iterator_next(&it, MSET_RECORD, (const void **)&record, NULL))
                visit((struct source){files[i], record}, out);
            rec_mset_iterator_free(&it);
        }
    }
}

static int
find(const struct entry *table, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return i;
    return -1;
}

static void
declare(struct entry *table, int *count, int most, struct entry entry)
{
    if (*count == most)
        fail(entry.source, "too many records of this type");
    if (find(table, *count, entry.name) >= 0)
        fail(entry.source, "%s is declared twice", entry.name);
    table[(*count)++] = entry;
}

/* test#_method with 2 becomes test2_method. */
static char *
numbered(const char *name, int number)
{
    char text[200];
    const char *hash = strchr(name, '#');

    if (hash == NULL)
        return strdup(name);
    snprintf(text, sizeof text, "%.*s%d%s", (int)(hash - name), name, number, hash + 1);
    return strdup(text);
}

static void
read_item(struct source source, FILE *out)
{
    int repeat = atoi(field(source, "Repeat"));

    (void)out;
    only_keys(source, "Name Label Type Table Tab Class Repeat List Min Max Unit Hint Municipality Section Need When");
    if ((strcmp(needed(source, "Table"), "entry") == 0) != (field(source, "Section")[0] != '\0'))
        fail(source, "an item of an entry stands in a Section; others get their places in forms.rec");
    if ((strchr(needed(source, "Name"), '#') != NULL) != (repeat > 0))
        fail(source, "Repeat and # in the name go together");
    for (int i = repeat > 0 ? 1 : 0; i <= repeat; i++)
        declare(items, &item_count, MAX_ITEMS,
                (struct entry){numbered(field(source, "Name"), i),
                               strdup(field(source, "List")), source, i});
}

static void
read_choice(struct source source, FILE *out)
{
    (void)out;
    only_keys(source, "List Code Label Forms None");
    if (find(lists, list_count, needed(source, "List")) < 0)
        declare(lists, &list_count, MAX_LISTS,
                (struct entry){strdup(field(source, "List")), NULL, source, 0});
}

static void
read_form(struct source source, FILE *out)
{
    (void)out;
    only_keys(source, "Version From Title Short_title Notice");
    declare(forms, &form_count, MAX_FORMS,
            (struct entry){strdup(needed(source, "Version")), NULL, source, 0});
}

static void
read_section(struct source source, FILE *out)
{
    (void)out;
    only_keys(source, "Name Label Lead Tab");
    declare(sections, &section_count, MAX_SECTIONS,
            (struct entry){strdup(needed(source, "Name")), NULL, source, 0});
}

static void
read_tab(struct source source, FILE *out)
{
    (void)out;
    only_keys(source, "Name Label Class Entries Lead Since Until Items");
    declare(tabs, &tab_count, MAX_TABS,
            (struct entry){strdup(needed(source, "Name")), NULL, source, 0});
}

/* ---- small parts of a row ---------------------------------------------------------------------------------------- */

void
write_literal(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            fputc('\\', out);
        if (*p == '\n')
            fputs("\\n", out);
        else
            fputc(*p, out);
    }
    fputc('"', out);
}

static int
item_number(struct source source, const char *name)
{
    int i = find(items, item_count, name);

    if (i < 0)
        fail(source, "no item %s", name);
    return i;
}

const char *
item_declared(struct source source, const char *name, const char **list)
{
    const struct entry *item = &items[item_number(source, name)];

    *list = item->list;
    return item->name;
}

unsigned
form_mask(struct source source, const char *names)
{
    unsigned mask = 0;
    char *copy = strdup(names), *rest = NULL;

    if (names[0] == '\0' || strcmp(names, "all") == 0)
        return (1u << form_count) - 1;
    for (char *name = strtok_r(copy, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest)) {
        int i = find(forms, form_count, name);
        if (i < 0)
            fail(source, "no form version %s", name);
        mask |= 1u << i;
    }
    free(copy);
    return mask;
}

/* Blank-separated words as PREFIX_a | PREFIX_b bits. */
static void
write_bits(FILE *out, const char *prefix, const char *words)
{
    char *copy = strdup(words), *rest = NULL;

    fputc('0', out);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        fprintf(out, " | 1u << %s%s", prefix, word);
    free(copy);
}

static void
write_term(struct source source, FILE *out, char *term)
{
    char *op = term + strcspn(term, "=~!?<");
    char kind = *op;
    char *value = op + (kind == '!' ? 2 : 1);

    *op = '\0';
    if (kind == '\0')
        fail(source, "a condition without = ~ != ? <");
    for (char *p = value; *p != '\0'; p++)
        if (*p == ',')
            *p = ' ';
    if (strcmp(term, "age") == 0 && kind == '<')
        fprintf(out, "{TERM_AGE_BELOW, -1, \"\", %d}, ", atoi(value));
    else if (strcmp(term, "entry_days") == 0 && kind == '<')
        fprintf(out, "{TERM_ENTRY_DAYS_BELOW, -1, \"\", %d}, ", atoi(value));
    else if (kind == '<')
        fail(source, "< is for age and entry_days");
    else
        fprintf(out, "{%s, ITEM_%s, \"%s\", 0}, ",
                kind == '=' ? "TERM_EQUALS"
                : kind == '~' ? "TERM_HAS"
                : kind == '!' ? "TERM_DIFFERS"
                              : "TERM_GIVEN",
                items[item_number(source, term)].name, kind == '?' ? "" : value);
}

static void
write_condition(struct source source, FILE *out)
{
    char *copy = strdup(field(source, "When")), *rest = copy;

    fputs("(const struct term[]){", out);
    while (rest != NULL && rest[0] != '\0') {
        char *next = strstr(rest, " & ");
        if (next != NULL)
            *next = '\0';
        write_term(source, out, rest);
        rest = next == NULL ? NULL : next + 3;
    }
    fputs("{TERM_END, -1, \"\", 0}}", out);
    free(copy);
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

static void
write_item(const struct entry *item, FILE *out)
{
    struct source s = item->source;
    const char *municipality = field(s, "Municipality");
    const char *list = field(s, "List"), *column = item->name;
    bool is_choice = strncmp(needed(s, "Type"), "choice", 6) == 0;

    if (is_choice != (list[0] != '\0'))
        fail(s, "a choice needs a List, and only a choice has one");
    if (is_choice && find(lists, list_count, list) < 0)
        fail(s, "no list %s", list);
    if (strcmp(needed(s, "Table"), "test_record") == 0)
        column = strchr(item->name, '_') + 1;
    fprintf(out, "    [ITEM_%s] = {\"%s\", \"%s\", ", item->name, item->name, column);
    write_literal(out, needed(s, "Label"));
    fprintf(out, ", TYPE_%s, TABLE_%s, TAB_%s, CLASS_%s, ", field(s, "Type"), field(s, "Table"),
            needed(s, "Tab"), needed(s, "Class"));
    fprintf(out, "%s%s, %d, %d, %d, ", is_choice ? "LIST_" : "-1", list, item->repeat,
            atoi(field(s, "Min")), atoi(field(s, "Max")));
    fprintf(out, "%s%s, ", municipality[0] == '\0' ? "-1" : "ITEM_", municipality);
    write_literal(out, field(s, "Unit"));
    fputs(", ", out);
    write_literal(out, field(s, "Hint"));
    fputs("},\n", out);
}

static const char *current_list;
static int choices_written;

static void
write_choice(struct source source, FILE *out)
{
    if (strcmp(field(source, "List"), current_list) != 0)
        return;
    fputs("    {", out);
    write_literal(out, needed(source, "Code"));
    fputs(", ", out);
    write_literal(out, needed(source, "Label"));
    /* What a version of the notification leaves out is still offered by the tabs. */
    fprintf(out, ", 0x%xu, %s},\n",
            form_mask(source, field(source, "Forms")) | ~((1u << form_count) - 1),
            strcmp(field(source, "None"), "yes") == 0 ? "true" : "false");
    choices_written++;
}

static void
write_choices(FILE *out)
{
    int counts[MAX_LISTS];

    for (int i = 0; i < list_count; i++) {
        current_list = lists[i].name;
        choices_written = 0;
        fprintf(out, "static const struct choice choices_%s[] = {\n", lists[i].name);
        each("Choice", write_choice, out);
        fputs("};\n\n", out);
        counts[i] = choices_written;
    }
    fputs("const struct choice_list dictionary_lists[LIST_COUNT] = {\n", out);
    for (int i = 0; i < list_count; i++)
        fprintf(out, "    {\"%s\", %d, choices_%s},\n", lists[i].name, counts[i], lists[i].name);
    fputs("};\n\n", out);
}

static void
write_form(struct source source, FILE *out)
{
    static const char *const keys[] = {"Version", "From", "Title", "Short_title", "Notice"};

    fputs("    {", out);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        write_literal(out, field(source, keys[i]));
        fputs(", ", out);
    }
    fputs("},\n", out);
}

static void
write_section(struct source source, FILE *out)
{
    fputs("    {", out);
    write_literal(out, field(source, "Name"));
    fputs(", ", out);
    write_literal(out, needed(source, "Label"));
    fputs(", ", out);
    write_literal(out, field(source, "Lead"));
    fputs("},\n", out);
}

static int places_written;

static void
write_place(struct source source, FILE *out)
{
    const char *need = needed(source, "Need"), *section = needed(source, "Section");

    only_keys(source, "Item Section Forms No Need When Short");
    if (strcmp(need, "must") != 0 && strcmp(need, "may") != 0)
        fail(source, "Need is must or may");
    if (find(sections, section_count, section) < 0)
        fail(source, "no section %s", section);
    item_number(source, needed(source, "Item"));
    fprintf(out, "    {ITEM_%s, SECTION_%s, 0x%x, \"%s\", %s, %s, ", field(source, "Item"), section,
            form_mask(source, needed(source, "Forms")), field(source, "No"),
            strcmp(need, "must") == 0 ? "true" : "false",
            strcmp(field(source, "Short"), "yes") == 0 ? "true" : "false");
    write_condition(source, out);
    fputs("},\n", out);
    places_written++;
}

/* The place of an item that names its section itself: in its tab's form, whose bit follows those of the versions. */
static void
write_own_place(struct source source, FILE *out)
{
    const char *section = field(source, "Section"), *need = field(source, "Need");
    int tab = find(tabs, tab_count, needed(source, "Tab"));

    if (section[0] == '\0')
        return;
    if (find(sections, section_count, section) < 0)
        fail(source, "no section %s", section);
    if (tab < 0)
        fail(source, "no tab %s", field(source, "Tab"));
    if (strcmp(need, "must") != 0 && strcmp(need, "may") != 0)
        fail(source, "Need is must or may");
    fprintf(out, "    {ITEM_%s, SECTION_%s, 0x%x, \"\", %s, false, ", field(source, "Name"), section,
            1u << (form_count + tab), strcmp(need, "must") == 0 ? "true" : "false");
    write_condition(source, out);
    fputs("},\n", out);
    places_written++;
}

static void
write_tab(struct source source, FILE *out)
{
    const char *entries = needed(source, "Entries"), *added = field(source, "Items");
    const char *dates[] = {field(source, "Since"), field(source, "Until")};

    if (strcmp(entries, "one") != 0 && strcmp(entries, "many") != 0)
        fail(source, "Entries is one or many");
    if (added[0] != '\0' && strcmp(added, "added") != 0)
        fail(source, "Items is added, or is left out");
    fprintf(out, "    {TAB_%s, CLASS_%s, FORM_COUNT + %d, ", needed(source, "Name"),
            needed(source, "Class"), find(tabs, tab_count, field(source, "Name")));
    write_literal(out, needed(source, "Label"));
    fputs(", ", out);
    write_literal(out, needed(source, "Lead"));
    fprintf(out, ", %s, %s", strcmp(entries, "many") == 0 ? "true" : "false",
            added[0] == '\0' ? "false" : "true");
    for (int i = 0; i < 2; i++)
        if (dates[i][0] == '\0')
            fputs(", -1", out);
        else
            fprintf(out, ", ITEM_%s", items[item_number(source, dates[i])].name);
    fputs("},\n", out);
}

static int checks_written;

static void
write_operand(struct source source, FILE *out, const char *name)
{
    if (strcmp(name, "today") == 0)
        fputs("OPERAND_TODAY", out);
    else if (strcmp(name, "age") == 0)
        fputs("OPERAND_AGE", out);
    else if (isdigit((unsigned char)name[0]))
        fputs("OPERAND_NONE", out);
    else
        fprintf(out, "ITEM_%s", items[item_number(source, name)].name);
}

static void
write_check(struct source source, FILE *out)
{
    static const struct {
        const char *text, *left_is_date, *constant;
    } ops[] = {{"<=", "CHECK_NOT_AFTER", "CHECK_AT_MOST"},
               {">=", "CHECK_NOT_BEFORE", NULL},
               {"=", "CHECK_SAME", NULL},
               {"digits", NULL, "CHECK_DIGITS"},
               {"read", "CHECK_READ", NULL}};
    const char *op = needed(source, "Op"), *right = needed(source, "Right");
    const char *severity = needed(source, "Severity"), *constant = NULL;
    bool number = isdigit((unsigned char)right[0]);

    only_keys(source, "Name Left Op Right Severity Message");
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(ops[i].text, op) == 0)
            constant = number ? ops[i].constant : ops[i].left_is_date;
    if (constant == NULL)
        fail(source, "Op %s does not go with Right %s", op, right);
    if (strcmp(severity, "error") != 0 && strcmp(severity, "warning") != 0)
        fail(source, "Severity is error or warning");
    fprintf(out, "    {\"%s\", ", needed(source, "Name"));
    write_operand(source, out, needed(source, "Left"));
    fputs(", ", out);
    write_operand(source, out, right);
    fprintf(out, ", %s, \"%s\", %s, ", constant, number ? right : "",
            strcmp(severity, "error") == 0 ? "true" : "false");
    write_literal(out, needed(source, "Message"));
    fputs("},\n", out);
    checks_written++;
}

static int rights_written;

static void
write_right(struct source source, FILE *out)
{
    only_keys(source, "Kind Relation View Edit Because");
    fprintf(out, "    {KIND_%s, RELATION_%s, ", needed(source, "Kind"), needed(source, "Relation"));
    write_bits(out, "CLASS_", needed(source, "View"));
    fputs(", ", out);
    write_bits(out, "CLASS_", field(source, "Edit"));
    fputs(", ", out);
    write_literal(out, field(source, "Because"));
    fputs("},\n", out);
    rights_written++;
}

/* ---- files -------------------------------------------------------------------------------------------------------- */

static void
write_enum(FILE *out, const char *name, const char *prefix, const struct entry *table, int count)
{
    fprintf(out, "enum %s {\n", name);
    for (int i = 0; i < count; i++) {
        fprintf(out, "    %s_", prefix);
        for (const char *p = table[i].name; *p != '\0'; p++)
            fputc(*p == '-' ? '_' : *p, out);
        fputs(",\n", out);
    }
    fprintf(out, "    %s_COUNT\n};\n\n", prefix);
}

static int boxes_written;

static void
write_tables(FILE *out)
{
    fputs("#include \"dictionary/dictionary.h\"\n\n"
          "const struct item dictionary_items[ITEM_COUNT] = {\n",
          out);
    for (int i = 0; i < item_count; i++)
        write_item(&items[i], out);
    fputs("};\n\n", out);
    write_choices(out);
    fputs("const struct form_version dictionary_forms[FORM_COUNT] = {\n", out);
    each("Form", write_form, out);
    fputs("};\n\nconst struct section dictionary_sections[SECTION_COUNT] = {\n", out);
    each("Section", write_section, out);
    fputs("};\n\nconst struct place dictionary_places[PLACE_COUNT] = {\n", out);
    each("Place", write_place, out);
    each("Item", write_own_place, out);
    fputs("};\n\nconst struct record_tab dictionary_tabs[RECORD_TAB_COUNT] = {\n", out);
    each("Tab", write_tab, out);
    fputs("};\n\nconst struct check dictionary_checks[CHECK_COUNT] = {\n", out);
    each("Check", write_check, out);
    fputs("};\n\nconst struct right dictionary_rights[RIGHT_COUNT] = {\n", out);
    each("Right", write_right, out);
    fputs("};\n\n", out);
    boxes_written = paper_write(out);
    papers_write(out);
}

static void
write_header(FILE *out)
{
    fputs("/* Made by tools/compile_dictionary.c from dictionary/. Included by dictionary/dictionary.h. */\n"
          "#ifndef HERSYS_DICTIONARY_TABLE_H\n#define HERSYS_DICTIONARY_TABLE_H\n\n",
          out);
    write_enum(out, "item_name", "ITEM", items, item_count);
    write_enum(out, "list_name", "LIST", lists, list_count);
    write_enum(out, "form_name", "FORM", forms, form_count);
    write_enum(out, "section_name", "SECTION", sections, section_count);
    fprintf(out,
            "enum { PLACE_COUNT = %d, CHECK_COUNT = %d, RIGHT_COUNT = %d, PAPER_BOX_COUNT = %d, "
            "RECORD_TAB_COUNT = %d };\n\n",
            places_written, checks_written, rights_written, boxes_written, tab_count);
    fputs("extern const struct item dictionary_items[ITEM_COUNT];\n"
          "extern const struct choice_list dictionary_lists[LIST_COUNT];\n"
          "extern const struct form_version dictionary_forms[FORM_COUNT];\n"
          "extern const struct section dictionary_sections[SECTION_COUNT];\n"
          "extern const struct place dictionary_places[PLACE_COUNT];\n"
          "extern const struct record_tab dictionary_tabs[RECORD_TAB_COUNT];\n"
          "extern const struct check dictionary_checks[CHECK_COUNT];\n"
          "extern const struct right dictionary_rights[RIGHT_COUNT];\n"
          "extern const struct paper_box paper_boxes[PAPER_BOX_COUNT];\n",
          out);
    papers_declare(out);
    fputs("\n#endif\n", out);
}

static void
parse_file(const char *path)
{
    FILE *in = fopen(path, "r");
    struct source nowhere = {path, NULL};

    if (in == NULL || file_count == 32)
        fail(nowhere, "cannot be read");
    rec_parser_t parser = rec_parser_new(in, path);
    if (!rec_parse_db(parser, &databases[file_count])) {
        rec_parser_perror(parser, "%s", path);
        exit(1);
    }
    const char *slash = strrchr(path, '/');
    files[file_count++] = slash == NULL ? path : slash + 1;
    rec_parser_destroy(parser);
    fclose(in);
}

int
main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: compile_dictionary OUT.h OUT.c FILE.rec...\n");
        return 2;
    }
    rec_init();
    for (int i = 3; i < argc; i++)
        parse_file(argv[i]);
    each("Form", read_form, NULL);
    each("Section", read_section, NULL);
    each("Tab", read_tab, NULL);
    each("Choice", read_choice, NULL);
    each("Item", read_item, NULL);
    FILE *table = fopen(argv[2], "w"), *header = fopen(argv[1], "w");
    if (table == NULL || header == NULL)
        return 1;
    write_tables(table);
    write_header(header);
    return fclose(table) != 0 || fclose(header) != 0;
}
