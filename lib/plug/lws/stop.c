/* stop.c - the way down, also after a start that failed.
 * SPDX-License-Identifier: MIT
 *
 *     stop -> begin: no new ones; close links with the code, finish answers
 *          -> when all are gone, or after stop_ms: shut libwebsockets
 *          -> some turns of the loop, for its handles: free libwebsockets
 *          -> close our handles -> done
 *
 * Libwebsockets' handles close in the turn in which it is shut, or in the next
 * (those that wait for others); after ROUNDS turns none is left. */
#include "context.h"
#include "door.h"

#define ROUNDS 4
#define TURN_MS 1 /* With 0 a timer could fire again in the same turn. */

static void on_turn(uv_timer_t *timer);

static void shut_doors(struct ush_lws *t, bool all)
{
    struct ush_lws_door *next = NULL;

    for (struct ush_lws_door *door = LIST_FIRST(&t->doors); door != NULL; door = next) {
        next = LIST_NEXT(door, all);
        if (all || door->phase != USH_LWS_DOOR_ANSWER) {
            ush_lws_door_shut(door);
        }
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct ush_lws *t = handle->data;

    t->handles--;
    if (t->handles == 0) {
        t->phase = USH_LWS_STOPPED;
        ush_lws_log_close(t);
        if (t->stopped != NULL) {
            t->stopped(t->stopped_ctx);
        }
    }
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle)) {
        uv_close(handle, on_closed);
    }
}

/* All links and doors are gone, or their time is over. */
static void on_end(uv_timer_t *timer)
{
    struct ush_lws *t = timer->data;

    t->stop_waits = false;
    uv_timer_stop(&t->tick);
    shut_doors(t, true);
    ush_lws_context_shut(t);
    t->stop_rounds = ROUNDS;
    uv_timer_start(&t->stopper, on_turn, TURN_MS, TURN_MS);
}

static void on_turn(uv_timer_t *timer)
{
    struct ush_lws *t = timer->data;

    if (t->wsis > 0 || !LIST_EMPTY(&t->doors)) {
        return;
    }
    if (t->stop_rounds > 0) {
        t->stop_rounds--;
        return;
    }
    ush_lws_context_free(t);
    close_handle((uv_handle_t *) &t->tick);
    close_handle((uv_handle_t *) &t->stopper);
    close_handle((uv_handle_t *) &t->check);
}

static bool is_empty(const struct ush_lws *t)
{
    return LIST_EMPTY(&t->links) && LIST_EMPTY(&t->doors);
}

static void on_begin(uv_timer_t *timer)
{
    struct ush_lws *t = timer->data;
    struct ush_lws_link *link = NULL;

    if (t->listen.fd >= 0) {
        if (t->accepts) {
            uv_poll_stop(&t->acceptor);
            close_handle((uv_handle_t *) &t->acceptor);
        }
        ush_lws_listen_close(&t->listen);
    }
    t->accept_ms = 0;
    shut_doors(t, false);
    LIST_FOREACH (link, &t->links, all) {
        if (link->wsi != NULL) {
            ush_lws_link_close(link, t->stop_code);
        }
    }
    t->stop_waits = true;
    uv_timer_start(timer, on_end, is_empty(t) ? TURN_MS : t->cfg.stop_ms, 0);
}

void ush_lws_stop_check(struct ush_lws *t)
{
    /* From one millisecond on, so never inside of who calls us. */
    if (t->phase == USH_LWS_STOPPING && t->stop_waits && is_empty(t)) {
        uv_timer_start(&t->stopper, on_end, TURN_MS, 0);
    }
}

void ush_lws_stop(struct usher_transport *transport, int code, void (*done)(void *ctx), void *ctx)
{
    struct ush_lws *t = (struct ush_lws *) (void *) transport;

    if (t->phase == USH_LWS_BOUND && t->handles == 0) { /* It was never started. */
        ush_lws_timers_init(t);
    }
    t->phase = USH_LWS_STOPPING;
    t->stop_code = code;
    t->stopped = done;
    t->stopped_ctx = ctx;
    uv_timer_start(&t->stopper, on_begin, TURN_MS, 0);
}
