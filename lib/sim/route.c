/* route.c - what routing is by definition, worked out the long way: the oracle of the judge.
 * SPDX-License-Identifier: MIT */
#include "picture.h"

struct ush_loads ush_route_loads(const struct ush_picture *p, uint64_t now)
{
    struct ush_loads l = {{0}, {0}};
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *s = &p->sessions[i];
        if (s->state == USHER_STATE_ACTIVE) {
            l.load[s->owner] += s->cost;
        }
        for (uint32_t a = 0; s->state == USHER_STATE_OFFERED && a < p->n_agents; a++) {
            l.load[a] += s->offers[a].number != 0 ? s->cost : 0;
            l.offers[a] += s->offers[a].number != 0;
        }
    }
    for (uint32_t a = 0; a < p->n_agents; a++) {
        for (uint32_t i = 0; i < p->agents[a].n_wraps; i++) {
            const struct ush_bar *wrap = &p->agents[a].wraps[i];
            l.load[a] += wrap->until > now ? wrap->session : 0;
        }
    }
    return l;
}

uint32_t ush_route_sessions(const struct ush_picture *p, uint32_t agent)
{
    uint32_t n = 0;
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *s = &p->sessions[i];
        n += s->offers[agent].number != 0 || (s->state == USHER_STATE_ACTIVE && s->owner == agent);
    }
    return n;
}

static int64_t age_of(const struct ush_pictured_session *s, uint64_t now)
{
    return (int64_t) now - s->enq;
}

/* What is needed of it now, and whose agents may have it, by the steps that are over. */
static void relax(const struct ush_picture *p, const struct ush_pictured_session *s, uint64_t now,
                  uint32_t needs[USH_SKILLS], uint32_t *queues)
{
    const struct ush_rules *r = &p->queues[s->queue].rules;
    *queues = 0;
    for (uint32_t k = 0; k < USH_SKILLS; k++) {
        needs[k] = s->needs[k];
    }
    for (uint32_t i = 0; i < r->n_steps && age_of(s, now) >= (int64_t) r->steps[i].after_ms; i++) {
        const struct ush_sim_step *step = &r->steps[i];
        if (step->kind == USHER_STEP_WIDEN) {
            *queues |= (uint32_t) 1 << step->queue;
        }
        for (uint32_t k = 0; k < USH_SKILLS; k++) {
            bool meant = step->skill == USH_NONE || step->skill == k;
            if (meant && step->kind == USHER_STEP_DROP) {
                needs[k] = 0;
            } else if (meant && step->kind == USHER_STEP_LOWER) {
                uint32_t by = step->by > 0 ? step->by : 1;
                needs[k] = needs[k] > by ? needs[k] - by : 0;
            }
        }
    }
}

uint32_t ush_route_tier(const struct ush_picture *p, uint32_t agent,
                        const struct ush_pictured_session *s, uint64_t now)
{
    const struct ush_pictured_agent *a = &p->agents[agent];
    const struct ush_rules *r = &p->queues[s->queue].rules;
    uint32_t needs[USH_SKILLS];
    uint32_t wide;
    relax(p, s, now, needs, &wide);
    if (r->cost > a->capacity) {
        return USH_NONE;
    }
    for (uint32_t k = 0; k < USH_SKILLS; k++) {
        if (a->traits.levels[k] < needs[k]) {
            return USH_NONE;
        }
    }
    if ((a->queues >> s->queue & 1) != 0) {
        return a->traits.tiers[s->queue];
    }
    for (uint32_t i = 0; i < r->n_steps; i++) {
        const struct ush_sim_step *step = &r->steps[i];
        if (step->kind == USHER_STEP_WIDEN && (wide >> step->queue & 1) != 0 &&
            (a->queues >> step->queue & 1) != 0) {
            return a->traits.tiers[step->queue];
        }
    }
    return USH_NONE;
}

uint32_t ush_route_levels(const struct ush_picture *p, uint32_t agent,
                          const struct ush_pictured_session *s)
{
    uint32_t sum = 0;
    for (uint32_t k = 0; k < USH_SKILLS; k++) {
        sum += s->needs[k] > 0 ? p->agents[agent].traits.levels[k] : 0;
    }
    return sum;
}

static int64_t urgency(const struct ush_rules *r, const struct ush_pictured_session *s,
                       uint64_t now)
{
    int64_t own = r->order_ms[s->priority];
    switch (r->order) {
    case USHER_ORDER_HEAD_START:
        return (age_of(s, now) + own) * 1000;
    case USHER_ORDER_DEADLINE:
        return (age_of(s, now) - own) * 1000;
    case USHER_ORDER_SLOPE:
        return age_of(s, now) * (own > 0 ? own : 1000);
    case USHER_ORDER_FIFO:
    case USHER_ORDER_STRICT:
        break;
    }
    return age_of(s, now) * 1000;
}

bool ush_route_ahead(const struct ush_picture *p, const struct ush_pictured_session *a,
                     const struct ush_pictured_session *b, uint64_t now)
{
    const struct ush_rules *x = &p->queues[a->queue].rules;
    const struct ush_rules *y = &p->queues[b->queue].rules;
    uint32_t above = x->order == USHER_ORDER_STRICT ? a->priority : 0;
    uint32_t below = y->order == USHER_ORDER_STRICT ? b->priority : 0;
    int64_t v = urgency(x, a, now);
    int64_t w = urgency(y, b, now);
    if (above != below) {
        return above > below;
    }
    return v != w ? v > w : a->enq_seq < b->enq_seq;
}

/* May one more of this queue's be offered? (equality: no) */
bool ush_route_room(const struct ush_picture *p, uint32_t queue, uint32_t desk_max)
{
    uint32_t max = p->queues[queue].rules.active_max;
    uint32_t all = 0;
    uint32_t here = 0;
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *s = &p->sessions[i];
        bool served = s->state == USHER_STATE_ACTIVE || s->state == USHER_STATE_OFFERED;
        all += served;
        here += served && s->queue == queue;
    }
    return (max == 0 || here < max) && (desk_max == 0 || all < desk_max);
}

/* Does it wait, take several units, and is it old enough that somebody may keep free for it? */
bool ush_route_is_old(const struct ush_picture *p, const struct ush_pictured_session *s,
                      uint64_t now)
{
    if (s->state != USHER_STATE_WAITING) {
        return false;
    }
    const struct ush_rules *r = &p->queues[s->queue].rules;
    return r->cost > 1 && r->drain_ms > 0 && age_of(s, now) >= (int64_t) r->drain_ms;
}

/* Is there such a session for which he may keep free? Which of several agents does is the desk's
 * choice. */
bool ush_route_may_keep_free(const struct ush_picture *p, uint32_t agent, uint64_t now)
{
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *s = &p->sessions[i];
        if (ush_route_is_old(p, s, now) && ush_route_tier(p, agent, s, now) != USH_NONE) {
            return true;
        }
    }
    return false;
}
