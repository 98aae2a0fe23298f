/* tally.h - what has been counted, apart for each sample, so that errors can be told.
 * SPDX-License-Identifier: MIT
 *
 * A sample is a replication, or a batch of one long run. At most 64 are kept: then two by two
 * become one, and from then on each holds twice as much. Within a sample, what belongs to one
 * bin of time (an hour, say) is kept apart. */
#ifndef WHATIF_TALLY_H
#define WHATIF_TALLY_H

#include "histogram.h"
#include "scenario.h"

#define SIM_SAMPLES 64

/* What is counted of a queue or a kind. */
enum sim_count {
    SIM_TIME,        /* ms that were measured */
    SIM_CAME,        /* to this queue, or of this kind: also those turned away */
    SIM_TURNED_FULL, /* away: the queue was full */
    SIM_TURNED_CLOSED,
    SIM_SERVED,      /* taken by an agent */
    SIM_ABANDONED,
    SIM_OVERFLOWED,  /* sent on to another queue by waiting */
    SIM_TIMED_OUT,   /* closed by waiting */
    SIM_ENDED,       /* waits that ended, however */
    SIM_WAITED,      /* of these, longer than nothing */
    SIM_QUEUED,      /* of these, not offered to anybody in the very moment */
    SIM_WAIT,        /* ms, of all that ended */
    SIM_WAIT_SERVED,
    SIM_WAIT_ABANDONED,
    SIM_FIRST,       /* ms until the first offer */
    SIM_FIRST_N,     /* of those that were offered */
    SIM_HANDLING,    /* ms */
    SIM_HANDLED,
    SIM_TRANSFERRED,
    SIM_OFFERS,
    SIM_MISSED,
    SIM_DECLINED,
    SIM_LINE,        /* waiting, times ms */
    SIM_ASKED,       /* in line on arrival, and served: how long would they wait? */
    SIM_TOLD,        /* of these, that the core had an answer for */
    SIM_TOLD_WAIT,   /* ms that those waited */
    SIM_TOLD_MORE,   /* ms that they were told beyond it */
    SIM_TOLD_SQUARE, /* the squares of that, ms^2 */
    SIM_TOLD_INSIDE, /* who waited between the two ends of what was told */
    SIM_TOLD_BELOW,  /* who waited no longer than the upper end */
    SIM_WITHIN,      /* served within run.within[i] */
    SIM_COUNTS = SIM_WITHIN + SIM_WITHIN_MAX
};

/* What is counted of a group of agents; all but TOOK are times ms. */
enum sim_agent_count {
    SIM_A_TIME,
    SIM_A_STAFFED,   /* agents on duty, or not finished yet */
    SIM_A_SLOTS,     /* their capacity */
    SIM_A_BUSY,      /* slots in use, for one of the three */
    SIM_A_RINGING,
    SIM_A_HANDLING,
    SIM_A_WRAPPING,
    SIM_A_TOOK,
    SIM_A_COUNTS
};

struct sim_cell { double v[SIM_COUNTS]; };
struct sim_agent_cell { double v[SIM_A_COUNTS]; };

struct sim_sample {
    struct sim_cell *cells;         /* [lines][bins] */
    struct sim_agent_cell *agents;  /* [groups][bins] */
    struct sim_histogram *waits;    /* [lines] */
};

/* A line of the report: first the queues, then the kinds. */
struct sim_tally {
    size_t n_queues, n_kinds, n_groups, n_lines, n_bins;
    struct sim_sample samples[SIM_SAMPLES];
    size_t n_samples;   /* in use, the last one is filling */
    unsigned halvings;  /* how often two became one */
    uint64_t sessions, unfinished;
    double measured;    /* ms, all samples together */
};

/* Errors: ENOMEM. */
int sim_tally_init(struct sim_tally *t, const struct sim_scenario *s, size_t n_bins);
void sim_tally_done(struct sim_tally *t);
/* Sample number n, counted from 0 without regard to halvings, begins; ENOMEM. */
int sim_tally_begin(struct sim_tally *t, uint64_t n);
/* Where sample number n is now. */
struct sim_sample *sim_tally_sample(struct sim_tally *t, uint64_t n);

static inline struct sim_cell *sim_tally_cell(const struct sim_tally *t, struct sim_sample *s,
                                              size_t line, size_t bin)
{
    return &s->cells[line * t->n_bins + bin];
}

#endif
