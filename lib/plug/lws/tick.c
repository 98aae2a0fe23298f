/* tick.c - deadlines: looks at all who have one, four times a second while there are any.
 * SPDX-License-Identifier: MIT
 *
 * An idle link has none, so ten thousand of them cost nothing here. */
#include "door.h"
#include "link.h"

#define TICK_MS 250

static void on_tick(uv_timer_t *timer);

void ush_lws_timers_init(struct ush_lws *t)
{
    uv_timer_init(t->cfg.loop, &t->tick);
    uv_timer_init(t->cfg.loop, &t->stopper);
    uv_check_init(t->cfg.loop, &t->check);
    t->tick.data = t;
    t->stopper.data = t;
    t->check.data = t;
    t->handles += 3;
    uv_check_start(&t->check, ush_lws_on_check);
    uv_unref((uv_handle_t *) &t->check);
}

void ush_lws_tick_need(struct ush_lws *t)
{
    if (!uv_is_active((uv_handle_t *) &t->tick) && !uv_is_closing((uv_handle_t *) &t->tick)) {
        uv_timer_start(&t->tick, on_tick, TICK_MS, TICK_MS);
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct ush_lws *t = timer->data;
    uint64_t now = uv_now(t->cfg.loop);
    struct ush_lws_link *next_link = NULL;
    struct ush_lws_door *next_door = NULL;

    for (struct ush_lws_link *link = LIST_FIRST(&t->watched); link != NULL; link = next_link) {
        next_link = LIST_NEXT(link, watch);
        if (!ush_lws_link_look(link, now)) {
            LIST_REMOVE(link, watch);
            link->watched = false;
        }
    }
    for (struct ush_lws_door *door = LIST_FIRST(&t->doors); door != NULL; door = next_door) {
        next_door = LIST_NEXT(door, all);
        ush_lws_door_look(door, now);
    }
    if (t->accept_ms != 0 && now >= t->accept_ms) {
        ush_lws_accept_again(t);
    }
    if (LIST_EMPTY(&t->watched) && LIST_EMPTY(&t->doors) && t->accept_ms == 0) {
        uv_timer_stop(timer);
    }
}
