/* rounds.c - memcpy and a binary heap: the yardstick.
 * SPDX-License-Identifier: MIT */
#include "rounds.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT = 120, RING = 8 << 20, HEAP = 1024 };

struct rounds_loop {
    char text[TEXT];
    char ring[RING];
    size_t at;
    uint64_t heap[HEAP]; /* the least is first */
    uint64_t chance;
};

uint64_t rounds_ns(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (uint64_t) at.tv_sec * 1000000000u + (uint64_t) at.tv_nsec;
}

struct rounds_loop *rounds_loop_new(void)
{
    struct rounds_loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL) {
        abort();
    }
    loop->chance = 88172645463325252u;
    memset(loop->text, 'x', sizeof loop->text);
    for (unsigned i = 0; i < HEAP; i++) {
        loop->heap[i] = i;
    }
    return loop;
}

void rounds_loop_free(struct rounds_loop *loop)
{
    free(loop);
}

/* The first is replaced, and sinks to its place. */
static void sink(uint64_t *heap, uint64_t value)
{
    unsigned at = 0;

    for (;;) {
        unsigned child = 2 * at + 1;
        if (child >= HEAP) {
            break;
        }
        if (child + 1 < HEAP && heap[child + 1] < heap[child]) {
            child++;
        }
        if (value <= heap[child]) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = value;
}

void rounds_loop_run(struct rounds_loop *loop, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        loop->chance ^= loop->chance << 13;
        loop->chance ^= loop->chance >> 7;
        loop->chance ^= loop->chance << 17;
        memcpy(loop->ring + loop->at, loop->text, TEXT);
        loop->at = loop->at + 2 * TEXT < RING ? loop->at + TEXT : 0;
        sink(loop->heap, loop->heap[0] + (loop->chance & 0xffff));
    }
}
