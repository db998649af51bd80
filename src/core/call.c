/* call.c - see call.h. */
#include "core/call.h"

#include <string.h>

#include "base/text.h"
#include "dictionary/document.h"

/* What can be asked by telephone, in this order, and how many keys answer it; 0: until #. */
static const struct question {
    int item, keys;
    const char *words;
} questions[] = {
    {ITEM_observation_temperature, 3, "きょうの体温を、数字三つで押してください。三十六点八度なら、サン、ロク、ハチ、です。"},
    {ITEM_observation_spo2, 0, "指で測る酸素のアタイを押して、最後にシャープを押してください。測れないときは、キュウとシャープを押してください。"},
    {ITEM_observation_face, 1, "顔色や表情が悪いと感じますか。"},
    {ITEM_observation_cough, 1, "せきや鼻水はありますか。"},
    {ITEM_observation_breathless, 1, "息苦しさはありますか。"},
    {ITEM_observation_fatigue, 1, "体のだるさはありますか。"},
    {ITEM_observation_nausea, 1, "吐き気や嘔吐はありますか。"},
    {ITEM_observation_diarrhoea, 1, "下痢はありますか。"},
    {ITEM_observation_consciousness, 1, "意識がぼんやりすることはありますか。"},
    {ITEM_observation_eating, 1, "食事が取れないことはありますか。"},
    {ITEM_observation_urination, 1, "半日以上、尿が出ていないことはありますか。"},
};

static const char yes_no_words[] = "はいは、イチ。いいえは、ニ。分からないときは、キュウを押してください。";
static const char greeting[] = "保健所の、体調確認の電話です。折り返しの電話を希望する方は、いつでもゼロを押してください。";

/* ---- sentences --------------------------------------------------------------------------------------------------------- */

static void
say(struct buf *out, const char *words)
{
    if (words[0] != '\0')
        buf_printf(out, "<Say language=\"ja-JP\">%s</Say>", words);
}

static void
begin(struct buf *out)
{
    buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>");
}

/* A sentence and the wait for keys; without any the same address is called, which counts as a miss. */
static void
ask(struct buf *out, const char *before, const char *words, const char *more, int keys, const char *path)
{
    buf_printf(out, "<Gather input=\"dtmf\" timeout=\"10\" finishOnKey=\"#\" method=\"POST\" action=\"%s\"", path);
    if (keys > 0)
        buf_printf(out, " numDigits=\"%d\"", keys);
    buf_add_char(out, '>');
    say(out, before);
    say(out, words);
    say(out, more);
    buf_printf(out, "</Gather><Redirect method=\"POST\">%s</Redirect></Response>\n", path);
}

static void
goodbye(struct buf *out, const char *words)
{
    say(out, words);
    buf_add_text(out, "<Hangup/></Response>\n");
}

/* ---- keys --------------------------------------------------------------------------------------------------------------- */

struct answer {
    const char *item, *value; /* value NULL: could not be used */
};

static const struct question *
question_of(const char *item)
{
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (strcmp(dictionary_items[questions[i].item].name, item) == 0)
            return &questions[i];
    return NULL;
}

/* 1, 2 and 9 are the choices はい, いいえ and わからない. */
static const char *
choice_of(const char *digits)
{
    static const char *const choices[] = {"1yes", "2no", "9unknown"};

    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (digits[0] == choices[i][0] && digits[1] == '\0')
            return choices[i] + 1;
    return NULL;
}

static struct answer
read_keys(struct arena *arena, const char *item, const char *digits)
{
    const struct question *question = question_of(item);
    struct document doc = {0};
    const char *message;

    if (digits != NULL && strcmp(digits, "0") == 0)
        return (struct answer){dictionary_items[ITEM_observation_call_back].name, "yes"};
    if (question == NULL || text_empty(digits))
        return (struct answer){item, question == NULL ? digits : NULL};
    if (question->item == ITEM_observation_spo2 && strcmp(digits, "9") == 0)
        return (struct answer){dictionary_items[ITEM_observation_spo2_why].name, "cannot"};
    if (dictionary_items[question->item].type == TYPE_choice)
        return (struct answer){item, choice_of(digits)};
    bool fine = document_type_in(arena, &doc, question->item, digits, &message);
    return (struct answer){item, fine ? doc.value[question->item] : NULL};
}

/* ---- a call ------------------------------------------------------------------------------------------------------------- */

/* How a call stands; out of the row of SQL_call_turn. */
struct standing {
    const char *state; /* talking; stored or over (not taken any more) when its end has been reached */
    bool confirmed, missed, wants_phone, inbound, again; /* missed: this turn; again: it is dialled once more */
    int misses;
    const char *questions, *answers; /* names in braces; JSON */
};

/* Whether `name` is one of a PostgreSQL array of plain names, or of the keys of a JSON object of such. */
static bool
names(struct arena *arena, const char *list, const char *name, const char *around)
{
    return strstr(list, text_format(arena, "%c%s%c", around[0], name, around[1])) != NULL;
}

static bool
is_asked(struct arena *arena, const struct standing *call, const char *name)
{
    const char *list = text_format(arena, ",%.*s,", (int)strlen(call->questions) - 2, call->questions + 1);

    return names(arena, list, name, ",,");
}

