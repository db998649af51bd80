/* follow_rows.c - see follow_rows.h. */
#include "page/follow_rows.h"

#include <string.h>

#include "base/crypt.h"
#include "base/date.h"
#include "base/jtext.h"
#include "base/publicid.h"
#include "base/text.h"

enum { MOST_CONTACTS = 100000 };

/* How urgent, by rank: the word says it, the colour helps. */
static const struct {
    const char *label, *badge;
} ranks[] = {{"", ""}, {"注意", "warn"}, {"急ぎ", "bad"}, {"至急", "bad"}};
enum { RANKS = sizeof ranks / sizeof *ranks };

const char *
follow_rank_word(int64_t urgency)
{
    return urgency >= 0 && urgency < RANKS ? ranks[urgency].label : "";
}

const char *
follow_unasked_words(const struct rows *rows, size_t i)
{
    /* As app.follow_obstacle. */
    static const struct {
        const char *obstacle, *words;
    } all[] = {{"mobile", "携帯電話の番号がないため、たずねていません"},
               {"phone", "電話番号がないため、たずねていません"},
               {"birth", "生年月日がないため、たずねていません"}};

    for (size_t n = 0; n < sizeof all / sizeof *all; n++)
        if (text_same(rows_text(rows, i, "obstacle"), all[n].obstacle))
            return all[n].words;
    return "";
}

const char *
follow_key_text(struct arena *arena, struct follow_key key)
{
    return text_format(arena, "%s-%d", publicid_hersys_plain(arena, key.patient_id), key.contact_no);
}

struct follow_key
follow_key_read(struct arena *arena, const char *text)
{
    const char *dash = strrchr(text, '-');
    int64_t no;

    if (dash == NULL || text_to_int(dash + 1, 0, MOST_CONTACTS, &no) != 0)
        return (struct follow_key){0};
    return (struct follow_key){publicid_parse(text_copy_n(arena, text, (size_t)(dash - text))), (int)no};
}

static const char *
name_or(const char *name)
{
    return text_empty(name) ? "（氏名未入力）" : name;
}

static void
fill_claim(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    bool mine = rows_int(rows, i, "claimed_by") == c->session.account_id;
    const char *holder = rows_text(rows, i, "holder");

    view_flag(row, "is_claimed", holder != NULL);
    view_flag(row, "is_mine", holder != NULL && mine);
    view_text(row, "claimed_by", holder);
    view_text(row, "claimed_office", mine ? "" : rows_text(rows, i, "holder_office"));
    view_text(row, "claimed_at", rows_text(rows, i, "claimed"));
}

static void
fill_ends(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    date_day day = date_from_iso(rows_text(rows, i, "ends_on"));

    view_text(row, "ends_on", date_slashed(c->arena, day));
    view_flag(row, "ends_today", day == date_today());
}

void
follow_row_fill(struct context *c, struct view *row, const struct rows *rows, size_t i)
{
    struct follow_key key = {rows_int(rows, i, "patient_id"), (int)rows_int(rows, i, "contact_no")};
    const char *path = text_format(c->arena, "/patient/%s", publicid_hersys_plain(c->arena, key.patient_id));
    const char *phone = rows_text(rows, i, "phone");
    int rank = (int)rows_int(rows, i, "urgency");

    view_text(row, "name", name_or(rows_text(rows, i, "name")));
    view_text(row, "kana", rows_text(rows, i, "kana"));
    view_text(row, "person_path", text_format(c->arena, "%s/tab/observation#person-%d", path, key.contact_no));
    view_flag(row, "is_contact", key.contact_no != 0);
    view_text(row, "case_name", name_or(rows_text(rows, i, "case_name")));
    view_text(row, "phone", text_empty(phone) ? "" : jtext_phone_shown(c->arena, phone));
    view_text(row, "phone_digits", phone);
    view_text(row, "rank_label", rank < RANKS ? ranks[rank].label : "");
    view_text(row, "rank_badge", rank < RANKS ? ranks[rank].badge : "");
    view_text(row, "reasons", rows_text(rows, i, "reasons"));
    view_text(row, "summary", rows_text(rows, i, "summary"));
    view_text(row, "raised", rows_text(rows, i, "raised"));
    view_text(row, "answered", rows_text(rows, i, "answered"));
    view_flag(row, "is_silent", rows_bool(rows, i, "is_silent"));
    view_text(row, "due", rows_text(rows, i, "due"));
    view_text(row, "channel", dictionary_label(LIST_notice_channel, rows_text(rows, i, "channel")));
    view_text(row, "unasked", follow_unasked_words(rows, i));
    view_flag(row, "is_open", rank > 0 || rows_bool(rows, i, "is_silent"));
    view_text(row, "key", follow_key_text(c->arena, key));
    view_text(row, "seen", rows_text(rows, i, "seen"));
    view_text(row, "claim_form", crypt_uuid(c->arena));
    view_text(row, "settle_form", crypt_uuid(c->arena));
    fill_ends(c, row, rows, i);
    fill_claim(c, row, rows, i);
}
