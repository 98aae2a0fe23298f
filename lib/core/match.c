/* match.c - picks pairs of session and agent: classes by profiles, with age-gated edges.
 * SPDX-License-Identifier: MIT
 *
 * The invariant: apart from what stands on the two lists `todo`, no waiting
 * session has a free agent who may take it now, and the gate of each class fires
 * no later than the first of its sessions becomes old enough for a free agent. So
 * each change needs only a look at what changed: an agent who became free looks at
 * the first of each class that his profile may serve, a class to which a session
 * came looks at the free agents of its profiles. An agent always takes the first
 * in the total order of those whom he may have (line.c). */
#include "desk.h"

/* Cannot be given to anybody, whoever is free. */
static bool is_kept(const struct usher *u, const struct ush_queue *q)
{
    return q->offering == USHER_OFFERING_MANUAL || !ush_queue_room(u, q);
}

/* The first of this class that this agent may have now, or NULL. The line is by age: if one is
 * too young, so are all behind him. */
static struct ush_session *first_for(struct usher *u, struct ush_class *c,
                                     const struct ush_agent *a)
{
    uint32_t at = c->line.first;
    uint32_t delay = ush_edge_of(u, c, &u->profiles[a->profile]).delay;
    while (at != USH_NONE && ush_agent_excludes(u, a, at)) {
        at = ush_rank_next(u->ranks, at); /* at most as often as he has exclusions */
    }
    if (at == USH_NONE) {
        return NULL;
    }
    struct ush_session *s = &u->sessions[at];
    if (ush_age(u, s) < (int64_t) delay) {
        ush_class_gate(u, c, (uint64_t) (s->enq + (int64_t) delay));
        return NULL;
    }
    return s;
}

/* What an agent finds when he looks for work. */
struct found {
    struct ush_session *best; /* the first of those that fit */
    struct ush_session
        *heavy; /* the first of those that have waited for too long to pass by, and do not fit */
};

static void consider(const struct usher *u, struct ush_session **best, struct ush_session *s)
{
    if (s != NULL && (*best == NULL || ush_ahead(u, s, *best))) {
        *best = s;
    }
}

static void look_at_class(struct usher *u, const struct ush_agent *a, struct ush_class *c,
                          struct found *f)
{
    const struct ush_queue *q = &u->queues[c->queue];
    if (is_kept(u, q)) {
        return;
    }
    if (ush_agent_fits(u, a, q->cost)) {
        consider(u, &f->best, first_for(u, c, a));
    } else if (q->drain_ms > 0) {
        struct ush_session *s = first_for(u, c, a);
        bool old = s != NULL && ush_age(u, s) >= (int64_t) q->drain_ms;
        consider(u, &f->heavy, old && s->earmark == USH_NONE ? s : NULL);
    }
}

static struct found look(struct usher *u, const struct ush_agent *a)
{
    const struct ush_profile *p = &u->profiles[a->profile];
    struct found f = {NULL, NULL};
    for (uint32_t w = 0; w < u->class_words; w++) {
        uint64_t word = p->classes[w] & u->classes_waiting[w];
        while (word != 0) {
            uint32_t bit = (uint32_t) __builtin_ctzll(word);
            look_at_class(u, a, &u->classes[w * 64 + bit], &f);
            word &= word - 1;
        }
    }
    for (struct ush_list *at = a->held.next; at != &a->held; at = at->next) {
        struct ush_session *s = USH_ITEM(at, struct ush_session, of_agent);
        const struct ush_queue *q = &u->queues[s->queue];
        bool may = !is_kept(u, q) && ush_agent_fits(u, a, q->cost) &&
                   !ush_agent_excludes(u, a, USH_SLOT(u, sessions, s));
        consider(u, &f.best, may ? s : NULL);
    }
    return f;
}

static int64_t score(struct usher *u, const struct ush_session *s, const struct ush_agent *a)
{
    const struct ush_class *c = &u->classes[s->class];
    const struct ush_profile *p = &u->profiles[a->profile];
    struct usher_candidate candidate = {
        .session = s->id,
        .queue = u->queues[s->queue].id,
        .agent = a->id,
        .waited_ms = (uint64_t) ush_age(u, s),
        .priority = c->priority,
        .cost = u->queues[s->queue].cost,
        .load = a->load,
        .capacity = p->capacity,
        .sum_of_levels = ush_sum_of_levels(c, p),
        .tier = p->tiers[s->queue],
        .idle_order = a->idle,
        .missed = a->missed,
    };
    return u->cfg.policy.score(u->cfg.policy.ctx, &candidate);
}

