/* restore.c - facts to state at start-up: first a fold, then the ties are made.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

static uint32_t person_of(struct usher *u, const struct usher_by *by)
{
    return by->kind == USHER_AGENT || by->kind == USHER_BOT ? ush_agent_get(u, &by->agent)
                                                            : USH_NONE;
}

/* When a wall time was, on this run's clock: ages are kept, never negative. */
static int64_t age_at(const struct usher *u, int64_t wall_ms)
{
    int64_t age = u->now.wall_ms - wall_ms;
    return (int64_t) u->now.mono_ms - (age > 0 ? age : 0);
}

static int fold_key(struct usher *u, struct ush_session *s, const struct usher_fact *f)
{
    if (f->key.len == 0) {
        return 0;
    }
    if (u->key_pool.used == u->key_pool.size) {
        return USHER_EFULL;
    }
    const void *id =
        f->by.kind == USHER_VISITOR ? (const void *) &f->by.visitor : (const void *) &f->by.agent;
    struct ush_agent *a = NULL;
    if (f->log == USHER_LOG_DESK) {
        uint32_t agent = person_of(u, &f->by);
        if (agent == USH_NONE) {
            return 0;
        }
        a = &u->agents[agent];
        s = NULL;
    }
    ush_key_add(u, ush_key_hash(u, f->by.kind, id, f->key), s, a, f);
    return 0;
}

static int fold_opened(struct usher *u, const struct usher_fact *f, struct ush_session **out)
{
    uint32_t queue = ush_queue_get(u, &f->queue);
    uint32_t visitor = ush_find_visitor(u, &f->by.visitor);
    if (visitor == USH_NONE || f->by.name.len > USHER_NAME_MAX || f->email.len > USHER_EMAIL_MAX) {
        return USHER_ECORRUPT;
    }
    if (queue == USH_NONE || u->session_pool.used == u->session_pool.size) {
        return USHER_EFULL;
    }
    struct ush_session *s = ush_session_new(u, &f->session, visitor);
    struct ush_form *form = &u->forms[USH_SLOT(u, sessions, s)];
    form->name_len = (uint16_t) f->by.name.len;
    form->email_len = (uint16_t) f->email.len;
    memcpy(form->name, f->by.name.len > 0 ? f->by.name.base : "", f->by.name.len);
    memcpy(form->email, f->email.len > 0 ? f->email.base : "", f->email.len);
    s->state = USHER_STATE_WAITING;
    s->queue = queue;
    *out = s;
    struct ush_need needs[USHER_NEEDS_MAX];
    uint32_t n;
    uint32_t priority;
    int rv = ush_needs_parse(u, f->body, needs, &n, &priority);
    uint32_t class = rv == 0 ? ush_class_get(u, queue, priority, needs, n) : USH_NONE;
    ush_class_put(u, s, class);
    return rv == 0 && class == USH_NONE ? USHER_EFULL : rv;
}

static void drop_offer(struct ush_agent *a)
{
    ush_list_del(&a->of_offered);
    a->offer = USH_NONE;
    a->offer_number = 0;
}

/* Each offer ends by a fact of its own; so this is for stores that others have written. */
static void drop_offers(struct ush_session *s)
{
    while (!ush_list_empty(&s->offered)) {
        drop_offer(USH_ITEM(s->offered.next, struct ush_agent, of_offered));
    }
}

static int fold_class(struct usher *u, struct ush_session *s, uint32_t queue, uint32_t priority)
{
    uint32_t class = ush_class_in(u, s->class, queue, priority);
    if (class == USH_NONE) {
        return USHER_EFULL;
    }
    ush_class_put(u, s, class);
    s->queue = queue;
    return 0;
}

static int fold_wait(struct usher *u, struct ush_session *s, const struct usher_fact *f, bool anew)
{
    uint32_t queue = ush_queue_get(u, &f->queue);
    drop_offers(s);
    s->state = USHER_STATE_WAITING;
    s->owner = USH_NONE;
    if (anew) {
        s->enq = age_at(u, f->at_ms);
        s->enq_seq = ++u->enq_seqs;
        s->misses = 0;
    }
    return queue == USH_NONE ? 0 : fold_class(u, s, queue, u->classes[s->class].priority);
}

