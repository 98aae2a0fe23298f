/* heap.h - timers in (deadline, order of setting): a binary heap of pointers.
 * SPDX-License-Identifier: MIT */
#ifndef USH_HEAP_H
#define USH_HEAP_H

#include <stdbool.h>
#include <stdint.h>

/* Embed one in what has a deadline. Zeroed: not set. */
struct ush_timer {
    uint64_t at;    /* deadline */
    uint64_t order; /* breaks ties: set first, due first */
    uint32_t place; /* in the heap, from 1; 0: not set */
    uint32_t kind;  /* the owner's */
};

struct ush_heap {
    struct ush_timer **items; /* items[0] is unused */
    uint32_t size, count;
    uint64_t order;
};

/* items: room for size + 1 pointers. */
void ush_heap_init(struct ush_heap *h, struct ush_timer **items, uint32_t size);
/* Set or move a timer. */
void ush_heap_set(struct ush_heap *h, struct ush_timer *t, uint64_t at);
/* Nothing happens if it is not set. */
void ush_heap_cancel(struct ush_heap *h, struct ush_timer *t);
/* The one that is due first, or NULL. */
struct ush_timer *ush_heap_first(const struct ush_heap *h);

#endif
