/*
 * embed_sql.c - turns the *.sql files beside the modules into one const table of named statements.
 *
 *     embed_sql OUT.h OUT.c FILE.sql...
 *
 * A file looks like this:
 *
 *     -- role: staff heavy          the database roles that run what follows (until the next "-- role:")
 *     -- name: patient_find         one statement; its comment and text run to the next "-- name:" or "-- role:"
 *     -- What it is for.
 *     SELECT ... WHERE patient_id = $1;
 *
 *     -- plain: import_copy         the same for what the server cannot prepare (COPY)
 *
 * Strict: an unknown directive, a second use of a name, or text outside a statement is an error with file and line.
 * The names become enum sql { SQL_patient_find, ... }; `hersys check sql` prepares every one as each of its roles.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STATEMENTS = 1000, LINE_SIZE = 4096 };

struct statement {
    char *name, *roles, *text;
    const char *file;
    int line;
    int parameters;
    bool plain;
};

static struct statement statements[MAX_STATEMENTS];
static int count;

static _Noreturn void
fail(const char *file, int line, const char *message)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, message);
    exit(1);
}

static char *
trimmed(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    char *copy = strdup(text);
    if (copy == NULL)
        abort();
    for (size_t n = strlen(copy); n > 0 && isspace((unsigned char)copy[n - 1]); n--)
        copy[n - 1] = '\0';
    return copy;
}

static void
append(struct statement *s, const char *line)
{
    size_t old = s->text == NULL ? 0 : strlen(s->text);
    s->text = realloc(s->text, old + strlen(line) + 1);
    if (s->text == NULL)
        abort();
    strcpy(s->text + old, line);
    for (const char *p = line; (p = strchr(p, '$')) != NULL; p++) {
        int n = atoi(p + 1);
        if (n > s->parameters)
            s->parameters = n;
    }
}

static void
begin(const char *file, int line, const char *name, const char *roles, bool plain)
{
    if (roles == NULL)
        fail(file, line, "a statement before any \"-- role:\"");
    if (count == MAX_STATEMENTS)
        fail(file, line, "too many statements");
    for (const char *p = name; *p != '\0'; p++)
        if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
            fail(file, line, "a name is made of a-z, 0-9 and _");
    for (int i = 0; i < count; i++)
        if (strcmp(statements[i].name, name) == 0)
            fail(file, line, "this name is taken");
    statements[count++] = (struct statement){
        .name = trimmed(name), .roles = trimmed(roles), .file = file, .line = line, .plain = plain};
}

static void
read_file(const char *path)
{
    char line[LINE_SIZE];
    char *roles = NULL;
    bool inside = false;
    int number = 0;
    FILE *in = fopen(path, "r");

    if (in == NULL)
        fail(path, 0, "cannot be read");
    while (fgets(line, sizeof line, in) != NULL) {
        number++;
        if (strncmp(line, "-- role:", 8) == 0) {
            roles = trimmed(line + 8);
            inside = false;
        } else if (strncmp(line, "-- name:", 8) == 0 || strncmp(line, "-- plain:", 9) == 0) {
            bool plain = line[3] == 'p';
            begin(path, number, trimmed(line + (plain ? 9 : 8)), roles, plain);
            inside = true;
        } else if (strncmp(line, "--", 2) != 0) {
            if (inside)
                append(&statements[count - 1], line);
            else if (strspn(line, " \t\r\n") != strlen(line))
                fail(path, number, "text outside a statement");
        }
    }
    fclose(in);
}

static void
write_text(FILE *out, const char *text)
{
    fputs("\n        \"", out);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\n')
            fputs(p[1] == '\0' ? "" : "\\n\"\n        \"", out);
        else if (*p == '"' || *p == '\\')
            fprintf(out, "\\%c", *p);
        else
            fputc(*p, out);
    }
    fputs("\"", out);
}

static void
write_header(FILE *out)
{
    fputs("/* Made by tools/embed_sql.c from the *.sql files beside the modules. */\n"
          "#ifndef HERSYS_SQL_TABLE_H\n#define HERSYS_SQL_TABLE_H\n\n"
          "#include \"db/statement.h\"\n\nenum sql {\n",
          out);
    for (int i = 0; i < count; i++)
        fprintf(out, "    SQL_%s,\n", statements[i].name);
    fputs("    SQL_COUNT\n};\n\nextern const struct statement sql_table[SQL_COUNT];\n\n#endif\n", out);
}

static void
write_table(FILE *out)
{
    fputs("#include \"sql_table.h\"\n\nconst struct statement sql_table[SQL_COUNT] = {\n", out);
    for (int i = 0; i < count; i++) {
        const struct statement *s = &statements[i];
        char *body = trimmed(s->text == NULL ? "" : s->text);
        size_t n = strlen(body);
        if (n == 0 || body[n - 1] != ';')
            fail(s->file, s->line, "the statement does not end with a semicolon");
        body[n - 1] = '\0';
        if (strchr(body, ';') != NULL)
            fail(s->file, s->line, "two statements under one name");
        fprintf(out, "    [SQL_%s] = {\"%s\", \"%s\", \"%s\", %d, %d, %s,", s->name, s->name,
                s->roles, s->file, s->line, s->parameters, s->plain ? "true" : "false");
        write_text(out, body);
        fputs("},\n", out);
    }
    fputs("};\n", out);
}

int
main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: embed_sql OUT.h OUT.c FILE.sql...\n");
        return 2;
    }
    for (int i = 3; i < argc; i++)
        read_file(argv[i]);
    FILE *header = fopen(argv[1], "w"), *table = fopen(argv[2], "w");
    if (header == NULL || table == NULL)
        fail(argv[1], 0, "cannot be written");
    write_header(header);
    write_table(table);
    return fclose(header) != 0 || fclose(table) != 0;
}
