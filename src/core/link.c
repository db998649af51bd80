/* link.c - see link.h. */
#include "core/link.h"

#include "base/publicid.h"
#include "base/text.h"

void
link_add(struct db_batch *batch, struct arena *arena, const struct link_statement *statement)
{
    const char *source = statement->source == NULL ? "" : text_trim(arena, statement->source);
    int64_t source_id = publicid_parse(source);

    DB_ADD(batch, SQL_link_state, db_int(arena, statement->patient_id),
           statement->entry_no == LINK_OF_CONTACT ? NULL : db_int(arena, statement->entry_no),
           source_id == 0 ? NULL : db_int(arena, source_id), source, statement->certainty);
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
