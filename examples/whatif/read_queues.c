/* read_queues.c - reads the queues, with the keys that the server's configuration has.
 * SPDX-License-Identifier: MIT */
#include "scenario_parts.h"

#include "units.h"

#include <usher/wire.h>

#include <stdio.h>
#include <string.h>

#define MONTH (31 * SIM_DAY)
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

bool sim_check_id(struct sim_reader *r, const char *id)
{
    struct usher_queue_id parsed;
    struct usher_span span = {id, strlen(id)};

    if (usher_queue_id_parse(span, &parsed) != 0) {
        sim_reader_fail_at(r, "id", "must be 1 to 31 of a-z 0-9 . _ -, not", id);
        return false;
    }
    return true;
}

uint32_t sim_find_queue(struct sim_reader *r, const struct sim_scenario *s, const char *id)
{
    for (size_t i = 0; i < s->n_queues; i++) {
        if (strcmp(s->queues[i].set.queue.s, id) == 0) {
            return (uint32_t) i;
        }
    }
    sim_reader_fail(r, "no such queue", id);
    return 0;
}

static void read_queue(struct sim_reader *r, const cJSON *json, struct sim_scenario *s)
{
    struct sim_queue *q = &s->queues[s->n_queues];
    const char *id = "", *name = NULL;
    const cJSON *hours = NULL, *needs = NULL;
    struct sim_rules rules = {0};
    double offer = 20 * SIM_SECOND, reopen = 0, wrap = 0, sticky = 0, drain = 0;
    const struct sim_key keys[] = {
        {"id", SIM_KEY_TEXT, true, 0, 0, {.text = &id}},
        {"name", SIM_KEY_TEXT, false, 0, 0, {.text = &name}},
        {"open", SIM_KEY_BOOL, false, 0, 0, {.yes = &q->set.open}},
        {"hours", SIM_KEY_ARRAY, false, 0, 0, {.json = &hours}},
        {"offer_s", SIM_KEY_SECONDS, false, 1, MONTH, {.number = &offer}},
        {"waiting_max", SIM_KEY_COUNT, false, 1, 16000000, {.count = &q->set.waiting_max}},
        {"reopen_s", SIM_KEY_SECONDS, false, 1, MONTH, {.number = &reopen}},
        {"needs", SIM_KEY_OBJECT, false, 0, 0, {.json = &needs}},
        {"priority", SIM_KEY_COUNT, false, 0, USHER_PRIORITIES - 1, {.count = &q->set.priority}},
        {"order", SIM_KEY_TEXT, false, 0, 0, {.text = &rules.order}},
        {"order_s", SIM_KEY_ARRAY, false, 0, 0, {.json = &rules.order_s}},
        {"order_slopes", SIM_KEY_ARRAY, false, 0, 0, {.json = &rules.order_slopes}},
        {"pick", SIM_KEY_TEXT, false, 0, 0, {.text = &rules.pick}},
        {"offering", SIM_KEY_TEXT, false, 0, 0, {.text = &rules.offering}},
        {"fanout", SIM_KEY_COUNT, false, 1, USHER_FANOUT_MAX, {.count = &q->set.fanout}},
        {"cost", SIM_KEY_COUNT, false, 1, 32, {.count = &q->set.cost}},
        {"active_max", SIM_KEY_COUNT, false, 1, 16000000, {.count = &q->set.active_max}},
        {"wrap_s", SIM_KEY_SECONDS, false, 0, MONTH, {.number = &wrap}},
        {"sticky_s", SIM_KEY_SECONDS, false, 0, MONTH, {.number = &sticky}},
        {"drain_s", SIM_KEY_SECONDS, false, 0, MONTH, {.number = &drain}},
        {"steps", SIM_KEY_ARRAY, false, 0, 0, {.json = &rules.steps}},
    };

    s->n_queues++;
    q->set.open = true;
    q->set.waiting_max = 16000000;
    q->set.cost = 1;
    sim_reader_object(r, json, keys, COUNT(keys));
    if (r->failed || !sim_check_id(r, id)) {
        return;
    }
    for (size_t i = 0; i + 1 < s->n_queues; i++) {
        if (strcmp(s->queues[i].set.queue.s, id) == 0) {
            sim_reader_fail_at(r, "id", "is there twice:", id);
        }
    }
    snprintf(q->set.queue.s, sizeof q->set.queue.s, "%s", id);
    q->set.offer_ms = (uint32_t) offer;
    q->set.wrap_ms = (uint32_t) wrap;
    q->set.sticky_ms = (uint32_t) sticky;
    q->set.drain_ms = (uint32_t) drain;
    sim_read_rules(r, &rules, q);
    size_t mark = sim_reader_enter(r, "needs");
    q->set.needs = q->needs;
    q->set.n_needs = sim_read_skills(r, needs, q->needs, USHER_NEEDS_MAX);
    sim_reader_leave(r, mark);
    if (hours != NULL) {
        mark = sim_reader_enter(r, "hours");
        sim_read_shifts(r, hours, 0, &q->open);
        sim_reader_leave(r, mark);
    }
}

void sim_read_queues(struct sim_reader *r, const cJSON *json, struct sim_scenario *s)
{
    size_t mark = sim_reader_enter(r, "queues");

    s->queues = sim_reader_alloc(r, (size_t) cJSON_GetArraySize(json), sizeof *s->queues);
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next) {
        size_t at = sim_reader_enter_item(r, s->n_queues);
        read_queue(r, item, s);
        sim_reader_leave(r, at);
    }
    for (size_t i = 0; i < s->n_queues && !r->failed; i++) {
        const cJSON *steps = s->queues[i].json_steps;
        size_t at = sim_reader_enter_item(r, i);
        if (steps != NULL) {
            sim_read_steps(r, steps, s, &s->queues[i]); /* may lead to queues further down */
        }
        sim_reader_leave(r, at);
    }
    if (!r->failed) {
        sim_check_circles(r, s);
    }
    sim_reader_leave(r, mark);
}
