/* transport_local_test.c - the local transport keeps the contract of transports.
 * SPDX-License-Identifier: MIT */
#include "transport.h"
#include "usher/plug/local.h"

static int make(void *ctx, uv_loop_t *loop, struct usher_transport **out)
{
    (void) ctx;
    return usher_local_new(out, loop);
}

static void free_it(void *ctx, struct usher_transport *t)
{
    (void) ctx;
    usher_local_free(t);
}

static void on_message(void *ctx, struct usher_local *l, struct usher_span message)
{
    (void) l;
    ush_far_message(ctx, message);
}

static void on_closed(void *ctx, struct usher_local *l, int code)
{
    (void) l;
    ush_far_closed(ctx, code);
}

static int open_far(void *ctx, struct usher_transport *t, struct ush_far *far)
{
    (void) ctx;
    struct usher_local_user user = {on_message, on_closed, far};
    struct usher_local *l = NULL;
    int rv = usher_local_open(t, &user, "192.0.2.1", &l);
    far->end = l;
    return rv;
}

static void far_send(void *ctx, struct ush_far *far, struct usher_span message)
{
    (void) ctx;
    usher_local_send(far->end, message);
}

static void far_pause(void *ctx, struct ush_far *far, bool on)
{
    (void) ctx;
    if (!far->closed) {
        usher_local_pause(far->end, on);
    }
}

static void far_close(void *ctx, struct ush_far *far, int code)
{
    (void) ctx;
    usher_local_close(far->end, code);
}

int main(void)
{
    struct ush_transport_kit kit = {
        .name = "local",
        .address = "192.0.2.1",
        .make = make,
        .free = free_it,
        .open = open_far,
        .send = far_send,
        .pause = far_pause,
        .close = far_close,
    };
    return ush_contract_transport(kit);
}
