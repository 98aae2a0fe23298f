/* rand.c - all chance of a simulated world, from one seed; and a running hash.
 * SPDX-License-Identifier: MIT
 *
 * A 64-bit counter with a large odd stride, scrambled by two multiplications:
 * equal everywhere, and good enough for dice. Never for secrets. */
#include "rand.h"

#include <string.h>

static uint64_t scramble(uint64_t n)
{
    n ^= n >> 32;
    n *= UINT64_C(0xd6e8feb86659fd93);
    n ^= n >> 29;
    n *= UINT64_C(0xa0761d6478bd642f);
    return n ^ (n >> 32);
}

void ush_rand_init(struct ush_rand *r, uint64_t seed)
{
    r->state = scramble(seed + 1);
}

uint64_t ush_rand_next(struct ush_rand *r)
{
    r->state += UINT64_C(0xe7037ed1a0b428db);
    return scramble(r->state);
}

uint32_t ush_rand_below(struct ush_rand *r, uint32_t n)
{
    return (uint32_t) ((ush_rand_next(r) >> 32) * n >> 32);
}

uint32_t ush_rand_between(struct ush_rand *r, uint32_t low, uint32_t high)
{
    return low + ush_rand_below(r, high - low + 1);
}

bool ush_rand_odds(struct ush_rand *r, uint32_t per_10000)
{
    return ush_rand_below(r, 10000) < per_10000;
}

void ush_rand_fill(struct ush_rand *r, void *out, size_t len)
{
    uint8_t *bytes = out;
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t) (ush_rand_next(r) >> 56);
    }
}

uint64_t ush_mix(uint64_t hash, uint64_t n)
{
    return scramble(hash * UINT64_C(0x2545f4914f6cdd1d) + n);
}

uint64_t ush_mix_bytes(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    uint64_t word = 0;
    hash = ush_mix(hash, len);
    for (size_t i = 0; i < len; i++) {
        word = word << 8 | bytes[i];
        if (i % 8 == 7 || i + 1 == len) {
            hash = ush_mix(hash, word);
            word = 0;
        }
    }
    return hash;
}
