/* judge_rest.c - what must hold when a step has done all that there was to do.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

enum { ROOM_FACTS = 16, ROOM_BYTES = 4 * 2048 };

/* Was nothing left to do? Not so when the page was (nearly) full, or a step had done its share. */
static bool is_quiet(const struct ush_world *w, const struct ush_stepped *st)
{
    const struct ush_judge *j = &w->judge;
    bool room = j->page_n + ROOM_FACTS <= w->cfg.limits.batch_facts &&
                j->page_bytes + ROOM_BYTES <= w->cfg.limits.batch_bytes;
    return room && !st->unsure && st->deadline > st->now.mono_ms &&
           (st->ev.type != USHER_EV_LOADED || !st->ev.as.loaded.more);
}

/* inv 3: nobody waits for whom there is an agent. */
static void conserve(struct ush_world *w, const struct ush_stepped *st, uint64_t now)
{
    struct ush_loads loads = ush_route_loads(&w->picture, now);
    for (uint32_t i = 0; i < w->picture.n_sessions; i++) {
        const struct ush_pictured_session *s = &w->picture.sessions[i];
        for (uint32_t a = 0; s->state == USHER_STATE_WAITING && a < w->picture.n_agents; a++) {
            if (ush_may_have(w, &loads, a, s, now) &&
                !ush_route_may_keep_free(&w->picture, a, now)) {
                ush_fail(w, "inv 3: after step %llu session %u waits, and %s could have it%s",
                         (unsigned long long) st->number, i, w->picture.agents[a].id.s,
                         now > st->now.mono_ms ? " before the deadline" : "");
                return;
            }
        }
    }
    for (uint32_t a = 0; a < w->picture.n_agents; a++) {
        if (loads.offers[a] > 1) {
            ush_fail(w, "inv 8: %s has two offers", w->picture.agents[a].id.s);
        }
    }
}

/* The last moment at which the desk need not be woken. */
static uint64_t before_deadline(const struct ush_stepped *st)
{
    uint64_t day = st->now.mono_ms + 86400000;
    return st->deadline < day ? st->deadline - 1 : day;
}

static const char *late_offer(const struct ush_world *w, const struct ush_stepped *st,
                              const struct ush_pictured_session *s)
{
    for (uint32_t i = 0; i < w->picture.n_agents; i++) {
        const struct ush_pictured_agent *a = &w->picture.agents[i];
        if (s->offers[i].number == 0) {
            continue;
        }
        if (s->state != USHER_STATE_OFFERED) {
            return "inv 10: an offer outlived the session's being offered";
        }
        if (s->offer_restart) {
            return "an offer outlived a restart";
        }
        if (st->now.mono_ms >= s->offers[i].due) {
            return "inv 9: an offer outlived its deadline";
        }
        if (a->presence.links == 0 || !a->ready) {
            return "inv 11: an offer outlived its agent's being ready and here";
        }
    }
    return NULL;
}

static const char *late_step(const struct ush_world *w, const struct ush_stepped *st,
                             const struct ush_pictured_session *s)
{
    const struct ush_rules *r = &w->picture.queues[s->queue].rules;
    for (uint32_t i = 0; i < r->n_steps; i++) {
        const struct ush_sim_step *step = &r->steps[i];
        bool over = (int64_t) st->now.mono_ms - s->enq >= (int64_t) step->after_ms;
        if (over && step->kind == USHER_STEP_PRIORITY && s->priority < step->by) {
            return "a session has waited, and is not more urgent";
        }
        if (over && step->kind == USHER_STEP_CLOSE) {
            return "a session has waited for longer than it may";
        }
    }
    return NULL;
}

static const char *late_session(const struct ush_world *w, const struct ush_stepped *st,
                                const struct ush_pictured_session *s)
{
    bool active = s->state == USHER_STATE_ACTIVE;
    const char *late = late_offer(w, st, s);
    late = late == NULL && s->state == USHER_STATE_WAITING ? late_step(w, st, s) : late;
    if (late != NULL) {
        return late;
    }
    if (s->state == USHER_STATE_CLOSED || s->state == USHER_STATE_NONE) {
        return NULL;
    }
    const struct ush_presence *v = &w->picture.visitors[s->visitor].presence;
    uint64_t from = v->gone_at > s->since ? v->gone_at : s->since;
    uint64_t ms = active ? w->cfg.visitor_active_ms : w->cfg.visitor_waiting_ms;
    if (v->links == 0 && st->now.mono_ms >= from + ms) {
        return "a session outlived its visitor's absence";
    }
    return NULL;
}

