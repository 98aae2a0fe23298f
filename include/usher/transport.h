/* usher/transport.h - write a transport: start, send, drop, stop.
 * SPDX-License-Identifier: MIT
 *
 * A transport moves whole messages and knows nothing of their meaning: UTF-8
 * text without zero bytes, with newlines only between JSON objects. All
 * calls, both ways, are on the loop thread. A transport reports only from its
 * own loop events, never from inside start, send, drop or stop. */
#ifndef USHER_TRANSPORT_H
#define USHER_TRANSPORT_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct usher_transport;

/* Who is at the other end, as far as the transport can see. */
struct usher_peer {
    struct usher_span address;   /* numeric, without port: "127.0.0.1", "2001:db8::1"; "unix"; "local" */
    struct usher_span forwarded; /* the X-Forwarded-For header as it came, or empty */
};

/* What a transport may tell. Spans are borrowed for the call. */
struct usher_transport_host {
    void *ctx;
    /* May this peer open a link now? Asked before a handshake is answered.
     * 0; EBUSY: too fast (HTTP 429); EFULL: too many (HTTP 503); *retry_ms is then set. */
    int (*admit)(void *ctx, const struct usher_peer *peer, uint32_t *retry_ms);
    /* A link is there. `conn` is the transport's own name for it, as given back
     * in send and drop. Returns an error (EFULL, ESTATE) if the link is not
     * wanted: the transport then closes it with 1013, and no down() follows. */
    int (*up)(void *ctx, struct usher_transport *t, void *conn, const struct usher_peer *peer,
              struct usher_link_id *out);
    void (*input)(void *ctx, struct usher_link_id link, struct usher_span message);
    void (*clear)(void *ctx, struct usher_link_id link); /* room again after EFULL */
    void (*down)(void *ctx, struct usher_link_id link, int code); /* exactly once for each up */
    void (*log)(void *ctx, enum usher_level level, const char *message);
};

struct usher_transport_ops {
    size_t size;      /* sizeof(struct usher_transport_ops) of the author */
    const char *name; /* "lws", "local" */
    /* Begin to take connections. *host and what it points to live until done()
     * of stop. After an error, stop is still called. */
    int (*start)(struct usher_transport *t, const struct usher_transport_host *host,
                 struct usher_fault *why);
    /* Send one message; the bytes are copied. EFULL means: this one was taken,
     * but give no more until clear(). Any other error: the link is dying and
     * down() will come. */
    int (*send)(struct usher_transport *t, void *conn, struct usher_span message);
    /* Close with a WebSocket close code (RFC 6455 §7.4, or 4000 to 4999). What was
     * sent before is delivered first where the peer still reads. Exactly one
     * down() follows, later. */
    void (*drop)(struct usher_transport *t, void *conn, int code);
    /* Take no new connections, close the others with `code`, then done(); never
     * from inside stop itself. Also after a start that failed, and without any
     * start, when the desk could not be opened: let go of what listens already. */
    void (*stop)(struct usher_transport *t, int code, void (*done)(void *ctx), void *ctx);
};

/* Embed this first in your own struct, which begins zeroed. A transport serves one desk at a time. */
struct usher_transport {
    const struct usher_transport_ops *ops;
    const void *desk; /* the runtime's: the desk that it serves now */
};

#ifdef __cplusplus
}
#endif
#endif
