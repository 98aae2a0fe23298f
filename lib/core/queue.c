/* queue.c - queues: what is so for all sessions in one, and how many may be with agents at a time.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

enum { SLOPE_MAX = 1000000 }; /* so that no urgency overflows */

/* The queue with this id, made (closed, not set) if it is new; USH_NONE: no room. */
uint32_t ush_queue_get(struct usher *u, const struct usher_queue_id *id)
{
    uint32_t slot = ush_find_queue(u, id);
    if (slot != USH_NONE || u->n_queues == u->cfg.limits.queues) {
        return slot;
    }
    slot = u->n_queues++;
    struct ush_queue *q = &u->queues[slot];
    q->id = *id;
    q->offer_ms = 20000;
    q->waiting_max = 1000;
    q->reopen_ms = UINT32_MAX; /* until it is set, nothing of it is forgotten for its age */
    q->cost = q->fanout = 1;
    ush_map_put(&u->queue_map, slot, ush_hash(u, id, sizeof *id));
    return slot;
}

/* Its closed sessions may be reopened for another time from now on, or, after a restart, for its
 * own. */
static void rearm(struct usher *u, uint32_t queue)
{
    for (struct ush_list *at = u->closed.next; at != &u->closed; at = at->next) {
        struct ush_session *s = USH_ITEM(at, struct ush_session, closed);
        if (s->queue == queue && s->gone_timer.place != 0) {
            int64_t until = s->enq + (int64_t) u->queues[queue].reopen_ms;
            ush_heap_set(&u->timers, &s->gone_timer, until > 0 ? (uint64_t) until : 0);
        }
    }
}

/* May one more of its sessions be offered? */
bool ush_queue_room(const struct usher *u, const struct ush_queue *q)
{
    return (q->active_max == 0 || q->offered + q->active < q->active_max) &&
           (u->cfg.active_max == 0 || u->n_serving < u->cfg.active_max);
}

/* Those who could have sessions, but for what is so no longer. */
static void wake(struct usher *u, uint32_t queue)
{
    ush_classes_todo(u, queue);
    for (uint32_t i = 0; u->n_reserved > 0 && i < u->agent_pool.size; i++) {
        struct ush_agent *a = &u->agents[i];
        if (ush_pool_has(&u->agent_pool, i) &&
            (a->earmark != USH_NONE || !ush_list_empty(&a->held))) {
            ush_agent_todo(u, a);
        }
    }
}

/* One more, or less, of its sessions is offered or with an agent; the caller keeps its own counts.
 */
void ush_queue_serving(struct usher *u, struct ush_queue *q, int by)
{
    u->n_serving += (uint32_t) by;
    if (by > 0) {
        return;
    }
    if (u->cfg.active_max > 0 && u->n_serving + 1 == u->cfg.active_max) {
        wake(u, USH_NONE);
    } else if (q->active_max > 0 && q->offered + q->active + 1 == q->active_max) {
        wake(u, USH_SLOT(u, queues, q));
    }
}

/* Can a session that moves on from `from` come to `to`? */
static bool leads(const struct usher *u, uint32_t from, uint32_t to)
{
    uint64_t seen[1024] = {0}; /* 65 536 queues at most (memory.c) */
    bool more = true;
    ush_bit_put(seen, from, true);
    while (more && !ush_bit(seen, to)) {
        more = false;
        for (uint32_t i = 0; i < u->n_queues; i++) {
            const struct ush_queue *q = &u->queues[i];
            for (uint32_t k = 0; ush_bit(seen, i) && k < q->n_steps; k++) {
                bool on = q->steps[k].kind == USHER_STEP_MOVE;
                if (on && !ush_bit(seen, q->steps[k].queue)) {
                    ush_bit_put(seen, q->steps[k].queue, true);
                    more = true;
                }
            }
        }
    }
    return ush_bit(seen, to);
}

static int read_step(struct usher *u, uint32_t self, const struct usher_step_set *set,
                     struct ush_step *step)
{
    bool aims = set->kind == USHER_STEP_WIDEN || set->kind == USHER_STEP_MOVE;
    *step = (struct ush_step){
        .after_ms = set->after_ms, .by = set->by, .queue = USH_NONE, .kind = set->kind};
    if (set->kind < USHER_STEP_LOWER || set->kind > USHER_STEP_CLOSE) {
        return USHER_EINVAL;
    }
    if (aims) {
        step->queue = ush_find_queue(u, &set->queue);
        if (step->queue == USH_NONE || !u->queues[step->queue].set || step->queue == self ||
            (set->kind == USHER_STEP_MOVE && self != USH_NONE && leads(u, step->queue, self))) {
            return USHER_EINVAL;
        }
    }
    if (set->kind == USHER_STEP_LOWER) {
        step->by = set->by > 0 ? set->by : 1;
    }
    if (set->kind == USHER_STEP_PRIORITY && (set->by == 0 || set->by >= USHER_PRIORITIES)) {
        return USHER_EINVAL;
    }
    return ush_step_skill(u, &set->skill, &step->skill);
}

static int read_steps(struct usher *u, uint32_t self, const struct usher_queue_set *set,
                      struct ush_step steps[USHER_STEPS_MAX])
{
    int rv = set->n_steps <= USHER_STEPS_MAX ? 0 : USHER_EINVAL;
    for (size_t i = 0; rv == 0 && i < set->n_steps; i++) {
        rv = read_step(u, self, &set->steps[i], &steps[i]);
        if (i > 0 && set->steps[i].after_ms < set->steps[i - 1].after_ms) {
            rv = USHER_EINVAL;
        }
    }
    return rv;
}

