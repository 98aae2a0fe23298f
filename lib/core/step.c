/* step.c - what waiting for long leads to: more urgent, elsewhere, closed.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

static void escalate(struct usher *u, struct ush_session *s, uint32_t priority)
{
    if (priority <= u->classes[s->class].priority) {
        return;
    }
    uint32_t class = ush_class_in(u, s->class, s->queue, priority);
    if (class == USH_NONE) {
        return; /* no room for another class: it waits on as it is */
    }
    struct usher_fact f = ush_session_fact(s, USHER_FACT_ESCALATED, ush_by_system());
    f.queue = u->queues[s->queue].id;
    f.cause = USHER_CAUSE_WAITED;
    f.number = priority;
    ush_write(u, s, &f);
    ush_session_reclass(u, s, s->queue, class);
}

static void move_on(struct usher *u, struct ush_session *s, uint32_t queue)
{
    struct ush_queue *to = &u->queues[queue];
    uint32_t class = ush_class_in(u, s->class, queue, u->classes[s->class].priority);
    if (!to->open || to->waiting >= to->waiting_max || class == USH_NONE) {
        return; /* it waits on where it is */
    }
    struct usher_fact f = ush_session_fact(s, USHER_FACT_MOVED, ush_by_system());
    f.queue = to->id;
    f.cause = USHER_CAUSE_WAITED;
    ush_write(u, s, &f);
    ush_session_reclass(u, s, queue, class);
}

/* The timer of its next step fired; it is WAITING. */
void ush_step_due(struct usher *u, struct ush_session *s)
{
    const struct ush_step *step = &u->queues[s->queue].steps[s->steps++];
    if (step->kind == USHER_STEP_CLOSE) {
        struct usher_fact f = ush_session_fact(s, USHER_FACT_CLOSED, ush_by_system());
        f.cause = USHER_CAUSE_WAITED;
        ush_write(u, s, &f);
        ush_session_close(u, s);
        return;
    }
    uint32_t queue = s->queue;
    uint32_t class = s->class;
    if (step->kind == USHER_STEP_PRIORITY) {
        escalate(u, s, step->by);
    } else {
        move_on(u, s, step->queue);
    }
    if (s->queue == queue && s->class == class) {
        ush_line_step(u, s); /* nothing came of it: the next one */
    }
}
