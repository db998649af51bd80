/* follow_limits.c - see follow_limits.h. */
#include "page/follow_limits.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "page/follow_rows.h"

struct follow_limits
follow_limits_read(struct arena *arena, const char *text)
{
    struct follow_limits limits = {0};
    size_t count = 0, words;
    char **parts = text_empty(text) ? NULL : text_split(arena, text, ',', &count);

    for (size_t i = 0; i < count && limits.count < FOLLOW_LIMITS_MOST; i++) {
        char **word = text_split(arena, parts[i], ' ', &words);
        struct follow_limit *limit = &limits.limit[limits.count];
        if (words != 4 || (limit->item = dictionary_item(word[0])) < 0 || text_to_int(word[3], 1, 3, &limit->urgency) != 0)
            continue;
        limit->at_least = text_same(word[1], "at_least");
        limit->value = word[2];
        limits.count++;
    }
    return limits;
}

const struct follow_limit *
follow_limits_beyond(const struct follow_limits *limits, const struct document *answer, int item)
{
    const struct follow_limit *worst = NULL;

    for (size_t i = 0; i < limits->count && document_has(answer, item); i++) {
        const struct follow_limit *limit = &limits->limit[i];
        double value = strtod(answer->value[item], NULL), border = strtod(limit->value, NULL);
        if (limit->item == item && (limit->at_least ? value >= border : value <= border) &&
            (worst == NULL || limit->urgency > worst->urgency))
            worst = limit;
    }
    return worst;
}

const char *
follow_limit_words(struct arena *arena, const struct follow_limit *limit)
{
    return text_format(arena, "%s%s%s", limit->value, dictionary_items[limit->item].unit, limit->at_least ? "以上" : "以下");
}

const char *
follow_limits_words(struct arena *arena, const struct follow_limits *limits, int item)
{
    struct buf out = buf_new(arena);

    for (size_t i = 0; i < limits->count; i++)
        if (limits->limit[i].item == item)
            buf_printf(&out, "%s%s（%s）", out.size == 0 ? "" : "、", follow_limit_words(arena, &limits->limit[i]),
                       follow_rank_word(limits->limit[i].urgency));
    return buf_text(&out);
}
