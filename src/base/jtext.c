/* jtext.c - see jtext.h. The folding is one pass over code points, driven by small tables. */
#include "base/jtext.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/text.h"

enum {
    HIRAGANA_FIRST = 0x3041,
    HIRAGANA_LAST = 0x3096,
    HIRAGANA_TO_KATAKANA = 0x60,
    KATAKANA_FIRST = 0x30A1,
    KATAKANA_LAST = 0x30FA,
    LONG_VOWEL = 0x30FC,
    MIDDLE_DOT = 0x30FB,
    IDEOGRAPHIC_SPACE = 0x3000,
    VARIATION_FIRST = 0xFE00,
    VARIATION_LAST = 0xFE0F,
    IDEOGRAPHIC_VARIATION_FIRST = 0xE0100,
    IDEOGRAPHIC_VARIATION_LAST = 0xE01EF,
};

struct fold {
    int32_t from, to;
};

/*
 * Old and rare glyphs of family names that NFKC leaves apart, each to the glyph that a clerk would type. Sorted by
 * `from` (bsearch). Source: the pairs in 人名用漢字の異体字 that occur in family names; facts, no text taken over.
 */
static const struct fold old_glyphs[] = {
    {0x4E99, 0x4E98}, /* 亙 亘 */
    {0x4F5B, 0x4ECF}, /* 佛 仏 */
    {0x4F86, 0x6765}, /* 來 来 */
    {0x5047, 0x4EEE}, /* 假 仮 */
    {0x5152, 0x5150}, /* 兒 児 */
    {0x5167, 0x5185}, /* 內 内 */
    {0x51A8, 0x5BCC}, /* 冨 富 */
    {0x51DC, 0x51DB}, /* 凜 凛 */
    {0x52F3, 0x52F2}, /* 勳 勲 */
    {0x5377, 0x5DFB}, /* 卷 巻 */
    {0x56EF, 0x56FD}, /* 囯 国 */
    {0x570B, 0x56FD}, /* 國 国 */
    {0x5713, 0x5186}, /* 圓 円 */
    {0x57DC, 0x91CE}, /* 埜 野 */
    {0x589E, 0x5897}, /* 增 増 */
    {0x58C4, 0x91CE}, /* 壄 野 */
    {0x58EF, 0x58EE}, /* 壯 壮 */
    {0x58FD, 0x5BFF}, /* 壽 寿 */
    {0x5967, 0x5965}, /* 奧 奥 */
    {0x5B78, 0x5B66}, /* 學 学 */
    {0x5BE6, 0x5B9F}, /* 實 実 */
    {0x5BEC, 0x5BDB}, /* 寬 寛 */
    {0x5BF6, 0x5B9D}, /* 寶 宝 */
    {0x5C07, 0x5C06}, /* 將 将 */
    {0x5C19, 0x5C1A}, /* 尙 尚 */
    {0x5CEF, 0x5CF0}, /* 峯 峰 */
    {0x5D5C, 0x5D0E}, /* 嵜 崎 */
    {0x5D8B, 0x5CF6}, /* 嶋 島 */
    {0x5D8C, 0x5CF6}, /* 嶌 島 */
    {0x5DD6, 0x5DCC}, /* 巖 巌 */
    {0x5DE2, 0x5DE3}, /* 巢 巣 */
    {0x5E36, 0x5E2F}, /* 帶 帯 */
    {0x5E84, 0x8358}, /* 庄 荘 */
    {0x5EE3, 0x5E83}, /* 廣 広 */
    {0x5F3A, 0x5F37}, /* 强 強 */
    {0x5F4C, 0x5F25}, /* 彌 弥 */
    {0x5F9E, 0x5F93}, /* 從 従 */
    {0x5FB7, 0x5FB3}, /* 德 徳 */
    {0x60E0, 0x6075}, /* 惠 恵 */
    {0x61C9, 0x5FDC}, /* 應 応 */
    {0x6236, 0x6238}, /* 戶 戸 */
    {0x62DC, 0x62DD}, /* 拜 拝 */
    {0x6536, 0x53CE}, /* 收 収 */
    {0x654E, 0x6559}, /* 敎 教 */
    {0x658E, 0x6589}, /* 斎 斉 */
    {0x663B, 0x6602}, /* 昻 昂 */
    {0x6643, 0x6644}, /* 晃 晄 */
    {0x66C9, 0x6681}, /* 曉 暁 */
    {0x66FB, 0x6607}, /* 曻 昇 */
    {0x66FE, 0x66FD}, /* 曾 曽 */
    {0x6703, 0x4F1A}, /* 會 会 */
    {0x6801, 0x67F3}, /* 栁 柳 */
    {0x6852, 0x6851}, /* 桒 桑 */
    {0x6867, 0x6A9C}, /* 桧 檜 */
    {0x689D, 0x6761}, /* 條 条 */
    {0x69AE, 0x6804}, /* 榮 栄 */
    {0x69C7, 0x69D9}, /* 槇 槙 */
    {0x69D7, 0x6A4B}, /* 槗 橋 */
    {0x6A02, 0x697D}, /* 樂 楽 */
    {0x6A6B, 0x6A2A}, /* 橫 横 */
    {0x6AFB, 0x685C}, /* 櫻 桜 */
    {0x6B65, 0x6B69}, /* 步 歩 */
    {0x6BCF, 0x6BCE}, /* 每 毎 */
    {0x6C23, 0x6C17}, /* 氣 気 */
    {0x6DE8, 0x6D44}, /* 淨 浄 */
    {0x6DF5, 0x6E15}, /* 淵 渕 */
    {0x6E0A, 0x6E15}, /* 渊 渕 */
    {0x6EAB, 0x6E29}, /* 溫 温 */
    {0x6F81, 0x6E0B}, /* 澁 渋 */
    {0x6FA4, 0x6CA2}, /* 澤 沢 */
    {0x6FDF, 0x6E08}, /* 濟 済 */
    {0x6FF1, 0x6D5C}, /* 濱 浜 */
    {0x6FF5, 0x6D5C}, /* 濵 浜 */
    {0x7027, 0x6EDD}, /* 瀧 滝 */
    {0x7028, 0x702C}, /* 瀨 瀬 */
    {0x7232, 0x70BA}, /* 爲 為 */
    {0x7368, 0x72EC}, /* 獨 独 */
    {0x7560, 0x7551}, /* 畠 畑 */
    {0x7576, 0x5F53}, /* 當 当 */
    {0x771E, 0x771F}, /* 眞 真 */
    {0x7895, 0x5D0E}, /* 碕 崎 */
    {0x7912, 0x78EF}, /* 礒 磯 */
    {0x797F, 0x7984}, /* 祿 禄 */
    {0x79AE, 0x793C}, /* 禮 礼 */
    {0x7A3B, 0x7A32}, /* 稻 稲 */
    {0x7A57, 0x7A42}, /* 穗 穂 */
    {0x7ADD, 0x4E26}, /* 竝 並 */
    {0x7DA0, 0x7DD1}, /* 綠 緑 */
    {0x7DD6, 0x7DD2}, /* 緖 緒 */
    {0x7E23, 0x770C}, /* 縣 県 */
    {0x7E3D, 0x7DCF}, /* 總 総 */
    {0x8070, 0x8061}, /* 聰 聡 */
    {0x8207, 0x4E0E}, /* 與 与 */
    {0x8218, 0x9928}, /* 舘 館 */
    {0x8229, 0x8239}, /* 舩 船 */
    {0x838A, 0x8358}, /* 莊 荘 */
    {0x842C, 0x4E07}, /* 萬 万 */
    {0x844A, 0x5EB5}, /* 葊 庵 */
    {0x8597, 0x5712}, /* 薗 園 */
    {0x85CF, 0x8535}, /* 藏 蔵 */
    {0x85DD, 0x82B8}, /* 藝 芸 */
    {0x85EA, 0x85AE}, /* 藪 薮 */
    {0x8606, 0x82A6}, /* 蘆 芦 */
    {0x87A2, 0x86CD}, /* 螢 蛍 */
    {0x88F5, 0x88F4}, /* 裵 裴 */
    {0x89BA, 0x899A}, /* 覺 覚 */
    {0x89C0, 0x89B3}, /* 觀 観 */
    {0x8B20, 0x8B21}, /* 謠 謡 */
    {0x8C50, 0x8C4A}, /* 豐 豊 */
    {0x8CF4, 0x983C}, /* 賴 頼 */
    {0x8F15, 0x8EFD}, /* 輕 軽 */
    {0x9089, 0x8FBA}, /* 邉 辺 */
    {0x908A, 0x8FBA}, /* 邊 辺 */
    {0x90A8, 0x6751}, /* 邨 村 */
    {0x9109, 0x90F7}, /* 鄉 郷 */
    {0x9115, 0x90F7}, /* 鄕 郷 */
    {0x91AB, 0x533B}, /* 醫 医 */
    {0x93AD, 0x93AE}, /* 鎭 鎮 */
    {0x9435, 0x9244}, /* 鐵 鉄 */
    {0x945B, 0x9271}, /* 鑛 鉱 */
    {0x95DC, 0x95A2}, /* 關 関 */
    {0x96DC, 0x96D1}, /* 雜 雑 */
    {0x9751, 0x9752}, /* 靑 青 */
    {0x975C, 0x9759}, /* 靜 静 */
    {0x986F, 0x9855}, /* 顯 顕 */
    {0x9AD9, 0x9AD8}, /* 髙 高 */
    {0x9ADC, 0x9AD8}, /* 髜 高 */
    {0x9AEE, 0x9AEA}, /* 髮 髪 */
    {0x9DAF, 0x9D2C}, /* 鶯 鴬 */
    {0x9DC4, 0x9D8F}, /* 鷄 鶏 */
    {0x9DD7, 0x9D0E}, /* 鷗 鴎 */
    {0x9EA5, 0x9EA6}, /* 麥 麦 */
    {0x9ED1, 0x9ED2}, /* 黑 黒 */
    {0x9ED8, 0x9ED9}, /* 默 黙 */
    {0x9EDE, 0x70B9}, /* 點 点 */
    {0x9F4A, 0x6589}, /* 齊 斉 */
    {0x9F4B, 0x6589}, /* 齋 斉 */
    {0x9F61, 0x9F62}, /* 齡 齢 */
    {0x9F8D, 0x7ADC}, /* 龍 竜 */
    {0x9F9C, 0x4E80}, /* 龜 亀 */
    {0xFA11, 0x5D0E}, /* 﨑 崎 */
    {0x20BB7, 0x5409}, /* 𠮷 吉 */
    {0x2363A, 0x6A4B}, /* 𣘺 橋 */
};

