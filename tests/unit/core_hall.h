/* core_hall.h - a core with many agents and visitors, seen only from outside.
 * SPDX-License-Identifier: MIT */
#ifndef USH_TEST_CORE_HALL_H
#define USH_TEST_CORE_HALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "usher/core.h"

enum { ANN, BEA, CYD, DAN, EVE, FAY, GIL, HAL, HALL_AGENTS };
enum { NOBODY = -1 };
#define HALL_SESSIONS 4096
#define HALL_LINKS 65536
#define HALL_AT INT64_C(1790000000000) /* wall time at the beginning; mono time is 0 then */

struct hall_offer {
    int agent;
    uint64_t number;
    int64_t until_ms; /* by the hall's clock */
};

/* A session as its facts tell it. Each has a visitor of its own, of the same number. */
struct hall_session {
    enum usher_session_state state;
    enum usher_cause cause; /* of its end */
    char queue[USHER_ID_MAX + 1];
    uint32_t asked, priority; /* as it was started, and now */
    int owner, last;          /* agents, or NOBODY */
    struct hall_offer offers[USHER_FANOUT_MAX + 1];
    unsigned n_offers;
    int64_t came_ms; /* its age counts from here */
    uint64_t came_seq;
    int64_t ended_ms;
    uint64_t place; /* last told; 0: never */
    int64_t place_ms;
    uint64_t place_step; /* the step in which it was told */
    uint64_t link;
};

struct hall_agent {
    uint64_t link; /* 0: none */
    bool ready;    /* by the last AGENT fact */
    enum usher_cause cause;
};

struct hall {
    struct usher *desk;
    struct usher_config cfg;
    struct usher_now now;
    struct hall_session *sessions;
    struct hall_agent agents[HALL_AGENTS];
    struct usher_fact *facts; /* all that is durable, seq 1 first */
    size_t n_facts, room;
    uint64_t n_steps;
    size_t n_before; /* facts before the last step */
    int *who;        /* of each link: an agent's number, or HALL_AGENTS + a session's */
    uint64_t n_links;
    enum usher_why refused;                 /* what the last step refused */
    unsigned n_notes[USHER_NOTE_BOARD + 1]; /* in the last step */
    /* All may be NULL: a note was told; a fact is durable, and not in sessions yet; a step is over.
     */
    void (*hear)(void *ctx, int who, const struct usher_note *n);
    void (*fact)(void *ctx, const struct usher_fact *f);
    void (*after)(void *ctx);
    void *ctx;
    struct usher_queue_set queues[8]; /* as set last; set again after a restart */
    struct usher_agent_set sets[HALL_AGENTS];
    unsigned n_queues;
    bool loaded;
    uint64_t hash; /* over everything that was told */
};

/* Opens a hall at time 0. cfg NULL: defaults. */
struct hall *hall_open(const struct usher_config *cfg);
void hall_close(struct hall *h);

/* Every step is followed by all that comes of it, and an audit. */
void hall_step(struct hall *h, const struct usher_event *ev);
/* Time passes to the next deadline, and so on, until ms are over: nothing is late. */
void hall_pass(struct hall *h, uint64_t ms);
/* The core is gone; a new one loads what was durable. Links come back only as told. */
void hall_restart(struct hall *h);
/* The same, after all links are gone; then agents and visitors who had links come back. */
void hall_restart_all(struct hall *h);

/* Steps point into the caller's memory for as long as the hall is open. */
void hall_queue(struct hall *h, struct usher_queue_set set);
/* The id is filled in. */
void hall_agent(struct hall *h, int agent, struct usher_agent_set set);
/* In one queue; linked and ready. */
void hall_hire(struct hall *h, int agent, const char *queue, uint32_t capacity);
void hall_come(struct hall *h, int agent);
void hall_leave(struct hall *h, int agent);
void hall_ready(struct hall *h, int agent, bool on);

void hall_start(struct hall *h, int s, const char *queue, uint32_t priority);
void hall_need(struct hall *h, int s, const char *queue, uint32_t priority,
               const struct usher_skill *needs, size_t n);
void hall_visitor_comes(struct hall *h, int s);
void hall_visitor_leaves(struct hall *h, int s);
void hall_end(struct hall *h, int s); /* its visitor closes it */
void hall_reopen(struct hall *h, int s);
void hall_accept(struct hall *h, int agent, int s);
void hall_answer(struct hall *h, int agent, uint64_t number, bool yes);
void hall_decline(struct hall *h, int agent, int s);
void hall_move(struct hall *h, int agent, int s, const char *queue, int to);

/* What can be seen. */
bool hall_is_offered(const struct hall *h, int s, int agent);
int hall_offered_to(const struct hall *h, int s); /* the only one; NOBODY: none */
unsigned hall_count(const struct hall *h, enum usher_fact_type type); /* in the last step */
const char *hall_name(int agent);
int hall_agent_of(const struct usher_agent_id *id);
int hall_session_of(const struct usher_session_id *id);
struct usher_session_id hall_session_id(int s);

/* Fails where the caller stands. */
#define assert_offered(h, s, a)                                                                    \
    do {                                                                                           \
        assert_int_equal((h)->sessions[s].state, USHER_STATE_OFFERED);                             \
        assert_int_equal(hall_offered_to((h), (s)), (a));                                          \
    } while (0)
#define assert_waits(h, s) assert_int_equal((h)->sessions[s].state, USHER_STATE_WAITING)
#define assert_has(h, a, s)                                                                        \
    do {                                                                                           \
        assert_int_equal((h)->sessions[s].state, USHER_STATE_ACTIVE);                              \
        assert_int_equal((h)->sessions[s].owner, (a));                                             \
    } while (0)

#endif
