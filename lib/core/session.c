/* session.c - a session's states, and what goes with each move between them.
 * SPDX-License-Identifier: MIT
 *
 *            open            match            accept
 *     NONE --------> WAITING <-----> OFFERED --------> ACTIVE
 *                     ^ | ^           |                 | |
 *                     | | +-----------|-----------------+ | move, agent lost
 *              reopen | +------> CLOSED <-----------------+ close
 *                     +------------ |                        */
#include "desk.h"

/* The moves that are allowed, as data: may[from] has bit `to`. */
static const uint8_t may[] = {
    [USHER_STATE_NONE] = 1 << USHER_STATE_WAITING,
    [USHER_STATE_WAITING] = 1 << USHER_STATE_OFFERED | 1 << USHER_STATE_CLOSED,
    [USHER_STATE_OFFERED] =
        1 << USHER_STATE_WAITING | 1 << USHER_STATE_ACTIVE | 1 << USHER_STATE_CLOSED,
    [USHER_STATE_ACTIVE] = 1 << USHER_STATE_WAITING | 1 << USHER_STATE_CLOSED,
    [USHER_STATE_CLOSED] = 1 << USHER_STATE_WAITING | 1 << USHER_STATE_NONE,
};

void ush_state(struct ush_session *s, enum usher_session_state to)
{
    CHECK((may[s->state] >> to & 1) != 0);
    s->state = to;
}

struct usher_fact ush_session_fact(const struct ush_session *s, enum usher_fact_type type,
                                   struct usher_by by)
{
    struct usher_fact f;
    memset(&f, 0, sizeof f);
    f.type = type;
    bool internal = type == USHER_FACT_WHISPERED || type == USHER_FACT_VISITED;
    f.log = internal                     ? USHER_LOG_INTERNAL
            : type >= USHER_FACT_VISITOR ? USHER_LOG_DESK
                                         : USHER_LOG_PUBLIC;
    f.session = s->id;
    f.by = by;
    return f;
}

/* A session that is in no queue yet; the caller has made sure that there is room. */
struct ush_session *ush_session_new(struct usher *u, const struct usher_session_id *id,
                                    uint32_t visitor)
{
    uint32_t slot = ush_pool_take(&u->session_pool);
    CHECK(slot != USH_NONE);
    struct ush_session *s = &u->sessions[slot];
    struct ush_visitor *v = &u->visitors[visitor];
    uint32_t gen = s->gen + 1;
    memset(s, 0, sizeof *s);
    s->gen = gen;
    s->id = *id;
    s->visitor = visitor;
    s->owner = s->held = s->earmark = s->class = USH_NONE;
    s->gone_timer.kind = USH_T_GONE;
    s->place_timer.kind = USH_T_PLACE;
    s->hold_timer.kind = USH_T_HOLD;
    s->step_timer.kind = USH_T_STEP;
    ush_list_init(&s->offered);
    ush_list_init(&s->attached);
    ush_list_init(&s->keys);
    ush_list_add_last(&v->sessions, &s->of_visitor);
    v->n_sessions++;
    v->open = slot;
    struct ush_form *form = &u->forms[slot];
    form->name_len = form->email_len = 0;
    ush_map_put(&u->session_map, slot, ush_hash(u, id, sizeof *id));
    return s;
}

/* A closed session leaves the memory; the storage keeps it. */
void ush_session_evict(struct usher *u, struct ush_session *s)
{
    uint32_t slot = USH_SLOT(u, sessions, s);
    struct ush_visitor *v = &u->visitors[s->visitor];
    while (!ush_list_empty(&s->attached)) {
        ush_detach(u, USH_ITEM(s->attached.next, struct ush_attached, of_session));
    }
    ush_keys_forget(u, &s->keys);
    ush_list_del(&s->closed);
    ush_list_del(&s->of_visitor);
    ush_heap_cancel(&u->timers, &s->gone_timer);
    ush_map_del(&u->session_map, slot);
    ush_class_put(u, s, USH_NONE);
    ush_state(s, USHER_STATE_NONE);
    ush_pool_give(&u->session_pool, slot);
    v->n_sessions--;
    v->past = true;
    ush_visitor_release(u, v);
}

/* Is it durable, and does every link know how it ended? */
bool ush_session_told(const struct usher *u, const struct ush_session *s)
{
    for (struct ush_list *at = s->attached.next; at != &s->attached; at = at->next) {
        const struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_session);
        int logs = u->links[t->link].as == USHER_VISITOR ? 1 : 2;
        for (int log = 0; t->member && log < logs; log++) {
            if (t->next[log] <= s->head[log] && t->next[log] <= t->until[log]) {
                return false;
            }
        }
    }
    return s->last_seq <= u->durable;
}

/* Room for another: the session closed first goes, of those that nobody waits for. */
bool ush_evict_oldest(struct usher *u)
{
    int looks = 0;
    for (struct ush_list *at = u->closed.next; at != &u->closed && looks < USH_MOVES_MAX;
         at = at->next, looks++) {
        struct ush_session *s = USH_ITEM(at, struct ush_session, closed);
        if (ush_session_told(u, s)) {
            ush_session_evict(u, s);
            return true;
        }
    }
    return false;
}

/* It waits in a queue; anew: its age begins now. class: of that queue. */
void ush_session_queue(struct usher *u, struct ush_session *s, uint32_t queue, uint32_t class,
                       bool anew)
{
    ush_state(s, USHER_STATE_WAITING);
    s->queue = queue;
    s->steps = 0;
    s->since = u->now.mono_ms;
    ush_class_put(u, s, class);
    if (anew) {
        s->enq = (int64_t) u->now.mono_ms;
        s->enq_seq = ++u->enq_seqs;
        s->misses = 0;
    }
    struct ush_queue *q = &u->queues[queue];
    q->waiting++;
    ush_line_add(u, s);
    ush_board_queue(u, queue);
    ush_session_gone(u, s);
    s->place_told = 0;
    ush_session_place(u, s);
}

