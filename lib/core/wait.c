/* wait.c - how long a session will wait, as measured: the rate of starts, and of leaving the line.
 * SPDX-License-Identifier: MIT
 *
 * The queue-length estimator with abandonment, by measured rates (Ibrahim and Whitt,
 * "Real-time delay estimation in overloaded multiserver queues with abandonments",
 * Management Science 55, 2009): if starts come every g ms while somebody is in line, and
 * each of those in line leaves at a rate of h a ms, then who has n ahead waits for
 *
 *     sum over i = 0 .. n of 1 / (1 / g + i * h)
 *
 * on average. It needs no model of skills, capacities or handling times. Numbers are
 * integers, so that it is the same everywhere: g in 1/1024 ms, h * g in 2^-32. */
#include "desk.h"

enum { KNOWN_AFTER = 20, MEMORY = 128, UNIT_BITS = 10, LEFT_MAX = 1024, EXACT = 64 };

/* So that nothing overflows for any number of sessions that a desk can hold. */
#define GAP_MAX ((uint64_t) 1 << 31)
#define LEAVING_MAX ((uint64_t) 1 << 36)

static void pass(const struct usher *u, struct ush_queue *q)
{
    q->wait.area += (u->now.mono_ms - q->wait.area_at) * q->in_line;
    q->wait.area_at = u->now.mono_ms;
}

/* One more stands in line. */
void ush_wait_in(const struct usher *u, struct ush_queue *q)
{
    pass(u, q);
    if (q->in_line++ == 0) {
        q->wait.since = q->wait.from = u->now.mono_ms;
    }
}

void ush_wait_out(const struct usher *u, struct ush_queue *q)
{
    pass(u, q);
    q->in_line--;
}

/* One leaves the line, because an agent has been found for it. Who found one at once has not
 * waited, and says nothing of how long others do. */
void ush_wait_started(const struct usher *u, struct ush_queue *q)
{
    struct ush_wait *w = &q->wait;
    if (w->since == u->now.mono_ms) {
        return;
    }
    uint64_t gap = (u->now.mono_ms - w->from) << UNIT_BITS;
    int64_t more = (int64_t) (gap < GAP_MAX ? gap : GAP_MAX) - (int64_t) w->gap;
    w->gaps += w->gaps < MEMORY;
    w->gap = (uint64_t) ((int64_t) w->gap + more / (int64_t) w->gaps);
    w->from = u->now.mono_ms;
}

/* One leaves the line by itself. Old ones count less and less. */
void ush_wait_left(const struct usher *u, struct ush_queue *q)
{
    pass(u, q);
    if (++q->wait.left == LEFT_MAX) {
        q->wait.left /= 2;
        q->wait.area /= 2;
    }
}

static uint64_t root(uint64_t n)
{
    uint64_t r = 0;
    for (uint64_t bit = (uint64_t) 1 << 31; bit > 0; bit >>= 1) {
        if ((r | bit) * (r | bit) <= n) {
            r |= bit;
        }
    }
    return r;
}

/* Sum and squares of the terms 0 .. n: each for itself at first, then by runs whose middle
 * stands for all, each a sixteenth of what went before. */
static void add_up(uint64_t gap, uint64_t leaving, uint64_t n, uint64_t *sum, uint64_t *squares)
{
    uint64_t step = 1;
    *sum = *squares = 0;
    for (uint64_t i = 0; i <= n; i += step) {
        step = i < EXACT ? 1 : i / 16;
        step = i + step > n + 1 ? n + 1 - i : step;
        uint64_t middle = i + (step - 1) / 2;
        uint64_t term = (gap << 32) / (((uint64_t) 1 << 32) + middle * leaving);
        uint64_t square = step * ((term >> (UNIT_BITS / 2)) * (term >> (UNIT_BITS / 2)));
        *sum += step * term;
        *squares =
            square < UINT64_MAX / 2 && *squares < UINT64_MAX / 2 ? *squares + square : *squares;
    }
}

int usher_wait(const struct usher *u, const struct usher_session_id *session,
               struct usher_wait *out)
{
    uint32_t slot = ush_find_session(u, session);
    const struct ush_session *s = slot == USH_NONE ? NULL : &u->sessions[slot];
    if (s == NULL || s->state != USHER_STATE_WAITING) {
        return USHER_ESTATE;
    }
    *out = ush_wait_of(u, s);
    return 0;
}

/* Of a session that waits. */
struct usher_wait ush_wait_of(const struct usher *u, const struct ush_session *s)
{
    const struct ush_queue *q = &u->queues[s->queue];
    const struct ush_wait *w = &q->wait;
    struct usher_wait out = {.place = ush_place(u, s)};
    uint64_t sum;
    uint64_t squares;
    if (w->gaps < KNOWN_AFTER || q->ready == 0) {
        return out;
    }
    uint64_t area = w->area + (u->now.mono_ms - w->area_at) * q->in_line;
    uint64_t leaving = area == 0 ? 0 : (w->left * w->gap << (32 - UNIT_BITS)) / area;
    leaving = leaving < LEAVING_MAX ? leaving : LEAVING_MAX;
    add_up(w->gap, leaving, out.place - 1, &sum, &squares);
    uint64_t spread = root(squares) * 1311 / 1024 >> (UNIT_BITS / 2); /* 1.28 of a deviation */
    out.known = true;
    out.expected_ms = sum >> UNIT_BITS;
    out.low_ms = out.expected_ms > spread ? out.expected_ms - spread : 0;
    out.high_ms = out.expected_ms + spread;
    return out;
}
