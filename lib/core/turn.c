/* turn.c - whose turn it is among agents: in a round, by few sessions in a window, or by chance.
 * SPDX-License-Identifier: MIT
 *
 * By chance, in proportion to weight, is a race of exponential clocks: each agent's
 * rings after a time drawn from the exponential distribution of rate `weight`, the
 * first to ring is chosen and draws anew from then on. That the first of several such
 * clocks is number i with probability weight_i / sum, and that the others go on as if
 * drawn anew, are the two well-known properties of that distribution (Feller,
 * "An Introduction to Probability Theory", vol. 2, I.3). So a draw is the head of an
 * ordered set, and the cost does not grow with the number of agents. */
#include "desk.h"

enum { COUNT_BITS = 24, LOG_BITS = 20 };

/* splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014) */
static uint64_t chance(struct usher *u)
{
    uint64_t z = u->chance_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* -log2 of a uniform number of (0, 1], in 2^-20: bit by bit, for the same result everywhere. */
static uint64_t minus_log2(uint64_t bits)
{
    uint64_t x = bits | 1;
    uint64_t log = 0;
    while (x >> 63 == 0) {
        x <<= 1;
        log += (uint64_t) 1 << LOG_BITS;
    }
    x >>= 32; /* 1 to 2, as 31 bits behind the point */
    uint64_t fraction = 0;
    for (int i = 0; i < LOG_BITS; i++) {
        x = x * x >> 31;
        fraction <<= 1;
        if (x >> 32 != 0) {
            x >>= 1;
            fraction |= 1;
        }
    }
    return log + ((uint64_t) 1 << LOG_BITS) - fraction;
}

static void draw(struct usher *u, struct ush_agent *a)
{
    uint64_t after = minus_log2(chance(u)) * 1000 / u->profiles[a->profile].weight;
    a->turn[USH_TURN_CHANCE] = u->chance_clock + after;
}

/* He is new, or of another weight. */
void ush_turn_new(struct usher *u, struct ush_agent *a)
{
    if (a->turn[USH_TURN_ROUND] == 0) {
        a->turn[USH_TURN_ROUND] = ++u->idle;
    }
    draw(u, a);
}

/* A session is offered to him, or is his at once: others are next. */
void ush_turn_offered(struct usher *u, struct ush_agent *a)
{
    a->turn[USH_TURN_ROUND] = ++u->idle;
    if (a->turn[USH_TURN_CHANCE] > u->chance_clock) {
        u->chance_clock = a->turn[USH_TURN_CHANCE];
    }
    draw(u, a);
}

/* A session is his. An agent whose last one came in an earlier window comes before all who
 * have had one in this window. */
void ush_turn_joined(struct usher *u, struct ush_agent *a)
{
    uint64_t wall = u->now.wall_ms > 0 ? (uint64_t) u->now.wall_ms : 0;
    uint64_t window = wall / u->cfg.window_ms;
    uint64_t *turn = &a->turn[USH_TURN_FEWEST];
    *turn = *turn >> COUNT_BITS == window ? *turn + 1 : (window << COUNT_BITS) + 1;
}
