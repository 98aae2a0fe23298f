/* figures.c - from counts to figures.
 * SPDX-License-Identifier: MIT
 *
 * A figure is a ratio of two sums over all samples. Its error is that of a ratio estimator: with
 * x and y the two counts of a sample, the spread of x - R y between samples, over the mean y. */
#include "figures.h"

#include "units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SECONDS (1 / SIM_SECOND)

static const struct sim_figure of_lines[] = {
    {"arrivals", "arrivals an hour", SIM_UNIT_PER_HOUR, SIM_CAME, SIM_TIME, SIM_HOUR, 0, true},
    {"turned_away", "turned away, full", SIM_UNIT_SHARE, SIM_TURNED_FULL, SIM_CAME, 1, 0, false},
    {"turned_closed", "turned away, closed", SIM_UNIT_SHARE, SIM_TURNED_CLOSED, SIM_CAME, 1, 0,
     false},
    {"served", "served", SIM_UNIT_SHARE, SIM_SERVED, SIM_CAME, 1, 0, true},
    {"abandoned", "abandoned", SIM_UNIT_SHARE, SIM_ABANDONED, SIM_CAME, 1, 0, true},
    {"overflowed", "sent on by waiting", SIM_UNIT_SHARE, SIM_OVERFLOWED, SIM_CAME, 1, 0, false},
    {"timed_out", "closed by waiting", SIM_UNIT_SHARE, SIM_TIMED_OUT, SIM_CAME, 1, 0, false},
    {"waited", "waited at all", SIM_UNIT_SHARE, SIM_WAITED, SIM_ENDED, 1, 0, true},
    {"queued", "not offered at once", SIM_UNIT_SHARE, SIM_QUEUED, SIM_ENDED, 1, 0, true},
    {"wait", "mean wait", SIM_UNIT_SECONDS, SIM_WAIT, SIM_ENDED, SECONDS, 0, true},
    {"asa", "mean wait of the served", SIM_UNIT_SECONDS, SIM_WAIT_SERVED, SIM_SERVED, SECONDS, 0,
     true},
    {"wait_abandoned", "mean wait of those who left", SIM_UNIT_SECONDS, SIM_WAIT_ABANDONED,
     SIM_ABANDONED, SECONDS, 0, false},
    {"first_offer", "mean wait for the first offer", SIM_UNIT_SECONDS, SIM_FIRST, SIM_FIRST_N,
     SECONDS, 0, false},
    {"wait_p50", "half wait no longer than", SIM_UNIT_SECONDS, 0, 0, SECONDS, 0.5, true},
    {"wait_p90", "90 % wait no longer than", SIM_UNIT_SECONDS, 0, 0, SECONDS, 0.9, true},
    {"wait_p99", "99 % wait no longer than", SIM_UNIT_SECONDS, 0, 0, SECONDS, 0.99, true},
    {"line", "mean length of the line", SIM_UNIT_NUMBER, SIM_LINE, SIM_TIME, 1, 0, true},
    {"handling", "mean handling time", SIM_UNIT_SECONDS, SIM_HANDLING, SIM_HANDLED, SECONDS, 0,
     true},
    {"transferred", "handled and passed on", SIM_UNIT_SHARE, SIM_TRANSFERRED, SIM_HANDLED, 1, 0,
     false},
    {"offers", "offers a session served", SIM_UNIT_NUMBER, SIM_OFFERS, SIM_SERVED, 1, 0, false},
    {"missed", "offers missed", SIM_UNIT_SHARE, SIM_MISSED, SIM_OFFERS, 1, 0, false},
    {"declined", "offers declined", SIM_UNIT_SHARE, SIM_DECLINED, SIM_OFFERS, 1, 0, false},
};

static const struct sim_figure of_agents[] = {
    {"staffed", "agents at work", SIM_UNIT_NUMBER, SIM_A_STAFFED, SIM_A_TIME, 1, 0, true},
    {"occupancy", "occupancy", SIM_UNIT_SHARE, SIM_A_BUSY, SIM_A_SLOTS, 1, 0, true},
    {"talking", "of that, handling", SIM_UNIT_SHARE, SIM_A_HANDLING, SIM_A_SLOTS, 1, 0, false},
    {"ringing", "of that, being offered", SIM_UNIT_SHARE, SIM_A_RINGING, SIM_A_SLOTS, 1, 0, false},
    {"wrapping", "of that, wrapping up", SIM_UNIT_SHARE, SIM_A_WRAPPING, SIM_A_SLOTS, 1, 0, false},
    {"took", "sessions an hour of an agent", SIM_UNIT_PER_HOUR, SIM_A_TOOK, SIM_A_STAFFED, SIM_HOUR,
     0, true},
};

