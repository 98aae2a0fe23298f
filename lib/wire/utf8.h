/* utf8.h - which bytes are UTF-8, and which characters may stand in a name.
 * SPDX-License-Identifier: MIT */
#ifndef USH_UTF8_H
#define USH_UTF8_H

#include "usher/base.h"

/* The well-formed character at s, of at most len > 0 bytes: its length, 1 to 4;
 * 0 if there is none (Unicode 15, table 3-7: no overlong form, no surrogate). */
size_t ush_utf8_next(const uint8_t *s, size_t len, uint32_t *out);

/* Write a character that is no surrogate; returns how many bytes it took, 1 to 4. */
size_t ush_utf8_put(uint32_t c, uint8_t out[4]);

/* Is this UTF-8 of at most so many characters, none of which breaks the line or
 * turns what stands around it? */
bool ush_utf8_line(struct usher_span text, size_t chars_max);

#endif