/* Small kana and their large form, hiragana already turned into katakana. Sorted (bsearch). */
static const struct fold small_kana[] = {
    {0x30A1, 0x30A2}, {0x30A3, 0x30A4}, {0x30A5, 0x30A6}, {0x30A7, 0x30A8}, {0x30A9, 0x30AA},
    {0x30C3, 0x30C4}, {0x30E3, 0x30E4}, {0x30E5, 0x30E6}, {0x30E7, 0x30E8}, {0x30EE, 0x30EF},
    {0x30F5, 0x30AB}, {0x30F6, 0x30B1},
};

/* Every mark that people use for a dash or a long vowel. Sorted (bsearch). */
static const int32_t dashes[] = {0x002D, 0x02D7, 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015,
                                 0x2043, 0x207B, 0x2212, 0x2500, 0x2501, 0x30FC, 0xFE58, 0xFE63,
                                 0xFF0D, 0xFF70};

static int
compare_code(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

static int32_t
folded(const struct fold *table, size_t count, int32_t code)
{
    const struct fold *hit = bsearch(&code, table, count, sizeof *table, compare_code);

    return hit == NULL ? code : hit->to;
}

static bool
is_dash(int32_t code)
{
    return bsearch(&code, dashes, sizeof dashes / sizeof *dashes, sizeof *dashes, compare_code) !=
           NULL;
}

static bool
is_hiragana(int32_t code)
{
    return code >= HIRAGANA_FIRST && code <= HIRAGANA_LAST;
}

static bool
is_variation_selector(int32_t code)
{
    return (code >= VARIATION_FIRST && code <= VARIATION_LAST) ||
           (code >= IDEOGRAPHIC_VARIATION_FIRST && code <= IDEOGRAPHIC_VARIATION_LAST);
}

static bool
is_blank(int32_t code)
{
    return code == ' ' || code == '\t' || code == '\r' || code == '\n' || code == IDEOGRAPHIC_SPACE ||
           code == 0xA0;
}

/* The next code point of valid UTF-8; *text moves on. */
static int32_t
next_code(const char **text)
{
    utf8proc_int32_t code;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)*text, -1, &code);

    assert(n > 0);
    *text += n;
    return code;
}

