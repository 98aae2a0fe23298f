/* arrivals.h - when the next sessions of a kind arrive, and how many at once.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_ARRIVALS_H
#define WHATIF_ARRIVALS_H

#include "scenario.h"

struct sim_arriving {
    const struct sim_arrivals *how;
    double start;            /* the clock at the beginning of the run */
    double now;              /* of the last arrival */
    size_t n;                /* times drawn so far */
    uint64_t born;           /* sessions so far */
    struct sim_random random, sizes;
};

void sim_arriving_init(struct sim_arriving *a, const struct sim_arrivals *how, double start,
                       uint64_t seed, uint32_t kind);
/* When the next ones arrive, in ms since the run began; SIM_NEVER: none will. */
double sim_arriving_next(struct sim_arriving *a);
uint32_t sim_arriving_size(struct sim_arriving *a);

#endif
