/* queue.c - queues, each a requirement class of its own.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

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
    ush_rank_init(&q->line);
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

int ush_queue_set(struct usher *u, const struct usher_queue_set *set)
{
    if (set->queue.s[0] == 0 || set->queue.s[USHER_ID_MAX] != 0 || set->name.len > USHER_NAME_MAX) {
        return USHER_EINVAL;
    }
    uint32_t slot = ush_queue_get(u, &set->queue);
    if (slot == USH_NONE) {
        return USHER_EFULL;
    }
    struct ush_queue *q = &u->queues[slot];
    struct usher_span name = set->name.len > 0 ? set->name : ush_id_span(q->id.s);
    memcpy(q->name, name.base, name.len);
    q->name_len = (uint32_t) name.len;
    q->set = true;
    q->open = set->open;
    q->offer_ms = set->offer_ms > 0 ? set->offer_ms : 20000;
    q->waiting_max = set->waiting_max > 0 ? set->waiting_max : 1000;
    q->reopen_ms = set->reopen_ms > 0 ? set->reopen_ms : 86400000;
    rearm(u, slot);
    ush_board_queue(u, slot);
    return 0;
}
