/* wire_judge.h - a second opinion on what a frame is: slow, recursive, apart from the gate.
 * SPDX-License-Identifier: MIT */
#ifndef USH_TEST_WIRE_JUDGE_H
#define USH_TEST_WIRE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct judge {
    const uint8_t *s;
    size_t len, at;
};

static inline bool judge_value(struct judge *j, int depth, bool have);

static inline int judge_peek(const struct judge *j)
{
    return j->at < j->len ? j->s[j->at] : -1;
}

static inline bool judge_is(struct judge *j, int c)
{
    bool yes = judge_peek(j) == c;
    j->at += yes ? 1 : 0;
    return yes;
}

static inline void judge_space(struct judge *j)
{
    while (judge_is(j, ' ') || judge_is(j, '\t') || judge_is(j, '\r') || judge_is(j, '\n')) {
    }
}

/* The character of a \uXXXX at the cursor, or -1. */
static inline int32_t judge_hex(struct judge *j)
{
    int32_t value = 0;
    if (!judge_is(j, '\\') || !judge_is(j, 'u')) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        static const char lower[] = "0123456789abcdef";
        static const char upper[] = "0123456789ABCDEF";
        int c = judge_peek(j);
        const char *low = c <= 0 ? NULL : strchr(lower, c);
        const char *high = c <= 0 ? NULL : strchr(upper, c);
        if (low == NULL && high == NULL) {
            return -1;
        }
        value = value * 16 + (int32_t) (low != NULL ? low - lower : high - upper);
        j->at++;
    }
    return value;
}

/* One character of a string, decoded; -1: none that is allowed, or the closing mark. */
static inline int32_t judge_char(struct judge *j)
{
    int c = judge_peek(j);
    if (c < 0x20 || c == '"') {
        return -1;
    }
    if (c == '\\') {
        static const char simple[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
        size_t start = j->at;
        int letter = j->at + 1 < j->len ? j->s[j->at + 1] : 0;
        for (size_t i = 0; i + 1 < sizeof simple; i += 2) {
            if (letter == simple[i]) {
                j->at += 2;
                return simple[i + 1];
            }
        }
        j->at = start;
        int32_t one = judge_hex(j);
        if (one >= 0xD800 && one <= 0xDBFF) {
            int32_t two = judge_hex(j);
            return two >= 0xDC00 && two <= 0xDFFF ? 0x10000 + (one - 0xD800) * 1024 + two - 0xDC00
                                                  : -1;
        }
        return one == 0 || (one >= 0xDC00 && one <= 0xDFFF) ? -1 : one;
    }
    static const struct {
        int first, last;
        int32_t min, max;
        int more;
    } forms[] = {{0x20, 0x7F, 0x20, 0x7F, 0},
                 {0xC0, 0xDF, 0x80, 0x7FF, 1},
                 {0xE0, 0xEF, 0x800, 0xFFFF, 2},
                 {0xF0, 0xF7, 0x10000, 0x10FFFF, 3}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (c >= forms[i].first && c <= forms[i].last) {
            int32_t value = c - (i == 0 ? 0 : forms[i].first);
            j->at++;
            for (int k = 0; k < forms[i].more; k++) {
                int tail = judge_peek(j);
                if (tail < 0x80 || tail > 0xBF) {
                    return -1;
                }
                value = value * 64 + tail - 0x80;
                j->at++;
            }
            bool surrogate = value >= 0xD800 && value <= 0xDFFF;
            return value < forms[i].min || value > forms[i].max || surrogate ? -1 : value;
        }
    }
    return -1;
}

/* A whole string; its characters go to a new array if out is not NULL. */
static inline bool judge_string(struct judge *j, int32_t **out, size_t *n)
{
    int32_t *chars = malloc((j->len + 1) * sizeof *chars);
    size_t count = 0;
    bool ok = chars != NULL && judge_is(j, '"');
    while (ok && judge_peek(j) != '"') {
        int32_t c = judge_char(j);
        ok = c >= 0;
        chars[count++] = c;
    }
    ok = ok && judge_is(j, '"');
    if (ok && out != NULL) {
        *out = chars;
        *n = count;
    } else {
        free(chars);
    }
    return ok;
}

static inline bool judge_number(struct judge *j)
{
    char digits[32];
    size_t n = 0;
    bool negative = judge_is(j, '-');
    while (judge_peek(j) >= '0' && judge_peek(j) <= '9' && n < 30) {
        digits[n++] = (char) j->s[j->at++];
    }
    digits[n] = 0;
    if (n == 0 || n > 16 || (n > 1 && digits[0] == '0') || (negative && digits[0] == '0')) {
        return false;
    }
    return strtoull(digits, NULL, 10) <= UINT64_C(9007199254740991);
}

static inline bool judge_array(struct judge *j, int depth)
{
    size_t n = 0;
    bool ok = true;
    j->at++;
    judge_space(j);
    if (judge_is(j, ']')) {
        return true;
    }
    do {
        ok = ++n <= 64 && judge_value(j, depth, false);
        judge_space(j);
    } while (ok && judge_is(j, ','));
    return ok && judge_is(j, ']');
}

static inline bool judge_object(struct judge *j, int depth, bool have)
{
    static const int32_t have_name[] = {'h', 'a', 'v', 'e'};
    const size_t max = have ? 64 : 32;
    int32_t *keys[64] = {0};
    size_t lens[64] = {0};
    size_t n = 0;
    bool ok = true;
    j->at++;
    judge_space(j);
    if (judge_is(j, '}')) {
        return true;
    }
    do {
        judge_space(j);
        ok = n < max && judge_string(j, &keys[n], &lens[n]);
        if (!ok) {
            break;
        }
        for (size_t i = 0; i < n; i++) {
            ok = ok &&
                 (lens[i] != lens[n] || memcmp(keys[i], keys[n], lens[n] * sizeof *keys[n]) != 0);
        }
        bool is_have =
            depth == 1 && lens[n] == 4 && memcmp(keys[n], have_name, sizeof have_name) == 0;
        n++;
        judge_space(j);
        ok = ok && judge_is(j, ':') && judge_value(j, depth, is_have);
        judge_space(j);
    } while (ok && judge_is(j, ','));
    for (size_t i = 0; i < n; i++) {
        free(keys[i]);
    }
    return ok && judge_is(j, '}');
}

static inline bool judge_value(struct judge *j, int depth, bool have)
{
    static const char *const words[] = {"true", "false", "null"};
    judge_space(j);
    int c = judge_peek(j);
    if (c == '{' || c == '[') {
        return depth < 8 &&
               (c == '{' ? judge_object(j, depth + 1, have) : judge_array(j, depth + 1));
    }
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(words[i]);
        if (j->len - j->at >= n && memcmp(j->s + j->at, words[i], n) == 0) {
            j->at += n;
            return true;
        }
    }
    return c == '"' ? judge_string(j, NULL, NULL) : judge_number(j);
}

/* Does the second opinion let this frame in? */
static inline bool judge_passes(const void *text, size_t len)
{
    struct judge j = {text, len, 0};
    judge_space(&j);
    if (judge_peek(&j) != '{' || !judge_value(&j, 0, false)) {
        return false;
    }
    judge_space(&j);
    return j.at == j.len;
}

#endif
