/* flat.h - an object of nothing but plain texts, as cJSON would give it, without memory of its own.
 * SPDX-License-Identifier: MIT
 *
 * What is said comes in such objects: for each, a parser would ask for memory a dozen times
 * and copy what the gate has just read. */
#ifndef USH_FLAT_H
#define USH_FLAT_H

#include <cjson/cJSON.h>

#include "gate.h"

/* It needs no set-up. */
struct ush_flat {
    cJSON object, items[USH_KEYS_MAX];
    char bytes[USHER_FRAME_MAX];
};

/* The object of a frame that has passed the gate, which says that it is flat. Never NULL; it
 * lives until the next call, and must not be given to cJSON_Delete. */
cJSON *ush_flat_make(struct ush_flat *f, const struct ush_gate *g, struct usher_span frame);

#endif
