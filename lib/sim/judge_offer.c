/* judge_offer.c - who is offered what, in which order, and how an offer may end.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

/* Could he be given a session of this cost? (G5, inv 1, 8, 11) */
static bool is_free(const struct ush_picture *p, const struct ush_loads *l, uint32_t agent,
                    uint32_t cost)
{
    const struct ush_pictured_agent *a = &p->agents[agent];
    return a->set && a->ready && a->presence.links > 0 && l->offers[agent] == 0 &&
           l->load[agent] + cost <= a->capacity;
}

/* Could he have it, if he had room? */
static bool is_for(const struct ush_picture *p, uint32_t agent,
                   const struct ush_pictured_session *s, uint64_t now)
{
    return ush_route_tier(p, agent, s, now) != USH_NONE &&
           (s->held_until <= now || s->held_for == agent) &&
           ush_picture_barred(&p->agents[agent], ush_number_of(&s->id), now) == USH_BARRED_NO;
}

bool ush_may_have(const struct ush_world *w, const struct ush_loads *l, uint32_t agent,
                  const struct ush_pictured_session *s, uint64_t now)
{
    const struct ush_picture *p = &w->picture;
    return s->state == USHER_STATE_WAITING &&
           p->queues[s->queue].rules.offering != USHER_OFFERING_MANUAL &&
           ush_route_room(p, s->queue, w->cfg.active_max) &&
           is_free(p, l, agent, p->queues[s->queue].rules.cost) && is_for(p, agent, s, now);
}

/* inv 4 and 5: of those whom he may have, nobody is before it. */
static bool is_first(const struct ush_world *w, const struct ush_loads *l, uint32_t agent,
                     const struct ush_pictured_session *s, uint64_t now)
{
    for (size_t i = 0; i < w->picture.n_sessions; i++) {
        const struct ush_pictured_session *other = &w->picture.sessions[i];
        if (other != s && other->state == USHER_STATE_WAITING &&
            ush_route_ahead(&w->picture, other, s, now) && ush_may_have(w, l, agent, other, now)) {
            return false;
        }
    }
    return true;
}

/* Is it the first of those that are alike whom he may have? Others come after it. */
static bool leads(const struct ush_picture *p, uint32_t agent, const struct ush_pictured_session *s,
                  uint64_t now)
{
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *other = &p->sessions[i];
        if (other != s && other->state == USHER_STATE_WAITING && other->held_until <= now &&
            other->queue == s->queue && other->priority == s->priority &&
            memcmp(other->needs, s->needs, sizeof s->needs) == 0 &&
            ush_route_ahead(p, other, s, now) &&
            ush_picture_barred(&p->agents[agent], ush_number_of(&other->id), now) !=
                USH_BARRED_YES) {
            return false;
        }
    }
    return true;
}

/* inv 6: does he keep free for a session before this one? He does for certain if there are more of
 * these than others who could: each agent keeps free for one. */
static bool keeps_free(const struct ush_world *w, const struct ush_loads *l, uint32_t agent,
                       const struct ush_pictured_session *s, uint64_t now)
{
    const struct ush_picture *p = &w->picture;
    bool could[USH_AGENTS_MAX] = {false};
    uint32_t heavy = 0;
    uint32_t others = 0;
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *h = &p->sessions[i];
        if (h == s || !ush_route_is_old(p, h, now) || h->held_until > now ||
            !is_for(p, agent, h, now) || !ush_route_ahead(p, h, s, now) ||
            p->queues[h->queue].rules.offering == USHER_OFFERING_MANUAL ||
            !ush_route_room(p, h->queue, w->cfg.active_max) || !leads(p, agent, h, now)) {
            continue;
        }
        heavy++;
        for (uint32_t k = 0; k < p->n_agents; k++) {
            could[k] |= is_free(p, l, k, 1) && ush_route_tier(p, k, h, now) != USH_NONE;
        }
    }
    for (uint32_t k = 0; k < p->n_agents; k++) {
        others += k != agent && could[k];
    }
    return heavy > others;
}

/* Did something happen to him since all was quiet? Then he looked for work himself. */
static bool looks_himself(const struct ush_world *w, const struct ush_pictured_agent *a,
                          uint64_t now)
{
    for (uint32_t i = 0; i < a->n_bars; i++) {
        if (a->bars[i].until > w->judge.quiet_ms && a->bars[i].until <= now) {
            return true;
        }
    }
    return a->touched > w->judge.quiet_step;
}