/* Who of the two comes first by the queue's rule; they are of the same rank. */
static bool is_before(struct usher *u, const struct ush_session *s, const struct ush_agent *a,
                      const struct ush_agent *b)
{
    uint64_t x = (uint64_t) a->load * u->profiles[b->profile].capacity;
    uint64_t y = (uint64_t) b->load * u->profiles[a->profile].capacity;
    int turn = -1;
    switch (u->queues[s->queue].pick) {
    case USHER_PICK_LEAST_LOADED:
    case USHER_PICK_MOST_SKILLED:
        break;
    case USHER_PICK_LONGEST_IDLE:
        x = y;
        break;
    case USHER_PICK_PACK:
        if (x != y) {
            return x > y;
        }
        break;
    case USHER_PICK_ROUND_ROBIN:
        turn = USH_TURN_ROUND;
        break;
    case USHER_PICK_FEWEST:
        turn = USH_TURN_FEWEST;
        break;
    case USHER_PICK_RANDOM:
        turn = USH_TURN_CHANCE;
        break;
    case USHER_PICK_POLICY:
        if (u->cfg.policy.score != NULL) {
            int64_t v = score(u, s, a);
            int64_t w = score(u, s, b);
            if (v != w) {
                return v > w;
            }
            x = y;
        }
        break;
    }
    if (turn >= 0) {
        x = a->turn[turn];
        y = b->turn[turn];
    }
    return x != y ? x < y : a->idle < b->idle;
}

/* Both may have it: who would get it? */
bool ush_comes_before(struct usher *u, const struct ush_session *s, const struct ush_agent *a,
                      const struct ush_agent *b)
{
    const struct ush_class *c = &u->classes[s->class];
    uint32_t x = ush_edge_of(u, c, &u->profiles[a->profile]).rank;
    uint32_t y = ush_edge_of(u, c, &u->profiles[b->profile]).rank;
    return x != y ? x < y : is_before(u, s, a, b);
}

/* What the agents of a profile are searched for. */
struct search {
    struct ush_session *s;
    struct ush_agent *best;
    uint32_t rank; /* of the best */
    bool excluded; /* somebody would be free for it if it were not kept from him */
};

static bool may(struct usher *u, struct search *f, const struct ush_agent *a)
{
    bool kept = ush_agent_excludes(u, a, USH_SLOT(u, sessions, f->s));
    f->excluded |= kept;
    return !kept;
}

/* The first of one load who may have it. */
static struct ush_agent *first_of_load(struct usher *u, struct search *f,
                                       const struct ush_profile *p, uint32_t load)
{
    struct ush_list *list = &p->by_load[load];
    for (struct ush_list *at = list->next; at != list; at = at->next) {
        struct ush_agent *a = USH_ITEM(at, struct ush_agent, free);
        if (may(u, f, a)) {
            return a;
        }
    }
    return NULL;
}

static void by_load(struct usher *u, struct search *f, const struct ush_profile *p, uint32_t rank,
                    bool all)
{
    uint32_t cost = u->queues[f->s->queue].cost;
    for (uint32_t load = 0; load + cost <= p->capacity; load++) {
        if ((p->loads >> load & 1) == 0) {
            continue;
        }
        struct ush_list *list = &p->by_load[load];
        struct ush_agent *a = first_of_load(u, f, p, load);
        while (a != NULL) {
            bool better = f->best == NULL || rank < f->rank || is_before(u, f->s, a, f->best);
            f->best = better ? a : f->best;
            f->rank = rank;
            do {
                a = !all || a->free.next == list ? NULL
                                                 : USH_ITEM(a->free.next, struct ush_agent, free);
            } while (a != NULL && !may(u, f, a));
        }
    }
}

static void by_turn(struct usher *u, struct search *f, const struct ush_profile *p, uint32_t rank,
                    enum ush_turn turn)
{
    uint32_t at = p->by_turn[turn].first;
    while (at != USH_NONE && (!ush_agent_fits(u, &u->agents[at], u->queues[f->s->queue].cost) ||
                              !may(u, f, &u->agents[at]))) {
        at = ush_rank_next(u->turn_nodes[turn], at);
    }
    if (at != USH_NONE &&
        (f->best == NULL || rank < f->rank || is_before(u, f->s, &u->agents[at], f->best))) {
        f->best = &u->agents[at];
        f->rank = rank;
    }
}

