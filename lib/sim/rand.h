/* rand.h - all chance of a simulated world, from one seed; and a running hash.
 * SPDX-License-Identifier: MIT */
#ifndef USH_RAND_H
#define USH_RAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ush_rand {
    uint64_t state;
};

void ush_rand_init(struct ush_rand *r, uint64_t seed);
uint64_t ush_rand_next(struct ush_rand *r);
/* 0 to n - 1; n is at least 1. */
uint32_t ush_rand_below(struct ush_rand *r, uint32_t n);
/* low to high, both included. */
uint32_t ush_rand_between(struct ush_rand *r, uint32_t low, uint32_t high);
bool ush_rand_odds(struct ush_rand *r, uint32_t per_10000);
void ush_rand_fill(struct ush_rand *r, void *out, size_t len);

/* The hash of a run goes on with one more number, or one more text. */
uint64_t ush_mix(uint64_t hash, uint64_t n);
uint64_t ush_mix_bytes(uint64_t hash, const void *data, size_t len);

#endif
