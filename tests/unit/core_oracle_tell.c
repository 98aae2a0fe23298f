/* core_oracle_tell.c - tells a random desk in words, for whoever must understand a failure.
 * SPDX-License-Identifier: MIT */
#include "core_oracle.h"

static const char *const orders[] = {"fifo", "head_start", "strict", "deadline", "slope"};
static const char *const picks[] = {"least_loaded", "longest_idle", "round_robin", "most_skilled",
                                    "pack",         "fewest",       "random",      "policy"};
static const char *const offerings[] = {"ask", "auto", "manual"};
static const char *const kinds[] = {"?", "lower", "drop", "widen", "priority", "move", "close"};
static const char *const states[] = {"none", "waiting", "offered", "active", "closed"};

static void tell_queue(const struct usher_queue_set *q)
{
    printf("#   queue %s: %s %s %s, cost %u, fanout %u, active_max %u, waiting_max %u, offer %u, "
           "wrap %u, sticky %u, drain %u, open %d\n#    ",
           q->queue.s, orders[q->order], picks[q->pick], offerings[q->offering], q->cost, q->fanout,
           q->active_max, q->waiting_max, q->offer_ms, q->wrap_ms, q->sticky_ms, q->drain_ms,
           q->open);
    for (int i = 0; i < 4; i++) {
        printf(" %u", q->order_ms[i]);
    }
    for (size_t i = 0; i < q->n_steps; i++) {
        printf("; %u %s %u %s%s", q->steps[i].after_ms, kinds[q->steps[i].kind], q->steps[i].by,
               q->steps[i].skill.s, q->steps[i].queue.s);
    }
    printf("\n");
}

static void tell_agent(const struct oracle *o, int a)
{
    const struct usher_agent_set *set = &o->h->sets[a];
    printf("#   agent %d %s: %s, %s, load %u to %u of %u, changed %lld, here %lld, weight %u;", a,
           hall_name(a), o->h->agents[a].link != 0 ? "here" : "away",
           o->h->agents[a].ready ? "ready" : "not ready", oracle_load(o, a, false),
           oracle_load(o, a, true), oracle_capacity(o, a), (long long) o->agents[a].load_ms,
           (long long) o->agents[a].here_ms, set->weight);
    for (size_t i = 0; i < set->n_queues; i++) {
        printf(" %s/%u", set->queues[i].s, set->tiers != NULL ? set->tiers[i] : 0);
    }
    for (size_t i = 0; i < set->n_skills; i++) {
        printf(" %s=%u", set->skills[i].id.s, set->skills[i].level);
    }
    printf("\n");
}

static void tell_session(const struct oracle *o, int s)
{
    const struct hall_session *hs = &o->h->sessions[s];
    const struct oracle_session *os = &o->sessions[s];
    printf("#   session %d: %s in %s, priority %u, came %lld, owner %d, last %d, first %d till "
           "%lld%s, place %llu told %lld;",
           s, states[hs->state], hs->queue, hs->priority, (long long) hs->came_ms, hs->owner,
           hs->last, os->first, (long long) os->hold_ms, os->hold_sure ? "!" : "",
           (unsigned long long) hs->place, (long long) hs->place_ms);
    for (size_t i = 0; i < os->n_needs; i++) {
        printf(" %s>=%u", os->needs[i].id.s, os->needs[i].level);
    }
    for (unsigned i = 0; i < hs->n_offers; i++) {
        printf(" offered to %d", hs->offers[i].agent);
    }
    for (int a = 0; a < HALL_AGENTS; a++) {
        if (os->maybe_ms[a] > oracle_now(o)) {
            printf(" maybe not %d till %lld", a, (long long) os->maybe_ms[a]);
        }
    }
    printf("\n");
}

void oracle_tell(const struct oracle *o)
{
    printf("# at %lld ms, desk's active_max %u\n", (long long) oracle_now(o), o->h->cfg.active_max);
    for (unsigned i = 0; i < o->h->n_queues; i++) {
        tell_queue(&o->h->queues[i]);
    }
    for (int a = 0; a < HALL_AGENTS; a++) {
        if (o->h->sets[a].agent.s[0] != 0) {
            tell_agent(o, a);
        }
    }
    for (int s = 0; s < ORACLE_SESSIONS; s++) {
        if (o->h->sessions[s].state != USHER_STATE_NONE) {
            tell_session(o, s);
        }
    }
}

void oracle_tell_fact(const struct oracle *o, const struct usher_fact *f)
{
    int s = hall_session_of(&f->session);
    if (o->trace && f->type != USHER_FACT_SAID && f->type != USHER_FACT_VISITOR) {
        printf("# [%lld] %s session %d agent %s by %s queue %s cause %s number %llu\n",
               (long long) oracle_now(o), usher_fact_name(f->type), s, f->agent.s, f->by.agent.s,
               f->queue.s, usher_cause_name(f->cause), (unsigned long long) f->number);
    }
}
