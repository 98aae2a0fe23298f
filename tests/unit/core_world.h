/* core_world.h - a core alone, with a disk that saves at once, and all that it tells.
 * SPDX-License-Identifier: MIT */
#ifndef USH_TEST_CORE_WORLD_H
#define USH_TEST_CORE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "usher/core.h"

enum { VISITOR = 1, ANN = 2, SUE = 3, SUE_AGAIN = 4 };
#define AT INT64_C(1790000000000)

/* What the desk told since the last step. */
struct told {
    unsigned n_facts, n_notes, n_boards, n_finds;
    struct usher_fact facts[16]; /* bodies point into `bodies` */
    uint64_t fact_link[16];
    char bodies[16][64];
    struct usher_note notes[64];
    uint64_t note_link[64];
    struct usher_board_queue queues[8];
    struct usher_board_agent agents[64];
    unsigned n_queues, n_agents;
};

struct world {
    struct usher *desk;
    struct usher_now now;
    struct told told;
    struct usher_event found; /* the storage's answer to a search for a key: not found */
};

/* Setup and teardown: a desk with queue sales, ann in it, supervisor sue; all three linked. */
int open_desk(void **state);
int close_desk(void **state);

struct usher_span span(const char *text);
/* One event, as often as it must wait; then everything that follows, with an audit. */
void step(struct world *w, const struct usher_event *ev);
void pass(struct world *w, uint64_t ms);
void set_agent(struct world *w, const char *id, bool supervisor);
void sign_in(struct world *w, uint64_t link, const char *agent); /* NULL: the visitor */
struct usher_event command(enum usher_event_type type, uint64_t link, const char *key);
void start(struct world *w);
void ready(struct world *w, uint64_t link, const char *key, bool on);
/* How ann accepts what she was offered in the last step. */
struct usher_event accepting(const struct world *w);

unsigned count_notes(const struct told *t, enum usher_note_type type, uint64_t link);
/* The only note that was told, and it went to this link. */
const struct usher_note *answer(const struct told *t, uint64_t link);

#endif
