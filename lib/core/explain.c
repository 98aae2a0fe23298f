/* explain.c - who may have a session, who may not, and why; reads the state, changes nothing.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

/* Does his profile serve its queue, or another that it may be widened to? */
static bool serves(const struct usher *u, const struct ush_session *s, const struct ush_profile *p)
{
    const struct ush_queue *q = &u->queues[s->queue];
    bool is = ush_bit(p->queues, s->queue);
    for (uint32_t i = 0; i < q->n_steps; i++) {
        is = is || (q->steps[i].kind == USHER_STEP_WIDEN && ush_bit(p->queues, q->steps[i].queue));
    }
    return is;
}

static enum usher_obstacle obstacle(const struct usher *u, const struct ush_session *s,
                                    const struct ush_agent *a, uint64_t *ms)
{
    const struct ush_profile *p = &u->profiles[a->profile];
    const struct ush_edge edge = ush_edge_of(u, &u->classes[s->class], p);
    uint32_t slot = USH_SLOT(u, sessions, s);
    *ms = 0;
    if (a->offer == slot) {
        *ms = a->offer_timer.at > u->now.mono_ms ? a->offer_timer.at - u->now.mono_ms : 0;
        return USHER_IS_OFFERED;
    }
    if (edge.delay == USH_EDGE_NEVER) {
        return serves(u, s, p) ? USHER_LACKS_SKILL : USHER_OTHER_QUEUE;
    }
    if (!a->ready) {
        return USHER_NOT_READY;
    }
    if (a->n_links == 0) {
        return USHER_NOT_HERE;
    }
    if (ush_age(u, s) < (int64_t) edge.delay) {
        *ms = (uint64_t) ((int64_t) edge.delay - ush_age(u, s));
        return USHER_TOO_EARLY;
    }
    *ms = ush_agent_excluded_ms(u, a, slot);
    if (*ms > 0) {
        return USHER_IS_KEPT;
    }
    if (s->held != USH_NONE && s->held != USH_SLOT(u, agents, a)) {
        *ms = s->hold_timer.at > u->now.mono_ms ? s->hold_timer.at - u->now.mono_ms : 0;
        return USHER_HELD_FOR_ANOTHER;
    }
    if (a->offer != USH_NONE) {
        return USHER_HAS_OFFER;
    }
    if (a->earmark != USH_NONE && a->earmark != slot) {
        return USHER_KEEPS_FREE;
    }
    return ush_agent_fits(u, a, u->queues[s->queue].cost) ? USHER_CAN : USHER_NO_CAPACITY;
}

/* Those who can come first, as they would be chosen; then the others, as they are in the table. */
static bool before(struct usher *u, const struct ush_session *s, const struct usher_explained *x,
                   const struct usher_explained *y)
{
    if (x->why != USHER_CAN || y->why != USHER_CAN) {
        return x->why == USHER_CAN && y->why != USHER_CAN;
    }
    return ush_comes_before(u, s, &u->agents[ush_find_agent(u, &x->agent)],
                            &u->agents[ush_find_agent(u, &y->agent)]);
}

static void insert(struct usher *u, const struct ush_session *s, struct usher_explained *rows,
                   size_t n, const struct usher_explained *row)
{
    size_t at = n;
    while (at > 0 && before(u, s, row, &rows[at - 1])) {
        at--;
    }
    memmove(rows + at + 1, rows + at, (n - at) * sizeof *rows);
    rows[at] = *row;
}

static enum usher_hindrance hindrance(const struct usher *u, const struct ush_session *s)
{
    const struct ush_queue *q = &u->queues[s->queue];
    if (q->offering == USHER_OFFERING_MANUAL) {
        return USHER_BY_HAND;
    }
    if (q->active_max > 0 && q->offered + q->active >= q->active_max) {
        return USHER_QUEUE_FULL;
    }
    return ush_queue_room(u, q) ? USHER_NOTHING : USHER_DESK_FULL;
}