static void look_at_profile(struct usher *u, struct search *f, const struct ush_profile *p)
{
    struct ush_class *c = &u->classes[f->s->class];
    struct ush_edge edge = ush_edge_of(u, c, p);
    if (ush_age(u, f->s) < (int64_t) edge.delay) {
        ush_class_gate(u, c, (uint64_t) (f->s->enq + (int64_t) edge.delay));
        return;
    }
    if (f->best != NULL && edge.rank > f->rank) {
        return;
    }
    switch (u->queues[f->s->queue].pick) {
    case USHER_PICK_ROUND_ROBIN:
        by_turn(u, f, p, edge.rank, USH_TURN_ROUND);
        break;
    case USHER_PICK_FEWEST:
        by_turn(u, f, p, edge.rank, USH_TURN_FEWEST);
        break;
    case USHER_PICK_RANDOM:
        by_turn(u, f, p, edge.rank, USH_TURN_CHANCE);
        break;
    case USHER_PICK_POLICY:
        by_load(u, f, p, edge.rank, u->cfg.policy.score != NULL);
        break;
    case USHER_PICK_LEAST_LOADED:
    case USHER_PICK_MOST_SKILLED:
    case USHER_PICK_LONGEST_IDLE:
    case USHER_PICK_PACK:
        by_load(u, f, p, edge.rank, false);
        break;
    }
}

/* The best agent for a session of a queue that has room. */
static struct search best_agent(struct usher *u, struct ush_session *s)
{
    const struct ush_class *c = &u->classes[s->class];
    struct search f = {.s = s};
    for (uint32_t w = 0; w < u->profile_words; w++) {
        uint64_t word = c->profiles[w] & u->profiles_free[w];
        while (word != 0) {
            uint32_t bit = (uint32_t) __builtin_ctzll(word);
            look_at_profile(u, &f, &u->profiles[w * 64 + bit]);
            word &= word - 1;
        }
    }
    return f;
}

/* Somebody who shall keep free for it: who has the most room of those who have too little. */
static void keep_free(struct usher *u, struct ush_session *s)
{
    const struct ush_class *c = &u->classes[s->class];
    struct ush_agent *best = NULL;
    for (uint32_t i = 0; i < u->profile_pool.size; i++) {
        const struct ush_profile *p = &u->profiles[i];
        bool old = ush_bit(c->profiles, i) && ush_bit(u->profiles_free, i) &&
                   ush_age(u, s) >= (int64_t) ush_edge_of(u, c, p).delay;
        for (uint32_t load = 0; old && load < p->capacity; load++) {
            struct search f = {.s = s};
            struct ush_agent *a = first_of_load(u, &f, p, load);
            if (a != NULL &&
                (best == NULL ||
                 p->capacity - load > u->profiles[best->profile].capacity - best->load)) {
                best = a;
            }
        }
    }
    if (best != NULL) {
        ush_agent_earmark(u, best, s);
    }
}

/* The first of the class for whom somebody is free, and who; NULL: there is none. Those whom
 * nobody may have just now because they are kept from all who are free are few: each of these
 * remembers only some. */
static struct ush_session *candidate(struct usher *u, struct ush_class *c, struct ush_agent **a)
{
    const struct ush_queue *q = &u->queues[c->queue];
    struct search f = {.excluded = true};
    if (c->line.root == USH_NONE || is_kept(u, q)) {
        return NULL;
    }
    struct ush_session *first = &u->sessions[c->line.first];
    struct ush_agent *kept = first->earmark == USH_NONE ? NULL : &u->agents[first->earmark];
    if (kept != NULL && ush_agent_free(kept, &u->profiles[kept->profile]) &&
        ush_agent_fits(u, kept, q->cost)) {
        *a = kept;
        return first;
    }
    for (uint32_t at = c->line.first; at != USH_NONE && f.excluded;
         at = ush_rank_next(u->ranks, at)) {
        f = best_agent(u, &u->sessions[at]);
        if (f.best != NULL) {
            *a = f.best;
            return f.s;
        }
    }
    return NULL;
}

/* Nobody is free for the first of the class: it may have waited so long that somebody shall keep
 * free for it. */
static void keep_free_if_due(struct usher *u, struct ush_class *c)
{
    const struct ush_queue *q = &u->queues[c->queue];
    if (c->line.root == USH_NONE || is_kept(u, q) || q->cost == 1 || q->drain_ms == 0) {
        return;
    }
    struct ush_session *first = &u->sessions[c->line.first];
    if (first->earmark == USH_NONE && ush_age(u, first) >= (int64_t) q->drain_ms) {
        keep_free(u, first);
    } else if (first->earmark == USH_NONE) {
        ush_class_gate(u, c, (uint64_t) (first->enq + (int64_t) q->drain_ms));
    }
}

/* Where a limit lets in only so many, the first in the order goes in, whoever made the place free:
 * of the queue's sessions, or, if the desk's limit counts, of all. */
