/*
 * embed_text.c - puts whole files into a const table of name and content: the migrations.
 *
 *     embed_text OUT.c TABLE FILE...
 */
#include <stdio.h>
#include <string.h>

static int
write_file(FILE *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    FILE *in = fopen(path, "r");
    int c;

    if (in == NULL) {
        perror(path);
        return -1;
    }
    fprintf(out, "    {\"%s\",\n     \"", slash == NULL ? path : slash + 1);
    while ((c = fgetc(in)) != EOF) {
        if (c == '\n')
            fputs("\\n\"\n     \"", out);
        else if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else
            fputc(c, out);
    }
    fputs("\"},\n", out);
    fclose(in);
    return 0;
}

int
main(int argc, char **argv)
{
    FILE *out = argc < 4 ? NULL : fopen(argv[1], "w");

    if (out == NULL) {
        fprintf(stderr, "usage: embed_text OUT.c TABLE FILE...\n");
        return 2;
    }
    fprintf(out, "#include \"db/embedded.h\"\n\nconst struct embedded_text %s[] = {\n", argv[2]);
    for (int i = 3; i < argc; i++)
        if (write_file(out, argv[i]) != 0)
            return 1;
    fputs("    {0, 0},\n};\n", out);
    return fclose(out) != 0;
}
