/* pool.h - hands out the slots of a fixed table, always the lowest free one.
 * SPDX-License-Identifier: MIT
 *
 * The lowest, so that a table that was once full and is no longer touches few
 * pages. A tree of bit words, 64 to one: taking and giving back cost O(log64 n).
 * The memory is the caller's; zeroed memory is not a pool until ush_pool_init. */
#ifndef USH_POOL_H
#define USH_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USH_NONE UINT32_MAX
#define USH_POOL_LEVELS 6

struct ush_pool {
    uint64_t *words[USH_POOL_LEVELS]; /* a set bit: something is used up (level 0: the slot) */
    uint32_t levels;
    uint32_t size, used;
};

/* 64-bit words that a pool of n slots needs. */
size_t ush_pool_words(uint32_t n);
/* words: zeroed, ush_pool_words(n) of them. */
void ush_pool_init(struct ush_pool *p, uint64_t *words, uint32_t n);
/* The lowest free slot, now taken; USH_NONE if there is none. */
uint32_t ush_pool_take(struct ush_pool *p);
void ush_pool_give(struct ush_pool *p, uint32_t slot);
bool ush_pool_has(const struct ush_pool *p, uint32_t slot);

#endif
