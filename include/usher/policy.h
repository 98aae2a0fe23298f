/* usher/policy.h - a host's own way to choose among the agents who may have a session.
 * SPDX-License-Identifier: MIT */
#ifndef USHER_POLICY_H
#define USHER_POLICY_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A session, and an agent who may have it. Lives for the call. */
struct usher_candidate {
    struct usher_session_id session;
    struct usher_queue_id queue;
    struct usher_agent_id agent;
    uint64_t waited_ms;       /* the session, so far */
    uint32_t priority, cost;  /* of the session */
    uint32_t load, capacity;  /* of the agent, in units */
    uint32_t sum_of_levels;   /* the agent's, of the skills that the session needs */
    uint32_t tier;            /* of the agent in this queue */
    uint64_t idle_order;      /* the lower, the longer he is idle; no unit */
    uint32_t missed;          /* offers that he missed running */
};

/* Called inside usher_step(), on its thread, once for each free agent who may have the
 * session: its cost grows with their number. It must be a function of *c alone (ctx is for
 * constants), and must not call usher: else a tape cannot be replayed. Who may have a
 * session is not its affair: skills, tiers and capacity are. */
struct usher_policy {
    void *ctx;
    int64_t (*score)(void *ctx, const struct usher_candidate *c); /* the highest has it; ties: idle for longest */
};

#ifdef __cplusplus
}
#endif
#endif
