/* world_session.c - sessions: they come, wait, are handled, are passed on, and end.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include <string.h>

static uint32_t kind_line(const struct sim_world *w, const struct sim_session *s)
{
    return (uint32_t) w->s->n_queues + s->kind;
}

/* Count one of something, for its queue, and for its kind if this is its first wait. */
static void add(struct sim_world *w, const struct sim_session *s, enum sim_count what, double n)
{
    if (!s->tag.counts) {
        return;
    }
    sim_count_cell(w, &s->tag, s->queue)->v[what] += n;
    if (s->first_wait) {
        sim_count_cell(w, &s->tag, kind_line(w, s))->v[what] += n;
    }
}

static void line(struct sim_world *w, const struct sim_session *s, int change)
{
    sim_count_line(w, s->queue, change);
    sim_count_line(w, kind_line(w, s), change);
}

/* A wait begins. Patience is drawn anew for each. */
static void begin_wait(struct sim_world *w, struct sim_session *s, uint32_t queue)
{
    double patience = sim_dist_draw(&w->s->kinds[s->kind].patience, &s->life);

    s->state = SIM_WAITING;
    s->queue = queue;
    s->since = w->desk.now;
    s->offered_at = -1;
    s->tag = sim_count_tag(w);
    w->open_counted += s->tag.counts;
    add(w, s, SIM_CAME, 1);
    line(w, s, 1);
    if (patience < SIM_NEVER) {
        sim_calendar_set(&w->calendar, &s->patience, w->desk.now + patience);
    }
}

static void add_wait(struct sim_world *w, const struct sim_session *s, double wait)
{
    struct sim_sample *sample = sim_tally_sample(w->tally, w->base + s->tag.sample);

    if (!s->tag.counts) {
        return;
    }
    sim_histogram_add(&sample->waits[s->queue], wait);
    if (s->first_wait) {
        sim_histogram_add(&sample->waits[kind_line(w, s)], wait);
    }
}

/* It waits no longer: an agent has it, or it is gone. */
static void end_wait(struct sim_world *w, struct sim_session *s, bool served)
{
    double wait = w->desk.now - s->since;

    line(w, s, -1);
    sim_calendar_cancel(&w->calendar, &s->patience);
    add(w, s, SIM_ENDED, 1);
    add(w, s, SIM_WAIT, wait);
    add(w, s, SIM_WAITED, wait > 0);
    add(w, s, SIM_QUEUED, s->offered_at != s->since);
    add_wait(w, s, wait);
    if (!served) {
        add(w, s, SIM_ABANDONED, 1);
        add(w, s, SIM_WAIT_ABANDONED, wait);
        w->open_counted -= s->tag.counts;
        return;
    }
    add(w, s, SIM_SERVED, 1);
    add(w, s, SIM_WAIT_SERVED, wait);
    for (uint32_t i = 0; i < w->s->run.n_within; i++) {
        add(w, s, SIM_WITHIN + i, wait <= w->s->run.within[i]);
    }
}

static struct sim_session *new_session(struct sim_world *w, uint32_t kind)
{
    if (w->n_free == 0 && w->used == w->slots) {
        w->crowded = true;
        return NULL;
    }
    uint32_t slot = w->n_free > 0 ? w->free_slots[--w->n_free] : w->used++;
    struct sim_session *s = &w->sessions[slot];
    memset(s, 0, sizeof *s);
    s->patience.what = SIM_W_PATIENCE;
    s->next.what = SIM_W_NEXT;
    s->patience.which = s->next.which = slot;
    s->number = ++w->numbers;
    s->kind = kind;
    s->born = w->arriving[kind].born++;
    s->first_wait = true;
    sim_random_init(&s->life, w->seed, SIM_FOR_LIFE, kind, s->born);
    s->handling = sim_dist_draw(&w->s->kinds[kind].handling, &s->life);
    return s;
}

static void free_session(struct sim_world *w, struct sim_session *s)
{
    s->state = SIM_FREE;
    w->free_slots[w->n_free++] = (uint32_t) (s - w->sessions);
}

/* It was turned away at the door. */
static void turned_away(struct sim_world *w, struct sim_session *s)
{
    s->queue = w->s->kinds[s->kind].queue;
    s->tag = sim_count_tag(w);
    add(w, s, SIM_CAME, 1);
    add(w, s, w->desk.refused == USHER_CLOSED ? SIM_TURNED_CLOSED : SIM_TURNED_FULL, 1);
    free_session(w, s);
}

void sim_session_arrive(struct sim_world *w, uint32_t kind)
{
    const struct sim_kind *k = &w->s->kinds[kind];
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
        sim_desk_start(&w->desk, (uint32_t) (s - w->sessions), s->number,
                       &w->s->queues[k->queue].set.queue);
        if (s->state == SIM_FREE) {
            turned_away(w, s);
        }
        sim_session_settle(w);
    }
}

