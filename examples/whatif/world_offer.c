/* world_offer.c - how agents answer offers: at once, after a while, with no, or not at all.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdlib.h>

/* Answers are given when the core has said all that it has to say. */
static void answer_at_once(struct sim_world *w, uint32_t agent)
{
    if (w->n_instant == w->instant_room) {
        size_t room = 2 * w->instant_room + 64;
        uint32_t *more = realloc(w->instant, room * sizeof *more);
        if (more == NULL) {
            w->failed = USHER_ENOMEM;
            return;
        }
        w->instant = more;
        w->instant_room = room;
    }
    w->instant[w->n_instant++] = agent;
}

/* How he will answer is drawn from the session's own luck, so it does not depend on who he is. */
static void plan_answer(struct sim_world *w, struct sim_session *s, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];
    const struct sim_group *g = &w->s->groups[a->group];

    a->answers_yes = true;
    if (g->ring.kind == SIM_FIXED && g->ring.a <= 0 && g->miss + g->decline <= 0) {
        answer_at_once(w, agent);
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
    a->answers_yes = u >= g->miss + g->decline;
    if (ring <= 0) {
        answer_at_once(w, agent);
    } else {
        sim_calendar_set(&w->calendar, &a->answer, w->desk.now + ring);
    }
}

void sim_offer_made(struct sim_world *w, struct sim_session *s, uint32_t agent, uint64_t number)
{
    struct sim_agent *a = &w->agents[agent];
    struct sim_team *team = &w->teams[a->group];

    sim_count_team(w, team);
    team->staffed += !sim_agent_staffed(a);
    team->ringing += s->units;
    a->offered = sim_slot_of(w, s);
    a->offer = number;
    plan_answer(w, s, agent);
}

/* Without an owner, or with one. */
void sim_offer_over(struct sim_world *w, uint32_t agent)
{
    struct sim_agent *a = &w->agents[agent];
    struct sim_team *team = &w->teams[a->group];

    sim_count_team(w, team);
    team->ringing -= w->sessions[a->offered].units;
    a->offered = SIM_NONE;
    team->staffed -= !sim_agent_staffed(a);
    sim_calendar_cancel(&w->calendar, &a->answer);
}

void sim_offer_answer(struct sim_world *w, uint32_t agent)
{
    const struct sim_agent *a = &w->agents[agent];

    if (a->offered != SIM_NONE) {
        sim_desk_answer(&w->desk, agent, a->offer, a->answers_yes);
    }
}

void sim_offer_settle(struct sim_world *w)
{
    if (w->settling) {
        return; /* whoever settles will come to it */
    }
    w->settling = true;
    while (w->n_instant > 0) {
        uint32_t agent = w->instant[--w->n_instant];
        if (w->agents[agent].answer.place == 0) {
            sim_offer_answer(w, agent);
        }
    }
    w->settling = false;
}
