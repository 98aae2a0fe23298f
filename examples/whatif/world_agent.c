/* world_agent.c - agents: who is on duty and ready, how offers are answered, what is in hand.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include "units.h"

static const struct sim_group *group_of(const struct sim_world *w, const struct sim_agent *a)
{
    return &w->s->groups[a->group];
}

/* Somebody who still has work is staffed although his shift is over. */
static bool staffed(const struct sim_agent *a)
{
    return a->on_duty || a->in_hand > 0 || a->ringing > 0 || a->wrapping;
}

/* Ready if he is on duty and nothing keeps him. */
static void update_ready(struct sim_world *w, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];
    bool ready = a->on_duty && !a->away && !a->wrapping;

    if (ready != a->ready) {
        a->ready = ready;
        sim_desk_ready(&w->desk, agent, ready);
        sim_session_settle(w);
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
            bool was = staffed(a);
            a->on_duty = i < on_duty;
            sim_count_team(w, team);
            team->staffed += (uint32_t) staffed(a) - (uint32_t) was;
            update_ready(w, team->first_agent + i);
        }
    }
}

/* He was away, or wrapped up, and is there again. */
void sim_agent_back(struct sim_world *w, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];
    struct sim_team *team = &w->teams[a->group];

    sim_count_team(w, team);
    if (a->wrapping) {
        a->wrapping = false;
        team->wrapping--;
        team->staffed -= !staffed(a);
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

/* Before a session is given away: does he write something up first? Then he is not ready. */
void sim_agent_wraps(struct sim_world *w, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];
    const struct sim_group *g = group_of(w, a);

    if (g->wrap_up.kind == SIM_FIXED && g->wrap_up.a <= 0) {
        return;
    }
    sim_count_team(w, &w->teams[a->group]);
    a->wrapping = true;
    w->teams[a->group].wrapping++;
    sim_calendar_set(&w->calendar, &a->back, w->desk.now + sim_dist_draw(&g->wrap_up, &a->random));
    update_ready(w, agent);
}

static void answer_at_once(struct sim_world *w, const struct sim_session *s)
{
    if (w->n_instant < w->slots) {
        w->instant[w->n_instant++] = (uint32_t) (s - w->sessions);
    }
}

/* How he will answer is drawn from the session's own luck, so it does not depend on who he is. */
void sim_agent_offer(struct sim_world *w, struct sim_session *s, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];
    const struct sim_group *g = group_of(w, a);
    bool was = staffed(a);

    sim_count_team(w, &w->teams[a->group]);
    a->ringing++;
    w->teams[a->group].ringing++;
    w->teams[a->group].staffed += !was;
    s->answers_yes = true;
    if (g->ring.kind == SIM_FIXED && g->ring.a <= 0 && g->miss + g->decline <= 0) {
        answer_at_once(w, s);
        return;
    }
    if (!s->offers_drawn) {
        s->offers_drawn = true;
        sim_random_init(&s->offers, w->seed, SIM_FOR_OFFERS, s->kind, s->born);
    }
    double u = sim_random_unit(&s->offers);
    double ring = sim_dist_draw(&g->ring, &s->offers);
    if (u < g->miss) {
        return; /* the core's deadline will end it */
    }
    s->answers_yes = u >= g->miss + g->decline;
    if (ring <= 0) {
        answer_at_once(w, s);
    } else {
        sim_calendar_set(&w->calendar, &s->next, w->desk.now + ring);
    }
}

/* The offer is over, without or with an owner. */
void sim_agent_offer_over(struct sim_world *w, struct sim_session *s)
{
    struct sim_agent *a = &w->agents[s->agent];

    sim_count_team(w, &w->teams[a->group]);
    a->ringing--;
    w->teams[a->group].ringing--;
    w->teams[a->group].staffed -= !staffed(a);
    sim_calendar_cancel(&w->calendar, &s->next);
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

/* He has accepted: what was drawn for this session is now his work. */
void sim_agent_take(struct sim_world *w, struct sim_session *s)
{
    struct sim_agent *a = &w->agents[s->agent];
    uint32_t slot = (uint32_t) (s - w->sessions);

    sim_count_team(w, &w->teams[a->group]);
    w->teams[a->group].staffed += !staffed(a);
    a->in_hand++;
    w->teams[a->group].handling++;
    if (w->counting) {
        w->cells->agents[a->group * w->tally->n_bins + w->bin].v[SIM_A_TOOK]++;
    }
    s->before = SIM_NONE;
    s->after = a->first;
    if (a->first != SIM_NONE) {
        w->sessions[a->first].before = slot;
    }
    a->first = slot;
    s->work = s->handling * group_of(w, a)->factor;
    s->updated = w->desk.now;
    s->rate = 1;
    sim_calendar_set(&w->calendar, &s->next, w->desk.now + s->work);
    repace(w, a);
}

void sim_agent_give(struct sim_world *w, struct sim_session *s)
{
    struct sim_agent *a = &w->agents[s->agent];

    sim_count_team(w, &w->teams[a->group]);
    sim_calendar_cancel(&w->calendar, &s->next);
    if (s->before != SIM_NONE) {
        w->sessions[s->before].after = s->after;
    } else {
        a->first = s->after;
    }
    if (s->after != SIM_NONE) {
        w->sessions[s->after].before = s->before;
    }
    a->in_hand--;
    w->teams[a->group].handling--;
    w->teams[a->group].staffed -= !staffed(a);
    repace(w, a);
}
