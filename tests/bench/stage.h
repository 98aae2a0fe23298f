/* stage.h - a core with agents and visitors, moved by hand: for measuring nothing but the core.
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_STAGE_H
#define BENCH_STAGE_H

#include "usher.h"

enum { STAGE_AGENTS = 84, STAGE_VISITORS = 2500, STAGE_OFFERS = 256 };

/* An offer that waits for its answer. */
struct stage_offer {
    uint32_t agent;
    uint64_t number;
    struct usher_session_id session;
};

struct stage {
    struct usher *core;
    struct usher_now now;
    uint32_t visitors;                               /* that are here */
    struct usher_session_id session[STAGE_VISITORS]; /* of each, the newest */
    uint32_t owner[STAGE_VISITORS];                  /* STAGE_AGENTS: nobody */
    struct stage_offer offers[STAGE_OFFERS];
    uint32_t n_offers;
    uint64_t sessions, keys; /* counted up: none comes twice */
    uint64_t told;           /* facts and notes that were taken */
};

/* A desk on which `visitors` have come in. Ends the program if anything is refused. */
struct stage *stage_new(uint32_t visitors);
void stage_free(struct stage *s);

void stage_start(struct stage *s, uint32_t visitor);
void stage_say(struct stage *s, uint32_t visitor, bool agent);
void stage_close(struct stage *s, uint32_t visitor);
/* Accept all offers that were taken. */
void stage_accept(struct stage *s);
/* Take all effects; what is to be saved is durable at once. */
void stage_take(struct stage *s);

#endif
