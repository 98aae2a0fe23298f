/* arrivals.c - draws times of arrival: exactly for rates in steps, by thinning for waves.
 * SPDX-License-Identifier: MIT */
#include "arrivals.h"

#include <math.h>

void sim_arriving_init(struct sim_arriving *a, const struct sim_arrivals *how, double start,
                       uint64_t seed, uint32_t kind)
{
    *a = (struct sim_arriving){.how = how, .start = start};
    sim_random_init(&a->random, seed, SIM_FOR_ARRIVALS, kind, 0);
    sim_random_init(&a->sizes, seed, SIM_FOR_BATCHES, kind, 0);
}

/* An exponential amount of expected arrivals is used up along the steps of the rate. */
static double next_poisson(struct sim_arriving *a)
{
    const struct sim_roster *rate = &a->how->rate;
    double left = -log(sim_random_unit(&a->random));
    double at = a->start + a->now;

    for (size_t empty = 0; empty <= rate->n;) {
        double level = sim_roster_at(rate, at);
        double until = sim_roster_next(rate, at);
        if (level > 0 && (rate->n == 1 || left <= level * (until - at))) {
            return at + left / level - a->start;
        }
        if (rate->n == 1) {
            break;
        }
        empty = level > 0 ? 0 : empty + 1;
        left -= level * (until - at);
        at = until;
    }
    return SIM_NEVER;
}

static double next_wave(struct sim_arriving *a)
{
    const double turn = 6.283185307179586;
    const struct sim_arrivals *how = a->how;
    double most = how->mean * (1 + how->wave);
    double at = a->now;

    if (!(most > 0)) {
        return SIM_NEVER;
    }
    for (;;) {
        at += -log(sim_random_unit(&a->random)) / most;
        double angle = turn * (a->start + at - how->peak) / how->period;
        if (sim_random_unit(&a->random) * most <= how->mean * (1 + how->wave * cos(angle))) {
            return at;
        }
    }
}

double sim_arriving_next(struct sim_arriving *a)
{
    const struct sim_arrivals *how = a->how;
    double at = SIM_NEVER;

    switch (how->kind) {
    case SIM_ARRIVE_NONE:
        break;
    case SIM_ARRIVE_POISSON:
        at = next_poisson(a);
        break;
    case SIM_ARRIVE_WAVE:
        at = next_wave(a);
        break;
    case SIM_ARRIVE_GAPS:
        at = a->n == 0 && how->first >= 0 ? how->first
                                          : a->now + sim_dist_draw(&how->gap, &a->random);
        break;
    case SIM_ARRIVE_AT:
        at = a->n < how->n ? how->at[a->n] : SIM_NEVER;
        break;
    }
    a->now = at;
    a->n++;
    return at;
}

uint32_t sim_arriving_size(struct sim_arriving *a)
{
    const struct sim_arrivals *how = a->how;
    double u = 0;

    switch (how->batch) {
    case SIM_BATCH_FIXED:
        break;
    case SIM_BATCH_GEOMETRIC:
        if (how->batch_mean <= 1) {
            return 1;
        }
        u = log(sim_random_unit(&a->sizes)) / log(1 - 1 / how->batch_mean);
        return u < 1e6 ? 1 + (uint32_t) u : 1000000;
    case SIM_BATCH_EVEN:
        u = sim_random_unit(&a->sizes) * (how->batch_most - how->batch_least + 1);
        return how->batch_least + (uint32_t) u;
    }
    return (uint32_t) how->batch_mean;
}
