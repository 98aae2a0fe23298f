/* random.h - xoshiro256** (Blackman and Vigna), one generator for each purpose.
 * SPDX-License-Identifier: MIT
 *
 * A generator is named by the run's seed and three numbers: what it is for, and for which one
 * of them. So another staffing draws the same arrivals, handling times and patience for the
 * same session: two scenarios are compared on the same luck. */
#ifndef WHATIF_RANDOM_H
#define WHATIF_RANDOM_H

#include <stdint.h>

struct sim_random { uint64_t s[4]; };

enum sim_purpose {
    SIM_FOR_ARRIVALS = 1, /* of one kind of session */
    SIM_FOR_BATCHES,      /* how many arrive together */
    SIM_FOR_LIFE,         /* one session: handling, patience, transfers */
    SIM_FOR_OFFERS,       /* one session: ring times, misses, declines */
    SIM_FOR_AGENT,        /* one agent: how long he stays away, wraps up */
    SIM_FOR_CORE          /* the seed of the core's tables */
};

void sim_random_init(struct sim_random *r, uint64_t seed, enum sim_purpose purpose, uint64_t a,
                     uint64_t b);
uint64_t sim_random_next(struct sim_random *r);
double sim_random_unit(struct sim_random *r); /* in (0, 1), never an end */

#endif
