/* dist.c - draws durations.
 * SPDX-License-Identifier: MIT */
#include "dist.h"

#include <math.h>
#include <stdlib.h>

static double draw_exp(double mean, struct sim_random *r)
{
    return -mean * log(sim_random_unit(r));
}

/* Box and Muller; the second of the pair is not kept, so that each draw stands for itself. */
static double draw_normal(struct sim_random *r)
{
    const double turn = 6.283185307179586;
    double radius = sqrt(-2 * log(sim_random_unit(r)));

    return radius * cos(turn * sim_random_unit(r));
}

/* Marsaglia and Tsang, with mean 1 and any shape. */
static double draw_gamma(double shape, struct sim_random *r)
{
    double boost = shape < 1 ? pow(sim_random_unit(r), 1 / shape) : 1;
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
    double c = 1 / sqrt(9 * d);

    for (;;) {
        double x = draw_normal(r);
        double v = 1 + c * x;
        double u = sim_random_unit(r);
        v = v * v * v;
        if (v > 0 && log(u) < 0.5 * x * x + d - d * v + d * log(v)) {
            return boost * d * v / shape;
        }
    }
}

static double draw_erlang(const struct sim_dist *d, struct sim_random *r)
{
    double sum = 0;

    for (unsigned i = 0; i < d->k; i++) {
        sum += draw_exp(d->a / d->k, r);
    }
    return sum;
}

static double draw_plain(const struct sim_dist *d, struct sim_random *r)
{
    switch (d->kind) {
    case SIM_FIXED:
    case SIM_MIX:
    case SIM_ORDER:
        return d->a;
    case SIM_EXP:
        return draw_exp(d->a, r);
    case SIM_ERLANG:
        return draw_erlang(d, r);
    case SIM_GAMMA:
        return d->a * draw_gamma(d->b, r);
    case SIM_LOGNORMAL:
        return exp(d->a + d->b * draw_normal(r));
    case SIM_WEIBULL:
        return d->a * pow(-log(sim_random_unit(r)), 1 / d->b);
    case SIM_UNIFORM:
        return d->a + (d->b - d->a) * sim_random_unit(r);
    }
    return 0;
}

/* The part that u falls on: few parts are the rule, long lists are halved. */
static const struct sim_dist *part(const struct sim_dist *d, double u)
{
    size_t low = 0;
    size_t high = d->n - 1;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (u < d->upto[middle]) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return &d->parts[low];
}

static double cut(const struct sim_dist *d, double x)
{
    x += d->plus;
    x = x < d->least ? d->least : x;
    return x > d->most ? d->most : x;
}

double sim_dist_draw(const struct sim_dist *d, struct sim_random *r)
{
    if (d->kind == SIM_MIX || d->kind == SIM_ORDER) {
        const struct sim_dist *p = part(d, sim_random_unit(r));
        return cut(d, cut(p, draw_plain(p, r)));
    }
    return cut(d, draw_plain(d, r));
}

double sim_dist_draw_nth(const struct sim_dist *d, struct sim_random *r, uint64_t n)
{
    if (d->kind == SIM_ORDER && n < d->n && d->parts[n].a >= 0) {
        return cut(d, d->parts[n].a);
    }
    return sim_dist_draw(d, r);
}

static double plain_mean(const struct sim_dist *d)
{
    switch (d->kind) {
    case SIM_FIXED:
    case SIM_EXP:
    case SIM_ERLANG:
    case SIM_GAMMA:
    case SIM_MIX:
    case SIM_ORDER:
        return d->a + d->plus;
    case SIM_LOGNORMAL:
        return exp(d->a + d->b * d->b / 2) + d->plus;
    case SIM_WEIBULL:
        return d->a * tgamma(1 + 1 / d->b) + d->plus;
    case SIM_UNIFORM:
        return (d->a + d->b) / 2 + d->plus;
    }
    return 0;
}

double sim_dist_mean(const struct sim_dist *d)
{
    double sum = 0;
    double from = 0;

    if (d->kind != SIM_MIX && d->kind != SIM_ORDER) {
        return plain_mean(d);
    }
    for (size_t i = 0; i < d->n; i++) {
        sum += (d->upto[i] - from) * plain_mean(&d->parts[i]);
        from = d->upto[i];
    }
    return sum + d->plus;
}

void sim_dist_done(struct sim_dist *d)
{
    for (size_t i = 0; i < d->n; i++) {
        free(d->parts[i].parts);
        free(d->parts[i].upto);
    }
    free(d->parts);
    free(d->upto);
    *d = (struct sim_dist){0};
}
