/* world_agent.c - agents: who is on duty and ready, and what they have in hand.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include "units.h"

#include <math.h>

static const struct sim_group *group_of(const struct sim_world *w, const struct sim_agent *a)
{
    return &w->s->groups[a->group];
}

/* Somebody who still has work is at work although his shift is over. */
bool sim_agent_staffed(const struct sim_agent *a)
{
    return a->on_duty || a->in_hand > 0 || a->wraps > 0 || a->writing || a->offered != SIM_NONE;
}

/* A place that is held by his writing, and not by the core's wrap-up already. */
static uint32_t written(const struct sim_agent *a)
{
    return a->writing && a->wraps == 0 ? 1 : 0;
}

/* Ready if he is on duty and nothing keeps him. */
static void update_ready(struct sim_world *w, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];
    bool ready = a->on_duty && !a->away && !a->writing;

    if (ready != a->ready) {
        a->ready = ready;
        sim_desk_ready(&w->desk, agent, ready);
        sim_offer_settle(w);
    }
}

void sim_agent_roster(struct sim_world *w, uint32_t group)
{
    const struct sim_roster *roster = &w->s->groups[group].roster;
    struct sim_team *team = &w->teams[group];
    double clock = w->s->run.start + w->desk.now;
    uint32_t on_duty = (uint32_t) sim_roster_at(roster, clock);
    double next = sim_roster_next(roster, clock);

    if (next < SIM_NEVER) {
        sim_calendar_set(&w->calendar, &w->roster_timers[group], next - w->s->run.start);
    }
    for (uint32_t i = 0; i < w->s->groups[group].count; i++) {
        struct sim_agent *a = &w->agents[team->first_agent + i];
        if (a->on_duty != (i < on_duty)) {
            bool was = sim_agent_staffed(a);
            a->on_duty = i < on_duty;
            sim_count_team(w, team);
            team->staffed += (uint32_t) sim_agent_staffed(a) - (uint32_t) was;
            update_ready(w, team->first_agent + i);
        }
    }
}

/* He was away, or has written up, and is there again. */
void sim_agent_back(struct sim_world *w, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];
    struct sim_team *team = &w->teams[a->group];

    sim_count_team(w, team);
    if (a->writing) {
        team->wrapping -= written(a);
        a->writing = false;
        team->staffed -= !sim_agent_staffed(a);
    }
    a->away = false;
    update_ready(w, agent);
}

/* The core has made him not ready, for offers that he missed. */
void sim_agent_missed(struct sim_world *w, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];

    a->ready = false;
    a->away = true;
    sim_calendar_set(&w->calendar, &a->back,
                     w->desk.now + sim_dist_draw(&group_of(w, a)->away, &a->random));
}

void sim_agent_writes(struct sim_world *w, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];
    const struct sim_group *g = group_of(w, a);

    if (g->wrap_up.kind == SIM_FIXED && g->wrap_up.a <= 0) {
        return;
    }
    sim_count_team(w, &w->teams[a->group]);
    a->writing = true;
    w->teams[a->group].wrapping += written(a);
    sim_calendar_set(&w->calendar, &a->back, w->desk.now + sim_dist_draw(&g->wrap_up, &a->random));
    update_ready(w, agent);
}

/* With another number of sessions in hand each goes on at another pace. */
static void repace(struct sim_world *w, struct sim_agent *a)
{
    const struct sim_group *g = group_of(w, a);

    if (g->n_slow == 0 || a->in_hand == 0) {
        return;
    }
    double rate = 1 / g->slow[(a->in_hand < g->n_slow ? a->in_hand : g->n_slow) - 1];
    for (uint32_t at = a->first; at != SIM_NONE; at = w->sessions[at].after) {
        struct sim_session *s = &w->sessions[at];
        s->work -= (w->desk.now - s->updated) * s->rate;
        s->work = s->work > 0 ? s->work : 0;
        s->updated = w->desk.now;
        s->rate = rate;
        sim_calendar_set(&w->calendar, &s->next, w->desk.now + s->work / rate);
    }
}

/* What was drawn for this session is now his work. */
void sim_agent_take(struct sim_world *w, struct sim_session *s)
{
    struct sim_agent *a = &w->agents[s->agent];
    struct sim_team *team = &w->teams[a->group];

    sim_count_team(w, team);
    team->staffed += !sim_agent_staffed(a);
    team->handling += s->units;
    a->in_hand++;
    if (w->counting) {
        w->cells->agents[a->group * w->tally->n_bins + w->bin].v[SIM_A_TOOK]++;
    }
    s->before = SIM_NONE;
    s->after = a->first;
    if (a->first != SIM_NONE) {
        w->sessions[a->first].before = sim_slot_of(w, s);
    }
    a->first = sim_slot_of(w, s);
    s->work = s->handling * group_of(w, a)->factor;
    s->updated = w->desk.now;
    s->rate = 1;
    sim_calendar_set(&w->calendar, &s->next, w->desk.now + s->work);
    repace(w, a);
}

/* The core keeps its units taken for as long as the queue says, to the millisecond. */
static void wrap(struct sim_world *w, const struct sim_session *s)
{
    struct sim_agent *a = &w->agents[s->agent];
    uint32_t ms = w->s->queues[s->queue].set.wrap_ms;
    struct sim_session *wrap = ms > 0 ? sim_slot_take(w) : NULL;

    if (wrap != NULL) {
        wrap->state = SIM_WRAPPING;
        wrap->agent = s->agent;
        wrap->units = s->units;
        w->teams[a->group].wrapping -= written(a);
        a->wraps++;
        w->teams[a->group].wrapping += s->units;
        sim_calendar_set(&w->calendar, &wrap->next, floor(w->desk.now) + ms);
    }
}

void sim_agent_give(struct sim_world *w, struct sim_session *s)
{
    struct sim_agent *a = &w->agents[s->agent];
    struct sim_team *team = &w->teams[a->group];

    sim_count_team(w, team);
    sim_calendar_cancel(&w->calendar, &s->next);
    if (s->before != SIM_NONE) {
        w->sessions[s->before].after = s->after;
    } else {
        a->first = s->after;
    }
    if (s->after != SIM_NONE) {
        w->sessions[s->after].before = s->before;
    }
    team->handling -= s->units;
    a->in_hand--;
    wrap(w, s);
    team->staffed -= !sim_agent_staffed(a);
    repace(w, a);
}

void sim_agent_wrapped(struct sim_world *w, struct sim_session *wrap)
{
    struct sim_agent *a = &w->agents[wrap->agent];
    struct sim_team *team = &w->teams[a->group];

    sim_count_team(w, team);
    a->wraps--;
    team->wrapping -= wrap->units;
    team->wrapping += written(a);
    team->staffed -= !sim_agent_staffed(a);
    sim_slot_give(w, wrap);
}
