/* scenario_parts.h - the parts of a scenario, each read by a file of its own.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_SCENARIO_PARTS_H
#define WHATIF_SCENARIO_PARTS_H

#include "read.h"
#include "scenario.h"

/* Each reads `json` into what is given; r knows of errors. What has been read is given back by
 * sim_scenario_done, also after an error. */
void sim_read_dist(struct sim_reader *r, const cJSON *json, struct sim_dist *out);
void sim_read_arrivals(struct sim_reader *r, const cJSON *json, struct sim_arrivals *out);
void sim_read_run(struct sim_reader *r, const cJSON *json, struct sim_run *out);
void sim_read_queues(struct sim_reader *r, const cJSON *json, struct sim_scenario *s);
/* After the queues. */
void sim_read_kinds(struct sim_reader *r, const cJSON *json, struct sim_scenario *s);
void sim_read_groups(struct sim_reader *r, const cJSON *json, struct sim_scenario *s);
/* How a queue chooses, as texts and lists; NULL: not said. */
struct sim_rules {
    const char *order, *pick, *offering;
    const cJSON *order_s, *order_slopes, *steps;
};
void sim_read_rules(struct sim_reader *r, const struct sim_rules *rules, struct sim_queue *q);
void sim_read_steps(struct sim_reader *r, const cJSON *json, const struct sim_scenario *s,
                    struct sim_queue *q); /* when all queues are read */
/* Do steps move sessions in a circle? */
void sim_check_circles(struct sim_reader *r, const struct sim_scenario *s);
/* {"german": 3}: skills and levels. */
size_t sim_read_skills(struct sim_reader *r, const cJSON *json, struct usher_skill *out,
                       size_t most);
/* Is each skill that a kind or a step names one that some agent has? Counts them, too. */
void sim_check_skills(struct sim_reader *r, struct sim_scenario *s);
void sim_read_expect(struct sim_reader *r, const cJSON *json, struct sim_scenario *s);

/* A list of values, each for `each` of time. */
void sim_read_levels(struct sim_reader *r, const cJSON *list, double each, enum sim_key_type type,
                     struct sim_roster *out);
/* A value that never changes. */
void sim_roster_constant(struct sim_reader *r, double value, struct sim_roster *out);
/* [{"from", "to", "count"}]: those that overlap add up; `count` 0: no such key, each counts 1. */
void sim_read_shifts(struct sim_reader *r, const cJSON *list, double count_most,
                     struct sim_roster *out);

/* The queue with this id; an error if there is none. */
uint32_t sim_find_queue(struct sim_reader *r, const struct sim_scenario *s, const char *id);
/* Is this an id? If not, that is the error. */
bool sim_check_id(struct sim_reader *r, const char *id);

#endif
