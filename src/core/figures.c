/* figures.c - see figures.h. */
#include "core/figures.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define REPORT_DAY "発生届の提出日（報告日）で数えます。保健所確認済かどうかは問いません。"
#define DEATH_DAY  "死亡日で数えます。届出より前に亡くなった方は、届出の日で数えます。"
#define SEVERE_DAY "重症度タブの日付で数えます。届出のときの重症度は、報告日から数えます。その日に重症の方の人数です。"
#define NEW_WORDS  "患者（確定例）、無症状病原体保有者、死体（感染症死亡者）、みなし陽性の方です。2022年9月26日からは発生届の対象の方だけで、ほかの方は総数報告にあります。"

static const struct figure_indicator indicators[FIGURE_INDICATORS] = {
    {"新規陽性者数の推移（日別）", FIGURE_DAILY, {"new"}, {NULL}, REPORT_DAY NEW_WORDS},
    {"人口10万人当たり新規陽性者数", FIGURE_DAILY_PER, {"new"}, {NULL},
     "その日の新規陽性者数を、人口10万人当たりで示します（小数第1位まで）。「直近7日間」は、その日までの7日間の合計の、人口10万人当たりです。"
     "人口は、その日までに基準日が来たもののうち、最も新しいものです（都道府県は総務省統計局の人口推計と国勢調査、千人単位。全国はその合計）。" REPORT_DAY NEW_WORDS},
    {"性別・年代別新規陽性者数（週別）", FIGURE_WEEKLY, {"new"}, {NULL}, REPORT_DAY "水曜日から火曜日までの1週間です。" NEW_WORDS},
    {"性別・年代別陽性者数（累積）", FIGURE_WEEKLY_LEVEL, {"new"}, {NULL}, REPORT_DAY NEW_WORDS "その週の終わりまでの累積です。"},
    {"陽性者数（累積）", FIGURE_DAILY_LEVEL, {"new"}, {NULL}, REPORT_DAY NEW_WORDS},
    {"重症者数の推移", FIGURE_DAILY_LEVEL, {"severe"}, {NULL}, SEVERE_DAY},
    {"性別・年代別重症者数", FIGURE_WEEKLY_LEVEL, {"severe"}, {NULL}, SEVERE_DAY "週の最後の日の人数です。"},
    {"死亡者数（累積）", FIGURE_DAILY_LEVEL, {"death"}, {NULL}, DEATH_DAY},
    {"性別・年代別死亡者数（累積）", FIGURE_WEEKLY_LEVEL, {"death"}, {NULL}, DEATH_DAY "その週の終わりまでの累積です。"},
    {"入院治療等を要する者等推移", FIGURE_DAILY_LEVEL, {"care", "released", "confirming"},
     {"Requiring inpatient care", "Discharged from hospital or released from treatment", "To be confirmed"},
     "現在のステータスの日付で数えます。ステータスの入力がまだの方は確認中です。3つの人数と死亡者数の和が、陽性者数（累積）です。"},
    {"集団感染等発生状況", FIGURE_WEEKLY_PLACES, {NULL}, {NULL}, "集団感染を登録した日で数えます。月曜日から日曜日までの1週間です。"},
};

const char *
figure_sign(struct arena *arena, int64_t number)
{
    return text_format(arena, "\xe2\x91%c", (char)(0x9f + number)); /* U+2460 ① and those behind it */
}

const struct figure_indicator *
figure_find(int64_t number)
{
    return number < 1 || number > FIGURE_INDICATORS ? NULL : &indicators[number - 1];
}

bool
figure_is_weekly(const struct figure_indicator *indicator)
{
    return indicator->shape >= FIGURE_WEEKLY;
}

bool
figure_is_level(const struct figure_indicator *indicator)
{
    return indicator->shape == FIGURE_DAILY_LEVEL || indicator->shape == FIGURE_WEEKLY_LEVEL;
}

const char *
figure_series_label(const char *series)
{
    static const char *const labels[][2] = {
        {"new", "新規陽性者"},
        {"place", "新規陽性者"},
        {"severe", "重症者"},
        {"death", "死亡者"},
        {"care", "入院治療等を要する者"},
        {"released", "退院・療養解除となった者"},
        {"confirming", "確認中"},
    };

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (text_same(labels[i][0], series))
            return labels[i][1];
    return "";
}

