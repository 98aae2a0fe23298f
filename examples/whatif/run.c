/* run.c - replications, or one run in batches; both go on until they are precise enough.
 * SPDX-License-Identifier: MIT */
#include "run.h"

#include "units.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#define SLOTS_FIRST 16384u
#define SLOTS_MOST 4194304u

static double real_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

/* Is this figure of this queue or group as precise as was asked? */
static bool is_precise(const struct sim_outcome *o, const struct sim_precision *p,
                       enum sim_scope scope, size_t index)
{
    const struct sim_figure *f = sim_figure_find(&o->figures, scope, p->figure);

    if (f == NULL) {
        return true;
    }
    double lag = o->runs > 0 || f->quantile > 0 ? 0 : sim_figure_lag(&o->tally, f, scope, index);
    if (lag > SIM_LAG_MOST(o->tally.n_samples)) {
        return false; /* its error cannot be trusted yet */
    }
    struct sim_value v = sim_figure_value(&o->tally, f, scope, index, SIM_WHOLE);
    return !v.known || v.value == 0 || v.error <= p->relative * v.value;
}

static bool all_precise(const struct sim_outcome *o, const struct sim_scenario *s)
{
    static const enum sim_scope scopes[] = {SIM_SCOPE_QUEUE, SIM_SCOPE_KIND, SIM_SCOPE_AGENTS};

    for (size_t i = 0; i < s->run.n_precision; i++) {
        for (size_t k = 0; k < 3; k++) {
            for (size_t n = 0; n < sim_scope_size(s, scopes[k]); n++) {
                if (!is_precise(o, &s->run.precision[i], scopes[k], n)) {
                    return false;
                }
            }
        }
    }
    return true;
}

static struct sim_cut cut_of(const struct sim_scenario *s, uint32_t slots)
{
    const struct sim_run *run = &s->run;
    bool batches = run->replications == 0;
    double axis = batches ? SIM_DAY : run->length;

    return (struct sim_cut){
        .bin = run->bin,
        .by_day = batches,
        .n_bins = run->bin > 0 ? (size_t) ceil(axis / run->bin - 1e-9) : 1,
        .batch = batches ? run->length / run->batches : 0,
        .slots = slots,
        .seed = run->seed,
    };
}

static int run_replications(struct sim_outcome *o, const struct sim_scenario *s, struct sim_cut cut)
{
    uint64_t least = s->run.replications;
    int rv = 0;

    for (uint64_t n = 0; rv == 0; n++) {
        struct sim_world w;
        bool enough = n >= least && (s->run.n_precision == 0 || all_precise(o, s));
        if (enough || (n >= least && o->tally.sessions >= s->run.sessions_max)) {
            o->imprecise = !enough;
            break;
        }
        cut.base = n;
        cut.seed = s->run.seed + n * UINT64_C(0x9e3779b97f4a7c15);
        rv = sim_world_new(&w, s, &o->tally, &cut);
        if (rv == 0) {
            rv = sim_world_play(&w, s->run.warm_up + s->run.length);
        }
        if (rv == 0) {
            rv = sim_world_drain(&w);
        }
        o->steps += w.desk.steps;
        o->runs = n + 1;
        sim_world_done(&w);
    }
    return rv;
}

/* Precision is looked at when all samples hold the same number of batches. */
static int run_batches(struct sim_outcome *o, const struct sim_scenario *s, struct sim_cut cut)
{
    struct sim_world w;
    double length = s->run.length;
    int rv = sim_world_new(&w, s, &o->tally, &cut);

    if (rv == 0) {
        rv = sim_world_play(&w, s->run.warm_up + length);
    }
    while (rv == 0 && s->run.n_precision > 0 && !all_precise(o, s)) {
        if (w.numbers >= s->run.sessions_max) {
            o->imprecise = true;
            break;
        }
        length += s->run.length;
        rv = sim_world_play(&w, s->run.warm_up + length);
    }
    if (rv == 0) {
        rv = sim_world_drain(&w);
    }
    o->steps += w.desk.steps;
    o->runs = 1;
    sim_world_done(&w);
    o->batch = cut.batch * (double) (UINT64_C(1) << o->tally.halvings);
    return rv;
}

/* With so many sessions at a time at most; EFULL: there were more. */
static int run_with(struct sim_outcome *o, const struct sim_scenario *s, uint32_t slots)
{
    struct sim_cut cut = cut_of(s, slots);

    *o = (struct sim_outcome){0};
    sim_figures_make(&o->figures, s);
    int rv = sim_tally_init(&o->tally, s, cut.n_bins);
    if (rv == 0) {
        rv = cut.batch > 0 ? run_batches(o, s, cut) : run_replications(o, s, cut);
    }
    if (rv != 0) {
        sim_outcome_done(o);
    }
    return rv;
}

int sim_run(struct sim_outcome *out, const struct sim_scenario *s, char why[SIM_WHY_MAX])
{
    double from = real_seconds();
    uint32_t slots = SLOTS_FIRST;
    int rv = run_with(out, s, slots);

    while (rv == USHER_EFULL && slots < SLOTS_MOST) {
        slots *= 16;
        rv = run_with(out, s, slots); /* the same from its beginning, with more room */
    }
    if (rv == USHER_EFULL) {
        snprintf(why, SIM_WHY_MAX,
                 "more than %u sessions are open at a time: too few agents, or no patience", slots);
    } else if (rv != 0) {
        snprintf(why, SIM_WHY_MAX, "the run failed: %s", usher_strerror(rv));
    }
    out->seconds = real_seconds() - from;
    return rv;
}

void sim_outcome_done(struct sim_outcome *out)
{
    sim_tally_done(&out->tally);
}
