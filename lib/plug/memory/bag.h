/* bag.h - finds numbers by a 64-bit hash: an open table that grows, and never forgets.
 * SPDX-License-Identifier: MIT
 *
 * Equal hashes may belong to different things: the owner compares. */
#ifndef USH_MEMORY_BAG_H
#define USH_MEMORY_BAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ush_bag_item { uint64_t hash, value; }; /* value 0: an empty place */

struct ush_bag {
    struct ush_bag_item *items;
    size_t size, n; /* size: 0 or a power of two */
};

/* Make room for so many more; false if there is no memory, and nothing changed. */
bool ush_bag_reserve(struct ush_bag *bag, size_t more);
/* Room must have been reserved; value is not 0. */
void ush_bag_put(struct ush_bag *bag, uint64_t hash, uint64_t value);
/* Values with this hash, in the order of their coming: 0 at the end. *at starts as 0. */
uint64_t ush_bag_next(const struct ush_bag *bag, uint64_t hash, size_t *at);
void ush_bag_done(struct ush_bag *bag);

#endif
