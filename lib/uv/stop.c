/* stop.c - the way down: say bye, stop the transports, save, close the storage, leave the loop.
 * SPDX-License-Identifier: MIT
 *
 * Two things go on side by side and both must end: the transports stop, and the
 * storage thread saves what is open (for at most stop_ms), closes the storage
 * and ends. Then the handles are closed, and with the last of them rt is gone. */
#include "runtime.h"

/* When those who were sent away may come back. */
#define BYE_RETRY_MS 1000

static void say_bye(struct usher_uv *rt)
{
    char text[128];
    size_t len = 0;
    if (usher_encode_bye(BYE_RETRY_MS, text, sizeof text, &len) != 0) {
        return;
    }
    for (uint32_t i = 0; i < rt->links.pool.size; i++) {
        struct ush_peer *link = rt->links.slots[i];
        if (link != NULL && link->drop_code == 0 && link->stall_ms == 0) {
            struct usher_span message = {text, len};
            link->transport->ops->send(link->transport, link->conn, message);
            rt->stats.frames_out++;
            rt->stats.bytes_out += len;
        }
    }
}

static void on_transport_stopped(void *ctx)
{
    struct usher_uv *rt = ctx;
    rt->transports_left--;
    ush_uv_wake(rt);
}

void ush_uv_stop_transports(struct usher_uv *rt)
{
    rt->transports_left = rt->n_transports;
    for (size_t i = 0; i < rt->n_transports; i++) {
        struct usher_transport *t = rt->transports[i];
        t->ops->stop(t, 1012, on_transport_stopped, rt);
    }
}

void ush_uv_stop_begin(struct usher_uv *rt)
{
    bool open = rt->phase == USH_OPEN;
    bool failed = rt->phase == USH_FAILED;
    rt->phase = USH_STOPPING;
    rt->stop_ms = ush_uv_mono(rt) + (open ? rt->cfg.stop_ms : 0);
    if (open) {
        say_bye(rt);
    }
    if (!failed) { /* Then they were stopped at once. */
        ush_uv_stop_transports(rt);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct usher_uv *rt = handle->data;
    rt->handles--;
    if (rt->handles > 0) {
        return;
    }
    for (size_t i = 0; i < rt->n_transports; i++) {
        rt->transports[i]->desk = NULL;
    }
    void (*stopped)(void *ctx) = rt->stopped;
    void *ctx = rt->stopped_ctx;
    ush_uv_free(rt);
    if (stopped != NULL) {
        stopped(ctx);
    }
}

static void close_handles(struct usher_uv *rt)
{
    ush_worker_join(&rt->worker);
    uv_close((uv_handle_t *) &rt->async, on_closed);
    uv_close((uv_handle_t *) &rt->prepare, on_closed);
    uv_close((uv_handle_t *) &rt->check, on_closed);
    uv_close((uv_handle_t *) &rt->timer, on_closed);
}

void ush_uv_stop_more(struct usher_uv *rt)
{
    if (!rt->quit && (!rt->saving || ush_uv_mono(rt) >= rt->stop_ms)) {
        rt->quit = true;
        if (rt->saving) {
            ush_uv_log(rt, USHER_ERROR, "stopped without saving the last batch");
        }
        rt->cfg.storage->desk = NULL; /* With the worker it goes, too. */
        ush_worker_quit(&rt->worker);
    }
    if (rt->ended && rt->transports_left == 0 && !uv_is_closing((uv_handle_t *) &rt->async)) {
        close_handles(rt);
    }
}
