/* agent.c - agents: presence, readiness and load, which is the sum of offers and sessions.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

bool ush_agent_free(const struct ush_agent *a, const struct ush_profile *p)
{
    return a->set && a->ready && a->n_links > 0 && a->offer == USH_NONE && a->load < p->capacity;
}

bool ush_agent_fits(const struct usher *u, const struct ush_agent *a, uint32_t cost)
{
    return a->load + cost <= u->profiles[a->profile].capacity;
}

void ush_agent_todo(struct usher *u, struct ush_agent *a)
{
    if (ush_list_empty(&a->todo)) {
        ush_list_add_last(&u->todo_agents, &a->todo);
    }
}

/* Nobody may count on him any more: what waited for him alone waits for all. */
static void let_go(struct usher *u, struct ush_agent *a)
{
    while (!ush_list_empty(&a->held)) {
        ush_line_unhold(u, USH_ITEM(a->held.next, struct ush_session, of_agent));
    }
    if (a->earmark != USH_NONE) {
        struct ush_session *s = &u->sessions[a->earmark];
        s->earmark = a->earmark = USH_NONE;
        u->n_reserved--;
        ush_class_todo(u, &u->classes[s->class]);
    }
}

/* Called after anything that decides whether he is free has changed. */
void ush_agent_place(struct usher *u, struct ush_agent *a)
{
    ush_board_agent(u, a);
    if (a->profile == USH_NONE) {
        return;
    }
    if (!a->set || !a->ready || a->n_links == 0) {
        let_go(u, a);
    }
    bool free = ush_agent_free(a, &u->profiles[a->profile]);
    ush_profile_put(u, a, free && a->earmark == USH_NONE);
    if (free) {
        ush_agent_todo(u, a);
    }
}

/* He keeps free for a session that needs more than he has left; NULL: not any more. */
void ush_agent_earmark(struct usher *u, struct ush_agent *a, struct ush_session *s)
{
    if (a->earmark != USH_NONE) {
        u->sessions[a->earmark].earmark = USH_NONE;
        u->n_reserved--;
    }
    a->earmark = s == NULL ? USH_NONE : USH_SLOT(u, sessions, s);
    if (s != NULL) {
        s->earmark = USH_SLOT(u, agents, a);
        u->n_reserved++;
    }
    ush_agent_place(u, a);
}

static void arm_wrap(struct usher *u, struct ush_agent *a)
{
    uint64_t first = USHER_NEVER;
    for (uint32_t i = 0; i < a->n_wraps; i++) {
        first = a->wraps[i].until < first ? a->wraps[i].until : first;
    }
    ush_heap_cancel(&u->timers, &a->wrap_timer);
    if (first != USHER_NEVER) {
        ush_heap_set(&u->timers, &a->wrap_timer, first);
    }
}

/* What a session took of him stays taken for a while. */
void ush_agent_wrap(struct usher *u, struct ush_agent *a, uint32_t cost, uint32_t ms)
{
    if (ms == 0) {
        return;
    }
    if (a->n_wraps == u->cfg.limits.capacity_max) {
        a->n_wraps--; /* he has more than he can carry: a limit was lowered */
        cost += a->wraps[a->n_wraps].cost;
        a->load -= a->wraps[a->n_wraps].cost;
    }
    a->wraps[a->n_wraps++] = (struct ush_wrap){u->now.mono_ms + ms, cost};
    a->load += cost;
    arm_wrap(u, a);
}

/* The timer of his wrap-ups fired. */
void ush_agent_unwrap(struct usher *u, struct ush_agent *a)
{
    for (uint32_t i = a->n_wraps; i-- > 0;) {
        if (a->wraps[i].until <= u->now.mono_ms) {
            a->load -= a->wraps[i].cost;
            a->wraps[i] = a->wraps[--a->n_wraps];
        }
    }
    arm_wrap(u, a);
    ush_agent_place(u, a);
}

static void count_ready(struct usher *u, const struct ush_agent *a, bool on)
{
    if (a->profile == USH_NONE) {
        return;
    }
    for (uint32_t q = 0; q < u->n_queues; q++) {
        if (ush_bit(u->profiles[a->profile].queues, q)) {
            u->queues[q].ready += on ? 1 : UINT32_MAX;
            ush_board_queue(u, q);
        }
    }
}

static bool counts(const struct ush_agent *a)
{
    return a->set && a->ready && a->n_links > 0;
}

static void forget(struct usher *u, struct ush_agent *a)
{
    uint32_t slot = USH_SLOT(u, agents, a);
    ush_profile_leave(u, a);
    ush_keys_forget(u, &a->keys);
    ush_list_del(&a->todo);
    ush_heap_cancel(&u->timers, &a->grace);
    ush_heap_cancel(&u->timers, &a->unexclude);
    ush_map_del(&u->agent_map, slot);
    ush_pool_give(&u->agent_pool, slot);
}

