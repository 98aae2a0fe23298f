/* attach.c - sessions on links: cursors, and what is still to tell.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

/* This session on this link, made if it is new; NULL: the link has no room for more. */
struct ush_attached *ush_attach(struct usher *u, struct ush_link *l, struct ush_session *s)
{
    uint32_t session = USH_SLOT(u, sessions, s);
    for (struct ush_list *at = l->attached.next; at != &l->attached; at = at->next) {
        struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_link);
        if (t->session == session) {
            return t;
        }
    }
    if (l->n_attached == (l->as == USHER_VISITOR ? USH_VISITOR_ATTACHED : u->attached_agent)) {
        return NULL;
    }
    uint32_t slot = ush_pool_take(&u->attached_pool);
    CHECK(slot != USH_NONE); /* memory.c counts them */
    struct ush_attached *t = &u->attached[slot];
    memset(t, 0, sizeof *t);
    t->link = USH_SLOT(u, links, l);
    t->session = session;
    t->next[0] = t->next[1] = 1;
    t->until[0] = t->until[1] = UINT64_MAX;
    ush_list_add_last(&l->attached, &t->of_link);
    ush_list_add_last(&s->attached, &t->of_session);
    l->n_attached++;
    return t;
}

void ush_detach(struct usher *u, struct ush_attached *t)
{
    uint32_t slot = USH_SLOT(u, attached, t);
    ush_fetch_forget(u, slot, USH_NONE);
    ush_list_del(&t->of_link);
    ush_list_del(&t->of_session);
    ush_list_del(&t->dirty);
    ush_list_del(&t->want);
    u->links[t->link].n_attached--;
    ush_pool_give(&u->attached_pool, slot);
}

void ush_attached_tell(struct usher *u, struct ush_attached *t, unsigned bits)
{
    struct ush_link *l = &u->links[t->link];
    t->tell |= bits;
    if (ush_list_empty(&t->dirty)) {
        ush_list_add_last(&l->dirty, &t->dirty);
    }
    ush_link_wake(u, l);
}

/* Room on a visitor's link: of his closed sessions the one that was closed first goes,
 * if possible one whose end he has seen. */
static void give_way(struct usher *u, struct ush_link *l)
{
    struct ush_attached *oldest = NULL;
    bool oldest_told = false;
    for (struct ush_list *at = l->attached.next; at != &l->attached; at = at->next) {
        struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_link);
        const struct ush_session *s = &u->sessions[t->session];
        bool told = t->next[0] > s->head[0];
        bool earlier =
            oldest == NULL || s->gone_timer.at < u->sessions[oldest->session].gone_timer.at;
        if (s->state == USHER_STATE_CLOSED && (told == oldest_told ? earlier : told)) {
            oldest = t;
            oldest_told = told;
        }
    }
    CHECK(oldest != NULL); /* one at most is open, and that is the new one */
    ush_detach(u, oldest);
}

/* Room on an agent's link: offers that came and went before it was told of them are nothing
 * to tell. Visitors who come and go within one save make many of them. */
static bool forget_untold(struct usher *u, struct ush_link *l)
{
    for (struct ush_list *at = l->attached.next; at != &l->attached; at = at->next) {
        struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_link);
        bool offered = l->as == USHER_AGENT && u->agents[l->person].offer == t->session;
        if (!t->member && t->shown == 0 && !offered) {
            ush_detach(u, t);
            return true;
        }
    }
    return false;
}

/* On all links of a person: as a member its facts stream, from 1. */
void ush_attach_person(struct usher *u, struct ush_list *links, struct ush_session *s, bool member)
{
    struct ush_list *next;
    for (struct ush_list *at = links->next; at != links; at = next) {
        struct ush_link *l = USH_ITEM(at, struct ush_link, of_person);
        struct ush_attached *t = ush_attach(u, l, s);
        next = at->next;
        if (t == NULL && l->as == USHER_VISITOR) {
            give_way(u, l);
            t = ush_attach(u, l, s);
        } else if (t == NULL && forget_untold(u, l)) {
            t = ush_attach(u, l, s);
        }
        if (t == NULL) {
            ush_link_drop(u, l, 4408); /* it has not read where so many sessions went */
            continue;
        }
        if (member && !t->member && l->as == USHER_VISITOR && s->durable[0] > 0) {
            t->tell |= USH_TELL_RESET; /* it came back: he may know it from before */
        }
        if (member && t->member && t->until[0] != UINT64_MAX) {
            t->again = true; /* first to the end of the last time, then anew */
        }
        if (member && l->as == USHER_AGENT) {
            t->need = s->last_seq; /* a crash must not take back what he was shown by it */
        }
        t->member |= member;
        ush_attached_tell(u, t, 0);
    }
}

/* What this agent's links see of the session ends with what is written now. */
void ush_detach_agent(struct usher *u, uint32_t agent, struct ush_session *s)
{
    for (struct ush_list *at = s->attached.next; at != &s->attached; at = at->next) {
        struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_session);
        if (u->links[t->link].as == USHER_AGENT && u->links[t->link].person == agent && t->member) {
            /* Had he lost it before, and not read so far yet, then he reads on through both times.
             */
            t->until[0] = s->head[0];
            t->until[1] = s->head[1];
            t->again = false;
            ush_attached_tell(u, t, 0);
        }
    }
}

/* Mark a note for all links of one side. Offers are for everybody, the rest is for members. */
void ush_session_tell(struct usher *u, struct ush_session *s, enum usher_kind as, unsigned bits)
{
    for (struct ush_list *at = s->attached.next; at != &s->attached; at = at->next) {
        struct ush_attached *t = USH_ITEM(at, struct ush_attached, of_session);
        unsigned mine = t->member && t->until[0] == UINT64_MAX ? bits : bits & USH_TELL_OFFER;
        if (u->links[t->link].as == as && mine != 0) {
            ush_attached_tell(u, t, mine);
        }
    }
}

/* A fact of the session became durable. */
void ush_session_news(struct usher *u, struct ush_session *s)
{
    for (struct ush_list *at = s->attached.next; at != &s->attached; at = at->next) {
        ush_attached_tell(u, USH_ITEM(at, struct ush_attached, of_session), 0);
    }
}

/* Where a link goes on: after what the client holds (P5, P6), or with a reset. */
void ush_resume(struct usher *u, struct ush_attached *t, const struct usher_have *have,
                bool same_epoch)
{
    const struct ush_session *s = &u->sessions[t->session];
    int logs = u->links[t->link].as == USHER_VISITOR ? 1 : 2;
    for (int log = 0; log < logs; log++) {
        unsigned reset = log == 0 ? USH_TELL_RESET : USH_TELL_RESET_INTERNAL;
        bool fits = have != NULL && same_epoch && have->index[log] <= s->durable[log];
        t->next[log] = fits ? have->index[log] + 1 : 1;
        if (have != NULL && !fits && have->index[log] > 0) {
            t->tell |= reset; /* another store's cursor, or the store went back in time */
        }
        if (s->durable[log] - (t->next[log] - 1) > USH_BEHIND_MAX) {
            t->next[log] = s->durable[log] - USH_BEHIND_MAX + 1;
            t->tell |= reset;
        }
    }
    ush_attached_tell(u, t, 0);
}
