/* desk.h - the real core as a host drives it, in virtual time; its storage saves at once.
 * SPDX-License-Identifier: MIT
 *
 * A visitor and his link belong to a slot and are used again by the next session in it. What
 * the core decides is read from the facts that it wants saved, which are all that happens. */
#ifndef WHATIF_DESK_H
#define WHATIF_DESK_H

#include "scenario.h"

struct sim_desk {
    struct usher *core;
    double now;              /* ms since the run began */
    void (*on_fact)(void *ctx, const struct usher_fact *f); /* must not step */
    void *ctx;
    const struct sim_scenario *s;
    bool *here;              /* by slot: its visitor has signed in */
    enum usher_why refused;  /* the last refusal since it was cleared */
    int failed;              /* an error of the core that ends the run */
    uint64_t steps, facts, told;
};

/* Agents are numbered from 0. Errors: ENOMEM, EINVAL. */
int sim_desk_new(struct sim_desk *d, const struct sim_scenario *s, uint32_t slots, uint64_t seed);
void sim_desk_done(struct sim_desk *d);

void sim_desk_queue(struct sim_desk *d, const struct usher_queue_set *set);
void sim_desk_agent(struct sim_desk *d, uint32_t agent, const struct sim_group *g); /* signs in */
void sim_desk_ready(struct sim_desk *d, uint32_t agent, bool on);
void sim_desk_start(struct sim_desk *d, uint32_t slot, uint64_t number,
                    uint32_t kind);
void sim_desk_leave(struct sim_desk *d, uint32_t slot, uint64_t number);   /* the visitor closes */
void sim_desk_finish(struct sim_desk *d, uint32_t slot, uint64_t number, uint32_t agent);
void sim_desk_move(struct sim_desk *d, uint32_t slot, uint64_t number, uint32_t agent,
                   const struct usher_queue_id *queue);
void sim_desk_answer(struct sim_desk *d, uint32_t agent, uint64_t offer, bool accept);
/* What the core says of a wait; false: the session is offered to somebody. */
bool sim_desk_wait(const struct sim_desk *d, uint32_t slot, uint64_t number,
                   struct usher_wait *out);
void sim_desk_tick(struct sim_desk *d);

/* When the core wants to be stepped next, in ms since the run began; SIM_NEVER. */
double sim_desk_deadline(const struct sim_desk *d);
/* Who is meant by an id in a fact. */
uint32_t sim_desk_agent_of(const struct usher_agent_id *id);
uint32_t sim_desk_slot_of(const struct usher_session_id *id, uint64_t *number);

#endif
