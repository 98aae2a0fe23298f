/* world_session.c - sessions: they come, give up, are finished, and are passed on.
 * SPDX-License-Identifier: MIT */
#include "world.h"

static struct sim_session *new_session(struct sim_world *w, uint32_t kind)
{
    struct sim_session *s = sim_slot_take(w);

    if (s == NULL) {
        return NULL;
    }
    s->number = ++w->numbers;
    s->kind = kind;
    s->born = w->arriving[kind].born++;
    s->first_wait = true;
    sim_random_init(&s->life, w->seed, SIM_FOR_LIFE, kind, s->born);
    s->handling = sim_dist_draw_nth(&w->s->kinds[kind].handling, &s->life, s->born);
    return s;
}

/* How long will it wait? The core is asked as it would be for the visitor. */
static void ask(struct sim_world *w, struct sim_session *s)
{
    struct usher_wait wait;

    if (sim_desk_wait(&w->desk, sim_slot_of(w, s), s->number, &wait)) {
        s->asked = true;
        s->told = wait.known;
        s->expected = (float) wait.expected_ms;
        s->low = (float) wait.low_ms;
        s->high = (float) wait.high_ms;
    }
}

void sim_session_arrive(struct sim_world *w, uint32_t kind)
{
    uint32_t n = sim_arriving_size(&w->arriving[kind]);
    double next = sim_arriving_next(&w->arriving[kind]);

    if (next < SIM_NEVER) {
        sim_calendar_set(&w->calendar, &w->arrival_timers[kind], next);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct sim_session *s = new_session(w, kind);
        if (s == NULL) {
            return;
        }
        sim_desk_start(&w->desk, sim_slot_of(w, s), s->number, kind);
        if (w->s->run.estimates && s->state == SIM_WAITING) {
            ask(w, s);
        }
        if (s->state == SIM_FREE) {
            sim_wait_turned_away(w, s);
            sim_slot_give(w, s);
        }
        sim_offer_settle(w);
    }
}

void sim_session_impatient(struct sim_world *w, struct sim_session *s)
{
    sim_desk_leave(&w->desk, sim_slot_of(w, s), s->number);
}

/* Where it goes from here; NULL: it is done. */
static const struct sim_transfer *choose_transfer(struct sim_world *w, struct sim_session *s)
{
    const struct sim_kind *k = &w->s->kinds[s->kind];

    if (k->n_transfers == 0) {
        return NULL;
    }
    double u = sim_random_unit(&s->life);
    for (size_t i = 0; i < k->n_transfers; i++) {
        const struct sim_transfer *t = &k->transfers[i];
        if (t->from != s->queue) {
            continue;
        }
        if (u < t->p) {
            s->handling = sim_dist_draw(t->has_handling ? &t->handling : &k->handling, &s->life);
            return t;
        }
        u -= t->p;
    }
    return NULL;
}

static void finish(struct sim_world *w, struct sim_session *s)
{
    const struct sim_transfer *t = choose_transfer(w, s);
    uint32_t slot = sim_slot_of(w, s);
    uint32_t agent = s->agent;

    sim_agent_writes(w, agent);
    if (t != NULL) {
        sim_desk_move(&w->desk, slot, s->number, agent, &w->s->queues[t->to].set.queue);
        if (w->desk.refused == USHER_WHY_NONE) {
            return;
        }
    }
    sim_desk_finish(&w->desk, slot, s->number, agent);
}

void sim_session_next(struct sim_world *w, struct sim_session *s)
{
    if (s->state == SIM_WRAPPING) {
        sim_agent_wrapped(w, s);
    } else {
        finish(w, s);
    }
}