static void
add_code(struct buf *out, int32_t code)
{
    utf8proc_uint8_t bytes[4];

    buf_add(out, bytes, (size_t)utf8proc_encode_char(code, bytes));
}

/* NFKC of `text`; utf8proc's malloc is taken over by the arena. */
static const char *
compose(struct arena *arena, const char *text)
{
    utf8proc_uint8_t *composed = NULL;

    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, 0, &composed,
                                      UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                          UTF8PROC_COMPAT);
    assert(n >= 0);
    arena_defer(arena, free, composed);
    return (const char *)composed;
}

char *
jtext_search_key(struct arena *arena, const char *text)
{
    struct buf out = buf_new(arena);

    /* Half-width kana join their voicing marks under NFKC, so it runs first. */
    for (const char *p = compose(arena, text == NULL ? "" : text); *p != '\0';) {
        int32_t code = next_code(&p);
        if (is_blank(code) || code == MIDDLE_DOT || code == 0xB7 || is_variation_selector(code))
            continue;
        if (is_dash(code))
            code = LONG_VOWEL;
        if (is_hiragana(code))
            code += HIRAGANA_TO_KATAKANA;
        code = folded(small_kana, sizeof small_kana / sizeof *small_kana, code);
        code = folded(old_glyphs, sizeof old_glyphs / sizeof *old_glyphs, code);
        add_code(&out, utf8proc_toupper(code));
    }
    return out.data;
}

