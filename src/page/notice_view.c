/* notice_view.c - see notice_view.h. */
#include "page/notice_view.h"

#include "base/jtext.h"
#include "base/text.h"

/* As app.notice_obstacles: what was wished, and what keeps it from being sent. */
static const struct {
    const char *wish, *obstacle, *words;
} remarks[] = {
    {"url", "mobile", "送り先に携帯電話の番号がないため、URLのSMSは送れません。「送り先の電話番号」に、携帯電話の番号を登録してください。"},
    {"url", "birth", "生年月日が登録されていないため、URLのSMSは送れません。ページを開くときに、生年月日が要ります。"},
    {"url", "channel", "「毎日うかがう方法」がスマートフォン（URL）ではないため、URLのSMSは送りません。"},
    {"url", "unobserved", "いまは健康観察の対象ではないため、URLのSMSは送りません。"},
    {"number", "mobile", "送り先に携帯電話の番号がないため、HER-SYS IDのSMSは送れません。「送り先の電話番号」に、携帯電話の番号を登録してください。"},
};

void
notice_view_remarks(struct view *view, const struct rows *rows)
{
    view_list(view, "remarks");
    for (size_t i = 0; rows != NULL && rows_count(rows) > 0 && i < sizeof remarks / sizeof *remarks; i++)
        if (text_same(rows_text(rows, 0, remarks[i].wish), remarks[i].obstacle))
            view_text(view_row(view, "remarks"), "remark", remarks[i].words);
}

const char *
notice_view_report(struct arena *arena, const struct document *doc)
{
    if (jtext_mobile_digits(arena, document_has(doc, ITEM_phone) ? doc->value[ITEM_phone] : "") == NULL)
        return "携帯電話の番号がないため、URLのSMSは送れません。";
    return document_has(doc, ITEM_birth_date) ? "" : "生年月日の入力がないため、URLのSMSは送れません。";
}
