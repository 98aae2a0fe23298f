/* figure_value.c - from counts to figures and their errors.
 * SPDX-License-Identifier: MIT
 *
 * A figure R is a function of sums over all samples. Its error comes from how much each sample
 * would move it, to the first order: for a ratio X / Y that is (x - R y) / Y, with x and y the
 * sample's own counts. These parts add up to nothing, and their spread is the error. */
#include "figures.h"

#include <math.h>

/* What a figure is made from. */
struct sums {
    double over, under, square;
};

/* One count of one sample, over the bins that are asked for. */
static double sum_of(const struct sim_tally *t, const struct sim_sample *s, enum sim_scope scope,
                     size_t line, size_t bin, unsigned what)
{
    size_t from = bin == SIM_WHOLE ? 0 : bin;
    size_t to = bin == SIM_WHOLE ? t->n_bins : bin + 1;
    double sum = 0;

    for (size_t i = from; i < to; i++) {
        sum += scope == SIM_SCOPE_AGENTS ? s->agents[line * t->n_bins + i].v[what]
                                         : s->cells[line * t->n_bins + i].v[what];
    }
    return sum;
}

static struct sums sums_of(const struct sim_tally *t, const struct sim_sample *s,
                           const struct sim_figure *f, enum sim_scope scope, size_t line,
                           size_t bin)
{
    return (struct sums){
        .over = sum_of(t, s, scope, line, bin, f->over),
        .under = sum_of(t, s, scope, line, bin, f->under),
        .square = f->square != 0 ? sum_of(t, s, scope, line, bin, f->square) : 0,
    };
}

static struct sums all_of(const struct sim_tally *t, const struct sim_figure *f,
                          enum sim_scope scope, size_t line, size_t bin)
{
    struct sums all = {0, 0, 0};

    for (size_t i = 0; i < t->n_samples; i++) {
        struct sums one = sums_of(t, &t->samples[i], f, scope, line, bin);
        all.over += one.over;
        all.under += one.under;
        all.square += one.square;
    }
    return all;
}

static double value_of(const struct sim_figure *f, const struct sums *all)
{
    if (f->square != 0) {
        return all->over > 0 ? f->scale * sqrt(all->square * all->under) / all->over : 0;
    }
    return f->scale * all->over / all->under;
}

/* How much this sample moves the figure. */
static double part_of(const struct sim_figure *f, const struct sums *all, const struct sums *one)
{
    double value = value_of(f, all);

    if (f->square != 0) {
        return all->square > 0 ? value * (one->square / all->square / 2 +
                                          one->under / all->under / 2 - one->over / all->over)
                               : 0;
    }
    return (f->scale * one->over - value * one->under) / all->under;
}

static size_t line_of(const struct sim_tally *t, enum sim_scope scope, size_t index)
{
    return scope == SIM_SCOPE_KIND ? t->n_queues + index : index;
}

static double error_of(double squares, double n)
{
    return n > 1 ? sqrt(squares * n / (n - 1)) : NAN;
}

static struct sim_value plain(const struct sim_tally *t, const struct sim_figure *f,
                              enum sim_scope scope, size_t line, size_t bin)
{
    struct sums all = all_of(t, f, scope, line, bin);
    double squares = 0;

    if (!(all.under > 0)) {
        return (struct sim_value){0, NAN, false};
    }
    for (size_t i = 0; i < t->n_samples; i++) {
        struct sums one = sums_of(t, &t->samples[i], f, scope, line, bin);
        double part = part_of(f, &all, &one);
        squares += part * part;
    }
    return (struct sim_value){value_of(f, &all), error_of(squares, (double) t->n_samples), true};
}

static struct sim_value quantile(const struct sim_tally *t, const struct sim_figure *f, size_t line)
{
    static const struct sim_histogram none;
    struct sim_histogram all = none;
    double squares = 0, n = 0;

    for (size_t i = 0; i < t->n_samples; i++) {
        sim_histogram_merge(&all, &t->samples[i].waits[line]);
    }
    if (all.n == 0) {
        return (struct sim_value){0, NAN, false};
    }
    double value = sim_histogram_at(&all, f->quantile) * f->scale;
    for (size_t i = 0; i < t->n_samples; i++) {
        const struct sim_histogram *one = &t->samples[i].waits[line];
        double off = one->n > 0 ? sim_histogram_at(one, f->quantile) * f->scale - value : 0;
        squares += off * off;
        n += one->n > 0;
    }
    return (struct sim_value){value, n > 1 ? sqrt(squares / (n * (n - 1))) : NAN, true};
}

struct sim_value sim_figure_value(const struct sim_tally *t, const struct sim_figure *f,
                                  enum sim_scope scope, size_t index, size_t bin)
{
    size_t line = line_of(t, scope, index);

    if (f->quantile > 0) {
        return bin == SIM_WHOLE ? quantile(t, f, line) : (struct sim_value){0, NAN, false};
    }
    return plain(t, f, scope, line, bin);
}

struct sim_value sim_figure_difference(const struct sim_tally *here, const struct sim_tally *there,
                                       const struct sim_figure *f, enum sim_scope scope,
                                       size_t index)
{
    size_t line = line_of(here, scope, index);
    struct sums a = all_of(here, f, scope, line, SIM_WHOLE);
    struct sums b = all_of(there, f, scope, line, SIM_WHOLE);
    double squares = 0;

    if (!(a.under > 0) || !(b.under > 0) || here->n_samples != there->n_samples ||
        f->quantile > 0) {
        return (struct sim_value){0, NAN, false};
    }
    for (size_t i = 0; i < here->n_samples; i++) {
        struct sums x = sums_of(here, &here->samples[i], f, scope, line, SIM_WHOLE);
        struct sums y = sums_of(there, &there->samples[i], f, scope, line, SIM_WHOLE);
        double part = part_of(f, &a, &x) - part_of(f, &b, &y);
        squares += part * part;
    }
    return (struct sim_value){value_of(f, &a) - value_of(f, &b),
                              error_of(squares, (double) here->n_samples), true};
}

double sim_figure_lag(const struct sim_tally *t, const struct sim_figure *f, enum sim_scope scope,
                      size_t index)
{
    size_t line = line_of(t, scope, index);
    struct sums all = all_of(t, f, scope, line, SIM_WHOLE);
    double before = 0, together = 0, alone = 0;

    for (size_t i = 0; all.under > 0 && i < t->n_samples; i++) {
        struct sums one = sums_of(t, &t->samples[i], f, scope, line, SIM_WHOLE);
        double part = part_of(f, &all, &one);
        together += part * before;
        alone += part * part;
        before = part;
    }
    return alone > 0 ? together / alone : 0;
}