/* ---- sex and age --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *code, *heading, *label;
} cells[FIGURE_CELLS] = {
    {"m0", "Male Under 10", "男 10歳未満"}, {"m10", "Male 10s", "男 10代"},        {"m20", "Male 20s", "男 20代"},
    {"m30", "Male 30s", "男 30代"},         {"m40", "Male 40s", "男 40代"},        {"m50", "Male 50s", "男 50代"},
    {"m60", "Male 60s", "男 60代"},         {"m70", "Male 70s", "男 70代"},        {"m80", "Male 80s", "男 80代"},
    {"m90", "Male Over 90", "男 90歳以上"}, {"f0", "Female Under 10", "女 10歳未満"}, {"f10", "Female 10s", "女 10代"},
    {"f20", "Female 20s", "女 20代"},       {"f30", "Female 30s", "女 30代"},      {"f40", "Female 40s", "女 40代"},
    {"f50", "Female 50s", "女 50代"},       {"f60", "Female 60s", "女 60代"},      {"f70", "Female 70s", "女 70代"},
    {"f80", "Female 80s", "女 80代"},       {"f90", "Female Over 90", "女 90歳以上"},
};

const char *
figure_cell(size_t i)
{
    return cells[i].code;
}

const char *
figure_cell_heading(size_t i)
{
    return cells[i].heading;
}

int
figure_cell_find(const char *cell)
{
    for (int i = 0; i < FIGURE_CELLS; i++)
        if (text_same(cells[i].code, cell))
            return i;
    return -1;
}

const char *
figure_cell_label(struct arena *arena, const char *cell)
{
    int known = figure_cell_find(cell);

    if (known >= 0)
        return cells[known].label;
    const char *sex = cell[0] == 'm' ? "男" : cell[0] == 'f' ? "女" : "性別その他・不明";
    if (strcmp(cell + 1, "unknown") == 0)
        return text_format(arena, "%s 年代不明", sex);
    /* the ages of the men, in the words of the table */
    int of_men = figure_cell_find(text_format(arena, "m%s", cell + 1));
    return of_men < 0 ? sex : text_format(arena, "%s%s", sex, cells[of_men].label + strlen("男"));
}

const char *
figure_cell_words(struct arena *arena, const struct figure_indicator *indicator, const char *cell)
{
    int64_t place;

    if (indicator->shape == FIGURE_WEEKLY_PLACES)
        return text_to_int(cell, 0, FIGURE_PLACES - 1, &place) == 0 ? figure_places[place].label : "";
    return figure_is_weekly(indicator) ? figure_cell_label(arena, cell) : figure_series_label(cell);
}

/* ---- places -------------------------------------------------------------------------------------------------------- */

/* The headings are the official file's, with the two blanks of one of them. */
const struct figure_place figure_places[FIGURE_PLACES] = {
    {"Total", "合計", {NULL}},
    {"Medical institutions", "医療機関", {"medical"}},
    {"Welfare facilities", "福祉施設", {"elderly", "nursery", "disabled", "welfare"}},
    {"(For the elderly)", "高齢者福祉施設", {"elderly"}},
    {"(For children)", "児童福祉施設", {"nursery"}},
    {"(For persons with disabilities)", "障害者福祉施設", {"disabled"}},
    {"Restaurants", "飲食店", {"restaurant"}},
    {"Sports facilities, etc.", "運動施設等", {"sports"}},
    {"Schools,  etc.", "学校・教育施設等", {"school"}},
    {"Companies, etc.", "企業等", {"company"}},
    {"Others", "その他", {NULL}},
};

static bool
names(const struct figure_place *place, const char *kind)
{
    for (size_t i = 0; i < FIGURE_PLACE_KINDS && place->kinds[i] != NULL; i++)
        if (strcmp(place->kinds[i], kind) == 0)
            return true;
    return false;
}

bool
figure_place_counts(size_t i, const char *kind)
{
    if (i == 0)
        return true;
    if (i < FIGURE_PLACES - 1)
        return names(&figure_places[i], kind);
    for (size_t k = 1; k < FIGURE_PLACES - 1; k++)
        if (names(&figure_places[k], kind))
            return false;
    return true;
}

void
figure_place_add(int64_t columns[FIGURE_PLACES], const char *kind, int64_t count)
{
    for (size_t i = 0; i < FIGURE_PLACES; i++)
        if (figure_place_counts(i, kind))
            columns[i] += count;
}

/* ---- weeks and values -------------------------------------------------------------------------------------------------------- */

const char *
figure_week_text(struct arena *arena, date_day first)
{
    struct date_parts a = date_parts(first), b = date_parts(first + 6);

    return text_format(arena, "%04d/%02d/%02d~%04d/%02d/%02d", a.year, a.month, a.day, b.year, b.month, b.day);
}

int64_t
figure_of_seven_days(const struct rows *rows, const char *column, size_t i)
{
    int64_t sum = 0;

    for (size_t back = 0; back < FIGURE_SEVEN_DAYS && back <= i; back++)
        sum += rows_int(rows, i - back, column);
    return sum;
}

const char *
figure_average(struct arena *arena, int64_t of_seven_days)
{
    return text_format(arena, "%.1f", (double)of_seven_days / FIGURE_SEVEN_DAYS);
}

int64_t
figure_people_on(const char *people, date_day day)
{
    enum { ISO = 10 };
    char since[ISO + 1] = "";

    while (people != NULL && strlen(people) > ISO) {
        char *end;
        memcpy(since, people, ISO);
        long long count = strtoll(people + ISO, &end, 10);
        if (date_from_iso(since) <= day)
            return count;
        people = end + strspn(end, " ");
    }
    return 0;
}

const char *
figure_rate(struct arena *arena, int64_t count, int64_t people)
{
    if (people <= 0)
        return "";
    long long tenths = (llabs(count) * FIGURE_PER * 10 + people / 2) / people;
    const char *sign = count < 0 && tenths > 0 ? "-" : "";
    return tenths % 10 == 0 ? text_format(arena, "%s%lld", sign, tenths / 10) : text_format(arena, "%s%lld.%lld", sign, tenths / 10, tenths % 10);
}

const char *
figure_text(struct arena *arena, const struct figure_indicator *indicator, int64_t count, int64_t people)
{
    return indicator->shape == FIGURE_DAILY_PER ? figure_rate(arena, count, people) : text_format(arena, "%lld", (long long)count);
}
