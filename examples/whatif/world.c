/* world.c - one run: takes what comes first, the calendar's or the core's, until the end.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdlib.h>
#include <string.h>

static void on_fact(void *ctx, const struct usher_fact *f)
{
    sim_fact(ctx, f);
}

static int take_memory(struct sim_world *w)
{
    size_t n_lines = w->tally->n_lines;

    w->sessions = calloc(w->slots, sizeof *w->sessions);
    w->free_slots = calloc(w->slots, sizeof *w->free_slots);
    w->agents = calloc((size_t) w->s->n_agents + 1, sizeof *w->agents);
    w->lines = calloc(n_lines, sizeof *w->lines);
    w->teams = calloc(w->s->n_groups, sizeof *w->teams);
    w->arriving = calloc(w->s->n_kinds, sizeof *w->arriving);
    w->arrival_timers = calloc(w->s->n_kinds, sizeof *w->arrival_timers);
    w->roster_timers = calloc(w->s->n_groups, sizeof *w->roster_timers);
    w->hours_timers = calloc(w->s->n_queues, sizeof *w->hours_timers);
    bool all = w->sessions != NULL && w->free_slots != NULL && w->agents != NULL &&
               w->lines != NULL && w->teams != NULL && w->arriving != NULL &&
               w->arrival_timers != NULL && w->roster_timers != NULL && w->hours_timers != NULL;
    return all ? 0 : USHER_ENOMEM;
}

/* A queue as it is at this time of the clock. */
static void set_queue(struct sim_world *w, uint32_t queue, bool steps)
{
    const struct sim_queue *q = &w->s->queues[queue];
    struct usher_queue_set set = q->set;
    double clock = w->s->run.start + w->desk.now;

    if (q->open.n > 0) {
        set.open = sim_roster_at(&q->open, clock) > 0;
        double next = sim_roster_next(&q->open, clock);
        if (next < SIM_NEVER) {
            sim_calendar_set(&w->calendar, &w->hours_timers[queue], next - w->s->run.start);
        }
    }
    set.n_steps = steps ? set.n_steps : 0;
    sim_desk_queue(&w->desk, &set);
}

/* Steps name queues and skills, so they come when all queues and agents are there. */
static void set_queues(struct sim_world *w, bool steps)
{
    for (uint32_t q = 0; q < w->s->n_queues; q++) {
        w->hours_timers[q].what = SIM_W_HOURS;
        w->hours_timers[q].which = q;
        if (!steps || w->s->queues[q].set.n_steps > 0) {
            set_queue(w, q, steps);
        }
    }
}

static void set_agent(struct sim_world *w, uint32_t agent, uint32_t group, uint32_t number)
{
    struct sim_agent *a = &w->agents[agent];

    a->group = group;
    a->first = a->offered = SIM_NONE;
    a->back.what = SIM_W_BACK;
    a->answer.what = SIM_W_ANSWER;
    a->back.which = a->answer.which = agent;
    sim_random_init(&a->random, w->seed, SIM_FOR_AGENT, group, number);
    sim_desk_agent(&w->desk, agent, &w->s->groups[group]);
}

static void set_people(struct sim_world *w)
{
    uint32_t agent = 0;

    for (uint32_t g = 0; g < w->s->n_groups; g++) {
        w->teams[g].first_agent = agent;
        w->roster_timers[g].what = SIM_W_ROSTER;
        w->roster_timers[g].which = g;
        for (uint32_t i = 0; i < w->s->groups[g].count; i++, agent++) {
            set_agent(w, agent, g, i);
        }
    }
    for (uint32_t k = 0; k < w->s->n_kinds; k++) {
        w->arrival_timers[k].what = SIM_W_ARRIVAL;
        w->arrival_timers[k].which = k;
        sim_arriving_init(&w->arriving[k], &w->s->kinds[k].arrivals, w->s->run.start, w->seed, k);
        double first = sim_arriving_next(&w->arriving[k]);
        if (first < SIM_NEVER) {
            sim_calendar_set(&w->calendar, &w->arrival_timers[k], first);
        }
    }
}