/* It waits (or is offered) no longer. */
static void unqueue(struct usher *u, struct ush_session *s)
{
    struct ush_queue *q = &u->queues[s->queue];
    if (s->state == USHER_STATE_WAITING) {
        ush_line_del(u, s);
    } else {
        q->offered--;
    }
    ush_heap_cancel(&u->timers, &s->place_timer);
    q->waiting--;
    ush_board_queue(u, s->queue);
}

/* A waiting session waits on as one of another class, perhaps in another queue, with its age. */
void ush_session_reclass(struct usher *u, struct ush_session *s, uint32_t queue, uint32_t class)
{
    uint32_t held = queue == s->queue ? s->held : USH_NONE;
    uint64_t until = s->hold_timer.at;
    unqueue(u, s);
    s->steps = queue == s->queue ? s->steps : 0;
    s->queue = queue;
    ush_class_put(u, s, class);
    u->queues[queue].waiting++;
    ush_line_add(u, s);
    if (held != USH_NONE) {
        ush_line_hold(u, s, &u->agents[held], until);
    }
    ush_board_queue(u, queue);
    s->place_told = 0;
    ush_session_place(u, s);
}

/* The agent to whom it is offered takes it; his load stays what it is. */
void ush_session_join(struct usher *u, struct ush_session *s, struct ush_agent *a)
{
    uint32_t slot = USH_SLOT(u, agents, a);
    CHECK(a->offer == USH_SLOT(u, sessions, s));
    ush_heap_cancel(&u->timers, &a->offer_timer);
    ush_list_del(&a->of_offered);
    a->offer = USH_NONE;
    a->missed = 0;
    ush_offers_end(u, s, USHER_CAUSE_TAKEN);
    unqueue(u, s);
    ush_state(s, USHER_STATE_ACTIVE);
    u->queues[s->queue].active++;
    ush_turn_joined(u, a);
    s->owner = slot;
    s->seen[1] = s->seen_at[1] = 0;
    s->misses = 0;
    s->since = u->now.mono_ms;
    ush_list_add_last(&a->sessions, &s->of_agent);
    ush_attach_person(u, &a->links, s, true);
    ush_session_tell(u, s, USHER_AGENT, USH_TELL_OFFER | USH_TELL_PRESENCE);
    ush_session_gone(u, s);
    ush_agent_place(u, a);
}

/* Its agent has it no longer; what he may still see ends here. wrap: its units stay taken. */
void ush_session_leave(struct usher *u, struct ush_session *s, bool wrap)
{
    struct ush_agent *a = &u->agents[s->owner];
    CHECK(s->state == USHER_STATE_ACTIVE);
    struct ush_queue *q = &u->queues[s->queue];
    ush_list_del(&s->of_agent);
    a->load -= s->cost;
    if (wrap) {
        ush_agent_wrap(u, a, s->cost, q->wrap_ms);
    }
    q->active--;
    ush_queue_serving(u, q, -1);
    ush_board_queue(u, s->queue);
    ush_detach_agent(u, s->owner, s);
    s->owner = USH_NONE;
    ush_agent_place(u, a);
}

/* The caller has ended its offers. */
void ush_session_close(struct usher *u, struct ush_session *s)
{
    uint32_t owner = s->owner;
    if (s->state == USHER_STATE_ACTIVE) {
        ush_session_leave(u, s, true);
        s->owner = owner; /* he may look at it, and reopen it */
    } else {
        bool offered = s->state == USHER_STATE_OFFERED;
        unqueue(u, s);
        if (offered) {
            ush_queue_serving(u, &u->queues[s->queue], -1);
        }
    }
    ush_state(s, USHER_STATE_CLOSED);
    u->visitors[s->visitor].open = USH_NONE;
    s->enq = (int64_t) u->now.mono_ms; /* when it was closed */
    ush_list_add_last(&u->closed, &s->closed);
    ush_heap_set(&u->timers, &s->gone_timer, u->now.mono_ms + u->queues[s->queue].reopen_ms);
}

/* Arms, or stops, the timer of an open session whose visitor is away. */
void ush_session_gone(struct usher *u, struct ush_session *s)
{
    const struct ush_visitor *v = &u->visitors[s->visitor];
    ush_heap_cancel(&u->timers, &s->gone_timer);
    if (v->n_links == 0) {
        bool active = s->state == USHER_STATE_ACTIVE;
        uint64_t from = v->gone_at > s->since ? v->gone_at : s->since;
        ush_heap_set(&u->timers, &s->gone_timer,
                     from + (active ? u->cfg.visitor_active_ms : u->cfg.visitor_waiting_ms));
    }
}

/* Tell the visitor his place if it is another than he knows, and look again later. */
void ush_session_place(struct usher *u, struct ush_session *s)
{
    ush_heap_cancel(&u->timers, &s->place_timer);
    if ((s->state != USHER_STATE_WAITING && s->state != USHER_STATE_OFFERED) ||
        u->visitors[s->visitor].n_links == 0) {
        return;
    }
    if (s->state == USHER_STATE_WAITING) {
        uint64_t place = ush_place(u, s);
        if (place != s->place_told) {
            s->place_told = place;
            ush_session_tell(u, s, USHER_VISITOR, USH_TELL_PLACE);
        }
    }
    ush_heap_set(&u->timers, &s->place_timer, u->now.mono_ms + u->cfg.place_ms);
}
