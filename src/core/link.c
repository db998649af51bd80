/* link.c - see link.h. */
#include "core/link.h"

#include "base/publicid.h"
#include "base/text.h"
#include "core/audit.h"

static const char *
source_words(struct arena *arena, const struct link_statement *statement)
{
    return statement->source == NULL ? "" : text_trim(arena, statement->source);
}

/* The number of the source; NULL when the words are none. */
static const char *
source_number(struct arena *arena, const struct link_statement *statement)
{
    int64_t source = publicid_parse(source_words(arena, statement));

    return source == 0 ? NULL : db_int(arena, source);
}

void
link_add_lock(struct db_batch *batch, struct arena *arena, const struct link_statement *statement)
{
    DB_ADD(batch, SQL_link_lock, db_int(arena, statement->patient_id),
           source_number(arena, statement));
}

void
link_add(struct db_batch *batch, struct arena *arena, const struct link_statement *statement)
{
    DB_ADD(batch, SQL_link_state, db_int(arena, statement->patient_id),
           db_int(arena, statement->entry_no), source_number(arena, statement),
           source_words(arena, statement), statement->certainty);
}

enum notify_result
link_withdraw(const struct desk *desk, const struct record *record, int link_no)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, record->patient_id), *number = db_int(arena, link_no);
    struct db_batch *batch = db_batch(desk->db, arena, desk->session->token);

    record_add_receipt(batch, desk, record);
    DB_ADD(batch, SQL_link_withdraw, id, number);
    audit_patient(batch, arena, "link_withdraw", record->patient_id, number);
    return notify_result_of(desk->db, db_run(batch));
}

const char *
link_mark_words(const char *mark)
{
    static const char *const words[][2] = {
        {"self", "感染源がご本人の番号になっています。番号を確かめてください。"},
        {"forward", "感染源の方のほうが、あとから届け出られています。番号と向きを確かめてください。"},
        {"unfound", "感染源の番号の方は見つからないか、表示する権限がありません。入力のとおりに残しました。"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_same(mark, words[i][0]))
            return words[i][1];
    return "";
}
