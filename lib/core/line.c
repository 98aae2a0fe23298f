/* line.c - the order of those who wait: one total order, places, holds, and steps by waiting time.
 * SPDX-License-Identifier: MIT
 *
 * Within a class the order is by age. Between classes it is by urgency, which grows
 * with age by the queue's rule; at a given moment that is one total order over all
 * who wait (routing.md, "The order"). So the first of each class is all that an
 * agent has to look at. */
#include "desk.h"

static uint32_t slope_of(const struct ush_queue *q, uint32_t priority)
{
    bool own = q->order == USHER_ORDER_SLOPE && q->order_ms[priority] > 0;
    return own ? q->order_ms[priority] : 1000;
}

/* How urgent a session of this class is that came at enq, in thousandths of a millisecond. */
static int64_t urgency(const struct usher *u, const struct ush_class *c, int64_t enq)
{
    const struct ush_queue *q = &u->queues[c->queue];
    int64_t w = ((int64_t) u->now.mono_ms - enq) * slope_of(q, c->priority);
    if (q->order == USHER_ORDER_HEAD_START) {
        w += (int64_t) q->order_ms[c->priority] * 1000;
    } else if (q->order == USHER_ORDER_DEADLINE) {
        w -= (int64_t) q->order_ms[c->priority] * 1000;
    }
    return w;
}

static uint32_t rank_of(const struct usher *u, const struct ush_class *c)
{
    return u->queues[c->queue].order == USHER_ORDER_STRICT ? c->priority : 0;
}

bool ush_ahead(const struct usher *u, const struct ush_session *a, const struct ush_session *b)
{
    const struct ush_class *x = &u->classes[a->class];
    const struct ush_class *y = &u->classes[b->class];
    if (rank_of(u, x) != rank_of(u, y)) {
        return rank_of(u, x) > rank_of(u, y);
    }
    int64_t v = urgency(u, x, a->enq);
    int64_t w = urgency(u, y, b->enq);
    return v != w ? v > w : a->enq_seq < b->enq_seq;
}

/* How many of class c are ahead of s: those who came before the moment at which a session of c
 * would be as urgent. */
static uint32_t ahead_in(const struct usher *u, const struct ush_class *c,
                         const struct ush_session *s)
{
    const struct ush_class *own = &u->classes[s->class];
    if (ush_ahead(u, &u->sessions[c->line.last], s)) {
        return ush_rank_count(&c->line, u->ranks); /* who comes last, as most do who are new */
    }
    if (rank_of(u, c) != rank_of(u, own)) {
        return 0;
    }
    int64_t slope = slope_of(&u->queues[c->queue], c->priority);
    int64_t over = urgency(u, own, s->enq) - urgency(u, c, (int64_t) u->now.mono_ms);
    /* ahead: age * slope > over, or equal and of a lower number */
    int64_t age = over >= 0 ? over / slope : -((-over + slope - 1) / slope);
    bool even = age * slope == over;
    return ush_rank_before(&c->line, u->ranks, (int64_t) u->now.mono_ms - age,
                           even ? s->enq_seq : 0);
}

/* From 1. Exact, in O(c log n) for the c classes of its queue in which somebody waits. */
uint64_t ush_place(const struct usher *u, const struct ush_session *s)
{
    uint64_t place = 1;
    for (uint32_t w = 0; w < u->class_words; w++) {
        uint64_t word = u->classes_waiting[w];
        for (uint32_t i = w * 64; word != 0; i++, word >>= 1) {
            if ((word & 1) != 0 && u->classes[i].queue == s->queue) {
                place += ahead_in(u, &u->classes[i], s);
            }
        }
    }
    return place;
}

/* Who waits in this queue for longest, or USH_NONE. */
uint32_t ush_line_oldest(const struct usher *u, uint32_t queue)
{
    uint32_t oldest = USH_NONE;
    for (uint32_t i = 0; i < u->class_pool.size; i++) {
        const struct ush_class *c = &u->classes[i];
        if (ush_bit(u->classes_waiting, i) && c->queue == queue &&
            (oldest == USH_NONE || u->sessions[c->line.first].enq < u->sessions[oldest].enq)) {
            oldest = c->line.first;
        }
    }
    return oldest;
}

static bool is_for_session(const struct ush_step *step)
{
    return step->kind >= USHER_STEP_PRIORITY;
}

/* When does the next step concern it? */
void ush_line_step(struct usher *u, struct ush_session *s)
{
    const struct ush_queue *q = &u->queues[s->queue];
    while (s->steps < q->n_steps && !is_for_session(&q->steps[s->steps])) {
        s->steps++;
    }
    ush_heap_cancel(&u->timers, &s->step_timer);
    if (s->steps < q->n_steps) {
        int64_t at = s->enq + (int64_t) q->steps[s->steps].after_ms;
        ush_heap_set(&u->timers, &s->step_timer, at > 0 ? (uint64_t) at : 0);
    }
}

/* Sessions that take several units may have to wait until somebody has kept enough free. */
static bool is_heavy(const struct ush_queue *q)
{
    return q->cost > 1 && q->drain_ms > 0;
}

/* It waits, with its age. */
void ush_line_add(struct usher *u, struct ush_session *s)
{
    struct ush_class *c = &u->classes[s->class];
    ush_wait_in(u, &u->queues[s->queue]);
    ush_rank_add(&c->line, u->ranks, USH_SLOT(u, sessions, s), s->enq, s->enq_seq);
    ush_bit_put(u->classes_waiting, s->class, true);
    ush_class_todo(u, c);
    ush_line_step(u, s);
    if (is_heavy(&u->queues[s->queue])) {
        int64_t at = s->enq + (int64_t) u->queues[s->queue].drain_ms;
        ush_class_gate(u, c, at > 0 ? (uint64_t) at : 0);
    }
}

/* It stands in no line any more, nor is held for anybody. */
void ush_line_del(struct usher *u, struct ush_session *s)
{
    struct ush_class *c = &u->classes[s->class];
    ush_wait_out(u, &u->queues[s->queue]);
    ush_heap_cancel(&u->timers, &s->step_timer);
    if (s->earmark != USH_NONE) {
        ush_agent_earmark(u, &u->agents[s->earmark], NULL);
    }
    if (s->held != USH_NONE) {
        u->n_reserved--;
        s->held = USH_NONE;
        ush_list_del(&s->of_agent);
        ush_heap_cancel(&u->timers, &s->hold_timer);
        return;
    }
    ush_rank_del(&c->line, u->ranks, USH_SLOT(u, sessions, s));
    if (c->line.root == USH_NONE) {
        ush_bit_put(u->classes_waiting, s->class, false);
        ush_heap_cancel(&u->timers, &c->gate);
        ush_list_del(&c->todo);
    } else if (is_heavy(&u->queues[c->queue])) {
        ush_class_todo(u, c); /* its next one may want an agent to keep free */
    }
}

/* For a while it waits for this agent alone: it leaves the line, not the queue. */
void ush_line_hold(struct usher *u, struct ush_session *s, struct ush_agent *a, uint64_t until)
{
    ush_line_del(u, s);
    ush_wait_in(u, &u->queues[s->queue]);
    u->n_reserved++;
    s->held = USH_SLOT(u, agents, a);
    ush_list_add_last(&a->held, &s->of_agent);
    ush_heap_set(&u->timers, &s->hold_timer, until);
    ush_line_step(u, s);
}

/* That while is over, or the agent is not ready any more. */
void ush_line_unhold(struct usher *u, struct ush_session *s)
{
    ush_line_del(u, s);
    ush_line_add(u, s);
}
