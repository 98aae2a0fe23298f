/* usher/uv.h - run a desk on the host's own libuv loop.
 * SPDX-License-Identifier: MIT
 *
 * The runtime never runs, stops or closes the loop, installs no signal
 * handlers, and has one private thread, for the storage. Everything here is
 * loop thread only. */
#ifndef USHER_UV_H
#define USHER_UV_H

#include "core.h"
#include "storage.h"
#include "transport.h"

#ifdef __cplusplus
extern "C" {
#endif

struct uv_loop_s;
struct usher_uv;

/* A token bucket: so many at once, then one every refill_ms. burst 0: the default. */
struct usher_rate { uint32_t burst, refill_ms; };

/* What the doorman allows. Zeros mean the defaults in brackets
 * (docs/protocol.md, "Limits"). */
struct usher_rates {
    uint32_t links_address;          /* live links of one address (50) */
    struct usher_rate accept;        /* new links of one address (50, 50 ms) */
    struct usher_rate accept_all;    /* new links of all (500, 2 ms) */
    struct usher_rate visitor_say;   /* a visitor's commands (10, 1 000 ms) */
    uint32_t visitor_minute, visitor_day; /* and at most (100, 2 000) */
    struct usher_rate visitor_start; /* new sessions of a visitor (3, 600 000 ms) */
    struct usher_rate address_start; /* new sessions of an address (30, 120 000 ms) */
    struct usher_rate address_say;   /* visitors' commands of an address (300, 200 ms) */
    struct usher_rate agent_say;     /* an agent's commands (30, 200 ms) */
    struct usher_rate hello;         /* hellos of one visitor or agent (5, 5 000 ms) */
    uint32_t signin_failures;        /* wrong agent tokens of one address in 5 minutes (10), then 15 minutes shut */
    uint32_t login_failures_address; /* wrong passwords of one address in 5 minutes (5), then shut until they are past */
    uint32_t login_failures_account; /* wrong passwords for one account in 15 minutes (10) */
    uint32_t hello_ms;               /* a link must say hello within (10 000) */
    uint32_t stall_ms;               /* a full link is dropped after (60 000) */
};

struct usher_uv_config {
    size_t size;
    struct uv_loop_s *loop;              /* borrowed until stopped */
    struct usher_config core;            /* all zero: all defaults; its seed is filled from the system if all zero */
    struct usher_storage *storage;       /* its own; taken over by a successful start: closed by the runtime when stopped */
    struct usher_transport *const *transports; /* borrowed until stopped; the array only for the call */
    size_t n_transports;
    const struct usher_queue_set *queues; size_t n_queues; /* copied */
    const struct usher_agent_set *agents; size_t n_agents; /* copied; each agent's queues too */
    struct usher_rates rates;
    const char *const *trusted_proxies; size_t n_trusted_proxies; /* numeric addresses; "unix" */
    uint32_t stop_ms;                    /* how long a stop waits for saving (2 000) */

    /* Which agent does this token belong to? Answer now or later by
     * usher_uv_signed_in(). NULL: there are no agents. */
    void (*who)(void *ctx, struct usher_uv *rt, uint64_t ticket, struct usher_span token);
    /* Every durable fact, in seq order, from tell_after + 1 on, across restarts: a
     * host that stores the seq that it has handled misses none. May be NULL. */
    void (*tell)(void *ctx, const struct usher_fact *f);
    uint64_t tell_after;                 /* 0: from the beginning; USHER_NEVER: only what is new */
    /* The desk is open (err 0), or could not be opened: then the transports take nobody,
     * and what is left is to stop it. May be NULL. */
    void (*started)(void *ctx, struct usher_uv *rt, const struct usher_fault *why);
    /* Saving fails (why->err not 0), or works again (err 0). May be NULL. */
    void (*saving)(void *ctx, const struct usher_fault *why);
    /* One line, without newline, control bytes or tokens, at most 1 KiB. May be NULL. */
    void (*log)(void *ctx, enum usher_level level, const char *line);
    void *ctx;
};
/* Fill *cfg with zeros, which mean defaults, its core with usher_config_init(), and tell_after
 * with USHER_NEVER. Any thread. Whoever writes an initializer instead sets `size`, sets core.size
 * if he sets anything in core, and is told everything from the beginning if he has tell(). */
USHER_API void usher_uv_config_default(struct usher_uv_config *cfg, size_t size);
#define usher_uv_config_init(cfg) usher_uv_config_default((cfg), sizeof *(cfg))

/* A log for a host that has none of its own: all but USHER_DEBUG to standard error, as
 * "usher: warning: …". For the slot `log`. */
USHER_API void usher_uv_log_stderr(void *ctx, enum usher_level level, const char *line);

/* Begin: load the storage, apply the queues and agents, start the transports,
 * then started(). Callbacks come only from the loop, never from inside this
 * call. A storage serves one desk, and a transport one at a time: the same *cfg
 * does not make a second one. Errors: EINVAL, ENOMEM; then *why (which may be
 * NULL) says it, nothing was taken over and no callback comes. What shows only
 * on the way is told by started(): a store that cannot be loaded, a queue or
 * agent that cannot be set, a transport that does not start. */
USHER_API int usher_uv_start(struct usher_uv **out, const struct usher_uv_config *cfg,
                             struct usher_fault *why);

/* Answer who(): the agent, or NULL for nobody. EINVAL: no such agent is set
 * (the link is then refused). A ticket whose link is gone is fine. */
USHER_API int usher_uv_signed_in(struct usher_uv *rt, uint64_t ticket, const char *agent);

/* Step a QUEUE_SET or AGENT_SET. Called from inside a callback, it is done when
 * the callback has returned. Errors: EINVAL, EFULL, ESTATE. */
USHER_API int usher_uv_post(struct usher_uv *rt, const struct usher_event *ev);

/* Drain and end: bye and 1012 to every link, the open batch saved, the storage
 * closed, then done(), after which rt is gone and nothing of usher is left on the
 * loop. Also after a failed start. Must be called exactly once. A storage call
 * that never returns holds it up for ever: the thread cannot be taken away from it. */
USHER_API void usher_uv_stop(struct usher_uv *rt, void (*done)(void *ctx), void *ctx);

/* The address that counts for rates: the first hop that is not trusted. Writes
 * at most 46 bytes with NUL. */
USHER_API void usher_uv_address(struct usher_uv *rt, const struct usher_peer *peer, char out[64]);
/* May this address try a password for this account now? 0, or EBUSY and *retry_ms. */
USHER_API int usher_uv_login_try(struct usher_uv *rt, const char *address, const char *account,
                                 uint32_t *retry_ms);
/* It was wrong. */
USHER_API void usher_uv_login_failed(struct usher_uv *rt, const char *address, const char *account);

/* Figures. */
struct usher_uv_stats {
    struct usher_stats core;
    uint64_t frames_in, frames_out, bytes_in, bytes_out;
    uint64_t refused_rate, refused_frame, links_refused, links_dropped;
    uint64_t batches, batch_facts, batch_failures;
    uint64_t batch_us;   /* time spent saving, all batches */
    bool open;           /* frames are accepted */
};
USHER_API void usher_uv_stats_get(const struct usher_uv *rt, struct usher_uv_stats *out);

#ifdef __cplusplus
}
#endif
#endif
