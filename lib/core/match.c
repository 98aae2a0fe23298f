/* match.c - picks pairs of session and agent: requirement classes (queues) by profiles.
 * SPDX-License-Identifier: MIT
 *
 * The invariant: apart from what stands on the two lists `todo`, no waiting
 * session has a free agent who may take it. So each change needs only a look at
 * what changed: an agent who became free looks at the heads of his queues'
 * lines, a session that came to wait looks at the free agents of its queue's
 * profiles. Agents look first: then a younger session cannot pass an older one. */
#include "desk.h"

static bool older(const struct ush_session *a, const struct ush_session *b)
{
    return a->enq != b->enq ? a->enq < b->enq : a->enq_seq < b->enq_seq;
}

/* Oldest first: what comes back with its age walks past the younger ones. */
void ush_match_session(struct usher *u, struct ush_session *s)
{
    struct ush_list *at = u->todo_sessions.prev;
    while (at != &u->todo_sessions && older(s, USH_ITEM(at, struct ush_session, todo))) {
        at = at->prev;
    }
    ush_list_add_before(at->next, &s->todo);
}

/* The oldest session in this line that this agent may have, or NULL. */
static struct ush_session *first_for(struct usher *u, const struct ush_queue *q,
                                     const struct ush_agent *a)
{
    uint32_t at = q->line.first;
    while (at != USH_NONE && ush_agent_excludes(u, a, at)) {
        at = ush_rank_next(u->ranks, at); /* at most as often as he has exclusions */
    }
    return at == USH_NONE ? NULL : &u->sessions[at];
}

static struct ush_session *best_session(struct usher *u, const struct ush_agent *a)
{
    const struct ush_profile *p = &u->profiles[a->profile];
    struct ush_session *best = NULL;
    for (uint32_t q = 0; q < u->n_queues; q++) {
        if (!ush_bit(p->queues, q) || u->queues[q].line.root == USH_NONE) {
            continue;
        }
        struct ush_session *s = first_for(u, &u->queues[q], a);
        if (s != NULL && (best == NULL || older(s, best))) {
            best = s;
        }
    }
    return best;
}

/* Who of this profile has the least load, and is idle for longest. */
static struct ush_agent *first_of(struct usher *u, const struct ush_profile *p, uint32_t session)
{
    for (uint32_t load = 0; load < p->capacity; load++) {
        if ((p->loads >> load & 1) == 0) {
            continue;
        }
        struct ush_list *list = &p->by_load[load];
        for (struct ush_list *at = list->next; at != list; at = at->next) {
            struct ush_agent *a = USH_ITEM(at, struct ush_agent, free);
            if (!ush_agent_excludes(u, a, session)) {
                return a;
            }
        }
    }
    return NULL;
}

/* Load by capacity as a cross product, then who is idle for longer. */
static bool better(const struct usher *u, const struct ush_agent *a, const struct ush_agent *b)
{
    uint64_t x = (uint64_t) a->load * u->profiles[b->profile].capacity;
    uint64_t y = (uint64_t) b->load * u->profiles[a->profile].capacity;
    return x != y ? x < y : a->idle < b->idle;
}

static struct ush_agent *best_agent(struct usher *u, const struct ush_session *s)
{
    const struct ush_queue *q = &u->queues[s->queue];
    struct ush_agent *best = NULL;
    for (uint32_t w = 0; w < u->profile_words; w++) {
        uint64_t word = q->profiles[w] & u->profiles_free[w];
        for (uint32_t i = 0; word != 0; i++, word >>= 1) {
            if ((word & 1) == 0) {
                continue;
            }
            struct ush_agent *a = first_of(u, &u->profiles[w * 64 + i], USH_SLOT(u, sessions, s));
            if (a != NULL && (best == NULL || better(u, a, best))) {
                best = a;
            }
        }
    }
    return best;
}

static bool may_move(const struct usher *u, uint32_t *moves)
{
    if (*moves == 0 || !ush_can_move(u)) {
        return false;
    }
    --*moves;
    return true;
}

void ush_match(struct usher *u, uint32_t *moves)
{
    while (!ush_list_empty(&u->todo_agents) && may_move(u, moves)) {
        struct ush_agent *a = USH_ITEM(u->todo_agents.next, struct ush_agent, todo);
        struct ush_session *s = ush_list_empty(&a->free) ? NULL : best_session(u, a);
        ush_list_del(&a->todo);
        if (s != NULL) {
            ush_offer(u, s, a);
        }
    }
    while (ush_list_empty(&u->todo_agents) && !ush_list_empty(&u->todo_sessions) &&
           may_move(u, moves)) {
        struct ush_session *s = USH_ITEM(u->todo_sessions.next, struct ush_session, todo);
        struct ush_agent *a = best_agent(u, s);
        ush_list_del(&s->todo);
        if (a != NULL) {
            ush_offer(u, s, a);
        }
    }
}