/* Room from somebody who is no longer configured and holds nothing. */
static void forget_one(struct usher *u)
{
    for (uint32_t i = 0; i < u->agent_pool.size; i++) {
        struct ush_agent *a = &u->agents[i];
        if (ush_pool_has(&u->agent_pool, i) && !a->set && a->load == 0 && a->n_links == 0) {
            bool owner_of_closed = false;
            for (struct ush_list *at = u->closed.next; at != &u->closed; at = at->next) {
                owner_of_closed |= USH_ITEM(at, struct ush_session, closed)->owner == i;
            }
            if (!owner_of_closed) {
                forget(u, a);
                return;
            }
        }
    }
}

/* The agent with this id, made (not set) if he is new; USH_NONE: no room. */
uint32_t ush_agent_get(struct usher *u, const struct usher_agent_id *id)
{
    uint32_t slot = ush_find_agent(u, id);
    if (slot != USH_NONE) {
        return slot;
    }
    if (u->agent_pool.used == u->agent_pool.size && u->loaded) {
        forget_one(u);
    }
    slot = ush_pool_take(&u->agent_pool);
    if (slot == USH_NONE) {
        return slot;
    }
    struct ush_agent *a = &u->agents[slot];
    struct ush_wrap *wraps = a->wraps;
    memset(a, 0, sizeof *a);
    a->id = *id;
    a->wraps = wraps;
    a->profile = a->offer = a->earmark = USH_NONE;
    a->grace.kind = USH_T_GRACE;
    a->unexclude.kind = USH_T_EXCLUDED;
    a->offer_timer.kind = USH_T_OFFER;
    a->wrap_timer.kind = USH_T_WRAP;
    ush_list_init(&a->held);
    ush_list_init(&a->links);
    ush_list_init(&a->sessions);
    ush_list_init(&a->keys);
    ush_map_put(&u->agent_map, slot, ush_hash(u, id, sizeof *id));
    return slot;
}

int ush_agent_set(struct usher *u, const struct usher_agent_set *set)
{
    if (!ush_is_id(set->agent.s) || set->name.len > USHER_NAME_MAX) {
        return USHER_EINVAL;
    }
    bool fresh = ush_find_agent(u, &set->agent) == USH_NONE;
    uint32_t slot = ush_agent_get(u, &set->agent);
    if (slot == USH_NONE) {
        return USHER_EFULL;
    }
    struct ush_agent *a = &u->agents[slot];
    bool counted = counts(a);
    if (counted) {
        count_ready(u, a, false);
    }
    int rv = ush_profile_join(u, a, set);
    if (rv != 0) {
        if (counted) {
            count_ready(u, a, true);
        } else if (fresh) {
            forget(u, a);
        }
        return rv;
    }
    struct usher_span name = set->name.len > 0 ? set->name : ush_id_span(a->id.s);
    memcpy(a->name, name.base, name.len);
    a->name_len = (uint32_t) name.len;
    a->set = true;
    a->supervisor = set->supervisor;
    for (struct ush_list *at = a->links.next; !a->supervisor && at != &a->links; at = at->next) {
        ush_board_close(u, USH_ITEM(at, struct ush_link, of_person));
    }
    if (counts(a)) {
        count_ready(u, a, true);
    }
    ush_turn_new(u, a);
    let_go(u, a); /* whom he may serve may be others now */
    ush_agent_place(u, a);
    return 0;
}

/* His first link came, or his last one went. */
void ush_agent_here(struct usher *u, struct ush_agent *a, bool here)
{
    if (a->set && a->ready) {
        count_ready(u, a, here);
    }
    for (struct ush_list *at = a->sessions.next; at != &a->sessions; at = at->next) {
        ush_session_tell(u, USH_ITEM(at, struct ush_session, of_agent), USHER_VISITOR,
                         USH_TELL_PRESENCE);
    }
    if (here) {
        ush_heap_cancel(&u->timers, &a->grace);
    } else {
        a->lost_at = u->now.mono_ms;
        ush_heap_set(&u->timers, &a->grace, u->now.mono_ms); /* first his offer ends */
    }
    ush_agent_place(u, a);
}