static int fold_offer(struct usher *u, struct ush_session *s, const struct usher_fact *f)
{
    uint32_t agent = ush_agent_get(u, &f->agent);
    if (agent == USH_NONE) {
        return USHER_EFULL;
    }
    struct ush_agent *a = &u->agents[agent];
    if (a->offer != USH_NONE) {
        drop_offer(a);
    }
    a->offer = USH_SLOT(u, sessions, s);
    a->offer_number = f->seq;
    a->offer_until = f->until_ms;
    ush_list_add_last(&s->offered, &a->of_offered);
    s->state = USHER_STATE_OFFERED;
    return 0;
}

static void fold_offer_over(struct usher *u, struct ush_session *s, const struct usher_fact *f)
{
    uint32_t agent = ush_find_agent(u, &f->agent);
    s->misses += f->cause == USHER_CAUSE_MISSED || f->cause == USHER_CAUSE_DECLINED ||
                 f->cause == USHER_CAUSE_NOT_READY;
    if (agent != USH_NONE && u->agents[agent].offer_number == f->number) {
        drop_offer(&u->agents[agent]);
    }
    if (s->state == USHER_STATE_OFFERED && ush_list_empty(&s->offered)) {
        s->state = USHER_STATE_WAITING;
    }
}

static int fold_joined(struct usher *u, struct ush_session *s, const struct usher_fact *f)
{
    s->owner = person_of(u, &f->by);
    s->state = USHER_STATE_ACTIVE;
    s->misses = 0;
    s->seen[1] = 0;
    if (s->owner == USH_NONE) {
        return USHER_EFULL;
    }
    if (u->agents[s->owner].offer == USH_SLOT(u, sessions, s)) {
        drop_offer(&u->agents[s->owner]);
    }
    return 0;
}

/* The state after a fact of an open session. */
static int fold_state(struct usher *u, struct ush_session *s, const struct usher_fact *f)
{
    struct ush_visitor *v = &u->visitors[s->visitor];
    switch (f->type) {
    case USHER_FACT_OPENED:
        return fold_wait(u, s, f, true);
    case USHER_FACT_JOINED:
        return fold_joined(u, s, f);
    case USHER_FACT_LEFT:
        return fold_wait(u, s, f, false);
    case USHER_FACT_MOVED:
        return fold_wait(u, s, f, f->cause != USHER_CAUSE_WAITED);
    case USHER_FACT_ESCALATED:
        return fold_class(u, s, s->queue, f->number < USHER_PRIORITIES ? (uint32_t) f->number : 0);
    case USHER_FACT_OFFERED:
        return fold_offer(u, s, f);
    case USHER_FACT_OFFER_OVER:
        fold_offer_over(u, s, f);
        return 0;
    case USHER_FACT_REOPENED:
        ush_list_del(&s->closed);
        ush_list_del(&s->of_visitor);
        ush_list_add_last(&v->sessions, &s->of_visitor);
        v->open = USH_SLOT(u, sessions, s);
        return fold_wait(u, s, f, true);
    case USHER_FACT_CLOSED:
        drop_offers(s);
        s->state = USHER_STATE_CLOSED;
        s->enq = age_at(u, f->at_ms); /* when it was closed */
        ush_list_add_last(&u->closed, &s->closed);
        v->open = v->open == USH_SLOT(u, sessions, s) ? USH_NONE : v->open;
        return 0;
    case USHER_FACT_SEEN:
        s->seen[f->by.kind == USHER_VISITOR ? 0 : 1] = f->number;
        return 0;
    case USHER_FACT_SAID:
    case USHER_FACT_WHISPERED:
    case USHER_FACT_VISITED:
    case USHER_FACT_VISITOR:
    case USHER_FACT_AGENT:
        return 0;
    }
    return USHER_ECORRUPT;
}

static int fold_session(struct usher *u, const struct usher_fact *f)
{
    uint32_t slot = ush_find_session(u, &f->session);
    struct ush_session *s = slot == USH_NONE ? NULL : &u->sessions[slot];
    int rv = 0;
    if (s == NULL && f->type == USHER_FACT_OPENED) {
        rv = fold_opened(u, f, &s);
    } else if (s == NULL) {
        return USHER_ECORRUPT;
    }
    if (rv != 0) {
        return rv;
    }
    if (f->log != USHER_LOG_DESK) {
        int log = f->log == USHER_LOG_INTERNAL ? 1 : 0;
        if (f->index != s->head[log] + 1) {
            return USHER_ECORRUPT;
        }
        s->head[log] = s->durable[log] = f->index;
        s->last_seq = f->seq;
    }
    rv = fold_state(u, s, f);
    return rv != 0 ? rv : fold_key(u, s, f);
}