static bool is_valid(const struct usher *u, const struct usher_queue_set *set)
{
    for (int i = 0; set->order == USHER_ORDER_SLOPE && i < USHER_PRIORITIES; i++) {
        if (set->order_ms[i] > SLOPE_MAX) {
            return false;
        }
    }
    return ush_is_id(set->queue.s) && set->name.len <= USHER_NAME_MAX &&
           set->order <= USHER_ORDER_SLOPE && set->pick <= USHER_PICK_POLICY &&
           set->offering <= USHER_OFFERING_MANUAL && set->fanout <= USHER_FANOUT_MAX &&
           set->cost <= u->cfg.limits.capacity_max && set->priority < USHER_PRIORITIES;
}

static uint32_t or_else(uint32_t n, uint32_t otherwise)
{
    return n > 0 ? n : otherwise;
}

static void copy_rules(struct ush_queue *q, const struct usher_queue_set *set)
{
    q->open = set->open;
    q->offer_ms = or_else(set->offer_ms, 20000);
    q->waiting_max = or_else(set->waiting_max, 1000);
    q->reopen_ms = or_else(set->reopen_ms, 86400000);
    q->order = set->order;
    memcpy(q->order_ms, set->order_ms, sizeof q->order_ms);
    q->pick = set->pick;
    q->offering = set->offering;
    q->fanout = or_else(set->fanout, 1);
    q->cost = or_else(set->cost, 1);
    q->active_max = set->active_max;
    q->wrap_ms = set->wrap_ms;
    q->sticky_ms = set->sticky_ms;
    q->drain_ms = set->drain_ms;
}

/* Who waits there is looked at anew, by the rules that are so now. */
static void look_again(struct usher *u, uint32_t queue)
{
    static const int turns[] = {[USHER_PICK_ROUND_ROBIN] = USH_TURN_ROUND + 1,
                                [USHER_PICK_FEWEST] = USH_TURN_FEWEST + 1,
                                [USHER_PICK_RANDOM] = USH_TURN_CHANCE + 1,
                                [USHER_PICK_POLICY] = 0};
    int turn = turns[u->queues[queue].pick];
    if (turn > 0) {
        ush_profiles_turn(u, (enum ush_turn)(turn - 1));
    }
    ush_classes_of_queue(u, queue);
    for (uint32_t i = 0; u->loaded && i < u->session_pool.size; i++) {
        struct ush_session *s = &u->sessions[i];
        if (ush_pool_has(&u->session_pool, i) && s->queue == queue) {
            s->steps = 0;
            if (s->earmark != USH_NONE) {
                ush_agent_earmark(u, &u->agents[s->earmark], NULL);
            }
            if (s->held != USH_NONE) {
                ush_line_unhold(u, s);
            } else if (s->state == USHER_STATE_WAITING) {
                ush_line_step(u, s);
            }
        }
    }
    wake(u, queue);
}

/* It was loaded before it was set: what its sessions take is known only now. */
static void recost(struct usher *u, uint32_t queue, uint32_t cost)
{
    for (uint32_t i = 0; u->loaded && i < u->session_pool.size; i++) {
        struct ush_session *s = &u->sessions[i];
        if (!ush_pool_has(&u->session_pool, i) || s->queue != queue) {
            continue;
        }
        uint32_t more = or_else(cost, 1) - s->cost; /* modulo 2^32 */
        s->cost += more;
        if (s->state == USHER_STATE_ACTIVE) {
            u->agents[s->owner].load += more;
            ush_agent_place(u, &u->agents[s->owner]);
        }
        for (struct ush_list *at = s->offered.next; at != &s->offered; at = at->next) {
            USH_ITEM(at, struct ush_agent, of_offered)->load += more;
        }
    }
}

int ush_queue_set(struct usher *u, const struct usher_queue_set *set)
{
    struct ush_step steps[USHER_STEPS_MAX];
    if (!is_valid(u, set)) {
        return USHER_EINVAL;
    }
    bool fresh = ush_find_queue(u, &set->queue) == USH_NONE;
    if (fresh && u->n_queues == u->cfg.limits.queues) {
        return USHER_EFULL;
    }
    uint32_t self = fresh ? USH_NONE : ush_find_queue(u, &set->queue);
    struct ush_need needs[USHER_NEEDS_MAX];
    uint32_t n_skills = u->n_skills;
    int rv = read_steps(u, self, set, steps);
    int n_needs = rv != 0 ? rv : ush_needs_make(u, set->needs, set->n_needs, needs);
    if (n_needs < 0) {
        u->n_skills = n_skills; /* nothing has changed */
        return n_needs;
    }
    uint32_t slot = ush_queue_get(u, &set->queue);
    struct ush_queue *q = &u->queues[slot];
    struct usher_span name = set->name.len > 0 ? set->name : ush_id_span(q->id.s);
    memcpy(q->name, name.base, name.len);
    q->name_len = (uint32_t) name.len;
    if (!q->set) {
        u->shown[u->n_shown++] = slot;
        recost(u, slot, set->cost);
    }
    q->set = true;
    copy_rules(q, set);
    q->n_steps = (uint32_t) set->n_steps;
    memcpy(q->steps, steps, set->n_steps * sizeof *steps);
    q->n_needs = (uint32_t) n_needs;
    memcpy(q->needs, needs, q->n_needs * sizeof *needs);
    q->priority = set->priority;
    rearm(u, slot);
    look_again(u, slot);
    ush_board_queue(u, slot);
    return 0;
}
