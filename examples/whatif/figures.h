/* figures.h - what is told of each queue, kind and group: a value and its standard error.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_FIGURES_H
#define WHATIF_FIGURES_H

#include "tally.h"

#define SIM_FIGURES_MAX 48
#define SIM_WHOLE SIZE_MAX /* all bins together */

enum sim_unit { SIM_UNIT_SHARE, SIM_UNIT_SECONDS, SIM_UNIT_PER_HOUR, SIM_UNIT_NUMBER };
enum sim_scope { SIM_SCOPE_QUEUE, SIM_SCOPE_KIND, SIM_SCOPE_AGENTS };

/* The sum of one count over the sum of another; or a quantile of the waits. */
struct sim_figure {
    char name[24];
    char words[40];
    enum sim_unit unit;
    unsigned over, under;
    double scale, quantile;  /* quantile 0: it is none */
    bool always;             /* shown in the table even if it is 0 */
    unsigned square;         /* not 0: the root of square / under, over over / under */
};

struct sim_figures {
    struct sim_figure line[SIM_FIGURES_MAX], agents[SIM_FIGURES_MAX];
    size_t n_line, n_agents;
};

struct sim_value { double value, error; bool known; /* there was something to divide by */ };

void sim_figures_make(struct sim_figures *f, const struct sim_scenario *s);
const struct sim_figure *sim_figure_find(const struct sim_figures *f, enum sim_scope scope,
                                         const char *name);
/* Of the index-th queue, kind or group; in seconds, an hour, or as a share of 1. The error is of
 * the spread between samples; not a number if there are fewer than two. */
struct sim_value sim_figure_value(const struct sim_tally *t, const struct sim_figure *f,
                                  enum sim_scope scope, size_t index, size_t bin);
/* Above this, samples are not independent of each other. */
#define SIM_LAG_MOST(n) (2.5 / sqrt((double) (n)))
/* How much each sample is like the one before it, from -1 to 1; 0 if nobody can tell. */
double sim_figure_lag(const struct sim_tally *t, const struct sim_figure *f, enum sim_scope scope,
                      size_t index);
/* What the figure is more here than there, and its error: samples that had the same luck are
 * compared one by one. Not known unless both have as many. */
struct sim_value sim_figure_difference(const struct sim_tally *here, const struct sim_tally *there,
                                       const struct sim_figure *f, enum sim_scope scope,
                                       size_t index);
/* "queues", "kinds", "agents"; how many there are; the id of one. */
const char *sim_scope_name(enum sim_scope scope);
size_t sim_scope_size(const struct sim_scenario *s, enum sim_scope scope);
const char *sim_scope_id(const struct sim_scenario *s, enum sim_scope scope, size_t index);

#endif
