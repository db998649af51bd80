/*
 * import.c - `hersys import`: takes files of cases that others published.
 *
 *     hersys import cases FILE [--dry-run] [--skip-bad] [--rest=FILE]
 *
 * Prints every problem with row, column and reason. All rows are taken or none; with --skip-bad the good ones are, and
 * --rest writes the others, with the reasons, to be corrected and imported again.
 */
#include "main/main.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "exchange/cases.h"
#include "main/progress.h"

/* Far above any list that was ever published; the file is held in memory, twice while its encoding is changed. */
enum { MAX_FILE = 1 << 30 };

static int
write_file(const char *path, const char *content)
{
    FILE *out = fopen(path, "we");
    bool good = out != NULL && fputs(content, out) >= 0;

    if (out != NULL && fclose(out) != 0)
        good = false;
    if (!good)
        fprintf(stderr, "hersys import: %s: %s\n", path, strerror(errno));
    return good ? 0 : -1;
}

static void
print_problems(const struct case_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct case_problem *p = &problems->list[i];
        printf("%zu行目（ファイルの%zu行目） %s", p->row, p->line, p->error ? "エラー" : "注意");
        if (p->column[0] != '\0')
            printf(" %s「%s」", p->column, p->value);
        printf("：%s\n", p->reason);
    }
}

static const char *
outcome(const struct cases_job *job, const struct cases_report *report)
{
    if (report->refused != NULL)
        return "このファイルは取り込めません。";
    if (report->problems.errors > 0 && !job->skip_bad)
        return "取り込めない行があるため、1件も取り込みません。--skip-bad を付けると、ほかの行だけを取り込みます。";
    if (job->dry_run)
        return "確認だけを行いました。何も書き込んでいません。";
    if (report->fresh == 0)
        return "新しい行がないため、何も書き込んでいません。";
    if (report->written)
        return "取り込みました。";
    /* A connection that breaks at the commit leaves open whether it happened. */
    return "データベースとの間で失敗しました。同じファイルをもう一度取り込んでください。取り込み済みの行が重なることはありません。";
}

static void
print_report(const struct cases_job *job, const struct cases_report *report,
             enum csv_encoding encoding)
{
    const struct case_problems *problems = &report->problems;

    print_problems(problems);
    printf(
        "文字コード %s、%zu行：新しい行 %zu、取り込み済み %zu、取り込めない行 %zu（エラー %zu件、注意 %zu件）\n",
        csv_encoding_label(encoding), report->rows, report->fresh, report->known, report->bad,
        problems->errors, problems->count - problems->errors);
    printf("感染のつながり（接触先No）：%zu件、うち感染源があとの行 %zu件。つながらないもの：ご自身の番号 %zu件、行がない番号 %zu件。"
           "感染源が2つ以上ある行 %zu件\n",
           report->links.links, report->links.forward, report->links.self, report->links.unfound,
           report->links.several);
    if (report->refused != NULL)
        puts(report->refused);
    puts(outcome(job, report));
}

static int
import_cases(const struct command_line *line, const char *path)
{
    struct arena *arena = line->arena;
    const char *rest = command_option(line, "rest");
    struct crypt_keys keys;
    struct cases_report report;
    struct cases_job job = {.arena = arena,
                            .keys = &keys,
                            .dry_run = command_switch(line, "dry-run"),
                            .skip_bad = command_switch(line, "skip-bad"),
                            .progress = progress_show};
    enum csv_encoding encoding;
    size_t size, bad_line;
    const char *data = command_file(line, path, MAX_FILE, &size);

    if (data == NULL || crypt_load_keys(&keys, line->conf.key_directory) != 0)
        return 1;
    job.text = csv_decode(arena, data, size, &encoding, &bad_line);
    if (job.text == NULL) {
        printf(
            "ファイルの%zu行目の文字を読み取れません。UTF-8かShift_JIS（CP932）で保存してください。\n",
            bad_line);
        return 1;
    }
    job.db = db_open(line->conf.database, "jobs");
    enum db_status status = cases_import(&job, &report);
    db_close(job.db);
    print_report(&job, &report, encoding);
    if (rest != NULL && report.rest != NULL && write_file(rest, report.rest) != 0)
        return 1;
    return status != DB_OK || report.refused != NULL ||
           (report.problems.errors > 0 && !job.skip_bad);
}

int
command_import(const struct command_line *line)
{
    bool rest = command_option(line, "rest") != NULL, skip = command_switch(line, "skip-bad");

    if (line->argc >= 3 && strcmp(line->argv[1], "cases") == 0 &&
        !text_starts(line->argv[2], "--") && (skip || !rest))
        return import_cases(line, line->argv[2]);
    fputs("usage: hersys import cases FILE [--dry-run] [--skip-bad [--rest=FILE]]\n", stderr);
    return 2;
}
