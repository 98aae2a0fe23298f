/* gate_text.c - the gate's strings: UTF-8, escapes that mean one character, no U+0000.
 * SPDX-License-Identifier: MIT */
#include "gate_text.h"

#include <string.h>

#include "bytes.h"
#include "utf8.h"

bool ush_gate_wrong(struct ush_gate *g, const char *why)
{
    g->why = why;
    return false;
}

/* The four hex digits of an escape that begins at s; false if they are not there. */
static bool hex4(const uint8_t *s, const uint8_t *end, uint32_t *out)
{
    uint32_t value = 0;
    if (end - s < 6 || s[0] != '\\' || s[1] != 'u') {
        return false;
    }
    for (int i = 2; i < 6; i++) {
        uint8_t lower = (uint8_t) (s[i] | 0x20);
        if (s[i] >= '0' && s[i] <= '9') {
            value = value << 4 | (uint32_t) (s[i] - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            value = value << 4 | (uint32_t) (lower - 'a' + 10);
        } else {
            return false;
        }
    }
    *out = value;
    return true;
}

/* An escape \uXXXX, or the two of a pair, at g->at: past it. */
static bool unicode_escape(struct ush_gate *g, uint32_t *out)
{
    uint32_t high;
    if (!hex4(g->at, g->end, &high)) {
        return ush_gate_wrong(g, "bad escape");
    }
    if (high == 0) {
        return ush_gate_wrong(g, "U+0000");
    }
    *out = high;
    if (high < 0xD800 || high > 0xDFFF) {
        g->at += 6;
        return true;
    }
    uint32_t low;
    if (high > 0xDBFF || !hex4(g->at + 6, g->end, &low) || low < 0xDC00 || low > 0xDFFF) {
        return ush_gate_wrong(g, "lone surrogate");
    }
    *out = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    g->at += 12;
    return true;
}

/* The escape at g->at: past it, and the character that it means. */
static bool escape(struct ush_gate *g, uint32_t *out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    uint8_t letter = g->end - g->at < 2 ? 0 : g->at[1];
    if (letter == 'u') {
        return unicode_escape(g, out);
    }
    const char *found = letter == 0 ? NULL : strchr(letters, letter);
    if (found == NULL) {
        return ush_gate_wrong(g, "bad escape");
    }
    *out = (uint8_t) meanings[found - letters];
    g->at += 2;
    return true;
}

/* Past all that is plain ASCII. */
static void skip_plain(struct ush_gate *g)
{
    const uint8_t *s = g->at;
    while (g->end - s >= 8 && !ush_word_high(ush_word(s)) && !ush_word_special(ush_word(s))) {
        s += 8;
    }
    while (s < g->end && *s >= 0x20 && *s < 0x80 && *s != '"' && *s != '\\') {
        s++;
    }
    g->at = s;
}

/* Past the characters that are not ASCII. */
static bool skip_high(struct ush_gate *g)
{
    const uint8_t *s = g->at;
    size_t n = 1;
    while (s < g->end && *s >= 0x80 && n > 0) {
        uint32_t c;
        n = ush_utf8_next(s, (size_t) (g->end - s), &c);
        s += n;
    }
    g->at = s;
    return n > 0 || ush_gate_wrong(g, "not UTF-8");
}

bool ush_gate_string(struct ush_gate *g, struct ush_gate_key *out, bool *escaped)
{
    const uint8_t *start = ++g->at;
    *escaped = false;
    for (bool ok = true; ok;) {
        uint32_t c;
        skip_plain(g);
        if (g->at == g->end) {
            return ush_gate_wrong(g, "ends within a string");
        }
        if (*g->at == '"') {
            *out = (struct ush_gate_key){start, (size_t) (g->at++ - start)};
            return true;
        }
        if (*g->at < 0x20) {
            return ush_gate_wrong(g, "control character");
        }
        *escaped = *escaped || *g->at == '\\';
        ok = *g->at == '\\' ? escape(g, &c) : skip_high(g);
    }
    return false;
}

struct ush_gate_key ush_gate_unescape(struct ush_gate *g, struct ush_gate_key key)
{
    const uint8_t *back = g->at;
    uint8_t *to = g->plain + g->n_plain;
    size_t n = 0;
    g->at = key.base;
    while (g->at < key.base + key.len) {
        uint32_t c;
        if (*g->at != '\\') {
            to[n++] = *g->at++;
        } else if (escape(g, &c)) {
            n += ush_utf8_put(c, to + n);
        }
    }
    g->at = back;
    g->n_plain += n;
    return (struct ush_gate_key){to, n};
}