int sim_world_new(struct sim_world *w, const struct sim_scenario *s, struct sim_tally *t,
                  const struct sim_cut *cut)
{
    *w = (struct sim_world){.s = s,
                            .tally = t,
                            .slots = cut->slots,
                            .seed = cut->seed,
                            .base = cut->base,
                            .batches = cut->batch > 0,
                            .batch = cut->batch,
                            .bin_ms = cut->bin,
                            .by_day = cut->by_day,
                            .end = SIM_NEVER};
    w->desk.on_fact = on_fact;
    w->desk.ctx = w;
    w->mark.what = SIM_W_MARK;
    int rv = take_memory(w);
    if (rv == 0) {
        rv = sim_desk_new(&w->desk, s, w->slots, w->seed);
    }
    if (rv != 0) {
        return rv;
    }
    set_queues(w, false);
    set_people(w);
    set_queues(w, true);
    for (uint32_t g = 0; g < s->n_groups; g++) {
        sim_agent_roster(w, g);
    }
    return w->desk.failed;
}

void sim_world_done(struct sim_world *w)
{
    sim_desk_done(&w->desk);
    sim_calendar_done(&w->calendar);
    free(w->sessions);
    free(w->free_slots);
    free(w->instant);
    free(w->agents);
    free(w->lines);
    free(w->teams);
    free(w->arriving);
    free(w->arrival_timers);
    free(w->roster_timers);
    free(w->hours_timers);
    memset(w, 0, sizeof *w);
}

static void happen(struct sim_world *w, const struct sim_timer *t)
{
    switch ((enum sim_what) t->what) {
    case SIM_W_ARRIVAL:
        sim_session_arrive(w, t->which);
        break;
    case SIM_W_PATIENCE:
        sim_session_impatient(w, &w->sessions[t->which]);
        break;
    case SIM_W_NEXT:
        sim_session_next(w, &w->sessions[t->which]);
        break;
    case SIM_W_ANSWER:
        sim_offer_answer(w, t->which);
        break;
    case SIM_W_BACK:
        sim_agent_back(w, t->which);
        break;
    case SIM_W_ROSTER:
        sim_agent_roster(w, t->which);
        break;
    case SIM_W_HOURS:
        set_queue(w, t->which, true);
        break;
    case SIM_W_MARK:
        sim_count_mark(w);
        break;
    }
    sim_offer_settle(w);
}

/* What comes next, if it comes before `until`: the core's own timers stand first at their tick. */
static bool advance(struct sim_world *w, double until)
{
    double at = SIM_NEVER;
    struct sim_timer *t = sim_calendar_first(&w->calendar, &at);
    double due = sim_desk_deadline(&w->desk);

    if ((due < at ? due : at) > until) {
        return false;
    }
    if (t == NULL || due <= at) {
        w->desk.now = due;
        sim_desk_tick(&w->desk);
        sim_offer_settle(w);
    } else {
        sim_calendar_cancel(&w->calendar, t);
        w->desk.now = at > w->desk.now ? at : w->desk.now;
        happen(w, t);
    }
    return true;
}

static int trouble(const struct sim_world *w)
{
    if (w->crowded) {
        return USHER_EFULL;
    }
    if (w->calendar.failed) {
        return USHER_ENOMEM;
    }
    return w->failed != 0 ? w->failed : w->desk.failed;
}

int sim_world_play(struct sim_world *w, double end)
{
    w->end = end;
    sim_count_mark(w);
    while (w->mark.place != 0 && trouble(w) == 0) {
        advance(w, SIM_NEVER);
    }
    return trouble(w);
}

int sim_world_drain(struct sim_world *w)
{
    double until = w->end + w->s->run.drain;

    while (w->open_legs + w->open_waits > 0 && trouble(w) == 0 && advance(w, until)) {
    }
    w->tally->unfinished += w->open_legs > w->open_waits ? w->open_legs : w->open_waits;
    w->tally->sessions += w->numbers;
    return trouble(w);
}