/* Does b come before a by the queue's rule, for certain? */
static bool is_better(const struct ush_world *w, const struct ush_loads *l,
                      const struct ush_pictured_session *s, uint32_t b, uint32_t a, uint64_t now)
{
    const struct ush_pictured_agent *x = &w->picture.agents[b];
    const struct ush_pictured_agent *y = &w->picture.agents[a];
    uint32_t tiers[2] = {ush_route_tier(&w->picture, b, s, now),
                         ush_route_tier(&w->picture, a, s, now)};
    uint64_t loads[2] = {(uint64_t) l->load[b] * y->capacity, (uint64_t) l->load[a] * x->capacity};
    uint32_t levels[2] = {ush_route_levels(&w->picture, b, s), ush_route_levels(&w->picture, a, s)};
    bool idle = x->idle < y->idle;
    if (tiers[0] != tiers[1]) {
        return tiers[0] < tiers[1];
    }
    switch (w->picture.queues[s->queue].rules.pick) {
    case USHER_PICK_MOST_SKILLED:
        if (levels[0] != levels[1]) {
            return levels[0] > levels[1];
        }
        return loads[0] < loads[1] || (loads[0] == loads[1] && idle);
    case USHER_PICK_POLICY: /* none is set here: least loaded */
    case USHER_PICK_LEAST_LOADED:
        return loads[0] < loads[1] || (loads[0] == loads[1] && idle);
    case USHER_PICK_LONGEST_IDLE:
        return idle;
    case USHER_PICK_PACK:
        return loads[0] > loads[1] || (loads[0] == loads[1] && idle);
    case USHER_PICK_ROUND_ROBIN:
        return x->turn > 0 && x->turn < y->turn;
    case USHER_PICK_FEWEST:
        if (x->window != y->window || x->count != y->count) {
            return x->window < y->window || (x->window == y->window && x->count < y->count);
        }
        return idle;
    case USHER_PICK_RANDOM:
        break; /* it is chance's affair: tests/unit/core_turn_test.c */
    }
    return false;
}

static bool is_best(const struct ush_world *w, const struct ush_loads *l, uint32_t agent,
                    const struct ush_pictured_session *s, uint64_t now)
{
    uint32_t cost = w->picture.queues[s->queue].rules.cost;
    for (uint32_t i = 0; i < w->picture.n_agents; i++) {
        if (i != agent && is_free(&w->picture, l, i, cost) && is_for(&w->picture, i, s, now) &&
            !ush_route_may_keep_free(&w->picture, i, now) && is_better(w, l, s, i, agent, now)) {
            return false;
        }
    }
    return true;
}

/* How it came that the session is given to him. */
enum way { WAY_MATCHED, WAY_MOVED, WAY_REOPENED, WAY_MORE };

static enum way way_of(const struct ush_pictured_session *s, const struct usher_fact *before)
{
    bool about = before != NULL && memcmp(&before->session, &s->id, sizeof s->id) == 0;
    if (s->state == USHER_STATE_OFFERED) {
        return WAY_MORE;
    }
    if (about && before->type == USHER_FACT_MOVED && before->agent.s[0] != 0) {
        return WAY_MOVED;
    }
    return about && before->type == USHER_FACT_REOPENED ? WAY_REOPENED : WAY_MATCHED;
}

/* May it be offered to him, or be his at once? */
static const char *given(struct ush_world *w, const struct ush_stepped *st,
                         const struct ush_pictured_session *s, uint32_t agent,
                         const struct usher_fact *before)
{
    const struct ush_pictured_agent *a = &w->picture.agents[agent];
    const struct ush_rules *rules = &w->picture.queues[s->queue].rules;
    uint64_t now = st->now.mono_ms;
    struct ush_loads loads = ush_route_loads(&w->picture, now);
    enum way way = way_of(s, before);
    bool old = ush_route_is_old(&w->picture, s, now); /* somebody kept free for it */
    if (!st->unsure && !is_free(&w->picture, &loads, agent, rules->cost)) {
        return "G5, inv 1, 11: he is not ready and here, or has not enough free";
    }
    if (way == WAY_MOVED) {
        return NULL; /* to him, whatever his queues are */
    }
    if (rules->offering == USHER_OFFERING_MANUAL) {
        return "it waits to be claimed";
    }
    if (way != WAY_MORE && !ush_route_room(&w->picture, s->queue, w->cfg.active_max)) {
        return "inv 1: its queue, or the desk, serves as many as it may";
    }
    if (ush_route_tier(&w->picture, agent, s, now) == USH_NONE) {
        return "inv 15: he does not serve it, or lacks a skill";
    }
    if (way == WAY_REOPENED) {
        return NULL;
    }
    if (s->held_until > now && s->held_for != agent) {
        return "inv 16: it waits for another alone";
    }
    if (ush_picture_barred(a, ush_number_of(&s->id), now) == USH_BARRED_YES) {
        return "inv 14: he missed, declined or moved it just now";
    }
    if (!st->unsure && !old && !is_first(w, &loads, agent, s, now)) {
        return "inv 4, 5: another that he may have comes before it";
    }
    if (!st->unsure && !old && way == WAY_MATCHED && keeps_free(w, &loads, agent, s, now)) {
        return "inv 6: he should keep free for one that takes more";
    }
    if (!st->unsure && !old && s->held_until <= now && !looks_himself(w, a, now) &&
        !is_best(w, &loads, agent, s, now)) {
        return "somebody else comes first by the queue's rule";
    }
    return NULL;
}

