/* bytes.h - eight bytes at a time: is there one among them that JSON text must stop at?
 * SPDX-License-Identifier: MIT
 *
 * With all eight bytes of a word: `x - 01..01` borrows from the top bit of a byte
 * that is zero, and `& ~x` keeps only bytes whose own top bit was clear. A borrow
 * can reach only bytes above a true hit, so "none" is always exact. */
#ifndef USH_BYTES_H
#define USH_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define USH_ONES UINT64_C(0x0101010101010101)
#define USH_TOPS UINT64_C(0x8080808080808080)

static inline uint64_t ush_word(const uint8_t *s)
{
    uint64_t w;
    memcpy(&w, s, sizeof w);
    return w;
}

/* Is any of the eight not ASCII? */
static inline bool ush_word_high(uint64_t w)
{
    return (w & USH_TOPS) != 0;
}

/* Is any of the eight a control character, a quotation mark or a backslash? */
static inline bool ush_word_special(uint64_t w)
{
    uint64_t quote = w ^ (USH_ONES * '"');
    uint64_t slash = w ^ (USH_ONES * '\\');
    uint64_t hit = (w - USH_ONES * 0x20) & ~w;
    hit |= (quote - USH_ONES) & ~quote;
    hit |= (slash - USH_ONES) & ~slash;
    return (hit & USH_TOPS) != 0;
}

#endif