void sim_figures_make(struct sim_figures *f, const struct sim_scenario *s)
{
    memset(f, 0, sizeof *f);
    memcpy(f->line, of_lines, sizeof of_lines);
    memcpy(f->agents, of_agents, sizeof of_agents);
    f->n_line = sizeof of_lines / sizeof of_lines[0];
    f->n_agents = sizeof of_agents / sizeof of_agents[0];
    for (uint32_t i = 0; i < s->run.n_within; i++) {
        struct sim_figure *w = &f->line[f->n_line++];
        char time[24];
        sim_duration_format(s->run.within[i], time, sizeof time);
        *w = (struct sim_figure){.unit = SIM_UNIT_SHARE,
                                 .over = SIM_WITHIN + i,
                                 .under = SIM_ENDED,
                                 .scale = 1,
                                 .always = true};
        snprintf(w->words, sizeof w->words, "served within %s", time);
        for (char *space = strchr(time, ' '); space != NULL; space = strchr(time, ' ')) {
            memmove(space, space + 1, strlen(space));
        }
        snprintf(w->name, sizeof w->name, "within_%.15s", time);
    }
}

const struct sim_figure *sim_figure_find(const struct sim_figures *f, enum sim_scope scope,
                                         const char *name)
{
    const struct sim_figure *from = scope == SIM_SCOPE_AGENTS ? f->agents : f->line;
    size_t n = scope == SIM_SCOPE_AGENTS ? f->n_agents : f->n_line;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(from[i].name, name) == 0) {
            return &from[i];
        }
    }
    return NULL;
}

/* One count of one sample, over the bins that are asked for. */
static double sum_of(const struct sim_tally *t, const struct sim_sample *s, enum sim_scope scope,
                     size_t index, size_t bin, unsigned what)
{
    size_t from = bin == SIM_WHOLE ? 0 : bin;
    size_t to = bin == SIM_WHOLE ? t->n_bins : bin + 1;
    double sum = 0;

    for (size_t i = from; i < to; i++) {
        sum += scope == SIM_SCOPE_AGENTS ? s->agents[index * t->n_bins + i].v[what]
                                         : s->cells[index * t->n_bins + i].v[what];
    }
    return sum;
}

static struct sim_value ratio(const struct sim_tally *t, const struct sim_figure *f,
                              enum sim_scope scope, size_t index, size_t bin)
{
    struct sim_value out = {0, NAN, false};
    double over = 0, under = 0, squares = 0;
    double n = (double) t->n_samples;

    for (size_t i = 0; i < t->n_samples; i++) {
        over += sum_of(t, &t->samples[i], scope, index, bin, f->over);
        under += sum_of(t, &t->samples[i], scope, index, bin, f->under);
    }
    if (!(under > 0)) {
        return out;
    }
    for (size_t i = 0; i < t->n_samples; i++) {
        double x = sum_of(t, &t->samples[i], scope, index, bin, f->over);
        double y = sum_of(t, &t->samples[i], scope, index, bin, f->under);
        squares += (x - over / under * y) * (x - over / under * y);
    }
    out.known = true;
    out.value = over / under * f->scale;
    if (t->n_samples > 1) {
        out.error = sqrt(squares * n / (n - 1)) / under * f->scale;
    }
    return out;
}

static struct sim_value quantile(const struct sim_tally *t, const struct sim_figure *f,
                                 size_t index)
{
    static const struct sim_histogram none;
    struct sim_histogram all = none;
    struct sim_value out = {0, NAN, false};
    double squares = 0, n = 0;

    for (size_t i = 0; i < t->n_samples; i++) {
        sim_histogram_merge(&all, &t->samples[i].waits[index]);
    }
    if (all.n == 0) {
        return out;
    }
    out.known = true;
    out.value = sim_histogram_at(&all, f->quantile) * f->scale;
    for (size_t i = 0; i < t->n_samples; i++) {
        if (t->samples[i].waits[index].n > 0) {
            double d =
                sim_histogram_at(&t->samples[i].waits[index], f->quantile) * f->scale - out.value;
            squares += d * d;
            n++;
        }
    }
    if (n > 1) {
        out.error = sqrt(squares / (n * (n - 1)));
    }
    return out;
}

