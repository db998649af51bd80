/* published.c - see published.h. */
#include "core/published.h"

#include "base/text.h"
#include "core/audit.h"

/* A batch that begins with the form's receipt. */
static struct db_batch *
begin(const struct desk *desk)
{
    struct db_batch *batch = db_batch(desk->db, desk->arena, desk->session->token);

    if (desk->form_id != NULL)
        DB_ADD(batch, SQL_receipt_add, desk->form_id, "0", "0");
    return batch;
}

static enum notify_result
finish(const struct desk *desk, struct db_batch *batch, const char *action, const char *detail)
{
    audit_patient(batch, desk->arena, action, 0, detail);
    return notify_result_of(desk->db, db_run(batch));
}

enum notify_result
published_save(const struct desk *desk, size_t count, const char *const series[], const char *const days[],
               const char *const counts[], int64_t *saved)
{
    struct arena *arena = desk->arena;
    struct db_batch *batch = begin(desk);
    unsigned answer = DB_ADD(batch, SQL_published_save, db_array(arena, count, series), db_array(arena, count, days),
                             db_array(arena, count, counts));
    enum notify_result result = finish(desk, batch, "published_save", text_format(arena, "%zu figures", count));

    *saved = result == NOTIFY_OK ? rows_int(db_rows(batch, answer), 0, "saved") : 0;
    return result;
}

enum notify_result
inquiry_ask(const struct desk *desk, const char *area, const char *series, const char *day, const char *question)
{
    struct db_batch *batch = begin(desk);

    DB_ADD(batch, SQL_inquiry_ask, area, series, day, question);
    return finish(desk, batch, "figure_ask", text_format(desk->arena, "%s %s %s", area, series, day));
}

enum notify_result
inquiry_answer(const struct desk *desk, const char *inquiry, const char *answer)
{
    struct db_batch *batch = begin(desk);

    DB_ADD(batch, SQL_inquiry_answer, inquiry, answer);
    return finish(desk, batch, "figure_answer", inquiry);
}

enum notify_result
inquiry_read(const struct desk *desk, const char *inquiry)
{
    struct db_batch *batch = begin(desk);

    DB_ADD(batch, SQL_inquiry_read, inquiry);
    return finish(desk, batch, "figure_answer_read", inquiry);
}
