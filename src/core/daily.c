/* daily.c - see daily.h. */
#include "core/daily.h"

#include <stdlib.h>
#include <string.h>

const char *const daily_bands[DAILY_BANDS] = {
    "0歳",     "1～4歳",   "5～9歳",   "10～19歳", "20～29歳", "30～39歳", "40～49歳",
    "50～59歳", "60～64歳", "65～69歳", "70～79歳", "80～89歳", "90歳以上", "不明",
};

int64_t
daily_total(const struct daily_counts *counts)
{
    int64_t sum = 0;

    for (size_t i = 0; i < DAILY_BANDS; i++)
        sum += counts->band[i];
    return sum;
}

struct daily_counts
daily_from_array(const char *array)
{
    struct daily_counts counts = {{0}};

    /* behind the brace, and behind each comma */
    for (size_t i = 0; i < DAILY_BANDS && array != NULL; i++) {
        counts.band[i] = strtoll(array + 1, NULL, 10);
        array = strchr(array + 1, ',');
    }
    return counts;
}

enum notify_result
daily_store(const struct desk *desk, int64_t organisation, const char *day, int version, const struct daily_counts *counts,
            const char *reason)
{
    const char *cells[DAILY_BANDS];
    enum db_status status;

    for (size_t i = 0; i < DAILY_BANDS; i++)
        cells[i] = db_int(desk->arena, counts->band[i]);
    DB_ONE(desk->db, desk->arena, desk->session->token, &status, SQL_daily_report_store, db_int(desk->arena, organisation), day,
           db_int(desk->arena, version), db_array(desk->arena, DAILY_BANDS, cells), reason);
    return notify_result_of(desk->db, status);
}
