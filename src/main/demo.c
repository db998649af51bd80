/*
 * demo.c - `hersys demo`: synthetic organisations, accounts and patients for the demonstration and for benchmarks.
 * No row here describes a real person; the offices are real places, the people in them are not.
 *
 *     hersys demo seed                              one organisation of every kind, with accounts, and some recent
 *                                                   patients; prints how to sign in
 *     hersys demo generate --patients=N [--seed=S]  that many patients over the whole country and the whole epidemic
 */
#include "main/main.h"

#include <stdio.h>
#include <string.h>

#include "base/crypt.h"
#include "base/date.h"
#include "base/text.h"
#include "db/db.h"
#include "main/generate.h"

/* The demonstration's own password; refused in production because the accounts do not exist there. */
static const char demo_password[] = "asagao-to-semi-no-koe";

#define TREND_WEEKS "16"
#define ANSWERING "6" /* people with a week of answers */

/* The health centre that the demonstration looks at. */
static const char main_centre[] = "H23100-1";

static const struct {
    const char *kind, *code, *name, *prefecture, *municipality, *address, *phone, *parent, *laboratory;
} organisations[] = {
    {"clinic", "K2310001", "さくら坂内科クリニック", "23", "23106", "愛知県名古屋市中区栄1-2-3", "0525550101", "H23100-1", "f"},
    {"clinic", "K2310002", "名古屋みなと病院", "23", "23111", "愛知県名古屋市港区港楽2-4-6", "0525550102", "H23100-1", "f"},
    {"clinic", "K2320601", "春日井こどもと家族の医院", "23", "23206", "愛知県春日井市鳥居松町5-44", "0568550103", "H23206-1", "f"},
    {"followup", "F2310001", "名古屋健康フォローアップセンター", "23", "23106", "愛知県名古屋市中区三の丸3-1-1", "0525550104", "C23100", "f"},
    {"accommodation", "A2310001", "宿泊療養施設 ほほえみ", "23", "23105", "愛知県名古屋市中村区名駅4-5-6", "0525550105", "P23", "f"},
    {"centre", "L2300001", "愛知県衛生研究所", "23", "23103", "愛知県名古屋市北区辻町字流7-6", "0525550106", "P23", "t"},
};

static const struct {
    const char *organisation, *login, *holder, *personal, *role, *issuer, *phone, *what;
} accounts[] = {
    {"M", "kuni", "国の担当 一郎", "t", "staff", "t", "09000000001", "厚生労働省（利用者認証実施者）"},
    {"P23", "aichi", "調整本部 花子", "t", "staff", "t", "09000000002", "愛知県 調整本部"},
    {"C23100", "nagoya", "本庁 次郎", "t", "staff", "t", "09000000003", "名古屋市 本庁"},
    {"H23100-1", "hoken1", "保健師 さくら", "t", "staff", "t", "09000000004", "名古屋市保健所"},
    {"H23100-1", "hoken2", "保健師 けやき", "t", "staff", "f", "09000000005", "名古屋市保健所（2人目）"},
    {"H23206-1", "kasugai", "感染症対策課１", "f", "staff", "t", "09000000006", "春日井保健所"},
    {"K2310001", "sakura", "医師 坂本", "t", "doctor", "t", "09000000007", "さくら坂内科クリニック（医師）"},
    {"K2310001", "sakura-jimu", "受付１", "f", "staff", "f", "09000000008", "さくら坂内科クリニック（事務）"},
    {"K2310002", "minato", "医師 港", "t", "doctor", "t", "09000000009", "名古屋みなと病院（医師）"},
    {"K2320601", "kodomo", "医師 春日", "t", "doctor", "f", "09000000010", "春日井こどもと家族の医院（医師）"},
    {"F2310001", "follow", "看護師 若葉", "t", "staff", "f", "09000000011", "健康フォローアップ機関"},
    {"A2310001", "shukuhaku", "看護師 つばき", "t", "staff", "f", "09000000012", "宿泊療養施設"},
    {"L2300001", "eiken", "検査担当 すみれ", "t", "staff", "f", "09000000013", "衛生研究所（保健所の種別）"},
};
enum {
    ORGANISATION_COUNT = sizeof organisations / sizeof *organisations,
    ACCOUNT_COUNT = sizeof accounts / sizeof *accounts
};

/* Numbers that nobody has. */
static const struct {
    const char *centre, *phone;
} phones[] = {{"H23100-1", "0525550110"}, {"H23206-1", "0568550111"}};

/* Round numbers that nobody has counted. */
static const struct {
    const char *place, *people;
} populations[] = {{"C23100", "2300000"}, {"H23100-1", "2300000"}, {"H23206-1", "500000"}};

static int
seed_organisations(struct db *db, struct arena *arena)
{
    struct db_batch *batch = db_batch(db, arena, NULL);

    for (int i = 0; i < ORGANISATION_COUNT; i++)
        DB_ADD(batch, SQL_demo_organisation, organisations[i].kind, organisations[i].code,
               organisations[i].name, organisations[i].prefecture, organisations[i].municipality,
               organisations[i].address, organisations[i].phone, organisations[i].parent,
               organisations[i].laboratory);
    for (size_t i = 0; i < sizeof phones / sizeof *phones; i++)
        DB_ADD(batch, SQL_demo_centre_phone, phones[i].centre, phones[i].phone);
    for (size_t i = 0; i < sizeof populations / sizeof *populations; i++)
        DB_ADD(batch, SQL_demo_population, populations[i].place, populations[i].people);
    return db_run(batch) == DB_OK ? 0 : -1;
}

