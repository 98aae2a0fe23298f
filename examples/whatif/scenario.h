/* scenario.h - a desk to try out: what arrives, who works when, and how the queues are set.
 * SPDX-License-Identifier: MIT
 *
 * docs/what-if.md describes the file that it is read from. All times are milliseconds. */
#ifndef WHATIF_SCENARIO_H
#define WHATIF_SCENARIO_H

#include "dist.h"

#include <cjson/cJSON.h>
#include <usher/core.h>

#define SIM_WITHIN_MAX 8
#define SIM_SLOW_MAX 32
#define SIM_BINS_MAX 1000

/* A number that changes by the clock, and begins anew after `period`. */
struct sim_roster {
    double period;
    double *at;      /* offsets in the period, the first is 0; owned */
    double *value;   /* from then on; owned */
    size_t n;
};

enum sim_arrivals_kind {
    SIM_ARRIVE_NONE, SIM_ARRIVE_POISSON, SIM_ARRIVE_WAVE, SIM_ARRIVE_GAPS, SIM_ARRIVE_AT
};
enum sim_batch_kind { SIM_BATCH_FIXED, SIM_BATCH_GEOMETRIC, SIM_BATCH_EVEN };

struct sim_arrivals {
    enum sim_arrivals_kind kind;
    struct sim_roster rate;           /* POISSON: per ms */
    /* WAVE: mean * (1 + wave * cos(2 pi (clock - peak) / period)) */
    double mean, wave, period, peak;
    struct sim_dist gap;              /* GAPS */
    double first;                     /* GAPS: when, since the beginning; below 0: after one gap */
    double *at;                       /* AT: since the beginning; owned */
    size_t n;
    enum sim_batch_kind batch;
    double batch_mean;                /* FIXED: the number; GEOMETRIC: the mean */
    uint32_t batch_least, batch_most; /* EVEN */
};

struct sim_queue {
    struct usher_queue_set set;
    struct usher_step_set *steps; /* set.steps; owned */
    struct usher_skill needs[USHER_NEEDS_MAX]; /* set.needs */
    const cJSON *json_steps;    /* until they are read */
    struct sim_roster open;     /* 1: open; n 0: always */
};

/* What may become of a session when an agent has finished with it. */
struct sim_transfer { uint32_t from, to; double p; struct sim_dist handling; bool has_handling; };

/* Sessions that are alike. */
struct sim_kind {
    const char *id;
    uint32_t queue;
    struct usher_skill needs[USHER_NEEDS_MAX];
    size_t n_needs;
    uint32_t priority;
    struct sim_arrivals arrivals;
    struct sim_dist handling, patience;
    struct sim_transfer *transfers; /* owned */
    size_t n_transfers;
};

/* Agents who are alike. */
struct sim_group {
    const char *id;
    uint32_t count;             /* most at a time */
    struct sim_roster roster;   /* how many are on duty */
    struct usher_queue_id *queues; /* owned */
    uint8_t *tiers;             /* one a queue; owned */
    size_t n_queues;
    struct usher_skill *skills; /* owned */
    size_t n_skills;
    uint32_t capacity, weight;
    struct sim_dist ring, away, wrap_up;
    double miss, decline;       /* probabilities of one offer */
    double factor;              /* on each handling time */
    double slow[SIM_SLOW_MAX];  /* slow[k-1]: on the pace with k sessions in hand */
    uint32_t n_slow;            /* 0: they do not slow each other */
};

/* How precise a figure is to be: precision[i] of its value, in every queue. */
struct sim_precision { const char *figure; double relative; };
struct sim_expect { const char *figure; double value; };

struct sim_run {
    double start;               /* the clock at the beginning */
    double warm_up, length, drain;
    uint32_t replications;      /* 0: one run in batches */
    uint32_t batches;
    uint64_t seed;
    double within[SIM_WITHIN_MAX];
    uint32_t n_within;
    double bin;                 /* 0: no figures by hour */
    bool estimates;             /* ask the core for each wait, and see what came of it */
    uint64_t sessions_max;
    struct sim_precision *precision; /* owned */
    size_t n_precision;
};

struct sim_scenario {
    cJSON *json;                /* what texts point into; owned */
    const char *title;
    struct sim_run run;
    uint32_t missed_max, active_max; /* of the desk; 0: usher's own default */
    double window;
    struct sim_queue *queues; size_t n_queues;
    struct sim_kind *kinds; size_t n_kinds;
    struct sim_group *groups; size_t n_groups;
    uint32_t n_agents, capacity_max, n_skills;
    struct sim_expect *expect; size_t n_expect;
};

/* Take *json over, whatever happens. Errors: EINVAL, and `why` says what and where. */
int sim_scenario_read(struct sim_scenario *out, cJSON *json, const char *file, char *why);
void sim_scenario_done(struct sim_scenario *s);

/* The value at this time of the clock, and when it changes next; SIM_NEVER: not any more. */
double sim_roster_at(const struct sim_roster *r, double clock);
double sim_roster_next(const struct sim_roster *r, double clock);
double sim_roster_most(const struct sim_roster *r);
void sim_roster_done(struct sim_roster *r);

#endif
