/* gate.h - the strict door before the JSON parser: one bounded pass, no recursion.
 * SPDX-License-Identifier: MIT */
#ifndef USH_GATE_H
#define USH_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usher/wire.h"

enum {
    USH_DEPTH_MAX = 8, /* objects and arrays in one another */
    USH_KEYS_MAX = 32, /* in one object; `have` of the outermost: USHER_HAVE_MAX */
    USH_ITEMS_MAX = 64 /* in one array */
};

struct ush_gate_key {
    const uint8_t *base;
    size_t len;
};

/* A member of the outermost object whose name and value are texts without escapes. */
struct ush_gate_member {
    struct ush_gate_key name, text;
};

/* An object or array that is open. */
struct ush_gate_level {
    bool object;
    uint32_t count, max; /* keys or items */
    uint32_t first_key;  /* of an object, in keys[] */
};

/* Working memory of the gate; it needs no set-up. */
struct ush_gate {
    const uint8_t *at, *end;
    const char *why; /* what is wrong; NULL: nothing yet */
    uint32_t depth, n_keys;
    struct ush_gate_level levels[USH_DEPTH_MAX];
    struct ush_gate_key
        keys[USH_DEPTH_MAX * USH_KEYS_MAX + USHER_HAVE_MAX]; /* of the open objects */
    bool flat; /* the outermost object has only such members: */
    struct ush_gate_member members[USH_KEYS_MAX];
    size_t n_plain;
    uint8_t plain[USHER_FRAME_MAX]; /* keys that came with escapes, without them */
};

/* Is this one JSON object that keeps all of our rules (docs/protocol.md, "What is
 * not a frame")? If not: why, in words, and *at, the offset. len ≤ USHER_FRAME_MAX. */
bool ush_gate_pass(struct ush_gate *g, const uint8_t *text, size_t len, const char **why,
                   size_t *at);

#endif
