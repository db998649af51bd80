/*
 * daily.h - 総数報告 (日次報告; 令和4年9月26日から): how many people a clinic or a follow-up centre has found positive on a day, by the age
 * bands of the form.
 */
#ifndef HERSYS_CORE_DAILY_H
#define HERSYS_CORE_DAILY_H

#include "core/notification.h"

enum {
    DAILY_BANDS = 14,
    DAILY_MOST = 9999 /* of one band */
};

/* "0歳" … "90歳以上", "不明"; in the order of the form. */
extern const char *const daily_bands[DAILY_BANDS];

struct daily_counts {
    int64_t band[DAILY_BANDS];
};

int64_t daily_total(const struct daily_counts *counts);

/* Out of an array as PostgreSQL writes it, "{0,3,...}". */
struct daily_counts daily_from_array(const char *array);

/*
 * Stores the report of `organisation` for a day. `version` is that of the form, 0 for a first report; `reason` is needed where another
 * office's report is corrected. NOTIFY_CONFLICT: somebody was faster. NOTIFY_REFUSED: not this office, or not any more.
 */
enum notify_result daily_store(const struct desk *desk, int64_t organisation, const char *day, int version,
                               const struct daily_counts *counts, const char *reason);

#endif
