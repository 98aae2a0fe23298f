/* recent.c - the ring of recent durable facts, so that live links need no storage.
 * SPDX-License-Identifier: MIT
 *
 *     tail                                   head
 *      v                                      v
 *     [record][record][record][record][record]    positions only grow
 *
 * A record never wraps: what is left at the end of the memory is counted to the
 * record before it. The records of one session's log are chained by `next`. */
#include "desk.h"

static struct ush_recent *at(const struct usher *u, uint64_t pos)
{
    return (struct ush_recent *) (void *) (u->ring.base + pos % u->ring.size);
}

static int log_of(const struct usher_fact *f)
{
    return f->log == USHER_LOG_INTERNAL ? 1 : 0;
}

static bool alive(const struct usher *u, const struct ush_recent *r)
{
    const struct ush_session *s = &u->sessions[r->session];
    return s->state != USHER_STATE_NONE && s->gen == r->gen;
}

static void forget_oldest(struct usher *u)
{
    struct ush_recent *r = at(u, u->ring.tail);
    if (alive(u, r)) {
        struct ush_session *s = &u->sessions[r->session];
        int log = log_of(&r->fact);
        CHECK(s->first_pos[log] == u->ring.tail);
        s->first_pos[log] = r->next;
        s->last_pos[log] = r->next == 0 ? 0 : s->last_pos[log];
    }
    u->ring.tail += r->size;
}

void ush_recent_add(struct usher *u, struct ush_session *s, const struct usher_fact *f)
{
    struct ush_ring *ring = &u->ring;
    size_t need = (sizeof(struct ush_recent) + ush_fact_bytes(f) + 15) & ~(size_t) 15;
    size_t place = ring->head % ring->size;
    if (place + need > ring->size) {
        uint64_t pad = ring->size - place;
        while (ring->tail < ring->head && ring->head + pad - ring->tail > ring->size) {
            forget_oldest(u);
        }
        if (ring->tail == ring->head) {
            ring->tail += pad;
        } else {
            /* The newest record reaches to the end. */
            at(u, ring->newest)->size += (uint32_t) pad;
        }
        ring->head += pad;
    }
    while (ring->head + need - ring->tail > ring->size) {
        forget_oldest(u);
    }
    struct ush_recent *r = at(u, ring->head);
    *r = (struct ush_recent){
        .size = (uint32_t) need, .session = USH_SLOT(u, sessions, s), .gen = s->gen};
    ush_fact_copy(&r->fact, f, (char *) (r + 1));
    int log = log_of(f);
    if (s->last_pos[log] != 0) {
        at(u, s->last_pos[log])->next = ring->head;
    } else {
        s->first_pos[log] = ring->head;
    }
    s->last_pos[log] = ring->head;
    ring->newest = ring->head;
    ring->head += need;
}

/* The fact after the one at *pos, which moves; or NULL. */
const struct usher_fact *ush_recent_step(struct usher *u, const struct ush_session *s, int log,
                                         uint64_t *pos)
{
    if (*pos == 0 || s->first_pos[log] == 0 || *pos < s->first_pos[log]) {
        return NULL;
    }
    *pos = at(u, *pos)->next;
    return *pos == 0 ? NULL : &at(u, *pos)->fact;
}

/* The fact with this index, if it is at hand; *pos is where. */
const struct usher_fact *ush_recent_at(struct usher *u, const struct ush_session *s, int log,
                                       uint64_t index, uint64_t *pos)
{
    if (s->last_pos[log] != 0 && at(u, s->last_pos[log])->fact.index == index) {
        *pos = s->last_pos[log];
        return &at(u, *pos)->fact;
    }
    uint64_t p = s->first_pos[log];
    while (p != 0 && at(u, p)->fact.index < index) {
        p = at(u, p)->next;
    }
    if (p == 0 || at(u, p)->fact.index != index) {
        return NULL;
    }
    *pos = p;
    return &at(u, p)->fact;
}
