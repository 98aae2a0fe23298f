/* link.c - who is on which link: up, down, full, sign-in.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

int ush_link_up(struct usher *u, struct usher_link_id id)
{
    if (id.v == 0 || ush_find_link(u, id) != USH_NONE) {
        return USHER_EINVAL;
    }
    uint32_t slot = ush_pool_take(&u->link_pool);
    if (slot == USH_NONE) {
        return USHER_EFULL;
    }
    struct ush_link *l = &u->links[slot];
    memset(l, 0, sizeof *l);
    l->id = id;
    l->find = &u->finds[slot];
    l->history = &u->histories[slot];
    l->person = l->board = USH_NONE;
    ush_list_init(&l->attached);
    ush_list_init(&l->dirty);
    ush_list_init(&l->answers);
    ush_map_put(&u->link_map, slot, ush_hash(u, &id, sizeof id));
    return 0;
}

static void visitor_left(struct usher *u, struct ush_visitor *v)
{
    if (--v->n_links == 0) {
        v->gone_at = u->now.mono_ms;
        if (v->open != USH_NONE) {
            struct ush_session *s = &u->sessions[v->open];
            ush_session_gone(u, s);
            ush_session_place(u, s);
            ush_session_tell(u, s, USHER_AGENT, USH_TELL_PRESENCE);
        }
    }
    ush_visitor_release(u, v);
}

/* Nothing more is for this link, and its person has one less. */
static void leave(struct usher *u, struct ush_link *l)
{
    uint32_t person = l->person;
    while (!ush_list_empty(&l->attached)) {
        ush_detach(u, USH_ITEM(l->attached.next, struct ush_attached, of_link));
    }
    ush_fetch_forget(u, USH_NONE, USH_SLOT(u, links, l));
    ush_answers_forget(u, l);
    ush_board_close(u, l);
    ush_list_del(&l->ready);
    ush_list_del(&l->finding);
    ush_list_del(&l->asking);
    ush_list_del(&l->of_person);
    l->person = USH_NONE;
    l->tell = 0;
    l->asks = false;
    if (person == USH_NONE) {
        return;
    }
    if (l->as == USHER_VISITOR) {
        visitor_left(u, &u->visitors[person]);
    } else if (--u->agents[person].n_links == 0) {
        ush_agent_here(u, &u->agents[person], false);
    }
}

void ush_link_down(struct usher *u, struct ush_link *l)
{
    uint32_t slot = USH_SLOT(u, links, l);
    leave(u, l);
    ush_list_del(&l->dropped);
    ush_map_del(&u->link_map, slot);
    ush_pool_give(&u->link_pool, slot);
}

/* As good as down from now on; LINK_DOWN will come. */
void ush_link_drop(struct usher *u, struct ush_link *l, int code)
{
    if (l->dropping) {
        return;
    }
    l->dropping = true;
    l->drop_code = code;
    leave(u, l);
    ush_list_add_last(&u->dropped, &l->dropped);
}

void ush_link_full(struct usher *u, struct ush_link *l, bool full)
{
    l->full = full;
    if (full) {
        /* G12: what was fetched for it must not stand in others' way. */
        for (struct ush_list *at = l->attached.next; at != &l->attached; at = at->next) {
            struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_link);
            ush_fetch_forget(u, USH_SLOT(u, attached, t), USH_NONE);
        }
        ush_fetch_forget(u, USH_NONE, USH_SLOT(u, links, l));
        ush_list_del(&l->ready);
        return;
    }
    for (struct ush_list *at = l->attached.next; at != &l->attached; at = at->next) {
        ush_attached_tell(u, USH_ITEM(at, struct ush_attached, of_link), 0);
    }
    if (l->asks && ush_list_empty(&l->asking)) {
        ush_list_add_last(&u->asking, &l->asking);
    }
    ush_link_wake(u, l);
}

/* There may be something to take for it. */
void ush_link_wake(struct usher *u, struct ush_link *l)
{
    if (l->full || l->dropping || (!l->gated && !ush_list_empty(&l->ready))) {
        return;
    }
    l->gated = false;
    ush_list_del(&l->ready);
    ush_list_add_last(&u->ready, &l->ready);
}

void ush_link_tell(struct usher *u, struct ush_link *l, unsigned bits)
{
    l->tell |= bits;
    ush_link_wake(u, l);
}

/* A person's newest link pushes out the oldest one beyond his limit. */
static void make_way(struct usher *u, struct ush_list *links, uint32_t count, uint32_t limit)
{
    if (count >= limit) {
        ush_link_drop(u, USH_ITEM(links->next, struct ush_link, of_person), 4409);
    }
}

static const struct usher_have *find_have(const struct usher_have *have, size_t n,
                                          const struct ush_session *s)
{
    for (size_t i = 0; i < n; i++) {
        if (memcmp(&have[i].session, &s->id, sizeof s->id) == 0) {
            return &have[i];
        }
    }
    return NULL;
}

