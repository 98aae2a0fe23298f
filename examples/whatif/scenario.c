/* scenario.c - reads a whole scenario and lets it go.
 * SPDX-License-Identifier: MIT */
#include "scenario.h"

#include "scenario_parts.h"
#include "units.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void read_desk(struct sim_reader *r, const cJSON *json, struct sim_scenario *s)
{
    const struct sim_key keys[] = {
        {"missed_max", SIM_KEY_COUNT, false, 1, 1000000, {.count = &s->missed_max}},
        {"active_max", SIM_KEY_COUNT, false, 1, 16000000, {.count = &s->active_max}},
        {"window_s", SIM_KEY_SECONDS, false, SIM_SECOND, 366 * SIM_DAY, {.number = &s->window}},
    };
    size_t mark = sim_reader_enter(r, "desk");

    if (json != NULL) {
        sim_reader_object(r, json, keys, COUNT(keys));
    }
    sim_reader_leave(r, mark);
}

static void read_all(struct sim_reader *r, struct sim_scenario *s)
{
    const cJSON *run = NULL, *desk = NULL, *queues = NULL, *kinds = NULL, *agents = NULL;
    const cJSON *expect = NULL;
    const char *about = NULL;
    const struct sim_key keys[] = {
        {"title", SIM_KEY_TEXT, false, 0, 0, {.text = &s->title}},
        {"about", SIM_KEY_TEXT, false, 0, 0, {.text = &about}},
        {"run", SIM_KEY_OBJECT, true, 0, 0, {.json = &run}},
        {"desk", SIM_KEY_OBJECT, false, 0, 0, {.json = &desk}},
        {"queues", SIM_KEY_ARRAY, true, 0, 0, {.json = &queues}},
        {"kinds", SIM_KEY_ARRAY, true, 0, 0, {.json = &kinds}},
        {"agents", SIM_KEY_ARRAY, true, 0, 0, {.json = &agents}},
        {"expect", SIM_KEY_OBJECT, false, 0, 0, {.json = &expect}},
    };

    sim_reader_object(r, s->json, keys, COUNT(keys));
    if (r->failed) {
        return;
    }
    size_t mark = sim_reader_enter(r, "run");
    sim_read_run(r, run, &s->run);
    sim_reader_leave(r, mark);
    read_desk(r, desk, s);
    sim_read_queues(r, queues, s);
    if (!r->failed) {
        sim_read_kinds(r, kinds, s);
    }
    if (!r->failed) {
        sim_read_groups(r, agents, s);
    }
    if (!r->failed) {
        sim_check_skills(r, s);
    }
    if (expect != NULL && !r->failed) {
        sim_read_expect(r, expect, s);
    }
}

int sim_scenario_read(struct sim_scenario *out, cJSON *json, const char *file, char *why)
{
    struct sim_reader r = {.file = file};

    *out = (struct sim_scenario){.json = json};
    read_all(&r, out);
    if (!r.failed) {
        return 0;
    }
    snprintf(why, SIM_WHY_MAX, "%s", r.why);
    sim_scenario_done(out);
    return USHER_EINVAL;
}

static void free_kind(struct sim_kind *k)
{
    for (size_t i = 0; i < k->n_transfers; i++) {
        sim_dist_done(&k->transfers[i].handling);
    }
    free(k->transfers);
    sim_dist_done(&k->handling);
    sim_dist_done(&k->patience);
    sim_dist_done(&k->arrivals.gap);
    sim_roster_done(&k->arrivals.rate);
    free(k->arrivals.at);
}

void sim_scenario_done(struct sim_scenario *s)
{
    for (size_t i = 0; i < s->n_queues; i++) {
        sim_roster_done(&s->queues[i].open);
        free(s->queues[i].steps);
    }
    for (size_t i = 0; i < s->n_kinds; i++) {
        free_kind(&s->kinds[i]);
    }
    for (size_t i = 0; i < s->n_groups; i++) {
        sim_dist_done(&s->groups[i].ring);
        sim_dist_done(&s->groups[i].away);
        sim_dist_done(&s->groups[i].wrap_up);
        sim_roster_done(&s->groups[i].roster);
        free(s->groups[i].queues);
        free(s->groups[i].tiers);
        free(s->groups[i].skills);
    }
    free(s->queues);
    free(s->kinds);
    free(s->groups);
    free(s->expect);
    free(s->run.precision);
    cJSON_Delete(s->json);
    *s = (struct sim_scenario){0};
}
