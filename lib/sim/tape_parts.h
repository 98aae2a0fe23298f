/* tape_parts.h - what the writer and the reader of tapes have in common.
 * SPDX-License-Identifier: MIT */
#ifndef USH_TAPE_PARTS_H
#define USH_TAPE_PARTS_H

#include "usher/core.h"

#define USH_TAPE_MAGIC "usher-tape-2"

enum ush_tape_entry { USH_TAPE_CORE = 1, USH_TAPE_STEP, USH_TAPE_TAKE, USH_TAPE_END };

enum { USH_TAPE_NUMBERS = 25 };

/* A configuration as numbers, and back. */
void ush_tape_numbers(const struct usher_config *cfg, uint64_t out[USH_TAPE_NUMBERS]);
void ush_tape_config(struct usher_config *cfg, const uint64_t numbers[USH_TAPE_NUMBERS]);

#endif