static void begin(struct usher *u, struct ush_link *l, enum usher_kind as, uint32_t person,
                  struct ush_list *links)
{
    l->as = as;
    l->person = person;
    ush_list_add_last(links, &l->of_person);
    ush_link_tell(u, l, USH_TELL_HELLO | (u->degraded ? USH_TELL_DEGRADED : 0));
}

static void attach_visitor(struct usher *u, struct ush_link *l, struct ush_session *s,
                           const struct usher_event *ev)
{
    struct ush_attached *t = ush_attach(u, l, s);
    if (t != NULL && !t->member) {
        t->member = true;
        ush_resume(u, t, find_have(ev->as.visitor.have, ev->as.visitor.n_have, s),
                   ev->as.visitor.same_epoch);
    }
}

int ush_sign_in_visitor(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    if (l->as != USHER_SYSTEM || l->dropping) {
        return USHER_EINVAL;
    }
    uint32_t person = ush_visitor_get(u, &ev->as.visitor.visitor, ev->as.visitor.token_hash);
    struct ush_visitor *v = &u->visitors[person];
    v->past |= ev->as.visitor.past;
    v->known |= ev->as.visitor.past;
    v->n_links++;
    make_way(u, &v->links, v->n_links - 1, u->cfg.limits.links_visitor);
    begin(u, l, USHER_VISITOR, person, &v->links);
    if (v->open != USH_NONE) {
        attach_visitor(u, l, &u->sessions[v->open], ev); /* first, so that it is surely there */
    }
    for (struct ush_list *at = v->sessions.prev; at != &v->sessions; at = at->prev) {
        attach_visitor(u, l, USH_ITEM(at, struct ush_session, of_visitor),
                       ev); /* the newest that fit */
    }
    if (v->open != USH_NONE) {
        struct ush_session *s = &u->sessions[v->open];
        if (v->n_links == 1) {
            ush_session_gone(u, s);
            ush_session_tell(u, s, USHER_AGENT, USH_TELL_PRESENCE);
        }
        ush_session_tell(u, s, USHER_VISITOR, USH_TELL_PRESENCE);
        s->place_told = 0;
        ush_session_place(u, s);
    }
    return 0;
}

/* What an agent's link is shown at once: his sessions, his offer, and closed ones that he asks for.
 */
static void attach_agent(struct usher *u, struct ush_link *l, struct ush_agent *a,
                         const struct usher_event *ev)
{
    for (struct ush_list *at = a->sessions.next; at != &a->sessions; at = at->next) {
        struct ush_session *s = USH_ITEM(at, struct ush_session, of_agent);
        struct ush_attached *t = ush_attach(u, l, s);
        if (t == NULL) {
            break; /* restored under smaller limits: as many as one link can hold */
        }
        t->member = true;
        ush_resume(u, t, find_have(ev->as.agent.have, ev->as.agent.n_have, s),
                   ev->as.agent.same_epoch);
        ush_attached_tell(u, t, USH_TELL_PRESENCE);
    }
    if (a->offer != USH_NONE) {
        struct ush_attached *t = ush_attach(u, l, &u->sessions[a->offer]);
        if (t != NULL) {
            ush_attached_tell(u, t, USH_TELL_OFFER);
        }
    }
    for (size_t i = 0; i < ev->as.agent.n_have; i++) {
        uint32_t slot = ush_find_session(u, &ev->as.agent.have[i].session);
        if (slot == USH_NONE || u->sessions[slot].state != USHER_STATE_CLOSED ||
            u->sessions[slot].owner != l->person ||
            l->n_attached + u->cfg.limits.capacity_max + 2 > u->attached_agent) {
            continue;
        }
        struct ush_session *s = &u->sessions[slot];
        struct ush_attached *t = ush_attach(u, l, s);
        t->member = true;
        ush_resume(u, t, &ev->as.agent.have[i], ev->as.agent.same_epoch);
        t->until[0] = s->head[0];
        t->until[1] = s->head[1];
    }
}

int ush_sign_in_agent(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    uint32_t person = ush_find_agent(u, &ev->as.agent.agent);
    if (l->as != USHER_SYSTEM || l->dropping || person == USH_NONE || !u->agents[person].set) {
        return USHER_EINVAL;
    }
    struct ush_agent *a = &u->agents[person];
    bool first = a->n_links == 0;
    a->n_links++;
    make_way(u, &a->links, a->n_links - 1, u->cfg.limits.links_agent);
    begin(u, l, USHER_AGENT, person, &a->links);
    if (first) {
        ush_agent_here(u, a, true);
    }
    attach_agent(u, l, a, ev);
    return 0;
}

void ush_degraded(struct usher *u, bool on)
{
    if (u->degraded == on) {
        return;
    }
    u->degraded = on;
    for (uint32_t i = 0; i < u->link_pool.size; i++) {
        if (ush_pool_has(&u->link_pool, i) && u->links[i].as != USHER_SYSTEM &&
            !u->links[i].dropping) {
            ush_link_tell(u, &u->links[i], USH_TELL_DEGRADED);
        }
    }
}
