/* shop.c - how a shop may be configured: all that routing can do, mixed at random.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

static uint32_t between(struct ush_world *w, uint32_t low, uint32_t high)
{
    return ush_rand_between(&w->rand, low, high);
}

/* Mostly 0: as if nobody had thought of it. */
static uint32_t seldom(struct ush_world *w, uint32_t low, uint32_t high)
{
    return between(w, 0, 2) == 0 ? between(w, low, high) : 0;
}

void ush_skill_id(uint32_t skill, struct usher_skill_id *out)
{
    *out = (struct usher_skill_id){{'s', (char) ('0' + skill)}};
}

static void draw_step(struct ush_world *w, uint32_t queue, struct ush_sim_step *step)
{
    /* To queues behind this one only: so there is no circle. */
    bool aims = queue + 1 < w->picture.n_queues;
    uint32_t aim = aims ? between(w, queue + 1, w->picture.n_queues - 1) : USH_NONE;
    *step = (struct ush_sim_step){.skill = USH_NONE, .queue = USH_NONE};
    step->kind = (enum usher_step_kind) between(w, USHER_STEP_LOWER, USHER_STEP_CLOSE);
    if (step->kind == USHER_STEP_CLOSE && between(w, 0, 2) > 0) {
        step->kind = USHER_STEP_PRIORITY;
    }
    bool can = aims && !w->wish.queues[aim].gone;
    if ((step->kind == USHER_STEP_WIDEN || step->kind == USHER_STEP_MOVE) && !can) {
        step->kind = USHER_STEP_DROP;
    }
    if (step->kind == USHER_STEP_WIDEN || step->kind == USHER_STEP_MOVE) {
        step->queue = aim;
    } else if (step->kind == USHER_STEP_PRIORITY) {
        step->by = between(w, 1, USHER_PRIORITIES - 1);
    } else if (step->kind != USHER_STEP_CLOSE) {
        step->skill = between(w, 0, 1) == 0 ? USH_NONE : between(w, 0, USH_SKILLS - 1);
        step->by = between(w, 0, 2);
    }
}

void ush_shop_queue(struct ush_world *w, uint32_t queue)
{
    struct ush_rules *r = &w->wish.queues[queue].rules;
    *r = (struct ush_rules){.fanout = 1, .cost = 1};
    if (!w->rich) {
        return;
    }
    r->order = (enum usher_order) between(w, USHER_ORDER_FIFO, USHER_ORDER_SLOPE);
    r->pick = (enum usher_pick) between(w, USHER_PICK_LEAST_LOADED, USHER_PICK_POLICY);
    r->offering = between(w, 0, 3) > 0 ? USHER_OFFERING_ASK : USHER_OFFERING_AUTO;
    for (uint32_t i = 0; i < USHER_PRIORITIES; i++) {
        r->order_ms[i] = seldom(w, 1, 60000);
    }
    r->fanout = 1 + seldom(w, 1, 3);
    r->cost = 1 + seldom(w, 1, 2);
    r->active_max = between(w, 0, 5) == 0 ? between(w, 1, 5) : 0;
    r->wrap_ms = seldom(w, 1, 20000);
    r->sticky_ms = seldom(w, 1, 30000);
    r->drain_ms = seldom(w, 1, 20000);
    r->priority = seldom(w, 1, USHER_PRIORITIES - 1);
    for (uint32_t k = 0; k < USH_SKILLS; k++) {
        r->needs[k] = (uint8_t) (between(w, 0, 5) == 0 ? between(w, 1, 4) : 0);
    }
    r->n_steps = between(w, 0, 1) == 0 ? between(w, 1, 4) : 0;
    uint32_t after = 0;
    for (uint32_t i = 0; i < r->n_steps; i++) {
        draw_step(w, queue, &r->steps[i]);
        after += between(w, 0, 30000);
        r->steps[i].after_ms = after;
    }
}

/* What a step leads to may be gone from the configuration. */
void ush_shop_check(struct ush_world *w, uint32_t queue)
{
    struct ush_rules *r = &w->wish.queues[queue].rules;
    for (uint32_t i = 0; i < r->n_steps; i++) {
        if (r->steps[i].queue != USH_NONE && w->wish.queues[r->steps[i].queue].gone) {
            r->steps[i].queue = USH_NONE;
            r->steps[i].kind = USHER_STEP_DROP;
        }
    }
}

void ush_shop_agent(struct ush_world *w, uint32_t agent)
{
    struct ush_traits *t = &w->wish.agents[agent].traits;
    *t = (struct ush_traits){.weight = 1};
    if (!w->rich) {
        return;
    }
    t->weight = between(w, 1, 5);
    for (uint32_t q = 0; q < w->picture.n_queues; q++) {
        t->tiers[q] = (uint8_t) seldom(w, 1, 2);
    }
    for (uint32_t k = 0; k < USH_SKILLS; k++) {
        t->levels[k] = (uint8_t) (between(w, 0, 1) == 0 ? 0 : between(w, 1, 5));
    }
}

void ush_shop_needs(struct ush_world *w, struct ush_command *c)
{
    if (!w->rich) {
        return;
    }
    c->priority = seldom(w, 1, USHER_PRIORITIES - 1);
    for (uint32_t k = 0; k < USH_SKILLS; k++) {
        c->needs[k] = (uint8_t) (between(w, 0, 5) == 0 ? between(w, 1, 4) : 0);
        c->n_needs += c->needs[k] > 0;
    }
}
