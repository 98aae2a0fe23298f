/* read_groups.c - reads the groups of agents: who they are, when they work, how they answer.
 * SPDX-License-Identifier: MIT */
#include "scenario_parts.h"

#include "units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define AGENTS_MAX 100000.0
#define CAPACITY_MAX 32
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void read_group_queues(struct sim_reader *r, const cJSON *json, const struct sim_scenario *s,
                              struct sim_group *g)
{
    size_t mark = sim_reader_enter(r, "queues");

    g->queues = sim_reader_alloc(r, (size_t) cJSON_GetArraySize(json), sizeof *g->queues);
    g->tiers = sim_reader_alloc(r, (size_t) cJSON_GetArraySize(json), sizeof *g->tiers);
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next) {
        const char *id = "";
        const struct sim_key key = {"", SIM_KEY_TEXT, true, 0, 0, {.text = &id}};
        size_t at = sim_reader_enter_item(r, g->n_queues);
        sim_reader_value(r, item, &key);
        if (!r->failed) {
            g->queues[g->n_queues++] = s->queues[sim_find_queue(r, s, id)].set.queue;
        }
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}

/* {"sales": 1}: by queue. */
static void read_tiers(struct sim_reader *r, const cJSON *json, struct sim_group *g)
{
    size_t mark = sim_reader_enter(r, "tiers");

    for (const cJSON *item = json == NULL ? NULL : json->child; item != NULL && !r->failed;
         item = item->next) {
        uint32_t tier = 0;
        const struct sim_key key = {"", SIM_KEY_COUNT, true, 0, 255, {.count = &tier}};
        size_t at = sim_reader_enter(r, item->string);
        size_t i = 0;
        sim_reader_value(r, item, &key);
        while (i < g->n_queues && strcmp(g->queues[i].s, item->string) != 0) {
            i++;
        }
        if (i == g->n_queues) {
            sim_reader_fail(r, "they do not serve this queue", NULL);
        } else {
            g->tiers[i] = (uint8_t) tier;
        }
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}

static void read_group_skills(struct sim_reader *r, const cJSON *json, struct sim_group *g)
{
    size_t most = (size_t) cJSON_GetArraySize(json);
    size_t mark = sim_reader_enter(r, "skills");

    g->skills = sim_reader_alloc(r, most, sizeof *g->skills);
    if (g->skills != NULL) {
        g->n_skills = sim_read_skills(r, json, g->skills, most);
    }
    sim_reader_leave(r, mark);
}

/* slow[k-1] is the pace with k sessions in hand; the last one holds for more. */
static void read_slow(struct sim_reader *r, const cJSON *json, struct sim_group *g)
{
    size_t mark = sim_reader_enter(r, "slow");

    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next) {
        size_t at = sim_reader_enter_item(r, g->n_slow);
        if (g->n_slow == SIM_SLOW_MAX) {
            sim_reader_fail(r, "one too many", NULL);
        } else {
            const struct sim_key key = {"",    SIM_KEY_NUMBER, true,
                                        0.001, 1000,           {.number = &g->slow[g->n_slow]}};
            sim_reader_value(r, item, &key);
            g->n_slow++;
        }
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}

/* "count": 10, or a list of counts, each for an hour (or "each"); or "shifts" instead. */
static void read_roster(struct sim_reader *r, const cJSON *count, double each, const cJSON *shifts,
                        struct sim_group *g)
{
    uint32_t fixed = 1;
    const struct sim_key key = {"", SIM_KEY_COUNT, true, 0, AGENTS_MAX, {.count = &fixed}};
    size_t mark = 0;

    if (count != NULL && shifts != NULL) {
        sim_reader_fail_at(r, "shifts", "goes without count", NULL);
        return;
    }
    mark = sim_reader_enter(r, shifts != NULL ? "shifts" : "count");
    if (shifts != NULL) {
        sim_read_shifts(r, shifts, AGENTS_MAX, &g->roster);
    } else if (count != NULL && cJSON_IsArray(count)) {
        if (sim_reader_list(r, count)) {
            sim_read_levels(r, count, each, SIM_KEY_COUNT, &g->roster);
        }
    } else {
        if (count != NULL) {
            sim_reader_value(r, count, &key);
        }
        sim_roster_constant(r, fixed, &g->roster);
    }
    g->count = (uint32_t) sim_roster_most(&g->roster);
    if (!r->failed && g->count > AGENTS_MAX) {
        sim_reader_fail(r, "more than 100000 agents", NULL);
    }
    sim_reader_leave(r, mark);
}

static void read_dists(struct sim_reader *r, struct sim_group *g, const cJSON *ring,
                       const cJSON *away, const cJSON *wrap_up)
{
    const struct part {
        const char *name;
        const cJSON *json;
        struct sim_dist *to;
        double usual;
    } parts[] = {
        {"ring", ring, &g->ring, 0},
        {"away", away, &g->away, SIM_MINUTE},
        {"wrap_up", wrap_up, &g->wrap_up, 0},
    };

    for (size_t i = 0; i < COUNT(parts); i++) {
        size_t mark = sim_reader_enter(r, parts[i].name);
        *parts[i].to = (struct sim_dist){.kind = SIM_FIXED, .a = parts[i].usual, .most = INFINITY};
        if (parts[i].json != NULL) {
            sim_read_dist(r, parts[i].json, parts[i].to);
        }
        sim_reader_leave(r, mark);
    }
}

static void read_group(struct sim_reader *r, const cJSON *json, struct sim_scenario *s)
{
    struct sim_group *g = &s->groups[s->n_groups];
    const cJSON *queues = NULL, *count = NULL, *shifts = NULL, *slow = NULL, *skills = NULL;
    const cJSON *tiers = NULL;
    const cJSON *ring = NULL, *away = NULL, *wrap_up = NULL;
    double each = SIM_HOUR;
    g->capacity = 1;
    g->factor = 1;
    const struct sim_key keys[] = {
        {"id", SIM_KEY_TEXT, true, 0, 0, {.text = &g->id}},
        {"queues", SIM_KEY_ARRAY, true, 0, 0, {.json = &queues}},
        {"skills", SIM_KEY_OBJECT, false, 0, 0, {.json = &skills}},
        {"tiers", SIM_KEY_OBJECT, false, 0, 0, {.json = &tiers}},
        {"weight", SIM_KEY_COUNT, false, 1, 1000, {.count = &g->weight}},
        {"count", SIM_KEY_ANY, false, 0, 0, {.json = &count}},
        {"each", SIM_KEY_DURATION, false, SIM_SECOND, 366 * SIM_DAY, {.number = &each}},
        {"shifts", SIM_KEY_ARRAY, false, 0, 0, {.json = &shifts}},
        {"capacity", SIM_KEY_COUNT, false, 1, CAPACITY_MAX, {.count = &g->capacity}},
        {"slow", SIM_KEY_ARRAY, false, 0, 0, {.json = &slow}},
        {"factor", SIM_KEY_NUMBER, false, 0.001, 1000, {.number = &g->factor}},
        {"ring", SIM_KEY_ANY, false, 0, 0, {.json = &ring}},
        {"miss", SIM_KEY_NUMBER, false, 0, 1, {.number = &g->miss}},
        {"decline", SIM_KEY_NUMBER, false, 0, 1, {.number = &g->decline}},
        {"away", SIM_KEY_ANY, false, 0, 0, {.json = &away}},
        {"wrap_up", SIM_KEY_ANY, false, 0, 0, {.json = &wrap_up}},
    };

    s->n_groups++;
    sim_reader_object(r, json, keys, COUNT(keys));
    if (r->failed || !sim_check_id(r, g->id)) {
        return;
    }
    for (size_t i = 0; i + 1 < s->n_groups; i++) {
        if (strcmp(s->groups[i].id, g->id) == 0) {
            sim_reader_fail_at(r, "id", "is there twice:", g->id);
        }
    }
    if (!r->failed && g->miss + g->decline > 1) {
        sim_reader_fail_at(r, "decline", "with miss it is more than 1", NULL);
    }
    read_group_queues(r, queues, s, g);
    read_tiers(r, tiers, g);
    read_group_skills(r, skills, g);
    read_roster(r, count, each, shifts, g);
    if (slow != NULL && !r->failed) {
        read_slow(r, slow, g);
    }
    read_dists(r, g, ring, away, wrap_up);
    if (wrap_up != NULL && g->capacity > 1) {
        sim_reader_fail_at(r, "wrap_up", "goes with capacity 1; else use a queue's wrap_s", NULL);
    }
    s->n_agents += g->count;
    s->capacity_max = g->capacity > s->capacity_max ? g->capacity : s->capacity_max;
}

void sim_read_groups(struct sim_reader *r, const cJSON *json, struct sim_scenario *s)
{
    size_t mark = sim_reader_enter(r, "agents");

    s->capacity_max = 1;
    for (size_t q = 0; q < s->n_queues; q++) {
        uint32_t cost = s->queues[q].set.cost; /* perhaps more than any agent has */
        s->capacity_max = cost > s->capacity_max ? cost : s->capacity_max;
    }
    s->groups = sim_reader_alloc(r, (size_t) cJSON_GetArraySize(json), sizeof *s->groups);
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next) {
        size_t at = sim_reader_enter_item(r, s->n_groups);
        read_group(r, item, s);
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}