static void first_under_limit(struct usher *u, struct ush_session **s, struct ush_agent **a)
{
    const struct ush_queue *q = &u->queues[(*s)->queue];
    for (uint32_t i = 0; (u->cfg.active_max > 0 || q->active_max > 0) && i < u->class_pool.size;
         i++) {
        struct ush_class *c = &u->classes[i];
        bool counts =
            u->cfg.active_max > 0 || (q->active_max > 0 && c->queue == USH_SLOT(u, queues, q));
        if (counts && ush_bit(u->classes_waiting, i) &&
            ush_ahead(u, &u->sessions[c->line.first], *s)) {
            struct ush_agent *b = NULL;
            struct ush_session *t = candidate(u, c, &b);
            if (t != NULL && t != *s && ush_ahead(u, t, *s)) {
                *s = t;
                *a = b;
            }
        }
    }
}

/* To so many agents as the queue's fan-out says, as long as none of them has an older duty. */
static void give(struct usher *u, struct ush_session *s, struct ush_agent *a)
{
    const struct ush_queue *q = &u->queues[s->queue];
    bool alone = s->held != USH_NONE || q->offering != USHER_OFFERING_ASK;
    ush_offer(u, s, a);
    for (uint32_t i = 1; i < q->fanout && !alone; i++) {
        struct search f = best_agent(u, s);
        if (f.best == NULL) {
            return;
        }
        struct found other = look(u, f.best);
        if ((other.best != NULL && ush_ahead(u, other.best, s)) ||
            (other.heavy != NULL && ush_ahead(u, other.heavy, s))) {
            return;
        }
        ush_offer(u, s, f.best);
    }
}

static bool may_move(const struct usher *u, uint32_t *moves)
{
    if (*moves == 0 || !ush_can_move(u)) {
        return false;
    }
    --*moves;
    return true;
}

/* For whom he keeps free, if there is room now, and nothing else. */
static void serve_earmark(struct usher *u, struct ush_agent *a)
{
    struct ush_session *s = &u->sessions[a->earmark];
    const struct ush_queue *q = &u->queues[s->queue];
    if (ush_agent_fits(u, a, q->cost) && !is_kept(u, q)) {
        give(u, s, a);
    }
}

/* s could go to a. But an agent takes whoever is first in the order of those he may have, and a
 * session goes to the best of those who may have it: from one to the other, ahead in the order each
 * time, until neither has anything better. */
static void settle(struct usher *u, struct ush_session *s, struct ush_agent *a)
{
    for (;;) {
        first_under_limit(u, &s, &a);
        if (a->earmark != USH_NONE) {
            break; /* he has kept free for this one */
        }
        struct found f = look(u, a);
        if (f.heavy != NULL && ush_ahead(u, f.heavy, s)) {
            ush_agent_earmark(u, a, f.heavy);
            return;
        }
        if (f.best == NULL || f.best == s || !ush_ahead(u, f.best, s)) {
            break;
        }
        struct ush_agent *b = f.best->held == USH_NONE ? best_agent(u, f.best).best : a;
        if (b == NULL) {
            break;
        }
        s = f.best;
        a = b;
    }
    give(u, s, a);
}

static void serve(struct usher *u, struct ush_agent *a)
{
    ush_list_del(&a->todo);
    if (a->profile == USH_NONE || !ush_agent_free(a, &u->profiles[a->profile])) {
        return;
    }
    if (a->earmark != USH_NONE) {
        serve_earmark(u, a);
        return;
    }
    struct found f = look(u, a);
    if (f.heavy != NULL && (f.best == NULL || ush_ahead(u, f.heavy, f.best))) {
        ush_agent_earmark(u, a, f.heavy);
    } else if (f.best != NULL) {
        struct ush_session *s = f.best;
        settle(u, s, s->held == USH_NONE ? best_agent(u, s).best : a);
        ush_agent_todo(u, a); /* if it went to another, he looks again */
    }
}

static void serve_class(struct usher *u, struct ush_class *c)
{
    struct ush_agent *a = NULL;
    struct ush_session *s = candidate(u, c, &a);
    if (s == NULL) {
        keep_free_if_due(u, c);
        ush_list_del(&c->todo);
    } else {
        settle(u, s, a);
    }
}

void ush_match(struct usher *u, uint32_t *moves)
{
    /* Sessions first: so of several agents who became free at once the best one has it. */
    while (!ush_list_empty(&u->todo_classes) || !ush_list_empty(&u->todo_agents)) {
        if (!may_move(u, moves)) {
            return;
        }
        if (!ush_list_empty(&u->todo_classes)) {
            serve_class(u, USH_ITEM(u->todo_classes.next, struct ush_class, todo));
        } else {
            serve(u, USH_ITEM(u->todo_agents.next, struct ush_agent, todo));
        }
    }
}
