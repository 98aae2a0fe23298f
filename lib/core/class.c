/* class.c - requirement classes: sessions that are alike, and who may serve them from which age on.
 * SPDX-License-Identifier: MIT
 *
 * A class and a profile have an edge: the age from which on a session of the class
 * may go to an agent of the profile, and how much it prefers him. It is worked out
 * when either is made, or the queue is changed; so waiting costs nothing. */
#include "desk.h"

enum { TIER_UNIT = 4096 };

/* What is needed after some of the steps. */
struct relaxed {
    const struct ush_queue *queue;
    uint32_t n_needs;
    struct ush_need needs[USHER_NEEDS_MAX];
    uint32_t n_wide, wide[USHER_STEPS_MAX]; /* other queues whose agents may serve it */
};

static void relax(struct relaxed *r, const struct ush_step *step)
{
    if (step->kind == USHER_STEP_WIDEN) {
        r->wide[r->n_wide++] = step->queue;
    }
    if (step->kind != USHER_STEP_LOWER && step->kind != USHER_STEP_DROP) {
        return;
    }
    for (uint32_t i = 0; i < r->n_needs; i++) {
        struct ush_need *need = &r->needs[i];
        if (step->skill == USH_ANY_SKILL || step->skill == need->skill) {
            bool all = step->kind == USHER_STEP_DROP || step->by >= need->level;
            need->level = all ? 0 : (uint8_t) (need->level - step->by);
        }
    }
}

/* The tier in which he serves it; USH_EDGE_NEVER: he does not. */
static uint32_t serves(const struct usher *u, const struct relaxed *r, const struct ush_profile *p)
{
    uint32_t own = USH_SLOT(u, queues, r->queue);
    uint32_t tier = ush_bit(p->queues, own) ? p->tiers[own] : USH_EDGE_NEVER;
    for (uint32_t i = 0; i < r->n_wide && tier == USH_EDGE_NEVER; i++) {
        tier = ush_bit(p->queues, r->wide[i]) ? p->tiers[r->wide[i]] : USH_EDGE_NEVER;
    }
    for (uint32_t i = 0; i < r->n_needs && tier != USH_EDGE_NEVER; i++) {
        tier = p->levels[r->needs[i].skill] >= r->needs[i].level ? tier : USH_EDGE_NEVER;
    }
    return tier;
}

/* Of those skills that the class needs. */
uint32_t ush_sum_of_levels(const struct ush_class *c, const struct ush_profile *p)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < c->n_needs; i++) {
        sum += p->levels[c->needs[i].skill];
    }
    return sum;
}

static struct ush_edge make_edge(const struct usher *u, const struct ush_class *c,
                                 const struct ush_profile *p)
{
    struct relaxed r = {.queue = &u->queues[c->queue], .n_needs = c->n_needs};
    uint32_t delay = 0;
    memcpy(r.needs, c->needs, sizeof r.needs);
    uint32_t tier = serves(u, &r, p);
    for (uint32_t i = 0; i < r.queue->n_steps && tier == USH_EDGE_NEVER; i++) {
        relax(&r, &r.queue->steps[i]);
        delay = r.queue->steps[i].after_ms;
        tier = serves(u, &r, p);
    }
    if (tier == USH_EDGE_NEVER || r.queue->cost > p->capacity) {
        return (struct ush_edge){USH_EDGE_NEVER, 0};
    }
    bool skilled = r.queue->pick == USHER_PICK_MOST_SKILLED;
    uint32_t less = skilled ? TIER_UNIT - 1 - ush_sum_of_levels(c, p) : 0;
    return (struct ush_edge){delay, tier * TIER_UNIT + less};
}

struct ush_edge ush_edge_of(const struct usher *u, const struct ush_class *c,
                            const struct ush_profile *p)
{
    return u->edges[(size_t) USH_SLOT(u, classes, c) * u->cfg.limits.profiles +
                    USH_SLOT(u, profiles, p)];
}

static void tie(struct usher *u, struct ush_class *c, struct ush_profile *p)
{
    uint32_t class = USH_SLOT(u, classes, c);
    uint32_t profile = USH_SLOT(u, profiles, p);
    struct ush_edge edge = make_edge(u, c, p);
    u->edges[(size_t) class * u->cfg.limits.profiles + profile] = edge;
    ush_bit_put(c->profiles, profile, edge.delay != USH_EDGE_NEVER);
    ush_bit_put(p->classes, class, edge.delay != USH_EDGE_NEVER);
}

/* A profile was made: its edges. */
void ush_classes_tie(struct usher *u, struct ush_profile *p)
{
    for (uint32_t i = 0; i < u->class_pool.size; i++) {
        if (ush_pool_has(&u->class_pool, i)) {
            tie(u, &u->classes[i], p);
        } else {
            ush_bit_put(p->classes, i, false);
        }
    }
}

static void tie_all(struct usher *u, struct ush_class *c)
{
    for (uint32_t i = 0; i < u->profile_pool.size; i++) {
        if (ush_pool_has(&u->profile_pool, i)) {
            tie(u, c, &u->profiles[i]);
        } else {
            ush_bit_put(c->profiles, i, false);
        }
    }
}