static int fold(struct usher *u, const struct usher_fact *f)
{
    if (f->type == USHER_FACT_VISITOR) {
        if (f->body.len != 32) {
            return USHER_ECORRUPT;
        }
        if (u->visitor_pool.used == u->visitor_pool.size &&
            ush_find_visitor(u, &f->by.visitor) == USH_NONE) {
            return USHER_EFULL;
        }
        struct ush_visitor *v = &u->visitors[ush_visitor_get(u, &f->by.visitor, f->body.base)];
        v->known = v->past = true;
        return 0;
    }
    if (f->type == USHER_FACT_AGENT) {
        uint32_t slot = ush_agent_get(u, &f->agent);
        if (slot == USH_NONE) {
            return USHER_EFULL;
        }
        struct ush_agent *a = &u->agents[slot];
        a->ready = f->number == 1;
        a->cause = f->cause;
        a->reason_len = f->body.len <= USHER_REASON_MAX ? (uint32_t) f->body.len : 0;
        memcpy(a->reason, a->reason_len > 0 ? f->body.base : "", a->reason_len);
        return fold_key(u, NULL, f);
    }
    return fold_session(u, f);
}

/* A restart ends every offer, by a fact, as soon as there is room. */
static void tie_offers(struct usher *u, struct ush_session *s)
{
    for (struct ush_list *at = s->offered.next; at != &s->offered; at = at->next) {
        struct ush_agent *a = USH_ITEM(at, struct ush_agent, of_offered);
        a->load += s->cost;
        a->offer_restart = true;
        ush_heap_set(&u->timers, &a->offer_timer, u->now.mono_ms);
    }
}

static void tie_session(struct usher *u, struct ush_session *s)
{
    struct ush_queue *q = &u->queues[s->queue];
    if (s->state == USHER_STATE_CLOSED) {
        int64_t until = s->enq + (int64_t) q->reopen_ms;
        ush_heap_set(&u->timers, &s->gone_timer, until > 0 ? (uint64_t) until : 0);
        return;
    }
    s->cost = q->cost;
    if (s->state == USHER_STATE_ACTIVE) {
        struct ush_agent *a = &u->agents[s->owner];
        a->load += s->cost;
        q->active++;
        ush_queue_serving(u, q, 1);
        ush_list_add_last(&a->sessions, &s->of_agent);
    } else {
        q->waiting++;
    }
    if (s->state == USHER_STATE_OFFERED) {
        q->offered++;
        ush_queue_serving(u, q, 1);
        tie_offers(u, s);
    } else if (s->state == USHER_STATE_WAITING) {
        ush_line_add(u, s);
    }
    ush_session_gone(u, s);
}

static void tie(struct usher *u)
{
    for (uint32_t i = 0; i < u->visitor_pool.size; i++) {
        if (ush_pool_has(&u->visitor_pool, i)) {
            u->visitors[i].gone_at = u->now.mono_ms;
            ush_visitor_release(u, &u->visitors[i]);
        }
    }
    for (uint32_t i = 0; i < u->session_pool.size; i++) {
        if (ush_pool_has(&u->session_pool, i)) {
            tie_session(u, &u->sessions[i]);
        }
    }
    for (uint32_t i = 0; i < u->agent_pool.size; i++) {
        struct ush_agent *a = &u->agents[i];
        if (ush_pool_has(&u->agent_pool, i) && (a->ready || a->load > 0)) {
            a->lost_at = u->now.mono_ms;
            ush_heap_set(&u->timers, &a->grace, u->now.mono_ms + u->cfg.agent_grace_ms);
        }
    }
}

int ush_loaded(struct usher *u, const struct usher_event *ev)
{
    if (u->loaded || ev->as.loaded.epoch == 0) {
        return USHER_ESTATE;
    }
    if (u->epoch == 0) {
        uint8_t key[16] = {0};
        u->epoch = ev->as.loaded.epoch;
        memcpy(key, &u->epoch, sizeof u->epoch);
        u->digest_key = ush_sip_key(key);
    }
    for (size_t i = 0; i < ev->as.loaded.n; i++) {
        const struct usher_fact *f = &ev->as.loaded.facts[i];
        if (f->seq <= u->seq || f->seq > ev->as.loaded.seq) {
            return USHER_ECORRUPT;
        }
        u->seq = f->seq;
        u->durable = f->seq;
        int rv = fold(u, f);
        if (rv != 0) {
            return rv;
        }
    }
    if (!ev->as.loaded.more) {
        u->seq = u->durable = ev->as.loaded.seq;
        u->loaded = true;
        tie(u);
    }
    return 0;
}
