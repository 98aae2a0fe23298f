/* heap.c - timers in (deadline, order of setting): a binary heap of pointers.
 * SPDX-License-Identifier: MIT */
#include "heap.h"

#include <stddef.h>

#include "check.h"

void ush_heap_init(struct ush_heap *h, struct ush_timer **items, uint32_t size)
{
    *h = (struct ush_heap){.items = items, .size = size};
}

static bool before(const struct ush_timer *a, const struct ush_timer *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void put(struct ush_heap *h, uint32_t place, struct ush_timer *t)
{
    h->items[place] = t;
    t->place = place;
}

static void sift_up(struct ush_heap *h, struct ush_timer *t, uint32_t place)
{
    while (place > 1 && before(t, h->items[place / 2])) {
        put(h, place, h->items[place / 2]);
        place /= 2;
    }
    put(h, place, t);
}

static void sift_down(struct ush_heap *h, struct ush_timer *t, uint32_t place)
{
    for (;;) {
        uint32_t child = 2 * place;
        if (child > h->count) {
            break;
        }
        if (child < h->count && before(h->items[child + 1], h->items[child])) {
            child++;
        }
        if (!before(h->items[child], t)) {
            break;
        }
        put(h, place, h->items[child]);
        place = child;
    }
    put(h, place, t);
}

/* t is written anew at a place that is free for it. */
static void settle(struct ush_heap *h, struct ush_timer *t, uint32_t place)
{
    if (place > 1 && before(t, h->items[place / 2])) {
        sift_up(h, t, place);
    } else {
        sift_down(h, t, place);
    }
}

void ush_heap_set(struct ush_heap *h, struct ush_timer *t, uint64_t at)
{
    uint32_t place = t->place;
    if (place == 0) {
        CHECK(h->count < h->size);
        place = ++h->count;
        h->items[place] = t;
    }
    t->at = at;
    t->order = ++h->order;
    settle(h, t, place);
}

void ush_heap_cancel(struct ush_heap *h, struct ush_timer *t)
{
    uint32_t place = t->place;
    if (place == 0) {
        return;
    }
    CHECK(h->items[place] == t);
    struct ush_timer *last = h->items[h->count--];
    t->place = 0;
    if (last != t) {
        settle(h, last, place);
    }
}

struct ush_timer *ush_heap_first(const struct ush_heap *h)
{
    return h->count == 0 ? NULL : h->items[1];
}