struct sim_value sim_figure_value(const struct sim_tally *t, const struct sim_figure *f,
                                  enum sim_scope scope, size_t index, size_t bin)
{
    size_t line = scope == SIM_SCOPE_KIND ? t->n_queues + index : index;

    if (f->quantile > 0) {
        return bin == SIM_WHOLE ? quantile(t, f, line) : (struct sim_value){0, NAN, false};
    }
    return ratio(t, f, scope, line, bin);
}

/* How far one sample is off the mean, as a part of the figure's error. */
static double residual(const struct sim_tally *t, const struct sim_figure *f, enum sim_scope scope,
                       size_t line, size_t sample, double value, double under)
{
    double x = sum_of(t, &t->samples[sample], scope, line, SIM_WHOLE, f->over);
    double y = sum_of(t, &t->samples[sample], scope, line, SIM_WHOLE, f->under);

    return (f->scale * x - value * y) / under;
}

static double under_of(const struct sim_tally *t, const struct sim_figure *f, enum sim_scope scope,
                       size_t line)
{
    double under = 0;

    for (size_t i = 0; i < t->n_samples; i++) {
        under += sum_of(t, &t->samples[i], scope, line, SIM_WHOLE, f->under);
    }
    return under;
}

struct sim_value sim_figure_difference(const struct sim_tally *here, const struct sim_tally *there,
                                       const struct sim_figure *f, enum sim_scope scope,
                                       size_t index)
{
    struct sim_value a = sim_figure_value(here, f, scope, index, SIM_WHOLE);
    struct sim_value b = sim_figure_value(there, f, scope, index, SIM_WHOLE);
    struct sim_value out = {a.value - b.value, NAN, false};
    size_t line = scope == SIM_SCOPE_KIND ? here->n_queues + index : index;
    double n = (double) here->n_samples;
    double squares = 0;

    if (!a.known || !b.known || here->n_samples != there->n_samples || n < 2 || f->quantile > 0) {
        return out;
    }
    double under_a = under_of(here, f, scope, line);
    double under_b = under_of(there, f, scope, line);
    for (size_t i = 0; i < here->n_samples; i++) {
        double e = residual(here, f, scope, line, i, a.value, under_a) -
                   residual(there, f, scope, line, i, b.value, under_b);
        squares += e * e;
    }
    out.known = true;
    out.error = sqrt(squares * n / (n - 1));
    return out;
}

double sim_figure_lag(const struct sim_tally *t, const struct sim_figure *f, enum sim_scope scope,
                      size_t index)
{
    size_t line = scope == SIM_SCOPE_KIND ? t->n_queues + index : index;
    double at[SIM_SAMPLES], mean = 0, together = 0, alone = 0;
    size_t n = 0;

    for (size_t i = 0; i < t->n_samples; i++) {
        double under = sum_of(t, &t->samples[i], scope, line, SIM_WHOLE, f->under);
        if (under > 0) {
            at[n] = sum_of(t, &t->samples[i], scope, line, SIM_WHOLE, f->over) / under;
            mean += at[n++];
        }
    }
    mean /= (double) (n > 0 ? n : 1);
    for (size_t i = 0; i < n; i++) {
        alone += (at[i] - mean) * (at[i] - mean);
        together += i > 0 ? (at[i] - mean) * (at[i - 1] - mean) : 0;
    }
    return alone > 0 ? together / alone : 0;
}

const char *sim_scope_name(enum sim_scope scope)
{
    static const char *const names[] = {"queues", "kinds", "agents"};

    return names[scope];
}

size_t sim_scope_size(const struct sim_scenario *s, enum sim_scope scope)
{
    switch (scope) {
    case SIM_SCOPE_QUEUE:
        return s->n_queues;
    case SIM_SCOPE_KIND:
        return s->n_kinds;
    case SIM_SCOPE_AGENTS:
        return s->n_groups;
    }
    return 0;
}

const char *sim_scope_id(const struct sim_scenario *s, enum sim_scope scope, size_t index)
{
    switch (scope) {
    case SIM_SCOPE_QUEUE:
        return s->queues[index].set.queue.s;
    case SIM_SCOPE_KIND:
        return s->kinds[index].id;
    case SIM_SCOPE_AGENTS:
        return s->groups[index].id;
    }
    return "";
}
