/* clock.c - everything that is due at a time, on one timer.
 * SPDX-License-Identifier: MIT */
#include "runtime.h"

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t hello_due(const struct usher_uv *rt)
{
    if (ush_list_empty(&rt->hellos)) {
        return USHER_NEVER;
    }
    const struct ush_peer *link = USH_ITEM(rt->hellos.next, struct ush_peer, hello);
    return link->hello_ms + rt->doorman.rates.hello_ms;
}

static uint64_t stall_due(const struct usher_uv *rt)
{
    if (ush_list_empty(&rt->stalled)) {
        return USHER_NEVER;
    }
    const struct ush_peer *link = USH_ITEM(rt->stalled.next, struct ush_peer, stall);
    return link->stall_ms + rt->doorman.rates.stall_ms;
}

static uint64_t slow_due(const struct usher_uv *rt)
{
    return rt->saving && !rt->lost ? rt->saving_ms + rt->saving_slow_ms : USHER_NEVER;
}

static uint64_t next_due(const struct usher_uv *rt)
{
    uint64_t due = USHER_NEVER;
    if (rt->phase == USH_OPEN) {
        due = sooner(usher_deadline(rt->core), sooner(hello_due(rt), stall_due(rt)));
        due = sooner(due, slow_due(rt));
        due = sooner(due, rt->tell_retry_ms == 0 ? USHER_NEVER : rt->tell_retry_ms);
    } else if (rt->phase == USH_STOPPING && !rt->quit) {
        due = rt->stop_ms;
    }
    return due;
}

static void late_hellos(struct usher_uv *rt, uint64_t now_ms)
{
    while (hello_due(rt) <= now_ms) {
        struct ush_peer *link = USH_ITEM(rt->hellos.next, struct ush_peer, hello);
        if (link->state == USH_PEER_ASKED) {
            ush_uv_drop(rt, link, 1013); /* It is not to blame: nobody has answered. */
        } else {
            ush_uv_drop(rt, link, link->hello_fast ? 4429 : 4401);
        }
    }
}

static void late_readers(struct usher_uv *rt, uint64_t now_ms)
{
    while (stall_due(rt) <= now_ms) {
        struct ush_peer *link = USH_ITEM(rt->stalled.next, struct ush_peer, stall);
        ush_list_del(&link->stall);
        ush_uv_drop(rt, link, 4408);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct usher_uv *rt = timer->data;
    rt->armed_ms = USHER_NEVER;
    ush_uv_clock(rt);
}

void ush_uv_clock(struct usher_uv *rt)
{
    uint64_t now_ms = ush_uv_mono(rt);
    rt->dirty = true;
    if (rt->phase != USH_OPEN) {
        return;
    }
    late_hellos(rt, now_ms);
    late_readers(rt, now_ms);
    if (slow_due(rt) <= now_ms) {
        struct usher_fault why = {USHER_EIO, "saving takes too long"};
        ush_uv_lost(rt, &why);
    }
    if (rt->tell_retry_ms != 0 && rt->tell_retry_ms <= now_ms) {
        rt->tell_retry_ms = 0;
        ush_uv_tell_more(rt);
    }
    if (usher_deadline(rt->core) <= now_ms) {
        struct usher_event ev = {.type = USHER_EV_TICK};
        ush_uv_step(rt, &ev);
    }
}

void ush_uv_arm(struct usher_uv *rt)
{
    uint64_t due = next_due(rt);
    if (due == rt->armed_ms) {
        return;
    }
    rt->armed_ms = due;
    if (due == USHER_NEVER) {
        uv_timer_stop(&rt->timer);
        return;
    }
    uint64_t now_ms = ush_uv_mono(rt);
    /* Never 0: work that stays due, waiting for the storage, must not spin the loop. */
    uv_timer_start(&rt->timer, on_timer, due > now_ms ? due - now_ms : 1, 0);
}
