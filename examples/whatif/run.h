/* run.h - plays a scenario as often, or as long, as it asks for.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_RUN_H
#define WHATIF_RUN_H

#include "figures.h"
#include "read.h"

struct sim_outcome {
    struct sim_tally tally;
    struct sim_figures figures;
    uint64_t runs;        /* from an empty desk */
    double batch;         /* ms, of one as it is at the end; 0: replications */
    bool imprecise;       /* sessions_max came before the precision */
    double seconds;       /* of real time */
    uint64_t steps;       /* of the core */
};

/* Errors: EINVAL, EFULL, ENOMEM or the core's, and `why` says what in words. After 0,
 * sim_outcome_done gives the memory back. */
int sim_run(struct sim_outcome *out, const struct sim_scenario *s, char why[SIM_WHY_MAX]);
void sim_outcome_done(struct sim_outcome *out);

#endif
