/* random.c - xoshiro256**, seeded through SplitMix64 as its authors advise.
 * SPDX-License-Identifier: MIT */
#include "random.h"

static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void sim_random_init(struct sim_random *r, uint64_t seed, enum sim_purpose purpose, uint64_t a,
                     uint64_t b)
{
    const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t at = mix(seed + step);

    at = mix(at ^ (a + 1) * UINT64_C(0xd1342543de82ef95)) + (uint64_t) purpose * step;
    at = mix(at ^ (b + 1) * UINT64_C(0xaf251af3b0f025b5));
    for (int i = 0; i < 4; i++) {
        at += step;
        r->s[i] = mix(at);
    }
}

static uint64_t turn(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t sim_random_next(struct sim_random *r)
{
    uint64_t out = turn(r->s[1] * 5, 7) * 9;
    uint64_t t = r->s[1] << 17;

    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = turn(r->s[3], 45);
    return out;
}

double sim_random_unit(struct sim_random *r)
{
    return ((double) (sim_random_next(r) >> 11) + 0.5) * 0x1p-53;
}
