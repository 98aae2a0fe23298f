/* picture.h - the judge's own picture of a desk, folded from facts and from who has a link.
 * SPDX-License-Identifier: MIT */
#ifndef USH_PICTURE_H
#define USH_PICTURE_H

#include "store.h"

#define USH_NONE UINT32_MAX

enum {
    USH_AGENTS_MAX = 8,
    USH_QUEUES_MAX = 8,
    USH_SKILLS = 4,
    USH_WRAPS_MAX = 64,
    USH_BARS_MAX = 40,
    USH_CORE_BARS = 8 /* so many the desk remembers for certain */
};

/* Whoever has links: an agent or a visitor. */
struct ush_presence {
    uint32_t links;
    uint64_t gone_at, gone_first; /* mono time; while there is no link; and the earliest possible */
    uint64_t was_step;            /* the step in which it last changed, and what it was before: */
    uint32_t was_links;
    uint64_t was_gone_at;
};

/* Skills are numbered here; skill n is called "sn". */
struct ush_sim_step {
    enum usher_step_kind kind;
    uint32_t after_ms, by, skill, queue; /* USH_NONE: none is named */
};

/* How a queue is routed. */
struct ush_rules {
    enum usher_order order;
    enum usher_pick pick;
    enum usher_offering offering;
    uint32_t order_ms[USHER_PRIORITIES];
    uint32_t fanout, cost, active_max, wrap_ms, sticky_ms, drain_ms;
    struct ush_sim_step steps[USHER_STEPS_MAX];
    uint32_t n_steps;
    uint8_t needs[USH_SKILLS]; /* of each session that starts there */
    uint32_t priority;
};

/* What an agent can do. */
struct ush_traits {
    uint8_t tiers[USH_QUEUES_MAX], levels[USH_SKILLS];
    uint32_t weight;
};

struct ush_pictured_offer {
    uint64_t number, due; /* number 0: none; mono time */
};

struct ush_pictured_session {
    struct usher_session_id id;
    bool opened;
    enum usher_session_state state;
    uint32_t visitor, queue;
    uint32_t owner;                                   /* ACTIVE; CLOSED: the last one */
    struct ush_pictured_offer offers[USH_AGENTS_MAX]; /* OFFERED: at least one */
    bool offer_restart;                               /* they were live when the desk stopped */
    uint32_t priority, cost;                          /* cost: OFFERED and ACTIVE */
    uint8_t needs[USH_SKILLS];                        /* levels; 0: not needed */
    uint32_t held_for;                                /* for this agent alone it waits … */
    uint64_t held_until;                              /* … until then */
    uint32_t misses;
    int64_t enq;                       /* mono time since when it waits */
    uint64_t enq_seq;                  /* of the fact that queued it */
    uint64_t head[2], durable[2];      /* public, internal; durable: as the desk was told */
    uint64_t last_seq;                 /* of its own logs */
    uint64_t joined_seq;               /* of the last JOINED */
    int64_t closed_at;                 /* mono time */
    uint64_t since;                    /* mono time of its last move between waiting and active */
    uint64_t seen[2], seen_at[2];      /* by the visitor, by the present agent */
    uint64_t until[USH_AGENTS_MAX][2]; /* the last indexes that an agent may see */
    uint32_t form;                     /* the command that opened it */
};

/* For a while an agent is not offered a session. */
struct ush_bar {
    uint32_t session;
    uint64_t until;
};

struct ush_pictured_agent {
    struct usher_agent_id id;
    bool set, ready;
    uint32_t queues; /* bit set */
    uint32_t capacity, missed;
    struct ush_presence presence;
    uint64_t touched; /* the step that last changed whether, or how far, he is free */
    uint64_t idle;    /* the same, but only what counts for "idle for longest" */
    struct ush_bar bars[USH_BARS_MAX];
    uint32_t n_bars;
    struct ush_traits traits;
    struct ush_bar wraps[USH_WRAPS_MAX]; /* units (in place of a session), until */
    uint32_t n_wraps;
    uint64_t turn;          /* the step of his last offer */
    uint64_t window, count; /* window of his last session, and how many came in it */
};

