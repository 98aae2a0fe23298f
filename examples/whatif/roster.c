/* roster.c - numbers that change by the clock: agents on duty, rates of arrival, opening hours.
 * SPDX-License-Identifier: MIT */
#include "scenario.h"

#include <math.h>
#include <stdlib.h>

/* The step that holds at this offset. */
static size_t step_at(const struct sim_roster *r, double offset)
{
    size_t low = 0;
    size_t high = r->n;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (r->at[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Changes stand at whole milliseconds; a time this close before one is meant to be on it. */
static double round_of(const struct sim_roster *r, double clock, double *base)
{
    double at = floor(clock / r->period) * r->period;

    if (clock - at >= r->period - 1e-6) {
        at += r->period;
    }
    *base = at;
    return clock - at + 1e-6;
}

double sim_roster_at(const struct sim_roster *r, double clock)
{
    double base = 0;

    return r->n == 1 ? r->value[0] : r->value[step_at(r, round_of(r, clock, &base))];
}

double sim_roster_next(const struct sim_roster *r, double clock)
{
    double base = 0;
    double offset = 0;

    if (r->n <= 1) {
        return SIM_NEVER;
    }
    offset = round_of(r, clock, &base);
    size_t step = step_at(r, offset) + 1;
    return base + (step < r->n ? r->at[step] : r->period);
}

double sim_roster_most(const struct sim_roster *r)
{
    double most = 0;

    for (size_t i = 0; i < r->n; i++) {
        most = r->value[i] > most ? r->value[i] : most;
    }
    return most;
}

void sim_roster_done(struct sim_roster *r)
{
    free(r->at);
    free(r->value);
    *r = (struct sim_roster){0};
}
