/* offer.c - one session shown to one agent until a deadline; a slot of his is reserved meanwhile.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

static struct usher_fact offer_fact(const struct usher *u, const struct ush_session *s,
                                    enum usher_fact_type type)
{
    struct usher_fact f = ush_session_fact(s, type, ush_by_system());
    f.queue = u->queues[s->queue].id;
    return f;
}

/* G5: capacity is reserved in the step that makes the offer. */
void ush_offer(struct usher *u, struct ush_session *s, struct ush_agent *a)
{
    struct ush_queue *q = &u->queues[s->queue];
    struct usher_fact f = offer_fact(u, s, USHER_FACT_OFFERED);
    CHECK(a->offer == USH_NONE);
    CHECK(a->load < u->profiles[a->profile].capacity);
    f.agent = a->id;
    f.until_ms = u->now.wall_ms + q->offer_ms;
    ush_rank_del(&q->line, u->ranks, USH_SLOT(u, sessions, s));
    ush_board_queue(u, s->queue);
    ush_list_del(&s->todo);
    ush_state(s, USHER_STATE_OFFERED);
    s->offer = ush_write(u, s, &f);
    s->offer_until = f.until_ms;
    s->offer_restart = false;
    s->offered = USH_SLOT(u, agents, a);
    a->offer = USH_SLOT(u, sessions, s);
    a->load++;
    ush_agent_place(u, a);
    ush_heap_set(&u->timers, &s->offer_timer, u->now.mono_ms + q->offer_ms);
    ush_attach_person(u, &a->links, s, false);
    ush_session_tell(u, s, USHER_AGENT, USH_TELL_OFFER);
    u->counts.offers++;
}

static uint64_t back_off(const struct ush_session *s)
{
    uint64_t ms = USH_BACKOFF_MS;
    for (uint32_t i = 1; i < s->misses && ms < USH_BACKOFF_MAX_MS; i++) {
        ms *= 2;
    }
    return ms < USH_BACKOFF_MAX_MS ? ms : USH_BACKOFF_MAX_MS;
}

/* Tell the agent's links how it ended. */
static void tell_over(struct usher *u, struct ush_session *s, enum usher_cause cause)
{
    for (struct ush_list *at = s->attached.next; at != &s->attached; at = at->next) {
        struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_session);
        if (u->links[t->link].as == USHER_AGENT) {
            t->over = cause;
            ush_attached_tell(u, t, USH_TELL_OFFER);
        }
    }
}

/* The offer ends without an owner. DECLINED comes with the agent's event. With
 * GONE the caller moves the session on; else it waits again, with its age. */
void ush_offer_end(struct usher *u, struct ush_session *s, enum usher_cause cause,
                   const struct usher_event *ev)
{
    struct ush_agent *a = &u->agents[s->offered];
    struct usher_fact f = offer_fact(u, s, USHER_FACT_OFFER_OVER);
    f.cause = cause;
    f.agent = a->id;
    f.number = s->offer;
    if (ev != NULL) {
        f.by = ush_by_agent(a);
        f.body = ev->as.answer.reason;
        f.key = ev->key;
        f.digest = f.key.len > 0 ? u->key.digest : 0;
    }
    ush_write(u, s, &f);
    if (f.key.len > 0) {
        ush_key_add(u, u->key.hash, NULL, a, &f);
    }
    ush_heap_cancel(&u->timers, &s->offer_timer);
    a->offer = USH_NONE;
    a->load--;
    s->offered = USH_NONE;
    s->offer = 0;
    tell_over(u, s, cause);
    if (cause == USHER_CAUSE_MISSED || cause == USHER_CAUSE_DECLINED) {
        s->misses++;
        ush_agent_exclude(u, a, s, back_off(s));
        a->missed = cause == USHER_CAUSE_MISSED ? a->missed + 1 : 0;
        u->counts.missed += cause == USHER_CAUSE_MISSED;
        u->counts.declined += cause == USHER_CAUSE_DECLINED;
    }
    ush_agent_place(u, a);
    if (cause != USHER_CAUSE_GONE) {
        ush_state(s, USHER_STATE_WAITING);
        ush_rank_add(&u->queues[s->queue].line, u->ranks, USH_SLOT(u, sessions, s), s->enq,
                     s->enq_seq);
        ush_board_queue(u, s->queue);
        ush_match_session(u, s);
    }
    if (a->missed >= u->cfg.missed_max && a->ready) {
        ush_agent_ready(u, a, false, USHER_CAUSE_MISSED, ush_span(NULL, 0), ush_span(NULL, 0));
    }
}