struct ush_pictured_queue {
    struct usher_queue_id id;
    bool set, open;
    uint32_t offer_ms, waiting_max, reopen_ms;
    struct ush_rules rules, was; /* now; and before the step in which they last changed */
    uint64_t was_step;
    bool was_open;
    uint32_t was_waiting_max;
};

struct ush_pictured_visitor {
    struct usher_visitor_id id;
    uint8_t token_hash[32];
    uint32_t person, open;
    bool known; /* his VISITOR fact is made */
    struct ush_presence presence;
};

struct ush_picture {
    struct ush_pictured_session *sessions;
    struct ush_pictured_visitor *visitors;
    size_t n_sessions, sessions_room, n_visitors, visitors_room;
    struct ush_pictured_agent agents[USH_AGENTS_MAX];
    struct ush_pictured_queue queues[USH_QUEUES_MAX];
    uint32_t n_agents, n_queues;
    uint64_t window_ms;
};

void ush_picture_done(struct ush_picture *p);
uint32_t ush_picture_agent(const struct ush_picture *p, const struct usher_agent_id *id);
uint32_t ush_picture_queue(const struct ush_picture *p, const struct usher_queue_id *id);
/* The session with this id, or NULL: the world never made it. */
struct ush_pictured_session *ush_picture_session(struct ush_picture *p,
                                                 const struct usher_session_id *id);

/* A fact happened: at `mono` on this run's clock, in step `step`. */
void ush_picture_apply(struct ush_picture *p, const struct usher_fact *f, int64_t mono,
                       uint64_t step);
/* The desk began anew from what the store holds. */
void ush_picture_restore(struct ush_picture *p, const struct ush_store *s, struct usher_now now);

uint32_t ush_picture_waiting(const struct ush_picture *p, uint32_t queue);
void ush_picture_bar(struct ush_pictured_agent *a, uint32_t session, uint64_t until, uint64_t now);

enum ush_barred { USH_BARRED_NO, USH_BARRED_MAYBE, USH_BARRED_YES };
enum ush_barred ush_picture_barred(const struct ush_pictured_agent *a, uint32_t session,
                                   uint64_t now);
/* Time has passed: wrap-ups are over. */
void ush_picture_time(struct ush_picture *p, uint64_t now, uint64_t step);
/* Nobody may count on this agent any more: what was held for him is not. */
void ush_picture_unhold(struct ush_picture *p, uint32_t agent);
bool ush_picture_offered(const struct ush_pictured_session *s); /* to anybody */

/* route.c: what routing is by definition, worked out the long way */
struct ush_loads {
    uint32_t load[USH_AGENTS_MAX], offers[USH_AGENTS_MAX]; /* units; sessions */
};
struct ush_loads ush_route_loads(const struct ush_picture *p, uint64_t now);
/* How many he has, or is offered. */
uint32_t ush_route_sessions(const struct ush_picture *p, uint32_t agent);
/* The tier in which he serves it now, or USH_NONE. */
uint32_t ush_route_tier(const struct ush_picture *p, uint32_t agent,
                        const struct ush_pictured_session *s, uint64_t now);
uint32_t ush_route_levels(const struct ush_picture *p, uint32_t agent,
                          const struct ush_pictured_session *s);
bool ush_route_ahead(const struct ush_picture *p, const struct ush_pictured_session *a,
                     const struct ush_pictured_session *b, uint64_t now);
bool ush_route_room(const struct ush_picture *p, uint32_t queue, uint32_t desk_max);
bool ush_route_is_old(const struct ush_picture *p, const struct ush_pictured_session *s,
                      uint64_t now);
bool ush_route_may_keep_free(const struct ush_picture *p, uint32_t agent, uint64_t now);

#endif