static const char *late_agent(const struct ush_world *w, const struct ush_stepped *st,
                              uint32_t agent)
{
    const struct ush_pictured_agent *a = &w->picture.agents[agent];
    bool gone =
        a->presence.links == 0 && st->now.mono_ms >= a->presence.gone_at + w->cfg.agent_grace_ms;
    if (gone && (a->ready || ush_route_sessions(&w->picture, agent) > 0)) {
        return "an agent kept his sessions, or was ready, beyond his time to come back";
    }
    return a->ready && a->missed >= w->cfg.missed_max ? "an agent missed too many and is ready"
                                                      : NULL;
}

/* inv 24, G8: what was due is done. */
static void nothing_late(struct ush_world *w, const struct ush_stepped *st)
{
    const char *late = NULL;
    for (size_t i = 0; i < w->picture.n_sessions && late == NULL; i++) {
        late = late_session(w, st, &w->picture.sessions[i]);
    }
    for (uint32_t i = 0; i < w->picture.n_agents && late == NULL; i++) {
        late = late_agent(w, st, i);
    }
    if (late != NULL) {
        ush_fail(w, "after step %llu: %s", (unsigned long long) st->number, late);
    }
}

void ush_judge_rest(struct ush_world *w, const struct ush_stepped *st)
{
    if (!is_quiet(w, st)) {
        return;
    }
    conserve(w, st, st->now.mono_ms);
    conserve(w, st, before_deadline(st));
    nothing_late(w, st);
    w->judge.quiet_step = st->number;
    w->judge.quiet_ms = st->now.mono_ms;
}

/* Closed sessions that must be in memory still, unless a table needed their room. */
static uint32_t to_keep(const struct ush_world *w)
{
    uint32_t n = 0;
    for (size_t i = 0; i < w->picture.n_sessions; i++) {
        const struct ush_pictured_session *s = &w->picture.sessions[i];
        if (s->state == USHER_STATE_CLOSED && w->picture.queues[s->queue].set) {
            int64_t over = s->closed_at + (int64_t) w->picture.queues[s->queue].reopen_ms;
            n += (int64_t) w->now.mono_ms < over;
        }
    }
    return n;
}

/* inv 19: the desk counts what the picture shows. */
static void counts_agree(struct ush_world *w, const struct usher_stats *s)
{
    uint32_t n[USHER_STATE_CLOSED + 1] = {0};
    for (size_t i = 0; i < w->picture.n_sessions; i++) {
        n[w->picture.sessions[i].state]++;
    }
    if (s->waiting != n[USHER_STATE_WAITING] || s->offered != n[USHER_STATE_OFFERED] ||
        s->active != n[USHER_STATE_ACTIVE] || s->closed > n[USHER_STATE_CLOSED]) {
        ush_fail(w, "inv 19: the desk counts %u %u %u %u, the history says %u %u %u %u", s->waiting,
                 s->offered, s->active, s->closed, n[USHER_STATE_WAITING], n[USHER_STATE_OFFERED],
                 n[USHER_STATE_ACTIVE], n[USHER_STATE_CLOSED]);
    }
    if (!w->judge.full && s->closed < to_keep(w)) {
        ush_fail(w, "only %u of %u closed sessions that may be reopened are in memory", s->closed,
                 to_keep(w));
    }
}

/* G11. */
void ush_judge_limits(struct ush_world *w)
{
    const struct usher_limits *l = &w->cfg.limits;
    struct usher_stats s;
    usher_stats_get(w->core, &s);
    uint32_t sessions = s.waiting + s.offered + s.active + s.closed;
    if (s.links > l->links || sessions > l->sessions || s.agents > l->agents ||
        s.queues > l->queues || s.answers > l->answers || s.keys > l->keys + l->agents * 64) {
        ush_fail(w, "G11: a table holds more than its limit");
    }
    if (s.durable != w->durable || s.degraded != w->saving.lost) {
        ush_fail(w, "the desk thinks that %llu is durable, and it is %llu",
                 (unsigned long long) s.durable, (unsigned long long) w->durable);
    }
    if (w->judge.n_steps == 0) {
        counts_agree(w, &s);
    }
}
