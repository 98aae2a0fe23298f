/* usher/plug/lws.h - the transport for browsers: WebSocket and HTTP on one port, by libwebsockets.
 * SPDX-License-Identifier: MIT
 *
 * The listening socket is ours; libwebsockets gets accepted ones. Loop thread
 * only. libwebsockets' log level is process-wide: usher sets it once. */
#ifndef USHER_PLUG_LWS_H
#define USHER_PLUG_LWS_H
#include "../transport.h"
#ifdef __cplusplus
extern "C" {
#endif
struct uv_loop_s;
struct usher_lws_request;

struct usher_lws_config {
    size_t size;
    struct uv_loop_s *loop;          /* borrowed until stopped */
    const char *listen;              /* "127.0.0.1:8080", "[::1]:0", "unix:/run/usher.sock" */
    bool insecure;                   /* allow a listen address that is not loopback, without TLS */
    bool tls_in_front;               /* a proxy in front speaks TLS: allowed too */
    const char *path;                /* of the WebSocket (NULL: "/usher") */
    const char *const *origins;      /* allowed besides the defaults: http://127.0.0.1:PORT, */
    size_t n_origins;                /* http://localhost:PORT, http://[::1]:PORT, http://LISTEN;
                                      * a page of another one is answered 403, and logged */
    uint32_t frame_max;              /* reassembled message from a client, bytes (65 536) */
    uint32_t connections;            /* TCP connections (10 000) */
    uint32_t connections_address;    /* of one address that is not a trusted proxy's (100) */
    size_t send_soft, send_hard;     /* queued bytes of a link: full at (256 KiB), dropped 4408 at (2 MiB) */
    uint32_t stall_ms;               /* no progress in writing (30 000): dropped 4408 */
    uint32_t ping_ms, pong_ms;       /* (25 000, 10 000) */
    uint32_t stop_ms;                /* longest drain (1 000) */
    uint32_t request_max;            /* body of an HTTP request, bytes (4 096) */
    const char *const *trusted_proxies; size_t n_trusted_proxies; /* exempt from connections_address */
    /* Every well-formed HTTP request that is not the WebSocket. Answer now or
     * later with usher_lws_reply(). NULL: all are 404. */
    void (*request)(void *ctx, struct usher_lws_request *req);
    /* A request that was not answered yet is gone; do not reply. May be NULL. */
    void (*gone)(void *ctx, struct usher_lws_request *req);
    void *ctx;
};
/* Fill *cfg with zeros, which mean defaults. Any thread. */
USHER_API void usher_lws_config_default(struct usher_lws_config *cfg, size_t size);
#define usher_lws_config_init(cfg) usher_lws_config_default((cfg), sizeof *(cfg))

/* Bind and listen; who connects waits until the desk is open, and is let go when it cannot be.
 * Errors: EINVAL (not loopback, and neither insecure nor tls_in_front; bad address), EIO (address
 * in use …), ENOMEM; *why says it. */
USHER_API int usher_lws_new(struct usher_transport **out, const struct usher_lws_config *cfg,
                            struct usher_fault *why);
USHER_API void usher_lws_free(struct usher_transport *t); /* after stopped, or never started; NULL is fine */
/* The port that was bound; 0 for a unix socket. */
USHER_API int usher_lws_port(const struct usher_transport *t);

/* A request, as the host sees it; everything is borrowed until it is answered or gone. */
struct usher_lws_request {
    struct usher_span method, path, query; /* path is decoded and has no ".." */
    struct usher_span origin, host, content_type, if_none_match;
    bool origin_ok;              /* present, single, and on the allow-list */
    struct usher_span body;
    struct usher_peer peer;
    void *user;                  /* the host's own */
};
struct usher_lws_reply {
    int status;
    const char *content_type;
    const char *headers;         /* further ones, "Name: value\r\n" each, or NULL; copied */
    struct usher_span body;      /* copied */
};
/* Answer. Errors: EINVAL, ENOMEM. The request is gone after it. */
USHER_API int usher_lws_reply(struct usher_lws_request *req, const struct usher_lws_reply *reply);
#ifdef __cplusplus
}
#endif
#endif