static uint64_t until(const struct usher *u, const struct ush_timer *t)
{
    return t->place == 0 ? USHER_NEVER : t->at > u->now.mono_ms ? t->at - u->now.mono_ms : 0;
}

static void sooner(uint64_t *ms, uint64_t other)
{
    *ms = other < *ms ? other : *ms;
}

/* The session is WAITING or OFFERED. */
static size_t explain(struct usher *u, const struct ush_session *s, struct usher_explanation *out,
                      struct usher_explained *rows, size_t max)
{
    size_t n = 0;
    *out = (struct usher_explanation){.state = s->state,
                                      .queue = u->queues[s->queue].id,
                                      .priority = u->classes[s->class].priority,
                                      .waited_ms = (uint64_t) ush_age(u, s),
                                      .next_ms = USHER_NEVER};
    if (s->state == USHER_STATE_WAITING) {
        out->place = ush_place(u, s);
        out->hindrance = hindrance(u, s);
        sooner(&out->next_ms, until(u, &s->step_timer));
        sooner(&out->next_ms, until(u, &s->hold_timer));
    }
    for (uint32_t i = 0; i < u->agent_pool.size; i++) {
        const struct ush_agent *a = &u->agents[i];
        if (!ush_pool_has(&u->agent_pool, i) || !a->set) {
            continue;
        }
        struct usher_explained row = {
            .agent = a->id, .load = a->load, .capacity = u->profiles[a->profile].capacity};
        row.why = obstacle(u, s, a, &row.ms);
        out->n_agents++;
        out->n_can += row.why == USHER_CAN;
        if (row.ms > 0) {
            sooner(&out->next_ms, row.ms);
        }
        if (n < max) {
            insert(u, s, rows, n++, &row);
        } else if (max > 0 && before(u, s, &row, &rows[max - 1])) {
            insert(u, s, rows, max - 1, &row);
        }
    }
    return n;
}

int usher_explain(struct usher *u, const struct usher_session_id *session,
                  struct usher_explanation *out, struct usher_explained *rows, size_t max,
                  size_t *n)
{
    uint32_t slot = ush_find_session(u, session);
    const struct ush_session *s = slot == USH_NONE ? NULL : &u->sessions[slot];
    if (s == NULL || (s->state != USHER_STATE_WAITING && s->state != USHER_STATE_OFFERED)) {
        return USHER_ESTATE;
    }
    *n = explain(u, s, out, rows, max);
    return 0;
}

/* Whose affair is it? A supervisor's always; an agent's if he serves its queue, or has it. */
static bool may_ask(const struct usher *u, const struct ush_link *l, const struct ush_session *s)
{
    const struct ush_agent *a = &u->agents[l->person];
    return a->supervisor || s->owner == l->person ||
           (a->profile != USH_NONE && ush_bit(u->profiles[a->profile].queues, s->queue));
}

void ush_explain_asked(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    uint32_t slot = ush_find_session(u, &ev->session);
    const struct ush_session *s = slot == USH_NONE ? NULL : &u->sessions[slot];
    if (s == NULL || !may_ask(u, l, s)) {
        ush_refuse(u, l, ev, USHER_UNKNOWN, "no such session", NULL);
    } else if (s->state != USHER_STATE_WAITING && s->state != USHER_STATE_OFFERED) {
        ush_refuse(u, l, ev, USHER_CLOSED, "it does not wait", s);
    } else {
        ush_answer_explain(u, l, ev, s);
    }
}

/* What is told of it is what is so now: may it be? */
bool ush_explain_durable(const struct usher *u, const struct usher_session_id *session)
{
    uint32_t slot = ush_find_session(u, session);
    return slot == USH_NONE || u->sessions[slot].last_seq <= u->durable;
}

/* Makes *n the explanation, as it is now; false: it does not wait any more. */
bool ush_explain_note(struct usher *u, const struct usher_session_id *session, struct usher_note *n)
{
    n->as.explained.agents = u->explained;
    return usher_explain(u, session, &n->as.explained.of, u->explained, USHER_EXPLAINED_MAX,
                         &n->as.explained.n_agents) == 0;
}
