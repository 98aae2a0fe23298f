/* world_fact.c - what the core has decided, read from the facts that it wants saved.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include <string.h>

static void offer_over(struct sim_world *w, struct sim_session *s, const struct usher_fact *f)
{
    sim_wait_count(w, s, SIM_MISSED, f->cause == USHER_CAUSE_MISSED);
    sim_wait_count(w, s, SIM_DECLINED, f->cause == USHER_CAUSE_DECLINED);
    sim_offer_over(w, sim_desk_agent_of(&f->agent));
}

/* By his own accept, or because the queue does not ask. */
static void joined(struct sim_world *w, struct sim_session *s, const struct usher_fact *f)
{
    s->agent = sim_desk_agent_of(&f->by.agent);
    if (w->agents[s->agent].offered == sim_slot_of(w, s)) {
        sim_offer_over(w, s->agent);
    }
    sim_wait_offered(w, s);
    sim_wait_end(w, s, SIM_END_SERVED);
    s->state = SIM_ACTIVE;
    s->since = w->desk.now;
    sim_agent_take(w, s);
}

static uint32_t queue_of(const struct sim_world *w, const struct usher_queue_id *id)
{
    uint32_t i = 0;

    while (i + 1 < w->s->n_queues && strcmp(w->s->queues[i].set.queue.s, id->s) != 0) {
        i++;
    }
    return i;
}

/* Passed on by its agent, or sent elsewhere by a step of its queue. */
static void moved(struct sim_world *w, struct sim_session *s, const struct usher_fact *f)
{
    uint32_t queue = queue_of(w, &f->queue);

    if (s->state == SIM_ACTIVE) {
        sim_agent_give(w, s);
        sim_wait_handled(w, s, true);
        sim_wait_begin(w, s, queue);
    } else {
        sim_wait_moved(w, s, queue);
    }
}

static void closed(struct sim_world *w, struct sim_session *s, const struct usher_fact *f)
{
    if (s->state == SIM_ACTIVE) {
        sim_agent_give(w, s);
        sim_wait_handled(w, s, false);
    } else {
        sim_wait_end(w, s, f->cause == USHER_CAUSE_WAITED ? SIM_END_TIMED_OUT : SIM_END_LEFT);
    }
    sim_slot_give(w, s);
}

void sim_fact(struct sim_world *w, const struct usher_fact *f)
{
    uint64_t number = 0;
    struct sim_session *s = &w->sessions[sim_desk_slot_of(&f->session, &number)];

    if (f->type == USHER_FACT_AGENT) {
        if (f->cause == USHER_CAUSE_MISSED) {
            sim_agent_missed(w, sim_desk_agent_of(&f->agent));
        }
    } else if (f->type == USHER_FACT_OPENED) {
        sim_wait_begin(w, s, w->s->kinds[s->kind].queue);
    } else if (f->type == USHER_FACT_OFFERED) {
        sim_wait_count(w, s, SIM_OFFERS, 1);
        sim_wait_offered(w, s);
        sim_offer_made(w, s, sim_desk_agent_of(&f->agent), f->seq);
    } else if (f->type == USHER_FACT_OFFER_OVER) {
        offer_over(w, s, f);
    } else if (f->type == USHER_FACT_JOINED) {
        joined(w, s, f);
    } else if (f->type == USHER_FACT_MOVED) {
        moved(w, s, f);
    } else if (f->type == USHER_FACT_CLOSED) {
        closed(w, s, f);
    }
}