const char *ush_judge_offered(struct ush_world *w, const struct ush_stepped *st,
                              const struct usher_fact *f, const struct usher_fact *before)
{
    const struct ush_pictured_session *s = ush_picture_session(&w->picture, &f->session);
    uint32_t agent = ush_picture_agent(&w->picture, &f->agent);
    uint32_t n = 0;
    if (s == NULL || (s->state != USHER_STATE_WAITING && s->state != USHER_STATE_OFFERED)) {
        return "inv 8: it does not wait";
    }
    for (uint32_t i = 0; i < w->picture.n_agents; i++) {
        n += s->offers[i].number != 0;
    }
    const struct ush_pictured_queue *q = &w->picture.queues[s->queue];
    if (n > 0 && (n >= q->rules.fanout || before == NULL || before->type != USHER_FACT_OFFERED ||
                  memcmp(&before->session, &f->session, sizeof f->session) != 0)) {
        return "inv 8: it is offered to enough agents already";
    }
    if (f->until_ms != f->at_ms + q->offer_ms ||
        ush_picture_queue(&w->picture, &f->queue) != s->queue) {
        return "its time or queue is wrong";
    }
    if (q->rules.offering == USHER_OFFERING_AUTO) {
        return "it should be his without being asked";
    }
    if (n > 0) {
        USH_SOMETIMES(w, USHER_SIM_BROADCAST);
    }
    return given(w, st, s, agent, before);
}

/* A session is his without his being asked. */
const char *ush_judge_assigned(struct ush_world *w, const struct ush_stepped *st,
                               const struct usher_fact *f, const struct usher_fact *before)
{
    const struct ush_pictured_session *s = ush_picture_session(&w->picture, &f->session);
    if (s->state != USHER_STATE_WAITING ||
        w->picture.queues[s->queue].rules.offering != USHER_OFFERING_AUTO) {
        return "nobody accepted it";
    }
    USH_SOMETIMES(w, USHER_SIM_AUTO);
    return given(w, st, s, ush_picture_agent(&w->picture, &f->by.agent), before);
}

static const char *over_why(struct ush_world *w, const struct ush_stepped *st,
                            const struct usher_fact *f, const struct usher_fact *before,
                            const struct usher_fact *after)
{
    const struct ush_pictured_session *s = ush_picture_session(&w->picture, &f->session);
    uint32_t agent = ush_picture_agent(&w->picture, &f->agent);
    const struct ush_pictured_agent *a = &w->picture.agents[agent];
    const struct ush_pictured_offer *o = &s->offers[agent];
    bool due = st->now.mono_ms >= o->due;
    bool ends = after != NULL && memcmp(&after->session, &f->session, sizeof f->session) == 0 &&
                (after->type == USHER_FACT_CLOSED ||
                 (after->type == USHER_FACT_OFFER_OVER && after->cause == USHER_CAUSE_GONE));
    switch (f->cause) {
    case USHER_CAUSE_MISSED:
        if (st->lost) {
            USH_SOMETIMES(w, USHER_SIM_EXPIRY_WHILE_LOST);
        }
        return due ? NULL : "inv 9: its time is not over";
    case USHER_CAUSE_DECLINED:
        return st->ev.type == USHER_EV_DECLINE && !due && w->links[st->ev.link.v].who == agent &&
                       st->ev.as.answer.offer == o->number
                   ? NULL
                   : "he did not decline it";
    case USHER_CAUSE_LOST:
        return st->unsure || ush_absent(&a->presence, st, 0, 0) ? NULL : "he is here";
    case USHER_CAUSE_GONE:
        return ends ? NULL : "its session did not end";
    case USHER_CAUSE_TAKEN:
        return s->state == USHER_STATE_ACTIVE && s->owner != agent ? NULL : "nobody else took it";
    case USHER_CAUSE_NOT_READY:
        return before != NULL && before->type == USHER_FACT_AGENT && before->number == 0 &&
                       memcmp(&before->agent, &f->agent, sizeof f->agent) == 0
                   ? NULL
                   : "he is ready";
    case USHER_CAUSE_RESTART:
        return s->offer_restart ? NULL : "the desk was not started anew";
    case USHER_CAUSE_NONE:
    case USHER_CAUSE_ASKED:
    case USHER_CAUSE_ABANDONED:
    case USHER_CAUSE_WAITED:
        return "an offer cannot end so";
    }
    return "there is no such cause";
}

const char *ush_judge_offer_over(struct ush_world *w, const struct ush_stepped *st,
                                 const struct usher_fact *f, const struct usher_fact *before,
                                 const struct usher_fact *after)
{
    const struct ush_pictured_session *s = ush_picture_session(&w->picture, &f->session);
    uint32_t agent = ush_picture_agent(&w->picture, &f->agent);
    if (s == NULL || agent == USH_NONE || f->number == 0 || s->offers[agent].number != f->number) {
        return "inv 9: this offer is over already, or never was";
    }
    if (s->offer_restart && f->cause != USHER_CAUSE_RESTART && f->cause != USHER_CAUSE_GONE) {
        return "the desk was started anew, and that alone ended it";
    }
    return over_why(w, st, f, before, after);
}
