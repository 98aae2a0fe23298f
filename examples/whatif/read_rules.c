/* read_rules.c - reads how a queue chooses and what waiting does: order, pick, offering, steps.
 * SPDX-License-Identifier: MIT */
#include "scenario_parts.h"

#include "units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MONTH (31 * SIM_DAY)
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *const orders[] = {"fifo", "head_start", "strict", "deadline", "slope"};
static const char *const picks[] = {"least_loaded", "longest_idle", "round_robin", "most_skilled",
                                    "pack",         "fewest",       "random"};
static const char *const offerings[] = {"ask", "auto"};

/* The place of a text among the words that may stand there. */
static unsigned choose(struct sim_reader *r, const char *name, const char *text,
                       const char *const *words, unsigned n)
{
    char all[160] = "must be one of";

    for (unsigned i = 0; text != NULL && i < n; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, " %s", words[i]);
    }
    if (text != NULL) {
        sim_reader_fail_at(r, name, all, NULL);
    }
    return 0;
}

/* By priority, from 0 up; the last one is for all above it, too. */
static void read_by_priority(struct sim_reader *r, const char *name, const cJSON *list,
                             enum sim_key_type type, uint32_t *out)
{
    size_t mark = sim_reader_enter(r, name);
    size_t i = 0;

    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > USHER_PRIORITIES) {
        sim_reader_fail(r, "must be a list of at most 8, by priority", NULL);
    }
    for (const cJSON *item = list->child; item != NULL && !r->failed; item = item->next, i++) {
        double value = 0;
        double least = type == SIM_KEY_NUMBER ? 1 : 0;
        double most = type == SIM_KEY_NUMBER ? 1000000 : MONTH;
        const struct sim_key key = {"", type, true, least, most, {.number = &value}};
        size_t at = sim_reader_enter_item(r, i);
        sim_reader_value(r, item, &key);
        for (size_t k = i; k < USHER_PRIORITIES; k++) {
            out[k] = (uint32_t) value;
        }
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}

static void put_skill(struct usher_step_set *step, const char *skill)
{
    if (skill != NULL && strcmp(skill, "*") != 0) {
        snprintf(step->skill.s, sizeof step->skill.s, "%s", skill);
    }
}

/* What it does is said by the one key that is there. */
static void read_step_kind(struct sim_reader *r, const cJSON *json, const struct sim_scenario *s,
                           struct usher_step_set *step)
{
    const char *lower = NULL, *drop = NULL, *widen = NULL, *move = NULL;
    bool close = false;
    double after = 0;
    uint32_t by = 0, priority = 0;
    const struct sim_key keys[] = {
        {"after_s", SIM_KEY_SECONDS, true, 1, MONTH, {.number = &after}},
        {"lower", SIM_KEY_TEXT, false, 0, 0, {.text = &lower}},
        {"by", SIM_KEY_COUNT, false, 1, 255, {.count = &by}},
        {"drop", SIM_KEY_TEXT, false, 0, 0, {.text = &drop}},
        {"widen", SIM_KEY_TEXT, false, 0, 0, {.text = &widen}},
        {"priority", SIM_KEY_COUNT, false, 1, USHER_PRIORITIES - 1, {.count = &priority}},
        {"move", SIM_KEY_TEXT, false, 0, 0, {.text = &move}},
        {"close", SIM_KEY_BOOL, false, 0, 0, {.yes = &close}},
    };

    sim_reader_object(r, json, keys, COUNT(keys));
    if (!r->failed && (lower != NULL) + (drop != NULL) + (widen != NULL) + (priority > 0) +
                              (move != NULL) + close !=
                          1) {
        sim_reader_fail(r, "must have one of lower, drop, widen, priority, move, close", NULL);
    }
    if (!r->failed && by > 0 && lower == NULL) {
        sim_reader_fail_at(r, "by", "goes with lower only", NULL);
    }
    if (r->failed) {
        return;
    }
    step->after_ms = (uint32_t) after;
    step->kind = lower != NULL   ? USHER_STEP_LOWER
                 : drop != NULL  ? USHER_STEP_DROP
                 : widen != NULL ? USHER_STEP_WIDEN
                 : priority > 0  ? USHER_STEP_PRIORITY
                 : move != NULL  ? USHER_STEP_MOVE
                                 : USHER_STEP_CLOSE;
    step->by = lower != NULL && by == 0 ? 1 : by + priority;
    put_skill(step, lower != NULL ? lower : drop);
    if (widen != NULL || move != NULL) {
        uint32_t to = sim_find_queue(r, s, widen != NULL ? widen : move);
        step->queue = s->queues[to].set.queue;
    }
}

