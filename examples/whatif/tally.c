/* tally.c - keeps the samples, and makes one of two when there are too many.
 * SPDX-License-Identifier: MIT */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

static void free_sample(struct sim_sample *s)
{
    free(s->cells);
    free(s->agents);
    free(s->waits);
    *s = (struct sim_sample){0};
}

static int make_sample(const struct sim_tally *t, struct sim_sample *s)
{
    s->cells = calloc(t->n_lines * t->n_bins, sizeof *s->cells);
    s->agents = calloc(t->n_groups * t->n_bins, sizeof *s->agents);
    s->waits = calloc(t->n_lines, sizeof *s->waits);
    if (s->cells == NULL || s->agents == NULL || s->waits == NULL) {
        free_sample(s);
        return USHER_ENOMEM;
    }
    return 0;
}

int sim_tally_init(struct sim_tally *t, const struct sim_scenario *s, size_t n_bins)
{
    memset(t, 0, sizeof *t);
    t->n_queues = s->n_queues;
    t->n_kinds = s->n_kinds;
    t->n_groups = s->n_groups;
    t->n_lines = s->n_queues + s->n_kinds;
    t->n_bins = n_bins;
    return 0;
}

void sim_tally_done(struct sim_tally *t)
{
    for (size_t i = 0; i < SIM_SAMPLES; i++) {
        free_sample(&t->samples[i]);
    }
    memset(t, 0, sizeof *t);
}

static void merge(const struct sim_tally *t, struct sim_sample *to, const struct sim_sample *from)
{
    for (size_t i = 0; i < t->n_lines * t->n_bins; i++) {
        for (size_t k = 0; k < SIM_COUNTS; k++) {
            to->cells[i].v[k] += from->cells[i].v[k];
        }
    }
    for (size_t i = 0; i < t->n_groups * t->n_bins; i++) {
        for (size_t k = 0; k < SIM_A_COUNTS; k++) {
            to->agents[i].v[k] += from->agents[i].v[k];
        }
    }
    for (size_t i = 0; i < t->n_lines; i++) {
        sim_histogram_merge(&to->waits[i], &from->waits[i]);
    }
}

static void halve(struct sim_tally *t)
{
    for (size_t i = 0; i < SIM_SAMPLES / 2; i++) {
        struct sim_sample kept = t->samples[2 * i];
        merge(t, &kept, &t->samples[2 * i + 1]);
        free_sample(&t->samples[2 * i + 1]);
        t->samples[2 * i] = (struct sim_sample){0};
        t->samples[i] = kept;
    }
    t->halvings++;
    t->n_samples = SIM_SAMPLES / 2;
}

int sim_tally_begin(struct sim_tally *t, uint64_t n)
{
    if (n >> t->halvings == SIM_SAMPLES) {
        halve(t);
    }
    size_t at = (size_t) (n >> t->halvings);
    if (at < t->n_samples) {
        return 0;
    }
    t->n_samples = at + 1;
    return make_sample(t, &t->samples[at]);
}

struct sim_sample *sim_tally_sample(struct sim_tally *t, uint64_t n)
{
    return &t->samples[n >> t->halvings];
}
