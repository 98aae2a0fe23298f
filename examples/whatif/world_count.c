/* world_count.c - counts what happens, in the sample and bin where it belongs.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include "units.h"

#include <math.h>

struct sim_tag sim_count_tag(const struct sim_world *w)
{
    return (struct sim_tag){w->sample, w->bin, w->counting};
}

struct sim_cell *sim_count_cell(struct sim_world *w, const struct sim_tag *tag, uint32_t line)
{
    struct sim_sample *sample =
        tag->sample == w->sample ? w->cells : sim_tally_sample(w->tally, w->base + tag->sample);

    return sim_tally_cell(w->tally, sample, line, tag->bin);
}

/* What has stood since the last change is added to the bin of now. */
void sim_count_line(struct sim_world *w, uint32_t line, int change)
{
    struct sim_line *l = &w->lines[line];

    if (w->counting) {
        sim_tally_cell(w->tally, w->cells, line, w->bin)->v[SIM_LINE] +=
            l->waiting * (w->desk.now - l->last);
    }
    l->last = w->desk.now;
    l->waiting = (uint32_t) ((int64_t) l->waiting + change);
}

void sim_count_team(struct sim_world *w, struct sim_team *team)
{
    double ms = w->desk.now - team->last;
    size_t group = (size_t) (team - w->teams);

    team->last = w->desk.now;
    if (!w->counting || ms <= 0) {
        return;
    }
    double *v = w->cells->agents[group * w->tally->n_bins + w->bin].v;
    uint32_t busy = team->ringing + team->handling + team->wrapping;
    v[SIM_A_STAFFED] += team->staffed * ms;
    v[SIM_A_SLOTS] += (double) team->staffed * w->s->groups[group].capacity * ms;
    v[SIM_A_BUSY] += busy * ms;
    v[SIM_A_RINGING] += team->ringing * ms;
    v[SIM_A_HANDLING] += team->handling * ms;
    v[SIM_A_WRAPPING] += team->wrapping * ms;
}

static void flush(struct sim_world *w)
{
    for (uint32_t i = 0; i < w->tally->n_lines; i++) {
        sim_count_line(w, i, 0);
    }
    for (size_t i = 0; i < w->s->n_groups; i++) {
        sim_count_team(w, &w->teams[i]);
    }
}

/* Time that was measured, in the bin that ends now. */
static void add_time(struct sim_world *w)
{
    double ms = w->desk.now - w->marked;

    if (!w->counting) {
        return;
    }
    for (uint32_t i = 0; i < w->tally->n_lines; i++) {
        sim_tally_cell(w->tally, w->cells, i, w->bin)->v[SIM_TIME] += ms;
    }
    for (size_t i = 0; i < w->s->n_groups; i++) {
        w->cells->agents[i * w->tally->n_bins + w->bin].v[SIM_A_TIME] += ms;
    }
    w->tally->measured += ms;
}

/* The first multiple of `each`, counted from `from`, that is after now. */
static double boundary(double now, double from, double each)
{
    return from + (floor((now - from) / each + 1e-9) + 1) * each;
}

static uint32_t part_of(double now, double from, double each)
{
    return (uint32_t) floor((now - from) / each + 1e-9);
}

/* Where we are from now on, and when that changes. */
static int enter_bin(struct sim_world *w)
{
    double now = w->desk.now;
    double warm_up = w->s->run.warm_up;
    double next = w->end;

    w->sample = w->batches ? part_of(now, warm_up, w->batch) : 0;
    w->bin = 0;
    if (w->batches) {
        next = fmin(next, boundary(now, warm_up, w->batch));
    }
    if (w->bin_ms > 0 && w->by_day) {
        double clock = fmod(w->s->run.start + now + 1e-6, SIM_DAY);
        w->bin = (uint32_t) (clock / w->bin_ms);
        double until = fmin((w->bin + 1) * w->bin_ms, SIM_DAY);
        next = fmin(next, now + until - fmod(w->s->run.start + now, SIM_DAY));
    } else if (w->bin_ms > 0) {
        w->bin = part_of(now, warm_up, w->bin_ms);
        next = fmin(next, boundary(now, warm_up, w->bin_ms));
    }
    sim_calendar_set(&w->calendar, &w->mark, next);
    int rv = sim_tally_begin(w->tally, w->base + w->sample);
    if (rv == 0) {
        w->cells = sim_tally_sample(w->tally, w->base + w->sample);
    }
    return rv;
}

/* A boundary is reached: the end of the warm-up, of a bin, of a batch, or of all. */
void sim_count_mark(struct sim_world *w)
{
    flush(w);
    add_time(w);
    w->marked = w->desk.now;
    w->counting = w->desk.now >= w->s->run.warm_up && w->desk.now < w->end;
    if (w->counting) {
        int rv = enter_bin(w);
        w->failed = rv != 0 ? rv : w->failed;
    } else if (w->desk.now < w->end) {
        sim_calendar_set(&w->calendar, &w->mark, w->s->run.warm_up);
    }
}