void sim_read_steps(struct sim_reader *r, const cJSON *json, const struct sim_scenario *s,
                    struct sim_queue *q)
{
    size_t mark = sim_reader_enter(r, "steps");

    if (cJSON_GetArraySize(json) > USHER_STEPS_MAX) {
        sim_reader_fail(r, "more than 8 steps", NULL);
    }
    q->steps = sim_reader_alloc(r, USHER_STEPS_MAX, sizeof *q->steps);
    q->set.steps = q->steps;
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next) {
        size_t at = sim_reader_enter_item(r, q->set.n_steps);
        read_step_kind(r, item, s, &q->steps[q->set.n_steps]);
        if (!r->failed && q->set.n_steps > 0 &&
            q->steps[q->set.n_steps].after_ms < q->steps[q->set.n_steps - 1].after_ms) {
            sim_reader_fail_at(r, "after_s", "is before that of the step before", NULL);
        }
        q->set.n_steps++;
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}

void sim_read_rules(struct sim_reader *r, const struct sim_rules *rules, struct sim_queue *q)
{
    struct usher_queue_set *set = &q->set;
    unsigned order = choose(r, "order", rules->order, orders, COUNT(orders));
    bool timed = order == USHER_ORDER_HEAD_START || order == USHER_ORDER_DEADLINE;

    set->order = (enum usher_order) order;
    set->pick = (enum usher_pick) choose(r, "pick", rules->pick, picks, COUNT(picks));
    set->offering =
        (enum usher_offering) choose(r, "offering", rules->offering, offerings, COUNT(offerings));
    if (!r->failed && (rules->order_s != NULL) != timed) {
        sim_reader_fail_at(r, "order_s",
                           timed ? "is missing: the order needs it"
                                 : "goes with the orders head_start and deadline only",
                           NULL);
    }
    if (!r->failed && (rules->order_slopes != NULL) != (order == USHER_ORDER_SLOPE)) {
        sim_reader_fail_at(r, "order_slopes",
                           order == USHER_ORDER_SLOPE ? "is missing: the order needs it"
                                                      : "goes with the order slope only",
                           NULL);
    }
    if (!r->failed && timed) {
        read_by_priority(r, "order_s", rules->order_s, SIM_KEY_SECONDS, set->order_ms);
    }
    if (!r->failed && order == USHER_ORDER_SLOPE) {
        read_by_priority(r, "order_slopes", rules->order_slopes, SIM_KEY_NUMBER, set->order_ms);
    }
    q->json_steps = rules->steps;
}

/* May a session be moved from this queue to that one by one step? */
static bool leads(const struct sim_queue *q, const struct usher_queue_id *to)
{
    for (size_t i = 0; i < q->set.n_steps; i++) {
        if (q->steps[i].kind == USHER_STEP_MOVE && strcmp(q->steps[i].queue.s, to->s) == 0) {
            return true;
        }
    }
    return false;
}

/* Queues to which those in `reached` lead join it; false: none did. */
static bool spread(const struct sim_scenario *s, bool *reached)
{
    bool more = false;

    for (size_t from = 0; from < s->n_queues; from++) {
        for (size_t to = 0; to < s->n_queues && reached[from]; to++) {
            if (!reached[to] && leads(&s->queues[from], &s->queues[to].set.queue)) {
                reached[to] = more = true;
            }
        }
    }
    return more;
}

void sim_check_circles(struct sim_reader *r, const struct sim_scenario *s)
{
    for (size_t q = 0; q < s->n_queues && !r->failed; q++) {
        bool *reached = sim_reader_alloc(r, s->n_queues, sizeof *reached);
        size_t mark = sim_reader_enter_item(r, q);
        for (size_t to = 0; reached != NULL && to < s->n_queues; to++) {
            reached[to] = leads(&s->queues[q], &s->queues[to].set.queue);
        }
        while (reached != NULL && spread(s, reached)) {
        }
        if (reached != NULL && reached[q]) {
            sim_reader_fail_at(r, "steps", "lead in a circle", NULL);
        }
        sim_reader_leave(r, mark);
        free(reached);
    }
}