static uint64_t hash_of(const struct usher *u, uint32_t queue, uint32_t priority,
                        const struct ush_need *needs, uint32_t n)
{
    struct ush_sip s;
    ush_sip_init(&s, u->table_key);
    ush_sip_add(&s, &queue, sizeof queue);
    ush_sip_add(&s, &priority, sizeof priority);
    for (uint32_t i = 0; i < n; i++) {
        ush_sip_add(&s, &needs[i].skill, sizeof needs[i].skill);
        ush_sip_add(&s, &needs[i].level, sizeof needs[i].level);
    }
    return ush_sip_end(&s);
}

static bool is_it(const struct ush_class *c, uint32_t queue, uint32_t priority,
                  const struct ush_need *needs, uint32_t n)
{
    bool same = c->queue == queue && c->priority == priority && c->n_needs == n;
    for (uint32_t i = 0; same && i < n; i++) {
        same = c->needs[i].skill == needs[i].skill && c->needs[i].level == needs[i].level;
    }
    return same;
}

/* Classes are kept when nobody is in them, until their room is needed. */
static void forget_one(struct usher *u)
{
    for (uint32_t i = 0; i < u->class_pool.size; i++) {
        if (u->classes[i].n_sessions == 0) {
            ush_heap_cancel(&u->timers, &u->classes[i].gate);
            ush_list_del(&u->classes[i].todo);
            ush_map_del(&u->class_map, i);
            ush_pool_give(&u->class_pool, i);
            for (uint32_t p = 0; p < u->profile_pool.size; p++) {
                ush_bit_put(u->profiles[p].classes, i, false);
            }
            return;
        }
    }
}

/* The class of such sessions, made if it is new; USH_NONE: no room. */
uint32_t ush_class_get(struct usher *u, uint32_t queue, uint32_t priority,
                       const struct ush_need *needs, uint32_t n)
{
    uint64_t hash = hash_of(u, queue, priority, needs, n);
    uint32_t at = ush_map_first(&u->class_map, hash);
    while (at != USH_NONE && !is_it(&u->classes[at], queue, priority, needs, n)) {
        at = ush_map_next(&u->class_map, at);
    }
    if (at != USH_NONE) {
        return at;
    }
    bool more = true;
    while (more && u->class_pool.used == u->class_pool.size) {
        forget_one(u);
        /* Closed sessions make room: those that are kept for nothing but being reopened. */
        more = u->class_pool.used == u->class_pool.size && u->loaded && ush_evict_oldest(u);
    }
    at = ush_pool_take(&u->class_pool);
    if (at == USH_NONE) {
        return at;
    }
    struct ush_class *c = &u->classes[at];
    c->queue = queue;
    c->priority = priority;
    c->n_needs = n;
    c->n_sessions = 0;
    memset(c->needs, 0, sizeof c->needs);
    memcpy(c->needs, needs, n * sizeof *needs);
    c->gate = (struct ush_timer){.kind = USH_T_GATE};
    ush_list_init(&c->todo);
    ush_rank_init(&c->line);
    ush_map_put(&u->class_map, at, hash);
    tie_all(u, c);
    return at;
}

/* The class with the same needs in another queue, or with another priority. */
uint32_t ush_class_in(struct usher *u, uint32_t class, uint32_t queue, uint32_t priority)
{
    struct ush_need needs[USHER_NEEDS_MAX];
    memcpy(needs, u->classes[class].needs, sizeof needs);
    return ush_class_get(u, queue, priority, needs, u->classes[class].n_needs);
}

/* The session is of this class from now on; it waits in no line. */
void ush_class_put(struct usher *u, struct ush_session *s, uint32_t class)
{
    if (class != USH_NONE) {
        u->classes[class].n_sessions++;
    }
    if (s->class != USH_NONE) {
        u->classes[s->class].n_sessions--;
    }
    s->class = class;
}

/* Somebody in its line may have become the match of an agent. */
void ush_class_todo(struct usher *u, struct ush_class *c)
{
    if (c->line.root != USH_NONE && ush_list_empty(&c->todo)) {
        ush_list_add_last(&u->todo_classes, &c->todo);
    }
}

/* Not before `at` can anybody in its line become old enough for an agent who is free now. */
void ush_class_gate(struct usher *u, struct ush_class *c, uint64_t at)
{
    if (c->gate.place == 0 || at < c->gate.at) {
        ush_heap_set(&u->timers, &c->gate, at);
    }
}

void ush_classes_todo(struct usher *u, uint32_t queue)
{
    for (uint32_t i = 0; i < u->class_pool.size; i++) {
        if (ush_bit(u->classes_waiting, i) && (queue == USH_NONE || u->classes[i].queue == queue)) {
            ush_class_todo(u, &u->classes[i]);
        }
    }
}

void ush_classes_of_queue(struct usher *u, uint32_t queue)
{
    for (uint32_t i = 0; i < u->class_pool.size; i++) {
        if (ush_pool_has(&u->class_pool, i) && u->classes[i].queue == queue) {
            tie_all(u, &u->classes[i]);
        }
    }
    ush_classes_todo(u, queue);
}
