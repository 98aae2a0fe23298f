/* utf8.c - which bytes are UTF-8, and which characters may stand in a name.
 * SPDX-License-Identifier: MIT */
#include "utf8.h"

#include "bytes.h"
#include "usher/wire.h"

#define NAME_CHARS_MAX 80

_Static_assert(USHER_NAME_MAX == 4 * NAME_CHARS_MAX, "a name is counted in characters");

static bool is_tail(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

static size_t two(const uint8_t *s, uint32_t *out)
{
    *out = (uint32_t) (s[0] & 0x1F) << 6 | (s[1] & 0x3F);
    return is_tail(s[1]) ? 2 : 0;
}

static size_t three(const uint8_t *s, uint32_t *out)
{
    uint32_t c = (uint32_t) (s[0] & 0x0F) << 12 | (uint32_t) (s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    *out = c;
    return is_tail(s[1]) && is_tail(s[2]) && c >= 0x800 && !surrogate ? 3 : 0;
}

static size_t four(const uint8_t *s, uint32_t *out)
{
    uint32_t c = (uint32_t) (s[0] & 0x07) << 18 | (uint32_t) (s[1] & 0x3F) << 12 |
                 (uint32_t) (s[2] & 0x3F) << 6 | (s[3] & 0x3F);
    *out = c;
    return is_tail(s[1]) && is_tail(s[2]) && is_tail(s[3]) && c >= 0x10000 && c <= 0x10FFFF ? 4 : 0;
}

size_t ush_utf8_next(const uint8_t *s, size_t len, uint32_t *out)
{
    uint8_t first = s[0];
    if (first < 0x80) {
        *out = first;
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF && len >= 2) {
        return two(s, out);
    }
    if (first >= 0xE0 && first <= 0xEF && len >= 3) {
        return three(s, out);
    }
    if (first >= 0xF0 && first <= 0xF4 && len >= 4) {
        return four(s, out);
    }
    return 0;
}

size_t ush_utf8_put(uint32_t c, uint8_t out[4])
{
    if (c < 0x80) {
        out[0] = (uint8_t) c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t) (0xC0 | c >> 6);
        out[1] = (uint8_t) (0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t) (0xE0 | c >> 12);
        out[1] = (uint8_t) (0x80 | (c >> 6 & 0x3F));
        out[2] = (uint8_t) (0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (uint8_t) (0xF0 | c >> 18);
    out[1] = (uint8_t) (0x80 | (c >> 12 & 0x3F));
    out[2] = (uint8_t) (0x80 | (c >> 6 & 0x3F));
    out[3] = (uint8_t) (0x80 | (c & 0x3F));
    return 4;
}

bool usher_text_ok(struct usher_span text)
{
    const uint8_t *s = text.base;
    size_t at = 0;
    while (at < text.len) {
        bool word = text.len - at >= 8;
        if (word && !ush_word_high(ush_word(s + at)) && !ush_word_special(ush_word(s + at))) {
            at += 8;
            continue;
        }
        uint32_t c;
        size_t n = ush_utf8_next(s + at, text.len - at, &c);
        if (n == 0 || c == 0) {
            return false;
        }
        at += n;
    }
    return true;
}

/* Would this character break a line, or turn what stands around it? */
static bool is_mark(uint32_t c)
{
    bool control = c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
    bool direction = c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                     (c >= 0x2066 && c <= 0x2069);
    return control || direction;
}

bool ush_utf8_line(struct usher_span text, size_t chars_max)
{
    const uint8_t *s = text.base;
    size_t at = 0;
    size_t chars = 0;
    while (at < text.len) {
        uint32_t c;
        size_t n = ush_utf8_next(s + at, text.len - at, &c);
        if (n == 0 || is_mark(c) || ++chars > chars_max) {
            return false;
        }
        at += n;
    }
    return true;
}

bool usher_name_ok(struct usher_span name)
{
    return ush_utf8_line(name, NAME_CHARS_MAX);
}
