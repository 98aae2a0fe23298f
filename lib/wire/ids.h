/* ids.h - hexadecimal ids, one digit after the other.
 * SPDX-License-Identifier: MIT */
#ifndef USH_IDS_H
#define USH_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usher/base.h"

/* 2 n lower-case digits, without a NUL. */
void ush_hex_put(const uint8_t *bytes, size_t n, char *out);
/* Exactly 2 n lower-case digits, or false. */
bool ush_hex_get(struct usher_span text, uint8_t *out, size_t n);

#endif
