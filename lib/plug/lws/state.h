/* state.h - the transport as its own files see it. Owns the listening socket, the
 * libwebsockets context, and all doors and links.
 * SPDX-License-Identifier: MIT
 *
 *     listening socket --accept--> door --handshake--> link --> host
 *                                    |
 *                                    +----request----> host
 *
 * A door is a TCP connection that we read ourselves: one HTTP request, one
 * answer. Only a handshake that passed every check is handed to libwebsockets,
 * and is a link from then on. A seat is a connection's share in the caps; it
 * moves from the door to the link. */
#ifndef USH_LWS_STATE_H
#define USH_LWS_STATE_H

#include <sys/queue.h>
#include <uv.h>

#include <libwebsockets.h>

#include "listen.h"
#include "origin.h"
#include "seat.h"
#include "usher/plug/lws.h"

/* What libwebsockets keeps for each link, and gives us at once; most messages fit. */
#define USH_LWS_RX_BYTES 512

struct ush_lws_door;
struct ush_lws_link;

enum ush_lws_phase {
    USH_LWS_BOUND,    /* listens, takes nobody */
    USH_LWS_RUNNING,
    USH_LWS_STOPPING,
    USH_LWS_STOPPED
};

LIST_HEAD(ush_lws_doors, ush_lws_door);
LIST_HEAD(ush_lws_links, ush_lws_link);

struct ush_lws {
    struct usher_transport transport; /* first: the ops take it for the whole */
    struct usher_lws_config cfg;      /* zeros replaced; `path` is ours, other texts are not kept */
    char *path;
    struct ush_lws_origins origins;
    struct ush_lws_seats seats;
    struct ush_lws_listen listen;
    enum ush_lws_phase phase;
    const struct usher_transport_host *host;

    uv_poll_t acceptor;
    uv_timer_t tick;                  /* runs only while somebody has a deadline */
    uv_timer_t stopper;
    uv_check_t check;                 /* reads on */
    uint32_t turn;                    /* of the loop */
    uint32_t handles;                 /* of ours, not closed yet */
    bool accepts;                     /* the acceptor was initialised */
    uint64_t accept_ms;               /* not 0: out of descriptors, accept again then */
    uint64_t origin_ms;               /* when a refused origin may be logged again */
    uint32_t origins_unsaid;          /* refused since the last such line */

    struct lws_context *context;      /* NULL: none (any more) */
    struct lws_vhost *vhost;
    lws_retry_bo_t retry;
    struct lws_protocols protocols[3];
    uint32_t wsis;                    /* libwebsockets' objects that live */
    struct ush_lws_link *arriving;    /* being adopted just now */
    unsigned char *scratch;           /* one message on its way, with room before it */
    size_t scratch_size;

    struct ush_lws_doors doors;
    struct ush_lws_links links;       /* that may still be reported */
    struct ush_lws_links watched;     /* of these: with a deadline */
    struct ush_lws_links more;        /* that may have more to read */

    int stop_code;
    bool stop_waits;                  /* for doors and links to go */
    uint32_t stop_rounds;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

/* tick.c: deadlines. Call the second when a door or link has got one. */
void ush_lws_timers_init(struct ush_lws *t);
void ush_lws_tick_need(struct ush_lws *t);
/* more.c */
void ush_lws_on_check(uv_check_t *check);
/* stop.c */
void ush_lws_stop(struct usher_transport *transport, int code, void (*done)(void *ctx), void *ctx);
/* A door or link is gone: perhaps it was the last one. */
void ush_lws_stop_check(struct ush_lws *t);
/* accept.c */
void ush_lws_accept(uv_poll_t *poll, int status, int events);
void ush_lws_accept_again(struct ush_lws *t);
/* log.c. libwebsockets has one log for the process, and it knows no context. */
void ush_lws_log(struct ush_lws *t, enum usher_level level, const char *line);
/* Handshakes of pages that may not talk to us: whoever sets this up must see why nothing works, and
 * whoever sends many of them shall not fill the log. */
void ush_lws_log_origin(struct ush_lws *t, struct usher_span origin);
void ush_lws_log_open(struct ush_lws *t);
void ush_lws_log_close(const struct ush_lws *t);

#endif