char *
jtext_narrow(struct arena *arena, const char *text)
{
    struct buf out = buf_new(arena);

    for (const char *p = text == NULL ? "" : text; *p != '\0';) {
        const char *start = p;
        int32_t code = next_code(&p);
        if (code >= 0xFF01 && code <= 0xFF5E) /* full-width ASCII */
            add_code(&out, code - 0xFEE0);
        else if (code == IDEOGRAPHIC_SPACE)
            buf_add_char(&out, ' ');
        else if (is_dash(code) && code != LONG_VOWEL && code != 0xFF70)
            buf_add_char(&out, '-');
        else if (code >= 0xFF61 && code <= 0xFF9F) {
            /* A half-width kana and a voicing mark behind it become one full-width kana. */
            const char *after = p;
            if (*p != '\0') {
                int32_t mark = next_code(&after);
                if (mark == 0xFF9E || mark == 0xFF9F)
                    p = after;
            }
            buf_add_text(&out, compose(arena, text_copy_n(arena, start, (size_t)(p - start))));
        } else
            buf_add(&out, start, (size_t)(p - start));
    }
    return out.data;
}

char *
jtext_katakana(struct arena *arena, const char *text)
{
    struct buf out = buf_new(arena);

    for (const char *p = jtext_narrow(arena, text); *p != '\0';) {
        int32_t code = next_code(&p);
        add_code(&out, is_hiragana(code) ? code + HIRAGANA_TO_KATAKANA : code);
    }
    return out.data;
}

