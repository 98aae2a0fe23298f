/* offer.c - a session shown to an agent until a deadline; his capacity is reserved meanwhile.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

static struct usher_fact offer_fact(const struct usher *u, const struct ush_session *s,
                                    enum usher_fact_type type)
{
    struct usher_fact f = ush_session_fact(s, type, ush_by_system());
    f.queue = u->queues[s->queue].id;
    return f;
}

/* It waits in no line any more: somebody has it, or may have it. */
static void unline(struct usher *u, struct ush_session *s)
{
    struct ush_queue *q = &u->queues[s->queue];
    ush_wait_started(u, q);
    ush_line_del(u, s);
    ush_board_queue(u, s->queue);
    ush_state(s, USHER_STATE_OFFERED);
    s->cost = q->cost;
    q->offered++;
    ush_queue_serving(u, q, 1);
}

/* G5: capacity is reserved in the step that makes the offer. */
void ush_offer(struct usher *u, struct ush_session *s, struct ush_agent *a)
{
    struct ush_queue *q = &u->queues[s->queue];
    CHECK(a->offer == USH_NONE);
    if (s->state == USHER_STATE_WAITING) {
        unline(u, s);
    }
    CHECK(ush_agent_fits(u, a, s->cost));
    a->offer = USH_SLOT(u, sessions, s);
    a->load += s->cost;
    ush_list_add_last(&s->offered, &a->of_offered);
    ush_turn_offered(u, a);
    u->counts.offers++;
    if (q->offering == USHER_OFFERING_AUTO) {
        struct usher_fact joined = ush_session_fact(s, USHER_FACT_JOINED, ush_by_agent(a));
        a->offer_number = 0;
        ush_write(u, s, &joined);
        ush_session_join(u, s, a);
        return;
    }
    struct usher_fact f = offer_fact(u, s, USHER_FACT_OFFERED);
    f.agent = a->id;
    f.until_ms = u->now.wall_ms + q->offer_ms;
    a->offer_number = ush_write(u, s, &f);
    a->offer_until = f.until_ms;
    a->offer_restart = false;
    ush_agent_place(u, a);
    ush_heap_set(&u->timers, &a->offer_timer, u->now.mono_ms + q->offer_ms);
    ush_attach_person(u, &a->links, s, false);
    ush_session_tell(u, s, USHER_AGENT, USH_TELL_OFFER);
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
static void tell_over(struct usher *u, const struct ush_agent *a, struct ush_session *s,
                      enum usher_cause cause)
{
    uint32_t agent = USH_SLOT(u, agents, a);
    for (struct ush_list *at = s->attached.next; at != &s->attached; at = at->next) {
        struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_session);
        const struct ush_link *l = &u->links[t->link];
        if (l->as == USHER_AGENT && l->person == agent) {
            t->over = cause;
            ush_attached_tell(u, t, USH_TELL_OFFER);
        }
    }
}

static void note_miss(struct usher *u, struct ush_agent *a, struct ush_session *s,
                      enum usher_cause cause)
{
    s->misses++;
    ush_agent_exclude(u, a, s, back_off(s));
    a->missed = cause == USHER_CAUSE_MISSED ? a->missed + 1 : 0;
    u->counts.missed += cause == USHER_CAUSE_MISSED;
    u->counts.declined += cause == USHER_CAUSE_DECLINED;
}

/* This offer ends without making him the owner. DECLINED comes with the agent's event. When it was
 * the last one the session waits again, with its age; but not with GONE and TAKEN: then the caller
 * moves it on. */
void ush_offer_end(struct usher *u, struct ush_agent *a, enum usher_cause cause,
                   const struct usher_event *ev)
{
    struct ush_session *s = &u->sessions[a->offer];
    struct ush_queue *q = &u->queues[s->queue];
    struct usher_fact f = offer_fact(u, s, USHER_FACT_OFFER_OVER);
    f.cause = cause;
    f.agent = a->id;
    f.number = a->offer_number;
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
    ush_heap_cancel(&u->timers, &a->offer_timer);
    ush_list_del(&a->of_offered);
    a->offer = USH_NONE;
    a->offer_number = 0;
    a->load -= s->cost;
    tell_over(u, a, s, cause);
    if (cause == USHER_CAUSE_MISSED || cause == USHER_CAUSE_DECLINED ||
        cause == USHER_CAUSE_NOT_READY) {
        note_miss(u, a, s, cause);
    }
    ush_agent_place(u, a);
    if (ush_list_empty(&s->offered) && cause != USHER_CAUSE_GONE && cause != USHER_CAUSE_TAKEN) {
        ush_state(s, USHER_STATE_WAITING);
        q->offered--;
        ush_queue_serving(u, q, -1);
        ush_line_add(u, s);
        ush_board_queue(u, s->queue);
    }
    if (a->missed >= u->cfg.missed_max && a->ready) {
        ush_agent_ready(u, a, false, USHER_CAUSE_MISSED, ush_span(NULL, 0), ush_span(NULL, 0));
    }
}

/* All its offers end: another has it now, or nobody any more. */
void ush_offers_end(struct usher *u, struct ush_session *s, enum usher_cause cause)
{
    while (!ush_list_empty(&s->offered)) {
        ush_offer_end(u, USH_ITEM(s->offered.next, struct ush_agent, of_offered), cause, NULL);
    }
}
