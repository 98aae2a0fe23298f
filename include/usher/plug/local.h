/* usher/plug/local.h - a transport inside the process: frames in, frames out.
 * SPDX-License-Identifier: MIT
 *
 * For tests, bots, bindings, and hosts that speak WebSocket themselves. Loop
 * thread only. */
#ifndef USHER_PLUG_LOCAL_H
#define USHER_PLUG_LOCAL_H
#include "../transport.h"
#ifdef __cplusplus
extern "C" {
#endif
struct uv_loop_s;
struct usher_local;

/* What an owner of local links is told. Called from the loop, never from inside
 * usher_local_* calls. */
struct usher_local_user {
    /* One message for this link (one or more JSON objects, newline between). */
    void (*message)(void *ctx, struct usher_local *l, struct usher_span message);
    /* The link is closed; l is gone after this. Exactly once for each open link. */
    void (*closed)(void *ctx, struct usher_local *l, int code);
    void *ctx;
};

/* Errors: ENOMEM. */
USHER_API int usher_local_new(struct usher_transport **out, struct uv_loop_s *loop);
USHER_API void usher_local_free(struct usher_transport *t); /* after stopped; NULL is fine */

/* Open a link, as from `address` (NULL: "local"). Errors: ENOMEM, ESTATE (not
 * started), EFULL, EBUSY (the doorman says no). */
USHER_API int usher_local_open(struct usher_transport *t, const struct usher_local_user *user,
                               const char *address, struct usher_local **out);
/* Send one frame to the desk; copied. ESTATE when closing. EFULL: 64 are waiting. */
USHER_API int usher_local_send(struct usher_local *l, struct usher_span frame);
/* Ask for no messages until resumed: the desk sees a full link. */
USHER_API void usher_local_pause(struct usher_local *l, bool on);
USHER_API void usher_local_close(struct usher_local *l, int code); /* closed() follows */
USHER_API void *usher_local_ctx(const struct usher_local *l);
#ifdef __cplusplus
}
#endif
#endif