bool
jtext_is_katakana(const char *text)
{
    for (const char *p = text; *p != '\0';) {
        int32_t code = next_code(&p);
        if (!(code >= KATAKANA_FIRST && code <= KATAKANA_LAST) && code != LONG_VOWEL &&
            code != MIDDLE_DOT && !is_blank(code))
            return false;
    }
    return true;
}

/* Digits of `text` with the given decoration allowed between them; NULL when something else is in it. */
static char *
only_digits(struct arena *arena, const char *text, const char *decoration)
{
    struct buf out = buf_new(arena);

    for (const char *p = jtext_narrow(arena, text); *p != '\0';) {
        int32_t code = next_code(&p);
        if (code >= '0' && code <= '9')
            buf_add_char(&out, (char)code);
        else if (!is_dash(code) && code != 0x3012 /* 〒 */ &&
                 (code > 0x7E || strchr(decoration, (int)code) == NULL))
            return NULL;
    }
    return out.data;
}

char *
jtext_phone_digits(struct arena *arena, const char *text)
{
    const char *narrow = text_trim(arena, jtext_narrow(arena, text));
    bool international = text_starts(narrow, "+81");
    char *digits = only_digits(arena, international ? narrow + 3 : narrow, " ().");

    if (digits == NULL || !international)
        return digits;
    return digits[0] == '0' ? digits : text_format(arena, "0%s", digits);
}

char *
jtext_mobile_digits(struct arena *arena, const char *text)
{
    char *digits = jtext_phone_digits(arena, text);
    bool mobile = digits != NULL && strlen(digits) == 11 && digits[0] == '0' && digits[1] >= '6' &&
                  digits[1] <= '9' && digits[2] == '0';

    return mobile ? digits : NULL;
}

char *
jtext_postal_digits(struct arena *arena, const char *text)
{
    char *digits = only_digits(arena, text, " ");

    return digits != NULL && strlen(digits) == 7 ? digits : NULL;
}

/* Numbers whose parts are certain. Area codes have two to five digits, so other landlines are not split at a guess. */
static const struct {
    const char *prefix;
    size_t size, first, second;
} phone_parts[] = {
    {"0120", 10, 4, 3}, {"0570", 10, 4, 3}, {"0800", 11, 4, 3}, {"050", 11, 3, 4}, {"070", 11, 3, 4},
    {"080", 11, 3, 4},  {"090", 11, 3, 4},  {"03", 10, 2, 4},   {"06", 10, 2, 4},
};

const char *
jtext_clock(struct arena *arena, const char *text)
{
    size_t count;
    char **part = text_split(arena, jtext_narrow(arena, text), ':', &count);
    int64_t hour, minute;

    if (count != 2 || text_to_int(part[0], 0, 23, &hour) != 0 || strlen(part[1]) != 2 ||
        text_to_int(part[1], 0, 59, &minute) != 0)
        return NULL;
    return text_format(arena, "%02d:%02d", (int)hour, (int)minute);
}

char *
jtext_phone_shown(struct arena *arena, const char *digits)
{
    size_t size = digits == NULL ? 0 : strlen(digits);

    for (size_t i = 0; i < sizeof phone_parts / sizeof *phone_parts; i++) {
        size_t first = phone_parts[i].first, second = phone_parts[i].second;
        if (size == phone_parts[i].size && text_starts(digits, phone_parts[i].prefix))
            return text_format(arena, "%.*s-%.*s-%s", (int)first, digits, (int)second,
                               digits + first, digits + first + second);
    }
    return text_copy(arena, digits == NULL ? "" : digits);
}
