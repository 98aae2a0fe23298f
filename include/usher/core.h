/* usher/core.h - the router. Pure: no clock, no socket, no file, no thread.
 * SPDX-License-Identifier: MIT
 *
 * Events go in (usher_step), effects come out (usher_take). What comes out is a
 * function of the configuration, the seed and the events, to the byte. One core
 * belongs to one thread at a time; different cores share nothing. */
#ifndef USHER_CORE_H
#define USHER_CORE_H

#include "base.h"
#include "effect.h"
#include "event.h"
#include "policy.h"

#ifdef __cplusplus
extern "C" {
#endif

struct usher;

/* All memory is taken once, in usher_new(), from these; pages are touched only
 * when used. A full table refuses what would overflow it; it never grows.
 * Zero means the default in brackets. */
struct usher_limits {
    uint32_t links;        /* live connections (10 000) */
    uint32_t sessions;     /* open, or closed and kept for reopening (20 000) */
    uint32_t agents;       /* (256) */
    uint32_t queues;       /* (64) */
    uint32_t skills;       /* different ones (64) */
    uint32_t classes;      /* different needs of sessions: queue, priority, skills (256) */
    uint32_t profiles;     /* different kinds of agents: queues, tiers, skills, capacity, weight (as agents) */
    uint32_t keys;         /* remembered keys of sessions in memory (200 000) */
    uint32_t answers;      /* answers waiting on all links together (65 536); 256 a link */
    uint32_t capacity_max; /* of one agent (16) */
    uint32_t links_visitor;/* links of one visitor; the oldest is dropped beyond (8) */
    uint32_t links_agent;  /* links of one agent (5) */
    uint32_t boards;       /* links that look at the board at a time (16) */
    uint32_t batch_facts;  /* facts in one batch; two batches exist (1 024) */
    uint32_t body_max;     /* bytes in one text (8 192) */
    size_t batch_bytes;    /* texts, names and keys in one batch (1 MiB) */
    size_t recent_bytes;   /* durable facts kept at hand before a fetch is needed (8 MiB) */
};

struct usher_config {
    size_t size;               /* set by usher_config_init; later fields go at the end */
    struct usher_limits limits;
    uint8_t seed[16];          /* keys the hash tables; same seed + same events = same effects */
    uint32_t agent_grace_ms;   /* an agent without link keeps his sessions so long (120 000) */
    uint32_t visitor_waiting_ms; /* a waiting session outlives its visitor's last link so long (300 000) */
    uint32_t visitor_active_ms;  /* an active one (1 800 000) */
    uint32_t missed_max;       /* misses running that make an agent not ready (2) */
    uint32_t place_ms;         /* a place in line is told anew at most so often (15 000) */
    uint32_t board_ms;         /* a board's rows are told at most so often (1 000) */
    struct usher_mem mem;      /* resize NULL: calloc and free of libc */
    uint32_t active_max;       /* sessions offered or with agents at a time, of the whole desk (0: no limit) */
    uint64_t window_ms;        /* USHER_PICK_FEWEST counts within windows of so long, by wall time (86 400 000), at least 1 000 */
    struct usher_policy policy; /* for queues that pick by it; score NULL: least loaded */
};

/* Fill *cfg with zeros, which mean defaults. Any thread. */
USHER_API void usher_config_default(struct usher_config *cfg, size_t size);
#define usher_config_init(cfg) usher_config_default((cfg), sizeof *(cfg))

/* Bytes that usher_new() would take. 0 if the limits are out of range. Any thread. */
USHER_API size_t usher_footprint(const struct usher_config *cfg);

/* Make a core. It waits for LOADED events; until the last of them everything
 * but LOADED, QUEUE_SET and AGENT_SET is USHER_ESTATE. Errors: EINVAL, ENOMEM. */
USHER_API int usher_new(struct usher **out, const struct usher_config *cfg);
USHER_API void usher_free(struct usher *u); /* NULL is fine */

/* Tell the core one thing. Never blocks, never allocates, never calls out. A
 * command that may not be is refused to its sender by a note, and the step
 * succeeds; an error means that the event itself was not acceptable and nothing
 * changed: EINVAL (unknown link, bad argument), EFULL (LINK_UP, QUEUE_SET,
 * AGENT_SET: no room), ESTATE, EWAIT (see there), ECORRUPT (LOADED). */
USHER_API int usher_step(struct usher *u, struct usher_now now, const struct usher_event *ev);

/* Take the next thing to do, or NULL. If no batch is out, taking seals the open
 * one: whatever was stepped meanwhile commits together. Effects for one link
 * come in a row, as far as possible, so that they can leave in one write. */
USHER_API const struct usher_effect *usher_take(struct usher *u);

/* The same, but the open batch stays open, unless it is half full: for a host that tells
 * first what is durable, so that the answers to it commit with what came before. */
USHER_API const struct usher_effect *usher_take_open(struct usher *u);

/* When to step a TICK next, on the mono clock, or USHER_NEVER. */
USHER_API uint64_t usher_deadline(const struct usher *u);

/* Whose token is this? True if that visitor is in memory (is linked, or has a
 * session in memory). token_hash is the token's SHA-256. */
USHER_API bool usher_find_visitor(const struct usher *u, const uint8_t token_hash[32],
                                  struct usher_visitor_id *out);

/* How long a session will wait for an agent, as measured of its queue: from the rate at which
 * agents were found while somebody was in line, and at which visitors left (Ibrahim and Whitt,
 * 2009; docs/routing.md). */
struct usher_wait {
    uint64_t place;           /* in line; 1: next */
    bool known;               /* false: too little was seen yet, or no agent of its queue is ready */
    uint64_t expected_ms;     /* from now on, on average */
    uint64_t low_ms, high_ms; /* four of five wait between these */
};
/* Of a session that waits and is offered to nobody; else ESTATE. */
USHER_API int usher_wait(const struct usher *u, const struct usher_session_id *session,
                         struct usher_wait *out);

/* Why a session waits: each agent's part in it. Those who can have it come first, as they would be
 * chosen: at most max rows, *n of them. ESTATE: it does not wait. Nothing changes by it. */
USHER_API int usher_explain(struct usher *u, const struct usher_session_id *session,
                            struct usher_explanation *out, struct usher_explained *rows, size_t max,
                            size_t *n);

/* Figures for a metrics page. All are counts. */
struct usher_stats {
    uint32_t links, links_visitor, links_agent;
    uint32_t waiting, offered, active, closed; /* sessions in memory by state */
    uint32_t agents, agents_here, agents_ready; /* known; with a link; with a link and ready */
    uint32_t queues, queues_open, queues_ready; /* ready: open, and an agent ready for it */
    uint32_t keys, answers;
    uint64_t seq, durable;      /* last fact made, last fact durable */
    uint64_t epoch;
    uint64_t steps, refused, offers, missed, declined, started, said; /* since usher_new */
    bool degraded;              /* saving fails */
    bool loaded;
};
USHER_API void usher_stats_get(const struct usher *u, struct usher_stats *out);

/* Recompute everything that is derived and compare. 0, or ECORRUPT and *why.
 * Slow; for tests and doubts. */
USHER_API int usher_audit(const struct usher *u, struct usher_fault *why);

#ifdef __cplusplus
}
#endif
#endif