void ush_agent_ready(struct usher *u, struct ush_agent *a, bool on, enum usher_cause cause,
                     struct usher_span reason, struct usher_span key)
{
    struct usher_fact f;
    memset(&f, 0, sizeof f);
    f.type = USHER_FACT_AGENT;
    f.log = USHER_LOG_DESK;
    f.cause = cause;
    if (cause == USHER_CAUSE_ASKED) {
        f.by = ush_by_agent(a);
    }
    f.agent = a->id;
    f.number = on ? 1 : 0;
    f.body = reason;
    f.key = key;
    f.digest = key.len > 0 ? u->key.digest : 0;
    a->fact_seq = ush_write(u, NULL, &f);
    if (key.len > 0) {
        ush_key_add(u, u->key.hash, NULL, a, &f);
    }
    if (a->ready != on && a->n_links > 0) {
        count_ready(u, a, on);
    }
    a->ready = on;
    a->cause = cause;
    a->reason_len = (uint32_t) reason.len;
    if (reason.len > 0) {
        memcpy(a->reason, reason.base, reason.len);
    }
    a->missed = 0;
    for (struct ush_list *at = a->links.next; at != &a->links; at = at->next) {
        ush_link_tell(u, USH_ITEM(at, struct ush_link, of_person), USH_TELL_AGENT);
    }
    if (!on && a->offer != USH_NONE) {
        ush_offer_end(u, a, USHER_CAUSE_NOT_READY, NULL);
    }
    ush_agent_place(u, a);
}

static void drop_excluded(struct ush_agent *a, uint32_t i)
{
    a->excluded[i] = a->excluded[--a->n_excluded];
}

static void arm_excluded(struct usher *u, struct ush_agent *a)
{
    uint64_t first = USHER_NEVER;
    for (uint32_t i = 0; i < a->n_excluded; i++) {
        first = a->excluded[i].until < first ? a->excluded[i].until : first;
    }
    ush_heap_cancel(&u->timers, &a->unexclude);
    if (first != USHER_NEVER) {
        ush_heap_set(&u->timers, &a->unexclude, first);
    }
}

/* For ms he is not offered this session. The table is short: the one that ends first makes room. */
void ush_agent_exclude(struct usher *u, struct ush_agent *a, const struct ush_session *s,
                       uint64_t ms)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < a->n_excluded; i++) {
        if (a->excluded[i].session == USH_SLOT(u, sessions, s)) {
            drop_excluded(a, i);
            break;
        }
        at = a->excluded[i].until < a->excluded[at].until ? i : at;
    }
    if (a->n_excluded == USH_EXCLUDED_MAX) {
        drop_excluded(a, at);
    }
    a->excluded[a->n_excluded++] =
        (struct ush_excluded){USH_SLOT(u, sessions, s), s->gen, u->now.mono_ms + ms};
    arm_excluded(u, a);
}

/* For so long still; 0: he is not kept from it. */
uint64_t ush_agent_excluded_ms(const struct usher *u, const struct ush_agent *a, uint32_t session)
{
    for (uint32_t i = 0; i < a->n_excluded; i++) {
        if (a->excluded[i].session == session && a->excluded[i].gen == u->sessions[session].gen &&
            a->excluded[i].until > u->now.mono_ms) {
            return a->excluded[i].until - u->now.mono_ms;
        }
    }
    return 0;
}

bool ush_agent_excludes(const struct usher *u, const struct ush_agent *a, uint32_t session)
{
    return ush_agent_excluded_ms(u, a, session) > 0;
}

/* The timer of an exclusion fired: he may be offered it again. */
void ush_agent_unexclude(struct usher *u, struct ush_agent *a)
{
    for (uint32_t i = a->n_excluded; i-- > 0;) {
        if (a->excluded[i].until <= u->now.mono_ms) {
            drop_excluded(a, i);
        }
    }
    arm_excluded(u, a);
    ush_agent_todo(u, a);
}

/* One move of losing an agent: his offer at once; after the grace his sessions, one by one, then
 * his readiness. */
void ush_agent_grace(struct usher *u, struct ush_agent *a)
{
    uint64_t due = a->lost_at + u->cfg.agent_grace_ms;
    if (a->n_links > 0) {
        return;
    }
    if (a->offer != USH_NONE) {
        ush_offer_end(u, a, a->offer_restart ? USHER_CAUSE_RESTART : USHER_CAUSE_LOST, NULL);
    }
    if (u->now.mono_ms < due) {
        if (a->ready || !ush_list_empty(&a->sessions)) {
            ush_heap_set(&u->timers, &a->grace, due);
        }
        return;
    }
    if (!ush_list_empty(&a->sessions)) {
        struct ush_session *s = USH_ITEM(a->sessions.next, struct ush_session, of_agent);
        struct usher_fact f = ush_session_fact(s, USHER_FACT_LEFT, ush_by_system());
        f.cause = USHER_CAUSE_LOST;
        f.queue = u->queues[s->queue].id;
        f.agent = a->id;
        f.agent_name = ush_span(a->name, a->name_len);
        ush_write(u, s, &f);
        ush_session_leave(u, s, false);
        ush_session_queue(u, s, s->queue, s->class, false);
    } else if (a->ready) {
        ush_agent_ready(u, a, false, USHER_CAUSE_LOST, ush_span(NULL, 0), ush_span(NULL, 0));
    }
    if (a->ready || !ush_list_empty(&a->sessions)) {
        ush_heap_set(&u->timers, &a->grace, u->now.mono_ms);
    }
}