static bool
is_answered(struct arena *arena, const struct standing *call, int item)
{
    if (names(arena, call->answers, dictionary_items[item].name, "\"\""))
        return true;
    return item == ITEM_observation_spo2 && is_answered(arena, call, ITEM_observation_spo2_why);
}

static const struct question *
next_question(struct arena *arena, const struct standing *call)
{
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (is_asked(arena, call, dictionary_items[questions[i].item].name) &&
            !is_answered(arena, call, questions[i].item))
            return &questions[i];
    return NULL;
}

static bool
is_over(struct arena *arena, const struct standing *call)
{
    return !text_same(call->state, "talking") || is_answered(arena, call, ITEM_observation_call_back) ||
           call->misses >= CALL_MISSES_MOST || (call->confirmed && next_question(arena, call) == NULL);
}

/* Nothing is thanked for that is not stored, and no call is promised that does not come. */
static const char *
last_words(struct arena *arena, const struct standing *call)
{
    if (text_same(call->state, "over"))
        return "ご回答を受け付けられませんでした。体調が悪いときは、保健所に電話してください。失礼いたします。";
    if (text_same(call->state, "stored") && is_answered(arena, call, ITEM_observation_call_back))
        return "折り返しの電話を承りました。お待ちください。急に苦しくなったときは、ヒャクジュウキュウ番に電話してください。";
    if (text_same(call->state, "stored") && call->misses >= CALL_MISSES_MOST)
        return "入力を確認できませんでした。ここまでのご回答を受け付けました。失礼いたします。";
    if (text_same(call->state, "stored"))
        return "ご回答を受け付けました。ありがとうございました。急に苦しくなったときは、ヒャクジュウキュウ番に電話してください。お大事になさってください。";
    if (call->inbound)
        return "入力を確認できませんでした。恐れ入りますが、もう一度おかけください。失礼いたします。";
    return call->again ? "入力を確認できませんでした。またおかけします。失礼いたします。"
                       : "入力を確認できませんでした。失礼いたします。";
}

/* The question that comes next, in a call that is not over. */
static void
go_on(struct arena *arena, const struct standing *call, const char *token, const char *item, struct buf *out)
{
    const struct question *next = next_question(arena, call);
    const char *before = call->missed ? "入力を確認できませんでした。" : item[0] == '\0' ? greeting : "";

    if (call->wants_phone)
        ask(out, before, "保健所に登録した電話番号を押して、最後にシャープを押してください。", "", 0,
            text_format(arena, "/gateway/call/%s/phone", token));
    else if (!call->confirmed)
        ask(out, before, "ご本人であることを確かめます。お誕生日の月と日を、数字四つで押してください。五月ミッカなら、ゼロ、ゴ、ゼロ、サン、です。", "", 4,
            text_format(arena, "/gateway/call/%s/birth", token));
    else
        ask(out, before, next->words, next->keys == 1 ? yes_no_words : "", next->keys,
            text_format(arena, "/gateway/call/%s/%s", token, dictionary_items[next->item].name));
}

/* Stores what a call that is over has answered; what became of it is in call->state. */
static enum db_status
keep(struct db *db, struct arena *arena, const char *token, struct standing *call)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_call_store, token);

    if (rows != NULL)
        call->state = rows_text(rows, 0, "state");
    return status;
}

enum db_status
call_turn(struct db *db, struct arena *arena, const char *token, const char *item, const char *digits,
          struct buf *twiml, bool *known)
{
    enum db_status status;
    struct answer answer = read_keys(arena, item, digits);
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_call_turn, token, answer.item, answer.value);

    *known = rows != NULL && rows_count(rows) == 1;
    if (!*known)
        return status;
    struct standing call = {.state = rows_text(rows, 0, "state"),
                            .confirmed = rows_bool(rows, 0, "confirmed"),
                            .missed = rows_bool(rows, 0, "missed"),
                            .wants_phone = rows_bool(rows, 0, "wants_phone"),
                            .inbound = rows_bool(rows, 0, "inbound"),
                            .again = rows_bool(rows, 0, "again"),
                            .misses = (int)rows_int(rows, 0, "misses"),
                            .questions = rows_text(rows, 0, "questions"),
                            .answers = rows_text(rows, 0, "answers")};
    bool over = is_over(arena, &call);
    if (over)
        status = keep(db, arena, token, &call);
    begin(twiml);
    if (over)
        goodbye(twiml, last_words(arena, &call));
    else
        go_on(arena, &call, token, item, twiml);
    return status;
}

enum db_status
call_ended(struct db *db, struct arena *arena, const char *token, bool *known)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_call_ended, token);

    *known = rows != NULL && rows_bool(rows, 0, "known");
    return status;
}

/* ---- they call ------------------------------------------------------------------------------------------------------------ */

const char *
call_in_secret(struct arena *arena, const struct crypt_keys *keys)
{
    return crypt_peppered(arena, keys, "call in");
}

enum db_status
call_in(struct db *db, struct arena *arena, const char *from, struct buf *twiml)
{
    enum db_status status;
    const struct rows *rows = DB_ONE(db, arena, NULL, &status, SQL_call_begin, from);

    if (rows == NULL)
        return status;
    begin(twiml);
    buf_printf(twiml, "<Redirect method=\"POST\">/gateway/call/%s</Redirect></Response>\n", rows_text(rows, 0, "token"));
    return status;
}