static int
seed_accounts(struct db *db, struct arena *arena, const struct crypt_keys *keys)
{
    const char *hash = crypt_password_hash(arena, keys, demo_password);

    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        struct db_batch *batch = db_batch(db, arena, NULL);
        DB_ADD(batch, SQL_demo_account, accounts[i].organisation, accounts[i].login,
               accounts[i].holder, accounts[i].personal, accounts[i].role, accounts[i].issuer,
               text_format(arena, "%s@example.jp", accounts[i].login), hash);
        DB_ADD(batch, SQL_demo_phone, accounts[i].login, accounts[i].phone);
        if (db_run(batch) != DB_OK)
            return -1;
    }
    return 0;
}

static int
seed_local_items(struct db *db, struct arena *arena)
{
    enum db_status status;

    return DB_ONE(db, arena, NULL, &status, SQL_demo_local_items, "C23100") == NULL ? -1 : 0;
}

/* How somebody who is observed at home opens My HER-SYS. */
static void
print_my(struct db *db, const struct command_line *line)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, line->arena, NULL, &status, SQL_demo_my, main_centre);

    if (rows == NULL || rows_count(rows) == 0)
        return;
    date_day birth = date_from_iso(rows_text(rows, 0, "birth_date"));
    printf("  My HER-SYS     %s/my/%s\n                 （自宅療養中の架空の方。生年月日 %s）\n\n", line->conf.address,
           rows_text(rows, 0, "token"), date_slashed(line->arena, birth));
}

static void
print_accounts(const struct conf *conf)
{
    printf("\n  アドレス      %s\n  パスワード    %s （全員同じ）\n"
           "  確認コード    SMSの代わりに、この端末と %s/demo/messages に届きます\n\n",
           conf->address, demo_password, conf->address);
    for (int i = 0; i < ACCOUNT_COUNT; i++)
        printf("  %-14s %s\n", accounts[i].login, accounts[i].what);
    putchar('\n');
}

/* A family whom the health centre of the demonstration observes, the last weeks of its 入力状況, values of 独自項目, and people with a week
 * of answers. */
static int
seed_centre(const struct command_line *line)
{
    const char *centre = main_centre;
    struct db *db = db_open(line->conf.database, "jobs");
    struct db_batch *batch = db_batch(db, line->arena, NULL);

    DB_ADD(batch, SQL_demo_household, centre, date_iso(line->arena, date_today()));
    DB_ADD(batch, SQL_demo_household_watch, centre);
    DB_ADD(batch, SQL_demo_trend, centre, TREND_WEEKS);
    DB_ADD(batch, SQL_demo_local_values, centre, date_iso(line->arena, date_today()));
    enum db_status status = db_run(batch);
    /* Answers come behind the beginning of the observation, so each step has a moment of its own. */
    static const enum sql observed[] = {SQL_demo_follow, SQL_demo_answers, SQL_demo_follow};
    for (size_t i = 0; i < sizeof observed / sizeof *observed && status == DB_OK; i++) {
        batch = db_batch(db, line->arena, NULL);
        if (observed[i] == SQL_demo_answers)
            DB_ADD(batch, SQL_demo_answers, centre, ANSWERING);
        else
            DB_ADD(batch, SQL_demo_follow, centre);
        status = db_run(batch);
    }
    db_close(db);
    return status == DB_OK ? 0 : -1;
}

static int
seed(const struct command_line *line)
{
    struct crypt_keys keys;
    struct db *db = db_open(line->conf.database, "owner");
    enum db_status status;
    int failed = crypt_load_keys(&keys, line->conf.key_directory) != 0;
    const struct rows *rows =
        DB_ONE(db, line->arena, NULL, &status, SQL_demo_exists, accounts[ACCOUNT_COUNT - 1].login);

    failed = failed || rows == NULL;
    bool first = !failed && rows_int(rows, 0, "accounts") == 0;
    if (first)
        failed = seed_organisations(db, line->arena) != 0 ||
                 seed_accounts(db, line->arena, &keys) != 0 || seed_local_items(db, line->arena) != 0;
    db_close(db);
    failed = failed || generate_recent(line) != 0 || (first && seed_centre(line) != 0);
    if (failed)
        return 1;
    print_accounts(&line->conf);
    struct db *jobs = db_open(line->conf.database, "jobs");
    DB_ONE(jobs, line->arena, NULL, &status, SQL_demo_follow, main_centre);
    print_my(jobs, line);
    db_close(jobs);
    return status != DB_OK;
}

int
command_demo(const struct command_line *line)
{
    if (!line->conf.demonstration) {
        fputs("hersys demo: only where the settings say \"demonstration = yes\"\n", stderr);
        return 2;
    }
    if (line->argc >= 2 && strcmp(line->argv[1], "seed") == 0)
        return seed(line);
    if (line->argc >= 2 && strcmp(line->argv[1], "generate") == 0)
        return generate_command(line);
    fputs("usage: hersys demo seed | generate --patients=N [--seed=S]\n", stderr);
    return 2;
}
