/* hello.c - what a link is told when it has signed in.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

static void put_queue(struct usher *u, struct usher_note *n, const struct ush_queue *q)
{
    u->hello_queues[n->as.hello.n_queues++] = (struct usher_hello_queue){
        q->id, ush_span(q->name, q->name_len), q->open, q->open && q->ready > 0};
}

static void put_queues(struct usher *u, struct usher_note *n, const uint64_t *own)
{
    n->as.hello.queues = u->hello_queues;
    for (uint32_t i = 0; own != NULL && i < u->n_shown; i++) {
        if (ush_bit(own, u->shown[i])) {
            put_queue(u, n, &u->queues[u->shown[i]]);
        }
    }
    n->as.hello.n_own = n->as.hello.n_queues;
    for (uint32_t i = 0; i < u->n_shown; i++) {
        if (own == NULL || !ush_bit(own, u->shown[i])) {
            put_queue(u, n, &u->queues[u->shown[i]]);
        }
    }
}

static void put_agent(struct usher *u, struct usher_note *n, const struct ush_agent *a)
{
    n->as.hello.agent = a->id;
    n->as.hello.name = ush_span(a->name, a->name_len);
    n->as.hello.supervisor = a->supervisor;
    n->as.hello.ready = a->ready;
    n->as.hello.capacity = u->profiles[a->profile].capacity;
    n->as.hello.agents = u->hello_agents;
    for (uint32_t i = 0; i < u->agent_pool.size && n->as.hello.n_agents < u->agent_pool.used; i++) {
        if (ush_pool_has(&u->agent_pool, i) && u->agents[i].set) {
            u->hello_agents[n->as.hello.n_agents++] = (struct usher_hello_agent){
                u->agents[i].id, ush_span(u->agents[i].name, u->agents[i].name_len)};
        }
    }
}

/* Fills *n; false while a session that it names is not durable as it stands. */
bool ush_hello(struct usher *u, struct ush_link *l, struct usher_note *n)
{
    n->as.hello.as = l->as;
    n->as.hello.epoch = u->epoch;
    n->as.hello.now_ms = u->now.wall_ms;
    n->as.hello.body_max = u->cfg.limits.body_max;
    n->as.hello.sessions = u->hello_sessions;
    for (struct ush_list *at = l->attached.next; at != &l->attached; at = at->next) {
        const struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_link);
        const struct ush_session *s = &u->sessions[t->session];
        if (!t->member) {
            continue;
        }
        if (s->last_seq > u->durable) {
            return false;
        }
        u->hello_sessions[n->as.hello.n_sessions++] = (struct usher_hello_session){
            s->id, s->state, {s->durable[0], s->durable[1]}, u->queues[s->queue].id};
    }
    if (l->as == USHER_VISITOR) {
        n->as.hello.visitor = u->visitors[l->person].id;
        put_queues(u, n, NULL);
    } else {
        put_queues(u, n, u->profiles[u->agents[l->person].profile].queues);
        put_agent(u, n, &u->agents[l->person]);
    }
    return true;
}