void sim_session_impatient(struct sim_world *w, struct sim_session *s)
{
    sim_desk_leave(&w->desk, (uint32_t) (s - w->sessions), s->number);
    sim_session_settle(w);
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
    uint32_t slot = (uint32_t) (s - w->sessions);
    uint32_t agent = s->agent;

    sim_agent_wraps(w, agent);
    if (t != NULL) {
        sim_desk_move(&w->desk, slot, s->number, agent, &w->s->queues[t->to].set.queue);
        if (w->desk.refused == USHER_WHY_NONE) {
            sim_session_settle(w);
            return;
        }
    }
    sim_desk_finish(&w->desk, slot, s->number, agent);
    sim_session_settle(w);
}

/* Its offer is answered, or its agent has finished with it. */
void sim_session_next(struct sim_world *w, struct sim_session *s)
{
    if (s->state == SIM_OFFERED) {
        sim_desk_answer(&w->desk, s->agent, s->offer, s->answers_yes);
        sim_session_settle(w);
    } else {
        finish(w, s);
    }
}

void sim_session_settle(struct sim_world *w)
{
    if (w->settling) {
        return;
    }
    w->settling = true;
    while (w->n_instant > 0) {
        struct sim_session *s = &w->sessions[w->instant[--w->n_instant]];
        if (s->state == SIM_OFFERED) {
            sim_desk_answer(&w->desk, s->agent, s->offer, s->answers_yes);
        }
    }
    w->settling = false;
}

static void offered(struct sim_world *w, struct sim_session *s, const struct usher_fact *f)
{
    s->state = SIM_OFFERED;
    s->offer = f->seq;
    s->agent = sim_desk_agent_of(&f->agent);
    add(w, s, SIM_OFFERS, 1);
    if (s->offered_at < 0) {
        s->offered_at = w->desk.now;
        add(w, s, SIM_FIRST, w->desk.now - s->since);
        add(w, s, SIM_FIRST_N, 1);
    }
    sim_agent_offer(w, s, s->agent);
}

static void offer_over(struct sim_world *w, struct sim_session *s, const struct usher_fact *f)
{
    add(w, s, SIM_MISSED, f->cause == USHER_CAUSE_MISSED);
    add(w, s, SIM_DECLINED, f->cause == USHER_CAUSE_DECLINED);
    sim_agent_offer_over(w, s);
    s->state = SIM_WAITING;
}

static void joined(struct sim_world *w, struct sim_session *s, const struct usher_fact *f)
{
    if (s->state == SIM_OFFERED) {
        sim_agent_offer_over(w, s);
    }
    s->agent = sim_desk_agent_of(&f->by.agent);
    end_wait(w, s, true);
    s->state = SIM_ACTIVE;
    s->since = w->desk.now;
    sim_agent_take(w, s);
}

/* Its agent has it no longer. */
static void handled(struct sim_world *w, struct sim_session *s, bool transferred)
{
    sim_agent_give(w, s);
    add(w, s, SIM_HANDLED, 1);
    add(w, s, SIM_HANDLING, w->desk.now - s->since);
    add(w, s, SIM_TRANSFERRED, transferred);
    w->open_counted -= s->tag.counts;
    s->first_wait = false;
}

static uint32_t queue_of(const struct sim_world *w, const struct usher_queue_id *id)
{
    uint32_t i = 0;

    while (i + 1 < w->s->n_queues && strcmp(w->s->queues[i].set.queue.s, id->s) != 0) {
        i++;
    }
    return i;
}

static void closed(struct sim_world *w, struct sim_session *s)
{
    if (s->state == SIM_ACTIVE) {
        handled(w, s, false);
    } else {
        end_wait(w, s, false);
    }
    free_session(w, s);
}

void sim_session_fact(struct sim_world *w, const struct usher_fact *f)
{
    uint64_t number = 0;
    struct sim_session *s = &w->sessions[sim_desk_slot_of(&f->session, &number)];

    if (f->type == USHER_FACT_AGENT) {
        if (f->cause == USHER_CAUSE_MISSED) {
            sim_agent_missed(w, sim_desk_agent_of(&f->agent));
        }
    } else if (f->type == USHER_FACT_OPENED) {
        begin_wait(w, s, w->s->kinds[s->kind].queue);
    } else if (f->type == USHER_FACT_OFFERED) {
        offered(w, s, f);
    } else if (f->type == USHER_FACT_OFFER_OVER) {
        offer_over(w, s, f);
    } else if (f->type == USHER_FACT_JOINED) {
        joined(w, s, f);
    } else if (f->type == USHER_FACT_MOVED) {
        handled(w, s, true);
        begin_wait(w, s, queue_of(w, &f->queue));
    } else if (f->type == USHER_FACT_CLOSED) {
        closed(w, s);
    }
}
