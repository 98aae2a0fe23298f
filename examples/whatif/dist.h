/* dist.h - how long something takes: distributions of durations, in milliseconds.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_DIST_H
#define WHATIF_DIST_H

#include "random.h"

#include <stdbool.h>
#include <stddef.h>

#define SIM_NEVER 1e300 /* longer than any run */

enum sim_dist_kind {
    SIM_FIXED,     /* a: the value */
    SIM_EXP,       /* a: mean */
    SIM_ERLANG,    /* a: mean, k phases */
    SIM_GAMMA,     /* a: mean, b: shape */
    SIM_LOGNORMAL, /* a: mean of the logarithm, b: its deviation */
    SIM_WEIBULL,   /* a: scale, b: shape */
    SIM_UNIFORM,   /* a to b */
    SIM_MIX,       /* one of `parts`, by `upto`: hyperexponential, empirical lists */
    SIM_ORDER      /* the same, but number n has part n; where that is below 0, any */
};

struct sim_dist {
    enum sim_dist_kind kind;
    double a, b;
    unsigned k;
    double plus, least, most; /* added; then cut to these */
    struct sim_dist *parts;   /* of a mix; owned; they are no mixes */
    double *upto;             /* cumulated probabilities; the last is 1 */
    size_t n;
};

double sim_dist_draw(const struct sim_dist *d, struct sim_random *r);
/* For the n-th of its kind, from 0. */
double sim_dist_draw_nth(const struct sim_dist *d, struct sim_random *r, uint64_t n);
double sim_dist_mean(const struct sim_dist *d); /* without regard to least and most */
void sim_dist_done(struct sim_dist *d);

#endif
